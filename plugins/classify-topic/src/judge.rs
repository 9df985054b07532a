//! One message judged in three dimensions: `topic` (none or more), `intent` (one), `urgency` (one).
//!
//! Invariants: the same message gives the same answer; spans are of the message's `content`; scores
//! are rounded to three decimals, so that they read the same everywhere.

use rapport_lexicon::Folded;
use rapport_sdk::annotation::{Classification, Evidence};

use crate::cues::Intent;
use crate::scan::{self, Signals};
use crate::tables::Tables;
use crate::{intent, language, standing, urgency};

/// Score that an outage needs to make a crowd matter.
const OUTAGE: &str = "outage";

/// Judges a text with its title. `hint`: the language as stated by the network.
pub fn judge(
    tables: &Tables,
    title: Option<&str>,
    content: &str,
    hint: Option<&str>,
) -> Vec<Classification> {
    let signals = signals(tables, title, content, hint);
    let settings = &tables.settings;
    let topics = topics(tables, &signals);
    let outage = topics.iter().any(|t| t.label == OUTAGE);
    let verdict = intent::weigh(&signals, settings.intent_threshold);
    let haste = urgency::weigh(&signals, verdict.best, outage, settings);

    let mut extra = Vec::new();
    if let Some((second, score)) = verdict.second {
        extra.push(("second".to_owned(), second.label().to_owned()));
        extra.push(("second-score".to_owned(), format!("{score:.3}")));
    }
    if let (None, Some(remark)) = (verdict.best, standing::remark(&signals)) {
        extra.push(("remark".to_owned(), remark.label().to_owned()));
    }
    let evidence = verdict
        .best
        .map(|best| evidence(&signals, best))
        .unwrap_or_default();
    let mut all = topics;
    all.push(Classification {
        dimension: "intent".to_owned(),
        label: verdict.best.map_or("other", |best| best.label()).to_owned(),
        score: rounded(verdict.score),
        evidence,
        extra,
    });
    all.push(Classification {
        dimension: "urgency".to_owned(),
        label: haste.label.to_owned(),
        score: rounded(haste.score),
        evidence: haste.evidence,
        extra: Vec::new(),
    });
    all
}

/// Finds the cues of a text and its title.
pub fn signals(tables: &Tables, title: Option<&str>, content: &str, hint: Option<&str>) -> Signals {
    let folded = Folded::new(content);
    let language = language::guess(&folded, hint);
    let mut signals = scan::scan(tables, content, &folded, language.as_deref());
    if let Some(title) = title {
        let folded = Folded::new(title);
        signals.add_title(&scan::scan(tables, title, &folded, language.as_deref()));
    }
    signals
}

/// The topics above the threshold, best first, at most as many as the settings say. A topic's
/// score is `sum / (sum + 1)`: one keyword gives 0.5, a phrase 0.58, two keywords 0.67.
fn topics(tables: &Tables, signals: &Signals) -> Vec<Classification> {
    let mut scored: Vec<(f64, &String, &[Evidence])> = signals
        .topics
        .iter()
        .zip(&tables.topics)
        .map(|(tally, name)| {
            (
                tally.sum / (tally.sum + 1.0),
                name,
                tally.evidence.as_slice(),
            )
        })
        .filter(|(score, ..)| *score > 0.0 && *score >= tables.settings.topic_threshold)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(tables.settings.max_topics)
        .map(|(score, name, evidence)| Classification {
            dimension: "topic".to_owned(),
            label: name.clone(),
            score: rounded(score),
            evidence: sorted(evidence),
            extra: Vec::new(),
        })
        .collect()
}

/// What tells an intent; what is settled tells a compliment.
fn evidence(signals: &Signals, intent: Intent) -> Vec<Evidence> {
    let mut evidence = signals.intent(intent).evidence.clone();
    if intent == Intent::Compliment {
        evidence.extend_from_slice(&signals.standing.settled.evidence);
    }
    sorted(&evidence)
}

fn sorted(evidence: &[Evidence]) -> Vec<Evidence> {
    let mut evidence = evidence.to_vec();
    evidence.sort_by_key(|e| (e.start, e.end));
    evidence
}

fn rounded(score: f64) -> f64 {
    (score.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}

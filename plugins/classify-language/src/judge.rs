//! The judgement over a whole message: one language, or unknown with the reason.
//!
//! Unknown is an answer: a wrong language sends a reply in that language. A text is unknown when it
//! is too short, in another script, mixed, or when no language is sure enough. The network's own
//! hint only tips a balance that the words have already brought near.

use crate::clean::{Cleaned, clean};
use crate::model::{OTHER, Reading, STATES, best_path, prior, read, vote};
use crate::quote::without_quotations;
use crate::settings::Settings;
use crate::words::{CODES, Lexicon, Mask};

/// Bytes of a text that are read: more says nothing more of its language.
const READ_BYTES: usize = 8192;
/// Letters beside a quotation from which it does not count.
const OWN_LETTERS: usize = 12;
/// Share of the letters from which a second language makes a text mixed.
const MIXED_SHARE: f64 = 0.25;
/// Letters of the second language from which a text can be mixed.
const MIXED_LETTERS: usize = 8;
/// Words without interruption from which they are a part of their own.
const MIXED_RUN: usize = 4;
/// Listed words that each language of a mixed text must have to itself.
const MIXED_WORDS: usize = 2;
/// Letters from which the n-gram model is asked about the whole text, and what its vote weighs.
const WHOLE_LETTERS: usize = 16;
const WHOLE_VOTE: f32 = 1.5;
/// What the hint weighs, about a factor two.
const HINT: f32 = 0.7;
/// How far behind the best, in the same unit, the hinted language may be.
const HINT_REACH: f32 = 1.5;
/// Most words shown as evidence.
const EVIDENCE_WORDS: usize = 5;

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Index in [`CODES`]; none for unknown.
    pub language: Option<usize>,
    /// 0 to 1; for unknown what the best language reached.
    pub confidence: f64,
    /// Bytes in the text of the words that decided.
    pub evidence: Vec<(usize, usize)>,
    /// Why it is unknown, or that the hint was used: name and value.
    pub extra: Vec<(&'static str, String)>,
}

impl Judgement {
    fn unknown(confidence: f64, name: &'static str, value: impl Into<String>) -> Self {
        Self {
            language: None,
            confidence,
            evidence: Vec::new(),
            extra: vec![(name, value.into())],
        }
    }
}

/// Judges a text. `hint` is a BCP 47 tag from the network.
pub fn judge(text: &str, hint: Option<&str>, settings: &Settings, lexicon: &Lexicon) -> Judgement {
    let text = &text[..text.floor_char_boundary(READ_BYTES)];
    // What the author quotes counts only where there is hardly anything else.
    let own = without_quotations(text).map(|own| clean(&own));
    let own = own.filter(|own| own.letters >= settings.minimum_letters.max(OWN_LETTERS));
    let cleaned = own.unwrap_or_else(|| clean(text));
    if cleaned.letters < settings.minimum_letters {
        return Judgement::unknown(0.0, "reason", "too short");
    }
    if cleaned.latin_letters * 2 < cleaned.letters {
        return Judgement::unknown(0.0, "reason", "other script");
    }
    let readings = read(&cleaned.words, lexicon);
    let path = best_path(&readings, settings.considered);
    if let Some(languages) = mixed(&cleaned, &readings, &path) {
        return Judgement::unknown(0.0, "mixed", languages);
    }
    let hinted = hint.and_then(|tag| {
        let code = tag.split(['-', '_']).next().unwrap_or_default();
        CODES
            .iter()
            .position(|known| known.eq_ignore_ascii_case(code))
    });
    decide(&cleaned, &readings, hinted, settings)
}

/// Weighs the whole text: which state is cheapest, and how sure is that?
fn decide(
    cleaned: &Cleaned,
    readings: &[Reading],
    hinted: Option<usize>,
    settings: &Settings,
) -> Judgement {
    let mut costs: [f32; STATES] = std::array::from_fn(|s| prior(s, settings.considered));
    for reading in readings {
        for (total, cost) in costs.iter_mut().zip(&reading.costs) {
            *total += cost;
        }
    }
    if cleaned.letters >= WHOLE_LETTERS {
        let voted = vote(&joined(cleaned), WHOLE_VOTE);
        for (total, cost) in costs.iter_mut().zip(voted) {
            *total += cost;
        }
    }
    let (best, confidence) = posterior(&costs);
    if is_answer(best, confidence, settings) {
        return answer(best, confidence, cleaned, readings, Vec::new());
    }
    if let Some(hinted) = hinted
        && has_own_word(readings, hinted)
        && costs[hinted] - costs[best] <= HINT_REACH
    {
        costs[hinted] -= HINT;
        let (best, confidence) = posterior(&costs);
        if best == hinted && is_answer(best, confidence, settings) {
            return answer(
                best,
                confidence,
                cleaned,
                readings,
                vec![("hint", "used".into())],
            );
        }
    }
    let reason = if best == OTHER || settings.considered & (1 << best) == 0 {
        "other language"
    } else {
        "not sure"
    };
    let mut judgement = Judgement::unknown(confidence, "reason", reason);
    if let Some(code) = CODES.get(best) {
        judgement.extra.push(("nearest", (*code).to_owned()));
    }
    judgement
}

fn is_answer(state: usize, confidence: f64, settings: &Settings) -> bool {
    settings.considered & (1 << state) != 0 && confidence >= settings.minimum_confidence
}

fn has_own_word(readings: &[Reading], state: usize) -> bool {
    readings.iter().any(|r| r.listed & (1 << state) != 0)
}

/// The cheapest state and its share when costs are taken as negative log-likelihoods.
fn posterior(costs: &[f32; STATES]) -> (usize, f64) {
    let best = (0..STATES).fold(0, |best, s| if costs[s] < costs[best] { s } else { best });
    let sum: f64 = costs.iter().map(|c| f64::from(costs[best] - c).exp()).sum();
    (best, 1.0 / sum)
}

fn answer(
    language: usize,
    confidence: f64,
    cleaned: &Cleaned,
    readings: &[Reading],
    extra: Vec<(&'static str, String)>,
) -> Judgement {
    let own = |r: &Reading| r.listed & (1 << language) != 0;
    let mut shown: Vec<usize> = (0..readings.len()).filter(|i| own(&readings[*i])).collect();
    // The words that the fewest other languages have, and the longest of those, say the most.
    shown.sort_by_key(|i| {
        (
            readings[*i].listed.count_ones(),
            std::cmp::Reverse(cleaned.words[*i].letters),
            *i,
        )
    });
    shown.truncate(EVIDENCE_WORDS);
    shown.sort_unstable();
    let span = |i: &usize| (cleaned.words[*i].start, cleaned.words[*i].end);
    Judgement {
        language: Some(language),
        confidence,
        evidence: shown.iter().map(span).collect(),
        extra,
    }
}

/// The words with single spaces between them, for the n-gram model.
fn joined(cleaned: &Cleaned) -> String {
    let mut text = String::with_capacity(cleaned.letters + cleaned.words.len() * 2);
    for word in &cleaned.words {
        text.push_str(&word.text);
        text.push(' ');
    }
    text
}

/// `nl,en` when two languages each hold a substantial part of the text, the larger first.
fn mixed(cleaned: &Cleaned, readings: &[Reading], path: &[usize]) -> Option<String> {
    let mut letters = [0usize; STATES];
    let mut own_words = [0usize; STATES];
    let mut index = 0;
    for run in path.chunk_by(|a, b| a == b) {
        let words = index..index + run.len();
        index = words.end;
        let state = run[0];
        // A term in another language is not a part of its own.
        if run.len() < MIXED_RUN {
            continue;
        }
        for (word, reading) in cleaned.words[words.clone()].iter().zip(&readings[words]) {
            letters[state] += word.letters;
            let own: Mask = 1 << state;
            own_words[state] += usize::from(reading.listed & own != 0);
        }
    }
    let substantial = |state: &usize| {
        let share = letters[*state] as f64 / cleaned.letters.max(1) as f64;
        share >= MIXED_SHARE && letters[*state] >= MIXED_LETTERS && own_words[*state] >= MIXED_WORDS
    };
    let mut states: Vec<usize> = (0..CODES.len()).filter(substantial).collect();
    states.sort_by_key(|s| (std::cmp::Reverse(letters[*s]), *s));
    let codes: Vec<&str> = states.iter().map(|s| CODES[*s]).collect();
    (codes.len() >= 2).then(|| codes.join(","))
}

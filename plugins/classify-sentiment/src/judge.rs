//! The judgement over a whole message: label, score and the words that made it.

use crate::asking;
use crate::irony::{self, Irony};
use crate::language::FunctionWords;
use crate::lexicon::Lexicon;
use crate::score::{Hit, hits, total};
use crate::settings::Settings;
use crate::tokens::tokenise;
use crate::units::{Parsed, parse};
use crate::waits;

/// The contract's limit for evidence.
const EVIDENCE_LIMIT: usize = 64;
/// Praise and trouble of this much each, in balance, make a text uncertain rather than neutral.
const MIXED: f32 = 0.4;
/// Trouble of this much makes an ironic text negative; with less it is uncertain.
const TROUBLE: f32 = 0.3;
/// Score below which an uncertain ironic text does not sink.
const IRONIC_FLOOR: f64 = -0.3;

/// What a text is judged with; built once.
#[derive(Debug, Clone)]
pub struct Judge {
    pub settings: Settings,
    pub lexicon: Lexicon,
    pub function_words: FunctionWords,
    pub ironic_phrases: irony::Phrases,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub label: &'static str,
    /// -1 to 1.
    pub score: f64,
    /// Bytes in the text and what the words there did; in order.
    pub evidence: Vec<(usize, usize, String)>,
    /// Why it is uncertain.
    pub extra: Vec<(&'static str, &'static str)>,
}

impl Judge {
    pub fn new(settings: Settings) -> Self {
        let lexicon = Lexicon::new(&settings.words_nl, &settings.words_en);
        Self {
            settings,
            lexicon,
            function_words: FunctionWords::new(),
            ironic_phrases: irony::Phrases::new(),
        }
    }

    /// Judges a text. `hint` is a BCP 47 tag from the network.
    pub fn judge(&self, text: &str, hint: Option<&str>) -> Judgement {
        let tokens = tokenise(text);
        let Some(reading) = self.function_words.reading(&tokens, hint, &self.lexicon) else {
            let extra = vec![("reason", "neither Dutch nor English")];
            return Judgement {
                label: "uncertain",
                score: 0.0,
                evidence: Vec::new(),
                extra,
            };
        };
        let parsed = parse(&tokens, &self.lexicon, reading);
        let mut hits = hits(&parsed);
        waits::add(&mut hits, &parsed);
        asking::soften(&mut hits, &parsed);
        let irony = irony::find(&self.ironic_phrases, &tokens, &parsed, &mut hits);
        let score = total(hits.iter().map(|h| h.value));
        let (label, score, extra) = self.label(score, &hits, &irony);
        Judgement {
            label,
            score,
            evidence: evidence(&parsed, &hits, &irony),
            extra,
        }
    }

    fn label(
        &self,
        score: f64,
        hits: &[Hit],
        irony: &Irony,
    ) -> (&'static str, f64, Vec<(&'static str, &'static str)>) {
        let (positive, negative) = (
            self.settings.positive_threshold,
            self.settings.negative_threshold,
        );
        if irony.suspected {
            let extra = vec![("irony", "suspected")];
            return if irony.trouble >= TROUBLE && score <= negative {
                ("negative", score, extra)
            } else {
                ("uncertain", score.clamp(IRONIC_FLOOR, 0.0), extra)
            };
        }
        if score >= positive {
            return ("positive", score, Vec::new());
        }
        if score <= negative {
            return ("negative", score, Vec::new());
        }
        let praise: f32 = hits.iter().map(|h| h.value.max(0.0)).sum();
        let trouble: f32 = hits.iter().map(|h| (-h.value).max(0.0)).sum();
        if praise >= MIXED && trouble >= MIXED {
            return ("uncertain", score, vec![("reason", "mixed")]);
        }
        ("neutral", score, Vec::new())
    }
}

/// The strongest words and the signs of irony, in the order of the text.
fn evidence(parsed: &Parsed, hits: &[Hit], irony: &Irony) -> Vec<(usize, usize, String)> {
    let markers = irony
        .markers
        .iter()
        .map(|(s, e)| (*s, *e, "irony marker".to_owned()));
    let mut shown: Vec<(usize, usize, String)> = markers.take(EVIDENCE_LIMIT / 4).collect();
    let mut strongest: Vec<&Hit> = hits.iter().collect();
    strongest.sort_by(|a, b| {
        b.value
            .abs()
            .total_cmp(&a.value.abs())
            .then(a.unit.cmp(&b.unit))
    });
    for hit in strongest.into_iter().take(EVIDENCE_LIMIT - shown.len()) {
        let unit = &parsed.units[hit.unit];
        shown.push((unit.start, unit.end, note(hit)));
    }
    shown.sort();
    shown
}

/// For example `negative -0.60: negated, after contrast`.
fn note(hit: &Hit) -> String {
    let name = if hit.value > 0.0 {
        "positive"
    } else {
        "negative"
    };
    let mut note = format!("{name} {:.2}", hit.value);
    if !hit.notes.is_empty() {
        note.push_str(": ");
        note.push_str(&hit.notes.join(", "));
    }
    note
}

//! Effects in the shape of the contract: a reason in Dutch and in English, and the words that made it.
//!
//! Invariants: within the contract's limits, whatever the text. Reasons are stored and shown to
//! others than the author, so only words of a word list are quoted in them, never free text.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::common::Localized;
use rapport_sdk::fill::localized;
use rapport_sdk::policy::{Effect, EffectKind, Moment, RuleInfo};

use crate::phrases::Hit;

/// Most pieces of evidence of one effect: the contract's limit.
const MAX_EVIDENCE: usize = 64;
/// Longest quotation, in characters. A phrase ends with the word that it was found in, which may be
/// of any length.
const MAX_QUOTE_CHARS: usize = 60;

/// A text in both languages: Dutch, English.
pub type Both<'a> = [&'a str; 2];

/// An effect with its reason.
pub fn effect(rule: &str, kind: EffectKind, reason: Both<'_>, evidence: Vec<Evidence>) -> Effect {
    let mut effect = Effect::new(rule, kind, &tagged(reason));
    effect.evidence = evidence;
    effect.evidence.truncate(MAX_EVIDENCE);
    effect
}

/// What the pack says of a rule.
pub fn info(id: &str, moments: &[Moment], title: Both<'_>, guards: Both<'_>) -> RuleInfo {
    RuleInfo {
        id: id.to_owned(),
        title: both(title),
        guards: both(guards),
        moments: moments.to_vec(),
        default_settings: crate::rules::default_settings(id),
    }
}

fn both(texts: Both<'_>) -> Vec<Localized> {
    localized(&tagged(texts))
}

fn tagged([nl, en]: Both<'_>) -> [(&'static str, &str); 2] {
    [("nl", nl), ("en", en)]
}

/// Evidence at a range of bytes.
pub fn evidence(start: usize, end: usize, note: &str) -> Evidence {
    let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Evidence {
        start: clip(start),
        end: clip(end),
        note: note.to_owned(),
    }
}

/// Evidence for phrases that were found.
pub fn found(hits: &[Hit], note: &str) -> Vec<Evidence> {
    let one = |hit: &Hit| evidence(hit.start, hit.end, note);
    hits.iter().map(one).collect()
}

/// The first phrase as it reads, in quotation marks.
pub fn quoted(text: &str, hits: &[Hit]) -> String {
    let words = hits.first().and_then(|hit| text.get(hit.start..hit.end));
    let words = words.unwrap_or_default();
    let mut quote: String = words.chars().take(MAX_QUOTE_CHARS).collect();
    if quote.len() < words.len() {
        quote.push('…');
    }
    format!("“{quote}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_not_quoted_whole() {
        let text = format!("fraude{}", "é".repeat(1000));
        let hit = Hit {
            first: 0,
            last: 0,
            start: 0,
            end: text.len(),
        };
        let quote = quoted(&text, &[hit]);
        assert!(quote.chars().count() == MAX_QUOTE_CHARS + 3 && quote.ends_with("…”"));
        assert_eq!(quoted("", &[]), "“”");
    }

    #[test]
    fn evidence_is_within_the_limit() {
        let many = vec![evidence(0, 1, "x"); 100];
        let effect = effect("r", EffectKind::Deny, ["nee", "no"], many);
        assert_eq!(effect.evidence.len(), 64);
        assert_eq!(effect.reason[1].text, "no");
    }
}

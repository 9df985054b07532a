//! Reasons and effects in the shape of the contract: two languages, within its limits.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::common::Localized;
use rapport_sdk::policy::{Effect, EffectKind};

/// Longest reason in one language, in bytes; the contract's limit is 1024.
const MAX_REASON_BYTES: usize = 1000;
/// Most pieces of evidence of one effect: the contract's limit.
pub const MAX_EVIDENCE: usize = 64;
/// Words quoted in a reason, and the length of each in characters.
const MAX_QUOTES: usize = 3;
const MAX_QUOTE_CHARS: usize = 40;

/// An effect with its reason in Dutch and in English.
pub fn effect(rule: &str, kind: EffectKind, nl: &str, en: &str, evidence: Vec<Evidence>) -> Effect {
    let mut evidence = evidence;
    evidence.truncate(MAX_EVIDENCE);
    Effect {
        rule: rule.to_owned(),
        kind,
        reason: both(nl, en),
        evidence,
    }
}

/// An offset in the contract's width.
pub fn clip(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A text in both languages.
pub fn both(nl: &str, en: &str) -> Vec<Localized> {
    [("nl", nl), ("en", en)]
        .map(|(language, text)| Localized {
            language: language.to_owned(),
            text: shortened(text, MAX_REASON_BYTES),
        })
        .to_vec()
}

/// A text of at most so many bytes, with `…` where something was cut off.
pub fn shortened(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let room = max_bytes.saturating_sub('…'.len_utf8());
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default().trim_end())
}

/// The first pieces of evidence as they read, in quotes: `“NOOIT”, “MEER”`.
pub fn quoted(text: &str, evidence: &[Evidence]) -> String {
    let mut seen: Vec<String> = Vec::new();
    for e in evidence {
        let Some(words) = text.get(e.start as usize..e.end as usize) else {
            continue;
        };
        let mut quote: String = words.chars().take(MAX_QUOTE_CHARS).collect();
        if quote.len() < words.len() {
            quote.push('…');
        }
        let quote = format!("“{quote}”");
        if !seen.contains(&quote) {
            seen.push(quote);
        }
        if seen.len() == MAX_QUOTES {
            break;
        }
    }
    seen.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_off_at_a_character() {
        assert_eq!(shortened("één", 5), "één");
        assert_eq!(shortened("één twee", 6), "é…");
        assert!(
            both(&"é".repeat(2000), "")
                .iter()
                .all(|l| l.text.len() <= 1024)
        );
    }

    #[test]
    fn quotes_are_few_and_distinct() {
        let evidence: Vec<Evidence> = [(0, 2), (3, 5), (6, 8), (9, 11), (12, 14), (0, 99)]
            .map(|(start, end)| Evidence {
                start,
                end,
                note: String::new(),
            })
            .to_vec();
        assert_eq!(quoted("aa bb aa cc dd", &evidence), "“aa”, “bb”, “cc”");
    }
}

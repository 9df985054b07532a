//! A part of what a connector listens to does not work, and it says so: one of several feeds is gone.
//!
//! It writes a text under [`PROBLEM_KEY`] of its memory in a poll; nothing or an empty text there means
//! that all is well. The text is the plugin's and shown to people: one short line, nothing else.

use super::StateChanges;
use std::collections::BTreeMap;

/// The reserved key of a connector's memory.
pub const PROBLEM_KEY: &str = "rapport:problem";
/// The same: anything under it says that nothing works.
pub const FAILING_KEY: &str = "rapport:failing";
/// Longest text, in characters.
const PROBLEM_CHARS: usize = 500;

/// What the connector says is wrong after a poll that began with `stored` and made these changes.
pub fn problem_of(stored: &BTreeMap<String, Vec<u8>>, changes: &StateChanges) -> Option<String> {
    let text = String::from_utf8_lossy(kept(PROBLEM_KEY, stored, changes)?);
    let shown: String = text.chars().filter(|c| !is_direction(*c)).collect();
    let words = shown.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().take(PROBLEM_CHARS).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Whether the connector says that nothing of what it listens to works.
pub fn is_failing(stored: &BTreeMap<String, Vec<u8>>, changes: &StateChanges) -> bool {
    kept(FAILING_KEY, stored, changes).is_some_and(|value| !value.is_empty())
}

fn kept<'a>(
    key: &str,
    stored: &'a BTreeMap<String, Vec<u8>>,
    changes: &'a StateChanges,
) -> Option<&'a Vec<u8>> {
    match changes.get(key) {
        Some(changed) => changed.as_ref(),
        None => stored.get(key),
    }
}

/// Characters that change in what order others are shown (Unicode bidirectional controls), or are not
/// shown at all.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &[u8]) -> Option<String> {
        let changes = StateChanges::from([(PROBLEM_KEY.to_owned(), Some(text.to_vec()))]);
        problem_of(&BTreeMap::new(), &changes)
    }

    #[test]
    fn it_fails_altogether_while_it_says_so() {
        let value = |value: &[u8]| BTreeMap::from([(FAILING_KEY.to_owned(), value.to_vec())]);
        let gone = StateChanges::from([(FAILING_KEY.to_owned(), None)]);
        assert!(is_failing(&value(b"1"), &StateChanges::new()));
        assert!(!is_failing(&value(b""), &StateChanges::new()));
        assert!(!is_failing(&value(b"1"), &gone));
        assert!(!is_failing(&BTreeMap::new(), &StateChanges::new()));
    }

    #[test]
    fn what_is_said_is_one_short_harmless_line() {
        assert_eq!(
            said(b"https://a.example/feed: 404").unwrap(),
            "https://a.example/feed: 404"
        );
        assert_eq!(
            said("a\n\tb\u{1b}[31m\u{202e}c".as_bytes()).unwrap(),
            "a b [31mc"
        );
        assert_eq!(said(b"\xff\xfe"), Some("\u{fffd}\u{fffd}".to_owned()));
        assert_eq!(
            said("\u{e9}".repeat(9_000).as_bytes())
                .unwrap()
                .chars()
                .count(),
            500
        );
        for nothing in ["", " \n", "\u{202e}", "\0"] {
            assert_eq!(said(nothing.as_bytes()), None, "{nothing:?}");
        }
    }

    #[test]
    fn it_holds_until_it_is_taken_back() {
        let stored = BTreeMap::from([(PROBLEM_KEY.to_owned(), b"410".to_vec())]);
        assert_eq!(
            problem_of(&stored, &StateChanges::new()).as_deref(),
            Some("410")
        );
        let gone = StateChanges::from([(PROBLEM_KEY.to_owned(), None)]);
        assert_eq!(problem_of(&stored, &gone), None);
    }
}

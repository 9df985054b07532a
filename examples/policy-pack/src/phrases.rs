//! Word lists, and where their phrases stand in a text.
//!
//! A list is built in (`words.txt`) and the buyer's settings add to it. A phrase is one word or
//! several that follow each other; a `*` at the end stands for the rest of the last word. Case and
//! diacritics make no difference. Invariants: both languages are always looked for, because people
//! mix them; at most [`MAX_HITS`] places are answered; nothing is in random order. Deliberately
//! absent: weights and meaning, save that a phrase that is denied just before (`geen klacht`) can be
//! left out.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::text::{Text, Word};

const BUILT_IN: &str = include_str!("words.txt");

/// Most places that one search answers: as much evidence as an effect may have.
const MAX_HITS: usize = 64;
/// Words before a phrase among which a denial counts: `geen`, `wij kunnen geen enkel …`.
const DENIAL_REACH: usize = 3;

/// More words of the buyer's own, for each language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    pub nl: Vec<String>,
    pub en: Vec<String>,
}

/// A phrase that was found: its first and last word, and its range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub first: usize,
    pub last: usize,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    /// The last word may go on.
    open_end: bool,
}

/// A list of phrases.
#[derive(Debug, Clone, Default)]
pub struct Phrases {
    /// By the first byte of the first word, so that a word is compared with few phrases.
    by_byte: BTreeMap<u8, Vec<Phrase>>,
}

impl Phrases {
    /// The built-in list of this name, in both languages, with the buyer's words. `place` is what an
    /// error calls the setting.
    pub fn new(list: &str, more: &Words, place: &str) -> Result<Self, String> {
        let mut phrases = Self::default();
        for phrase in built_in(list) {
            phrases.add(phrase, list)?;
        }
        for (language, words) in [("nl", &more.nl), ("en", &more.en)] {
            for (index, phrase) in words.iter().enumerate() {
                phrases.add(phrase, &format!("{place}.{language}[{index}]"))?;
            }
        }
        Ok(phrases)
    }

    /// A list of the buyer's alone.
    pub fn of(words: &[String], place: &str) -> Result<Self, String> {
        let mut phrases = Self::default();
        for (index, phrase) in words.iter().enumerate() {
            phrases.add(phrase, &format!("{place}[{index}]"))?;
        }
        Ok(phrases)
    }

    fn add(&mut self, phrase: &str, place: &str) -> Result<(), String> {
        let trimmed = phrase.trim();
        let core = trimmed.strip_suffix('*');
        let text = core.unwrap_or(trimmed);
        if text.contains('*') {
            return Err(format!(
                "{place}: `{phrase}` has a `*` that is not at its end"
            ));
        }
        let words: Vec<String> = Text::new(text).words.into_iter().map(folded).collect();
        let Some(first) = words.first().and_then(|word| word.bytes().next()) else {
            return Err(format!("{place}: `{phrase}` has no word"));
        };
        let open_end = core.is_some();
        self.by_byte
            .entry(first)
            .or_default()
            .push(Phrase { words, open_end });
        Ok(())
    }

    /// Where its phrases stand.
    pub fn find(&self, text: &Text<'_>) -> Vec<Hit> {
        self.search(text, |_| true)
    }

    /// The same without what is denied just before: `geen klacht`, `not a complaint`.
    pub fn find_asserted(&self, text: &Text<'_>) -> Vec<Hit> {
        self.search(text, |first| !is_denied(text, first))
    }

    pub fn is_in(&self, text: &Text<'_>) -> bool {
        !self.find(text).is_empty()
    }

    fn search(&self, text: &Text<'_>, counts: impl Fn(usize) -> bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (first, word) in text.words.iter().enumerate() {
            let byte = word.folded.bytes().next().unwrap_or_default();
            let phrases = self.by_byte.get(&byte).map_or(&[][..], Vec::as_slice);
            let rest = text.words.get(first..).unwrap_or_default();
            let Some(length) = phrases.iter().filter_map(|p| p.length_at(rest)).max() else {
                continue;
            };
            let last = first + length - 1;
            if let Some(end) = text.words.get(last).filter(|_| counts(first)) {
                hits.push(Hit {
                    first,
                    last,
                    start: word.start,
                    end: end.end,
                });
            }
            if hits.len() == MAX_HITS {
                break;
            }
        }
        hits
    }
}

impl Phrase {
    /// How many words it takes here, if it stands here, within one sentence.
    fn length_at(&self, rest: &[Word]) -> Option<usize> {
        let here = rest.get(..self.words.len())?;
        let last = self.words.len() - 1;
        let sentence = here.first()?.sentence;
        let fits = self
            .words
            .iter()
            .zip(here)
            .enumerate()
            .all(|(index, (wanted, word))| {
                let same = match index == last && self.open_end {
                    true => word.folded.starts_with(wanted.as_str()),
                    false => word.folded == *wanted,
                };
                same && word.sentence == sentence
            });
        fits.then_some(self.words.len())
    }
}

fn folded(word: Word) -> String {
    word.folded
}

/// A denying word among the few before this one, in the same clause: `niet slapen en schulden` and
/// `ik kan niet meer, heb kanker` deny neither debts nor cancer.
fn is_denied(text: &Text<'_>, first: usize) -> bool {
    const JOINTS: [&str; 8] = ["en", "maar", "want", "dus", "and", "but", "because", "so"];
    let clause = text.words.get(first).map(|w| w.clause);
    let before = text.words.get(first.saturating_sub(DENIAL_REACH)..first);
    let before = before.unwrap_or_default().iter().rev();
    before
        .take_while(|w| Some(w.clause) == clause && !JOINTS.contains(&w.folded.as_str()))
        .any(|w| is_denial(&w.folded))
}

/// A word that turns what follows into its opposite.
pub fn is_denial(folded: &str) -> bool {
    const DENIALS: [&str; 14] = [
        "geen", "niet", "nooit", "niets", "zonder", "no", "not", "never", "without", "cannot",
        "none", "niemand", "nobody", "nor",
    ];
    DENIALS.contains(&folded) || folded.ends_with("n't")
}

/// The phrases of a built-in list: the lines below `[list]`, separated by `|`.
fn built_in(list: &str) -> impl Iterator<Item = &'static str> + use<> {
    let heading = format!("[{list}]");
    let lines = BUILT_IN.lines().map(str::trim);
    let mut below = lines.skip_while(move |line| *line != heading);
    below.next();
    below
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .flat_map(|line| line.split('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<String> {
        let phrases: Vec<String> = phrases.iter().map(|p| (*p).to_owned()).collect();
        let read = Text::new(text);
        let hits = Phrases::of(&phrases, "words").unwrap().find(&read);
        hits.iter()
            .map(|hit| text[hit.start..hit.end].to_owned())
            .collect()
    }

    #[test]
    fn phrases_are_whole_words_unless_starred() {
        let text = "Een Klacht, klachten en de klachtenlijn.";
        assert_eq!(found(&["klacht"], text), ["Klacht"]);
        assert_eq!(found(&["klacht*"], text).len(), 3);
        assert_eq!(
            found(&["kan niet", "kan niet betal*"], "Ik kan\nniet betalen"),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&["kan niet", "kan niet betal*"], "Ik kán niet betalen"),
            ["kán niet betalen"]
        );
    }

    #[test]
    fn what_is_denied_does_not_count() {
        let complaint = Phrases::of(&["klacht".into(), "complaint".into()], "words").unwrap();
        for (text, count) in [
            ("Ik heb een klacht", 1),
            ("Ik heb geen klacht", 0),
            ("Dit is niet echt een klacht", 0),
            ("Nee, nooit. Een klacht heb ik wel", 1),
            ("This isn't a complaint", 0),
            ("Het werkt niet, een klacht dus", 1),
            ("It does not work and my complaint stands", 1),
        ] {
            let read = Text::new(text);
            assert_eq!(complaint.find_asserted(&read).len(), count, "{text}");
        }
    }

    #[test]
    fn wrong_phrases_are_named() {
        for phrase in ["", "*", " ?! ", "a*b"] {
            let error = Phrases::of(&["goed".into(), phrase.into()], "words.nl").unwrap_err();
            assert!(error.starts_with("words.nl[1]"), "{error}");
        }
    }

    #[test]
    fn every_built_in_list_is_sound() {
        let headings = BUILT_IN.lines().filter(|line| line.starts_with('['));
        for heading in headings {
            let list = heading.trim_matches(['[', ']']);
            assert!(built_in(list).count() > 3, "{list}");
            Phrases::new(list, &Words::default(), "").unwrap();
        }
        assert_eq!(built_in("no such list").count(), 0);
    }

    #[test]
    fn hits_are_bounded() {
        let text = "klacht ".repeat(1000);
        assert_eq!(found(&["klacht"], &text).len(), MAX_HITS);
    }
}

//! The lexicon as one table: what a word or phrase means in Dutch and in English.
//!
//! Built once, in `configure`, from the lists in [`nl`] and [`en`] and the admin's own words, which
//! go before them. The hash tables have a fixed hasher and are only ever asked for one key, so every
//! answer is the same on every machine.

mod compounds;
mod en;
mod en_phrases;
mod nl;
mod nl_phrases;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

/// Most words in a phrase.
pub const PHRASE_WORDS: usize = 6;

/// What a word or phrase does. All absent: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Meaning {
    /// -1 to 1. Present and 0: explicitly neutral.
    pub weight: Option<f32>,
    /// The weight when negated, where that is not simply the reverse; such words (verbs) can be
    /// negated from behind as well.
    pub negated: Option<f32>,
    /// Makes the next feeling stronger (above 1) or weaker.
    pub factor: Option<f32>,
    pub negator: bool,
    pub contrast: bool,
    pub concession: bool,
    /// Says that trouble is over.
    pub resolver: bool,
    /// Something that happens to people, which they can ask about: a fault, a loss, damage.
    pub event: bool,
    /// After "never" it compares (`never such`), and nothing is negated.
    pub comparer: bool,
}

/// Which lists to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Dutch,
    English,
    /// The language is not clear: both.
    Both,
}

/// Words of the admin's own: word or phrase and weight.
pub type OwnWords = BTreeMap<String, f32>;

#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Word or phrase (single spaces), Dutch and English meaning.
    entries: FxHashMap<String, [Option<Meaning>; 2]>,
    /// Phrases by how they are written as a hashtag.
    phrase_tags: FxHashMap<String, String>,
    /// First words of phrases and the length of the longest, in words.
    openers: FxHashMap<String, usize>,
}

impl Lexicon {
    pub fn new(own_dutch: &OwnWords, own_english: &OwnWords) -> Self {
        let mut table: BTreeMap<String, [Option<Meaning>; 2]> = BTreeMap::new();
        for (side, language) in [nl_lists(), en_lists()].iter().enumerate() {
            add_language(&mut table, side, language);
        }
        for (side, own) in [own_dutch, own_english].into_iter().enumerate() {
            for (word, weight) in own {
                let meaning = Meaning {
                    weight: Some(*weight),
                    ..Meaning::default()
                };
                table.entry(word.clone()).or_default()[side] = Some(meaning);
            }
        }
        let mut openers: FxHashMap<String, usize> = FxHashMap::default();
        for key in table.keys() {
            let count = key.split(' ').count();
            if count > 1 {
                let first = key.split(' ').next().unwrap_or_default();
                let longest = openers.entry(first.to_owned()).or_default();
                *longest = count.max(*longest);
            }
        }
        let phrases = table.keys().filter(|key| key.contains(' '));
        let phrase_tags = phrases.map(|key| (key.replace([' ', '\''], ""), key.clone()));
        Self {
            phrase_tags: phrase_tags.collect(),
            entries: table.into_iter().collect(),
            openers,
        }
    }

    /// What a word or phrase (lower case, single spaces) means.
    pub fn meaning(&self, key: &str, reading: Reading) -> Option<Meaning> {
        let [dutch, english] = *self.entries.get(key)?;
        match reading {
            Reading::Dutch => dutch,
            Reading::English => english,
            Reading::Both => merge(dutch, english),
        }
    }

    /// Whether Dutch, and whether English, has a word with a weight.
    pub fn known_in(&self, word: &str) -> [bool; 2] {
        let meanings = self.entries.get(word).copied().unwrap_or_default();
        meanings.map(|m| m.is_some_and(|m| m.weight.is_some()))
    }

    /// How many words the longest phrase has that begins with this word; 0 for none.
    pub fn longest_phrase(&self, first: &str) -> usize {
        self.openers.get(first).copied().unwrap_or_default()
    }

    /// How many words and phrases have a weight in Dutch and in English.
    #[cfg(test)]
    pub fn sizes(&self) -> [usize; 2] {
        let count = |side: usize| {
            let weighs = |m: &Meaning| m.weight.is_some();
            self.entries
                .values()
                .filter(|m| m[side].as_ref().is_some_and(weighs))
                .count()
        };
        [count(0), count(1)]
    }

    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// Without a language: one language's meaning where only one has the word, and of two the one that
/// agrees; a word that is good in one and bad in the other says nothing.
fn merge(dutch: Option<Meaning>, english: Option<Meaning>) -> Option<Meaning> {
    match (dutch, english) {
        (Some(a), Some(b)) => match (a.weight, b.weight) {
            (Some(x), Some(y)) if x * y < 0.0 => None,
            (None, Some(_)) => Some(b),
            _ => Some(a),
        },
        (one, other) => one.or(other),
    }
}

/// The lists of one language.
struct Lists {
    words: &'static [(f32, &'static str)],
    verbs: &'static [(f32, f32, &'static str)],
    phrases: &'static [(f32, &'static str)],
    factors: &'static [(f32, &'static str)],
    factor_phrases: &'static [(f32, &'static str)],
    negators: &'static str,
    contrasts: &'static str,
    concessions: &'static str,
    resolvers: &'static str,
    comparers: &'static str,
    events: &'static str,
    negator_phrases: &'static str,
}

fn nl_lists() -> Lists {
    Lists {
        words: nl::WORDS,
        verbs: nl::VERBS,
        phrases: nl_phrases::PHRASES,
        factors: nl::FACTORS,
        factor_phrases: nl_phrases::FACTORS,
        negators: nl::NEGATORS,
        contrasts: nl::CONTRASTS,
        concessions: nl::CONCESSIONS,
        resolvers: nl::RESOLVERS,
        comparers: nl::COMPARERS,
        events: nl::EVENTS,
        negator_phrases: nl_phrases::NEGATORS,
    }
}

fn en_lists() -> Lists {
    Lists {
        words: en::WORDS,
        verbs: en::VERBS,
        phrases: en_phrases::PHRASES,
        factors: en::FACTORS,
        factor_phrases: en_phrases::FACTORS,
        negators: en::NEGATORS,
        contrasts: en::CONTRASTS,
        concessions: en::CONCESSIONS,
        resolvers: en::RESOLVERS,
        comparers: en::COMPARERS,
        events: en::EVENTS,
        negator_phrases: en_phrases::NEGATORS,
    }
}

fn add_language(table: &mut BTreeMap<String, [Option<Meaning>; 2]>, side: usize, lists: &Lists) {
    let mut add = |key: String, change: &dyn Fn(&mut Meaning)| {
        change(table.entry(key).or_default()[side].get_or_insert_default());
    };
    for (weight, list) in lists.words {
        for word in list.split_whitespace().flat_map(forms) {
            add(word, &|m| m.weight = Some(*weight));
        }
    }
    for (weight, negated, list) in lists.verbs {
        for word in list.split_whitespace().flat_map(forms) {
            add(word, &|m| {
                (m.weight, m.negated) = (Some(*weight), Some(*negated))
            });
        }
    }
    for (weight, list) in lists.phrases {
        for phrase in phrases(list) {
            add(phrase, &|m| m.weight = Some(*weight));
        }
    }
    for (factor, list) in lists.factors {
        for word in list.split_whitespace() {
            add(word.to_owned(), &|m| m.factor = Some(*factor));
        }
    }
    for (factor, list) in lists.factor_phrases {
        for phrase in phrases(list) {
            add(phrase, &|m| m.factor = Some(*factor));
        }
    }
    for phrase in phrases(lists.negator_phrases) {
        add(phrase, &|m| m.negator = true);
    }
    type Mark = fn(&mut Meaning);
    let marks: [(&str, Mark); 6] = [
        (lists.negators, |m| m.negator = true),
        (lists.contrasts, |m| m.contrast = true),
        (lists.concessions, |m| m.concession = true),
        (lists.resolvers, |m| m.resolver = true),
        (lists.comparers, |m| m.comparer = true),
        (lists.events, |m| m.event = true),
    ];
    for (list, mark) in marks {
        for word in list.split_whitespace() {
            add(word.to_owned(), &mark);
        }
    }
}

/// `goed|e` as `goed` and `goede`.
fn forms(entry: &str) -> impl Iterator<Item = String> {
    let mut parts = entry.split('|');
    let stem = parts.next().unwrap_or_default().to_owned();
    std::iter::once(stem.clone()).chain(parts.map(move |suffix| format!("{stem}{suffix}")))
}

/// Phrases divided by `;`, with single spaces.
fn phrases(list: &str) -> impl Iterator<Item = String> {
    let spaced = |p: &str| p.split_whitespace().collect::<Vec<_>>().join(" ");
    list.split(';').map(spaced).filter(|p| !p.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::{Kind, tokenise};
    use std::collections::BTreeSet;

    fn built_in() -> Lexicon {
        Lexicon::new(&OwnWords::new(), &OwnWords::new())
    }

    #[test]
    fn both_languages_are_covered() {
        let [dutch, english] = built_in().sizes();
        println!("{dutch} Dutch and {english} English entries with a weight");
        assert!(dutch >= 700, "{dutch}");
        assert!(english >= 700, "{english}");
    }

    #[test]
    fn a_key_is_read_from_a_text_as_it_stands_in_the_lists() {
        for key in built_in().keys() {
            let words: Vec<String> = tokenise(key)
                .into_iter()
                .filter(|t| t.kind == Kind::Word)
                .map(|t| t.text)
                .collect();
            assert_eq!(words.join(" "), key);
            assert!(words.len() <= PHRASE_WORDS, "{key}");
        }
    }

    #[test]
    fn no_entry_stands_in_two_lists() {
        for lists in [nl_lists(), en_lists()] {
            let mut seen = BTreeSet::new();
            let words = lists
                .words
                .iter()
                .flat_map(|(_, l)| l.split_whitespace().flat_map(forms));
            let verbs = lists
                .verbs
                .iter()
                .flat_map(|(_, _, l)| l.split_whitespace().flat_map(forms));
            let phrases = lists.phrases.iter().flat_map(|(_, l)| phrases(l));
            let twice: Vec<String> = words
                .chain(verbs)
                .chain(phrases)
                .filter(|e| !seen.insert(e.clone()))
                .collect();
            assert!(twice.is_empty(), "{twice:?}");
        }
    }

    #[test]
    fn own_words_go_before_the_built_in_ones() {
        let own = OwnWords::from([("top".to_owned(), -0.5), ("rode loper".to_owned(), 0.8)]);
        let lexicon = Lexicon::new(&own, &OwnWords::new());
        assert_eq!(
            lexicon
                .meaning("top", Reading::Dutch)
                .and_then(|m| m.weight),
            Some(-0.5)
        );
        assert_eq!(lexicon.longest_phrase("rode"), 2);
        assert_eq!(lexicon.meaning("rode loper", Reading::English), None);
    }

    #[test]
    fn a_word_that_the_languages_disagree_on_says_nothing_without_a_language() {
        let one = Meaning {
            weight: Some(0.5),
            ..Meaning::default()
        };
        let other = Meaning {
            weight: Some(-0.5),
            ..Meaning::default()
        };
        assert_eq!(merge(Some(one), Some(other)), None);
        assert_eq!(merge(Some(one), None), Some(one));
    }
}

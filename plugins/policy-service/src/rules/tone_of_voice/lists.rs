//! The word lists, built-in and the admin's own, ready to be searched for in one pass.
//!
//! In the files of words (`words`) `*` at an outer end stands for the rest of
//! the word, `~` at the end for the plural and the diminutive of the last word. Every list is
//! compared in the canonical form of `rapport_lexicon`, the admin's words too.

use rapport_lexicon::{Around, Lexicon, Names, Vocabulary};

use super::address::RUDE;
use super::shouting::Ordinary;
use super::{ID, inflect};
use crate::settings::{ToneOfVoice, Words};
use crate::words;

/// What an expression is an instance of, and where it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    Greeting,
    /// An insult whoever is meant.
    Insult,
    /// An insult when a person is called so: a noun.
    Person,
    /// The same, for an animal or a thing that one may cry out about.
    Animal,
    /// The same: an adjective.
    Trait,
    /// Takes the force from what it covers.
    Decent,
    Sarcasm,
    /// Sarcasm as a clause of its own.
    Clause,
    /// Sarcasm at the head of a clause.
    Opening,
    /// Sarcasm as a whole sentence.
    Sentence,
    /// Praise that mocks behind a word such as `nou`.
    Mock,
    /// Sarcasm beside other sarcasm only.
    Reproach,
}

impl List {
    /// Words of the list are looked for in disguise.
    fn is_disguised(&self) -> bool {
        matches!(
            self,
            Self::Insult | Self::Person | Self::Animal | Self::Trait
        )
    }
}

/// The names of the built-in lists.
const NAMES: [(&str, List); 11] = [
    ("insults", List::Insult),
    ("persons", List::Person),
    ("animals", List::Animal),
    ("traits", List::Trait),
    ("decent", List::Decent),
    ("sarcasm", List::Sarcasm),
    ("clause", List::Clause),
    ("opening", List::Opening),
    ("sentence", List::Sentence),
    ("mock", List::Mock),
    ("reproach", List::Reproach),
];

/// All lists.
#[derive(Debug)]
pub struct Tables {
    pub lexicon: Lexicon,
    /// Insults whoever is meant, in every spelling.
    pub insults: Names,
    /// The admin's forbidden words, with the language and the text of each.
    pub forbidden: Names,
    pub forbidden_words: Vec<(String, String)>,
    /// Insults that are recognised in disguise.
    pub vocabulary: Vocabulary,
    /// The list of each pattern of the lexicon.
    pub lists: Vec<List>,
    /// Words that are shouted when they are in capitals.
    pub ordinary: Ordinary,
}

/// Patterns with their lists and where they come from.
#[derive(Default)]
struct Patterns {
    patterns: Vec<String>,
    lists: Vec<List>,
    places: Vec<String>,
}

impl Patterns {
    fn add(&mut self, pattern: &str, list: &List, place: &str) {
        let forms = match pattern.strip_suffix('~') {
            Some(noun) => inflected(noun),
            None => vec![pattern.to_owned()],
        };
        for form in forms {
            self.patterns.push(form);
            self.lists.push(list.clone());
            self.places.push(place.to_owned());
        }
    }

    fn add_built_in(&mut self) {
        for (name, patterns) in built_in() {
            if let Some((_, list)) = NAMES.iter().find(|(own, _)| *own == name) {
                for pattern in patterns {
                    self.add(pattern, list, &format!("built-in {name}"));
                }
            }
        }
        let of = |name: &str| built_in().into_iter().find(|(own, _)| *own == name);
        let (first, second) = (of("compound-first"), of("compound-second"));
        for first in first.iter().flat_map(|(_, words)| words) {
            for second in second.iter().flat_map(|(_, words)| words) {
                self.add(
                    &format!("{first}{second}"),
                    &List::Insult,
                    "built-in compounds",
                );
            }
        }
    }

    /// The admin's own. A `~` of theirs is a letter like any other.
    fn add_own(&mut self, settings: &ToneOfVoice) {
        let mut add = |text: &str, list: List, place: String| {
            self.patterns.push(text.to_owned());
            self.lists.push(list);
            self.places.push(place);
        };
        for (field, own, list) in [
            ("sarcasm", &settings.sarcasm, List::Sarcasm),
            ("insults", &settings.insults, List::Insult),
        ] {
            for (index, text) in own.iter().enumerate() {
                add(text, list.clone(), format!("{ID}.{field}[{index}]"));
            }
        }
        for (place, _, text) in by_language("greetings", &settings.greetings) {
            add(text, List::Greeting, place);
        }
    }
}

/// Where each word is set, its language and itself.
fn by_language<'w>(
    field: &str,
    words: &'w Words,
) -> impl Iterator<Item = (String, &'w str, &'w str)> {
    words.iter().flat_map(move |(language, own)| {
        own.iter().enumerate().map(move |(index, text)| {
            let place = format!("{ID}.{field}.{language}[{index}]");
            (place, language.as_str(), text.as_str())
        })
    })
}

impl Tables {
    /// Refuses a word that can't be searched for, naming the field.
    pub fn new(settings: &ToneOfVoice) -> Result<Self, String> {
        let mut all = Patterns::default();
        all.add_built_in();
        all.add_own(settings);
        let lexicon = Lexicon::new(&all.patterns).map_err(|(index, e)| {
            format!("{}: {e}", all.places.get(index).map_or(ID, String::as_str))
        })?;
        let disguised: Vec<&str> = all
            .patterns
            .iter()
            .zip(&all.lists)
            .filter(|(_, list)| list.is_disguised())
            .map(|(pattern, _)| pattern.as_str())
            .chain(RUDE.split_ascii_whitespace())
            .collect();
        let insults = all.patterns.iter().zip(&all.lists);
        let insults: Vec<&String> = insults
            .filter(|(_, list)| **list == List::Insult)
            .map(|(pattern, _)| pattern)
            .collect();
        let own: Vec<_> = by_language("forbidden-words", &settings.forbidden_words).collect();
        let words: Vec<&str> = own.iter().map(|(_, _, word)| *word).collect();
        let forbidden = Names::new(&words, Around::Nothing).map_err(|(index, e)| {
            let place = own.get(index).map_or(ID, |(place, _, _)| place.as_str());
            format!("{place}: {e}")
        })?;
        let entry = |(_, language, word): &(String, &str, &str)| {
            ((*language).to_owned(), (*word).to_owned())
        };
        let insults =
            Names::new(&insults, Around::Nothing).map_err(|(_, e)| format!("{ID}: {e}"))?;
        Ok(Self {
            lexicon,
            insults,
            forbidden,
            forbidden_words: own.iter().map(entry).collect(),
            vocabulary: Vocabulary::new(&disguised),
            lists: all.lists,
            ordinary: Ordinary::new(),
        })
    }
}

/// A pattern in its forms; only its last word changes.
fn inflected(pattern: &str) -> Vec<String> {
    let at = pattern.rfind([' ', '-', '*']).map_or(0, |at| at + 1);
    let (head, noun) = pattern.split_at(at);
    let forms = inflect::forms(noun);
    forms.iter().map(|form| format!("{head}{form}")).collect()
}

/// The lists of the two files: name of the list and its patterns.
fn built_in() -> Vec<(&'static str, Vec<&'static str>)> {
    words::lists(&[
        include_str!("../../words/insults.txt"),
        include_str!("../../words/put_downs.txt"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_known_and_has_words() {
        let lists = built_in();
        assert_eq!(lists.len(), NAMES.len() + 2);
        for (name, patterns) in lists {
            let known = NAMES.iter().any(|(own, _)| *own == name) || name.starts_with("compound-");
            assert!(known && !patterns.is_empty(), "{name}");
        }
        assert_eq!(inflected("halve gare")[1], "halve gares");
        assert!(inflected("*idioot").contains(&"*idioten".to_owned()));
    }
}

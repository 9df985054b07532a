//! `required-sentences`: who writes about a subject says what must be said with it.
//!
//! Each entry has words, the sentence in both languages, and where it counts. A draft with such a
//! word and without the sentence gets a suggestion with the sentence behind it. The language is the
//! draft's own, or else that of the words found. Invariants: one suggestion with all that lacks; a
//! sentence that is there, in either language and whatever its punctuation, is not asked for again.
//! Deliberately absent: fitting the text to a channel's length; the channel says so itself.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Draft, Effect, EffectKind, Moment, Purpose, RuleInfo};
use rapport_sdk::social::Visibility;
use serde::Deserialize;

use super::Rule;
use crate::asked::Asked;
use crate::phrases::{Phrases, Words};
use crate::say::{self, effect, found};
use crate::text::Text;

const ID: &str = "required-sentences";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    sentences: Vec<Sentence>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sentence {
    name: String,
    words: Words,
    nl: String,
    en: String,
    /// Empty: everywhere.
    #[serde(default, rename = "where")]
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    Public,
    SemiPrivate,
    Direct,
}

#[derive(Debug)]
struct Entry {
    sentence: Sentence,
    dutch: Phrases,
    english: Phrases,
    /// The sentences themselves, to see whether they are there.
    said: Phrases,
}

#[derive(Debug)]
pub struct RequiredSentences(Vec<Entry>);

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Outbound, Moment::Campaign],
        ["Verplichte zinnen", "Required sentences"],
        [
            "Bij een onderwerp als lenen of beleggen staat de zin die erbij hoort.",
            "With a subject like borrowing or investing stands the sentence that belongs to it.",
        ],
    )
}

impl RequiredSentences {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let entries = settings.sentences.into_iter().enumerate();
        let entries = entries.map(|(index, sentence)| {
            let place = format!("{ID}.sentences[{index}]");
            let both = [sentence.nl.clone(), sentence.en.clone()];
            Ok(Entry {
                dutch: Phrases::of(&sentence.words.nl, &format!("{place}.words.nl"))?,
                english: Phrases::of(&sentence.words.en, &format!("{place}.words.en"))?,
                // A sentence may span what reads as two.
                said: Phrases::of(&both.map(|s| one_sentence(&s)), &place)?,
                sentence,
            })
        });
        Ok(Self(entries.collect::<Result<_, String>>()?))
    }
}

impl Rule for RequiredSentences {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((draft, text)) = asked.outgoing() else {
            return;
        };
        // A bill or a reset of a password is not the place.
        if draft.purpose == Purpose::Transactional {
            return;
        }
        let flat = one_sentence(text.original);
        let flat = Text::new(&flat);
        let mut rewritten = draft.content.trim_end().to_owned();
        let (mut names, mut why) = (Vec::new(), Vec::<Evidence>::new());
        for entry in self.0.iter().filter(|e| e.counts_at(draft.visibility)) {
            let (dutch, english) = (entry.dutch.find(text), entry.english.find(text));
            if (dutch.is_empty() && english.is_empty()) || entry.said.is_in(&flat) {
                continue;
            }
            let in_dutch = language(draft).unwrap_or(!dutch.is_empty());
            rewritten.push(' ');
            rewritten.push_str(match in_dutch {
                true => &entry.sentence.nl,
                false => &entry.sentence.en,
            });
            names.push(entry.sentence.name.as_str());
            why.extend(found(&dutch, &entry.sentence.name));
            why.extend(found(&english, &entry.sentence.name));
        }
        if names.is_empty() {
            return;
        }
        let names = names.join(", ");
        effects.push(effect(
            ID,
            EffectKind::Rewrite(rewritten),
            [
                &format!("Hier hoort een vaste zin bij ({names})."),
                &format!("A required sentence belongs here ({names})."),
            ],
            why,
        ));
    }
}

impl Entry {
    fn counts_at(&self, visibility: Visibility) -> bool {
        let place = match visibility {
            Visibility::Public => Place::Public,
            Visibility::SemiPrivate => Place::SemiPrivate,
            Visibility::Direct => Place::Direct,
        };
        self.sentence.places.is_empty() || self.sentence.places.contains(&place)
    }
}

/// Whether the draft says that it is Dutch; none when it says nothing we have a sentence for.
fn language(draft: &Draft) -> Option<bool> {
    let tag = draft.language.as_deref()?.to_lowercase();
    match tag.split('-').next() {
        Some("nl") => Some(true),
        Some("en") => Some(false),
        _ => None,
    }
}

/// Without what ends sentences, so that phrases are found across them.
fn one_sentence(text: &str) -> String {
    text.replace(['.', '!', '?', ';', ':', '*', '\n'], " ")
}

//! Signs that a friendly word is not meant as one.
//!
//! Irony can't be read off a text with certainty, so a suspected text is at best `uncertain`, unless
//! there is trouble in it apart from the irony. Some signs are enough by themselves (`#not`, `/s`,
//! `lekker dan`, quotation marks around praise); others only beside trouble (`goed bezig`, praise
//! that leads into a complaint, praise with dots).

use rustc_hash::FxHashMap;

use crate::emoji::EYE_ROLLS;
use crate::score::Hit;
use crate::tokens::{Kind, Token};
use crate::units::{Parsed, Quoted, Unit};

const TAGS: &[&str] = &[
    "not",
    "s",
    "sarcasm",
    "sarcasme",
    "sarcastisch",
    "sarcastic",
    "ironie",
    "irony",
    "ironisch",
];

/// Enough by themselves.
const STRONG: &[&str] = &[
    "lekker dan",
    "fijn dan",
    "lekker bezig",
    "mooi is dat",
    "fraai is dat",
    "lekker is dat",
    "fijne boel",
    "mooie boel",
    "lekkere boel",
    "nou bedankt",
    "nou lekker",
    "nou fijn",
    "nou leuk",
    "fijn hoor",
    "lekker hoor",
    "mooi hoor",
    "goed hoor",
    "knap hoor",
    "gezellig hoor",
    "handig hoor",
    "leuk hoor",
    "heerlijk hoor",
    "wat een verrassing",
    "goed geregeld hoor",
    "yeah right",
    "oh great",
    "oh joy",
    "oh lovely",
    "oh wonderful",
    "oh brilliant",
    "oh good",
    "oh nice",
    "just great",
    "just perfect",
    "just brilliant",
    "just wonderful",
    "just lovely",
    "just what i needed",
    "slow clap",
    "good luck with that",
    "don't you just love",
    "gotta love",
    "got to love",
    "thanks a bunch",
    "what a surprise",
    "big surprise",
    "surprise surprise",
    "how lovely",
    "so much for",
];

/// Only beside trouble.
const WEAK: &[&str] = &[
    "goed bezig",
    "ja hoor",
    "goed gedaan",
    "lekker bedrijf",
    "fijne service",
    "well done",
    "good job",
    "great job",
    "nice one",
    "nice job",
    "nice work",
    "way to go",
    "thanks a lot",
    "as if",
    "how nice",
    "good one",
    "keep it up",
    "ga zo door",
    "great start",
    "goed begin",
    "top service",
    "mooi begin",
    "daar gaan we weer",
    "here we go again",
];

/// Longest praise, in words, that can lead ironically into a complaint.
const OPENER_WORDS: usize = 4;
/// Feelings after it among which the complaint is looked for.
const LOOK_AHEAD: usize = 4;
/// Feelings weaker than this are no trouble and no praise.
const NOTABLE: f32 = 0.2;
/// How much of a suspected praise is left, reversed.
const REVERSED: f32 = -0.4;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Irony {
    pub suspected: bool,
    /// Bytes of the signs.
    pub markers: Vec<(usize, usize)>,
    /// Trouble apart from the suspected words, a positive sum.
    pub trouble: f32,
}

/// Looks for signs and, where irony is suspected, turns the friendly words concerned round.
pub fn find(phrases: &Phrases, tokens: &[Token], parsed: &Parsed, hits: &mut [Hit]) -> Irony {
    let trouble: f32 = hits
        .iter()
        .filter(|h| is_trouble(h, parsed))
        .map(|h| -h.value)
        .sum();
    let praised = hits.iter().any(|h| h.value >= NOTABLE);
    let mut irony = Irony {
        trouble,
        ..Irony::default()
    };
    // Sentences whose praise is turned round.
    let mut sentences: Vec<usize> = Vec::new();
    for (start, end, strong) in phrases.find(tokens) {
        if strong || trouble >= NOTABLE {
            irony.markers.push((start, end));
            sentences.extend(sentence_at(parsed, start));
        }
    }
    for unit in parsed.units.iter().filter(|u| praised && is_sign(u)) {
        irony.markers.push((unit.start, unit.end));
        sentences.push(unit.sentence);
    }
    for hit in hits.iter().filter(|h| h.value >= NOTABLE) {
        let unit = &parsed.units[hit.unit];
        let suspect = unit.quoted == Quoted::Short
            || (trouble >= NOTABLE && leads_into_trouble(hit, parsed, hits));
        if suspect {
            irony.markers.push((unit.start, unit.end));
            sentences.push(unit.sentence);
        }
    }
    sentences.sort_unstable();
    irony.suspected = !irony.markers.is_empty();
    for hit in hits.iter_mut().filter(|h| h.value > 0.0) {
        if sentences
            .binary_search(&parsed.units[hit.unit].sentence)
            .is_ok()
        {
            hit.value *= REVERSED;
            hit.notes.push("perhaps ironic".into());
        }
    }
    irony.markers.sort_unstable();
    irony.markers.dedup();
    irony
}

/// A bad feeling other than an eye-roll, which says nothing of its own.
fn is_trouble(hit: &Hit, parsed: &Parsed) -> bool {
    hit.value < 0.0 && !is_sign(&parsed.units[hit.unit])
}

/// An eye-roll or a tag for sarcasm.
fn is_sign(unit: &Unit) -> bool {
    match unit.kind {
        Kind::Tag => TAGS.contains(&unit.text.as_str()),
        Kind::Emoji(_) => EYE_ROLLS.contains(&unit.text.as_str()),
        _ => false,
    }
}

fn sentence_at(parsed: &Parsed, start: usize) -> Option<usize> {
    let index = parsed.units.partition_point(|u| u.end <= start);
    parsed.units.get(index).map(|u| u.sentence)
}

/// The phrases of the two lists by their first word, and whether one is enough by itself.
#[derive(Debug, Clone, Default)]
pub struct Phrases {
    by_first_word: FxHashMap<&'static str, Vec<(&'static str, bool)>>,
}

impl Phrases {
    pub fn new() -> Self {
        let mut by_first_word: FxHashMap<&'static str, Vec<(&'static str, bool)>> =
            FxHashMap::default();
        for (list, strong) in [(STRONG, true), (WEAK, false)] {
            for phrase in list {
                let first = phrase.split(' ').next().unwrap_or_default();
                by_first_word
                    .entry(first)
                    .or_default()
                    .push((phrase, strong));
            }
        }
        Self { by_first_word }
    }

    /// Where phrases stand: bytes, and whether one is enough.
    fn find(&self, tokens: &[Token]) -> Vec<(usize, usize, bool)> {
        let mut found = Vec::new();
        for (index, token) in tokens
            .iter()
            .enumerate()
            .filter(|(_, t)| t.kind == Kind::Word)
        {
            let Some(phrases) = self.by_first_word.get(token.text.as_str()) else {
                continue;
            };
            for (phrase, strong) in phrases {
                if let Some(end) = matches_at(&tokens[index..], phrase) {
                    found.push((token.start, end, *strong));
                }
            }
        }
        found
    }
}

/// The end of the phrase, when the tokens begin with it.
fn matches_at(tokens: &[Token], phrase: &str) -> Option<usize> {
    let mut end = None;
    let mut tokens = tokens.iter();
    for word in phrase.split(' ') {
        let token = tokens
            .next()
            .filter(|t| t.kind == Kind::Word && t.text == word)?;
        end = Some(token.end);
    }
    end
}

/// Short praise at the start of a sentence, then trouble without a "but": `Geweldig, weer drie uur
/// wachten`, `Fantastic... another delay`.
fn leads_into_trouble(hit: &Hit, parsed: &Parsed, hits: &[Hit]) -> bool {
    let unit = &parsed.units[hit.unit];
    let sentence = &parsed.sentences[unit.sentence];
    if is_thanks(&unit.text) || sentence.contrast.is_some() {
        return false;
    }
    let before = parsed.units[..hit.unit].iter().rev().take(OPENER_WORDS);
    let before = before.take_while(|u| u.sentence == unit.sentence).count();
    let after = parsed.units[hit.unit + 1..].iter().take(OPENER_WORDS);
    let after = after.take_while(|u| u.clause == unit.clause).count();
    if before + 1 + after > OPENER_WORDS {
        return false;
    }
    let later = &hits[hits.partition_point(|h| h.unit <= hit.unit)..];
    let next = later
        .iter()
        .take(LOOK_AHEAD)
        .find(|h| h.value.abs() >= NOTABLE);
    let Some(next) = next.filter(|h| is_trouble(h, parsed)) else {
        return false;
    };
    let next = &parsed.units[next.unit];
    let target = &parsed.sentences[next.sentence];
    let leads = if next.sentence == unit.sentence {
        next.clause > unit.clause
    } else {
        next.sentence == unit.sentence + 1 && !target.opens_with_contrast
    };
    leads && (sentence.end.ellipsis || target.repeats)
}

/// Thanks are meant more often than not.
fn is_thanks(text: &str) -> bool {
    ["bedankt", "dank", "thank", "complimenten"]
        .iter()
        .any(|start| text.starts_with(start))
}

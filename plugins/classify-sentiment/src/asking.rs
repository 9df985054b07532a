//! Asking for help: `how do I report a fault?`, `wat moet ik doen als mijn pas gestolen is`.
//!
//! Who asks what to do about a bad event has a question and not yet a complaint. What counts as an
//! event (a fault, a loss, damage) is marked in the lexicon; judgements (awful, scandalous) and
//! trouble that comes back (`again`, `nog steeds`) keep their weight.

use crate::score::Hit;
use crate::units::{Parsed, Unit};

/// What is left of an event that the question is about, and of one told beside the question.
const ASKED: f32 = 0.1;
const TOLD: f32 = 0.2;
/// A feeling this bad, besides events, makes a question a complaint.
const COMPLAINT: f32 = -0.55;

/// Beginnings of a clause that asks, with or without a question mark.
const OPENERS: &[&str] = &[
    "hoe kan ik",
    "hoe moet ik",
    "hoe meld",
    "hoe vraag",
    "hoe dien",
    "hoe blokkeer",
    "hoe geef",
    "hoe krijg",
    "hoe werkt",
    "hoe ga",
    "hoe zit",
    "hoe doe",
    "hoe regel",
    "hoe los",
    "hoe lang",
    "waar kan",
    "waar meld",
    "waar moet",
    "waar vind",
    "wat moet ik",
    "wat kan ik",
    "wat doe ik",
    "wat als",
    "wat gebeurt",
    "wie kan",
    "wie moet",
    "bij wie",
    "aan wie",
    "kan ik",
    "kunnen we",
    "mag ik",
    "moet ik",
    "how do i",
    "how can i",
    "how do we",
    "how can we",
    "how to",
    "how does",
    "how should",
    "where can",
    "where do",
    "where should",
    "what should",
    "what do i",
    "what can i",
    "what happens",
    "what if",
    "who do i",
    "who should",
    "who can",
    "can i",
    "can we",
    "may i",
    "should i",
    "do i",
];
/// Words that begin a question which has its mark.
const QUESTION_WORDS: &[&str] = &[
    "hoe", "waar", "wat", "wie", "welk", "welke", "wanneer", "is", "zijn", "kan", "kunnen", "mag",
    "moet", "heeft", "hebben", "geldt", "valt", "krijg", "word", "wordt", "weet", "weten", "zou",
    "how", "where", "what", "who", "which", "when", "are", "can", "could", "does", "do", "did",
    "may", "should", "would", "will", "has", "have", "any", "anyone", "am",
];
/// Not a question: how could you?
const REPROACHES: &[&str] = &[
    "hoe kan het",
    "hoe kan dit",
    "hoe kan dat",
    "hoe durven",
    "hoe is het",
    "hoe vaak",
    "hoe kunnen",
    "how can you",
    "how could",
    "how is",
    "how dare",
    "how often",
    "how many",
    "how come",
    "wat een",
    "what a",
    "what kind",
    "waar blijft",
    "waar blijven",
    "how hard",
];
const AGAIN: &[&str] = &[
    "weer",
    "alweer",
    "opnieuw",
    "wederom",
    "steeds",
    "again",
    "still",
    "yet another",
    "keeps",
    "constantly",
    "always",
    "altijd",
    "eindelijk",
    "finally",
];

/// Whether a clause that begins with these words asks; `marked`: the sentence ends in a question
/// mark.
fn asks(words: &[&str], marked: bool) -> bool {
    let clause = words.join(" ");
    let begins = |with: &&str| {
        let rest = clause.strip_prefix(*with);
        rest.is_some_and(|r| r.is_empty() || r.starts_with(' '))
    };
    !REPROACHES.iter().any(&begins)
        && (OPENERS.iter().any(&begins) || marked && QUESTION_WORDS.iter().any(begins))
}

/// Marks the sentences that ask for help.
pub fn mark(parsed: &mut Parsed) {
    let Parsed { units, sentences } = parsed;
    for clause in units.chunk_by(|a, b| a.clause == b.clause && a.sentence == b.sentence) {
        let Some(sentence) = sentences.get_mut(clause[0].sentence) else {
            continue;
        };
        let marked = sentence.end.question && sentence.end.exclamations == 0;
        let words = |units: &[Unit]| asks(&first_words(units), marked);
        sentence.asks |= words(clause) || is_and(&clause[0]) && words(&clause[1..]);
    }
    for sentence in units.chunk_by(|a, b| a.sentence == b.sentence) {
        let again = |u: &Unit| AGAIN.contains(&u.text.as_str());
        if let Some(marked) = sentences.get_mut(sentence[0].sentence)
            && sentence.iter().any(again)
        {
            marked.asks = false;
        }
    }
}

fn is_and(unit: &Unit) -> bool {
    matches!(
        unit.text.as_str(),
        "en" | "and" | "dus" | "so" | "hallo" | "hi" | "hoi"
    )
}

/// The first three words of units, of which some are phrases.
fn first_words(units: &[Unit]) -> Vec<&str> {
    let words = units.iter().flat_map(|u| u.text.split(' '));
    words.take(3).collect()
}

/// Takes the weight of events where help is asked for.
pub fn soften(hits: &mut [Hit], parsed: &Parsed) {
    if !parsed.sentences.iter().any(|s| s.asks) {
        return;
    }
    let is_event = |hit: &Hit| parsed.units[hit.unit].meaning.event && hit.value < 0.0;
    let complains = hits.iter().any(|h| !is_event(h) && h.value <= COMPLAINT);
    if complains {
        return;
    }
    for hit in hits.iter_mut().filter(|h| is_event(h)) {
        let asked = parsed.sentences[parsed.units[hit.unit].sentence].asks;
        hit.value *= if asked { ASKED } else { TOLD };
        hit.notes.push("asks for help".into());
    }
}

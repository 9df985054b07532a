//! From units to feelings: what each word weighs where it stands.
//!
//! Negation reaches a few words forward within its clause, and for verbs also backward (Dutch puts
//! `niet` behind the verb). A negated good word is bad, a negated bad one only mildly good. Emphasis
//! multiplies. "But" makes what follows weigh more and what went before less. The sum is brought
//! into -1..1 as x / sqrt(x² + 1), after VADER (Hutto and Gilbert, 2014).

use crate::tokens::Kind;
use crate::units::{Parsed, Quoted, Unit};

mod compare;

use compare::{UNSURPASSED, is_refused_praise, is_unsurpassed, negates};

/// Words that a negation reaches.
const NEGATION_REACH: usize = 4;
/// Words that an emphasis reaches.
const FACTOR_REACH: usize = 3;
/// Words within which trouble can be said to be over.
const RESOLVER_REACH: usize = 12;
/// Bounds of all emphasis together.
const FACTOR_RANGE: (f32, f32) = (0.4, 2.0);
/// What is left of a good word's weight, reversed, and of a bad one's.
const NEGATED_GOOD: f32 = -0.8;
const NEGATED_BAD: f32 = -0.4;
/// Before and after "but".
const BEFORE_CONTRAST: f32 = 0.5;
const AFTER_CONTRAST: f32 = 1.25;
const SHOUTED: f32 = 1.2;
const STRETCHED: f32 = 1.2;
/// A question asks whether it is good; it rarely asks whether it is bad.
const GOOD_IN_QUESTION: f32 = 0.25;
/// `Do I have to wait?`: trouble no worse than this says little in a question.
const MILD_IN_QUESTION: f32 = -0.36;
const MILD_LEFT: f32 = 0.4;
/// Trouble (no worse than this) of which the sentence says that it is over.
const RESOLVABLE: f32 = -0.75;
const RESOLVED: f32 = 0.1;
/// What somebody else said.
const CITED: f32 = 0.3;
/// Praise that mocks when trouble follows at once: `lekker traag`, `mooi klote`.
const MOCKING: &[&str] = &[
    "lekker",
    "mooi",
    "fijn",
    "heerlijk",
    "leuk",
    "goed",
    "knap",
    "aardig",
    "nicely",
    "wonderfully",
    "beautifully",
    "brilliantly",
    "perfectly",
    "perfect",
    "amazingly",
    "superbly",
    "exceptionally",
    "incredible",
    "fantastisch",
    "geweldig",
    "remarkably",
    "impressively",
    "uitstekend",
];
/// An emoji repeated.
const REPEATED: f32 = 0.25;

/// A unit with a feeling.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Index of the unit.
    pub unit: usize,
    pub value: f32,
    /// What changed the weight, for the evidence.
    pub notes: Vec<String>,
}

/// All feelings of a text, in order.
pub fn hits(parsed: &Parsed) -> Vec<Hit> {
    let all_shouted = parsed
        .units
        .iter()
        .filter(|u| u.kind == Kind::Word && u.text.len() > 2)
        .all(|u| u.shouted);
    let mut hits = Vec::new();
    for (index, unit) in parsed.units.iter().enumerate() {
        let Some(weight) = unit.meaning.weight else {
            continue;
        };
        if unit.name || is_emphasis(&parsed.units, index) {
            continue;
        }
        let mut hit = Hit {
            unit: index,
            value: if is_refused_praise(&parsed.units, index) {
                -weight
            } else {
                weight
            },
            notes: Vec::new(),
        };
        if unit.kind == Kind::Word {
            modify(&mut hit, &parsed.units, all_shouted);
            weigh_clause(&mut hit, parsed);
            if unit.quoted == Quoted::Long || unit.quoted == Quoted::Short && hit.value < 0.0 {
                hit.notes.push("quoted".into());
                hit.value *= CITED;
            }
        } else if index > 0 && parsed.units[index - 1].text == unit.text {
            hit.value *= REPEATED;
        }
        if hit.value != 0.0 {
            hits.push(hit);
        }
    }
    resolve(&mut hits, &parsed.units);
    hits
}

/// `De storing is verholpen` is no trouble any more; `nog niet verholpen` is.
fn resolve(hits: &mut [Hit], units: &[Unit]) {
    let is_over = |sentence: usize, after: usize| {
        let later = units.iter().enumerate().skip(after + 1);
        let mut same = later
            .take_while(|(_, u)| u.sentence == sentence)
            .take(RESOLVER_REACH);
        same.any(|(i, u)| u.meaning.resolver && !negator_before(units, i))
    };
    for hit in hits
        .iter_mut()
        .filter(|h| (RESOLVABLE..0.0).contains(&h.value))
    {
        if is_over(units[hit.unit].sentence, hit.unit) {
            hit.value *= RESOLVED;
            hit.notes.push("resolved".into());
        }
    }
}

/// The sum of all values, in -1..1.
pub fn total(values: impl Iterator<Item = f32>) -> f64 {
    let sum = values.fold(0.0, |sum, value| sum + f64::from(value));
    sum / (sum * sum + 1.0).sqrt()
}

/// A word such as `super` or `awfully` only strengthens when a feeling follows at once, and praise
/// when trouble does.
fn is_emphasis(units: &[Unit], index: usize) -> bool {
    let unit = &units[index];
    let Some(next) = units.get(index + 1) else {
        return false;
    };
    let weight = next.meaning.weight.unwrap_or_default();
    let strengthens = unit.meaning.factor.is_some() && weight.abs() > 0.1;
    let mocks = weight < -0.1 && MOCKING.contains(&unit.text.as_str());
    (strengthens || mocks) && next.clause == unit.clause && next.kind == Kind::Word
}

fn modify(hit: &mut Hit, units: &[Unit], all_shouted: bool) {
    let factor = emphasis(units, hit.unit);
    let unit = &units[hit.unit];
    if negator_before(units, hit.unit)
        || (unit.meaning.negated.is_some() && negator_after(units, hit.unit))
    {
        hit.notes.push("negated".into());
        hit.value = match unit.meaning.negated {
            Some(negated) => negated,
            None if hit.value > 0.0 => hit.value * NEGATED_GOOD,
            // `niet zo slecht`: the emphasis does not make it better.
            None => hit.value * NEGATED_BAD / factor.max(1.0),
        };
    } else if factor != 1.0 {
        let name = if factor > 1.0 {
            "intensified"
        } else {
            "diminished"
        };
        hit.notes.push(format!("{name} ×{factor:.2}"));
        hit.value *= factor;
    }
    if unit.meaning.comparer && is_unsurpassed(units, hit.unit) {
        hit.notes.push("unsurpassed".into());
        hit.value *= UNSURPASSED;
    }
    if unit.shouted && !all_shouted {
        hit.notes.push("capitals".into());
        hit.value *= SHOUTED;
    }
    if unit.stretched {
        hit.notes.push("stretched".into());
        hit.value *= STRETCHED;
    }
}

/// The product of the emphasis before a unit, within its clause and up to the next feeling.
fn emphasis(units: &[Unit], index: usize) -> f32 {
    let mut factor = 1.0;
    for back in 1..=FACTOR_REACH.min(index) {
        let unit = &units[index - back];
        if unit.clause != units[index].clause || unit.meaning.negator {
            break;
        }
        match unit.meaning.factor {
            Some(own) => factor *= own,
            None if unit.meaning.weight.is_some_and(|w| w != 0.0) || back > 1 => break,
            None => {}
        }
    }
    factor.clamp(FACTOR_RANGE.0, FACTOR_RANGE.1)
}

/// A negation reaches this unit from before. "And" after a negated bad word ends its reach.
fn negator_before(units: &[Unit], index: usize) -> bool {
    let mut bad_between = false;
    let mut and_between = false;
    for back in 1..=NEGATION_REACH.min(index) {
        let unit = &units[index - back];
        if unit.clause != units[index].clause {
            return false;
        }
        if negates(units, index - back) {
            return !(bad_between && and_between);
        }
        and_between |= matches!(unit.text.as_str(), "en" | "and");
        bad_between |= unit.meaning.weight.is_some_and(|w| w < 0.0);
    }
    false
}

/// `werkt nog niet`, and not `werkt niet slecht`, whose negation belongs to what follows.
fn negator_after(units: &[Unit], index: usize) -> bool {
    let clause = units[index].clause;
    let following = || {
        units
            .iter()
            .skip(index + 1)
            .take_while(move |u| u.clause == clause)
    };
    let Some(at) = following()
        .take(NEGATION_REACH + 1)
        .position(|u| u.meaning.negator)
        .filter(|at| negates(units, index + 1 + at))
    else {
        return false;
    };
    !following()
        .skip(at + 1)
        .take(2)
        .any(|u| u.meaning.weight.is_some_and(|w| w != 0.0))
}

/// Contrast, concession and the way the sentence ends.
fn weigh_clause(hit: &mut Hit, parsed: &Parsed) {
    let unit = &parsed.units[hit.unit];
    let sentence = &parsed.sentences[unit.sentence];
    let next_contrasts = parsed
        .sentences
        .get(unit.sentence + 1)
        .is_some_and(|s| s.opens_with_contrast);
    let contrast = match sentence.contrast {
        Some(clause) if unit.clause >= clause => Some(AFTER_CONTRAST),
        Some(_) => Some(BEFORE_CONTRAST),
        None if next_contrasts => Some(BEFORE_CONTRAST),
        None if sentence.concession == Some(unit.clause) => Some(BEFORE_CONTRAST),
        None => None,
    };
    if let Some(factor) = contrast {
        hit.notes.push(
            if factor > 1.0 {
                "after contrast"
            } else {
                "before contrast"
            }
            .into(),
        );
        hit.value *= factor;
    }
    match sentence.end.exclamations {
        0 => {}
        1 => hit.value *= 1.1,
        _ => hit.value *= 1.25,
    }
    let is_mild = hit.value > MILD_IN_QUESTION;
    if sentence.end.question && sentence.end.exclamations == 0 && is_mild {
        hit.notes.push("in a question".into());
        hit.value *= if hit.value > 0.0 {
            GOOD_IN_QUESTION
        } else {
            MILD_LEFT
        };
    }
}

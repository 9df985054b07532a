//! What each word says about the language, as log-likelihoods, and the most likely way to divide a
//! text over languages.
//!
//! A listed word costs the languages that don't have it; for any other word of four letters or more
//! the n-gram model of `whichlang` has a small vote. One more state, "other", stands for the
//! languages not known here: it fits every unknown word moderately and known words badly. The path
//! over the words is Viterbi's with a price on changing language, so a loan word changes nothing
//! and a second sentence in another language does. Linear in the number of words.

use crate::clean::Word;
use crate::words::{CODES, Lexicon, Mask, SELECTABLE, mask, relatives};

/// [`CODES`] and one more for every other language.
pub const STATES: usize = CODES.len() + 1;
pub const OTHER: usize = CODES.len();
/// Place of German in [`CODES`].
const GERMAN: usize = 2;

/// What a listed word costs a language without it, by the length of the word in letters: short
/// words are often accidents.
const MISS: [f32; 7] = [0.0, 0.8, 2.1, 2.7, 3.3, 3.3, 4.2];
/// What is left of it for a relative of a language that has the word.
const RELATIVE_MISS: f32 = 0.5;
/// What an unlisted word costs the languages that the n-gram model does not name.
const VOTE: f32 = 0.8;
/// What is left of it for a word that may be a name.
const NAME_VOTE: f32 = 0.5;
/// What an unlisted word costs "other" and the languages that the n-gram model does not know.
const OTHER_UNLISTED: f32 = 0.35;
/// What a noun in small letters costs German, which writes it with a capital; these are the nouns that
/// its neighbours write the same.
const SMALL_NOUN: f32 = 1.4;
const NOUNS: [&str; 8] = [
    "service", "internet", "app", "team", "router", "modem", "helpdesk", "wifi",
];
/// What a letter that a language does not write costs it.
const STRANGE_LETTER: f32 = 1.5;
/// What a language that is never an answer costs from the start, and "other".
const DECOY_PRIOR: f32 = 3.5;
const OTHER_PRIOR: f32 = 1.0;
/// What a language costs that could have been chosen and was not.
const UNCHOSEN_PRIOR: f32 = 0.5;
/// Price of a change of language.
const SWITCH: f32 = 5.0;
/// Fewest letters of a word that the n-gram model is asked about.
const VOTE_LETTERS: usize = 4;

/// One word's cost for each state, 0 the best.
pub type Costs = [f32; STATES];

/// What one word says.
#[derive(Debug, Clone)]
pub struct Reading {
    pub costs: Costs,
    /// Languages that list the word; 0 where none does.
    pub listed: Mask,
}

/// Reads every word.
pub fn read(words: &[Word], lexicon: &Lexicon) -> Vec<Reading> {
    let relatives = relatives();
    words
        .iter()
        .map(|word| read_word(word, lexicon, &relatives))
        .collect()
}

fn read_word(word: &Word, lexicon: &Lexicon, relatives: &[Mask; CODES.len()]) -> Reading {
    let listed = look_up(word, lexicon);
    let mut costs = [0.0; STATES];
    if listed != 0 {
        let miss = MISS[word.letters.min(MISS.len() - 1)];
        for (state, cost) in costs.iter_mut().enumerate() {
            let relative = relatives.get(state).is_some_and(|of| of & listed != 0);
            if listed & (1 << state) == 0 {
                *cost = if relative { miss * RELATIVE_MISS } else { miss };
            }
        }
    } else if word.letters >= VOTE_LETTERS {
        costs = vote(
            &word.text,
            if word.capitalised {
                VOTE * NAME_VOTE
            } else {
                VOTE
            },
        );
    }
    if !word.capitalised && NOUNS.contains(&word.text.as_str()) {
        costs[GERMAN] += SMALL_NOUN;
    }
    if listed == 0 && !word.text.is_ascii() {
        for (cost, extra) in costs.iter_mut().zip(LETTERS) {
            let known = |c: char| c.is_ascii() || extra.contains(c);
            if !word.text.chars().all(known) {
                *cost += STRANGE_LETTER;
            }
        }
    }
    Reading { costs, listed }
}

/// Letters beside ASCII that the languages which can be an answer write, their common loan words
/// included; in the order of [`CODES`].
const LETTERS: [&str; SELECTABLE] = [
    "áàäçéèêëíïñóòöúü",
    "éèêëïíçñôöüá",
    "äöüßéèàáê",
    "àâæçéèêëîïôœùûüÿöñ",
    "áéíñóúüç",
    "àèéìíîòóùú",
    "ãõáâàçéêíóôúü",
];

/// The languages that list a word, or how it would be written without its stretched letters.
fn look_up(word: &Word, lexicon: &Lexicon) -> Mask {
    let known = |text: &str| Some(lexicon.languages(text)).filter(|mask| *mask != 0);
    let doubled_end = |text: &str| {
        let mut back = text.chars().rev();
        let (last, before) = (back.next()?, back.next()?);
        (last == before).then(|| text[..text.len() - last.len_utf8()].to_owned())
    };
    known(&word.text)
        .or_else(|| known(word.shortened.as_deref()?))
        .or_else(|| known(&doubled_end(&word.text)?))
        .unwrap_or_default()
}

/// What the n-gram model says of a text: nothing for the language that it names and that one's near
/// relatives, `weight` for the others; less for those that the model does not know.
pub fn vote(text: &str, weight: f32) -> Costs {
    use whichlang::Lang;
    let codes: &[&str] = match whichlang::detect_language(text) {
        Lang::Nld => &["nl", "af", "fy", "nds"],
        Lang::Eng => &["en"],
        Lang::Deu => &["de", "lb", "nds"],
        Lang::Fra => &["fr"],
        Lang::Spa => &["es", "ca", "gl", "pap"],
        Lang::Ita => &["it"],
        Lang::Por => &["pt", "gl"],
        Lang::Swe => &["sv", "da", "no"],
        Lang::Tur => &["tr"],
        Lang::Vie => &["vi"],
        _ => &[],
    };
    let voted = mask(codes);
    std::array::from_fn(|state| {
        if voted & (1 << state) != 0 {
            0.0
        } else if KNOWN_TO_MODEL.contains(&CODES.get(state).copied().unwrap_or_default()) {
            weight
        } else {
            weight * (OTHER_UNLISTED / VOTE)
        }
    })
}

/// Languages that the n-gram model tells apart from all others.
const KNOWN_TO_MODEL: [&str; 10] = ["nl", "en", "de", "fr", "es", "it", "pt", "sv", "tr", "vi"];

/// What a state costs before the first word.
pub fn prior(state: usize, considered: Mask) -> f32 {
    if considered & (1 << state) != 0 {
        0.0
    } else if state < SELECTABLE {
        UNCHOSEN_PRIOR
    } else if state == OTHER {
        OTHER_PRIOR
    } else {
        DECOY_PRIOR
    }
}

/// The cheapest state for each word (Viterbi, 1967).
pub fn best_path(readings: &[Reading], considered: Mask) -> Vec<usize> {
    let mut total: Costs = std::array::from_fn(|state| prior(state, considered));
    let mut back: Vec<[u8; STATES]> = Vec::with_capacity(readings.len());
    for reading in readings {
        let cheapest = cheapest(&total);
        let mut from = [0u8; STATES];
        let mut next = [0.0; STATES];
        for state in 0..STATES {
            let change = total[cheapest] + SWITCH + prior(state, considered);
            let (cost, origin) = if change < total[state] {
                (change, cheapest)
            } else {
                (total[state], state)
            };
            next[state] = cost + reading.costs[state];
            from[state] = origin as u8;
        }
        // Only differences matter; keeping them small keeps them exact in long texts.
        let least = next[self::cheapest(&next)];
        total = next.map(|cost| cost - least);
        back.push(from);
    }
    let mut state = cheapest(&total);
    let mut path = vec![0; readings.len()];
    for (index, from) in back.iter().enumerate().rev() {
        path[index] = state;
        state = from[state] as usize;
    }
    path
}

/// The first of the lowest.
fn cheapest(costs: &Costs) -> usize {
    let mut best = 0;
    for (state, cost) in costs.iter().enumerate() {
        if *cost < costs[best] {
            best = state;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::clean;

    fn path(text: &str) -> Vec<&'static str> {
        let words = clean(text).words;
        let readings = read(&words, &Lexicon::new());
        let path = best_path(&readings, 0b1111);
        path.into_iter()
            .map(|s| CODES.get(s).copied().unwrap_or("other"))
            .collect()
    }

    #[test]
    fn a_loan_word_does_not_change_the_language() {
        assert_eq!(
            path("ik vind de refund van gisteren echt amazing"),
            ["nl"; 8]
        );
    }

    #[test]
    fn a_second_sentence_does() {
        let path = path("ik wacht al een week op mijn pakket. what is going on with you guys");
        assert_eq!(path[..8], ["nl"; 8]);
        assert_eq!(path[9..], ["en"; 6]);
    }
}

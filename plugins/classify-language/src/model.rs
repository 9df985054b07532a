//! What each word says about the language, as log-likelihoods, and the most likely way to divide a
//! text over languages.
//!
//! A listed word costs the languages that don't have it; for any other word of four letters or more
//! the n-gram model of `whichlang` has a small vote. One more state, "other", stands for the
//! languages not known here: it fits every unknown word moderately and known words badly. The path
//! over the words is Viterbi's with a price on changing language, so a loan word changes nothing
//! and a second sentence in another language does. Linear in the number of words.

use crate::clean::Word;
use crate::words::{CODES, Lexicon, Mask, SELECTABLE};

/// [`CODES`] and one more for every other language.
pub const STATES: usize = CODES.len() + 1;
pub const OTHER: usize = CODES.len();

/// What a listed word costs a language without it, by the length of the word in letters: short
/// words are often accidents.
const MISS: [f32; 7] = [0.0, 0.8, 1.8, 2.7, 3.3, 3.3, 4.2];
/// What an unlisted word costs the languages that the n-gram model does not name.
const VOTE: f32 = 0.8;
/// What an unlisted word costs "other".
const OTHER_UNLISTED: f32 = 0.35;
/// What the languages that are never an answer, and "other", cost from the start.
const DECOY_PRIOR: f32 = 1.0;
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
    words.iter().map(|word| read_word(word, lexicon)).collect()
}

fn read_word(word: &Word, lexicon: &Lexicon) -> Reading {
    let listed = look_up(&word.text, lexicon);
    let mut costs = [0.0; STATES];
    if listed != 0 {
        let miss = MISS[word.letters.min(MISS.len() - 1)];
        for (state, cost) in costs.iter_mut().enumerate() {
            if listed & (1 << state) == 0 {
                *cost = miss;
            }
        }
    } else if word.letters >= VOTE_LETTERS {
        let voted = vote(&word.text);
        for (state, cost) in costs.iter_mut().enumerate() {
            if voted & (1 << state) == 0 {
                *cost = VOTE;
            }
        }
        costs[OTHER] = OTHER_UNLISTED;
    }
    Reading { costs, listed }
}

/// The word as it stands, or without the doubled letter at its end (`pleasee`).
fn look_up(word: &str, lexicon: &Lexicon) -> Mask {
    let listed = lexicon.languages(word);
    if listed != 0 {
        return listed;
    }
    let mut back = word.chars().rev();
    match (back.next(), back.next()) {
        (Some(a), Some(b)) if a == b => lexicon.languages(&word[..word.len() - a.len_utf8()]),
        _ => 0,
    }
}

/// The states that the n-gram model names for a text: a language, or its near relatives too where
/// the model does not know them.
pub fn vote(text: &str) -> Mask {
    use whichlang::Lang;
    let codes: &[&str] = match whichlang::detect_language(text) {
        Lang::Nld => &["nl", "af", "fy"],
        Lang::Eng => &["en"],
        Lang::Deu => &["de"],
        Lang::Fra => &["fr"],
        Lang::Spa => &["es"],
        Lang::Ita => &["it"],
        Lang::Por => &["pt"],
        Lang::Swe => &["sv", "da"],
        Lang::Tur => &["tr"],
        _ => &[],
    };
    let known = CODES
        .iter()
        .enumerate()
        .filter(|(_, code)| codes.contains(code));
    known.fold(
        if codes.is_empty() { 1 << OTHER } else { 0 },
        |mask, (i, _)| mask | 1 << i,
    )
}

/// What a state costs before the first word.
pub fn prior(state: usize, considered: Mask) -> f32 {
    if considered & (1 << state) != 0 {
        0.0
    } else if state < SELECTABLE {
        DECOY_PRIOR / 2.0
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

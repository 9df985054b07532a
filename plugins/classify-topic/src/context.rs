//! Where cues stand, and what negates them.
//!
//! A negator turns what follows within its clause, up to a conjunction; in Dutch it may also follow
//! what it turns ("werkt weer niet").

use rapport_lexicon::{Folded, Hit};

use crate::cues::{Intent, Role};
use crate::scan::Found;

/// Words between a negator and what it turns.
const NEGATION_BEFORE: usize = 3;
const NEGATION_AFTER: usize = 4;
/// Words between a wish and what is wished.
const WISH_WORDS: usize = 6;
/// Words between thanks and what they are for.
const THANKS_WORDS: usize = 4;
/// A question begins within the first words of a clause.
pub const OPENER_WORDS: usize = 2;

/// What a cue's meaning depends on. Word numbers, sorted, with their clause.
pub struct Context {
    negators: Vec<(usize, u32)>,
    breaks: Vec<usize>,
    wishes: Vec<(usize, u32)>,
    pasts: Vec<(usize, u32)>,
    complaints: Vec<(usize, u32)>,
    /// There is a question mark.
    pub asks: bool,
}

impl Context {
    pub fn of(found: &[Found], folded: &Folded<'_>) -> Self {
        let places = |role: Role| {
            found
                .iter()
                .filter(move |f| f.role == role)
                .map(|f| Place::of(&f.hit, folded))
        };
        Self {
            negators: places(Role::Negator).map(|p| (p.last, p.clause)).collect(),
            breaks: places(Role::Break).map(|p| p.first).collect(),
            wishes: places(Role::Wish).map(|p| (p.last, p.clause)).collect(),
            pasts: places(Role::Past).map(|p| (p.first, p.clause)).collect(),
            complaints: places(Role::Intent(Intent::Complaint))
                .map(|p| (p.first, p.clause))
                .collect(),
            asks: folded.text().contains('?'),
        }
    }

    /// A negator goes before: within three words of a single word, right before a phrase.
    pub fn negates(&self, place: Place) -> bool {
        let reach = if place.first == place.last {
            NEGATION_BEFORE
        } else {
            1
        };
        let below = self
            .negators
            .partition_point(|&(word, _)| word < place.first);
        below
            .checked_sub(1)
            .and_then(|i| self.negators.get(i))
            .is_some_and(|&(word, clause)| {
                clause == place.clause
                    && place.first - word <= reach
                    && !self.broken(word, place.first)
            })
    }

    /// A negator follows, as Dutch has it: "werkt weer niet".
    pub fn negates_behind(&self, place: Place) -> bool {
        let above = self
            .negators
            .partition_point(|&(word, _)| word <= place.last);
        self.negators.get(above).is_some_and(|&(word, clause)| {
            clause == place.clause
                && word - place.last <= NEGATION_AFTER
                && !self.broken(place.last, word)
        })
    }

    /// A negator follows a single word: "opgelost is het niet".
    pub fn denies_word(&self, place: Place) -> bool {
        place.first == place.last && self.negates_behind(place)
    }

    /// There is a negator in the clause that holds this byte of the folded text.
    pub fn denies_clause(&self, folded: &Folded<'_>, at: usize) -> bool {
        let clause = folded.words().get(folded.word_at(at)).map(|w| w.clause);
        clause.is_some_and(|clause| self.negators.binary_search_by_key(&clause, |n| n.1).is_ok())
    }

    /// It is wanted, asked or promised: "when will it be solved".
    pub fn wishes(&self, place: Place) -> bool {
        let below = self.wishes.partition_point(|&(word, _)| word < place.first);
        below
            .checked_sub(1)
            .and_then(|i| self.wishes.get(i))
            .is_some_and(|&(word, clause)| {
                clause == place.clause && place.first - word <= WISH_WORDS
            })
    }

    /// A complaint's cue follows soon: "thanks for the endless queue".
    pub fn complains_behind(&self, place: Place) -> bool {
        let above = self
            .complaints
            .partition_point(|&(word, _)| word <= place.last);
        self.complaints.get(above).is_some_and(|&(word, clause)| {
            clause == place.clause
                && word - place.last <= THANKS_WORDS
                && !self.broken(place.last, word)
        })
    }

    /// Its clause, up to a conjunction, is of another time.
    pub fn past(&self, place: Place) -> bool {
        let near = self
            .pasts
            .partition_point(|&(_, clause)| clause < place.clause);
        self.pasts.get(near).is_some_and(|&(word, clause)| {
            let (from, to) = (word.min(place.first), word.max(place.first));
            clause == place.clause && !self.broken(from, to)
        })
    }

    fn broken(&self, from: usize, to: usize) -> bool {
        let next = self.breaks.partition_point(|&b| b <= from);
        self.breaks.get(next).is_some_and(|&b| b < to)
    }
}

/// Where a hit stands among the words.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    first: usize,
    last: usize,
    clause: u32,
    /// Words before it in its clause.
    pub in_clause: usize,
}

impl Place {
    pub fn of(hit: &Hit, folded: &Folded<'_>) -> Self {
        let words = folded.words();
        let first = folded.word_at(hit.start);
        let last = folded.word_at(hit.end.saturating_sub(1)).max(first);
        let clause = words.get(first).map_or(u32::MAX, |w| w.clause);
        // Only the first few words of a clause are of interest, so looking back is bounded.
        let in_clause = (1..=OPENER_WORDS)
            .take_while(|&back| {
                first
                    .checked_sub(back)
                    .and_then(|i| words.get(i))
                    .is_some_and(|w| w.clause == clause)
            })
            .count();
        Self {
            first,
            last,
            clause,
            in_clause,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cues::Intent;
    use crate::tests::signals;

    fn complaint(text: &str) -> f64 {
        signals(text).intent(Intent::Complaint).sum
    }

    #[test]
    fn a_negator_turns_its_clause_only() {
        assert!(complaint("Dat is niet fijn") > 0.0);
        assert_eq!(complaint("Nee, niet vandaag. Fijn!"), 0.0);
        assert_eq!(complaint("Niet duur en fijn"), 0.0);
        assert_eq!(complaint("This is not a complaint"), 0.0);
        assert!(complaint("This is a complaint") > 0.0);
    }

    #[test]
    fn a_negator_may_follow_a_verb() {
        assert!(complaint("De knop reageert bij mij niet") > 0.0);
        assert_eq!(complaint("De knop reageert. Niet gedacht"), 0.0);
        assert_eq!(complaint("Hij reageert maar ik snap het niet"), 0.0);
    }

    #[test]
    fn a_phrase_is_negated_from_close_by_only() {
        assert!(complaint("without power and nobody picks up") >= 1.6);
        assert_eq!(complaint("geen lekker dan"), 0.0);
    }
}

//! Whether letters that stand one behind the other are a name: which letters are another's, what
//! stands between them, and what stands around.
//!
//! Between the words of a name anything short may stand that does not end a clause; within a word
//! only signs, unless its letters are all apart. Around it there must be no other letters, or an
//! ending or another word of a compound (`compound`). Short names are words of their own.

use crate::compound;
use crate::letters::{DRAWN_OUT, Unit, stands_for};
use crate::names::{Around, Name, Spelled};

/// Up to so many letters a name is short: nearly everything is a part of some word.
const SHORT: usize = 3;
/// From so many letters a name is told by its letters, however they are put.
const LONG: usize = 6;
/// The same, for words written apart where the name has none.
const LONG_APART: usize = 8;
/// The same, for a single word inside another.
const LONG_WORD: usize = 9;
/// Shortest word at the end of a name behind which anything may be joined.
const LONG_END: usize = 5;
/// Most characters between two letters of a name.
const MAX_GAP: usize = 24;
/// Longest ending that is looked at, in units.
const MAX_ENDING: usize = 32;

/// What stands between two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    /// Signs without white space.
    Sign,
    Space,
    /// The end of a sentence.
    Sentence,
    /// A comma and the like.
    Clause,
    Far,
}

/// Where the letters of a name stand in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'t> {
    /// Folded.
    pub(crate) text: &'t str,
    pub(crate) letters: &'t [Unit],
    pub(crate) first: usize,
}

impl Place<'_> {
    /// The range of the folded text, if this is the name.
    pub(crate) fn holds(
        &self,
        name: &Name,
        spelled: &Spelled,
        around: Around,
    ) -> Option<(usize, usize)> {
        let count = spelled.units.len();
        let own = self.letters.get(self.first..self.first + count)?;
        let (head, tail) = (own.first()?, own.last()?);
        if head.part != 0 || !tail.last {
            return None;
        }
        let same_letters = self.is_written(own, spelled);
        let gaps: Vec<Gap> = own
            .windows(2)
            .map(|two| self.gap(&two[0], &two[1]))
            .collect();
        let found = same_letters
            && self.is_joined(own, spelled, &gaps, around)
            && (name.leading || self.begins(head, spelled, &gaps, around))
            && (name.trailing || self.ends(tail, spelled, &gaps, around));
        found.then_some((head.start, tail.end))
    }

    /// The letters are those of the name, few enough of them by their looks alone.
    fn is_written(&self, own: &[Unit], spelled: &Spelled) -> bool {
        let length = spelled.units.len();
        let (mut same, mut others) = (0, 0);
        let mut previous = None;
        for ((text, name), word) in own.iter().zip(&spelled.units).zip(&spelled.words) {
            let first = previous != Some(word);
            previous = Some(word);
            if text.count != name.count && text.count < DRAWN_OUT {
                return false;
            }
            if text.own == name.own && text.part == name.part {
                same += 1;
            } else if stands_for(text, name, first, length >= LONG)
                && (length > SHORT || text.own.is_ascii_digit())
            {
                others += 1;
            } else {
                return false;
            }
        }
        others == 0 || (same >= 2 && others <= same)
    }

    /// What stands between the letters may stand there.
    fn is_joined(&self, own: &[Unit], spelled: &Spelled, gaps: &[Gap], around: Around) -> bool {
        let length = own.len();
        let words = &spelled.words;
        for (index, gap) in gaps.iter().enumerate() {
            let fine = match (gap, words[index] != words[index + 1]) {
                (Gap::Nothing, _) => true,
                (Gap::Far, _) => false,
                _ if length <= SHORT && spelled.words.first() != spelled.words.last() => {
                    self.is_short_name(own, spelled, index, *gap)
                }
                (Gap::Sign | Gap::Space, true) => true,
                (Gap::Sentence | Gap::Clause, true) => {
                    around == Around::Compound && self.goes_on_as_name(own, spelled, index, *gap)
                }
                (Gap::Sign, false) if length >= LONG => true,
                (Gap::Space, false) if length >= LONG_APART && around == Around::Compound => true,
                (_, false) => self.is_spelled_out(own, spelled, gaps, index),
            };
            if !fine {
                return false;
            }
        }
        true
    }

    /// A short name of letters and digits, such as `X9`, with one character between: capitals must
    /// be right, and no number stands before (`10 x 9`).
    fn is_short_name(&self, own: &[Unit], spelled: &Spelled, index: usize, gap: Gap) -> bool {
        let capitals = own
            .iter()
            .zip(&spelled.units)
            .all(|(t, n)| t.upper == n.upper);
        let between = self.text.get(own[index].end..own[index + 1].start);
        let before = self
            .first
            .checked_sub(1)
            .and_then(|at| self.letters.get(at));
        capitals
            && matches!(gap, Gap::Sign | Gap::Space)
            && spelled.words[index] != spelled.words[index + 1]
            && between.is_some_and(|b| b.chars().count() == 1)
            && !before.is_some_and(|b| b.own.is_ascii_digit())
    }

    /// All letters of the word stand apart, and no other such letter beside a short name.
    fn is_spelled_out(&self, own: &[Unit], spelled: &Spelled, gaps: &[Gap], index: usize) -> bool {
        let words = &spelled.words;
        let word = words[index];
        let apart = (0..gaps.len())
            .filter(|&i| words[i] == word && words[i + 1] == word)
            .all(|i| gaps[i] != Gap::Nothing || own[i].start == own[i + 1].start);
        let alone =
            own.len() >= LONG || !(self.stands_alone(-1) || self.stands_alone(own.len() as isize));
        apart && own.len() >= SHORT && alone
    }

    /// The letter at this distance from the first stands alone: nothing beside it on either side.
    fn stands_alone(&self, distance: isize) -> bool {
        let Some(at) = self.first.checked_add_signed(distance) else {
            return false;
        };
        let Some(unit) = self.letters.get(at) else {
            return false;
        };
        let before = at.checked_sub(1).and_then(|b| self.letters.get(b));
        before.is_none_or(|b| b.end < unit.start)
            && self.letters.get(at + 1).is_none_or(|n| unit.end < n.start)
            && unit.own.is_alphabetic()
    }

    /// Behind a full stop or a comma the name goes on and no other sentence begins: nothing of the
    /// same clause follows, or capitals tell.
    fn goes_on_as_name(&self, own: &[Unit], spelled: &Spelled, index: usize, gap: Gap) -> bool {
        let end = own.last().map_or(0, |u| u.end);
        let mut rest = self.text.get(end..).unwrap_or_default().chars();
        let followed = rest.next() == Some(' ') && rest.next().is_some_and(char::is_alphanumeric);
        let capital = own[index + 1].upper && spelled.units[index + 1].upper;
        !followed || (gap == Gap::Clause && capital)
    }

    fn gap(&self, before: &Unit, behind: &Unit) -> Gap {
        if before.end >= behind.start {
            return Gap::Nothing;
        }
        let between = self.text.get(before.end..behind.start).unwrap_or_default();
        if between.chars().nth(MAX_GAP).is_some() {
            return Gap::Far;
        }
        if !between.contains(' ') {
            return Gap::Sign;
        }
        let ends = |marks: [&str; 3]| marks.iter().any(|mark| between.contains(mark));
        match between {
            _ if between.contains("..") => Gap::Space,
            _ if ends([". ", "! ", "? "]) => Gap::Sentence,
            _ if ends([", ", ": ", "; "]) => Gap::Clause,
            _ => Gap::Space,
        }
    }

    fn begins(&self, head: &Unit, spelled: &Spelled, gaps: &[Gap], around: Around) -> bool {
        let before = self
            .first
            .checked_sub(1)
            .and_then(|at| self.letters.get(at));
        let Some(before) = before.filter(|b| b.end == head.start) else {
            return true;
        };
        let short = spelled.units.len() <= SHORT;
        let seam = is_seam(before, head) && !(short && before.own.is_ascii_digit());
        let word = spelled
            .words
            .iter()
            .take_while(|&w| Some(w) == spelled.words.first());
        seam || (around == Around::Compound && is_one_word(spelled, gaps, word.count()))
    }

    fn ends(&self, tail: &Unit, spelled: &Spelled, gaps: &[Gap], around: Around) -> bool {
        if self.is_in_number(tail) {
            return false;
        }
        let from = self.first + spelled.units.len();
        let mut ending = String::new();
        let mut end = tail.end;
        for unit in self.letters.iter().skip(from).take(MAX_ENDING) {
            if unit.start != end {
                break;
            }
            if unit.part == 0 && !(ending.is_empty() && is_seam(tail, unit)) {
                ending.push(unit.own);
            } else if ending.is_empty() {
                // A capital or a number begins another word.
                return spelled.units.len() > SHORT || !unit.own.is_ascii_digit();
            }
            if unit.last {
                end = unit.end;
            }
        }
        if ending.is_empty() {
            return around == Around::Compound || !self.is_negated(tail);
        }
        let word = spelled.words.iter().rev();
        let word = word
            .take_while(|&w| Some(w) == spelled.words.last())
            .count();
        around == Around::Compound
            && (compound::is_ending(&ending, spelled.units.len() > SHORT)
                || is_one_word(spelled, gaps, word))
    }

    /// A number goes on behind its last digit (`10.5`).
    fn is_in_number(&self, tail: &Unit) -> bool {
        let mut rest = self.text.get(tail.end..).unwrap_or_default().chars();
        tail.own.is_ascii_digit()
            && rest.next().is_some_and(|c| matches!(c, '.' | ',' | ':'))
            && rest.next().is_some_and(|c| c.is_ascii_digit())
    }

    /// The `'t` of `don't` follows.
    fn is_negated(&self, tail: &Unit) -> bool {
        tail.own == 'n'
            && self
                .text
                .get(tail.end..)
                .is_some_and(|rest| rest.starts_with("'t"))
    }
}

/// Written as one word so long that whatever is joined to it makes a compound of it.
fn is_one_word(spelled: &Spelled, gaps: &[Gap], end_word: usize) -> bool {
    let together = gaps.iter().all(|gap| *gap == Gap::Nothing);
    let length = spelled.units.len();
    together && (length >= LONG_WORD || (spelled.parted && length > LONG)) && end_word >= LONG_END
}

/// Between these two letters of one word another begins: a capital behind a small letter, letters
/// and digits, or a script that has no spaces.
pub(crate) fn is_seam(before: &Unit, behind: &Unit) -> bool {
    let letters = [before.own, behind.own].map(|c| c.is_ascii_digit());
    let capital = behind.upper && !before.upper;
    capital || letters[0] != letters[1] || unspaced(before.own) || unspaced(behind.own)
}

/// Han, kana, Thai and Korean: a name has no spaces around it, or particles behind it.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{20000}'..='\u{2FFFF}')
}

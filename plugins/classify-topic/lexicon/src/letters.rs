//! A text as its letters and digits alone, to find names however they are spelled: each unit stands
//! for a class of characters that are written for one another (`0` for `o`, `rn` for `m`), and knows
//! its own character and where it stood.
//!
//! Source of the classes: the prototypes of Unicode Technical Standard #39 among ASCII letters and
//! digits, and the digits and signs that are commonly written for letters.

use crate::fold::Folded;
use crate::lookalike;

/// From so many equal characters a letter is drawn out.
pub(crate) const DRAWN_OUT: u32 = 3;

/// A letter or digit, or one of the two that it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// In lower case.
    pub(crate) own: char,
    /// Which of the looks of `own` this is: 0 but in the second half of `m` and the like.
    pub(crate) part: u8,
    /// Nothing of `own` follows.
    pub(crate) last: bool,
    /// Written as a capital.
    pub(crate) upper: bool,
    /// How many equal characters follow each other; 1 unless runs are counted.
    pub(crate) count: u32,
    /// In the folded text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Signs within a word may be letters (`$`, `|`).
    pub(crate) signs: bool,
    /// Equal characters in a row are one unit.
    pub(crate) runs: bool,
}

/// The units of a text and their classes.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    pub(crate) classes: String,
    pub(crate) units: Vec<Unit>,
    /// For each byte of `classes`: its unit.
    unit_at: Vec<u32>,
}

impl Letters {
    /// Reads a folded text; `shown` is what it was folded from and tells capitals.
    pub(crate) fn new(folded: &Folded<'_>, shown: &str, manner: Manner) -> Self {
        let mut letters = Self::default();
        let text = folded.text();
        let mut characters = text.char_indices().peekable();
        let mut previous = ' ';
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map_or(' ', |&(_, n)| n);
            let beside = previous.is_alphanumeric() || next.is_alphanumeric();
            let mut own = indicated(c).filter(|own| own.is_alphanumeric());
            let (mut count, mut end) = (1, at + c.len_utf8());
            if manner.signs && beside && own.is_none() {
                own = sign_letter(c);
                if c == '(' && characters.next_if(|&(_, n)| n == ')').is_some() {
                    (own, end) = (Some('0'), end + 1);
                }
            }
            let Some(own) = own else {
                previous = c;
                continue;
            };
            // A sign that is a letter has letters beside it.
            previous = 'a';
            while let Some((at, c)) = characters.next_if(|&(_, n)| manner.runs && n == c) {
                count += 1;
                end = at + c.len_utf8();
            }
            let upper = folded
                .starts
                .get(at)
                .and_then(|&s| shown.get(s as usize..)?.chars().next())
                .is_some_and(char::is_uppercase);
            letters.push(own, upper, count, at, end);
        }
        letters
    }

    /// The unit whose class begins at this byte of `classes`.
    pub(crate) fn unit_at(&self, byte: usize) -> Option<usize> {
        self.unit_at.get(byte).map(|&unit| unit as usize)
    }

    fn push(&mut self, own: char, upper: bool, count: u32, start: usize, end: usize) {
        let mut one = [0; 4];
        let looks = match class(own) {
            Some(looks) => looks,
            None => own.encode_utf8(&mut one),
        };
        let parts = looks.chars().count();
        for (part, look) in looks.chars().enumerate() {
            let unit = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
            self.units.push(Unit {
                own,
                part: u8::try_from(part).unwrap_or(u8::MAX),
                last: part + 1 == parts,
                upper,
                count,
                start,
                end,
            });
            self.classes.push(look);
            self.unit_at.resize(self.classes.len(), unit);
        }
    }
}

/// What the characters look like that are written for one another.
fn class(c: char) -> Option<&'static str> {
    Some(match c {
        '0' => "o",
        '1' | 'l' | '!' | '|' => "i",
        '2' => "z",
        '3' | '€' => "e",
        '4' | '@' => "a",
        '5' | '$' | '§' => "s",
        '6' | '9' => "g",
        '7' | '+' => "t",
        '8' => "b",
        'm' => "rn",
        'w' => "vv",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

/// A text has signs that may be letters.
pub(crate) fn has_letter_signs(text: &str) -> bool {
    text.contains("()") || text.chars().any(|c| sign_letter(c).is_some())
}

/// What a sign that may be a letter within a word is read as.
fn sign_letter(c: char) -> Option<char> {
    match c {
        _ if c.is_alphanumeric() => None,
        _ if c.is_ascii() => class(c).map(|_| c),
        '○' | '◯' | '⭕' => Some('o'),
        '×' | '✕' | '✖' | '✗' | '✘' | '❌' | '❎' => Some('x'),
        _ => class(c).map(|_| c).or_else(|| lookalike::latin(c)),
    }
}

/// The letter of a regional indicator, of which flags are made, and the Latin letter that a digit of
/// another script looks like; any other character itself.
fn indicated(c: char) -> Option<char> {
    match c {
        '\u{1F1E6}'..='\u{1F1FF}' => char::from_u32(u32::from(c) - 0x1F1E6 + u32::from('a')),
        '〇' => Some('o'),
        _ if !c.is_ascii() && c.is_numeric() => lookalike::latin(c).or(Some(c)),
        _ => Some(c),
    }
}

/// A character of the text may be written for one of a name, whose classes are the same.
pub(crate) fn stands_for(text: &Unit, name: &Unit, first: bool, long: bool) -> bool {
    match (text.own, name.own) {
        (t, n) if t.is_ascii_digit() && n.is_ascii_digit() => false,
        (t, n) if t.is_alphabetic() && n.is_ascii_digit() => {
            matches!((t, n), ('o', '0') | ('i' | 'l', '1'))
        }
        // A capital `I` and a small `l` look alike, a small `i` does not.
        ('i', 'l') => text.upper,
        ('l', 'i') => !text.upper && (name.upper || first),
        ('m' | 'r' | 'n', 'm' | 'r' | 'n') | ('w' | 'v', 'w' | 'v') => long,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str, signs: bool, runs: bool) -> String {
        let manner = Manner { signs, runs };
        Letters::new(&Folded::whole(text), text, manner).classes
    }

    #[test]
    fn only_letters_and_digits_are_left() {
        assert_eq!(
            classes("Mod3l-9, l|kE @u 🇳🇱", false, false),
            "rnodeigikeuni"
        );
        assert_eq!(classes("a$$ $ l|k!", true, false), "assiiki");
        assert_eq!(classes("zooon", false, true), "zon");
        assert_eq!(classes("b()× z०n ⭕ ()", true, false), "boxzon");
    }

    #[test]
    fn units_know_where_they_stood() {
        let text = "É.Mo";
        let folded = Folded::whole(text);
        let manner = Manner {
            signs: false,
            runs: false,
        };
        let letters = Letters::new(&folded, text, manner);
        let second = letters.units[letters.unit_at(2).unwrap()];
        assert_eq!(
            (second.own, second.part, second.last, second.upper),
            ('m', 1, true, true)
        );
        assert_eq!(&folded.text()[second.start..second.end], "m");
    }
}

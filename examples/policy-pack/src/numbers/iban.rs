//! Where IBANs stand in a text, with or without separators between their groups.
//!
//! A country's length decides where one ends; without it `NL91 ABNA 0417 1643 00 is` would not be
//! told from a longer one. Deliberately absent: what lies between the groups other than one space,
//! hyphen or full stop.

use super::check::passes_mod_97;
use super::{Kind, Number, goes_on, is_inside_word, is_separator};

/// Lengths of IBANs by country; of a country that is not here every length is tried.
const IBAN_LENGTHS: [(&str, usize); 19] = [
    ("NL", 18),
    ("AT", 20),
    ("BE", 16),
    ("CH", 21),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("IE", 22),
    ("IT", 27),
    ("LU", 20),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("SE", 24),
];
const IBAN_CHARS: std::ops::RangeInclusive<usize> = 15..=34;

/// Every IBAN, in order.
pub fn find(text: &str) -> Vec<Number> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + 4 <= bytes.len() {
        let begins = bytes[at..at + 2].iter().all(u8::is_ascii_alphabetic)
            && bytes[at + 2..at + 4].iter().all(u8::is_ascii_digit)
            && !is_inside_word(text, at);
        match begins.then(|| iban_end(text, at)).flatten() {
            Some(end) => {
                found.push(Number {
                    kind: Kind::Iban,
                    start: at,
                    end,
                });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Where the IBAN that begins here ends, if one does.
fn iban_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let country = text.get(start..start + 2)?.to_ascii_uppercase();
    let known = IBAN_LENGTHS.iter().find(|(code, _)| *code == country);
    let mut characters = String::new();
    let mut ends = Vec::new();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let next_is_word = bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
        if byte.is_ascii_alphanumeric() {
            characters.push(char::from(byte.to_ascii_uppercase()));
            at += 1;
            ends.push(at);
        } else if is_separator(byte) && next_is_word {
            at += 1;
        } else {
            break;
        }
        if characters.len() == *IBAN_CHARS.end() {
            break;
        }
    }
    let lengths = match known {
        Some((_, length)) => *length..=*length,
        None => IBAN_CHARS,
    };
    lengths
        .filter_map(|length| Some((characters.get(..length)?, *ends.get(length - 1)?)))
        .find(|(candidate, end)| !goes_on(text, *end) && passes_mod_97(candidate))
        .map(|(_, end)| end)
}

//! Numbers that belong to a person and pass their own check: bank accounts (IBAN), citizen service
//! numbers (BSN), payment cards, and energy connections (EAN code).
//!
//! A check digit is what keeps order numbers out: of numbers of the right length one in 97 passes as
//! an IBAN, one in 11 as a BSN, one in 10 as a card. Invariants: ranges are on character boundaries;
//! the time is in proportion to the length. Deliberately absent: whether the account or the card
//! exists; nobody is asked.

mod check;
mod iban;

use check::{passes_eleven, passes_gs1, passes_luhn};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Iban,
    Bsn,
    Card,
    Ean,
}

/// A number and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

const BSN_DIGITS: usize = 9;
const EAN_DIGITS: usize = 18;
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Every number in the text, in its order, none inside another.
pub fn find(text: &str) -> Vec<Number> {
    let ibans = iban::find(text);
    let mut found = ibans.clone();
    for (start, end) in digit_chains(text) {
        // The ranges are in their order: the first that ends behind the start is the only one to ask.
        let next = ibans.partition_point(|iban| iban.end <= start);
        if ibans.get(next).is_some_and(|iban| iban.start < end) {
            continue;
        }
        found.extend(in_chain(text, start, end));
    }
    found.sort_by_key(|n| n.start);
    found
}

/// Letters and digits of a range, in capitals.
pub fn compact(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.')
}

fn is_inside_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    before.is_some_and(char::is_alphanumeric)
}

fn goes_on(text: &str, at: usize) -> bool {
    let after = text.get(at..).and_then(|t| t.chars().next());
    after.is_some_and(char::is_alphanumeric)
}

/// Groups of digits with one separator between, as long as they go on.
fn digit_chains(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut chains = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at;
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii_digit() {
                at += 1;
                end = at;
            } else if is_separator(*byte) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                at += 1;
            } else {
                break;
            }
        }
        chains.push((start, end));
    }
    chains
}

/// The whole chain when it is a number; else those of its groups that are one by themselves.
fn in_chain(text: &str, start: usize, end: usize) -> Vec<Number> {
    // A telephone number in its international form has a group of nine digits after the country.
    let international = text.get(..start).is_some_and(|t| t.ends_with('+'));
    if international || is_inside_word(text, start) || goes_on(text, end) {
        return Vec::new();
    }
    let chain = text.get(start..end).unwrap_or_default();
    let whole: Vec<u8> = digits(chain);
    if let Some(kind) = kind(&whole) {
        return vec![Number { kind, start, end }];
    }
    let mut found = Vec::new();
    let mut at = start;
    for group in chain.split(|c: char| !c.is_ascii_digit()) {
        if let Some(kind) = kind(&digits(group)) {
            found.push(Number {
                kind,
                start: at,
                end: at + group.len(),
            });
        }
        at += group.len() + 1;
    }
    found
}

fn digits(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.map(|byte| byte - b'0').collect()
}

fn kind(digits: &[u8]) -> Option<Kind> {
    let first = digits.first()?;
    if digits.iter().all(|digit| digit == first) {
        return None;
    }
    match digits.len() {
        BSN_DIGITS if passes_eleven(digits) => Some(Kind::Bsn),
        // Dutch connections begin with the country's 871.
        EAN_DIGITS if digits.starts_with(&[8, 7, 1]) && passes_gs1(digits) => Some(Kind::Ean),
        n if CARD_DIGITS.contains(&n) && is_issuer(digits) && passes_luhn(digits) => {
            Some(Kind::Card)
        }
        _ => None,
    }
}

/// First digits that card schemes use.
fn is_issuer(digits: &[u8]) -> bool {
    let four = digits.iter().take(4).fold(0, |n, d| n * 10 + u32::from(*d));
    matches!(four, 2221..=2720 | 3400..=3499 | 3700..=3799 | 4000..=6999)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let numbers = find(text);
        numbers
            .iter()
            .map(|n| (n.kind, &text[n.start..n.end]))
            .collect()
    }

    #[test]
    fn ibans_pass_mod_97() {
        let spaced = "NL91 ABNA 0417 1643 00";
        assert_eq!(
            found(&format!("Maak over naar {spaced} is goed")),
            [(Kind::Iban, spaced)]
        );
        assert_eq!(found("nl91abna0417164300.").len(), 1);
        assert_eq!(found("BE68 5390 0754 7034!").len(), 1);
        assert_eq!(found("MT84MALT011000012345MTLCAST001S").len(), 1);
        for text in ["NL92 ABNA 0417 1643 00", "XNL91ABNA0417164300", "NL91"] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn citizens_pass_the_test_of_eleven() {
        assert_eq!(found("BSN 111222333"), [(Kind::Bsn, "111222333")]);
        assert_eq!(found("1112.22.333"), [(Kind::Bsn, "1112.22.333")]);
        assert_eq!(found("bestelling 111222334"), []);
        assert_eq!(found("bel +31 611122233 of +31 6 11122233"), []);
        assert_eq!(found("order-111222333x en 000000000"), []);
    }

    #[test]
    fn cards_pass_luhn() {
        let card = "4111 1111 1111 1111";
        assert_eq!(found(card), [(Kind::Card, card)]);
        assert_eq!(found("5500-0000-0000-0004").len(), 1);
        assert_eq!(found("4111 1111 1111 1112"), []);
        assert_eq!(found("op 12 4111111111111111").len(), 1);
        // An article number passes Luhn as well as any; no issuer has it.
        assert_eq!(found("9111111111111111"), []);
    }

    #[test]
    fn connections_pass_gs1() {
        let ean = "871687120000000004";
        assert_eq!(found(ean), [(Kind::Ean, ean)]);
        assert_eq!(found("871687120000000006"), []);
    }

    #[test]
    fn any_text_is_survived() {
        for text in [
            "",
            "é9",
            "9é",
            "NL",
            "NL9",
            "👍🏽12 3",
            "1-",
            "-1 ",
            "N\u{301}L91",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        let long = "NL91 ".repeat(13_000);
        assert_eq!(found(&long), []);
        assert_eq!(found(&"1 ".repeat(32_000)), []);
    }
}

//! Shouting: words in capitals, and exclamation marks in a row.
//!
//! Hashtags, handles, links, words with digits and the allowed abbreviations are left out. Part of
//! `tone-of-voice`.

use rapport_sdk::annotation::Evidence;

use crate::settings::ToneOfVoice;

/// Fewer letters than this are an abbreviation, not a shout.
const MIN_LETTERS: usize = 3;
/// A text of at least so many letters shouts when most of them are capitals in such words.
const SHORT_TEXT_LETTERS: usize = 8;

/// The shouted words and marks, in order; empty when nothing shouts.
pub fn find(settings: &ToneOfVoice, text: &str) -> Vec<Evidence> {
    let mut words = Vec::new();
    let (mut letters, mut shouted) = (0_usize, 0_usize);
    for (start, token) in tokens(text) {
        if token.starts_with(['#', '@']) || token.contains("://") || token.starts_with("www.") {
            continue;
        }
        for (offset, word) in split(token) {
            let count = word.chars().filter(|c| c.is_alphabetic()).count();
            letters += count;
            let capitals = count >= MIN_LETTERS
                && word.chars().all(char::is_uppercase)
                && !settings.allowed_capitals.iter().any(|a| a == word);
            if capitals {
                shouted += count;
                words.push(evidence(start + offset, word.len(), "capitals"));
            }
        }
    }
    let many = words.len() >= usize::try_from(settings.shouting_words.max(1)).unwrap_or(usize::MAX);
    let mostly = letters >= SHORT_TEXT_LETTERS && shouted * 10 >= letters * 6;
    if !(many || mostly) {
        words.clear();
    }
    words.extend(exclamations(text, settings.max_exclamation_marks));
    words.sort_by_key(|e| e.start);
    words
}

/// Parts between white space with their offsets.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr().addr();
    text.split_whitespace()
        .map(move |token| (token.as_ptr().addr() - base, token))
}

/// The words of a token: runs of letters and digits; those with digits are left out.
fn split(token: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = token.as_ptr().addr();
    token
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && w.chars().all(char::is_alphabetic))
        .map(move |word| (word.as_ptr().addr() - base, word))
}

/// Runs of more exclamation marks than are fine.
fn exclamations(text: &str, fine: u32) -> Vec<Evidence> {
    let fine = usize::try_from(fine).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut run: Option<(usize, usize, usize)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if matches!(c, '!' | '！' | '‼') {
            let (start, count, _) = run.unwrap_or((at, 0, at));
            run = Some((start, count + 1, at + c.len_utf8()));
        } else if let Some((start, count, end)) = run.take()
            && count > fine
        {
            found.push(evidence(start, end - start, "exclamation marks"));
        }
    }
    found
}

fn evidence(start: usize, length: usize, note: &str) -> Evidence {
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Evidence {
        start: clip(start),
        end: clip(start + length),
        note: note.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shouted(text: &str) -> Vec<String> {
        find(&ToneOfVoice::default(), text)
            .iter()
            .map(|e| text[e.start as usize..e.end as usize].to_owned())
            .collect()
    }

    #[test]
    fn three_words_or_most_of_a_short_text() {
        assert_eq!(shouted("Dat is ECHT NIET WAAR"), ["ECHT", "NIET", "WAAR"]);
        assert_eq!(shouted("HOU DAAR mee op"), Vec::<String>::new());
        assert_eq!(shouted("LUISTER EENS"), ["LUISTER", "EENS"]);
        assert_eq!(shouted("ÉÉN KEER NOG en é"), ["ÉÉN", "KEER", "NOG"]);
    }

    #[test]
    fn abbreviations_tags_and_codes_are_fine() {
        assert_eq!(
            shouted("BTW, IBAN en KVK staan op de PDF"),
            Vec::<String>::new()
        );
        assert_eq!(
            shouted("#GEEN #STROOM #HIER @KLANT zie HTTPS://X.TEST/ABC RQ12 A-B OK"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn more_than_two_exclamation_marks() {
        assert_eq!(shouted("Fijn!! Top!!! Ja"), ["!!!"]);
        assert_eq!(shouted("Ja!!!!"), ["!!!!"]);
    }
}

//! What an inbox listens for, for connectors whose network has no search of its own: words and quoted
//! phrases, all of which a text must have, found however they are written.
//!
//! A word matches as a whole word at the boundaries of Unicode (UAX 29), except that every sign ends a
//! word too: `zilt` is in `Zilt's`, `ex-Zilt`, `zilt.com`, `drama.Zilt` and `@zilt_webcare`, not in
//! `geziltheid`. Scripts without spaces (Han, kana, Thai) have no boundaries to ask for, and Korean
//! particles may follow. Spellings are levelled by [`fold`]: case, accents, width, ligatures, invisible
//! characters. Between the words of a phrase there is any white space or hyphen. Signs in a term count
//! (`C++`, `AT&T`, `d'Or`), but not `#` and `@` before it or punctuation around it. A hashtag or a handle has
//! no spaces, so there a phrase is found in one word or with `_` (`#LegeAccu`, `@lege_accu`).
//! An emoji or another picture matches itself, wherever it stands.
//!
//! Deliberately absent: alternatives, exclusion, stems (`Zilts`), words within a hashtag (`#ZiltNL`).

use crate::channel::Monitor;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

mod fold;

pub use fold::fold;

/// Longest query looked at, in bytes (the contract's limit).
const QUERY_MAX_BYTES: usize = 256;
/// Signs that say nothing at the end of a term, nor at its beginning.
const PUNCTUATION: &[char] = &[
    ' ', ',', ';', ':', '!', '?', '.', '"', '\'', '(', ')', '[', ']', '{', '}', '<', '>', '«', '»',
    '“', '”', '„', '‹', '›', '/', '\\', '|', '_', '~', '*', '=', '¿', '¡', '。', '、', '「', '」',
];

/// A monitor's query, ready to be compared. One without any word or emoji matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The monitor's id.
    pub id: String,
    /// Folded, without what says nothing.
    terms: Vec<String>,
}

impl Query {
    /// Reads a query: words, and phrases between quotation marks of any kind. What is beyond 256 bytes
    /// is not looked at.
    pub fn parse(monitor: &Monitor) -> Self {
        let mut end = monitor.query.len().min(QUERY_MAX_BYTES);
        while !monitor.query.is_char_boundary(end) {
            end -= 1;
        }
        let query = monitor.query[..end].replace(['“', '”', '„', '«', '»', '＂'], "\"");
        let mut terms = Vec::new();
        // Every other piece is between quotation marks.
        for (index, piece) in query.split('"').enumerate() {
            if index % 2 == 1 {
                terms.push(term(piece));
            } else {
                terms.extend(piece.split_whitespace().map(term));
            }
        }
        terms.retain(|term| term.contains(|c| is_word(c) || is_picture(c)));
        Self {
            id: monitor.id.clone(),
            terms,
        }
    }

    /// Whether no text can match: there is neither a letter, a digit nor an emoji (`!!!`). The admin
    /// should be told.
    pub fn matches_nothing(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the text has all the terms.
    pub fn matches(&self, text: &Haystack) -> bool {
        let stands = |term: &String| has(&text.0, term) || is_tagged(&text.0, term);
        !self.terms.is_empty() && self.terms.iter().all(stands)
    }
}

/// A text, folded once to be compared with many queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Haystack(String);

impl Haystack {
    /// Of the parts of a message (title, content, tags). No phrase goes from one into the next.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let parts: Vec<String> = parts.into_iter().map(fold).collect();
        Self(parts.join("\n"))
    }
}

/// A term without what says nothing around it; `.NET` keeps its full stop.
fn term(source: &str) -> String {
    let folded = fold(source);
    let ended = folded.trim_end_matches(PUNCTUATION);
    let begun = ended.trim_start_matches(|c| matches!(c, '#' | '@') || PUNCTUATION.contains(&c));
    let stop = ended.len() - begun.len();
    let stop = if ended[..stop].ends_with('.') {
        stop - 1
    } else {
        stop
    };
    ended[stop..].to_owned()
}

/// Whether a phrase is one of the text's hashtags or handles, where it has no spaces.
fn is_tagged(text: &str, phrase: &str) -> bool {
    let phrase = || phrase.chars().filter(|c| *c != ' ');
    let is_phrase = |tag: &str| {
        let ends = |c: char| !(is_word(c) || c == '_');
        let tag = tag.split(ends).next().unwrap_or_default();
        tag.chars().filter(|c| *c != '_').eq(phrase())
    };
    phrase().next().is_some() && text.split(['#', '@']).skip(1).any(is_phrase)
}

fn has(text: &str, term: &str) -> bool {
    let (first, last) = (term.chars().next(), term.chars().next_back());
    let bound_before = first.is_some_and(is_word);
    let bound_behind = last.is_some_and(|c| is_word(c) && !is_hangul(c));
    let mut from = 0;
    while let Some(at) = text[from..].find(term) {
        let (start, end) = (from + at, from + at + term.len());
        if (!bound_before || is_boundary(text, start)) && (!bound_behind || is_boundary(text, end))
        {
            return true;
        }
        from = start + first.map_or(1, char::len_utf8);
    }
    false
}

/// Whether a word may end or begin at `at`.
fn is_boundary(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let (Some(a), Some(b)) = (before, text[at..].chars().next()) else {
        return true;
    };
    // UAX 29 joins words at `_`, `.`, `'` and `:`, which addresses, handles and typing errors have.
    if !is_word(a) || !is_word(b) || is_hangul(a) != is_hangul(b) {
        return true;
    }
    // Between two such characters the rules look at no others, except past marks.
    let mut bases = text[..at].char_indices().rev();
    let base = bases.find(|(_, c)| !is_combining_mark(*c));
    let start = base.map_or(0, |(index, _)| index);
    let around = &text[start..at + b.len_utf8()];
    let mut bounds = around.split_word_bound_indices();
    bounds.any(|(index, _)| start + index == at)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// An emoji or another sign that is a picture: arrows, technical and geometric signs, dingbats, flags.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// A syllable of Korean, whose particles stand behind a name without a space.
fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}')
}

#[cfg(test)]
mod tests;

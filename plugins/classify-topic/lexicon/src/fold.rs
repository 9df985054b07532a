//! A text made easy to compare, the canonical form for every rule on words: lower case, diacritics
//! removed (`één` is `een`), styled letters made plain (fullwidth, mathematical), look-alikes of
//! other scripts put back (`lookalike`), curly apostrophes straight, white space collapsed, invisible
//! characters dropped, links and handles taken out.
//!
//! Invariant: every byte of the folded text knows the character of the original that it came from,
//! so [`Folded::origin`] always answers with character boundaries. Folding uses the decompositions
//! of Unicode Standard Annex #15.

use unicode_normalization::char::{decompose_canonical, decompose_compatible, is_combining_mark};

use crate::lookalike;

/// Stands in the folded text where a link or a handle stood, so that no phrase spans it.
const OBJECT: char = '\u{FFFC}';

/// Most characters that one character becomes; a few ligatures would become 18.
const MAX_DECOMPOSED: usize = 4;

/// A word of the folded text: letters and digits, with apostrophes inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// First byte in the folded text.
    pub start: usize,
    /// Behind the last byte in the folded text.
    pub end: usize,
    /// Words between the same two marks of punctuation have the same number.
    pub clause: u32,
}

/// A text, folded. Takes about six times the memory of the original.
#[derive(Debug, Clone)]
pub struct Folded<'a> {
    original: &'a str,
    pub(crate) text: String,
    /// For each byte of `text`: where its character starts in `original`.
    pub(crate) starts: Vec<u32>,
    /// Where a clause ends, in `original`.
    breaks: Vec<u32>,
    words: Vec<Word>,
    links: u32,
    handles: u32,
}

impl<'a> Folded<'a> {
    /// Folds a text in time proportional to its length.
    pub fn new(original: &'a str) -> Self {
        Self::read(original, false, false)
    }

    /// The same with links and handles as text.
    pub fn whole(original: &'a str) -> Self {
        Self::read(original, true, false)
    }

    /// The same as it reads in a Latin text.
    pub(crate) fn among_latin(original: &'a str) -> Self {
        Self::read(original, true, true)
    }

    fn read(original: &'a str, whole: bool, among_latin: bool) -> Self {
        let mut folded = Self {
            original,
            text: String::with_capacity(original.len()),
            starts: Vec::with_capacity(original.len()),
            breaks: Vec::new(),
            words: Vec::new(),
            links: 0,
            handles: 0,
        };
        folded.fill(whole, among_latin);
        folded.split_words();
        folded
    }

    /// The same text read otherwise: each byte of `text` came from the character at that place of
    /// the original, in ascending order.
    pub(crate) fn reread(&self, text: String, starts: Vec<u32>) -> Self {
        let mut folded = Self {
            text,
            starts,
            breaks: self.breaks.clone(),
            words: Vec::new(),
            ..*self
        };
        folded.split_words();
        folded
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words in their order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// How many links were taken out.
    pub fn links(&self) -> u32 {
        self.links
    }

    /// How many handles (`@name`) were taken out.
    pub fn handles(&self) -> u32 {
        self.handles
    }

    /// A word's text.
    pub fn word(&self, word: Word) -> &str {
        self.text.get(word.start..word.end).unwrap_or_default()
    }

    /// Number of the first word that ends behind this byte of the folded text.
    pub fn word_at(&self, byte: usize) -> usize {
        self.words.partition_point(|word| word.end <= byte)
    }

    /// The range of the original that a range of the folded text came from. Out of range answers
    /// the end of the text.
    pub fn origin(&self, start: usize, end: usize) -> (u32, u32) {
        let length = self.original.len();
        let from = self.starts.get(start).map_or(length, |&s| s as usize);
        let last = end
            .checked_sub(1)
            .and_then(|e| self.starts.get(e))
            .map_or(length, |&s| s as usize);
        let width = self
            .original
            .get(last..)
            .and_then(|t| t.chars().next())
            .map_or(0, char::len_utf8);
        (to_u32(from), to_u32((last + width).max(from)))
    }

    fn push(&mut self, c: char, origin: usize) {
        self.text.push(c);
        self.starts.resize(self.text.len(), to_u32(origin));
    }

    /// Fills `text`, `starts` and `breaks`.
    fn fill(&mut self, whole: bool, among_latin: bool) {
        let original = self.original;
        let mostly_latin = among_latin || original.is_ascii() || lookalike::mostly_latin(original);
        // Where the run of letters begins, the end of that which was looked at last, and whether
        // it holds look-alikes.
        let (mut run_start, mut run_end, mut disguised) = (0, 0, false);
        let mut previous = ' ';
        let mut at = 0;
        while let Some(c) = original.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = original.get(at..).unwrap_or_default();
            let taken = if whole || previous.is_alphanumeric() {
                0
            } else {
                object_len(rest)
            };
            if taken > 0 {
                if c == '@' {
                    self.handles += 1
                } else {
                    self.links += 1
                }
                self.push(OBJECT, at);
                previous = OBJECT;
                at += taken;
                continue;
            }
            if c.is_whitespace() {
                let space = rest.len() - rest.trim_start().len();
                let lines = rest.get(..space).map_or(0, |s| s.matches('\n').count());
                if lines > 1 {
                    self.breaks.push(to_u32(at));
                }
                self.push(' ', at);
                previous = ' ';
                at += space;
                continue;
            }
            if matches!(
                c,
                '.' | ',' | '!' | '?' | ';' | ':' | '(' | ')' | '…' | '？' | '！'
            ) {
                self.breaks.push(to_u32(at));
            }
            if !previous.is_alphabetic() && at >= run_end {
                run_start = at;
            }
            if !c.is_ascii() && at >= run_end {
                let run = lookalike::letters(original.get(run_start..).unwrap_or_default());
                run_end = (run_start + run.len()).max(at + c.len_utf8());
                disguised = lookalike::is_disguised(run, mostly_latin);
            }
            self.push_folded(c, at, disguised);
            previous = c;
            at += c.len_utf8();
        }
    }

    fn push_folded(&mut self, c: char, at: usize, disguised: bool) {
        if c.is_ascii() {
            if !c.is_ascii_control() {
                self.push(c.to_ascii_lowercase(), at);
            }
            return;
        }
        if is_invisible(c) {
            return;
        }
        if matches!(c, '’' | '‘' | '´' | 'ʼ') {
            return self.push('\'', at);
        }
        let mut room = MAX_DECOMPOSED;
        let emit = |d: char| {
            let latin = if disguised { lookalike::latin(d) } else { None };
            for l in latin
                .unwrap_or(d)
                .to_lowercase()
                .filter(|l| !is_combining_mark(*l))
                .take(room)
            {
                room -= 1;
                self.push(l, at);
            }
        };
        // Symbols stay as they are: `™` must not become letters.
        if c.is_alphanumeric() || ('\u{FF00}'..='\u{FFEF}').contains(&c) {
            decompose_compatible(c, emit);
        } else {
            decompose_canonical(c, emit);
        }
    }

    fn split_words(&mut self) {
        let mut words: Vec<Word> = Vec::new();
        let mut begin: Option<usize> = None;
        let mut clause = 0;
        let mut breaks = self.breaks.iter().copied().peekable();
        let mut characters = self.text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|&(_, n)| n);
            let inside = c.is_alphanumeric()
                || (c == '\'' && begin.is_some() && next.is_some_and(char::is_alphanumeric));
            match (inside, begin) {
                (true, None) => begin = Some(at),
                (false, Some(start)) => {
                    words.push(Word {
                        start,
                        end: at,
                        clause,
                    });
                    begin = None;
                }
                _ => {}
            }
            let origin = self.starts.get(at).copied().unwrap_or(u32::MAX);
            while breaks.next_if(|&b| b <= origin).is_some() {
                clause += 1;
            }
        }
        if let Some(start) = begin {
            words.push(Word {
                start,
                end: self.text.len(),
                clause,
            });
        }
        self.words = words;
    }
}

/// Length of the link or handle that a text begins with; 0 when there is none.
fn object_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        // A name must follow at once: a row of `@` is then passed in one step each.
        Some(b'@')
            if text
                .chars()
                .nth(1)
                .is_some_and(|c| c.is_alphanumeric() || c == '_') =>
        {
            let end = text
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')))
                .unwrap_or(text.len());
            let length = text
                .get(..end)
                .map_or(0, |t| t.trim_end_matches(['.', '-', '@']).len());
            if length > 1 { length } else { 0 }
        }
        _ => link_len(text),
    }
}

/// Length of the link that a text begins with; 0 when there is none.
pub(crate) fn link_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let begins = |prefix: &str| {
        bytes
            .get(..prefix.len())
            .is_some_and(|b| b.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if !(begins("http://") || begins("https://") || begins("www.")) {
        return 0;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
        .unwrap_or(text.len());
    text.get(..end).map_or(0, |t| {
        t.trim_end_matches(['.', ',', '!', '?', ')', ';', ':'])
            .len()
    })
}

/// Marks, controls, and what is not shown (soft hyphen, zero width, fillers, direction).
pub fn is_invisible(c: char) -> bool {
    is_combining_mark(c) || c.is_control() || lookalike::is_ignorable(c)
}

pub(crate) fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

//! A text as words in clauses and sentences.
//!
//! Invariant: every word knows its clause and its sentence, worked out in one pass, so that no rule
//! has to look for them. Punctuation is read in the original, where line ends still are.

use std::ops::Range;

use rapport_lexicon::{Folded, Word};

/// Longest quotation, in bytes; beyond it a mark was no quotation mark.
const MAX_QUOTE_BYTES: usize = 200;
/// Words before a full stop that does not end a sentence.
const ABBREVIATIONS: [&str; 16] = [
    "dhr", "mevr", "mw", "mr", "mrs", "ms", "dr", "drs", "ir", "st", "nr", "fam", "bijv", "incl",
    "tel", "prof",
];

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Nothing,
    Clause,
    Sentence,
}

#[derive(Debug, Clone)]
struct Token {
    word: Word,
    /// In the original.
    start: u32,
    end: u32,
    clause: Range<usize>,
    sentence: Range<usize>,
}

/// The words of a folded text.
#[derive(Debug)]
pub struct Reading<'f, 'a> {
    folded: &'f Folded<'a>,
    original: &'a str,
    tokens: Vec<Token>,
    /// Quotations in the original, in their order.
    quotes: Vec<Range<u32>>,
}

impl<'f, 'a> Reading<'f, 'a> {
    /// Reads a text in time proportional to its length.
    pub fn new(folded: &'f Folded<'a>, original: &'a str) -> Self {
        let mut tokens: Vec<Token> = Vec::with_capacity(folded.words().len());
        let (mut clause, mut sentence) = (0, 0);
        for (index, &word) in folded.words().iter().enumerate() {
            let (start, end) = folded.origin(word.start, word.end);
            let before = tokens.last().map_or(0, |t| t.end);
            let between = original.get(before as usize..start as usize);
            let last = tokens.last().map_or("", |t| folded.word(t.word));
            let gap = gap(last, between.unwrap_or_default());
            if gap >= Gap::Clause {
                tokens[clause..]
                    .iter_mut()
                    .for_each(|t| t.clause.end = index);
                clause = index;
            }
            if gap == Gap::Sentence {
                tokens[sentence..]
                    .iter_mut()
                    .for_each(|t| t.sentence.end = index);
                sentence = index;
            }
            let (clause, sentence) = (clause..index + 1, sentence..index + 1);
            tokens.push(Token {
                word,
                start,
                end,
                clause,
                sentence,
            });
        }
        let count = tokens.len();
        tokens[clause..]
            .iter_mut()
            .for_each(|t| t.clause.end = count);
        tokens[sentence..]
            .iter_mut()
            .for_each(|t| t.sentence.end = count);
        Self {
            folded,
            original,
            tokens,
            quotes: quotes(original),
        }
    }

    /// The numbers of the words that a range of the folded text covers; none for a sign.
    pub fn words_of(&self, start: usize, end: usize) -> Range<usize> {
        let first = self.folded.word_at(start);
        let last = self.folded.words().partition_point(|w| w.start < end);
        first..last.max(first)
    }

    /// The numbers of the words that a range of the original covers.
    pub fn words_at(&self, start: u32, end: u32) -> Range<usize> {
        let first = self.tokens.partition_point(|t| t.end <= start);
        let last = self.tokens.partition_point(|t| t.start < end);
        first..last.max(first)
    }

    /// A word's text; empty out of range.
    pub fn word(&self, index: usize) -> &str {
        self.tokens
            .get(index)
            .map_or("", |t| self.folded.word(t.word))
    }

    /// The word before another, in the same clause; empty when there is none.
    pub fn before(&self, index: usize) -> &str {
        if index > self.clause(index).start {
            self.word(index - 1)
        } else {
            ""
        }
    }

    pub fn clause(&self, index: usize) -> Range<usize> {
        self.tokens
            .get(index)
            .map_or(index..index, |t| t.clause.clone())
    }

    pub fn sentence(&self, index: usize) -> Range<usize> {
        self.tokens
            .get(index)
            .map_or(index..index, |t| t.sentence.clone())
    }

    /// The mark that ends the sentence of a word; a space at the end of a line, `.` at that of the text.
    pub fn end_mark(&self, index: usize) -> char {
        let end = self.sentence(index).end;
        let from = end
            .checked_sub(1)
            .and_then(|l| self.tokens.get(l))
            .map_or(0, |t| t.end);
        let to = self
            .tokens
            .get(end)
            .map_or(self.original.len(), |t| t.start as usize);
        let gap = self.original.get(from as usize..to).unwrap_or_default();
        let last = if end == self.tokens.len() { '.' } else { ' ' };
        gap.chars()
            .find(|c| matches!(c, '.' | '!' | '?' | '\n'))
            .map_or(last, |c| if c == '\n' { ' ' } else { c })
    }

    /// Begins with a capital and goes on in small letters.
    pub fn is_capitalised(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index) else {
            return false;
        };
        let word = self.original.get(token.start as usize..token.end as usize);
        let mut letters = word.unwrap_or_default().chars();
        letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
    }

    /// Lies in quotation marks.
    pub fn is_quoted(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index) else {
            return false;
        };
        let at = self.quotes.partition_point(|q| q.end < token.end);
        self.quotes
            .get(at)
            .is_some_and(|q| q.start <= token.start && token.end <= q.end)
    }
}

fn gap(last: &str, between: &str) -> Gap {
    let ends = |c: char| matches!(c, '!' | '?' | '…' | '\n' | '！' | '？' | '。');
    let stop = between.contains('.') && between != "." && !ABBREVIATIONS.contains(&last);
    if stop || between.contains(ends) {
        return Gap::Sentence;
    }
    let parts = |c: char| matches!(c, ',' | ';' | ':' | '(' | ')' | '—' | '–' | '/' | '•');
    if between.contains(parts) || between.contains(" - ") {
        Gap::Clause
    } else {
        Gap::Nothing
    }
}

/// What stands in quotation marks: `"…"`, `“…”`, `„…”`, `«…»`, `'…'`.
pub fn quotes(text: &str) -> Vec<Range<u32>> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    let mut previous = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |&(_, n)| n);
        let single = matches!(c, '\'' | '‘' | '’');
        let opens = match c {
            '“' | '„' | '«' | '"' => true,
            _ => single && !previous.is_alphanumeric() && next.is_alphanumeric(),
        };
        let closes = match c {
            '”' | '“' | '»' | '"' => true,
            _ => single && !previous.is_whitespace() && !next.is_alphanumeric(),
        };
        match open {
            Some(start) if closes => {
                if at - start <= MAX_QUOTE_BYTES {
                    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    found.push(clip(start)..clip(at));
                }
                open = None;
            }
            None if opens => open = Some(at),
            _ if c == '\n' => open = None,
            _ => {}
        }
        previous = c;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, ask: impl FnOnce(&Reading<'_, '_>) -> T) -> T {
        ask(&Reading::new(&Folded::new(text), text))
    }

    #[test]
    fn words_know_clause_and_sentence() {
        with("Hallo dhr. Wit, dat kan. Nu\nmeteen!", |r| {
            assert_eq!((r.clause(0), r.sentence(0)), (0..3, 0..5));
            assert_eq!(
                (r.clause(4), r.sentence(5), r.sentence(6)),
                (3..5, 5..6, 6..7)
            );
            assert_eq!((r.before(4), r.before(3)), ("dat", ""));
            assert_eq!(
                [r.end_mark(0), r.end_mark(5), r.end_mark(6)],
                ['.', ' ', '!']
            );
            assert!(r.is_capitalised(0) && !r.is_capitalised(4));
        });
    }

    #[test]
    fn quotations_are_known() {
        with("Een \"idioot\" zei 'dag' zo'n 5' lang", |r| {
            let quoted: Vec<bool> = (0..7).map(|i| r.is_quoted(i)).collect();
            assert_eq!(quoted, [false, true, false, true, false, false, false]);
        });
    }
}

//! The words that are recognised in disguise, and whether a row of characters stands for one.
//!
//! See `disguise` for what is looked at. A word is looked up by the letters that its first character
//! may be, so time depends on the words with one first letter, not on all.

use crate::fold::Folded;

/// Longest token that is looked at, in characters.
pub const MAX_TOKEN: usize = 48;
/// Shortest word that can be disguised, in letters.
const MIN_WORD: usize = 3;
/// From so many equal characters a letter is drawn out.
pub const DRAWN_OUT: usize = 3;

/// Words that are recognised in disguise.
#[derive(Debug, Default)]
pub struct Vocabulary {
    words: Vec<Entry>,
    /// Numbers of the words that begin with each letter.
    by_first: [Vec<usize>; 26],
    /// Numbers of the words before which others may be joined.
    joined: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) letters: Vec<u8>,
    /// Other letters may follow.
    open: bool,
}

impl Vocabulary {
    /// The words of patterns as [`crate::Lexicon`] takes them. Words with other than the letters a
    /// to z, or with fewer than three, are left out.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Self {
        let mut vocabulary = Self::default();
        for pattern in patterns {
            let pattern = pattern.as_ref().trim();
            let (leading, trailing) = (pattern.starts_with('*'), pattern.ends_with('*'));
            let folded = Folded::new(pattern.trim_matches('*'));
            let last = folded.words().len().saturating_sub(1);
            for (index, &word) in folded.words().iter().enumerate() {
                let letters = folded.word(word).as_bytes();
                let plain = letters.iter().all(u8::is_ascii_lowercase);
                if plain && (MIN_WORD..=MAX_TOKEN).contains(&letters.len()) {
                    let open = trailing && index == last;
                    vocabulary.add(letters, open, leading && index == 0);
                }
            }
        }
        vocabulary
    }

    fn add(&mut self, letters: &[u8], open: bool, joined: bool) {
        let first = usize::from(letters.first().map_or(0, |l| l - b'a'));
        let known = |&&n: &&usize| {
            self.words
                .get(n)
                .is_some_and(|e| e.letters == letters && e.open == open)
        };
        let number = self.by_first[first].iter().find(known).copied();
        let number = number.unwrap_or_else(|| {
            self.words.push(Entry {
                letters: letters.to_vec(),
                open,
            });
            self.by_first[first].push(self.words.len() - 1);
            self.words.len() - 1
        });
        if joined && !self.joined.contains(&number) {
            self.joined.push(number);
        }
    }

    /// The longest word that the parts begin with, and how many parts it takes. Behind a word
    /// written together nothing may follow unless it is open, and only a joined one may stand in the
    /// `middle`; among letters apart a word may stand anywhere, but for the shortest.
    pub(crate) fn begins(
        &self,
        parts: &[Part],
        apart: bool,
        middle: bool,
    ) -> Option<(&Entry, usize)> {
        let mask = parts.first()?.letters;
        let firsts = (0..26).filter(|l| mask & (1 << l) != 0);
        let mut best: Option<(&Entry, usize)> = None;
        for &number in firsts.flat_map(|l| &self.by_first[l]) {
            let Some(entry) = self.words.get(number) else {
                continue;
            };
            let short = entry.letters.len() == MIN_WORD;
            if middle
                && (if apart {
                    short
                } else {
                    !self.joined.contains(&number)
                })
            {
                continue;
            }
            if let Some(taken) = fit(parts, &entry.letters, 0)
                && (entry.open || ended(&parts[taken..]) || (apart && !short))
                && best.is_none_or(|(e, _)| entry.letters.len() > e.letters.len())
            {
                best = Some((entry, taken));
            }
        }
        best
    }
}

/// A character, or several that stand for one another, of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// The letters that it may be, one bit each; none for stars and separators.
    pub(crate) letters: u32,
    /// Its character in the folded text; the first of the equal ones.
    pub(crate) character: char,
    /// How many equal characters follow each other.
    pub(crate) count: usize,
    /// Origin of its first and of its last character.
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Part {
    pub(crate) fn is_letter(&self) -> bool {
        self.character.is_ascii_lowercase()
    }

    pub(crate) fn stands_for_the_same(&self, other: &Self) -> bool {
        let one_letter = self.letters.count_ones() == 1;
        self.character == other.character || (one_letter && self.letters == other.letters)
    }
}

/// Stands for any one letter.
pub(crate) fn is_star(c: char) -> bool {
    matches!(c, '*' | '#' | '%' | '&' | '^' | '~')
}

/// Stands between letters and means nothing.
pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '·')
}

/// How many parts a word takes from the beginning of these.
fn fit(parts: &[Part], word: &[u8], at: usize) -> Option<usize> {
    if word.is_empty() {
        return Some(at);
    }
    let part = parts.get(at)?;
    if is_star(part.character) {
        return fit(parts, word.get(part.count..)?, at + 1);
    }
    if is_separator(part.character) {
        return fit(parts, word, at + 1);
    }
    let letter = *word.first()?;
    if part.letters & (1 << (letter - b'a')) == 0 {
        return None;
    }
    let equal = word.iter().take_while(|&&l| l == letter).count();
    if part.count >= DRAWN_OUT {
        return (1..=equal)
            .rev()
            .find_map(|n| fit(parts, word.get(n..)?, at + 1));
    }
    (equal >= part.count)
        .then(|| fit(parts, word.get(part.count..)?, at + 1))
        .flatten()
}

/// Nothing of a word follows: only digits, or an ending behind an apostrophe.
fn ended(rest: &[Part]) -> bool {
    rest.first().is_none_or(|p| p.character == '\'')
        || rest.iter().all(|p| p.character.is_ascii_digit())
}

/// The letters that a character may stand for, one bit each.
pub(crate) fn letters_of(c: char) -> u32 {
    let all = |letters: &str| letters.bytes().fold(0, |mask, l| mask | 1 << (l - b'a'));
    match c {
        'a'..='z' => 1 << (u32::from(c) - u32::from('a')),
        '0' => all("o"),
        '1' | '!' | '|' => all("il"),
        '2' => all("z"),
        '3' | '€' => all("e"),
        '4' => all("a"),
        // A vowel's place more often than an `a`.
        '@' => all("aeiou"),
        '5' | '$' | '§' => all("s"),
        '6' | '9' => all("g"),
        '7' | '+' => all("t"),
        '8' => all("b"),
        _ => 0,
    }
}

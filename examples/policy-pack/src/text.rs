//! A text as words with their places, sentences and links.
//!
//! Words are folded, so that a list needs each word once: lower case, the usual diacritics removed
//! (`geïnd` is `geind`), curly apostrophes straight. Links and handles are no words: `/klacht` in an
//! address is nobody's complaint. Invariants: every range lies on character boundaries of the
//! original; the time is in proportion to the length. Deliberately absent: scripts other than Latin;
//! their letters stay as they are.

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub start: usize,
    pub end: usize,
    pub folded: String,
    /// Words of one sentence have the same number.
    pub sentence: u32,
    /// The same for what stands between commas.
    pub clause: u32,
}

/// A text, taken apart.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    pub original: &'a str,
    pub words: Vec<Word>,
    /// Ranges of bytes.
    pub links: Vec<(usize, usize)>,
}

impl<'a> Text<'a> {
    pub fn new(original: &'a str) -> Self {
        let mut text = Self {
            original,
            words: Vec::new(),
            links: Vec::new(),
        };
        text.fill();
        text
    }

    fn fill(&mut self) {
        let (mut at, mut sentence, mut clause) = (0, 0, 0);
        let mut joined = false;
        while let Some(c) = char_at(self.original, at) {
            let rest = self.original.get(at..).unwrap_or_default();
            // An object begins a word of its own; `a@b.nl` is passed over word by word.
            let object = if joined { 0 } else { object_len(rest) };
            if object > 0 {
                if c != '@' {
                    self.links.push((at, at + object));
                }
                at += object;
            } else if is_letter(c) {
                at = self.push_word(at, sentence, clause);
            } else {
                at += c.len_utf8();
                let next = char_at(self.original, at);
                let ends = matches!(c, '.' | '!' | '?' | ';' | ':')
                    && next.is_none_or(char::is_whitespace);
                if ends || c == '\n' {
                    sentence += 1;
                }
                if ends || matches!(c, '\n' | ',' | '(' | ')') {
                    clause += 1;
                }
            }
            joined = self
                .original
                .get(..at)
                .and_then(|before| before.chars().next_back())
                .is_some_and(is_letter);
        }
    }

    /// Reads the word that begins here; answers where it ends.
    fn push_word(&mut self, start: usize, sentence: u32, clause: u32) -> usize {
        let mut folded = String::new();
        let mut end = start;
        while let Some(c) = char_at(self.original, end) {
            let after = char_at(self.original, end + c.len_utf8());
            let apostrophe = matches!(c, '\'' | '’') && after.is_some_and(is_letter);
            if apostrophe {
                folded.push('\'');
            } else if is_letter(c) {
                fold(c, &mut folded);
            } else {
                break;
            }
            end += c.len_utf8();
        }
        self.words.push(Word {
            start,
            end,
            folded,
            sentence,
            clause,
        });
        end
    }
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|rest| rest.chars().next())
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// A combining diacritic.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn fold(c: char, into: &mut String) {
    for lower in c.to_lowercase() {
        match lower {
            'à'..='å' => into.push('a'),
            'è'..='ë' => into.push('e'),
            'ì'..='ï' => into.push('i'),
            'ò'..='ö' | 'ø' => into.push('o'),
            'ù'..='ü' => into.push('u'),
            'ç' => into.push('c'),
            'ñ' => into.push('n'),
            'ý' | 'ÿ' => into.push('y'),
            mark if is_mark(mark) => {}
            other => into.push(other),
        }
    }
}

/// Length of the link or handle that a text begins with; 0 when there is none.
fn object_len(text: &str) -> usize {
    let begins = |prefix: &str| {
        let head = text.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if begins("@") {
        let rest = text.get(1..).unwrap_or_default();
        let name = rest.find(|c: char| !(is_letter(c) || matches!(c, '_' | '.' | '-')));
        return match name.unwrap_or(rest.len()) {
            0 => 0,
            length => 1 + length,
        };
    }
    if !(begins("http://") || begins("https://") || begins("www.")) {
        return 0;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    let link = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    link.trim_end_matches(['.', ',', '!', '?', ')', ';', ':'])
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let words = Text::new(text).words;
        words.into_iter().map(|w| w.folded).collect()
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(
            words("Eén CAFÉ, e\u{301}e\u{301}n geïnd; I can’t 'go'"),
            ["een", "cafe", "een", "geind", "i", "can't", "go"]
        );
        assert_eq!(words("tan-code 24/7"), ["tan", "code", "24", "7"]);
    }

    #[test]
    fn links_and_handles_are_no_words() {
        let text = "Zie https://bank.example/klacht, @bank_hulp of www.x.example.";
        let read = Text::new(text);
        let links: Vec<&str> = read.links.iter().map(|&(s, e)| &text[s..e]).collect();
        assert_eq!(links, ["https://bank.example/klacht", "www.x.example"]);
        assert_eq!(words(text), ["zie", "of"]);
        assert_eq!(words("naam@bank.example"), ["naam", "bank", "example"]);
        assert_eq!(words("@ @@"), Vec::<String>::new());
    }

    #[test]
    fn sentences_and_clauses_are_counted() {
        let text = Text::new("Bel ons. Nooit! 1.5 euro\nDag, tot ziens");
        let sentences: Vec<u32> = text.words.iter().map(|w| w.sentence).collect();
        assert_eq!(sentences, [0, 0, 1, 2, 2, 2, 3, 3, 3]);
        let clauses: Vec<u32> = text.words.iter().map(|w| w.clause).collect();
        assert_eq!(clauses, [0, 0, 1, 2, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn ranges_are_of_the_original() {
        let text = "Één ﷺ 👍🏽 naïef’s";
        for word in Text::new(text).words {
            assert!(text.get(word.start..word.end).is_some(), "{word:?}");
        }
    }
}

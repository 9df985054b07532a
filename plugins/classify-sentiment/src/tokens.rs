//! A text as words, emoji, and the punctuation that divides it.
//!
//! Links and @mentions are passed over; a hashtag counts as a word on its own. One pass, linear.
//! Every token keeps its bytes in the text, on character boundaries.

use std::sync::LazyLock;

use crate::emoji::Emoji;

/// Words longer than this many bytes carry nothing we know.
const WORD_LIMIT_BYTES: usize = 64;

/// Texts of quotation marks: one that opens and closes, and single ones, which look like apostrophes.
pub const DOUBLE: &str = "\"";
pub const OPENS: &str = "'<";
pub const CLOSES: &str = "'>";

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Word,
    /// A hashtag, without its sign.
    Tag,
    /// Emoji or emoticon with a weight.
    Emoji(f32),
    /// A comma or the like.
    Break,
    /// A quotation mark.
    Quote,
    /// The end of a sentence.
    End(End),
}

/// How a sentence ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct End {
    pub exclamations: u8,
    pub question: bool,
    pub ellipsis: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// Words and tags: lower case, apostrophes as `'`, letters repeated more than twice as two.
    /// Emoji: as written.
    pub text: String,
    /// `text` with letters repeated more than twice as one (`goeeed`), where that differs.
    pub shortened: Option<String>,
    /// Three letters or more, all capitals.
    pub shouted: bool,
    /// Begins with a capital and goes on in small letters, as names do.
    pub capitalised: bool,
}

/// Built once; `configure` touches it so that it is part of the frozen instance.
pub static EMOJI: LazyLock<Emoji> = LazyLock::new(Emoji::new);

/// Takes a text apart.
pub fn tokenise(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(c) = text[offset..].chars().next() {
        let rest = &text[offset..];
        let length = if let Some(length) = quoted_line(text, offset) {
            length
        } else if c == '\n' {
            push(
                &mut tokens,
                offset,
                1,
                Kind::End(End::default()),
                String::new(),
            );
            1
        } else if c.is_whitespace() {
            c.len_utf8()
        } else if let Some(length) = address(rest, at_boundary(text, offset)) {
            length
        } else if matches!(c, '#' | '＃') && at_boundary(text, offset) {
            tag(&mut tokens, rest, offset)
        } else if let Some((length, weight)) = emoticon(text, offset) {
            push(
                &mut tokens,
                offset,
                length,
                Kind::Emoji(weight),
                rest[..length].to_owned(),
            );
            length
        } else if c.is_alphanumeric() || is_mark(c) {
            word(&mut tokens, rest, offset)
        } else {
            sign(&mut tokens, rest, offset, c)
        };
        offset += length;
    }
    tokens
}

/// The length of the line that begins here, when it is of the message answered: `> Hello`.
fn quoted_line(text: &str, offset: usize) -> Option<usize> {
    let rest = text[offset..].strip_prefix('>')?;
    let begins = text[..offset].chars().next_back().is_none_or(|c| c == '\n');
    let quotes = rest.starts_with(|c: char| c == '>' || c == ' ' || c.is_alphanumeric());
    (begins && quotes).then(|| 1 + rest.find('\n').unwrap_or(rest.len()))
}

fn push(tokens: &mut Vec<Token>, start: usize, length: usize, kind: Kind, text: String) {
    tokens.push(Token {
        start,
        end: start + length,
        kind,
        text,
        shortened: None,
        shouted: false,
        capitalised: false,
    });
}

/// No letter or digit stands before it.
fn at_boundary(text: &str, offset: usize) -> bool {
    text[..offset]
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric())
}

fn emoticon(text: &str, offset: usize) -> Option<(usize, f32)> {
    let starts_with_letter = text[offset..].starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_with_letter && !at_boundary(text, offset) {
        return None;
    }
    EMOJI.emoticon(&text[offset..])
}

/// The length of the link or mention that a text begins with.
fn address(rest: &str, at_boundary: bool) -> Option<usize> {
    if !at_boundary {
        return None;
    }
    let begins = |start: &str| {
        rest.get(..start.len())
            .is_some_and(|h| h.eq_ignore_ascii_case(start))
    };
    let is_address = match rest.as_bytes().first() {
        Some(b'h' | b'H') => begins("http://") || begins("https://"),
        Some(b'w' | b'W') => begins("www."),
        Some(b'@') => rest.len() > 1,
        _ => false,
    };
    is_address.then(|| rest.find(char::is_whitespace).unwrap_or(rest.len()))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '´' | '`')
}

/// Marks that stand on letters (U+0300 to U+036F).
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Bytes of the word that a text begins with: letters, digits, marks, and apostrophes between them.
fn word_length(rest: &str) -> usize {
    let mut length = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        let inside = c.is_alphanumeric()
            || is_mark(c)
            || (is_apostrophe(c) && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric()));
        if !inside {
            break;
        }
        length = index + c.len_utf8();
    }
    length
}

fn word(tokens: &mut Vec<Token>, rest: &str, offset: usize) -> usize {
    let length = word_length(rest);
    if length == 0 {
        return rest.chars().next().map_or(1, char::len_utf8);
    }
    let raw = &rest[..length];
    let (text, shortened) = if length > WORD_LIMIT_BYTES {
        (String::new(), None)
    } else {
        let lower = lower(raw);
        if has_long_run(&lower) {
            let (text, short) = (squeeze(&lower, 2), squeeze(&lower, 1));
            let differs = short != text;
            (text, differs.then_some(short))
        } else {
            (lower, None)
        }
    };
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    let shouted = letters >= 3 && !raw.chars().any(char::is_lowercase);
    tokens.push(Token {
        start: offset,
        end: offset + length,
        kind: Kind::Word,
        text,
        shortened,
        shouted,
        capitalised: letters >= 3
            && raw.starts_with(char::is_uppercase)
            && !raw.chars().skip(1).any(char::is_uppercase),
    });
    length
}

fn tag(tokens: &mut Vec<Token>, rest: &str, offset: usize) -> usize {
    let sign = rest.chars().next().map_or(1, char::len_utf8);
    let length = word_length(&rest[sign..]);
    if length > 0 && length <= WORD_LIMIT_BYTES {
        let text = rest[sign..sign + length].to_lowercase();
        push(tokens, offset, sign + length, Kind::Tag, text);
    }
    sign + length
}

/// Punctuation and emoji.
fn sign(tokens: &mut Vec<Token>, rest: &str, offset: usize, c: char) -> usize {
    let length = c.len_utf8();
    match c {
        '.' | '!' | '?' | '…' | '！' | '？' => return sentence_end(tokens, rest, offset),
        ',' | ';' | ':' | '(' | ')' | '–' | '—' | '|' => {
            push(tokens, offset, length, Kind::Break, String::new());
        }
        '"' | '“' | '”' | '„' | '«' | '»' => {
            push(tokens, offset, length, Kind::Quote, DOUBLE.into());
        }
        _ if is_apostrophe(c) => {
            let before = tokens.last().is_some_and(|t| t.end == offset);
            let mut after = rest[length..].chars();
            let inside = after.next().is_some_and(char::is_alphanumeric);
            // `'t` and `'s` quote nothing.
            let clipped = after.next().is_none_or(|c| !c.is_alphanumeric());
            match (before, inside) {
                (false, true) if !clipped => {
                    push(tokens, offset, length, Kind::Quote, OPENS.into())
                }
                (true, false) => push(tokens, offset, length, Kind::Quote, CLOSES.into()),
                _ => {}
            }
        }
        '/' if sarcasm_mark(rest) && tokens.last().is_none_or(|t| t.end < offset) => {
            push(tokens, offset, 2, Kind::Tag, "s".into());
            return 2;
        }
        _ => {
            if let Some(weight) = EMOJI.weight(c) {
                push(tokens, offset, length, Kind::Emoji(weight), c.to_string());
            }
        }
    }
    length
}

/// `/s` on its own.
fn sarcasm_mark(rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    after.next() == Some('s') && after.next().is_none_or(|c| !c.is_alphanumeric())
}

fn sentence_end(tokens: &mut Vec<Token>, rest: &str, offset: usize) -> usize {
    let mut end = End::default();
    let (mut dots, mut length) = (0, 0);
    for c in rest.chars() {
        match c {
            '!' | '！' => end.exclamations = end.exclamations.saturating_add(1),
            '?' | '？' => end.question = true,
            '.' => dots += 1,
            '…' => dots += 3,
            _ => break,
        }
        length += c.len_utf8();
    }
    end.ellipsis = dots >= 2;
    push(tokens, offset, length, Kind::End(end), String::new());
    length
}

/// Lower case, with plain apostrophes.
fn lower(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase().replace('`', "'");
    }
    let lower = word.chars().flat_map(char::to_lowercase);
    lower
        .map(|c| if is_apostrophe(c) { '\'' } else { c })
        .collect()
}

/// Some letter stands three times in a row.
fn has_long_run(word: &str) -> bool {
    let mut last = '\0';
    let mut run = 0;
    word.chars().any(|c| {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        run > 2 && c.is_alphabetic()
    })
}

/// Characters repeated more than twice as `keep` (1 or 2) of them.
fn squeeze(word: &str, keep: usize) -> String {
    let mut out = String::with_capacity(word.len());
    let (mut last, mut run) = ('\0', 0);
    for c in word.chars() {
        run = if c == last { run + 1 } else { 1 };
        last = c;
        if run == 3 && keep == 1 {
            out.pop();
        }
        if run < 3 {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        tokenise(text)
            .into_iter()
            .filter(|t| t.kind == Kind::Word)
            .map(|t| t.text)
            .collect()
    }

    #[test]
    fn reads_words() {
        assert_eq!(
            words("Don’t @shop https://x.y/z m'n 'kans' top-notch"),
            ["don't", "m'n", "kans", "top", "notch"]
        );
        let token = &tokenise("GOEEEED")[0];
        assert_eq!(
            (token.text.as_str(), token.shortened.as_deref()),
            ("goeed", Some("goed"))
        );
        assert!(token.shouted);
    }

    #[test]
    fn reads_signs() {
        let kinds: Vec<Kind> = tokenise("ja...! :-( 🙄 #not /s")
            .into_iter()
            .map(|t| t.kind)
            .collect();
        let end = End {
            exclamations: 1,
            question: false,
            ellipsis: true,
        };
        assert_eq!(
            kinds,
            [
                Kind::Word,
                Kind::End(end),
                Kind::Emoji(-0.6),
                Kind::Emoji(-0.3),
                Kind::Tag,
                Kind::Tag
            ]
        );
    }

    proptest! {
        #[test]
        fn tokens_stand_where_they_say(text in any::<String>()) {
            let mut last = 0;
            for token in tokenise(&text) {
                prop_assert!(token.start >= last && text.get(token.start..token.end).is_some());
                last = token.end;
            }
        }
    }
}

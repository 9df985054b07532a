//! What a message quotes: lines that begin with `>`, short stretches between quotation marks, and what
//! a screen said (`krijg de melding: Session expired.`).
//!
//! An answer quotes the message it answers, and a customer quotes what a screen or a letter said
//! (`de app zegt "payment failed"`): neither is the language in which the customer writes. Linear.

use std::ops::Range;

/// Longest stretch between quotation marks, in bytes.
const STRETCH_BYTES: usize = 160;

/// The text with spaces where something is quoted, so that every offset stays; none when nothing
/// is.
pub fn without_quotations(text: &str) -> Option<String> {
    let mut own = text.as_bytes().to_vec();
    let mut offset = 0;
    let mut found = false;
    for line in text.split_inclusive('\n') {
        let whole = line.trim_start().starts_with('>');
        let whole = whole.then(|| 0..line.trim_end_matches('\n').len());
        let quoted = match whole {
            Some(range) => std::iter::once(range).collect(),
            None => {
                let mut quoted = stretches(line);
                quoted.extend(announced(line));
                quoted
            }
        };
        for range in quoted {
            found = true;
            own[offset + range.start..offset + range.end].fill(b' ');
        }
        offset += line.len();
    }
    // Whole characters were replaced, so the rest is as valid as before.
    found.then(|| String::from_utf8(own).ok()).flatten()
}

/// Bytes of a line between quotation marks, the marks included.
fn stretches(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    let mut chars = line.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, next)| *next);
        match open {
            Some((start, mark)) if closes(mark, c) && !after.is_alphanumeric() => {
                found.push(start..index + c.len_utf8());
                open = None;
            }
            Some((start, _)) if index - start > STRETCH_BYTES => open = None,
            Some(_) => {}
            None if opens(c) && !before.is_alphanumeric() && after.is_alphanumeric() => {
                let clipped = closes('\'', c) && is_clipped(&line[index + c.len_utf8()..]);
                open = (!clipped).then_some((index, c));
            }
            None => {}
        }
        before = c;
    }
    found
}

/// Words before the colon behind which a message of a screen stands.
const ANNOUNCING: [&str; 20] = [
    "melding",
    "foutmelding",
    "error",
    "errormelding",
    "foutcode",
    "message",
    "warning",
    "notice",
    "says",
    "saying",
    "reads",
    "pop-up",
    "popup",
    "scherm",
    "screen",
    "meldung",
    "fehlermeldung",
    "erreur",
    "fout",
    "zegt",
];

/// As far as is looked back for one of them, in bytes.
const WORD_BYTES: usize = 24;

/// From behind such a colon up to the end of the sentence, at most [`STRETCH_BYTES`].
fn announced(line: &str) -> Option<Range<usize>> {
    let mut colons = line.match_indices(':').map(|(at, _)| at);
    let start = colons.find(|at| {
        let before = line[..*at].trim_end_matches(' ');
        let near = before.ceil_char_boundary(before.len().saturating_sub(WORD_BYTES));
        let word = before[near..].rsplit(char::is_whitespace).next();
        let word = word.unwrap_or_default().to_lowercase();
        ANNOUNCING.contains(&word.as_str())
    })? + 1;
    let rest = &line[start..];
    let end = rest.find(['.', '!', '?', '\n']).unwrap_or(rest.len());
    (end <= STRETCH_BYTES).then_some(start..start + end)
}

fn opens(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '`')
}

fn closes(mark: char, c: char) -> bool {
    match mark {
        '\'' | '‘' | '’' | '`' => matches!(c, '\'' | '’' | '`'),
        '«' => c == '»',
        _ => matches!(c, '"' | '”' | '“'),
    }
}

/// `'t`, `'s`, `'n`: an apostrophe and no quotation mark.
fn is_clipped(rest: &str) -> bool {
    rest.chars().nth(1).is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_lines_and_terms_are_left_out() {
        for (text, own) in [
            ("> where is it\nnog niets", "             \nnog niets"),
            (
                "zegt 'out for delivery' maar",
                "zegt                    maar",
            ),
            ("zegt \"I did not\", heel", "zegt            , heel"),
            ("staat “niet” hier", "staat            hier"),
            ("de melding: I did. Wat nu?", "de melding:      . Wat nu?"),
            ("Error: niet goed", "Error:          "),
        ] {
            assert_eq!(without_quotations(text).as_deref(), Some(own), "{text}");
        }
    }

    #[test]
    fn apostrophes_quote_nothing() {
        for text in [
            "'t is zo'n gedoe met foto's",
            "'s avonds en 's ochtends",
            "the customers' money and it's gone",
            "5\" scherm",
        ] {
            assert_eq!(without_quotations(text), None, "{text}");
        }
    }
}

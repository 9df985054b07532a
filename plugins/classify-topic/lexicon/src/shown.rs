//! A text as its reader sees it: percent-encoding and character references decoded, and where asked
//! for without tags and the targets of links, or with what is shown from right to left turned round.
//!
//! Invariant: every byte knows the range of the original that it came from. Decoding is of RFC 3986
//! (percent) and of the HTML references that stand for white space, signs or nothing; what does not
//! decode stays as it is. Time is proportional to the text: what is looked ahead is bounded.

use crate::fold::{link_len, to_u32};

/// Longest tag or target of a link, in bytes; beyond it a `<` or `(` is one.
const MAX_MARKUP_BYTES: usize = 512;
/// Longest character reference, in bytes.
const MAX_REFERENCE_BYTES: usize = 18;
/// How many times over a percent sign may be encoded (`%252D`).
const MAX_NESTED: usize = 4;
/// Tags that end a line.
const BLOCKS: [&str; 12] = [
    "br",
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "h1",
    "h2",
    "h3",
    "blockquote",
];

/// Tags of bulletin boards.
const BB_TAGS: [&str; 9] = ["b", "i", "u", "s", "url", "color", "size", "code", "quote"];

/// A text as it is seen.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// For each byte of `text`: the range of the original.
    origins: Vec<(u32, u32)>,
}

impl Shown {
    /// Everything that is written, links and tags included.
    pub(crate) fn whole(original: &str) -> Self {
        Self::read(original, false)
    }

    /// Without tags and links; none when there are none.
    pub(crate) fn bare(original: &str) -> Option<Self> {
        let any = ["<", "](", "[/", "://", "www.", "WWW."];
        any.iter()
            .any(|mark| original.contains(mark))
            .then(|| Self::read(original, true))
    }

    /// With what stands behind a right-to-left override (U+202E) turned round; none without any.
    pub(crate) fn turned(original: &str) -> Option<Self> {
        if !original.contains('\u{202E}') {
            return None;
        }
        let mut shown = Self::default();
        let mut held: Vec<(usize, char)> = Vec::new();
        let mut turning = false;
        for (at, c) in original.char_indices() {
            match c {
                '\u{202E}' => turning = true,
                '\u{202C}' | '\u{2069}' | '\n' => {
                    turning = false;
                    shown.push_turned(&mut held);
                    shown.push(c, at, at + c.len_utf8());
                }
                _ if turning => held.push((at, c)),
                _ => shown.push(c, at, at + c.len_utf8()),
            }
        }
        shown.push_turned(&mut held);
        Some(shown)
    }

    /// The range of the original that a range of `text` came from.
    pub(crate) fn origin(&self, start: usize, end: usize) -> (u32, u32) {
        let own = self.origins.get(start..end).unwrap_or_default();
        let from = own.iter().map(|o| o.0).min().unwrap_or(0);
        (from, own.iter().map(|o| o.1).max().unwrap_or(from))
    }

    fn push(&mut self, c: char, from: usize, to: usize) {
        self.text.push(c);
        self.origins
            .resize(self.text.len(), (to_u32(from), to_u32(to)));
    }

    fn push_turned(&mut self, held: &mut Vec<(usize, char)>) {
        for (at, c) in held.drain(..).rev() {
            self.push(c, at, at + c.len_utf8());
        }
    }

    fn read(original: &str, bare: bool) -> Self {
        let mut shown = Self::default();
        let (mut at, mut previous) = (0, ' ');
        while let Some(c) = original.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = original.get(at..).unwrap_or_default();
            let skipped = if bare { skipped(rest, previous) } else { None };
            previous = c;
            if let Some((length, space)) = skipped {
                if space {
                    shown.push(' ', at, at + length);
                }
                at += length;
                continue;
            }
            let decoded = match c {
                '%' => percent(rest),
                '&' => reference(rest),
                _ => None,
            };
            let (meant, length) = decoded.unwrap_or((c, c.len_utf8()));
            shown.push(meant, at, at + length);
            at += length;
        }
        shown
    }
}

/// Length of the tag, link or target of a link that a text begins with, and whether it parts words.
fn skipped(rest: &str, previous: char) -> Option<(usize, bool)> {
    let bytes = rest.as_bytes();
    let closing = |mark: u8| {
        let ahead = bytes.get(..MAX_MARKUP_BYTES).unwrap_or(bytes);
        ahead.iter().position(|&b| b == mark).map(|at| at + 1)
    };
    match bytes.first()? {
        b'<' if bytes
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!')) =>
        {
            let length = closing(b'>')?;
            let name = rest.get(1..length)?.trim_start_matches('/');
            let end = name.find(|c: char| !c.is_ascii_alphanumeric());
            let name = name.get(..end.unwrap_or(name.len()))?.to_ascii_lowercase();
            Some((length, BLOCKS.contains(&name.as_str())))
        }
        b'[' => {
            let length = closing(b']')?;
            let name = rest.get(1..length - 1)?.trim_start_matches('/');
            let name = name.split('=').next()?.to_ascii_lowercase();
            BB_TAGS.contains(&name.as_str()).then_some((length, false))
        }
        b'(' if previous == ']' => Some((closing(b')')?, false)),
        _ if previous.is_alphanumeric() => None,
        _ => Some((link_len(rest), false)).filter(|(length, _)| *length > 0),
    }
}

/// The character that a text begins with in percent-encoding, and the length of that.
fn percent(rest: &str) -> Option<(char, usize)> {
    let bytes = rest.as_bytes();
    let (first, mut length) = octet(bytes)?;
    let count = match first {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut octets = vec![first];
    while octets.len() < count {
        let (next, taken) = octet(bytes.get(length..)?)?;
        octets.push(next);
        length += taken;
    }
    let c = std::str::from_utf8(&octets).ok()?.chars().next()?;
    // A line end parts words; other controls are not seen.
    let seen = match c {
        '\t' | '\n' | '\r' => ' ',
        _ if c.is_control() => '\u{AD}',
        _ => c,
    };
    Some((seen, length))
}

/// One octet, however often its percent sign was encoded itself.
fn octet(bytes: &[u8]) -> Option<(u8, usize)> {
    if bytes.first() != Some(&b'%') {
        return None;
    }
    let digit = |at: usize| bytes.get(at).and_then(|&b| char::from(b).to_digit(16));
    let mut at = 1;
    for _ in 0..MAX_NESTED {
        let nested = bytes.get(at..at + 2) == Some(b"25");
        if !nested || digit(at + 2).is_none() || digit(at + 3).is_none() {
            break;
        }
        at += 2;
    }
    let octet = digit(at)? * 16 + digit(at + 1)?;
    Some((u8::try_from(octet).ok()?, at + 2))
}

/// The character that a text begins with as a reference of HTML, and the length of that.
fn reference(rest: &str) -> Option<(char, usize)> {
    let ahead = rest.as_bytes();
    let ahead = ahead.get(..MAX_REFERENCE_BYTES).unwrap_or(ahead);
    let end = ahead.iter().position(|&b| b == b';')?;
    let name = rest.get(1..end)?;
    let c = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        char::from_u32(code.ok()?)?
    } else {
        match name {
            "nbsp" | "ensp" | "emsp" | "thinsp" | "NewLine" | "Tab" => ' ',
            "shy" | "zwj" | "zwnj" | "ZeroWidthSpace" | "NoBreak" => '\u{AD}',
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" | "rsquo" | "lsquo" => '\'',
            "hyphen" | "dash" | "ndash" | "mdash" => '-',
            "lowbar" => '_',
            "period" => '.',
            "sol" => '/',
            _ => return None,
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_what_is_none_stays() {
        for (text, seen) in [
            ("a%20b %5Ax %C3%A9 %252D%25252D", "a b Zx é --"),
            ("a%0D%0Ab%00c", "a  b\u{ad}c"),
            ("50% af, 100%ff 10%b %zz %", "50% af, 100%ff 10%b %zz %"),
            ("&#90;&#x6F;&nbsp;R&amp;D &onzin; & ;", "Zo R&D &onzin; & ;"),
        ] {
            assert_eq!(Shown::whole(text).text, seen);
        }
    }

    #[test]
    fn tags_and_links_are_left_out() {
        let text = "<b>A</b>B<br>C [D](https://x.test/e) F (https://x.test/g?h) 1 < 2";
        assert_eq!(Shown::bare(text).unwrap().text, "AB C [D] F () 1 < 2");
        assert_eq!(
            Shown::bare("[b]Z[/b]o[url=x]n[/url] [c]").unwrap().text,
            "Zon [c]"
        );
        assert!(Shown::bare("niets").is_none() && Shown::turned("niets").is_none());
        assert_eq!(
            Shown::turned("a \u{202e}cb\u{202c} d").unwrap().text,
            "a bc\u{202c} d"
        );
    }

    #[test]
    fn what_is_seen_knows_where_it_stood() {
        let text = "é %5A<b>x</b>";
        let shown = Shown::bare(text).unwrap();
        let at = shown.text.find("Zx").unwrap();
        let (start, end) = shown.origin(at, at + 2);
        assert_eq!(&text[start as usize..end as usize], "%5A<b>x");
    }
}

//! Plain text that is safe to show and to classify: no control characters, no invisible ones, no
//! runs of blank lines, never longer than asked.
//!
//! Deliberately absent: markup (see `html`), and any change of the words themselves.

use quick_xml::escape::resolve_html5_entity;

/// Longest entity name looked at, in bytes (HTML's longest has 33).
const ENTITY_MAX_BYTES: usize = 40;

/// Drops control, zero-width, bidirectional-override and tag characters, which hide or reorder
/// text; turns odd line ends and spaces into `\n` and a space. Joiners stay between the
/// non-ASCII characters that need them (emoji, Persian).
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut previous = '\0';
    while let Some(c) = chars.next() {
        let kept = match c {
            '\r' if chars.peek() == Some(&'\n') => None,
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\n' | '\t' => Some(c),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
            '\u{200c}' | '\u{200d}' => {
                let next_is_wide = chars
                    .peek()
                    .is_some_and(|n| !n.is_ascii() && !is_invisible(*n));
                (!previous.is_ascii() && next_is_wide).then_some(c)
            }
            c if c.is_control() || is_invisible(c) => None,
            c => Some(c),
        };
        if let Some(kept) = kept {
            out.push(kept);
            previous = kept;
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Cleaned text with its lines kept: no space at line ends, at most one blank line in a row.
pub fn tidy(text: &str) -> String {
    let cleaned = clean(text);
    let mut out = String::with_capacity(cleaned.len());
    let mut blank = 0;
    for line in cleaned.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank > 0 { "\n\n" } else { "\n" });
        }
        blank = 0;
        out.push_str(line);
    }
    let start = out.len() - out.trim_start().len();
    out.drain(..start);
    out
}

/// Cleaned text on one line, at most `max_bytes` long; none when nothing is left.
pub fn one_line(text: &str, max_bytes: usize) -> Option<String> {
    let cleaned = clean(text);
    let mut out = String::new();
    for word in cleaned.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > max_bytes {
            break;
        }
    }
    (!out.is_empty()).then(|| cut(&out, max_bytes))
}

/// At most `max_bytes` (3 or more) of the text, cut between characters and ended with `…`.
pub fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let mut end = max_bytes.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = text[..end].to_owned();
    out.push('…');
    out
}

/// Replaces `&name;` and `&#number;` by what they stand for, names as in HTML. What is no such
/// reference stays as it is; numbers 128 to 159 are read as windows-1252, as browsers do.
pub fn unescape(text: &str) -> String {
    unescape_if(text, |_| true)
}

/// As [`unescape`], except that `<` and `>` stay references: what is left after HTML was read can
/// then hold no new markup.
pub fn unescape_no_markup(text: &str) -> String {
    unescape_if(text, |c| c != '<' && c != '>')
}

fn unescape_if(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(ENTITY_MAX_BYTES).position(|b| b == b';');
        let value = end.and_then(|end| resolve(&rest[1..end]));
        match (value, end) {
            (Some(value), Some(end)) if value.chars().all(&wanted) => {
                out.push_str(&value);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// What stands between `&` and `;`, resolved.
fn resolve(reference: &str) -> Option<String> {
    let Some(number) = reference.strip_prefix('#') else {
        return resolve_html5_entity(reference).map(str::to_owned);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse::<u32>().ok()?,
    };
    if let Ok(byte @ 0x80..=0x9f) = u8::try_from(code) {
        let bytes = [byte];
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        return Some(text.into_owned());
    }
    Some(
        char::from_u32(code)
            .filter(|c| *c != '\0')
            .unwrap_or('\u{fffd}')
            .to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_what_hides() {
        assert_eq!(clean("a\u{200b}b\u{202e}c\u{7}d\u{a0}e\u{feff}"), "abcd e");
        assert_eq!(
            clean("een\r\ntwee\rdrie\u{2028}vier"),
            "een\ntwee\ndrie\nvier"
        );
        assert_eq!(
            clean("pass\u{200d}word 👩\u{200d}🔧"),
            "password 👩\u{200d}🔧"
        );
        assert_eq!(clean("x\u{e0041}\u{e0042}y"), "xy");
    }

    #[test]
    fn tidies_lines() {
        assert_eq!(
            tidy("  \n\n een  \n\n\n\n twee\ndrie \n\n"),
            "een\n\n twee\ndrie"
        );
        assert_eq!(one_line(" een \n\t twee ", 100).unwrap(), "een twee");
        assert_eq!(one_line(" \u{200b}\n ", 100), None);
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("ééééé", 8), "éé…");
        assert!(cut("🎉🎉🎉", 7).len() <= 7);
    }

    #[test]
    fn unescapes_what_is_a_reference_only() {
        assert_eq!(
            unescape("caf&eacute; &amp; co &#8211; &#x2019;&#146;"),
            "café & co – ’’"
        );
        assert_eq!(
            unescape("A&B; &nosuch; &; & &#xZZ; &#0;"),
            "A&B; &nosuch; &; & &#xZZ; \u{fffd}"
        );
        assert_eq!(unescape_no_markup("&lt;b&gt; &amp;"), "&lt;b&gt; &");
        assert_eq!(unescape("&#99999999;"), "\u{fffd}");
    }
}

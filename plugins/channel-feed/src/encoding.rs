//! Bytes of an answer to text, whatever the feed says its encoding is.
//!
//! Order: byte-order mark; valid UTF-8 (text in another encoding is almost never valid UTF-8 by
//! chance); the HTTP charset; the XML declaration; UTF-8 with every invalid byte read as
//! windows-1252, which is what it nearly always is. Two exceptions: encodings that use only ASCII
//! bytes (ISO-2022-JP) are believed before UTF-8, and a Latin-1 charset in the HTTP header, the
//! default of old servers, gives way to another one in the XML declaration.
//! Never fails: what can't be read becomes U+FFFD.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into the bytes the XML declaration is looked for.
const DECLARATION_MAX_BYTES: usize = 256;

/// The text of an answer. `content_type` is the HTTP header of that name.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return if encoding == UTF_8 {
            decode_mixed(rest)
        } else {
            decode_with(encoding, rest)
        };
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return decode_with(encoding, bytes);
    }
    let http = content_type.and_then(charset_of);
    let declared = declared_encoding(bytes);
    if http == Some(ISO_2022_JP) || declared == Some(ISO_2022_JP) {
        return decode_with(ISO_2022_JP, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let chosen = match (http, declared) {
        (Some(h), Some(d)) if h == WINDOWS_1252 && d != UTF_8 => d,
        (Some(h), _) if h != UTF_8 => h,
        (_, Some(d)) => d,
        _ => UTF_8,
    };
    // The bytes can't be UTF-16: they have no mark and no zeros where markup must have them.
    if chosen == UTF_8 || chosen == UTF_16LE || chosen == UTF_16BE {
        return decode_mixed(bytes);
    }
    decode_with(chosen, bytes)
}

fn decode_with(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// UTF-8, with each invalid byte read as windows-1252.
fn decode_mixed(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    out
}

/// `<` as the first character, in two bytes.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes.get(..4)? {
        [b'<' | b'{', 0, next, 0] if *next != 0 => Some(UTF_16LE),
        [0, b'<' | b'{', 0, next] if *next != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The charset parameter of a media type.
fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes()))?
    })
}

/// The encoding in `<?xml … encoding="…"?>`, where the bytes begin with such a declaration.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes
        .get(..DECLARATION_MAX_BYTES.min(bytes.len()))?
        .trim_ascii_start();
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(value.get(1..)?.split(quote).next()?.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML_1252: &str = "<?xml version=\"1.0\" encoding=\"windows-1252\"?><t>";

    fn with(head: &str, tail: &[u8]) -> Vec<u8> {
        [head.as_bytes(), tail].concat()
    }

    #[test]
    fn believes_the_bytes_before_the_labels() {
        let utf8 = with(XML_1252, "één €".as_bytes());
        assert!(decode(&utf8, Some("text/xml; charset=iso-8859-1")).ends_with("één €"));
    }

    #[test]
    fn reads_windows_1252_under_every_label() {
        for (head, header) in [
            (XML_1252, None),
            ("<t>", Some("text/xml; charset=\"ISO-8859-1\"")),
            ("<?xml version='1.0' encoding='utf-8'?><t>", None),
            ("<t>", Some("application/rss+xml; charset=utf-8")),
            ("<?xml version='1.0' encoding='utf-16'?><t>", None),
            ("<t>", None),
        ] {
            let text = decode(&with(head, b"Caf\xe9 \x80 5 \x96 na\xefef"), header);
            assert!(
                text.ends_with("Café € 5 – naïef"),
                "{head} {header:?}: {text}"
            );
        }
    }

    #[test]
    fn prefers_the_declaration_over_a_latin_1_header() {
        let bytes = with(
            "<?xml version='1.0' encoding='windows-1251'?><t>",
            b"\xcf\xf0\xe8\xe2\xe5\xf2",
        );
        assert!(decode(&bytes, Some("text/xml;charset=iso-8859-1")).ends_with("Привет"));
    }

    #[test]
    fn reads_utf_16_with_and_without_mark() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><t>één</t>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, None), text);
        assert_eq!(decode(&big, Some("text/xml; charset=utf-8")), text);
        assert_eq!(
            decode(&[&[0xff, 0xfe], little.as_slice()].concat(), None),
            text
        );
        assert_eq!(
            decode(&[&[0xfe, 0xff], big.as_slice()].concat(), None),
            text
        );
    }

    #[test]
    fn keeps_good_utf_8_around_bad_bytes() {
        assert_eq!(
            decode(b"\xef\xbb\xbfna\xc3\xafef en caf\xe9", None),
            "naïef en café"
        );
    }
}

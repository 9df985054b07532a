//! What plugins return is hostile until it has been through here: too long is cut, out of range is
//! dropped or refused, control characters go.

use super::limits;
use crate::domain::text::line_ends;

/// A message for people: one paragraph, no control characters, at most [`limits::TEXT_BYTES`].
pub fn text(text: String) -> String {
    let mut text = line_ends(text);
    text.retain(|c| !c.is_control() || c == '\n');
    cut(&mut text, limits::TEXT_BYTES);
    text
}

/// Content as people wrote it: control characters other than line breaks and tabs go.
pub fn content(text: String) -> String {
    let mut text = line_ends(text);
    text.retain(|c| !c.is_control() || c == '\n' || c == '\t');
    cut(&mut text, limits::CONTENT_BYTES);
    text
}

/// An optional short text; empty becomes none.
pub fn short(text: Option<String>, max_bytes: usize) -> Option<String> {
    let mut text = text?;
    text.retain(|c| !c.is_control());
    cut(&mut text, max_bytes);
    (!text.trim().is_empty()).then_some(text)
}

/// Cuts on a character border.
pub fn cut(text: &mut String, max_bytes: usize) {
    if text.len() > max_bytes {
        let mut end = max_bytes;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

/// An address that a browser may be sent to: `http` or `https`, parsable, not too long.
pub fn web_url(url: Option<String>) -> Option<String> {
    let url = url?;
    if url.len() > limits::URL_BYTES {
        return None;
    }
    let parsed = url::Url::parse(&url).ok()?;
    // What is written as %-codes is longer than it was.
    let short = parsed.as_str().len() <= limits::URL_BYTES;
    (short && matches!(parsed.scheme(), "http" | "https")).then(|| parsed.into())
}

/// An id: 1 to [`limits::EXTERNAL_ID_BYTES`] bytes without control characters.
pub fn external_id(id: &str) -> bool {
    (1..=limits::EXTERNAL_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control)
}

/// Whether `start..end` is a range of `text` on character borders.
pub fn is_span(text: &str, start: u32, end: u32) -> bool {
    let (start, end) = (start as usize, end as usize);
    start <= end && text.is_char_boundary(start) && text.is_char_boundary(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_on_character_borders() {
        let mut text = "aé".repeat(600);
        cut(&mut text, 1024);
        assert!(text.len() <= 1024 && text.is_char_boundary(text.len()));
    }

    #[test]
    fn only_web_addresses_pass() {
        assert!(web_url(Some("https://example.org/a".into())).is_some());
        for bad in ["javascript:alert(1)", "data:text/html,x", "nonsense", ""] {
            assert_eq!(web_url(Some(bad.into())), None, "{bad}");
        }
        let longer_as_codes = format!("https://example.org/{}", "é".repeat(1000));
        assert!(longer_as_codes.len() < limits::URL_BYTES);
        assert_eq!(web_url(Some(longer_as_codes)), None);
    }

    #[test]
    fn spans_are_on_borders() {
        assert!(is_span("é!", 0, 2));
        assert!(!is_span("é!", 1, 2));
        assert!(!is_span("é!", 0, 9));
        assert!(!is_span("é!", 2, 0));
    }
}

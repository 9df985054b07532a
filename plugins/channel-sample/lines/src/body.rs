//! The activities of a body, however its sender writes JSON: one object a line, one object over many
//! lines, an array of objects, or any of these one after the other; with a byte order mark before the
//! first line or before each.
//!
//! Invariants: all activities are read, or the first fault is told with its place: the line (counted
//! from 1, empty ones too) and in an array the element. Deliberately absent: other encodings than
//! UTF-8, which are told and refused.

use std::borrow::Cow;
use std::fmt;

use rapport_sdk::social::Activity;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::line::{self, Fault};

/// Most activities in one request, from the contract.
const ACTIVITIES: usize = 500;
const BYTE_ORDER_MARK: char = '\u{feff}';
const UTF_8_REMEDY: &str = "send the body in UTF-8";

/// Where a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1; of what takes several lines, the first.
    pub line: usize,
    /// From 1, in the array that begins in the line.
    pub element: Option<usize>,
}

impl Place {
    fn line(line: usize) -> Self {
        Self {
            line,
            element: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.element {
            None => write!(f, "Line {}", self.line),
            Some(element) => write!(f, "Element {element} of the array in line {}", self.line),
        }
    }
}

/// All activities in order, or the first fault.
pub fn activities(body: &[u8]) -> Result<Vec<Activity>, (Place, Fault)> {
    let text = text(body)?;
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<IgnoredAny>();
    let mut activities = Vec::new();
    let mut begin = 0;
    while let Some(value) = values.next() {
        let skipped = text[begin..].len() - text[begin..].trim_start().len();
        begin += skipped;
        let line = line_of(&text, begin);
        if let Err(error) = value {
            return Err(broken(&text, begin, &error));
        }
        let end = values.byte_offset();
        let value = &text[begin..end];
        begin = end;
        if value.starts_with('[') {
            read_array(value, line, &mut activities)?;
        } else {
            let activity = line::parse(value).map_err(|fault| (Place::line(line), fault))?;
            push(&mut activities, activity, Place::line(line))?;
        }
    }
    Ok(activities)
}

/// The body as text, without byte order marks.
fn text(body: &[u8]) -> Result<Cow<'_, str>, (Place, Fault)> {
    // A mark, or ASCII in two bytes each.
    if matches!(
        body,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..]
    ) {
        return Err((Place::line(1), whole("is UTF-16, not UTF-8", UTF_8_REMEDY)));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let before = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        (Place::line(line), whole("is not UTF-8", UTF_8_REMEDY))
    })?;
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    if !text.contains(BYTE_ORDER_MARK) {
        return Ok(Cow::Borrowed(text));
    }
    // No text in JSON goes over the end of a line, so those at a line's start are in none.
    let lines = text.split_inclusive('\n');
    Ok(lines
        .map(|l| l.trim_start_matches(BYTE_ORDER_MARK))
        .collect())
}

fn read_array(
    text: &str,
    line: usize,
    activities: &mut Vec<Activity>,
) -> Result<(), (Place, Fault)> {
    let elements: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        let fault = whole(&error.to_string(), "write an array of JSON objects");
        (Place::line(line), fault)
    })?;
    for (index, element) in elements.into_iter().enumerate() {
        let place = Place {
            line,
            element: Some(index + 1),
        };
        let activity = line::parse(&element.to_string()).map_err(|fault| (place, fault))?;
        push(activities, activity, place)?;
    }
    Ok(())
}

fn push(
    activities: &mut Vec<Activity>,
    activity: Activity,
    place: Place,
) -> Result<(), (Place, Fault)> {
    if activities.len() == ACTIVITIES {
        let remedy = format!("send at most {ACTIVITIES} activities in one request");
        return Err((place, whole("is one too many", &remedy)));
    }
    activities.push(activity);
    Ok(())
}

/// What is wrong with the value that begins there and is no JSON. One that ends in its line, or does
/// not because the next begins in the line after, is told by its line alone.
fn broken(text: &str, begin: usize, error: &serde_json::Error) -> (Place, Fault) {
    let rest = &text[begin..];
    let (first, after) = rest.split_once('\n').unwrap_or((rest, ""));
    let alone = after.trim_start().is_empty() || after.trim_start().starts_with('{');
    let opens = first.starts_with(['{', '[']);
    match line::parse(first) {
        Err(fault) if !opens || (first.starts_with('{') && alone) => {
            (Place::line(line_of(text, begin)), fault)
        }
        _ => {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let message = format!("{message}, column {}", error.column());
            let remedy =
                "write JSON objects, or an array of them; look at quotes, commas and braces";
            (Place::line(error.line().max(1)), whole(&message, remedy))
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
}

fn whole(message: &str, remedy: &str) -> Fault {
    Fault {
        field: String::new(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(id: &str) -> String {
        format!(
            r#"{{"id":"{id}","type":"Create","published":"2026-03-02T08:15:00Z","object":{{"id":"m-{id}","attributedTo":{{"id":"p"}},"content":"Waar blijft\u00a0mijn [monteur]?"}}}}"#
        )
    }

    fn pretty(id: &str) -> String {
        let value: Value = serde_json::from_str(&activity(id)).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    }

    fn ids(body: &str) -> Vec<String> {
        let read = activities(body.as_bytes());
        let read = read.unwrap_or_else(|(place, fault)| panic!("{place}: {fault:?}\n{body}"));
        read.into_iter().map(|activity| activity.id).collect()
    }

    #[test]
    fn however_it_is_written() {
        let (a, b, c) = (activity("a"), activity("b"), activity("c"));
        let (pretty_a, pretty_b) = (pretty("a"), pretty("b"));
        for body in [
            format!("{a}\n{b}"),
            format!("{a}\r\n\n{b}\n"),
            format!("\u{feff}{a}\n{b}"),
            format!("\u{feff}{a}\n\u{feff}{b}\n"),
            format!("{pretty_a}\n{pretty_b}"),
            format!("\u{feff}\n\t{}", pretty_a.replace('\n', "\r\n")) + &b,
            format!("{a}{b}"),
            format!("{a}\n{pretty_b}"),
            format!("[{a},{b}]"),
            format!("\u{feff}[\n  {pretty_a},\n  {b}\n]\n"),
            format!("[{a}]\n[]\n[{b}]"),
            format!("[]{a}[{b}]"),
        ] {
            assert_eq!(ids(&body), ["a", "b"], "{body}");
        }
        assert_eq!(ids(&format!("[{a}]\n{b}\n{c}")), ["a", "b", "c"]);
        for none in ["", "\n \r\n", "\u{feff}", "\u{feff}\n", "[]", " [ ] "] {
            assert_eq!(ids(none), [""; 0], "{none:?}");
        }
        // A mark inside a text is the text's.
        let marked = a.replace("blijft", "\u{feff}blijft");
        let read = activities(marked.as_bytes()).unwrap();
        assert!(format!("{read:?}").contains("feff"), "{read:?}");
    }

    #[test]
    fn a_fault_is_placed() {
        let good = activity("a");
        let bad = activity("b").replace("2026-03-02", "2 maart");
        let untyped = pretty("b").replace("\"m-b\"", "12");
        for (body, line, element, field, message) in [
            (
                format!("{good}\n\n{bad}\n"),
                3,
                None,
                "published",
                "not a time",
            ),
            (
                format!("\u{feff}{good}\n\u{feff}{bad}"),
                2,
                None,
                "published",
                "not a time",
            ),
            (
                format!("{good}\n{untyped}"),
                2,
                None,
                "object.id",
                "invalid type",
            ),
            (
                format!("[{good},{bad}]"),
                1,
                Some(2),
                "published",
                "not a time",
            ),
            (
                format!("\n[\n{good},\n{untyped}]"),
                2,
                Some(2),
                "object.id",
                "invalid type",
            ),
            (format!("[{good}, 7]"), 1, Some(2), "", "not a JSON object"),
            (format!("[[{good}]]"), 1, Some(1), "", "not a JSON object"),
            ("een brief".to_owned(), 1, None, "", "not a JSON object"),
            (
                format!("{good}\neen brief"),
                2,
                None,
                "",
                "not a JSON object",
            ),
            (format!("{good}\n7"), 2, None, "", "not a JSON object"),
            (format!("{good} x"), 1, None, "", "not a JSON object"),
            (format!("{good},\n{good}"), 1, None, "", "not a JSON object"),
            // Broken, with others after it or alone.
            (
                format!("{good}\n{}\n{good}", &good[..good.len() - 1]),
                2,
                None,
                "",
                "column",
            ),
            (format!("{good}\n{}", &good[..60]), 2, None, "", "column"),
            (
                format!("{good}\n{}\n{good}", good.replace("\"m-a\"", "\"m-a")),
                2,
                None,
                "object",
                "column",
            ),
            (
                format!("{good}\n{}", pretty("b").replace("object\":", "object\"")),
                4,
                None,
                "",
                "expected `:`, column 12",
            ),
            (format!("[{good}"), 1, None, "", "EOF"),
            (
                format!("[{good},\n{good}\n{good}]"),
                3,
                None,
                "",
                "expected `,` or `]`",
            ),
        ] {
            let (place, fault) = activities(body.as_bytes()).unwrap_err();
            let found = (place.line, place.element, fault.field.as_str());
            assert_eq!(found, (line, element, field), "{body}\n{fault:?}");
            assert!(fault.message.contains(message), "{fault:?}\n{body}");
        }
    }

    #[test]
    fn another_encoding_is_named() {
        let utf_16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            let text = activity("a");
            [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
        };
        for body in [
            utf_16(&[0xff, 0xfe], u16::to_le_bytes),
            utf_16(&[0xfe, 0xff], u16::to_be_bytes),
            utf_16(&[], u16::to_le_bytes),
            utf_16(&[], u16::to_be_bytes),
        ] {
            let (place, fault) = activities(&body).unwrap_err();
            assert_eq!(
                (place.line, fault.message.as_str()),
                (1, "is UTF-16, not UTF-8")
            );
            assert_eq!(fault.remedy, UTF_8_REMEDY);
        }
        let mut body = activity("a").into_bytes();
        body.extend_from_slice(b"\n\xff\xfe");
        let (place, fault) = activities(&body).unwrap_err();
        assert_eq!((place.line, fault.message.as_str()), (2, "is not UTF-8"));
    }

    #[test]
    fn more_than_the_contract_allows_is_refused() {
        let many = |count: usize| (0..count).map(|i| activity(&i.to_string()));
        let lines = |count| many(count).collect::<Vec<_>>().join("\n");
        let array = |count| format!("[{}]", many(count).collect::<Vec<_>>().join(","));
        assert_eq!(ids(&lines(500)).len(), 500);
        assert_eq!(ids(&array(500)).len(), 500);
        let place = |body: String| activities(body.as_bytes()).unwrap_err().0;
        assert_eq!(place(lines(501)), Place::line(501));
        assert_eq!(place(array(501)).element, Some(501));
    }
}

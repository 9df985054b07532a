//! What must not stand in a fixture: secrets, cookies, e-mail addresses, telephone numbers, handles
//! and names of people; each gets a stand-in, the same wherever it appears.
//!
//! The host has already put references in the place of the secrets that it knows. Here the rest is
//! looked for by the names of JSON fields and by its form. Deliberately absent: names of people inside
//! a text, which nothing tells from other words; a person reads the fixture before it is kept.

use serde_json::Value;
use std::collections::BTreeMap;

/// Fields whose text names an account.
const HANDLES: &[&str] = &["handle", "username", "screenname", "acct", "nick", "login"];
/// Fields whose text names a person.
const NAMES: &[&str] = &[
    "displayname",
    "fullname",
    "realname",
    "firstname",
    "lastname",
];
/// Parts of the names of fields whose text opens something.
const SECRETS: &[&str] = &[
    "token",
    "secret",
    "password",
    "jwt",
    "apikey",
    "cookie",
    "session",
    "authorization",
    "signature",
];
const REFERENCE: &str = "rapport-secret:";
/// Shorter values are found everywhere.
const VALUE_MIN_BYTES: usize = 3;

#[derive(Default)]
pub struct Mask {
    /// Stand-in by value.
    stand_ins: BTreeMap<String, String>,
    people: usize,
}

impl Mask {
    /// Learns what is to be masked from a body or a text.
    pub fn learn(&mut self, text: &str) {
        if let Ok(json) = serde_json::from_str::<Value>(text) {
            self.walk("", &json);
        }
        for email in emails(text) {
            self.add(&email, |n| format!("person-{n}@example.com"));
        }
        for phone in phones(text) {
            self.add(&phone, |n| format!("+3160000{n:04}"));
        }
    }

    fn walk(&mut self, field: &str, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, v)| self.walk(name, v)),
            Value::Array(items) => items.iter().for_each(|v| self.walk(field, v)),
            Value::String(text) => {
                let plain: String = field.chars().filter(|c| c.is_alphanumeric()).collect();
                let plain = plain.to_lowercase();
                let handle = text.trim_start_matches('@');
                if SECRETS.iter().any(|part| plain.contains(part)) {
                    if !text.starts_with(REFERENCE) {
                        self.add(text, |n| format!("masked-{n}"));
                    }
                } else if HANDLES.contains(&plain.as_str()) {
                    let host = handle.contains('.');
                    self.add(handle, |n| match host {
                        true => format!("person-{n}.example.com"),
                        false => format!("person{n}"),
                    });
                } else if NAMES.contains(&plain.as_str()) {
                    self.add(text, |n| format!("Person {n}"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, value: &str, stand_in: impl Fn(usize) -> String) {
        if value.len() < VALUE_MIN_BYTES || self.stand_ins.contains_key(value) {
            return;
        }
        self.people += 1;
        self.stand_ins
            .insert(value.to_owned(), stand_in(self.people));
    }

    /// The text with stand-ins, and with `<name>` for references to secrets.
    pub fn apply(&self, text: &str) -> String {
        let mut text = references(text);
        let mut pairs: Vec<(&String, &String)> = self.stand_ins.iter().collect();
        // A part of another value must not be replaced before the whole.
        pairs.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        for (value, stand_in) in pairs {
            text = text.replace(value.as_str(), stand_in);
            text = text.replace(&escaped(value), &escaped(stand_in));
        }
        text
    }

    /// How many values have a stand-in.
    pub fn len(&self) -> usize {
        self.stand_ins.len()
    }
}

/// `rapport-secret:name:nonce` as `<name>`.
fn references(text: &str) -> String {
    let mut parts = text.split(REFERENCE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(':') {
            Some((name, rest)) => {
                let nonce = rest.chars().take_while(char::is_ascii_hexdigit).count();
                out.push_str(&format!("<{name}>{}", &rest[nonce.min(16)..]));
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Percent-encoded as in a query.
fn escaped(text: &str) -> String {
    let escape = |b: u8| match b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn emails(text: &str) -> Vec<String> {
    let part = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let before = &text[..at];
        let from = before.rfind(|c| !part(c)).map_or(0, |i| {
            i + before[i..].chars().next().map_or(1, char::len_utf8)
        });
        let after = &text[at + 1..];
        let to = after.find(|c| !part(c)).unwrap_or(after.len());
        let host = after[..to].trim_end_matches(['.', '-']);
        if from < at && host.contains('.') {
            found.push(format!("{}@{host}", &text[from..at]));
        }
    }
    found
}

/// `+` and at least nine digits, or ten digits of which the first is 0; spaces, dots and hyphens
/// between them.
fn phones(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let alone =
            at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b".-:/".contains(&bytes[at - 1]));
        let plus = bytes[at] == b'+';
        if !alone || !(plus || bytes[at] == b'0') {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let mut digits = usize::from(!plus);
        let mut last = end;
        while end < bytes.len() && (bytes[end].is_ascii_digit() || b" -.".contains(&bytes[end])) {
            if bytes[end].is_ascii_digit() {
                digits += 1;
                last = end + 1;
            }
            end += 1;
        }
        let closed = bytes.get(last).is_none_or(|b| !b.is_ascii_alphanumeric());
        if closed && ((plus && (9..=15).contains(&digits)) || (!plus && digits == 10)) {
            found.push(text[at..last].to_owned());
        }
        at = last.max(at + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_secrets_get_the_same_stand_in_everywhere() {
        let mut mask = Mask::default();
        let body = r#"{"author": {"handle": "anna.voorbeeld.example", "displayName": "Anna V."},
            "text": "mail anna@winkel.example of bel 06-12345678 of +31 6 1234 5679",
            "refreshToken": "geheim-123", "accessJwt": "rapport-secret:token:0123456789abcdef",
            "sent": "2026-03-02T08:15:00Z", "id": "0612345678901"}"#;
        mask.learn(body);
        let masked = mask.apply(body);
        for gone in [
            "anna",
            "Anna",
            "12345678\"",
            "1234 5679",
            "geheim",
            "0123456789abcdef",
        ] {
            assert!(!masked.contains(gone), "{gone} in {masked}");
        }
        for kept in ["\"<token>\"", "2026-03-02T08:15:00Z", "0612345678901"] {
            assert!(masked.contains(kept), "{kept} in {masked}");
        }
        let url =
            mask.apply("https://x.example/u?actor=anna.voorbeeld.example&m=anna%40winkel.example");
        let expected = "https://x.example/u?actor=person-2.example.com&m=person-4%40example.com";
        assert_eq!(url, expected);
        assert!(masked.contains("\"person-2.example.com\"") && masked.contains("person-4@example"));
        assert_eq!(mask.len(), 6);
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        let mut mask = Mask::default();
        mask.learn("@anna a@b 12:00 0.5 1772439300000 2026-03-02 €0,99 +1 file-0612345678");
        assert_eq!(mask.len(), 0);
    }
}

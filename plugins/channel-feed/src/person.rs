//! Authors as feeds name them: a name, an address with a name behind it, or a name with an address.

use crate::feed::{Person, title_text};
use crate::text;

mod several;

/// Longest name kept, in bytes.
const NAME_MAX_BYTES: usize = 256;
/// Longest text looked at, in bytes.
const TEXT_MAX_BYTES: usize = 1024;

impl Person {
    /// With an element of its own for the name, which may hold an address too, or several of both: then
    /// it has all the names.
    pub fn named(self, name: Option<&str>) -> Person {
        let all = name.map(Person::all_from_text).unwrap_or_default();
        let names: Vec<&str> = all.iter().filter_map(|p| p.name.as_deref()).collect();
        Person {
            name: title_text(&names.join(", "), NAME_MAX_BYTES),
            email: self.email.or(all.into_iter().next().and_then(|p| p.email)),
            ..self
        }
    }

    /// Everybody whom a text names: several where each has an address, as in `an@x.example (An),
    /// bo@x.example (Bo)`. Names alone are not taken apart: `Jansen, Jan` is one.
    pub fn all_from_text(text: &str) -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        for person in several::split(text)
            .iter()
            .filter_map(|t| Person::from_text(t))
        {
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }

    /// Reads `jan@x.example (Jan Jansen)`, `Jan Jansen (jan@x.example)`, `Jan Jansen <jan@x.example>`,
    /// an address or a name. No address stays in the name.
    pub fn from_text(text: &str) -> Option<Person> {
        let text = text::unescape(&text::cut(text.trim(), TEXT_MAX_BYTES));
        let text = text.trim();
        let (mut name, mut email) = (String::new(), None);
        let ends = |c: char| c.is_whitespace() || "()<>[],;\"".contains(c);
        for word in text.split_inclusive(ends) {
            let bare = word.trim_end_matches(ends);
            if is_address(bare) {
                email = email.or_else(|| email_address(bare));
                name.push_str(&word[bare.len()..]);
            } else {
                name.push_str(word);
            }
        }
        let found = name.len() < text.len();
        let name = if found { without_frame(&name) } else { text };
        let name = title_text(name, NAME_MAX_BYTES);
        (name.is_some() || email.is_some()).then(|| Person {
            name,
            email,
            ..Person::default()
        })
    }
}

/// What is left of a text when its address was taken out: without empty brackets, and without those
/// around all of it.
fn without_frame(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text;
        text = text.trim_matches(|c: char| c.is_whitespace() || ",;:\"'-–|".contains(c));
        for (open, close) in [("(", ")"), ("<", ">"), ("[", "]")] {
            let inner = text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
            text = inner.filter(|t| !t.contains(open)).unwrap_or(text);
            let ended = text.strip_suffix(close).map(str::trim_end);
            text = ended.and_then(|t| t.strip_suffix(open)).unwrap_or(text);
            let begun = text.strip_prefix(open).map(str::trim_start);
            text = begun.and_then(|t| t.strip_prefix(close)).unwrap_or(text);
        }
        if text == before {
            return text;
        }
    }
}

/// Whether it has the shape of a mail address, one that many share too.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let address = text.strip_prefix("mailto:").unwrap_or(text);
    let Some((local, host)) = address.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()\"@,;:".contains(c);
    !local.is_empty()
        && host.contains('.')
        && address.len() <= 254
        && local.chars().all(plain)
        && host.chars().all(plain)
}

/// A mail address in lower case; none for what is no address, or one that many share.
pub fn email_address(text: &str) -> Option<String> {
    let text = text.trim();
    let address = text.strip_prefix("mailto:").unwrap_or(text).to_lowercase();
    let (local, _) = address.split_once('@')?;
    let shared = [
        "noreply",
        "no-reply",
        "donotreply",
        "do-not-reply",
        "nobody",
    ];
    (is_address(&address) && !shared.contains(&local)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>) {
        let person = Person::from_text(text).unwrap_or_default();
        (person.name, person.email)
    }

    #[test]
    fn reads_names_and_addresses() {
        let pair = |name: Option<&str>, email: Option<&str>| {
            (name.map(str::to_owned), email.map(str::to_owned))
        };
        for (text, name, email) in [
            (
                "Jan@X.example (Jan Jansen)",
                Some("Jan Jansen"),
                Some("jan@x.example"),
            ),
            (
                "Jan Jansen <jan@x.example>",
                Some("Jan Jansen"),
                Some("jan@x.example"),
            ),
            (
                "Jan Jansen (jan@x.example)",
                Some("Jan Jansen"),
                Some("jan@x.example"),
            ),
            (
                "Jan Jansen jan@x.example",
                Some("Jan Jansen"),
                Some("jan@x.example"),
            ),
            (
                "jan@x.example, Jan Jansen",
                Some("Jan Jansen"),
                Some("jan@x.example"),
            ),
            ("<jan@x.example> Jan", Some("Jan"), Some("jan@x.example")),
            (
                "mailto:jan@x.example (Jan)",
                Some("Jan"),
                Some("jan@x.example"),
            ),
            ("noreply@x.example (Jan)", Some("Jan"), None),
            ("Jan (noreply@x.example)", Some("Jan"), None),
            (
                "Jan (redactie) <jan@x.example>",
                Some("Jan (redactie)"),
                Some("jan@x.example"),
            ),
            ("jan@x.example (jan@x.example)", None, Some("jan@x.example")),
            (
                "\"Jansen, Jan\" <jan@x.example>",
                Some("Jansen, Jan"),
                Some("jan@x.example"),
            ),
            ("@jan@forum.example", Some("@jan@forum.example"), None),
            ("noreply@x.example", None, None),
            ("jan@x.example", None, Some("jan@x.example")),
            ("Jan &amp; Piet", Some("Jan & Piet"), None),
            ("Jan (redactie)", Some("Jan (redactie)"), None),
            ("jan @ x", Some("jan @ x"), None),
            ("  ", None, None),
        ] {
            assert_eq!(read(text), pair(name, email), "{text}");
        }
    }

    #[test]
    fn addresses_that_many_share_name_nobody() {
        assert_eq!(email_address("noreply@blog.example"), None);
        assert_eq!(
            email_address("mailto:An@Blog.example").as_deref(),
            Some("an@blog.example")
        );
    }
}

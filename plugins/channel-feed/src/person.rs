//! Authors as feeds name them: a name, an address with a name behind it, or a name with an address.

use crate::feed::{Person, title_text};

/// Longest name kept, in bytes.
const NAME_MAX_BYTES: usize = 256;

impl Person {
    /// Reads `jan@x.example (Jan Jansen)`, `Jan Jansen <jan@x.example>`, an address or a name.
    pub fn from_text(text: &str) -> Option<Person> {
        let text = text.trim();
        let (email, name) = split(text, '(', ')')
            .map(|(address, name)| (email_address(address), name))
            .filter(|(email, _)| email.is_some())
            .or_else(|| split(text, '<', '>').map(|(name, address)| (email_address(address), name)))
            .filter(|(email, _)| email.is_some())
            .unwrap_or_else(|| match email_address(text) {
                Some(email) => (Some(email), ""),
                None => (None, text),
            });
        let name = title_text(name, NAME_MAX_BYTES);
        (name.is_some() || email.is_some()).then(|| Person {
            name,
            email,
            ..Person::default()
        })
    }
}

/// `before(inside)` into its two parts.
fn split(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let (before, inside) = text.strip_suffix(close)?.split_once(open)?;
    Some((before.trim(), inside.trim()))
}

/// A mail address in lower case; none for what is no address, or one that many share.
pub fn email_address(text: &str) -> Option<String> {
    let text = text.trim();
    let address = text.strip_prefix("mailto:").unwrap_or(text).to_lowercase();
    let (local, host) = address.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()\"@,;:".contains(c);
    let valid = !local.is_empty()
        && host.contains('.')
        && address.len() <= 254
        && local.chars().all(plain)
        && host.chars().all(plain);
    let shared = [
        "noreply",
        "no-reply",
        "donotreply",
        "do-not-reply",
        "nobody",
    ];
    (valid && !shared.contains(&local)).then_some(address)
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

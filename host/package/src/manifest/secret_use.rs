//! Where a secret stands in a request: which header or field, with which method, under which path.
//!
//! Deliberately absent: which servers; `hosts` of the secret has them.

use super::{Secret, SecretPlace};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most entries of `use`, and most of `capture`, of one secret.
const ENTRIES: usize = 16;
/// Longest name, pointer or path in them, in bytes.
const TEXT_BYTES: usize = 256;
/// Headers that steer the request itself.
const STEERING: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// One place for a secret: a header or a field of a JSON body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SecretUse {
    /// Name of a header, whose value it is, whole or in part (`Bearer …`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// JSON Pointer (RFC 6901) of a string in a JSON body, which it is, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Empty: every method that is granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Empty: every path that is granted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path_prefix: String,
}

/// Whether a header is one for credentials by its name: where a secret may stand of whose places the
/// manifest says no more than `in = ["header"]`.
pub fn is_credential_header(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "auth",
        "cookie",
        "credential",
        "key",
        "passw",
        "secret",
        "session",
        "signature",
        "token",
    ];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

impl SecretUse {
    /// What is wrong with it.
    fn check(&self) -> Result<(), String> {
        match (&self.header, &self.field) {
            (Some(name), None) => {
                let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                if name.is_empty() || name.len() > TEXT_BYTES || !name.chars().all(token) {
                    return Err(format!("header: `{name}` is no name of a header"));
                }
                let lower = name.to_ascii_lowercase();
                if STEERING.contains(&lower.as_str()) {
                    return Err(format!("header: `{name}` can't hold a secret"));
                }
            }
            (None, Some(pointer)) => {
                if !pointer.starts_with('/') || pointer.len() > TEXT_BYTES {
                    return Err(format!(
                        "field: `{pointer}` must be a JSON Pointer like /password"
                    ));
                }
            }
            _ => return Err("each entry has either `header` or `field`".to_owned()),
        }
        let prefix = &self.path_prefix;
        if !(prefix.is_empty() || prefix.starts_with('/')) || prefix.len() > TEXT_BYTES {
            return Err(format!("path-prefix: `{prefix}` must begin with a slash"));
        }
        Ok(())
    }

    /// Whether this one allows all that another does.
    fn covers(&self, wish: &Self) -> bool {
        let same_header = match (&self.header, &wish.header) {
            (Some(had), Some(wish)) => had.eq_ignore_ascii_case(wish),
            (None, None) => true,
            _ => false,
        };
        let methods = self.methods.is_empty()
            || (!wish.methods.is_empty() && wish.methods.iter().all(|m| self.methods.contains(m)));
        let path = wish.path_prefix.starts_with(&self.path_prefix);
        same_header && self.field == wish.field && methods && path
    }
}

/// As an admin reads it: `header authorization`, `field /password of POST /login…`.
impl fmt::Display for SecretUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.header, &self.field) {
            (Some(name), _) => write!(f, "header {name}")?,
            (None, field) => write!(f, "field {}", field.as_deref().unwrap_or_default())?,
        }
        let methods = self.methods.join(", ");
        match (methods.as_str(), self.path_prefix.as_str()) {
            ("", "") => Ok(()),
            ("", prefix) => write!(f, " of {prefix}…"),
            (methods, "") => write!(f, " of {methods}"),
            (methods, prefix) => write!(f, " of {methods} {prefix}…"),
        }
    }
}

impl Secret {
    /// What is wrong with where it stands and is found.
    pub(super) fn check_places(&self) -> Result<(), String> {
        if self.uses.is_empty() == self.places.is_empty() {
            return Err("needs `use`, which names header or field, or else `in`".to_owned());
        }
        if self.uses.len() > ENTRIES || self.capture.len() > ENTRIES {
            return Err(format!(
                "at most {ENTRIES} entries in `use` and in `capture`"
            ));
        }
        self.uses
            .iter()
            .try_for_each(|one| one.check().map_err(|problem| format!("use: {problem}")))?;
        for capture in &self.capture {
            let (path, pointer) = (&capture.path, &capture.pointer);
            let long = path.len() > TEXT_BYTES || pointer.len() > TEXT_BYTES;
            if long || !path.starts_with('/') || !pointer.starts_with('/') {
                return Err(format!(
                    "capture: path and pointer begin with a slash and have at most {TEXT_BYTES} bytes"
                ));
            }
        }
        Ok(())
    }

    /// Where it stands, in words.
    pub fn places_in_words(&self) -> String {
        let uses = self.uses.iter().map(ToString::to_string);
        let old = self.places.iter().map(|place| match place {
            SecretPlace::Header => "a header for credentials".to_owned(),
            SecretPlace::Body => "no body, as its manifest names no field".to_owned(),
        });
        uses.chain(old).collect::<Vec<_>>().join(" or ")
    }

    /// Whether it may stand in a header.
    pub fn is_for_headers(&self) -> bool {
        self.places.contains(&SecretPlace::Header) || self.uses.iter().any(|u| u.header.is_some())
    }

    /// Whether the places of this one, as an earlier version had it, are no fewer than another's.
    pub(crate) fn places_cover(&self, wish: &Self) -> bool {
        let had = |place| self.places.contains(&place);
        let old = wish.places.iter().all(|place| had(*place));
        let new = wish.uses.iter().all(|wish| {
            let credential = wish.header.as_deref().is_some_and(is_credential_header);
            let before = match wish.header {
                Some(_) => had(SecretPlace::Header) && credential,
                None => had(SecretPlace::Body),
            };
            before || self.uses.iter().any(|had| had.covers(wish))
        });
        old && new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        let head = "name = \"token\"\ndescription = \"d\"\nhosts = [\"https://a.example\"]\n";
        toml::from_str(&format!("{head}{text}")).unwrap()
    }

    #[test]
    fn an_entry_names_a_header_or_a_field() {
        for good in [
            r#"use = [{ header = "Authorization" }]"#,
            r#"use = [{ field = "/a/password", methods = ["POST"], path-prefix = "/login" }]"#,
            r#"in = ["header"]"#,
            r#"in = ["body"]"#,
        ] {
            assert_eq!(secret(good).check_places(), Ok(()), "{good}");
        }
        for bad in [
            "",
            r#"use = [{}]"#,
            r#"use = [{ header = "x-key", field = "/a" }]"#,
            r#"use = [{ header = "x: y" }]"#,
            r#"use = [{ header = "Host" }]"#,
            r#"use = [{ field = "password" }]"#,
            r#"use = [{ header = "x-key", path-prefix = "v1" }]"#,
            r#"use = [{ header = "x-key" }]
               in = ["body"]"#,
            r#"in = ["header"]
               capture = [{ path = "login", pointer = "/token" }]"#,
        ] {
            assert!(secret(bad).check_places().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_narrower_place_is_no_new_wish_and_a_wider_one_is() {
        let narrow = secret(
            r#"use = [{ header = "authorization", methods = ["GET"], path-prefix = "/v1/a" }]"#,
        );
        let wide = secret(r#"use = [{ header = "Authorization", path-prefix = "/v1/" }]"#);
        let other = secret(r#"use = [{ header = "slug" }]"#);
        let field = secret(r#"use = [{ field = "/password" }]"#);
        let header = secret(r#"in = ["header"]"#);
        let body = secret(r#"in = ["body"]"#);
        assert!(wide.places_cover(&narrow) && !narrow.places_cover(&wide));
        assert!(header.places_cover(&wide) && !wide.places_cover(&header));
        assert!(!header.places_cover(&other) && !header.places_cover(&field));
        assert!(body.places_cover(&field) && !body.places_cover(&wide));
        assert_eq!(
            narrow.places_in_words(),
            "header authorization of GET /v1/a…"
        );
    }
}

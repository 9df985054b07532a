//! Credentials that plugins use without seeing them.
//!
//! A guest holds a reference; the host puts the secret in its place in requests to the hosts that
//! the manifest names for it, in the places it names. Values found in answers are taken out again,
//! and values that the manifest has the host capture (session tokens) are kept here, in memory only.

use super::grant::origins;
use crate::domain::address::Origin;
use rapport_package::Manifest;
use rapport_package::manifest::SecretPlace;
use std::collections::BTreeMap;
use std::sync::Mutex;

const PREFIX: &str = "rapport-secret:";
/// Shorter values are not searched for in answers: they would be found everywhere.
const SCRUB_MIN_BYTES: usize = 6;

/// One secret of one inbox.
#[derive(Debug, Clone)]
pub struct SecretRule {
    pub name: String,
    pub origins: Vec<Origin>,
    pub places: Vec<SecretPlace>,
    /// (request path, JSON pointer) pairs.
    pub captures: Vec<(String, String)>,
}

/// The secrets of one inbox. Values never appear in `Debug`, logs or errors.
#[derive(Default)]
pub struct SecretStore {
    rules: Vec<SecretRule>,
    values: Mutex<BTreeMap<String, String>>,
    nonce: String,
}

impl std::fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretStore").finish_non_exhaustive()
    }
}

/// A reference stands where its secret may not go. Names the secret, never its value.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the secret `{0}` may not go there")]
pub struct Misplaced(pub String);

impl SecretStore {
    pub fn new(rules: Vec<SecretRule>, values: BTreeMap<String, String>) -> Self {
        let nonce = format!("{:016x}", fastrand::u64(..));
        Self {
            rules,
            values: Mutex::new(values),
            nonce,
        }
    }

    fn values(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.values
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What a guest gets instead of the secret.
    pub fn reference(&self, name: &str) -> Option<String> {
        self.values()
            .contains_key(name)
            .then(|| self.reference_text(name))
    }

    fn reference_text(&self, name: &str) -> String {
        format!("{PREFIX}{name}:{}", self.nonce)
    }

    /// Puts secrets in the place of references. `encode` fits the value to its surroundings.
    pub fn fill(
        &self,
        text: &str,
        origin: &Origin,
        place: SecretPlace,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, Misplaced> {
        if !text.contains(PREFIX) {
            return Ok(text.to_owned());
        }
        let values = self.values();
        let mut filled = text.to_owned();
        for rule in &self.rules {
            let reference = self.reference_text(&rule.name);
            if !filled.contains(&reference) {
                continue;
            }
            if !rule.origins.contains(origin) || !rule.places.contains(&place) {
                return Err(Misplaced(rule.name.clone()));
            }
            if let Some(value) = values.get(&rule.name) {
                filled = filled.replace(&reference, &encode(value));
            }
        }
        Ok(filled)
    }

    /// Captures what the manifest names from a JSON answer and takes every known value out of it.
    pub fn scrub(&self, origin: &Origin, path: &str, body: Vec<u8>) -> Vec<u8> {
        let mut body = body;
        let capturing: Vec<_> = self
            .rules
            .iter()
            .filter(|rule| rule.origins.contains(origin))
            .flat_map(|rule| rule.captures.iter().map(move |capture| (rule, capture)))
            .filter(|(_, (at, _))| at == path)
            .collect();
        if !capturing.is_empty()
            && let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&body)
        {
            for (rule, (_, pointer)) in capturing {
                if let Some(found) = json.pointer_mut(pointer)
                    && let Some(value) = found.as_str()
                {
                    self.values().insert(rule.name.clone(), value.to_owned());
                    *found = self.reference_text(&rule.name).into();
                }
            }
            body = json.to_string().into_bytes();
        }
        for (name, value) in self.values().iter() {
            if value.len() >= SCRUB_MIN_BYTES {
                body = replace_bytes(body, value.as_bytes(), self.reference_text(name).as_bytes());
            }
        }
        body
    }

    /// Takes every known value out of a header's value.
    pub fn scrub_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.values().iter() {
            if value.len() >= SCRUB_MIN_BYTES && text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &self.reference_text(name));
            }
        }
        text
    }
}

/// The manifest's secrets with their addresses resolved.
pub fn secret_rules(
    manifest: &Manifest,
    settings: &serde_json::Value,
) -> Result<Vec<SecretRule>, String> {
    manifest
        .secrets
        .iter()
        .map(|secret| {
            let mut found = Vec::new();
            for host in &secret.hosts {
                found.extend(origins(host, settings)?);
            }
            Ok(SecretRule {
                name: secret.name.clone(),
                origins: found,
                places: secret.places.clone(),
                captures: secret
                    .capture
                    .iter()
                    .map(|c| (c.path.clone(), c.pointer.clone()))
                    .collect(),
            })
        })
        .collect()
}

fn replace_bytes(body: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body.as_slice();
    while let Some(at) = find_bytes(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    if out.is_empty() && rest.len() == body.len() {
        return body;
    }
    out.extend_from_slice(rest);
    out
}

fn find_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(offset) = haystack[from..].iter().position(|b| *b == first) {
        let at = from + offset;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (SecretStore, Origin, Origin) {
        let home = Origin::parse("https://pds.example").unwrap();
        let away = Origin::parse("https://evil.example").unwrap();
        let rule = |name: &str, place, captures| SecretRule {
            name: name.into(),
            origins: vec![home.clone()],
            places: vec![place],
            captures,
        };
        let store = SecretStore::new(
            vec![
                rule("password", SecretPlace::Body, vec![]),
                rule(
                    "token",
                    SecretPlace::Header,
                    vec![("/login".into(), "/jwt".into())],
                ),
            ],
            BTreeMap::from([("password".to_owned(), "p\"w-geheim".to_owned())]),
        );
        (store, home, away)
    }

    #[test]
    fn fills_only_where_the_manifest_says() {
        let (store, home, away) = store();
        let body = format!("{{\"p\":\"{}\"}}", store.reference("password").unwrap());
        let escape = |v: &str| {
            serde_json::to_string(v)
                .unwrap()
                .trim_matches('"')
                .to_owned()
        };
        let filled = store.fill(&body, &home, SecretPlace::Body, escape).unwrap();
        assert_eq!(filled, r#"{"p":"p\"w-geheim"}"#);
        let misplaced = Err(Misplaced("password".into()));
        assert_eq!(
            store.fill(&body, &away, SecretPlace::Body, escape),
            misplaced
        );
        assert_eq!(
            store.fill(&body, &home, SecretPlace::Header, escape),
            misplaced
        );
    }

    #[test]
    fn captures_and_hides() {
        let (store, home, _) = store();
        assert_eq!(store.reference("token"), None);
        let seen = store.scrub(
            &home,
            "/login",
            br#"{"jwt":"abc.def.ghi","did":"x"}"#.to_vec(),
        );
        let seen = String::from_utf8(seen).unwrap();
        assert!(
            !seen.contains("abc.def.ghi") && seen.contains("\"did\":\"x\""),
            "{seen}"
        );
        let reference = store.reference("token").unwrap();
        assert!(seen.contains(&reference));
        let header = format!("Bearer {reference}");
        let filled = store
            .fill(&header, &home, SecretPlace::Header, str::to_owned)
            .unwrap();
        assert_eq!(filled, "Bearer abc.def.ghi");
        let echoed = store.scrub(
            &home,
            "/echo",
            b"you sent abc.def.ghi twice abc.def.ghi".to_vec(),
        );
        assert!(!String::from_utf8(echoed).unwrap().contains("abc.def"));
    }
}

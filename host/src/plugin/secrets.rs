//! Credentials that plugins use without seeing them.
//!
//! A guest holds a reference; the host puts the secret in its place in requests to the hosts that
//! the manifest names for it, in the header or field that it names (`place`), and nowhere else. Values
//! that the manifest has the host capture (session tokens) are kept here, in memory only (`answer`),
//! and known values are taken out of what comes back from the servers they go to (`scrub`).
//!
//! Invariants: a value is never in `Debug`, logs or errors; what is done with the text of guests and
//! servers is linear in its length and bounded in its growth. Deliberately absent: a value of fewer
//! than [`SECRET_SCRUB_MIN_BYTES`](super::limits::SECRET_SCRUB_MIN_BYTES) is taken out of nothing: it would be found everywhere.

mod answer;
mod forms;
mod path;
mod place;
mod scrub;

pub use answer::Received;
pub use forms::forms;
pub use path::canonical;
pub use place::Request;

use super::grant::origins;
use crate::domain::address::Origin;
use rapport_package::Manifest;
use rapport_package::manifest::Secret;
use scrub::Scrubber;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const PREFIX: &str = "rapport-secret:";

/// One secret of one inbox: what the manifest says of it, and its hosts resolved.
#[derive(Debug, Clone)]
pub struct SecretRule {
    pub secret: Secret,
    pub origins: Vec<Origin>,
}

impl SecretRule {
    fn name(&self) -> &str {
        &self.secret.name
    }
}

/// The secrets of one inbox.
#[derive(Default)]
pub struct SecretStore {
    rules: Vec<SecretRule>,
    values: Mutex<Values>,
    nonce: String,
}

#[derive(Default)]
struct Values {
    now: BTreeMap<String, String>,
    /// What was captured before: a call that is under way may still meet it.
    before: BTreeMap<String, String>,
    /// How often they changed.
    version: u64,
    /// What looks for them, by the indices of the rules it is for.
    scrubbers: BTreeMap<Vec<usize>, Arc<Scrubber>>,
}

impl std::fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretStore").finish_non_exhaustive()
    }
}

impl SecretStore {
    pub fn new(rules: Vec<SecretRule>, values: BTreeMap<String, String>) -> Self {
        let nonce = format!("{:016x}", fastrand::u64(..));
        let now = values;
        Self {
            rules,
            values: Mutex::new(Values {
                now,
                ..Values::default()
            }),
            nonce,
        }
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a guest gets instead of the secret.
    pub fn reference(&self, name: &str) -> Option<String> {
        self.values()
            .now
            .contains_key(name)
            .then(|| self.reference_text(name))
    }

    fn reference_text(&self, name: &str) -> String {
        format!("{PREFIX}{name}:{}", self.nonce)
    }

    /// Whether some secret goes to this origin, so that its requests and answers are looked through.
    pub fn guards(&self, origin: &Origin) -> bool {
        self.rules.iter().any(|rule| rule.origins.contains(origin))
    }

    /// Keeps a captured value. All guests of the inbox use it from now on.
    fn keep(&self, name: &str, value: String) {
        let mut values = self.values();
        if values.now.get(name) == Some(&value) {
            return;
        }
        values.version += 1;
        values.scrubbers.clear();
        if let Some(before) = values.now.insert(name.to_owned(), value) {
            values.before.insert(name.to_owned(), before);
        }
    }

    /// What takes the values out of an origin's answers. Seconds of nobody's time: it is made once for
    /// the same values.
    fn scrubber(&self, origin: &Origin) -> Result<Arc<Scrubber>, String> {
        let rules = self.rules.iter().enumerate();
        let rules: Vec<usize> = rules
            .filter(|(_, rule)| rule.origins.contains(origin))
            .map(|(index, _)| index)
            .collect();
        let mut given = Vec::new();
        let mut captured = Vec::new();
        let version = {
            let values = self.values();
            if let Some(made) = values.scrubbers.get(&rules) {
                return Ok(Arc::clone(made));
            }
            for rule in rules.iter().map(|index| &self.rules[*index]) {
                let name = rule.name();
                let into = if rule.secret.capture.is_empty() {
                    &mut given
                } else {
                    &mut captured
                };
                let all = values
                    .now
                    .get(name)
                    .into_iter()
                    .chain(values.before.get(name));
                into.extend(all.map(|value| (value.clone(), self.reference_text(name))));
            }
            values.version
        };
        let made = Arc::new(Scrubber::new(&given, &captured)?);
        let mut values = self.values();
        if values.version == version {
            values.scrubbers.insert(rules, Arc::clone(&made));
        }
        Ok(made)
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
                secret: secret.clone(),
                origins: found,
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "secrets/tests.rs"]
mod tests;

//! What a connector needs besides its code, and everything that can be wrong with it: settings as
//! addresses, local hosts, secrets and their shapes, the webhook's keys. Known without running anything.

use super::super::grant::Grants;
use super::super::secrets::{SecretRule, SecretStore, secret_rules};
use super::super::signed::Guard;
use rapport_package::Manifest;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Longest secret, in bytes.
pub const SECRET_MAX_BYTES: usize = 16 * 1024;

/// Something that is wrong with how an inbox is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As in rapport.toml, within the inbox: `settings`, `secrets.NAME`, `local-hosts`.
    pub key: String,
    pub text: String,
}

impl Problem {
    pub fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        let (key, text) = (key.into(), text.into());
        Self { key, text }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}

/// All of them in one line.
pub fn joined(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("; ")
}

/// What an inbox gives its connector, as it is set up.
pub struct Given<'a> {
    pub settings: &'a Value,
    pub secrets: &'a BTreeMap<String, String>,
    /// Secrets that are set but can't be read: nothing is said of them here.
    pub unread: &'a BTreeSet<&'a str>,
    pub local_hosts: &'a [String],
    pub webhook_url: Option<&'a str>,
}

/// What it comes to.
pub(super) struct Means {
    pub grants: Grants,
    pub secrets: Arc<SecretStore>,
    pub guard: Option<Guard>,
}

/// Everything that is wrong.
pub fn problems(manifest: &Manifest, given: &Given<'_>) -> Vec<Problem> {
    means(manifest, given).err().unwrap_or_default()
}

pub(super) fn means(manifest: &Manifest, given: &Given<'_>) -> Result<Means, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut note = |key: &str, text: String| problems.push(Problem::new(key, text));
    let grants = Grants::resolve(manifest, given.settings, &[]);
    let grants = grants.map_err(|text| note("settings", text)).ok();
    let grants = grants.and_then(|grants| {
        let local = grants.with_local(given.local_hosts);
        let text = |text: String| text.trim_start_matches("local-hosts: ").to_owned();
        local.map_err(|wrong| note("local-hosts", text(wrong))).ok()
    });
    // Wrong addresses in settings have been told by the grants, where both name the same.
    let rules = secret_rules(manifest, given.settings);
    let rules = match (rules, &grants) {
        (Ok(rules), _) => rules,
        (Err(text), Some(_)) => {
            note("settings", text);
            Vec::new()
        }
        (Err(_), None) => Vec::new(),
    };
    for rule in &rules {
        if let Some(text) = given
            .secrets
            .get(&rule.secret.name)
            .and_then(|s| misshapen(rule, s))
        {
            note(&format!("secrets.{}", rule.secret.name), text.to_owned());
        }
    }
    let of_webhook = |name: &&str| manifest.is_webhook_secret(name);
    let guard = match given.unread.iter().copied().find(|name| of_webhook(name)) {
        Some(_) => None,
        None => match Guard::new(manifest, given.secrets, given.webhook_url) {
            Ok(guard) => guard,
            Err(text) => {
                let (key, text) = text.split_once(": ").unwrap_or(("webhook-url", &text));
                note(key, text.to_owned());
                None
            }
        },
    };
    let Some(grants) = grants.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    let mut secrets = given.secrets.clone();
    secrets.retain(|name, _| !manifest.is_webhook_secret(name));
    Ok(Means {
        grants,
        secrets: Arc::new(SecretStore::new(rules, secrets)),
        guard,
    })
}

/// Why a secret can't be what it is for. Never holds a part of it.
fn misshapen(rule: &SecretRule, secret: &str) -> Option<&'static str> {
    if !rule.secret.is_for_headers() {
        return None;
    }
    if secret.trim() != secret {
        return Some(
            "it begins or ends with a space; it goes into a header, which can't hold that",
        );
    }
    if secret.chars().any(char::is_control) {
        return Some(
            "it has a line break or another control character in it; give one line of text",
        );
    }
    if !secret.is_ascii() {
        return Some(
            "it has a character in it that is not ASCII; it goes into a header, which can't hold that",
        );
    }
    None
}

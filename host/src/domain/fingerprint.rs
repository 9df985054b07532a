//! What a plugin or an inbox is at a start of the host, as digests by part: enough to say which parts
//! changed since the last start, and never what a setting holds.

use super::digest::sha256_hex;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The actor of what the host does by itself.
pub const HOST: &str = "host";

/// A plugin's code; its absence at a later start is `plugin.unload`.
pub const PLUGIN_LOAD: &str = "plugin.load";
/// What the admin set for a plugin or an inbox.
pub const SETTING_CHANGE: &str = "setting.change";
/// What a plugin may see and reach.
pub const GRANT_CHANGE: &str = "grant.change";

/// One kind of fact about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The action that a difference is recorded as.
    pub kind: &'static str,
    /// `plugin:ID` or `inbox:NAME`.
    pub subject: String,
    /// Digests, or values that are no secret, by part.
    pub parts: BTreeMap<String, String>,
}

impl Fingerprint {
    /// With the digest of every entry of a JSON object.
    pub fn of_settings(kind: &'static str, subject: &str, settings: &Value) -> Self {
        let entries = settings.as_object().into_iter().flatten();
        let parts = entries
            .map(|(key, value)| (key.clone(), sha256_hex(value.to_string().as_bytes())))
            .collect();
        Self {
            kind,
            subject: subject.to_owned(),
            parts,
        }
    }

    /// What goes on record: which parts are new, changed or gone; for code, what it is and was.
    pub fn difference(&self, before: Option<&BTreeMap<String, String>>) -> Value {
        let none = BTreeMap::new();
        let old = before.unwrap_or(&none);
        let gone = old.keys().filter(|key| !self.parts.contains_key(*key));
        let changed: Vec<&String> = self
            .parts
            .iter()
            .filter(|(key, value)| old.get(*key) != Some(value))
            .map(|(key, _)| key)
            .chain(gone)
            .collect();
        let mut detail = json!({ "changed": changed, "first": before.is_none() });
        if self.kind == PLUGIN_LOAD {
            detail["now"] = json!(self.parts);
            detail["before"] = json!(before);
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_parts_but_no_values() {
        let old = json!({ "shop": "a.example", "gone": 1, "same": [1] });
        let new = json!({ "shop": "b.example", "new": 2, "same": [1] });
        let old = Fingerprint::of_settings(SETTING_CHANGE, "plugin:x", &old);
        let new = Fingerprint::of_settings(SETTING_CHANGE, "plugin:x", &new);
        let detail = new.difference(Some(&old.parts));
        assert_eq!(detail["changed"], json!(["new", "shop", "gone"]));
        assert!(!detail.to_string().contains("example"));
    }
}

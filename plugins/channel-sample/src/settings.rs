//! What the admin sets: our account's id and the longest answer.
//!
//! The defaults are those of the schema in `plugin.toml` (a test compares them), so that a host
//! that fills none in gets the same. Deliberately absent: credentials; there are none.

use rapport_sdk::channel::Account;
use rapport_sdk::social::{Actor, ActorKind, Visibility};
use serde::Deserialize;

/// Longest answer that the setting `limit` may allow, in characters. With it the largest entry fits
/// the host's 65536 bytes a value, even when every character is escaped (6 bytes each).
const LIMIT_CEILING: usize = 10_000;
/// Longest `account`, in characters.
const ACCOUNT_CEILING: usize = 128;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Our actor's external id, and its handle.
    pub account: String,
    /// Longest answer, in characters (Unicode code points).
    pub limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account: "brand".to_owned(),
            limit: 500,
        }
    }
}

impl Settings {
    /// Reads the settings; the error names the field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let settings: Self =
            serde_json::from_str(text).map_err(|error| format!("settings: {error}"))?;
        if !(1..=ACCOUNT_CEILING).contains(&settings.account.chars().count()) {
            return Err(format!(
                "account: must have 1 to {ACCOUNT_CEILING} characters"
            ));
        }
        if !(1..=LIMIT_CEILING).contains(&settings.limit) {
            return Err(format!("limit: must be 1 to {LIMIT_CEILING}"));
        }
        Ok(settings)
    }

    /// Who we are and what this channel can do.
    pub fn account(&self) -> Account {
        Account {
            actor: Actor {
                external_id: self.account.clone(),
                handle: Some(self.account.clone()),
                display_name: None,
                profile_url: None,
                avatar_url: None,
                follower_count: None,
                verified: false,
                kind: ActorKind::Organization,
                extra: Vec::new(),
            },
            can_poll: false,
            can_receive: true,
            can_send: true,
            send_visibilities: vec![
                Visibility::Public,
                Visibility::SemiPrivate,
                Visibility::Direct,
            ],
            extra: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_gives_the_defaults() {
        assert_eq!(Settings::parse("{}"), Ok(Settings::default()));
    }

    #[test]
    fn the_defaults_are_those_of_the_manifest() {
        let manifest = include_str!("../plugin.toml");
        let defaults: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("default = "))
            .collect();
        let ours = Settings::default();
        assert_eq!(
            defaults,
            [format!("{:?}", ours.account), ours.limit.to_string()]
        );
    }

    #[test]
    fn what_can_not_work_is_refused_by_name() {
        for (text, field) in [
            (r#"{"limit": 0}"#, "limit"),
            (r#"{"limit": 10001}"#, "limit"),
            (r#"{"limit": "ten"}"#, "invalid type"),
            (r#"{"account": ""}"#, "account"),
            (r#"{"colour": "red"}"#, "colour"),
            ("[]x", "settings"),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.contains(field), "{text}: {error}");
        }
    }

    #[test]
    fn the_account_carries_the_setting() {
        let account = Settings {
            account: "zonnewind".to_owned(),
            limit: 10,
        }
        .account();
        assert_eq!(account.actor.external_id, "zonnewind");
        assert_eq!(account.send_visibilities.len(), 3);
    }
}

//! `[[inbox]]` and `[plugins]`: what listens, and what judges and decides. Settings are checked against
//! the plugins' own schemas elsewhere, where the plugins are.

use super::SecretSource;
use rapport_package::manifest::is_id;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A plugin as the admin wants it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PluginConfig {
    pub enabled: bool,
    /// A plugin file; none for a bundled plugin.
    pub file: Option<PathBuf>,
    /// Fields that it asks for but is not to see.
    pub withhold: Vec<String>,
    /// Checked against the plugin's own schema.
    pub settings: toml::Table,
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            file: None,
            withhold: Vec::new(),
            settings: toml::Table::new(),
        }
    }
}

/// An inbox: one instance of a channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InboxConfig {
    /// Unique and stable: what was heard is kept under it.
    pub name: String,
    /// Id of a bundled channel, or of one named under `[plugins]` with its `file`.
    pub plugin: String,
    /// The network that its ids belong to; the plugin's own unless given.
    pub network: Option<String>,
    /// Seconds between polls.
    #[serde(default = "poll_seconds")]
    pub poll_seconds: u64,
    /// At most this many answers a minute (1 to 6000), whatever the network allows.
    pub sends_per_minute: Option<u32>,
    /// `host:port` on this machine or in a private network that the channel may reach.
    #[serde(default)]
    pub local_hosts: Vec<String>,
    /// Words to listen for, in the network's own search syntax.
    #[serde(default)]
    pub monitors: Vec<String>,
    #[serde(default)]
    pub settings: toml::Table,
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretSource>,
    /// The address of this inbox's webhook as the network knows it, where the network signs it.
    pub webhook_url: Option<String>,
}

/// Most monitors and local hosts of one inbox.
const ENTRIES_MAX: usize = 100;

fn poll_seconds() -> u64 {
    30
}

impl InboxConfig {
    /// All that is wrong with an inbox by itself.
    pub(super) fn check(&self) -> Vec<String> {
        let monitors_are_right = self.monitors.iter().all(|words| {
            let right = (1..=256).contains(&words.trim().len());
            right && !words.chars().any(char::is_control)
        });
        let rules = [
            (is_id(&self.name), "name: use lower-case words with hyphens"),
            (
                self.sends_per_minute
                    .is_none_or(|n| (1..=6000).contains(&n)),
                "sends-per-minute: must be 1 to 6000",
            ),
            (
                (1..=86_400).contains(&self.poll_seconds),
                "poll-seconds: must be 1 to 86400",
            ),
            (
                self.network.as_ref().is_none_or(|network| is_id(network)),
                "network: use lower-case words with hyphens",
            ),
            (
                self.monitors.len() <= ENTRIES_MAX && self.local_hosts.len() <= ENTRIES_MAX,
                "monitors, local-hosts: at most 100 each",
            ),
            (
                monitors_are_right,
                "monitors: 1 to 256 bytes each, no control characters",
            ),
        ];
        let broken = rules.iter().filter(|(holds, _)| !holds);
        broken
            .map(|(_, rule)| format!("inbox.{}.{rule}", self.name))
            .collect()
    }
}

//! `plugin.toml`: who a plugin is, what it asks for and why.
//!
//! Unknown keys are refused with the nearest known one. Everything here is the vendor's claim; what
//! the admin grants is the host's business. Deliberately absent: anything about how it runs.

mod check;
mod secret_use;

pub use secret_use::{SecretUse, is_credential_header};

use crate::webhook::Webhook;
use serde::{Deserialize, Serialize};

/// The contract that this host speaks; a plugin's `contract` must have the same major version and
/// no later minor one.
pub const CONTRACT: (u64, u64, u64) = (1, 0, 0);

/// Highest memory that a manifest may ask for, in MiB.
pub const MEMORY_CEILING_MB: u32 = 256;
/// Longest time that a manifest may ask for one call, in milliseconds.
pub const TIME_CEILING_MS: u32 = 60_000;
/// Most requests a minute to the network, of all its inboxes on one host together.
pub const REQUESTS_PER_MINUTE_CEILING: u32 = 1200;
/// Most of these requests under way at the same time.
pub const REQUESTS_AT_ONCE_CEILING: u32 = 32;

/// What a plugin is; decides the world it implements and the engine it runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Channel,
    Classifier,
    Policy,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Channel => "channel",
            Kind::Classifier => "classifier",
            Kind::Policy => "policy",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Kind::Channel, Kind::Classifier, Kind::Policy];
        let found = all.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is none of channel, classifier, policy"))
    }
}

/// What happens to an event when the plugin fails on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// As if the plugin had said nothing.
    #[default]
    Open,
    /// What it guards stays shut: an outbound draft is held.
    Closed,
    /// The version before it that stood its first hour answers in its stead, under the settings and the
    /// grant that are in force. Where there is none, or it fails too: open for a classifier, closed for
    /// a policy. Not for channels.
    LastKnownGood,
}

/// The whole of `plugin.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// Lower-case words with hyphens, at most 64 bytes; the plugin's name everywhere.
    pub id: String,
    pub name: String,
    /// Semantic version.
    pub version: String,
    pub kind: Kind,
    pub publisher: String,
    /// SPDX expression.
    pub licence: String,
    /// Version of the contract it was written against, for example `1.0.0`.
    pub contract: String,
    pub description: String,
    /// Channels only: the network that its ids belong to. Contacts are known per network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    #[serde(default)]
    pub fallback: Fallback,
    #[serde(default)]
    pub limits: Limits,
    /// JSON Schema (2020-12) of the settings, an object; `default` values are filled in.
    #[serde(default = "empty_object")]
    pub settings: serde_json::Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// Channels only: how the host proves the network's webhooks genuine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    #[serde(default)]
    pub permissions: Permissions,
    /// Channels only: those of [`RUNTIME_IMPORTS`] that the language's runtime imports. Nothing is
    /// behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runtime_imports: Vec<String>,
}

fn empty_object() -> serde_json::Value {
    serde_json::json!({"type": "object", "additionalProperties": false})
}

/// What one call may use, and a channel over time; the host's ceilings hold beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// Linear memory in MiB.
    pub memory_mb: u32,
    /// Wall-clock time of one call in milliseconds (channels); pure plugins have fuel in proportion.
    pub time_ms: u32,
    /// Channels only: requests a minute, of all its inboxes on one host together.
    #[serde(skip_serializing_if = "is_all_a_minute")]
    pub requests_per_minute: u32,
    /// Channels only: requests under way at the same time, likewise.
    #[serde(skip_serializing_if = "is_all_at_once")]
    pub requests_at_once: u32,
}

fn is_all_a_minute(limit: &u32) -> bool {
    *limit == REQUESTS_PER_MINUTE_CEILING
}

fn is_all_at_once(limit: &u32) -> bool {
    *limit == REQUESTS_AT_ONCE_CEILING
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mb: 64,
            time_ms: 10_000,
            requests_per_minute: REQUESTS_PER_MINUTE_CEILING,
            requests_at_once: REQUESTS_AT_ONCE_CEILING,
        }
    }
}

/// A credential that the admin fills in and the plugin never sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Secret {
    pub name: String,
    pub description: String,
    /// Addresses it may go to: `https://host[:port]`, or `{setting}` for the addresses in a setting.
    /// None for a secret of `[webhook]`, which goes nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Where in a request it stands. The host puts it nowhere else and refuses the request.
    #[serde(rename = "use", default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<SecretUse>,
    /// Of manifests without `use`. `header` stands for the headers that are for credentials (see
    /// [`is_credential_header`]), whatever the method and path; `body` for none: a field needs `use`.
    #[serde(rename = "in", default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<SecretPlace>,
    /// Present: no admin gives it; the host takes it from an answer of the network. What the servers
    /// in `hosts` answer is then handed on as text in UTF-8 alone, and what they answer at these paths
    /// as JSON alone, without cookies; the host decides on their encodings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capture: Vec<Capture>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPlace {
    Header,
    Body,
}

/// Where in the network's answers a secret is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Capture {
    /// Path of the request, exactly.
    pub path: String,
    /// JSON Pointer (RFC 6901) of a string in the answer.
    pub pointer: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Permissions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpPermission>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldPermission>,
}

/// Somewhere the plugin wants to go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpPermission {
    /// `https://host[:port]`, or `{setting}` for the address or addresses in a setting.
    pub address: String,
    /// Empty: every method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Empty: every path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path_prefix: String,
    pub reason: String,
}

/// A field that the plugin wants to read; see [`FIELDS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldPermission {
    pub field: String,
    pub reason: String,
}

/// Packages of interfaces that some languages' runtimes import, whatever the plugin does. The host
/// offers them without anything behind them: no file, no address.
pub const RUNTIME_IMPORTS: &[&str] = &["wasi:filesystem", "wasi:sockets"];

/// Every field that is only shown to a pure plugin that asks for it. Text, language, visibility and
/// reach of a message are always shown: without them there is nothing to judge.
pub const FIELDS: &[&str] = &[
    "message.attributed-to",
    "message.attachments",
    "message.mentions",
    "contact.display-name",
    "contact.identities",
    "contact.labels",
    "contact.language",
    "contact.history",
    "conversation.turns",
    "situation.cases",
    "situation.suppressions",
    "situation.incidents",
    "situation.campaigns",
    "situation.hashtags",
    "situation.consents",
    "situation.hours",
];

/// Those of [`FIELDS`] that the contract has and the host does not fill yet. Who asks for one is told
/// that it is withheld, so that an empty list is not taken for a fact, and no admin is asked to grant it.
pub const NOT_PROVIDED: &[&str] = &[
    "contact.labels",
    "situation.incidents",
    "situation.campaigns",
    "situation.consents",
    "situation.hours",
];

/// Whether the host fills a field.
pub fn is_provided(field: &str) -> bool {
    !NOT_PROVIDED.contains(&field)
}

/// Why a manifest is refused. The text says where and what to do.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ManifestError {
    #[error("plugin.toml: {0}")]
    Syntax(String),
    #[error("plugin.toml: {field}: {problem}")]
    Invalid { field: String, problem: String },
}

fn invalid(field: &str, problem: impl Into<String>) -> ManifestError {
    ManifestError::Invalid {
        field: field.to_owned(),
        problem: problem.into(),
    }
}

impl Manifest {
    /// Reads and checks the text of a `plugin.toml`.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)
            .map_err(|e| ManifestError::Syntax(crate::nearest::with_suggestion(&e.to_string())))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Fields that it asks for and the host fills.
    pub fn provided(&self) -> impl Iterator<Item = &String> {
        let asked = self.permissions.fields.iter().map(|f| &f.field);
        asked.filter(|field| is_provided(field))
    }

    /// Fields that it asks for and the host does not fill yet.
    pub fn not_provided(&self) -> impl Iterator<Item = &str> {
        let asked = self.permissions.fields.iter().map(|f| f.field.as_str());
        asked.filter(|field| !is_provided(field))
    }

    /// Whether a secret is for `[webhook]` only: the host keeps it to itself.
    pub fn is_webhook_secret(&self, name: &str) -> bool {
        let named = |w: &Webhook| w.secret == name || w.verify_token.as_deref() == Some(name);
        self.webhook.as_ref().is_some_and(named)
    }
}

/// Lower-case ASCII words with hyphens, 1 to 64 bytes, a letter first.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.ends_with('-')
}

/// `1.2.3`, with anything after `-` or `+` ignored.
pub fn parse_version(text: &str) -> Option<(u64, u64, u64)> {
    let core = text.split(['-', '+']).next()?;
    let mut parts = core.split('.').map(|p| p.parse::<u64>().ok());
    let version = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;

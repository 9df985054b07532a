//! Plugins as an admin manages them: what is installed, which version is in force, what waits for
//! approval or runs in its shadow, and what each host makes of it.
//!
//! Settings and grants are JSON here: their shape is the package's business. Deliberately absent:
//! the files themselves.

use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Instead of a digest: the version that comes with the host.
pub const BUNDLED: &str = "bundled";

text_enum! {
    /// Why a version stands beside the one in force.
    CandidateMode {
        /// It asks for more, and waits for the admin.
        Approval = "approval",
        /// It runs beside it with its effects off.
        Shadow = "shadow",
    }
}

text_enum! {
    /// What a host makes of a plugin.
    PluginState {
        Running = "running",
        /// A host that starts is still preparing it.
        Preparing = "preparing",
        Disabled = "disabled",
        /// Nothing works until it is granted.
        NotGranted = "not-granted",
        /// Not signed by a key that is trusted, or changed since.
        NotTrusted = "not-trusted",
        /// The admin revoked its key or its digest.
        Revoked = "revoked",
        /// It can't be loaded; the reason says why.
        Failed = "failed",
        /// A channel that no enabled inbox uses.
        Idle = "idle",
    }
}

/// A version that stands beside the one in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Candidate {
    pub digest: String,
    pub mode: CandidateMode,
}

/// A plugin that an admin manages.
#[derive(Debug, Clone, PartialEq)]
pub struct Installation {
    pub id: String,
    /// Of the version in force; or [`BUNDLED`].
    pub digest: String,
    /// What it may have; none: nothing yet.
    pub granted: Option<Value>,
    /// The version before, for going back, and what it might have.
    pub previous: Option<String>,
    pub previous_granted: Option<Value>,
    /// The last version before the one in force that stood its first hour; it may be the one in force
    /// again, after going back.
    pub good: Option<String>,
    pub candidate: Option<Candidate>,
    pub enabled: bool,
    /// By digest, the id of the key whose signature a version was taken in by and runs by; none:
    /// unsigned, as the admin allowed for this one file.
    pub admitted: BTreeMap<String, Option<String>>,
    /// Id of the key whose it is: that signed it first, or that the admin named since. It stays when the
    /// plugin is taken out.
    pub publisher_key: Option<String>,
    pub settings: Value,
    /// When the version in force came into force by an upgrade; none once it has proved itself.
    pub upgraded: Option<TimestampMs>,
    pub created: TimestampMs,
    pub updated: TimestampMs,
    /// Raised by each change.
    pub revision: i64,
}

impl Installation {
    /// Whether the version in force runs without a signature, as the admin allowed.
    pub fn is_allowed_unsigned(&self) -> bool {
        self.admitted.get(&self.digest) == Some(&None)
    }

    /// The digests of all versions that it may come to again.
    pub fn versions(&self) -> impl Iterator<Item = &String> {
        let candidate = self.candidate.as_ref().map(|candidate| &candidate.digest);
        let all = [
            Some(&self.digest),
            self.previous.as_ref(),
            self.good.as_ref(),
            candidate,
        ];
        all.into_iter().flatten()
    }
}

/// A plugin file in the store.
#[derive(Debug, Clone)]
pub struct PluginFile {
    pub digest: String,
    pub plugin_id: String,
    pub version: String,
    pub bytes: Vec<u8>,
    /// Texts of `.minisig` files.
    pub signatures: Vec<String>,
    /// A file's name, or the registry's address with the digest.
    pub source: String,
    pub added: TimestampMs,
}

/// What a host makes of a plugin, with its figures since the host's start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatus {
    pub state: PluginState,
    /// Why it does not run.
    pub reason: Option<String>,
    pub version: String,
    pub digest: String,
    pub trust: String,
    pub calls: u64,
    /// Host faults by name.
    pub faults: BTreeMap<String, u64>,
    /// Time of all calls together, in milliseconds.
    pub time_ms: u64,
    /// The circuit breaker is open: it is left alone for a while.
    pub breaker_open: bool,
    pub last_fault: Option<String>,
    /// The last known good version, where it stands by to answer in its stead.
    #[serde(default)]
    pub last_known_good: Option<GoodVersion>,
}

/// A version that answers what the one in force fails on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GoodVersion {
    pub version: String,
    pub digest: String,
    /// How often it was asked.
    pub calls: u64,
}

/// The same, of one host at one time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostPluginStatus {
    pub host: Id,
    pub at: TimestampMs,
    pub plugin: String,
    #[serde(flatten)]
    pub status: PluginStatus,
}

/// One line that a plugin logged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginLogLine {
    pub id: Id,
    pub plugin: String,
    pub at: TimestampMs,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    pub text: String,
}

/// An inbox that is made over the API or the command line. Its secrets are apart, and sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InboxSetup {
    /// Id of a channel plugin.
    pub plugin: String,
    /// The network that its ids belong to; the plugin's own unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Checked against the plugin's JSON Schema.
    #[serde(default = "no_settings")]
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Seconds between polls, 1 to 86400.
    #[serde(default = "poll_seconds")]
    #[schema(minimum = 1, maximum = 86400)]
    pub poll_seconds: u32,
    /// At most this many answers a minute (1 to 6000), whatever the network allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 6000)]
    pub sends_per_minute: Option<u32>,
    /// `host:port` on this machine or in a private network that the channel may reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local_hosts: Vec<String>,
    /// Words to listen for, in the network's own search syntax.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitors: Vec<String>,
    /// The address of this inbox's webhook as the network knows it, where the network signs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

fn poll_seconds() -> u32 {
    30
}

fn no_settings() -> Value {
    Value::Object(serde_json::Map::new())
}

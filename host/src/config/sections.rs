//! The small sections of `rapport.toml`: what bounds and watches a host, log-ins, backups, webhooks.

use crate::access::SessionLimits;
use crate::domain::retention::AuditHeads;
use serde::Deserialize;
use std::path::PathBuf;

/// `[limits]`: what this host takes on at once. Times and sizes are fixed, see `http/limits.rs`
/// and `http/room.rs`.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LimitsConfig {
    /// Open connections. An address has a quarter of them, three when somebody known came from there of
    /// late; half-sent requests give way to others; one more is told so and closed.
    pub connections: u32,
    /// Requests worked on side by side of those who are known, of which one caller has half. Webhooks
    /// have as many again, and strangers (log-ins) half as many.
    pub requests_at_once: u32,
    /// A caller's API requests a second in the long run; an address may do four times as many.
    pub requests_per_second: u32,
    /// A caller's API requests at once after a pause.
    pub request_burst: u32,
    /// Streams of live changes that one caller may keep open.
    pub streams_per_caller: u32,
    /// Inbound events that may wait; beyond that webhooks answer 503 and polls pause.
    pub queued_events: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: 1024,
            requests_at_once: 256,
            requests_per_second: 500,
            request_burst: 2000,
            streams_per_caller: 32,
            queued_events: 100_000,
        }
    }
}

impl LimitsConfig {
    /// Every limit is at least 1.
    pub(super) fn check(&self) -> impl Iterator<Item = String> {
        let all = [
            ("connections", self.connections),
            ("requests-at-once", self.requests_at_once),
            ("requests-per-second", self.requests_per_second),
            ("request-burst", self.request_burst),
            ("streams-per-caller", self.streams_per_caller),
            ("queued-events", self.queued_events),
        ];
        let none = all.into_iter().filter(|(_, value)| *value == 0);
        none.map(|(key, _)| format!("limits.{key}: must be at least 1"))
    }
}

/// `[telemetry]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TelemetryConfig {
    /// A collector of OpenTelemetry traces, OTLP over HTTP, like `http://127.0.0.1:4318`. Off when
    /// not set, here or by OTEL_EXPORTER_OTLP_ENDPOINT.
    pub otlp_endpoint: Option<String>,
}

impl TelemetryConfig {
    pub(super) fn check(&self) -> Option<String> {
        let endpoint = self.otlp_endpoint.as_ref()?;
        let url = url::Url::parse(endpoint).ok();
        let web = url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        (!web).then(|| {
            format!(
                "telemetry.otlp-endpoint: `{endpoint}` is no address of a collector, such as \
                 http://127.0.0.1:4318"
            )
        })
    }
}

/// How long a log-in lasts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SessionConfig {
    /// Seconds without a request; 12 hours unless given.
    pub idle_seconds: u32,
    /// Seconds in all; 7 days unless given.
    pub max_seconds: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle_seconds: 12 * 3600,
            max_seconds: 7 * 24 * 3600,
        }
    }
}

impl SessionConfig {
    pub(super) fn check(&self) -> impl Iterator<Item = String> {
        let all = [
            ("idle-seconds", self.idle_seconds),
            ("max-seconds", self.max_seconds),
        ];
        let none = all.into_iter().filter(|(_, value)| *value == 0);
        none.map(|(key, _)| format!("session.{key}: must be at least 1"))
    }

    pub fn limits(&self) -> SessionLimits {
        SessionLimits {
            idle_ms: i64::from(self.idle_seconds) * 1000,
            max_ms: i64::from(self.max_seconds) * 1000,
        }
    }
}

/// What holds for backups that are made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BackupConfig {
    /// Days after which `rapport backup --prune` deletes them; none: never.
    pub keep_days: Option<u32>,
}

/// `[registries]`: where plugins are fetched from by `oci://`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RegistryConfig {
    /// `host:port` on this machine or in a private network that an admin's `oci://` may lead to.
    pub local_hosts: Vec<String>,
}

/// `[audit]`: the head of the chain goes out, signed, to the log and to webhooks that hear of `audit.head`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AuditConfig {
    /// Minutes from one to the next; 60 unless given.
    pub head_every_minutes: u32,
    /// Also to the end of this file, one JSON object a line; `rapport audit verify` compares with it.
    /// Relative to the configuration file.
    pub head_file: Option<PathBuf>,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            head_every_minutes: 60,
            head_file: None,
        }
    }
}

impl AuditConfig {
    pub(super) fn check(&self) -> Option<String> {
        (!(1..=10_080).contains(&self.head_every_minutes))
            .then(|| "audit.head-every-minutes: must be 1 to 10080 (a week)".to_owned())
    }

    pub fn heads(&self) -> AuditHeads {
        AuditHeads {
            every_minutes: self.head_every_minutes,
            file: self.head_file.clone(),
        }
    }
}

/// `[webhooks]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WebhookConfig {
    /// `host:port` on this machine or in a private network that may be called, also by plain http.
    pub local_hosts: Vec<String>,
}

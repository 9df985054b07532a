//! What an admin lets a plugin have, of what its manifest asks for: everything, or less.
//!
//! A grant never holds more than the manifest it was given for asked ([`Grant::check`]). When a new
//! version comes, what was decided of the old one's wishes stands ([`Grant::carry`]), and what the new
//! one wants besides ([`wider`]) needs the admin again. Pure; deliberately absent: where it is stored,
//! and the settings that addresses like `{server}` stand for.

use crate::manifest::{
    HttpPermission, Limits, Manifest, REQUESTS_AT_ONCE_CEILING, REQUESTS_PER_MINUTE_CEILING,
    Secret, is_provided,
};
use serde::{Deserialize, Serialize};

/// What a plugin may have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Grant {
    /// Fields that it may read.
    pub fields: Vec<String>,
    /// Where it may go.
    pub http: Vec<HttpGrant>,
    /// Which secrets may go where.
    pub secrets: Vec<SecretGrant>,
    /// Memory of one call, in MiB.
    pub memory_mb: u32,
    /// Time of one call, in milliseconds.
    pub time_ms: u32,
    /// Requests a minute, of all its inboxes on one host together. Grants of before there was such a
    /// limit, and those that do not name it, have the ceiling.
    #[serde(default = "all_a_minute")]
    pub requests_per_minute: u32,
    /// Requests under way at the same time, likewise.
    #[serde(default = "all_at_once")]
    pub requests_at_once: u32,
}

fn all_a_minute() -> u32 {
    REQUESTS_PER_MINUTE_CEILING
}

fn all_at_once() -> u32 {
    REQUESTS_AT_ONCE_CEILING
}

/// Somewhere that it may go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpGrant {
    /// As in the manifest; for `{setting}` also one address that the setting may then have.
    pub address: String,
    /// Empty: every method.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Empty: every path.
    #[serde(default)]
    pub path_prefix: String,
}

/// A secret, and where it may go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecretGrant {
    pub name: String,
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// One thing that a plugin asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ask {
    /// `field`, `http`, `secret`, `runtime-import`, `memory`, `time` or `requests`.
    pub kind: &'static str,
    pub what: String,
    /// The vendor's words.
    pub reason: String,
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.kind, self.what, self.reason)
    }
}

/// Everything that a manifest asks for, but for fields that the host does not fill yet.
pub fn asks(manifest: &Manifest) -> Vec<Ask> {
    wider(None, manifest)
}

/// What `new` asks for beyond `old`; everything without an old one. Limits count as far as they are
/// higher.
pub fn wider(old: Option<&Manifest>, new: &Manifest) -> Vec<Ask> {
    let mut found = Vec::new();
    let mut add = |kind, what: String, reason: &str| {
        found.push(Ask {
            kind,
            what,
            reason: reason.to_owned(),
        });
    };
    let fields = new.permissions.fields.iter();
    for field in fields.filter(|f| is_provided(&f.field)) {
        if !old.is_some_and(|old| old.asks_field(&field.field)) {
            add("field", field.field.clone(), &field.reason);
        }
    }
    for http in &new.permissions.http {
        if !old.is_some_and(|old| was_asked(&HttpGrant::of(http), old)) {
            add("http", HttpGrant::of(http).to_string(), &http.reason);
        }
    }
    for secret in &new.secrets {
        let known = old.is_some_and(|old| old.secrets.iter().any(|had| covers(had, secret)));
        if !known {
            add("secret", secret_words(secret), &secret.description);
        }
    }
    for package in &new.runtime_imports {
        if !old.is_some_and(|old| old.runtime_imports.contains(package)) {
            add("runtime-import", package.clone(), "its language's runtime");
        }
    }
    let had = old.map_or_else(nothing_but_requests, |old| old.limits);
    let wish = new.limits;
    if wish.memory_mb > had.memory_mb {
        let what = format!("{} MiB", wish.memory_mb);
        add("memory", what, "memory of one call");
    }
    if wish.time_ms > had.time_ms {
        add("time", format!("{} ms", wish.time_ms), "time of one call");
    }
    if wish.requests_per_minute > had.requests_per_minute {
        let what = format!("{} a minute", wish.requests_per_minute);
        add("requests", what, "requests to the network");
    }
    if wish.requests_at_once > had.requests_at_once {
        let what = format!("{} at once", wish.requests_at_once);
        add("requests", what, "requests to the network");
    }
    found
}

/// What a plugin has that nobody was asked: the host's ceilings of requests over time need no word,
/// only more than an earlier version made do with.
fn nothing_but_requests() -> Limits {
    Limits {
        memory_mb: 0,
        time_ms: 0,
        ..Limits::default()
    }
}

fn secret_words(secret: &Secret) -> String {
    if secret.hosts.is_empty() {
        return format!("{} (stays in the host)", secret.name);
    }
    let hosts = secret.hosts.join(", ");
    format!("{} to {hosts} in {}", secret.name, secret.places_in_words())
}

/// Whether a secret that was asked for covers another wish.
fn covers(had: &Secret, wish: &Secret) -> bool {
    had.name == wish.name
        && had.capture == wish.capture
        && wish.hosts.iter().all(|host| had.hosts.contains(host))
        && had.places_cover(wish)
}

/// Whether a grant is no more than a wish of the manifest.
fn is_within(grant: &HttpGrant, wish: &HttpGrant) -> bool {
    // The setting is the admin's, so that it may be pinned to one of the addresses it can have.
    let pinned = wish.address.starts_with('{') && !grant.address.starts_with('{');
    // One host of those that a wildcard stands for.
    let one = wish.address.split_once("*.").is_some_and(|(scheme, rest)| {
        let host = grant.address.strip_prefix(scheme);
        let label = host.and_then(|host| host.strip_suffix(rest)?.strip_suffix('.'));
        label.is_some_and(crate::manifest::is_id)
    });
    (grant.address == wish.address || pinned || one) && is_no_wider(grant, wish)
}

/// Whether an earlier version asked for all of this.
fn was_asked(wish: &HttpGrant, old: &Manifest) -> bool {
    let mut all = old.permissions.http.iter().map(HttpGrant::of);
    all.any(|had| wish.address == had.address && is_no_wider(wish, &had))
}

/// Methods and paths only.
fn is_no_wider(grant: &HttpGrant, wish: &HttpGrant) -> bool {
    let methods = wish.methods.is_empty()
        || (!grant.methods.is_empty() && grant.methods.iter().all(|m| wish.methods.contains(m)));
    methods && grant.path_prefix.starts_with(&wish.path_prefix)
}

impl Manifest {
    fn asks_field(&self, field: &str) -> bool {
        self.permissions.fields.iter().any(|f| f.field == field)
    }
}

impl HttpGrant {
    fn of(wish: &HttpPermission) -> Self {
        Self {
            address: wish.address.clone(),
            methods: wish.methods.clone(),
            path_prefix: wish.path_prefix.clone(),
        }
    }
}

impl std::fmt::Display for HttpGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let methods = match self.methods.as_slice() {
            [] => "every method".to_owned(),
            some => some.join(", "),
        };
        write!(f, "{}{} ({methods})", self.address, self.path_prefix)
    }
}

impl Grant {
    /// Everything that the manifest asks for.
    pub fn of(manifest: &Manifest) -> Self {
        let permissions = &manifest.permissions;
        Self {
            fields: manifest.provided().cloned().collect(),
            http: permissions.http.iter().map(HttpGrant::of).collect(),
            secrets: manifest
                .secrets
                .iter()
                .map(|secret| SecretGrant {
                    name: secret.name.clone(),
                    hosts: secret.hosts.clone(),
                })
                .collect(),
            memory_mb: manifest.limits.memory_mb,
            time_ms: manifest.limits.time_ms,
            requests_per_minute: manifest.limits.requests_per_minute,
            requests_at_once: manifest.limits.requests_at_once,
        }
    }

    /// Whether it is no more than the manifest asks for: what is too much, and where.
    pub fn check(&self, manifest: &Manifest) -> Result<(), String> {
        for field in &self.fields {
            if !manifest.asks_field(field) {
                let asked = manifest.permissions.fields.iter();
                let hint = crate::nearest::nearest(field, asked.map(|f| f.field.as_str()));
                let hint = hint.unwrap_or_default();
                return Err(format!("fields: it does not ask for `{field}`{hint}"));
            }
        }
        for http in &self.http {
            let wishes = &manifest.permissions.http;
            let wishes: Vec<_> = wishes.iter().map(HttpGrant::of).collect();
            if !wishes.iter().any(|wish| is_within(http, wish)) {
                let all: Vec<_> = wishes.iter().map(HttpGrant::to_string).collect();
                let all = all.join("; ");
                return Err(format!(
                    "http: `{http}` is more than it asks for, which is: {all}"
                ));
            }
        }
        for secret in &self.secrets {
            let wish = manifest.secrets.iter().find(|s| s.name == secret.name);
            let Some(wish) = wish else {
                return Err(format!("secrets: it does not ask for `{}`", secret.name));
            };
            if let Some(host) = secret.hosts.iter().find(|h| !wish.hosts.contains(h)) {
                let name = &secret.name;
                return Err(format!("secrets: `{name}` is not asked for {host}"));
            }
        }
        for (key, granted, wish) in self.limits(manifest.limits) {
            if !(1..=wish).contains(&granted) {
                return Err(format!("{key}: must be 1 to {wish}"));
            }
        }
        Ok(())
    }

    /// Each limit: its key, what is granted, and what is in `limits`.
    fn limits(&self, limits: Limits) -> [(&'static str, u32, u32); 4] {
        let (minute, once) = (self.requests_per_minute, self.requests_at_once);
        [
            ("memory-mb", self.memory_mb, limits.memory_mb),
            ("time-ms", self.time_ms, limits.time_ms),
            ("requests-per-minute", minute, limits.requests_per_minute),
            ("requests-at-once", once, limits.requests_at_once),
        ]
    }

    /// The grant for `new`, by what was decided of `old`: what both ask for stands as it was, what
    /// only the new one asks for is granted with it, as the admin was shown.
    pub fn carry(&self, old: &Manifest, new: &Manifest) -> Self {
        let mut carried = Self::of(new);
        carried
            .fields
            .retain(|field| !old.asks_field(field) || self.fields.contains(field));
        let narrowed = |wish: &HttpGrant| {
            let mut all = self.http.iter();
            let whole = all.any(|g| g.address == wish.address && is_no_wider(wish, g));
            if whole || !was_asked(wish, old) {
                return vec![wish.clone()];
            }
            let parts = self.http.iter().filter(|g| is_within(g, wish));
            parts.cloned().collect()
        };
        carried.http = carried.http.iter().flat_map(narrowed).collect();
        carried.http.dedup();
        carried.secrets.retain_mut(|secret| {
            let Some(had) = old.secrets.iter().find(|had| had.name == secret.name) else {
                return true;
            };
            let Some(granted) = self.secrets.iter().find(|g| g.name == secret.name) else {
                return false;
            };
            secret
                .hosts
                .retain(|host| !had.hosts.contains(host) || granted.hosts.contains(host));
            true
        });
        let limit = |granted: u32, had: u32, wish: u32| match granted < had {
            true => granted.min(wish),
            false => wish,
        };
        let (had, wish) = (old.limits, new.limits);
        carried.memory_mb = limit(self.memory_mb, had.memory_mb, wish.memory_mb);
        carried.time_ms = limit(self.time_ms, had.time_ms, wish.time_ms);
        carried.requests_per_minute = limit(
            self.requests_per_minute,
            had.requests_per_minute,
            wish.requests_per_minute,
        );
        carried.requests_at_once = limit(
            self.requests_at_once,
            had.requests_at_once,
            wish.requests_at_once,
        );
        carried
    }

    /// The manifest as it holds under this grant: less of the network, fewer secrets, lower limits.
    /// Fields stay as they are asked for, so that what is withheld can be told.
    pub fn apply(&self, manifest: &Manifest) -> Manifest {
        let mut granted = manifest.clone();
        let reason_of = |grant: &HttpGrant| {
            let mut wishes = manifest.permissions.http.iter();
            let wish = wishes.find(|wish| is_within(grant, &HttpGrant::of(wish)));
            wish.map(|wish| wish.reason.clone())
        };
        granted.permissions.http = self
            .http
            .iter()
            .filter_map(|grant| {
                Some(HttpPermission {
                    reason: reason_of(grant)?,
                    address: grant.address.clone(),
                    methods: grant.methods.clone(),
                    path_prefix: grant.path_prefix.clone(),
                })
            })
            .collect();
        granted.secrets.retain_mut(|secret| {
            let Some(grant) = self.secrets.iter().find(|g| g.name == secret.name) else {
                return false;
            };
            secret.hosts.retain(|host| grant.hosts.contains(host));
            true
        });
        granted.limits.memory_mb = granted.limits.memory_mb.min(self.memory_mb);
        granted.limits.time_ms = granted.limits.time_ms.min(self.time_ms);
        let (minute, once) = (self.requests_per_minute, self.requests_at_once);
        granted.limits.requests_per_minute = granted.limits.requests_per_minute.min(minute);
        granted.limits.requests_at_once = granted.limits.requests_at_once.min(once);
        granted
    }

    /// Fields that the manifest asks for, the host has, and the admin does not grant.
    pub fn withheld(&self, manifest: &Manifest) -> Vec<String> {
        let mut withheld: Vec<String> = manifest.provided().cloned().collect();
        withheld.retain(|field| !self.fields.contains(field));
        withheld
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;

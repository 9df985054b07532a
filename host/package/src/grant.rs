//! What an admin lets a plugin have, of what its manifest asks for: everything, or less.
//!
//! A grant never holds more than the manifest it was given for asked ([`Grant::check`]). When a new
//! version comes, what was decided of the old one's wishes stands ([`Grant::carry`]), and what the new
//! one wants besides ([`wider`]) needs the admin again. Pure; deliberately absent: where it is stored,
//! and the settings that addresses like `{server}` stand for.

use crate::manifest::{HttpPermission, Manifest, Secret, SecretPlace};
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
    /// `field`, `http`, `secret`, `runtime-import`, `memory` or `time`.
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

/// Everything that a manifest asks for.
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
    for field in &new.permissions.fields {
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
    let had = old.map_or((0, 0), |old| (old.limits.memory_mb, old.limits.time_ms));
    if new.limits.memory_mb > had.0 {
        let what = format!("{} MiB", new.limits.memory_mb);
        add("memory", what, "memory of one call");
    }
    if new.limits.time_ms > had.1 {
        let what = format!("{} ms", new.limits.time_ms);
        add("time", what, "time of one call");
    }
    found
}

fn secret_words(secret: &Secret) -> String {
    let places: Vec<&str> = secret
        .places
        .iter()
        .map(|place| match place {
            SecretPlace::Header => "header",
            SecretPlace::Body => "body",
        })
        .collect();
    if secret.hosts.is_empty() {
        return format!("{} (stays in the host)", secret.name);
    }
    let hosts = secret.hosts.join(", ");
    format!("{} to {hosts} in {}", secret.name, places.join(" or "))
}

/// Whether a secret that was asked for covers another wish.
fn covers(had: &Secret, wish: &Secret) -> bool {
    had.name == wish.name
        && had.capture == wish.capture
        && wish.hosts.iter().all(|host| had.hosts.contains(host))
        && wish.places.iter().all(|place| had.places.contains(place))
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
            fields: permissions.fields.iter().map(|f| f.field.clone()).collect(),
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
        let limits = manifest.limits;
        if self.memory_mb == 0 || self.memory_mb > limits.memory_mb {
            return Err(format!("memory-mb: must be 1 to {}", limits.memory_mb));
        }
        if self.time_ms == 0 || self.time_ms > limits.time_ms {
            return Err(format!("time-ms: must be 1 to {}", limits.time_ms));
        }
        Ok(())
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
        granted
    }

    /// Fields that the manifest asks for and that are not granted.
    pub fn withheld(&self, manifest: &Manifest) -> Vec<String> {
        let asked = manifest.permissions.fields.iter();
        asked
            .filter(|f| !self.fields.contains(&f.field))
            .map(|f| f.field.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(more: &str) -> Manifest {
        let head = r#"
            id = "x"
            name = "X"
            version = "0.1.0"
            kind = "channel"
            network = "x"
            publisher = "P"
            licence = "Apache-2.0"
            contract = "1.0.0"
            description = "d"
            limits = { memory-mb = 32, time-ms = 5000 }
        "#;
        let parsed = Manifest::parse(&format!("{head}\n{more}"));
        parsed.unwrap_or_else(|e| panic!("{e}"))
    }

    fn http(address: &str, methods: &str, prefix: &str) -> String {
        format!(
            "[[permissions.http]]\naddress = \"{address}\"\nmethods = [{methods}]\n\
             path-prefix = \"{prefix}\"\nreason = \"r\"\n"
        )
    }

    #[test]
    fn only_what_is_more_needs_the_admin() {
        let old = manifest(&http("https://a.example", "\"GET\"", "/api"));
        let less = manifest(&http("https://a.example", "\"GET\"", "/api/v1"));
        assert_eq!(wider(Some(&old), &old), []);
        assert_eq!(wider(Some(&old), &less), []);
        for more in [
            http("https://a.example", "\"GET\", \"POST\"", "/api"),
            http("https://a.example", "", "/api"),
            http("https://a.example", "\"GET\"", "/"),
            http("https://b.example", "\"GET\"", "/api"),
            http("http://a.example", "\"GET\"", "/api"),
        ] {
            let found = wider(Some(&old), &manifest(&more));
            assert_eq!(found.len(), 1, "{more}");
            assert_eq!(found[0].kind, "http");
        }
        let mut larger = old.clone();
        larger.limits.memory_mb = 64;
        assert_eq!(
            wider(Some(&old), &larger)[0].to_string(),
            "memory 64 MiB: memory of one call"
        );
        assert_eq!(asks(&old).len(), 3);
    }

    #[test]
    fn a_grant_is_never_more_than_the_wish() {
        let manifest = manifest(&http("https://a.example", "\"GET\"", "/api"));
        let mut grant = Grant::of(&manifest);
        assert_eq!(grant.check(&manifest), Ok(()));
        grant.http[0].path_prefix = "/api/mine".into();
        assert_eq!(grant.check(&manifest), Ok(()));
        let changes: [fn(&mut Grant); 7] = [
            |grant: &mut Grant| grant.http[0].methods.clear(),
            |grant| grant.http[0].path_prefix.clear(),
            |grant| grant.http[0].address = "https://b.example".into(),
            |grant| grant.fields.push("contact.history".into()),
            |grant| grant.memory_mb = 33,
            |grant| grant.memory_mb = 0,
            |grant| {
                grant.secrets.push(SecretGrant {
                    name: "key".into(),
                    hosts: vec![],
                })
            },
        ];
        for change in changes {
            let mut more = grant.clone();
            change(&mut more);
            assert!(more.check(&manifest).is_err(), "{more:?}");
        }
        assert_eq!(
            grant.apply(&manifest).permissions.http[0].path_prefix,
            "/api/mine"
        );
    }

    #[test]
    fn what_was_refused_stays_refused() {
        let two = http("https://a.example", "", "") + &http("https://b.example", "", "");
        let old = manifest(&two);
        let new = manifest(&(two + &http("https://c.example", "", "")));
        let mut grant = Grant::of(&old);
        grant.http.retain(|h| h.address != "https://b.example");
        grant.time_ms = 1000;
        let carried = grant.carry(&old, &new);
        let addresses: Vec<&str> = carried.http.iter().map(|h| h.address.as_str()).collect();
        assert_eq!(addresses, ["https://a.example", "https://c.example"]);
        assert_eq!((carried.memory_mb, carried.time_ms), (32, 1000));
        let less = manifest(&http("https://a.example", "\"GET\"", "/api"));
        assert_eq!(grant.carry(&old, &less).http, Grant::of(&less).http);
        assert_eq!(carried.check(&new), Ok(()));
    }

    #[test]
    fn a_wildcard_may_be_pinned_to_one_of_its_hosts() {
        let manifest = manifest(&http("https://*.example.com", "", ""));
        let mut grant = Grant::of(&manifest);
        for (address, fits) in [
            ("https://eu.example.com", true),
            ("https://a.eu.example.com", false),
            ("https://example.com", false),
            ("https://euexample.com", false),
            ("http://eu.example.com", false),
            ("https://*.com", false),
        ] {
            grant.http[0].address = address.into();
            assert_eq!(grant.check(&manifest).is_ok(), fits, "{address}");
        }
    }

    #[test]
    fn wildcards_are_one_leading_label() {
        for wrong in [
            "https://*.com",
            "https://a.*.com",
            "https://*",
            "https://*a.example.com",
            "http://*.example.com",
            "https://*.*.example.com",
            "https://*.127.0.0.1",
        ] {
            let text = http(wrong, "", "");
            let head = "id = \"x\"\nname = \"X\"\nversion = \"0.1.0\"\nkind = \"channel\"\n\
                network = \"x\"\npublisher = \"P\"\nlicence = \"MIT\"\ncontract = \"1.0.0\"\n\
                description = \"d\"\n";
            assert!(
                Manifest::parse(&format!("{head}{text}")).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_setting_may_be_pinned_to_one_address() {
        let text = format!(
            "settings = {{ type = \"object\", properties = {{ server = {{ type = \"string\" }} }} }}\n{}",
            http("{server}", "", "")
        );
        let manifest = manifest(&text);
        let pinned = self::manifest(&http("https://evil.example", "", ""));
        assert_eq!(
            wider(Some(&manifest), &pinned).len(),
            1,
            "no update pins it"
        );
        let mut grant = Grant::of(&manifest);
        grant.http[0].address = "https://mine.example".into();
        assert_eq!(grant.check(&manifest), Ok(()));
        assert_eq!(
            grant.apply(&manifest).permissions.http[0].address,
            "https://mine.example"
        );
    }
}

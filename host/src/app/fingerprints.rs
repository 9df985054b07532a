//! What plugins and inboxes are at this start: their code, settings and grants, as digests. The store
//! compares them with the last start and puts every difference on record. Secrets are named by where
//! they are, never by what they are.

use crate::config::{Config, InboxConfig, SecretPlace, SecretSource};
use crate::domain::fingerprint::{Fingerprint, GRANT_CHANGE, PLUGIN_LOAD, SETTING_CHANGE};
use crate::pipeline::plugins::Loaded;
use crate::plugin::connector::Connector;
use crate::plugin::pure::PurePlugin;
use rapport_package::Manifest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Of every plugin that was loaded and every inbox that is served.
pub fn fingerprints(config: &Config, loaded: &Loaded) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    for plugin in loaded.pure() {
        found.extend(of_pure(plugin));
    }
    for runtime in loaded.inboxes.values() {
        let options = config
            .inboxes
            .iter()
            .find(|options| options.name == runtime.inbox.name);
        if let Some(options) = options {
            found.extend(of_inbox(options, &runtime.connector));
        }
    }
    found
}

fn code(subject: &str, manifest: &Manifest, digest: &str) -> Fingerprint {
    let parts = [
        ("id", manifest.id.as_str()),
        ("version", manifest.version.as_str()),
        ("digest", digest),
    ];
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Fingerprint {
        kind: PLUGIN_LOAD,
        subject: subject.to_owned(),
        parts: parts.map(own).into_iter().collect::<BTreeMap<_, _>>(),
    }
}

fn of_pure(plugin: &PurePlugin) -> [Fingerprint; 3] {
    let subject = format!("plugin:{}", plugin.manifest.id);
    let settings: Value = serde_json::from_str(&plugin.settings.text).unwrap_or_default();
    let granted = plugin
        .granted
        .iter()
        .map(|field| (field.clone(), Value::Null));
    let granted = Value::Object(granted.collect());
    [
        code(&subject, &plugin.manifest, &plugin.digest),
        Fingerprint::of_settings(SETTING_CHANGE, &subject, &settings),
        Fingerprint::of_settings(GRANT_CHANGE, &subject, &granted),
    ]
}

fn of_inbox(options: &InboxConfig, connector: &Connector) -> [Fingerprint; 3] {
    let subject = format!("inbox:{}", options.name);
    let manifest = &connector.manifest;
    let secrets: BTreeMap<&String, Value> = options
        .secrets
        .iter()
        .map(|(name, source)| (name, place_of(source)))
        .collect();
    let mut settings = json!({
        "network": options.network,
        "poll-seconds": options.poll_seconds,
        "monitors": options.monitors,
        "secrets": secrets,
    });
    for (name, value) in &options.settings {
        settings[format!("settings.{name}")] = json!(value);
    }
    let mut grants = json!({ "local-hosts": options.local_hosts });
    for permission in &manifest.permissions.http {
        let scope = json!([permission.methods, permission.path_prefix]);
        grants[format!("http {}", permission.address)] = scope;
    }
    for secret in &manifest.secrets {
        grants[format!("secret {}", secret.name)] = json!(secret.hosts);
    }
    [
        code(&subject, manifest, &connector.digest),
        Fingerprint::of_settings(SETTING_CHANGE, &subject, &settings),
        Fingerprint::of_settings(GRANT_CHANGE, &subject, &grants),
    ]
}

/// Where a secret is: a secret in the file itself is just that.
fn place_of(source: &SecretSource) -> Value {
    match source {
        SecretSource::Text(_) => json!("text"),
        SecretSource::Elsewhere(SecretPlace::Env(name)) => json!({ "env": name }),
        SecretSource::Elsewhere(SecretPlace::File(path)) => {
            json!({ "file": path.to_string_lossy() })
        }
    }
}

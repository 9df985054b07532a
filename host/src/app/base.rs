//! What a host starts from, whatever the store says: plugin files, and what rapport.toml says of plugins
//! and inboxes. A file that can't be read, and a secret, are told and stop nothing else.

use super::{engines, fingerprints, read_package, secret_key};
use crate::config::{Config, InboxConfig, PluginConfig};
use crate::db::Db;
use crate::domain::plugin::InboxSetup;
use crate::pipeline::plugins::{Base, Configured, ConfiguredInbox, Unreadable};
use anyhow::{Context, Result, bail};
use rapport_package::{Kind, Package};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The plugins that come with the binary: id and file.
const BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The plugins that come with the binary, by id.
pub(super) fn bundled() -> Result<BTreeMap<String, Package>> {
    let read = |(id, bytes): &(&str, &[u8])| {
        let package = Package::read(bytes.to_vec()).with_context(|| format!("bundled {id}"))?;
        Ok(((*id).to_owned(), package))
    };
    BUNDLED.iter().map(read).collect()
}

/// Why a section of rapport.toml has no plugin.
pub(super) enum NoPlugin {
    /// It names none: a slip of the pen, which nothing may start with.
    Unknown(String),
    /// Its file is none, or another.
    Unreadable { reason: String, kind: Option<Kind> },
}

impl NoPlugin {
    pub(super) fn reason(&self) -> &str {
        match self {
            NoPlugin::Unknown(reason) | NoPlugin::Unreadable { reason, .. } => reason,
        }
    }
}

/// The plugin of a section: its file, or the bundled one.
pub(super) fn plugin_of(
    id: &str,
    plugin: &PluginConfig,
    bundled: &BTreeMap<String, Package>,
) -> Result<Package, NoPlugin> {
    let Some(file) = &plugin.file else {
        return bundled.get(id).cloned().ok_or_else(|| {
            let known = bundled.keys().map(String::as_str);
            let hint = rapport_package::nearest::nearest(id, known).unwrap_or_default();
            NoPlugin::Unknown(format!(
                "no such bundled plugin{hint}; for another one, give its `file`"
            ))
        });
    };
    read_as(id, file)
}

fn read_as(id: &str, file: &Path) -> Result<Package, NoPlugin> {
    let package = read_package(file).map_err(|error| NoPlugin::Unreadable {
        reason: format!("{error:#}"),
        kind: None,
    })?;
    let unreadable = |reason| NoPlugin::Unreadable {
        reason,
        kind: Some(package.manifest.kind),
    };
    let own = &package.manifest.id;
    if own != id {
        let file = file.display();
        return Err(unreadable(format!(
            "{file} is the plugin `{own}`; name the section after it"
        )));
    }
    let inspected = package.inspect();
    inspected.map_err(|error| unreadable(format!("{}: {error}", file.display())))?;
    Ok(package)
}

/// Plugin files by id: the bundled ones, and those that the configuration names. Every one must be
/// there.
pub fn packages(config: &Config) -> Result<BTreeMap<String, Package>> {
    let bundled = bundled()?;
    let mut found = bundled.clone();
    for (id, plugin) in &config.plugins {
        match plugin_of(id, plugin, &bundled) {
            Ok(package) => {
                found.insert(id.clone(), package);
            }
            Err(none) => bail!("[plugins.{id}]: {}", none.reason()),
        }
    }
    Ok(found)
}

/// What a host starts from.
pub async fn base(config: &Config, db: &Db) -> Result<Base> {
    let bundled = bundled()?;
    let (mut configured, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    for (id, plugin) in &config.plugins {
        match plugin_of(id, plugin, &bundled) {
            Ok(package) => {
                let section = Configured {
                    package: Arc::new(package),
                    enabled: plugin.enabled,
                    settings: serde_json::to_value(&plugin.settings)?,
                    withhold: plugin.withhold.clone(),
                };
                configured.insert(id.clone(), section);
            }
            Err(NoPlugin::Unknown(reason)) => bail!("[plugins.{id}]: {reason}"),
            Err(NoPlugin::Unreadable { reason, kind }) => {
                let enabled = plugin.enabled;
                let section = Unreadable {
                    reason,
                    enabled,
                    kind,
                };
                unreadable.insert(id.clone(), section);
            }
        }
    }
    let inboxes = config.inboxes.iter().map(inbox);
    let for_record = config.clone();
    let bundled = bundled.into_iter();
    Ok(Base {
        configured,
        unreadable,
        inboxes: inboxes.collect::<Result<_>>()?,
        bundled: bundled
            .map(|(id, package)| (id, Arc::new(package)))
            .collect(),
        engines: engines(config)?,
        registries: config.registries.local_hosts.clone(),
        key: secret_key(config, db).await?,
        fingerprints: Box::new(move |set| fingerprints::fingerprints(&for_record, set)),
    })
}

/// An inbox of the configuration, with its secrets.
pub(super) fn inbox(configured: &InboxConfig) -> Result<ConfiguredInbox> {
    let secrets = configured.secrets.iter().map(|(name, source)| {
        let secret = source.read().map_err(|error| error.to_string());
        (name.clone(), secret)
    });
    Ok(ConfiguredInbox {
        name: configured.name.clone(),
        secrets: secrets.collect(),
        setup: InboxSetup {
            plugin: configured.plugin.clone(),
            network: configured.network.clone(),
            settings: serde_json::to_value(&configured.settings)?,
            poll_seconds: u32::try_from(configured.poll_seconds)?,
            sends_per_minute: configured.sends_per_minute,
            local_hosts: configured.local_hosts.clone(),
            monitors: configured.monitors.clone(),
            webhook_url: configured.webhook_url.clone(),
        },
    })
}

//! Wiring: from configuration to a host that is ready.

mod fingerprints;
mod secret_key;

pub use secret_key::secret_key;

use crate::config::{Config, InboxConfig, PluginConfig};
use crate::db::Db;
use crate::domain::oidc::Provider;
use crate::domain::plugin::InboxSetup;
use crate::domain::{new_id, now_ms};
use crate::http::{Identity, Oidc};
use crate::pipeline::Pipeline;
use crate::pipeline::changes::Changes;
use crate::pipeline::plugins::{Base, Configured, ConfiguredInbox, Plugins, Registry, load};
use crate::pipeline::webhooks::WebhookSender;
use crate::plugin::Engines;
use crate::plugin::pure::PurePlugin;
use anyhow::{Context, Result, bail};
use rapport_package::{Kind, Package};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The plugins that come with the binary: id and file.
const BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Plugin files by id: the bundled ones, and those that the configuration names.
pub fn packages(config: &Config) -> Result<BTreeMap<String, Package>> {
    let mut found = bundled()?;
    let configured = configured(config, &found)?;
    found.extend(configured);
    Ok(found)
}

fn bundled() -> Result<BTreeMap<String, Package>> {
    let read = |(id, bytes): &(&str, &[u8])| {
        let package = Package::read(bytes.to_vec()).with_context(|| format!("bundled {id}"))?;
        Ok(((*id).to_owned(), package))
    };
    BUNDLED.iter().map(read).collect()
}

/// The plugins that have a section of their own: their file, or the bundled one.
fn configured(
    config: &Config,
    bundled: &BTreeMap<String, Package>,
) -> Result<BTreeMap<String, Package>> {
    let mut found = BTreeMap::new();
    for (id, plugin) in &config.plugins {
        let package = match (&plugin.file, bundled.get(id)) {
            (Some(file), _) => {
                let package = read_package(file)?;
                if package.manifest.id != *id {
                    bail!(
                        "[plugins.{id}]: {} is the plugin `{}`; name the section after it",
                        file.display(),
                        package.manifest.id
                    );
                }
                package
                    .inspect()
                    .with_context(|| file.display().to_string())?;
                package
            }
            (None, Some(package)) => package.clone(),
            (None, None) => {
                let known = bundled.keys().map(String::as_str);
                let hint = rapport_package::nearest::nearest(id, known);
                bail!(
                    "[plugins.{id}]: no such bundled plugin{}; for another one, give its `file`",
                    hint.unwrap_or_default()
                );
            }
        };
        found.insert(id.clone(), package);
    }
    Ok(found)
}

/// Reads a plugin file.
pub fn read_package(file: &Path) -> Result<Package> {
    let read = || -> Result<Package> {
        let mut bytes = Vec::new();
        // One byte more than there may be is refused by its size.
        let most = rapport_package::limits::FILE_BYTES as u64 + 1;
        std::fs::File::open(file)?
            .take(most)
            .read_to_end(&mut bytes)?;
        Ok(Package::read(bytes)?)
    };
    read().with_context(|| file.display().to_string())
}

/// The engines, with compiled plugins kept in the data directory.
pub fn engines(config: &Config) -> Result<Arc<Engines>> {
    let engines = Engines::new(&config.data_dir.join("compiled"))?;
    Ok(Arc::new(engines.trusting(config.extra_roots()?)))
}

/// Loads one classifier or policy as configured.
pub async fn load_pure(
    engines: &Arc<Engines>,
    package: &Package,
    config: &PluginConfig,
) -> Result<PurePlugin> {
    let given = serde_json::to_value(&config.settings)?;
    load::pure(engines, package, &given, &config.withhold)
        .await
        .with_context(|| format!("[plugins.{}]", package.manifest.id))
}

/// Opens the store: the configured one, or a file in the data directory.
pub async fn open_db(config: &Config) -> Result<Db> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let source = config.source()?;
    Db::open(&source).await.with_context(|| source.to_string())
}

/// What log-ins work with besides passwords: the secret key and the providers.
pub async fn identity(config: &Config, db: &Db) -> Result<Identity> {
    let mut providers: Vec<Provider> = Vec::new();
    for configured in &config.oidc {
        let provider = configured.provider()?;
        if providers.iter().any(|other| other.name == provider.name) {
            bail!("two oidc providers are named `{}`", provider.name);
        }
        for role in provider
            .roles
            .values()
            .flatten()
            .chain(&provider.default_roles)
        {
            if db.role_get(role).await?.is_none() {
                tracing::warn!(provider = %provider.name, %role, "there is no such role yet");
            }
        }
        providers.push(provider);
    }
    let public_url = config.public_url.as_ref().map(|url| url.0.as_str());
    if public_url.is_none() && !providers.is_empty() {
        bail!("oidc: set public-url, so that the provider can send people back");
    }
    Ok(Identity {
        key: secret_key(config, db).await?,
        oidc: Oidc::new(providers, public_url, &config.extra_roots()?)
            .map_err(|error| anyhow::anyhow!(error))?,
    })
}

/// What a host starts from, whatever the store says.
pub async fn base(config: &Config, db: &Db) -> Result<Base> {
    let bundled = bundled()?;
    let configured = configured(config, &bundled)?.into_iter();
    let configured = configured.map(|(id, package)| {
        let plugin = config.plugins.get(&id).cloned().unwrap_or_default();
        let configured = Configured {
            package: Arc::new(package),
            enabled: plugin.enabled,
            settings: serde_json::to_value(&plugin.settings)?,
            withhold: plugin.withhold,
        };
        Ok((id, configured))
    });
    let inboxes = config.inboxes.iter().map(inbox);
    Ok(Base {
        configured: configured.collect::<Result<_>>()?,
        inboxes: inboxes.collect::<Result<_>>()?,
        bundled: bundled
            .into_iter()
            .map(|(id, package)| (id, Arc::new(package)))
            .collect(),
        engines: engines(config)?,
        key: secret_key(config, db).await?,
    })
}

/// An inbox of the configuration, with its secrets.
fn inbox(configured: &InboxConfig) -> Result<ConfiguredInbox> {
    let place = format!("inbox `{}`", configured.name);
    let secrets = configured.secrets.iter().map(|(name, source)| {
        let secret = source.read(&format!("{place}: secrets.{name}"))?;
        Ok((name.clone(), secret))
    });
    Ok(ConfiguredInbox {
        name: configured.name.clone(),
        secrets: secrets.collect::<Result<_>>()?,
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

/// Opens the store, loads every plugin and every inbox's connector that is to be at work.
pub async fn start(config: &Config) -> Result<Pipeline> {
    let db = open_db(config).await?;
    let registry = Registry::new(base(config, &db).await?);
    let loaded = registry.start(&db).await?;
    let now = fingerprints::fingerprints(config, &loaded);
    db.fingerprint_sync(now_ms(), &now).await?;
    Ok(Pipeline {
        db,
        plugins: Plugins::of(loaded),
        registry: Some(registry),
        ingest: Default::default(),
        changes: Changes::default(),
        host: new_id(),
        lease_min_ms: config.lease_seconds as i64 * 1000,
        webhooks: WebhookSender::new(&config.webhooks.local_hosts, &config.extra_roots()?)
            .map_err(|e| anyhow::anyhow!("[webhooks] {e}"))?,
        housekeeping: config.housekeeping(),
        times: Default::default(),
    })
}

/// Loads every enabled classifier and policy of the configuration, without a store.
pub async fn load_plugins(
    config: &Config,
    packages: &BTreeMap<String, Package>,
    engines: &Arc<Engines>,
) -> Result<(Vec<Arc<PurePlugin>>, Vec<Arc<PurePlugin>>)> {
    let (mut classifiers, mut policies) = (Vec::new(), Vec::new());
    let default = PluginConfig::default();
    for (id, package) in packages {
        let plugin = config.plugins.get(id).unwrap_or(&default);
        if !plugin.enabled || package.manifest.kind == Kind::Channel {
            continue;
        }
        let loaded = Arc::new(load_pure(engines, package, plugin).await?);
        match package.manifest.kind {
            Kind::Classifier => classifiers.push(loaded),
            Kind::Policy => policies.push(loaded),
            Kind::Channel => {}
        }
    }
    Ok((classifiers, policies))
}

//! Wiring: from configuration to a host that is ready.

mod base;
mod examine;
mod fingerprints;
mod rotation;
mod secret_key;

pub use base::{base, packages};
pub use examine::{examine, examine_inboxes, examine_plugins, try_settings};
pub use rotation::{follow as follow_key, rotate};
pub use secret_key::{examine_key, known_key, secret_key};

use crate::config::{Config, PluginConfig};
use crate::db::Db;
use crate::domain::new_id;
use crate::domain::plugin::PluginState;
use crate::http::{Identity, Oidc};
use crate::pipeline::Pipeline;
use crate::pipeline::changes::Changes;
use crate::pipeline::plugins::{Plugins, Registry, load};
use crate::pipeline::webhooks::WebhookSender;
use crate::plugin::Engines;
use crate::plugin::pure::PurePlugin;
use anyhow::{Context, Result};
use rapport_package::{Kind, Package};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

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
    crate::db::private::create_dir(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let source = config.source()?;
    Db::open(&source).await.with_context(|| source.to_string())
}

/// What log-ins work with besides passwords: the secret key and the providers.
pub async fn identity(config: &Config, db: &Db) -> Result<Identity> {
    let providers = config.providers()?;
    for provider in &providers {
        let named = provider.roles.values().flatten();
        for role in named.chain(&provider.default_roles) {
            if db.role_get(role).await?.is_none() {
                tracing::warn!(provider = %provider.name, %role, "there is no such role yet");
            }
        }
    }
    let public_url = config.public_url.as_ref().map(|url| url.0.as_str());
    Ok(Identity {
        key: secret_key(config, db).await?,
        oidc: Oidc::new(providers, public_url, &config.extra_roots()?)
            .map_err(|error| anyhow::anyhow!(error))?,
    })
}

/// Opens the store. Plugins and inboxes are not at work yet: [`Registry::follow`] prepares them.
pub async fn open(config: &Config) -> Result<Pipeline> {
    let db = open_db(config).await?;
    Ok(Pipeline {
        registry: Some(Registry::new(base(config, &db).await?)),
        db,
        plugins: Plugins::pending(),
        ingest: Default::default(),
        changes: Changes::default(),
        host: new_id(),
        lease_min_ms: config.lease_seconds as i64 * 1000,
        webhooks: webhook_sender(config)?,
        housekeeping: config.housekeeping(),
        times: Default::default(),
    })
}

fn webhook_sender(config: &Config) -> Result<WebhookSender> {
    WebhookSender::new(&config.webhooks.local_hosts, &config.extra_roots()?)
        .map_err(|e| anyhow::anyhow!("[webhooks] {e}"))
}

/// Opens the store, and prepares every plugin and every inbox that is to be at work, as far as that
/// goes: what could not be is told in the set ([`missing`]).
pub async fn start(config: &Config) -> Result<Pipeline> {
    let pipeline = open(config).await?;
    prepare(&pipeline).await?;
    Ok(pipeline)
}

/// Prepares what is to be at work, as far as that goes.
pub async fn prepare(pipeline: &Pipeline) -> Result<()> {
    if let Some(registry) = &pipeline.registry {
        registry.follow(&pipeline.db, &pipeline.plugins).await?;
    }
    Ok(())
}

/// What should be at work and can't be, each with the reason.
pub fn missing(pipeline: &Pipeline) -> Vec<String> {
    let set = pipeline.plugins.now();
    let standings = set.standings.iter();
    let failed = standings.filter(|(_, standing)| standing.state == PluginState::Failed);
    let plugins = failed.filter_map(|(id, standing)| {
        let reason = standing.reason.as_deref().unwrap_or_default();
        // Of a channel whose inbox is not ready, the inbox tells.
        (!reason.starts_with("inbox ")).then(|| format!("plugin {id}: {reason}"))
    });
    let inboxes = set.not_ready.iter();
    let inboxes = inboxes.map(|(name, reason)| format!("inbox {name}: {reason}"));
    plugins.chain(inboxes).collect()
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

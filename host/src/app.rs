//! Wiring: from configuration to a host that is ready.

mod fingerprints;
mod secret_key;

pub use secret_key::secret_key;

use crate::config::{Config, InboxConfig, PluginConfig};
use crate::db::Db;
use crate::domain::oidc::Provider;
use crate::domain::{new_id, now_ms};
use crate::http::{Identity, Oidc};
use crate::pipeline::Pipeline;
use crate::pipeline::changes::Changes;
use crate::pipeline::inboxes::InboxRuntime;
use crate::pipeline::webhooks::WebhookSender;
use crate::plugin::connector::{Connector, ConnectorOptions};
use crate::plugin::pure::PurePlugin;
use crate::plugin::{Engines, Freeze, resolve_settings};
use anyhow::{Context, Result, bail};
use rapport_package::{Kind, Package};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Beside the call itself: reading before, the wait for room among other calls (at most ten seconds),
/// and recording after.
const CALL_MARGIN_MS: i64 = 15_000;

/// The plugins that come with the binary: id and file.
const BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Plugin files by id: the bundled ones, and those that the configuration names.
pub fn packages(config: &Config) -> Result<BTreeMap<String, Package>> {
    let mut found = BTreeMap::new();
    for (id, bytes) in BUNDLED {
        let package = Package::read(bytes.to_vec()).with_context(|| format!("bundled {id}"))?;
        found.insert((*id).to_owned(), package);
    }
    for (id, plugin) in &config.plugins {
        if let Some(file) = &plugin.file {
            let package = read_package(file)?;
            if package.manifest.id != *id {
                bail!(
                    "[plugins.{id}]: {} is the plugin `{}`; name the section after it",
                    file.display(),
                    package.manifest.id
                );
            }
            found.insert(id.clone(), package);
        } else if !found.contains_key(id) {
            let hint = rapport_package::nearest::nearest(id, found.keys().map(String::as_str));
            bail!(
                "[plugins.{id}]: no such bundled plugin{}; for another one, give its `file`",
                hint.unwrap_or_default()
            );
        }
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
    Ok(Arc::new(Engines::new(&config.data_dir.join("compiled"))?))
}

/// Loads one classifier or policy as configured.
pub async fn load_pure(
    engines: &Arc<Engines>,
    package: &Package,
    config: &PluginConfig,
) -> Result<PurePlugin> {
    let id = &package.manifest.id;
    let given = serde_json::to_value(&config.settings)?;
    let settings = resolve_settings(&package.manifest.settings, &given)
        .map_err(|problems| wrong_settings(&format!("[plugins.{id}.settings]"), &problems))?;
    if let Some(not_asked) = withheld_in_vain(package, config).next() {
        bail!("[plugins.{id}]: withhold: it does not ask for {not_asked}");
    }
    PurePlugin::load(
        engines,
        package,
        settings,
        &config.withhold,
        Freeze::WhenPossible,
    )
    .await
    .with_context(|| format!("plugin {id}"))
}

/// What is withheld though the plugin does not ask for it, each with the nearest that it asks for.
pub fn withheld_in_vain(package: &Package, config: &PluginConfig) -> impl Iterator<Item = String> {
    let fields = &package.manifest.permissions.fields;
    config.withhold.iter().filter_map(|field| {
        let asked = fields.iter().map(|f| f.field.as_str());
        if asked.clone().any(|f| f == field) {
            return None;
        }
        let hint = rapport_package::nearest::nearest(field, asked);
        Some(format!("`{field}`{}", hint.unwrap_or_default()))
    })
}

fn wrong_settings(place: &str, problems: &[String]) -> anyhow::Error {
    anyhow::anyhow!("{place}: {}", problems.join("; "))
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
        oidc: Oidc::new(providers, public_url).map_err(|error| anyhow::anyhow!(error))?,
    })
}

/// Opens the store, loads every enabled plugin and every inbox's connector.
pub async fn start(config: &Config) -> Result<Pipeline> {
    let packages = packages(config)?;
    let engines = engines(config)?;
    let db = open_db(config).await?;
    let (classifiers, policies) = load_plugins(config, &packages, &engines).await?;
    let mut pipeline = Pipeline {
        db,
        classifiers,
        policies,
        inboxes: BTreeMap::new(),
        ingest: Default::default(),
        changes: Changes::default(),
        host: new_id(),
        lease_ms: config.lease_seconds as i64 * 1000,
        webhooks: WebhookSender::new(&config.webhooks.local_hosts)
            .map_err(|e| anyhow::anyhow!("[webhooks] {e}"))?,
        housekeeping: config.housekeeping(),
        times: Default::default(),
    };
    start_inboxes(config, &packages, &engines, &mut pipeline).await?;
    // No lease ends while a call that it covers may still be running.
    let longest_call = pipeline
        .inboxes
        .values()
        .map(|runtime| i64::from(runtime.connector.manifest.limits.time_ms));
    let longest_call = longest_call.max().unwrap_or(0);
    pipeline.lease_ms = pipeline.lease_ms.max(longest_call + CALL_MARGIN_MS);
    let now = fingerprints::fingerprints(config, &pipeline);
    pipeline.db.fingerprint_sync(now_ms(), &now).await?;
    Ok(pipeline)
}

/// Loads every enabled classifier and policy.
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
        tracing::info!(plugin = %id, version = %package.manifest.version, frozen = loaded.is_frozen(), "loaded");
        match package.manifest.kind {
            Kind::Classifier => classifiers.push(loaded),
            Kind::Policy => policies.push(loaded),
            Kind::Channel => {}
        }
    }
    Ok((classifiers, policies))
}

async fn start_inboxes(
    config: &Config,
    packages: &BTreeMap<String, Package>,
    engines: &Arc<Engines>,
    pipeline: &mut Pipeline,
) -> Result<()> {
    let mut configured = Vec::new();
    for inbox in &config.inboxes {
        let package = channel_of(inbox, packages)?;
        let own = package.manifest.network.clone().unwrap_or_default();
        let network = inbox.network.clone().unwrap_or(own);
        configured.push((
            inbox.name.clone(),
            inbox.plugin.clone(),
            network,
            inbox.monitors.clone(),
        ));
    }
    for inbox in pipeline.db.inbox_sync(&configured).await? {
        let Some(options) = config.inboxes.iter().find(|c| c.name == inbox.name) else {
            continue;
        };
        let package = channel_of(options, packages)?;
        let id = inbox.id.clone();
        let poll_every = Duration::from_secs(options.poll_seconds);
        let send_every_ms = options.sends_per_minute.map(|n| 60_000 / i64::from(n));
        let connector = load_connector(engines, package, options, &id).await?;
        tracing::info!(inbox = %inbox.name, plugin = %inbox.plugin, "inbox ready");
        pipeline.inboxes.insert(
            id,
            Arc::new(InboxRuntime::new(
                inbox,
                connector,
                poll_every,
                send_every_ms,
            )),
        );
    }
    Ok(())
}

fn channel_of<'a>(
    inbox: &InboxConfig,
    packages: &'a BTreeMap<String, Package>,
) -> Result<&'a Package> {
    let channels = packages
        .values()
        .filter(|p| p.manifest.kind == Kind::Channel);
    let hint = || {
        let ids = channels.map(|p| p.manifest.id.as_str());
        rapport_package::nearest::nearest(&inbox.plugin, ids).unwrap_or_default()
    };
    match packages.get(&inbox.plugin) {
        Some(package) if package.manifest.kind == Kind::Channel => Ok(package),
        Some(_) => bail!(
            "inbox `{}`: `{}` is no channel{}",
            inbox.name,
            inbox.plugin,
            hint()
        ),
        None => bail!(
            "inbox `{}`: no plugin `{}`{}",
            inbox.name,
            inbox.plugin,
            hint()
        ),
    }
}

async fn load_connector(
    engines: &Arc<Engines>,
    package: &Package,
    options: &InboxConfig,
    inbox_id: &str,
) -> Result<Connector> {
    let place = format!("inbox `{}`", options.name);
    let given = serde_json::to_value(&options.settings)?;
    let settings = resolve_settings(&package.manifest.settings, &given)
        .map_err(|problems| wrong_settings(&format!("{place}: settings"), &problems))?;
    let mut secrets = BTreeMap::new();
    for (name, source) in &options.secrets {
        let declared = package
            .manifest
            .secrets
            .iter()
            .filter(|s| s.capture.is_empty());
        if !declared.clone().any(|s| s.name == *name) {
            let hint = rapport_package::nearest::nearest(name, declared.map(|s| s.name.as_str()));
            bail!(
                "{place}: secrets: the plugin has no `{name}`{}",
                hint.unwrap_or_default()
            );
        }
        secrets.insert(
            name.clone(),
            source.read(&format!("{place}: secrets.{name}"))?,
        );
    }
    let options = ConnectorOptions {
        inbox_id: inbox_id.to_owned(),
        settings,
        secrets,
        local_hosts: options.local_hosts.clone(),
        webhook_url: options.webhook_url.clone(),
    };
    Connector::load(engines, package, options)
        .await
        .context(place)
}

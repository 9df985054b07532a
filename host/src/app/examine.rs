//! Everything that is wrong with a configuration and can be known without side effects. `rapport serve`
//! refuses to start on the first part, and finds the second where plugins and inboxes are prepared, by
//! the same functions; `rapport config check` tells both.

use super::base::{NoPlugin, bundled, inbox, plugin_of};
use super::secret_key::given_key;
use super::webhook_sender;
use crate::config::{Config, ConfigError, read_roots};
use crate::domain::address::LocalHosts;
use crate::pipeline::plugins::load;
use crate::plugin::connector::Problem;
use crate::plugin::{Engines, PrepareError, try_settings as try_one};
use anyhow::Result;
use futures_util::future::join_all;
use rapport_package::{Kind, Package};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What keeps a host from starting.
pub fn examine(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut note = |key: &str, problem: Option<String>| {
        if let Some(problem) = problem {
            let own = problem.strip_prefix(&format!("{key}: ")).map(str::to_owned);
            found.push(Problem::new(key, own.unwrap_or(problem)));
        }
    };
    let text = |error: ConfigError| error.to_string();
    note("api-token", config.token().err().map(text));
    note("database", config.source().err().map(text));
    note("data-dir", data_dir(&config.data_dir).err());
    note(
        "secret-key",
        given_key(config).err().map(|e| format!("{e:#}")),
    );
    let roots: Vec<_> = config
        .extra_ca
        .0
        .iter()
        .filter_map(|f| read_roots(f).err())
        .collect();
    let roots_are_good = roots.is_empty();
    for error in roots {
        note("extra-ca", Some(error.to_string()));
    }
    note("oidc", config.providers().err().map(text));
    let registries = LocalHosts::parse(&config.registries.local_hosts);
    note("registries", registries.err());
    if roots_are_good {
        let webhooks = webhook_sender(config).err().map(|e| e.to_string());
        note("webhooks", webhooks);
    }
    let known = match bundled() {
        Ok(known) => known,
        Err(error) => {
            note("plugins", Some(format!("{error:#}")));
            BTreeMap::new()
        }
    };
    for (id, plugin) in &config.plugins {
        if plugin.file.is_none()
            && let Err(NoPlugin::Unknown(reason)) = plugin_of(id, plugin, &known)
        {
            note(&format!("plugins.{id}"), Some(reason));
        }
    }
    found
}

/// The directory is made at the start; here only whether that could work.
fn data_dir(dir: &Path) -> Result<(), String> {
    let mut existing = dir;
    while !existing.exists() {
        match existing.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => existing = parent,
            _ => return Ok(()),
        }
    }
    let place = existing.display();
    let metadata = std::fs::metadata(existing).map_err(|error| format!("{place}: {error}"))?;
    if !metadata.is_dir() {
        return Err(format!("{place} is no directory"));
    }
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    rustix::fs::access(existing, access)
        .map_err(|error| format!("{place} can't be written to: {error}"))
}

/// The plugins that can be read, and what keeps those of the configuration from work, short of running
/// them.
pub fn examine_plugins(config: &Config) -> Result<(BTreeMap<String, Package>, Vec<Problem>)> {
    let bundled = bundled()?;
    let mut packages = bundled.clone();
    let mut found = Vec::new();
    for (id, plugin) in &config.plugins {
        let key = format!("plugins.{id}");
        let package = match plugin_of(id, plugin, &bundled) {
            Ok(package) => package,
            Err(NoPlugin::Unknown(_)) => continue,
            Err(NoPlugin::Unreadable { reason, .. }) => {
                packages.remove(id);
                found.push(Problem::new(format!("{key}.file"), reason));
                continue;
            }
        };
        if package.manifest.kind != Kind::Channel {
            let settings = serde_json::to_value(&plugin.settings)?;
            if let Err(load::LoadError::Settings(wrong)) = load::settings(&package, &settings) {
                let key = format!("{key}.settings");
                found.extend(wrong.into_iter().map(|text| Problem::new(&key, text)));
            }
            for in_vain in load::withheld_in_vain(&package, &plugin.withhold) {
                let text = format!("the plugin does not ask for {in_vain}");
                found.push(Problem::new(format!("{key}.withhold"), text));
            }
        }
        packages.insert(id.clone(), package);
    }
    Ok((packages, found))
}

/// What keeps inboxes of the configuration from work, short of running their channels.
pub fn examine_inboxes(
    config: &Config,
    packages: &BTreeMap<String, Package>,
) -> Result<Vec<Problem>> {
    let mut found = Vec::new();
    for configured in &config.inboxes {
        let key = format!("inbox.{}", configured.name);
        let section = config.plugins.get(&configured.plugin);
        let problem = match section {
            Some(section) if !section.enabled => {
                Some(format!("its channel `{}` is disabled", configured.plugin))
            }
            // Told where the plugin is named.
            Some(_) if !packages.contains_key(&configured.plugin) => continue,
            _ => None,
        };
        let package = match (
            problem,
            load::channel(packages.values(), &configured.plugin),
        ) {
            (None, Ok(package)) => package,
            (Some(problem), _) | (None, Err(problem)) => {
                found.push(Problem::new(format!("{key}.plugin"), problem));
                continue;
            }
        };
        let inbox = inbox(configured)?;
        let problems = load::inbox_problems(package, &inbox.setup, &inbox.secrets).into_iter();
        found.extend(problems.map(|p| Problem::new(format!("{key}.{}", p.key), p.text)));
    }
    Ok(found)
}

/// What plugins and channels themselves refuse of their settings, of those that are otherwise `well`: they
/// are configured in instances that are thrown away.
pub async fn try_settings(
    config: &Config,
    packages: &BTreeMap<String, Package>,
    well: impl Fn(&str) -> bool,
) -> Vec<Problem> {
    let dir = config.data_dir.join("compiled");
    let engines = match Engines::looking_at(&dir) {
        Ok(engines) => Arc::new(engines),
        Err(error) => return vec![Problem::new("plugins", format!("{error:#}"))],
    };
    let judges = config.plugins.iter().filter(|(_, plugin)| plugin.enabled);
    let judges = judges.filter_map(|(id, plugin)| {
        let package = packages
            .get(id)
            .filter(|p| p.manifest.kind != Kind::Channel)?;
        Some((format!("plugins.{id}"), package, &plugin.settings))
    });
    let inboxes = config.inboxes.iter().filter_map(|inbox| {
        let package = packages.get(&inbox.plugin)?;
        Some((format!("inbox.{}", inbox.name), package, &inbox.settings))
    });
    let all = judges.chain(inboxes).filter(|(key, ..)| well(key));
    let engines = &engines;
    let tried = all.map(|(key, package, given)| async move {
        let given = serde_json::to_value(given).ok()?;
        let settings = load::settings(package, &given).ok()?;
        let refused = try_one(engines, package, &settings).await.err()?;
        let key = match refused {
            PrepareError::Settings(_) => format!("{key}.settings"),
            _ => key,
        };
        Some(Problem::new(key, refused.to_string()))
    });
    join_all(tried).await.into_iter().flatten().collect()
}

//! From a plugin file, settings and a grant to something at work.

use crate::domain::plugin::InboxSetup;
use crate::plugin::connector::{self, Connector, ConnectorOptions, Given, Problem};
use crate::plugin::pure::PurePlugin;
use crate::plugin::{Engines, Freeze, PrepareError, Settings, resolve_settings};
use rapport_package::nearest::nearest;
use rapport_package::{Kind, Package};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why it can't be at work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// One problem each, with its place.
    #[error("settings: {}", .0.join("; "))]
    Settings(Vec<String>),
    #[error("withhold: it does not ask for {0}")]
    WithheldInVain(String),
    #[error("secrets: {0}")]
    Secret(String),
    /// All that is wrong with how an inbox is set up.
    #[error("{}", connector::joined(.0))]
    Inbox(Vec<Problem>),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
}

impl LoadError {
    /// The same again would fail again: whoever set it up must change something.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Prepare(PrepareError::Load(_) | PrepareError::Fault(_))
        )
    }
}

/// Checks settings against the plugin's schema and fills in defaults. None at all are an empty object
/// where rapport.toml has no section for them.
pub fn settings(package: &Package, given: &Value) -> Result<Settings, LoadError> {
    resolve_settings(&package.manifest.settings, given).map_err(LoadError::Settings)
}

/// A classifier or policy, compiled and configured.
pub async fn pure(
    engines: &Arc<Engines>,
    package: &Package,
    given: &Value,
    withhold: &[String],
) -> Result<PurePlugin, LoadError> {
    let settings = settings(package, given)?;
    if let Some(in_vain) = withheld_in_vain(package, withhold).next() {
        return Err(LoadError::WithheldInVain(in_vain));
    }
    let freeze = Freeze::WhenPossible;
    Ok(PurePlugin::load(engines, package, settings, withhold, freeze).await?)
}

/// What is withheld though the plugin does not ask for it, each with the nearest that it asks for.
pub fn withheld_in_vain(package: &Package, withhold: &[String]) -> impl Iterator<Item = String> {
    let fields = &package.manifest.permissions.fields;
    withhold.iter().filter_map(|field| {
        let asked = fields.iter().map(|f| f.field.as_str());
        if asked.clone().any(|f| f == field) {
            return None;
        }
        Some(format!(
            "`{field}`{}",
            nearest(field, asked).unwrap_or_default()
        ))
    })
}

/// An inbox's connector.
pub async fn connector(
    engines: &Arc<Engines>,
    package: &Package,
    inbox_id: &str,
    setup: &InboxSetup,
    secrets: BTreeMap<String, Result<String, String>>,
) -> Result<Connector, LoadError> {
    let problems = inbox_problems(package, setup, &secrets);
    if !problems.is_empty() {
        return Err(LoadError::Inbox(problems));
    }
    let read = secrets.into_iter();
    let options = ConnectorOptions {
        inbox_id: inbox_id.to_owned(),
        settings: settings(package, &setup.settings)?,
        secrets: read.filter_map(|(name, s)| Some((name, s.ok()?))).collect(),
        local_hosts: setup.local_hosts.clone(),
        webhook_url: setup.webhook_url.clone(),
    };
    Ok(Connector::load(engines, package, options).await?)
}

/// Everything about an inbox that would keep its connector from work and can be known without running
/// it. `secrets` holds each one that is set, or why it can't be read.
pub fn inbox_problems(
    package: &Package,
    setup: &InboxSetup,
    secrets: &BTreeMap<String, Result<String, String>>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut read, mut unread) = (BTreeMap::new(), BTreeSet::new());
    for (name, secret) in secrets {
        let key = format!("secrets.{name}");
        match (no_such_secret(package, name), secret) {
            (Some(text), _) => problems.push(Problem::new(key, text)),
            (None, Err(reason)) => problems.push(Problem::new(key, reason)),
            (None, Ok(secret)) => {
                read.insert(name.clone(), secret.clone());
            }
        }
        if secret.is_err() {
            unread.insert(name.as_str());
        }
    }
    match resolve_settings(&package.manifest.settings, &setup.settings) {
        Err(wrong) => {
            problems.extend(wrong.into_iter().map(|text| Problem::new("settings", text)));
        }
        Ok(settings) => {
            let given = Given {
                settings: &settings.value,
                secrets: &read,
                unread: &unread,
                local_hosts: &setup.local_hosts,
                webhook_url: setup.webhook_url.as_deref(),
            };
            problems.extend(connector::problems(&package.manifest, &given));
        }
    }
    problems
}

/// Whether an admin can give this secret; one that is captured from the network nobody gives.
pub fn secret_is_asked_for(package: &Package, name: &str) -> Result<(), LoadError> {
    match no_such_secret(package, name) {
        Some(text) => Err(LoadError::Secret(text)),
        None => Ok(()),
    }
}

fn no_such_secret(package: &Package, name: &str) -> Option<String> {
    let all = &package.manifest.secrets;
    let mut given = all.iter().filter(|s| s.capture.is_empty());
    if given.clone().any(|s| s.name == *name) {
        return None;
    }
    let hint = nearest(name, given.by_ref().map(|s| s.name.as_str())).unwrap_or_default();
    Some(format!("the plugin has no such secret `{name}`{hint}"))
}

/// The channel of an inbox, by its id, with the nearest channel's name when it is none.
pub fn channel<'a>(
    packages: impl Iterator<Item = &'a Package> + Clone,
    id: &str,
) -> Result<&'a Package, String> {
    let hint = || {
        let channels = packages
            .clone()
            .filter(|p| p.manifest.kind == Kind::Channel);
        nearest(id, channels.map(|p| p.manifest.id.as_str())).unwrap_or_default()
    };
    match packages.clone().find(|p| p.manifest.id == id) {
        Some(package) if package.manifest.kind == Kind::Channel => Ok(package),
        Some(_) => Err(format!("`{id}` is no channel{}", hint())),
        None => Err(format!("no plugin `{id}`{}", hint())),
    }
}

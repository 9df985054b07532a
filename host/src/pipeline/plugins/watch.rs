//! What a host tells of its plugins from time to time, and what it does about a version that came into
//! force lately and fails.

use super::manage::{ManageError, save};
use super::{Loaded, Registry, Standing};
use crate::domain::agreement::Agreement;
use crate::domain::fingerprint::HOST;
use crate::domain::plugin::{GoodVersion, Installation, PluginLogLine, PluginState, PluginStatus};
use crate::domain::{new_id, now_ms};
use crate::pipeline::Pipeline;
use crate::plugin::Health;
use serde_json::json;
use std::collections::BTreeMap;

/// How long a new version is watched, in milliseconds.
pub const PROVING_MS: i64 = 60 * 60 * 1000;
/// Its error budget: more host faults than this share of its calls, in percent, and at least so many.
pub const BUDGET_PERCENT: u64 = 5;
pub const BUDGET_FAULTS: u64 = 5;

/// What a host makes of every plugin, by id.
pub type Statuses = BTreeMap<String, PluginStatus>;

impl Loaded {
    /// What this host makes of every plugin.
    pub fn statuses(&self) -> Statuses {
        let mut healths: BTreeMap<&str, Health> = BTreeMap::new();
        for plugin in self.pure() {
            healths.insert(&plugin.manifest.id, plugin.breaker.health());
        }
        for runtime in self.inboxes.values() {
            let connector = &runtime.connector;
            let sum = healths.entry(&connector.manifest.id).or_default();
            sum.add(connector.breaker.health());
        }
        let status = |(id, standing): (&String, &Standing)| {
            let health = healths.remove(id.as_str()).unwrap_or_default();
            let mut status = status_of(standing, health);
            status.last_known_good = self.good.get(id).map(|good| GoodVersion {
                version: good.manifest.version.clone(),
                digest: good.digest.clone(),
                calls: good.breaker.health().calls,
            });
            (id.clone(), status)
        };
        self.standings.iter().map(status).collect()
    }
}

fn status_of(standing: &Standing, health: Health) -> PluginStatus {
    let faults = health.faults_by_name.into_iter();
    PluginStatus {
        state: standing.state,
        reason: standing.reason.clone(),
        version: standing.version.clone(),
        digest: standing.digest.clone(),
        trust: standing.trust.clone(),
        calls: health.calls,
        faults: faults.map(|(name, n)| (name.to_owned(), n)).collect(),
        time_ms: u64::try_from(health.time.as_millis()).unwrap_or(u64::MAX),
        breaker_open: health.open,
        last_fault: health.last_fault,
        last_known_good: None,
    }
}

impl Pipeline {
    /// Stores what this host makes of its plugins, and how far candidates agree.
    pub async fn plugins_tell(&self, statuses: &Statuses) -> Result<(), ManageError> {
        let now = now_ms();
        self.db
            .plugin_status_store(&self.host, now, statuses)
            .await?;
        for (plugin, digest, agreement) in self.plugins.shadows() {
            if agreement != Agreement::default() {
                let stored = self
                    .db
                    .plugin_shadow_store(&plugin, &digest, &self.host, now, &agreement);
                stored.await?;
            }
        }
        Ok(())
    }

    /// Stores what plugins have logged since.
    pub async fn plugins_log(&self, registry: &Registry) -> Result<(), ManageError> {
        let lines = registry.base.engines.take_log().into_iter();
        let lines: Vec<_> = lines
            .map(|line| PluginLogLine {
                id: new_id(),
                plugin: line.plugin,
                at: line.at,
                level: line.level.to_owned(),
                text: line.text,
            })
            .collect();
        if !lines.is_empty() {
            let stored = self.db.plugin_log_store(&self.host, now_ms(), &lines);
            stored.await?;
        }
        Ok(())
    }

    /// Goes back from versions that spend their error budget in their first hour, and lets those that
    /// have passed it be.
    pub async fn plugins_prove(
        &self,
        registry: &Registry,
        statuses: &Statuses,
    ) -> Result<(), ManageError> {
        let now = now_ms();
        for plugin in self.db.plugin_proving_list().await? {
            let since = plugin.upgraded.unwrap_or_default();
            let status = statuses.get(&plugin.id);
            let spent = status.filter(|s| s.digest == plugin.digest && is_spent(s));
            let done = match spent {
                Some(status) if plugin.previous.is_some() => {
                    let why = why(status);
                    tracing::error!(plugin = %plugin.id, why, "going back to the version before");
                    let back =
                        registry.rollback(&self.db, HOST, &plugin.id, Some(&plugin.digest), &why);
                    back.await.map(drop)
                }
                _ if now - since > PROVING_MS => self.proven(plugin).await,
                _ => Ok(()),
            };
            // Another host may have been first.
            if let Err(error) = done {
                tracing::warn!(%error, "a new version's first hour");
            }
        }
        Ok(())
    }

    async fn proven(&self, mut plugin: Installation) -> Result<(), ManageError> {
        plugin.upgraded = None;
        let detail = json!({ "digest": plugin.digest });
        let saved = save(&self.db, plugin, None, (HOST, "plugin.proven", detail));
        saved.await.map(drop)
    }
}

fn is_spent(status: &PluginStatus) -> bool {
    if status.state == PluginState::Failed {
        return true;
    }
    let faults: u64 = status.faults.values().sum();
    faults >= BUDGET_FAULTS && faults * 100 > status.calls * BUDGET_PERCENT
}

fn why(status: &PluginStatus) -> String {
    if let (PluginState::Failed, Some(reason)) = (status.state, &status.reason) {
        return reason.clone();
    }
    let faults: u64 = status.faults.values().sum();
    let last = status.last_fault.as_deref().unwrap_or_default();
    format!(
        "{faults} of {} calls of {} ended in a host fault, the last one: {last}",
        status.calls, status.version
    )
}

//! The inboxes of a set: those of rapport.toml, and those of the store.

use super::super::load::{self, LoadError};
use super::super::manage::ManageError;
use super::super::{Loaded, inbox};
use super::{Facts, Registry};
use crate::db::Db;
use crate::db::inbox_setup::StoredSetup;
use crate::domain::digest::sha256_hex;
use crate::domain::inbox::Inbox;
use crate::domain::plugin::{InboxSetup, PluginState};
use crate::pipeline::inboxes::InboxRuntime;
use rapport_package::Package;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An inbox to be at work.
struct WantedInbox {
    name: String,
    setup: InboxSetup,
    /// As they are, or sealed.
    secrets: BTreeMap<String, String>,
    strict: bool,
}

impl Registry {
    /// Inboxes of rapport.toml and of the store; a name of rapport.toml is rapport.toml's.
    fn wanted_inboxes(&self, facts: &Facts) -> Vec<WantedInbox> {
        let configured = self.base.inboxes.iter().map(|inbox| WantedInbox {
            name: inbox.name.clone(),
            setup: inbox.setup.clone(),
            secrets: inbox.secrets.clone(),
            strict: true,
        });
        let own = |setup: &&StoredSetup| {
            let names = &self.base.inboxes;
            setup.enabled && names.iter().all(|inbox| inbox.name != setup.name)
        };
        let stored = facts.setups.iter().filter(own).map(|stored| WantedInbox {
            name: stored.name.clone(),
            setup: stored.setup.clone(),
            secrets: stored.secrets.clone(),
            strict: false,
        });
        configured.chain(stored).collect()
    }

    pub(super) async fn load_inboxes(
        &self,
        db: &Db,
        facts: &Facts,
        loaded: &mut Loaded,
        before: &Loaded,
        channels: &BTreeMap<String, Arc<Package>>,
        strict: bool,
    ) -> Result<(), ManageError> {
        let mut wanted = Vec::new();
        let mut rows = Vec::new();
        for inbox in self.wanted_inboxes(facts) {
            let all = channels.values().map(AsRef::as_ref);
            match load::channel(all, &inbox.setup.plugin) {
                Ok(package) => {
                    let network = inbox.setup.network.clone();
                    let network = network.or_else(|| package.manifest.network.clone());
                    rows.push((
                        inbox.name.clone(),
                        inbox.setup.plugin.clone(),
                        network.unwrap_or_default(),
                        inbox.setup.monitors.clone(),
                    ));
                    wanted.push((inbox, package));
                }
                Err(problem) => {
                    let standing = loaded.standings.get(&inbox.setup.plugin);
                    let problem = standing.map_or(problem, |standing| {
                        format!("its channel is {}", standing.state)
                    });
                    // What an admin did to a channel must not keep a host from starting.
                    if strict && inbox.strict && !facts.installed.contains_key(&inbox.setup.plugin)
                    {
                        return Err(ManageError::Invalid(format!(
                            "inbox `{}`: {problem}",
                            inbox.name
                        )));
                    }
                    tracing::warn!(inbox = %inbox.name, %problem, "inbox not at work");
                }
            }
        }
        for row in db.inbox_sync(&rows).await? {
            let Some((inbox, package)) = wanted.iter().find(|(inbox, _)| inbox.name == row.name)
            else {
                continue;
            };
            let id = row.id.clone();
            match self.load_inbox(row, inbox, package, loaded, before).await {
                Ok(runtime) => {
                    loaded.inboxes.insert(id, runtime);
                    loaded.channel_works(&inbox.setup.plugin);
                }
                Err(error) if strict && inbox.strict => {
                    let place = format!("inbox `{}`", inbox.name);
                    return Err(ManageError::Start(place, error));
                }
                Err(error) => {
                    tracing::error!(inbox = %inbox.name, %error, "inbox not loaded");
                    let reason = format!("inbox {}: {error}", inbox.name);
                    loaded.channel_fails(&inbox.setup.plugin, reason);
                }
            }
        }
        Ok(())
    }

    async fn load_inbox(
        &self,
        row: Inbox,
        wanted: &WantedInbox,
        package: &Package,
        loaded: &mut Loaded,
        before: &Loaded,
    ) -> Result<Arc<InboxRuntime>, LoadError> {
        let permitted = serde_json::to_string(&package.manifest).unwrap_or_default();
        let setup = serde_json::to_string(&wanted.setup).unwrap_or_default();
        let secrets = serde_json::to_string(&wanted.secrets).unwrap_or_default();
        let parts = format!("{} {permitted} {setup} {secrets}", package.digest);
        let key = sha256_hex(parts.as_bytes());
        loaded.keys.insert(row.id.clone(), key.clone());
        if let Some(runtime) = before.inboxes.get(&row.id)
            && before.keys.get(&row.id) == Some(&key)
        {
            return Ok(Arc::clone(runtime));
        }
        let secrets = match wanted.strict {
            true => wanted.secrets.clone(),
            false => {
                inbox::open(&self.base.key, &row.id, &wanted.secrets).map_err(LoadError::Secret)?
            }
        };
        let engines = &self.base.engines;
        let connector = load::connector(engines, package, &row.id, &wanted.setup, secrets).await?;
        tracing::info!(inbox = %row.name, plugin = %row.plugin, "inbox ready");
        let setup = &wanted.setup;
        Ok(Arc::new(InboxRuntime::new(
            row,
            connector,
            Duration::from_secs(u64::from(setup.poll_seconds)),
            setup.sends_per_minute.map(|n| 60_000 / i64::from(n.max(1))),
        )))
    }
}

impl Loaded {
    fn channel_works(&mut self, plugin: &str) {
        if let Some(standing) = self.standings.get_mut(plugin)
            && standing.state == PluginState::Idle
        {
            standing.state = PluginState::Running;
        }
    }

    fn channel_fails(&mut self, plugin: &str, reason: String) {
        if let Some(standing) = self.standings.get_mut(plugin) {
            standing.state = PluginState::Failed;
            standing.reason = Some(reason);
        }
    }
}

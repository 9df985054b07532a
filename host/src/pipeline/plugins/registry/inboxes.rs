//! The inboxes of a set: those of rapport.toml, and those of the store. Each is prepared beside the
//! others and at work as soon as it is there; one that can't be says why, in the set and in the store.

use super::super::load::{self, LoadError};
use super::super::manage::ManageError;
use super::super::standing::Stand;
use super::super::{Loaded, Plugins, Standing, inbox};
use super::{Facts, Registry};
use crate::db::Db;
use crate::db::inbox_setup::StoredSetup;
use crate::db::inbox_state;
use crate::domain::digest::sha256_hex;
use crate::domain::inbox::{Inbox, InboxState};
use crate::domain::now_ms;
use crate::domain::plugin::{InboxSetup, PluginState};
use crate::pipeline::inboxes::InboxRuntime;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rapport_package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Longest reason that is kept.
const REASON_CHARS: usize = 2000;

/// Where an inbox's secrets are.
enum Secrets {
    /// As they are, or why one can't be read.
    Read(BTreeMap<String, Result<String, String>>),
    Sealed(BTreeMap<String, String>),
}

/// An inbox to be at work.
struct WantedInbox {
    name: String,
    setup: InboxSetup,
    secrets: Secrets,
}

/// An inbox with what it is to be prepared from.
struct Planned {
    row: Inbox,
    wanted: WantedInbox,
    package: Arc<Package>,
    /// Tells what it is prepared from.
    key: String,
    /// It is at work already, from the same.
    same: bool,
}

/// Inboxes that could not be prepared.
#[derive(Default)]
pub(super) struct Failed {
    /// Those that would be refused again, by what they were to be prepared from, and why.
    pub(super) refused: BTreeMap<String, String>,
    /// There are others, which may do later.
    pub(super) transient: bool,
}

/// All inboxes of a set.
pub(super) struct Inboxes {
    planned: Vec<Planned>,
    /// Those whose channel is not there, and why.
    without: Vec<(Inbox, String)>,
}

impl Registry {
    /// Inboxes of rapport.toml and of the store; a name of rapport.toml is rapport.toml's.
    fn wanted_inboxes(&self, facts: &Facts) -> Vec<WantedInbox> {
        let configured = self.base.inboxes.iter().map(|inbox| WantedInbox {
            name: inbox.name.clone(),
            setup: inbox.setup.clone(),
            secrets: Secrets::Read(inbox.secrets.clone()),
        });
        let own = |setup: &&StoredSetup| {
            let names = &self.base.inboxes;
            setup.enabled && names.iter().all(|inbox| inbox.name != setup.name)
        };
        let stored = facts.setups.iter().filter(own).map(|stored| WantedInbox {
            name: stored.name.clone(),
            setup: stored.setup.clone(),
            secrets: Secrets::Sealed(stored.secrets.clone()),
        });
        configured.chain(stored).collect()
    }

    /// Puts every inbox on record, and finds what each is prepared from.
    pub(super) async fn plan_inboxes(
        &self,
        db: &Db,
        facts: &Facts,
        channels: &BTreeMap<String, Stand>,
        lost: &BTreeMap<String, Standing>,
        before: &Loaded,
    ) -> Result<Inboxes, ManageError> {
        let mut wanted = BTreeMap::new();
        let mut rows = Vec::new();
        for inbox in self.wanted_inboxes(facts) {
            let package = self.channel_of(&inbox, channels, lost);
            let own = package
                .as_ref()
                .ok()
                .and_then(|p| p.manifest.network.as_ref());
            let network = inbox.setup.network.as_ref().or(own);
            rows.push((
                inbox.name.clone(),
                inbox.setup.plugin.clone(),
                network.cloned().unwrap_or_default(),
                inbox.setup.monitors.clone(),
            ));
            wanted.insert(inbox.name.clone(), (inbox, package));
        }
        let mut inboxes = Inboxes {
            planned: Vec::new(),
            without: Vec::new(),
        };
        for row in db.inbox_sync(&rows).await? {
            match wanted.remove(&row.name) {
                Some((wanted, Ok(package))) => {
                    let key = key_of(&wanted, &package);
                    let same = before.inboxes.contains_key(&row.id)
                        && before.inbox_keys.get(&row.id) == Some(&key);
                    inboxes.planned.push(Planned {
                        row,
                        wanted,
                        package,
                        key,
                        same,
                    });
                }
                Some((_, Err(problem))) => inboxes.without.push((row, problem)),
                None => {}
            }
        }
        Ok(inboxes)
    }

    /// The channel of an inbox, or why it has none.
    fn channel_of(
        &self,
        inbox: &WantedInbox,
        channels: &BTreeMap<String, Stand>,
        lost: &BTreeMap<String, Standing>,
    ) -> Result<Arc<Package>, String> {
        let id = &inbox.setup.plugin;
        let stand = channels.get(id);
        if let Some(stand) = stand.filter(|stand| stand.runs()) {
            return Ok(Arc::clone(&stand.wish.package));
        }
        if let Some(standing) = stand.map(|stand| &stand.standing).or(lost.get(id)) {
            let why = standing.reason.as_ref().map(|reason| format!(": {reason}"));
            let (state, why) = (standing.state, why.unwrap_or_default());
            return Err(format!("its channel `{id}` is {state}{why}"));
        }
        let known = channels.values().map(|stand| &stand.wish.package);
        let known = known.chain(self.base.bundled.values()).map(AsRef::as_ref);
        load::channel(known, id).map(|package| Arc::new(package.clone()))
    }

    /// Prepares what is not at work yet, side by side. `failed` holds what was refused before, by its key.
    pub(super) async fn load_inboxes(
        &self,
        db: &Db,
        inboxes: Inboxes,
        failed: BTreeMap<String, String>,
        plugins: &Plugins,
    ) -> Result<Failed, ManageError> {
        for (row, problem) in &inboxes.without {
            not_ready(db, row, problem).await?;
        }
        let failed = &failed;
        let mut preparing: FuturesUnordered<_> = inboxes
            .planned
            .iter()
            .filter(|inbox| !inbox.same)
            .map(|inbox| async move {
                match failed.get(&inbox.key) {
                    Some(reason) => (inbox, Err((reason.clone(), true))),
                    None => {
                        let loaded = self.load_inbox(inbox).await;
                        let told = |error: LoadError| (short(&error), error.is_refusal());
                        (inbox, loaded.map_err(told))
                    }
                }
            })
            .collect();
        let mut all = Failed::default();
        while let Some((inbox, loaded)) = preparing.next().await {
            let (row, channel) = (&inbox.row, &inbox.wanted.setup.plugin);
            match loaded {
                Ok(runtime) => {
                    tracing::info!(inbox = %row.name, plugin = %channel, "inbox ready");
                    plugins.change(|set| {
                        set.inboxes.insert(row.id.clone(), runtime);
                        set.inbox_keys.insert(row.id.clone(), inbox.key.clone());
                        set.preparing_inboxes.remove(&row.name);
                        set.channel_works(channel);
                    });
                    if matches!(row.state, InboxState::NotReady | InboxState::Preparing) {
                        db.inbox_ready(&row.id).await?;
                    }
                }
                Err((reason, refusal)) => {
                    plugins.change(|set| {
                        set.inboxes.remove(&row.id);
                        set.preparing_inboxes.remove(&row.name);
                        set.not_ready.insert(row.name.clone(), reason.clone());
                        set.channel_fails(channel, format!("inbox {}: {reason}", row.name));
                    });
                    not_ready(db, row, &reason).await?;
                    match refusal {
                        true => drop(all.refused.insert(inbox.key.clone(), reason)),
                        false => all.transient = true,
                    }
                }
            }
        }
        Ok(all)
    }

    async fn load_inbox(&self, inbox: &Planned) -> Result<Arc<InboxRuntime>, LoadError> {
        let (row, setup) = (&inbox.row, &inbox.wanted.setup);
        let secrets = match &inbox.wanted.secrets {
            Secrets::Read(secrets) => secrets.clone(),
            Secrets::Sealed(sealed) => {
                let opened = inbox::open(&self.base.key, &row.id, sealed);
                let opened = opened.map_err(LoadError::Secret)?.into_iter();
                opened.map(|(name, secret)| (name, Ok(secret))).collect()
            }
        };
        let engines = &self.base.engines;
        let connector = load::connector(engines, &inbox.package, &row.id, setup, secrets).await?;
        Ok(Arc::new(InboxRuntime::new(
            row.clone(),
            connector,
            Duration::from_secs(u64::from(setup.poll_seconds)),
            setup.sends_per_minute.map(|n| 60_000 / i64::from(n.max(1))),
        )))
    }
}

/// Of many problems the first are enough.
fn short(error: &LoadError) -> String {
    error.to_string().chars().take(REASON_CHARS).collect()
}

/// What an inbox is prepared from, as a digest.
fn key_of(wanted: &WantedInbox, package: &Package) -> String {
    let permitted = serde_json::to_string(&package.manifest).unwrap_or_default();
    let setup = serde_json::to_string(&wanted.setup).unwrap_or_default();
    let secrets = match &wanted.secrets {
        Secrets::Read(secrets) => serde_json::to_string(secrets),
        Secrets::Sealed(sealed) => serde_json::to_string(sealed),
    };
    let secrets = secrets.unwrap_or_default();
    let name = &wanted.name;
    let parts = format!("{name} {} {permitted} {setup} {secrets}", package.digest);
    sha256_hex(parts.as_bytes())
}

/// Puts on record that an inbox can't be at work.
async fn not_ready(db: &Db, row: &Inbox, reason: &str) -> Result<(), ManageError> {
    tracing::warn!(inbox = %row.name, reason, "inbox not ready");
    let standing = inbox_state::Standing {
        trouble: Some((InboxState::NotReady, reason)),
    };
    Ok(db.inbox_stands(&row.id, now_ms(), standing).await?)
}

impl Inboxes {
    /// Takes what is not wanted any more out of the set, and marks what is still to come.
    pub(super) fn begin(&self, set: &mut Loaded, channels: &BTreeMap<String, Stand>) {
        for (id, stand) in channels {
            let mut standing = stand.standing.clone();
            if stand.runs() {
                standing.state = PluginState::Idle;
            }
            set.standings.insert(id.clone(), standing);
        }
        let wanted: BTreeSet<&String> = self.planned.iter().map(|inbox| &inbox.row.id).collect();
        set.inboxes.retain(|id, _| wanted.contains(id));
        set.inbox_keys.retain(|id, _| wanted.contains(id));
        let without = self.without.iter();
        set.not_ready = without
            .map(|(row, problem)| (row.name.clone(), problem.clone()))
            .collect();
        let fresh = self.planned.iter().filter(|inbox| !inbox.same);
        set.preparing_inboxes = fresh.map(|inbox| inbox.row.name.clone()).collect();
        for inbox in self.planned.iter().filter(|inbox| inbox.same) {
            set.channel_works(&inbox.wanted.setup.plugin);
        }
    }
}

impl Loaded {
    fn channel_works(&mut self, plugin: &str) {
        if let Some(standing) = self.standings.get_mut(plugin)
            && matches!(standing.state, PluginState::Idle | PluginState::Failed)
        {
            standing.state = PluginState::Running;
            standing.reason = None;
        }
    }

    /// A channel fails when none of its inboxes is at work; the inboxes tell of themselves.
    fn channel_fails(&mut self, plugin: &str, reason: String) {
        if let Some(standing) = self.standings.get_mut(plugin)
            && standing.state != PluginState::Running
        {
            standing.state = PluginState::Failed;
            standing.reason = Some(reason);
        }
    }
}

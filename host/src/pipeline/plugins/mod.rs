//! Which plugins and inboxes are at work, changed while the host runs.
//!
//! `registry` puts what comes with the host, what rapport.toml says and what an admin installed into
//! one set ([`Loaded`]); each change is a set of its own: a batch that has begun ends with the plugins
//! that it began with. `manage` is what admins do; it changes the store, and every host of the store follows.
//! A plugin that can't be loaded keeps nobody else out, and its last version at work.

pub mod admit;
pub mod detail;
mod difference;
pub mod force;
pub mod inbox;
mod intake;
pub mod load;
pub mod manage;
mod registry;
mod shadow;
pub mod simulate;
mod standing;
pub mod trust;
pub mod upgrade;
pub mod watch;

pub use registry::{Base, Configured, ConfiguredInbox, Registry, Unreadable};
pub use shadow::Shadow;

use super::inboxes::InboxRuntime;
use crate::domain::Id;
use crate::domain::inbox::{Inbox, InboxState};
use crate::domain::plugin::PluginState;
use crate::plugin::pure::PurePlugin;
use rapport_package::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch as signal;

/// Beside a call itself: reading before, the wait for room among other calls (at most ten seconds),
/// and recording after.
const CALL_MARGIN_MS: i64 = 15_000;

/// The set that is at work.
#[derive(Default, Clone)]
pub struct Loaded {
    /// A start has not come to its end: what can be at work is not yet.
    pub starting: bool,
    /// It has not even come as far as to let anything judge: events wait.
    pub pending: bool,
    /// Classifiers and policies that a start is preparing, by id.
    pub preparing: BTreeSet<String>,
    /// Inboxes that are being prepared, by name.
    pub preparing_inboxes: BTreeSet<String>,
    /// Inboxes that can't be at work, by name, and why.
    pub not_ready: BTreeMap<String, String>,
    pub classifiers: Vec<Arc<PurePlugin>>,
    pub policies: Vec<Arc<PurePlugin>>,
    /// Policies that should be at work and can't be.
    pub absent: Vec<Absent>,
    /// By id, versions that answer what the one in force gives no answer to.
    pub good: BTreeMap<String, Arc<PurePlugin>>,
    /// Candidates beside the version in force.
    pub shadows: Vec<Arc<Shadow>>,
    /// Active inboxes by id.
    pub inboxes: BTreeMap<Id, Arc<InboxRuntime>>,
    /// How every plugin stands, by id.
    pub standings: BTreeMap<String, Standing>,
    /// What each plugin was loaded from: the same again need not be loaded again.
    keys: BTreeMap<String, String>,
    /// The same of inboxes, by id.
    inbox_keys: BTreeMap<Id, String>,
}

/// A policy that should be at work and can't be: its fallback speaks for it.
#[derive(Debug, Clone)]
pub struct Absent {
    pub manifest: Manifest,
    pub digest: String,
    pub reason: String,
}

/// How a plugin stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub state: PluginState,
    pub reason: Option<String>,
    pub version: String,
    pub digest: String,
    /// `bundled`, `configured`, or what its signatures come to.
    pub trust: String,
}

impl Loaded {
    /// What a start is still preparing: classifiers and policies, then inboxes.
    pub fn awaited(&self) -> Vec<String> {
        let judges = self.preparing.iter().cloned();
        let inboxes = self.preparing_inboxes.iter();
        judges
            .chain(inboxes.map(|name| format!("inbox {name}")))
            .collect()
    }

    /// Says how an inbox stands here, as far as it is known better than in the store.
    pub fn say_of(&self, inbox: &mut Inbox) {
        let begins = self.pending && self.standings.is_empty();
        if self.preparing_inboxes.contains(&inbox.name) || (begins && inbox.active) {
            inbox.state = InboxState::Preparing;
        } else if let Some(reason) = self.not_ready.get(&inbox.name) {
            inbox.state = InboxState::NotReady;
            inbox.last_error = Some(reason.clone());
        }
    }

    /// Just these, and no inbox: for measuring and for tests.
    pub fn of(classifiers: Vec<Arc<PurePlugin>>, policies: Vec<Arc<PurePlugin>>) -> Self {
        Self {
            classifiers,
            policies,
            ..Self::default()
        }
    }

    /// The name of an inbox, for those who watch.
    pub fn inbox_name(&self, id: &str) -> &str {
        let runtime = self.inboxes.get(id);
        runtime.map_or("inactive", |runtime| &runtime.inbox.name)
    }

    /// Classifiers and policies.
    pub fn pure(&self) -> impl Iterator<Item = &Arc<PurePlugin>> {
        self.classifiers.iter().chain(&self.policies)
    }

    /// No lease may end while a call that it covers is running, in milliseconds: it may compute as long
    /// as its limit says, and wait as long.
    fn longest_call_ms(&self) -> i64 {
        let connectors = self.inboxes.values().map(|runtime| &runtime.connector);
        let longest = connectors.map(|c| 2 * i64::from(c.manifest.limits.time_ms));
        longest.max().map_or(0, |longest| longest + CALL_MARGIN_MS)
    }
}

/// Holds the set that is at work.
pub struct Plugins {
    now: RwLock<Arc<Loaded>>,
    changed: signal::Sender<()>,
}

impl Plugins {
    pub fn of(loaded: Loaded) -> Self {
        Self {
            now: RwLock::new(Arc::new(loaded)),
            changed: signal::channel(()).0,
        }
    }

    /// The set that is at work now; stays whole for whoever has it.
    pub fn now(&self) -> Arc<Loaded> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Of a host that starts: nothing is at work yet.
    pub fn pending() -> Self {
        Self::of(Loaded {
            starting: true,
            pending: true,
            ..Loaded::default()
        })
    }

    /// Only the registry changes it, one change after the other.
    fn change(&self, change: impl FnOnce(&mut Loaded)) {
        {
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            let mut changed = Loaded::clone(&now);
            change(&mut changed);
            *now = Arc::new(changed);
        }
        self.changed.send_replace(());
    }

    /// Waits until something may judge.
    pub async fn judging(&self) {
        let mut changes = self.listen();
        while self.now().pending {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Wakes whoever must follow a change.
    pub fn listen(&self) -> signal::Receiver<()> {
        self.changed.subscribe()
    }

    /// How long a lease must last at least, in milliseconds.
    pub fn lease_ms(&self, configured_ms: i64) -> i64 {
        configured_ms.max(self.now().longest_call_ms())
    }
}

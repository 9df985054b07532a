//! The way of an event and of a draft: one file a stage.
//!
//! ingest → (queue) → identify → classify → situate → decide → route → apply, in batches; and
//! `outbound`, the one way out for a draft. `decide` and `route` do no I/O of their own. No
//! transaction stays open across a plugin call: identify commits, plugins run, apply commits.
//! Running a batch again after a crash in between gives the same result.

mod answered;
mod apply;
mod casework;
pub mod changes;
pub mod classify;
pub mod decide;
pub mod delivery;
pub mod erasure;
pub mod heads;
pub mod identify;
pub mod inboxes;
pub mod ingest;
mod leaving;
pub mod load;
pub mod outbound;
pub mod plugins;
mod release;
pub mod replay;
pub mod retention;
pub mod route;
pub mod settle;
pub mod situate;
pub mod telling;
pub mod times;
pub mod trail;
pub mod view;
pub mod wake;
pub mod webhook_endpoints;
pub mod webhooks;

#[cfg(test)]
mod outputs_tests;

use crate::db::event::Event;
use crate::db::{Db, DbError};
use crate::domain::retention::Housekeeping;
use crate::domain::sealed::SealKey;
use crate::domain::{Id, new_id};
use crate::telemetry::trace::stage;
use changes::Changes;
use classify::Classified;
use identify::Judgeable;
use inboxes::InboxRuntime;
use ingest::Ingest;
use plugins::{Loaded, Plugins, Registry};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;
use times::Stage;
pub use times::Times;
use trail::Trail;
use webhooks::WebhookSender;

/// Longer than any batch takes.
const FIXED_LEASE_MS: i64 = 5 * 60 * 1000;

/// Everything that judging and deciding needs.
pub struct Pipeline {
    pub db: Db,
    /// Plugins and inboxes at work; changed while the host runs.
    pub plugins: Plugins,
    /// Puts them together and follows the store. None where the set is fixed: measuring, tests.
    pub registry: Option<Registry>,
    /// Stores what comes in.
    pub ingest: Ingest,
    pub changes: Changes,
    /// Who this host is among several on one database; new at each start.
    pub host: Id,
    /// How long work that a host has taken stays its own without a word from it, in milliseconds, at
    /// least: see [`Pipeline::lease_ms`].
    pub lease_min_ms: i64,
    pub webhooks: WebhookSender,
    pub housekeeping: Housekeeping,
    pub times: Times,
}

impl Pipeline {
    /// On this store with just these plugins for good: for measuring and for tests.
    pub fn fixed(db: Db, loaded: Loaded, webhooks: WebhookSender) -> Self {
        // What it seals nobody reads after it.
        if let Ok(key) = SealKey::generate().and_then(|text| SealKey::parse(&text)) {
            db.seal_with(&key);
        }
        Self {
            db,
            plugins: Plugins::of(loaded),
            registry: None,
            ingest: Ingest::default(),
            changes: Changes::default(),
            host: new_id(),
            lease_min_ms: FIXED_LEASE_MS,
            webhooks,
            housekeeping: Housekeeping::default(),
            times: Times::default(),
        }
    }

    /// An active inbox.
    pub fn inbox(&self, id: &str) -> Option<Arc<InboxRuntime>> {
        self.plugins.now().inboxes.get(id).cloned()
    }

    /// An active inbox by its name.
    pub fn inbox_named(&self, name: &str) -> Option<Arc<InboxRuntime>> {
        let plugins = self.plugins.now();
        let mut all = plugins.inboxes.values();
        all.find(|runtime| runtime.inbox.name == name).cloned()
    }

    /// How long work that a host has taken stays its own without a word from it, in milliseconds:
    /// never shorter than a call that it covers.
    pub fn lease_ms(&self) -> i64 {
        self.plugins.lease_ms(self.lease_min_ms)
    }

    /// Takes a leased batch through all stages.
    pub async fn process(&self, events: &[Event]) -> Result<(), DbError> {
        // A batch ends with the plugins that it began with.
        let plugins = self.plugins.now();
        self.times.batch_begins(events);
        let start = Instant::now();
        let trail = Trail::of(events);
        let identified = identify::run(&self.db, &self.changes, events);
        let identified = stage("identify", None, identified);
        let seqs: Vec<i64> = events.iter().map(|e| e.seq).collect();
        let judgeable = trail.follow(&seqs, identified).await?;
        self.times.stage(Stage::Identify, start);

        let start = Instant::now();
        let seqs: Vec<i64> = judgeable.iter().map(|j| j.seq).collect();
        let classified = classify::run(&plugins, judgeable);
        let classified = trail.follow(&seqs, classified).await;
        plugins.shadow_classified(&classified);
        self.times.stage(Stage::Classify, start);

        for wave in waves(classified, |c| &c.message) {
            let start = Instant::now();
            let seqs: Vec<i64> = wave.iter().map(|c| c.message.seq).collect();
            let situated = stage("situate", None, situate::inbound(&self.db, &wave));
            let cases = trail.follow(&seqs, situated).await?;
            self.times.stage(Stage::Situate, start);

            let start = Instant::now();
            let decided = decide::run(&plugins, &cases);
            let answers = trail.follow(&seqs, decided).await;
            plugins.shadow_decided(&cases, &answers, |index| {
                wave.get(index).map(Classified::subject).unwrap_or_default()
            });
            self.times.stage(Stage::Decide, start);

            let start = Instant::now();
            let applied = apply::run(&self.db, &self.changes, &wave, &answers);
            trail.follow(&seqs, stage("apply", None, applied)).await?;
            self.times.stage(Stage::Apply, start);
            self.times.wave_done(&wave);
        }
        Ok(())
    }
}

/// Splits a batch so that what is decided of one message is known when the next one of the same
/// contact or conversation is decided; order is kept.
fn waves<T>(items: Vec<T>, of: impl Fn(&T) -> &Judgeable) -> Vec<Vec<T>> {
    let mut waves = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut seen = BTreeSet::new();
        let (mut wave, mut later) = (Vec::new(), Vec::new());
        for item in rest {
            let judgeable = of(&item);
            let keys = [
                judgeable.contact_id.clone(),
                judgeable.conversation_id.clone(),
            ];
            let free = keys.iter().all(|key| !seen.contains(key));
            // Also when it must wait: what comes behind it must wait for it.
            seen.extend(keys);
            if free {
                wave.push(item)
            } else {
                later.push(item)
            }
        }
        waves.push(wave);
        rest = later;
    }
    waves
}

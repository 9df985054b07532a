//! The way of an event and of a draft: one file a stage.
//!
//! ingest → (queue) → identify → classify → situate → decide → route → apply, in batches; and
//! `outbound`, the one way out for a draft. `decide` and `route` do no I/O of their own. No
//! transaction stays open across a plugin call: identify commits, plugins run, apply commits.
//! Running a batch again after a crash in between gives the same result.

pub mod apply;
pub mod changes;
pub mod classify;
pub mod decide;
pub mod identify;
pub mod inboxes;
pub mod ingest;
pub mod outbound;
pub mod route;
pub mod situate;
pub mod view;
pub mod wake;

use crate::db::event::Event;
use crate::db::{Db, DbError};
use crate::domain::Id;
use crate::plugin::pure::PurePlugin;
use changes::Changes;
use identify::Judgeable;
use inboxes::InboxRuntime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Everything that judging and deciding needs.
pub struct Pipeline {
    pub db: Db,
    pub classifiers: Vec<Arc<PurePlugin>>,
    pub policies: Vec<Arc<PurePlugin>>,
    /// Active inboxes by id.
    pub inboxes: BTreeMap<Id, Arc<InboxRuntime>>,
    pub changes: Changes,
    pub times: Times,
}

/// Time spent in plugins and in the database, in nanoseconds since start.
#[derive(Debug, Default)]
pub struct Times {
    pub plugins_ns: AtomicU64,
    pub database_ns: AtomicU64,
}

impl Times {
    fn add(counter: &AtomicU64, since: Instant) {
        let elapsed = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        counter.fetch_add(elapsed, Ordering::Relaxed);
    }
}

impl Pipeline {
    /// Takes a leased batch through all stages.
    pub async fn process(&self, events: &[Event]) -> Result<(), DbError> {
        let start = Instant::now();
        let judgeable = identify::run(&self.db, &self.changes, events).await?;
        Times::add(&self.times.database_ns, start);

        let start = Instant::now();
        let classified = classify::run(&self.classifiers, judgeable).await;
        Times::add(&self.times.plugins_ns, start);

        for wave in waves(classified, |c| &c.message) {
            let start = Instant::now();
            let cases = situate::inbound(&self.db, &wave).await?;
            Times::add(&self.times.database_ns, start);

            let start = Instant::now();
            let answers = decide::run(&self.policies, cases).await;
            Times::add(&self.times.plugins_ns, start);

            let start = Instant::now();
            apply::run(&self.db, &self.changes, &wave, &answers).await?;
            Times::add(&self.times.database_ns, start);
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

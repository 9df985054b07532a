//! Where the time goes, and who wants to know what a batch was. Counters only grow; they say nothing of
//! a single message.

use super::classify::Classified;
use crate::db::event::Event;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A stage of the way of an inbound event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Identify,
    Classify,
    Situate,
    Decide,
    Apply,
}

impl Stage {
    pub const ALL: [Stage; 5] = [
        Stage::Identify,
        Stage::Classify,
        Stage::Situate,
        Stage::Decide,
        Stage::Apply,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Identify => "identify",
            Stage::Classify => "classify",
            Stage::Situate => "situate",
            Stage::Decide => "decide",
            Stage::Apply => "apply",
        }
    }
}

/// Is told of each batch: to measure, never to change it.
pub trait Observer: Send + Sync {
    /// A leased batch begins.
    fn batch_begins(&self, events: &[Event]);
    /// What was decided of these messages is committed and told.
    fn wave_done(&self, wave: &[Classified]);
}

/// Time spent, in nanoseconds since start.
#[derive(Default)]
pub struct Times {
    pub plugins_ns: AtomicU64,
    pub database_ns: AtomicU64,
    stages_ns: [AtomicU64; Stage::ALL.len()],
    observer: OnceLock<Arc<dyn Observer>>,
}

impl Times {
    pub(super) fn add(counter: &AtomicU64, since: Instant) {
        let elapsed = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        counter.fetch_add(elapsed, Ordering::Relaxed);
    }

    pub(super) fn stage(&self, stage: Stage, since: Instant) {
        Self::add(&self.stages_ns[stage as usize], since);
        let kind = match stage {
            Stage::Classify | Stage::Decide => &self.plugins_ns,
            Stage::Identify | Stage::Situate | Stage::Apply => &self.database_ns,
        };
        Self::add(kind, since);
    }

    /// Time spent in a stage so far.
    pub fn stage_ns(&self, stage: Stage) -> u64 {
        self.stages_ns[stage as usize].load(Ordering::Relaxed)
    }

    /// Sets the observer; there is one at most, for good.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        // A second one is not heard.
        let _ = self.observer.set(observer);
    }

    pub(super) fn batch_begins(&self, events: &[Event]) {
        if let Some(observer) = self.observer.get() {
            observer.batch_begins(events);
        }
    }

    pub(super) fn wave_done(&self, wave: &[Classified]) {
        if let Some(observer) = self.observer.get() {
            observer.wave_done(wave);
        }
    }
}

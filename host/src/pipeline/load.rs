//! How much waits in the inbound queue, as it was counted last, and how much may: beyond that nothing
//! more is taken on, so that what was accepted gets its turn.

use std::sync::atomic::{AtomicU64, Ordering};

/// Events that may wait unless the configuration says otherwise.
pub const WAITING_MAX: u64 = 100_000;

/// Counted by the event loop about once a second; a host that takes nothing on counts nothing.
#[derive(Debug)]
pub struct Load {
    waiting: AtomicU64,
    most: AtomicU64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            waiting: AtomicU64::new(0),
            most: AtomicU64::new(WAITING_MAX),
        }
    }
}

impl Load {
    pub fn set_most(&self, most: u64) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// What was counted.
    pub fn set_waiting(&self, waiting: u64) {
        self.waiting.store(waiting, Ordering::Relaxed);
    }

    /// Taken on since: counts until the next count.
    pub fn add(&self, events: u64) {
        self.waiting.fetch_add(events, Ordering::Relaxed);
    }

    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// Whether nothing more may be taken on.
    pub fn is_full(&self) -> bool {
        self.waiting() >= self.most()
    }
}

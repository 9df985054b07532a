//! What one call of a connector sends and is sent: counted while it runs, so that what was counted
//! holds even when the call is cut off.

use super::limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// The counts of one call, shared by its requests.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Bytes of all bodies, side by side or one after the other: the host holds each of them whole.
    held: AtomicUsize,
    requests: AtomicU64,
    sent_bytes: AtomicU64,
    received_bytes: AtomicU64,
    /// A request was let out that may have changed something.
    changed: AtomicBool,
}

/// Requests that were let out, and the bytes of their bodies and of the answers'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub requests: u64,
    pub sent_bytes: u64,
    pub received_bytes: u64,
}

impl Traffic {
    /// A body grew by so much; errors when all together are too large.
    pub fn hold(&self, bytes: usize) -> Result<(), String> {
        if self.0.held.fetch_add(bytes, Ordering::Relaxed) + bytes > limits::TRAFFIC_BYTES {
            return Err(format!(
                "more than {} bytes in one call",
                limits::TRAFFIC_BYTES
            ));
        }
        Ok(())
    }

    /// A request is let out.
    pub fn send(&self, method: &http::Method, body_bytes: usize) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0
            .sent_bytes
            .fetch_add(body_bytes as u64, Ordering::Relaxed);
        if !method.is_safe() {
            self.0.changed.store(true, Ordering::Relaxed);
        }
    }

    /// Some of an answer's body has come.
    pub fn receive(&self, bytes: usize) -> Result<(), String> {
        self.0
            .received_bytes
            .fetch_add(bytes as u64, Ordering::Relaxed);
        self.hold(bytes)
    }

    /// Whether a request was let out that may have changed something.
    pub fn has_changed(&self) -> bool {
        self.0.changed.load(Ordering::Relaxed)
    }

    pub fn totals(&self) -> Totals {
        Totals {
            requests: self.0.requests.load(Ordering::Relaxed),
            sent_bytes: self.0.sent_bytes.load(Ordering::Relaxed),
            received_bytes: self.0.received_bytes.load(Ordering::Relaxed),
        }
    }
}

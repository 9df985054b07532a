//! The customer data model and its pure rules. Depends on nothing of ours, does no I/O, has no clock.
//!
//! Words are those of DESIGN.md section 2; social content follows ActivityStreams 2.0. Deliberately
//! absent: consent, merging and organisations (a contact is one person known by its identities).

mod text_enum;

pub mod access;
pub mod address;
pub mod agreement;
pub mod annotation;
pub mod audit;
pub mod case;
pub mod contact;
pub mod digest;
pub mod effective_time;
pub mod effects;
pub mod fingerprint;
pub mod inbox;
pub mod oidc;
pub mod outbound;
pub mod plugin;
pub mod policy;
pub mod retention;
pub mod sealed;
pub mod signature;
pub mod social;
pub mod text;
pub mod totp;
pub mod versions;
pub mod webhook;

use std::sync::atomic::{AtomicI64, Ordering};

/// A UUIDv7 in text form: unique, and sorted by the time it was made.
pub type Id = String;

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
pub type TimestampMs = i64;

/// A new [`Id`].
pub fn new_id() -> Id {
    uuid::Uuid::now_v7().to_string()
}

/// What the clock shows while a story is played; 0: it runs.
static STORY_MS: AtomicI64 = AtomicI64::new(0);

/// Stops the host's clock at a moment of a story (the demo's week), or lets it run again.
pub fn play_at(moment: Option<TimestampMs>) {
    STORY_MS.store(moment.unwrap_or(0), Ordering::Relaxed);
}

/// The host's clock. Stages and rules take the event's own time instead.
pub fn now_ms() -> TimestampMs {
    let story = STORY_MS.load(Ordering::Relaxed);
    if story != 0 {
        return story;
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| {
        TimestampMs::try_from(elapsed.as_millis()).unwrap_or(TimestampMs::MAX)
    })
}

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

/// A UUIDv7 in text form: unique, and sorted by the time it was made.
pub type Id = String;

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
pub type TimestampMs = i64;

/// A new [`Id`].
pub fn new_id() -> Id {
    uuid::Uuid::now_v7().to_string()
}

/// The host's clock. Stages and rules take the event's own time instead.
pub fn now_ms() -> TimestampMs {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| {
        TimestampMs::try_from(elapsed.as_millis()).unwrap_or(TimestampMs::MAX)
    })
}

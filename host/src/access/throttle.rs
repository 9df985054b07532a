//! Guessing passwords is slow, and keeps nobody else out.
//!
//! Failures are counted in the database (hosts share them) under three keys, each with its own delay
//! until the next try is looked at; a try before that is refused with the time to wait, and is not a
//! failure of its own:
//!  - account and address: 5 tries, then 1 s doubling to 15 min. Stops one guesser on one account.
//!  - address: 30 tries, then 1 s doubling to 15 min. Stops one guesser on many accounts.
//!  - account: 20 tries from anywhere, then 1 s doubling to 30 s. Slows many guessers on one account.
//!
//! What it can't be used for is to lock somebody out. Sessions that are open go on. A device that they
//! logged in with before (a cookie, see `session`) has a count of its own and no other, wherever it is.
//! From an address where they logged in before (remembered per account), the account's own count is
//! neither looked at nor raised; and their pair with that address only others behind the same address
//! can fill. From a new address, with a new device, the worst is a wait of 30 s a try, for as long as
//! others go on guessing.
//!
//! A try is counted before the password is looked at, and taken back when it was right: many tries
//! at the same moment count as many. Counts halve every hour. Keys are digests, so that what people
//! mistype is not stored. An IPv6 address counts as its /64 network. The table is bounded: the oldest
//! counts go first.

use super::{AccessError, Result};
use crate::db::access::login::{
    Failures, failure_undo_in_tx, failures_forget_in_tx, failures_in_tx, failures_set_in_tx,
};
use crate::db::{Db, commit};
use crate::domain::TimestampMs;
use crate::domain::access::Caller;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

const HALVE_MS: TimestampMs = 3_600_000;

/// Free tries, and the longest delay after them in seconds.
struct Limit {
    free: i64,
    max_s: i64,
}

const PAIR: Limit = Limit {
    free: 5,
    max_s: 900,
};
const ADDRESS: Limit = Limit {
    free: 30,
    max_s: 900,
};
const ACCOUNT: Limit = Limit {
    free: 20,
    max_s: 30,
};

/// Tries between two looks at how large the table is.
const TRIM_EVERY: u32 = 64;
/// Records of throttled accounts that one host writes in an hour; the trail is kept for good, so those
/// who fail must not be able to fill it.
const RECORDS_AN_HOUR: u32 = 60;

/// Where a try comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Somebody at an address. `known`: they logged in from there before.
    Address { address: IpAddr, known: bool },
    /// A device that they logged in with before, or a session of theirs: its failures count for itself.
    Own(&'a str),
}

/// A try that has been counted.
pub struct Try {
    own: String,
    shared: Vec<String>,
}

/// What an address is stored as.
pub fn address_key(address: IpAddr) -> String {
    let network = match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    };
    super::secret::digest(&format!("address\0{network}"))
}

/// Failures that still count.
fn fresh(failures: Failures, now: TimestampMs) -> i64 {
    let hours = (now - failures.last).max(0) / HALVE_MS;
    failures.count >> hours.min(62)
}

/// When the next try may be made.
fn next_try(limit: &Limit, failures: Failures, now: TimestampMs) -> TimestampMs {
    let over = fresh(failures, now) - limit.free;
    if over < 0 {
        return 0;
    }
    let delay_s = (1_i64 << over.min(20)).min(limit.max_s);
    failures.last + delay_s * 1000
}

/// The keys of a try and their limits; the first is its own.
fn keys_of(what: &str, source: Source<'_>) -> Vec<(String, &'static Limit)> {
    let key = |text: String| super::secret::digest(&text);
    match source {
        Source::Own(own) => vec![(key(format!("own\0{what}\0{own}")), &PAIR)],
        Source::Address { address, known } => {
            let address = address_key(address);
            let mut keys = vec![(key(format!("pair\0{what}\0{address}")), &PAIR)];
            if !known {
                keys.push((key(format!("account\0{what}")), &ACCOUNT));
            }
            keys.push((address, &ADDRESS));
            keys
        }
    }
}

/// Counts a try at something (an account, by its e-mail address; a code), or refuses it.
pub async fn begin(db: &Db, what: &str, source: Source<'_>, now: TimestampMs) -> Result<Try> {
    let mut keys = keys_of(what, source);
    let own = keys[0].0.clone();
    // In one order for everybody, so that nobody waits in a circle.
    keys.sort_by(|a, b| a.0.cmp(&b.0));
    let mut tx = db.begin().await?;
    let mut wait_until = 0;
    let mut blocked_first = false;
    for (key, limit) in &keys {
        let failures = failures_in_tx(&mut tx, key, now).await?;
        let until = next_try(limit, failures, now);
        wait_until = wait_until.max(until);
        let count = fresh(failures, now) + 1;
        blocked_first |= count == limit.free;
        failures_set_in_tx(&mut tx, key, Failures { count, last: now }).await?;
    }
    if wait_until > now {
        // Dropped: a refused try is not counted.
        return Err(AccessError::Throttled {
            retry_after_s: (wait_until - now + 999) / 1000,
        });
    }
    if blocked_first && may_record(now) {
        // One record for a run of failures, when it reaches a limit: which account is in the digest.
        let by = Caller::operator("login");
        let from = match source {
            Source::Own(_) => "known device".to_owned(),
            Source::Address { address, .. } => address_key(address),
        };
        let detail = serde_json::json!({ "from": from });
        super::record(&mut tx, &by, "login.throttle", &own, detail).await?;
    }
    commit(tx).await?;
    static TRIES: AtomicU32 = AtomicU32::new(0);
    if TRIES
        .fetch_add(1, Ordering::Relaxed)
        .is_multiple_of(TRIM_EVERY)
    {
        db.failures_trim(now).await?;
    }
    let shared = keys.into_iter().map(|(key, _)| key);
    Ok(Try {
        shared: shared.filter(|key| *key != own).collect(),
        own,
    })
}

/// Whether what somebody unknown did may go on record now. What is over the limit is in the log.
pub(super) fn may_record(now: TimestampMs) -> bool {
    static HOUR: AtomicI64 = AtomicI64::new(0);
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let hour = now / HALVE_MS;
    if HOUR.swap(hour, Ordering::Relaxed) != hour {
        COUNT.store(0, Ordering::Relaxed);
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    if count == RECORDS_AN_HOUR {
        tracing::warn!("many log-ins fail; until the next hour no more of it goes on record");
    }
    count < RECORDS_AN_HOUR
}

/// The password was right.
pub async fn succeeded(db: &Db, counted: &Try, now: TimestampMs) -> Result<()> {
    let mut tx = db.begin().await?;
    failures_forget_in_tx(&mut tx, &counted.own, now).await?;
    // Sorted since they were counted.
    for key in &counted.shared {
        failure_undo_in_tx(&mut tx, key).await?;
    }
    commit(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit_and_failures_fade() {
        let after = |count| next_try(&PAIR, Failures { count, last: 0 }, 0);
        assert_eq!(after(4), 0);
        assert_eq!(after(5), 1_000);
        assert_eq!(after(8), 8_000);
        assert_eq!(after(60), 900_000);
        let old = Failures { count: 40, last: 0 };
        assert_eq!(fresh(old, 2 * HALVE_MS), 10);
        assert_eq!(fresh(old, 100 * HALVE_MS), 0);
    }

    #[test]
    fn a_known_device_counts_for_itself() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let of = |source| keys_of("a@b.example", source).len();
        let at = |known| Source::Address { address, known };
        assert_eq!(
            (of(at(false)), of(at(true)), of(Source::Own("x"))),
            (3, 2, 1)
        );
        let one = keys_of("a@b.example", Source::Own("x"));
        let other = keys_of("a@b.example", Source::Own("y"));
        assert_ne!(one[0].0, other[0].0);
    }

    #[test]
    fn one_network_is_one_address() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}

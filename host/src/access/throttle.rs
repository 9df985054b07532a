//! Guessing passwords is slow, and keeps nobody else out.
//!
//! Failures are counted in the database (hosts share them) under three keys, each with its own delay
//! until the next try is looked at; a try before that is refused with the time to wait, and is not a
//! failure of its own:
//!  - account and address: 5 tries, then 1 s doubling to 15 min. Stops one guesser on one account.
//!  - address: 30 tries, then 1 s doubling to 15 min. Stops one guesser on many accounts.
//!  - account: 20 tries from anywhere, then 1 s doubling to 30 s. Slows many guessers on one account.
//!
//! What it can't be used for is to lock somebody out. Sessions that are open go on. From an address
//! where they logged in before (remembered per account), the account's own count is neither looked at
//! nor raised, so what happens elsewhere does not matter there; and their pair with that address only
//! others behind the same address can fill. From a new address the worst is a wait of 30 s a try.
//!
//! A try is counted before the password is looked at, and taken back when it was right: many tries
//! at the same moment count as many. Counts halve every hour. Keys are digests, so that what people
//! mistype is not stored. An IPv6 address counts as its /64 network.

use super::{AccessError, Result};
use crate::db::access::login::{
    Failures, failure_undo_in_tx, failures_forget_in_tx, failures_in_tx, failures_set_in_tx,
};
use crate::db::{Db, commit};
use crate::domain::TimestampMs;
use crate::domain::access::Caller;
use std::net::IpAddr;

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

/// A try that has been counted.
pub struct Try {
    pair: String,
    address: String,
    account: Option<String>,
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

/// Counts a try at an account, or refuses it. `known`: they logged in from there before.
pub async fn begin(
    db: &Db,
    email: &str,
    address: IpAddr,
    known: bool,
    now: TimestampMs,
) -> Result<Try> {
    let by_address = address_key(address);
    let counted = Try {
        pair: super::secret::digest(&format!("pair\0{email}\0{by_address}")),
        account: (!known).then(|| super::secret::digest(&format!("account\0{email}"))),
        address: by_address,
    };
    let mut keys = vec![(&counted.pair, &PAIR), (&counted.address, &ADDRESS)];
    keys.extend(counted.account.as_ref().map(|key| (key, &ACCOUNT)));
    // In one order for everybody, so that nobody waits in a circle.
    keys.sort_by(|a, b| a.0.cmp(b.0));
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
    if blocked_first {
        // One record for a run of failures, when it reaches a limit: which account is in the digest.
        let by = Caller::operator("login");
        let detail = serde_json::json!({ "from": counted.address });
        super::record(&mut tx, &by, "login.throttle", &counted.pair, detail).await?;
    }
    commit(tx).await?;
    Ok(counted)
}

/// The password was right.
pub async fn succeeded(db: &Db, counted: &Try, now: TimestampMs) -> Result<()> {
    let mut tx = db.begin().await?;
    let mut keys: Vec<&String> = vec![&counted.address];
    keys.extend(&counted.account);
    keys.sort();
    failures_forget_in_tx(&mut tx, &counted.pair, now).await?;
    for key in keys {
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
    fn one_network_is_one_address() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}

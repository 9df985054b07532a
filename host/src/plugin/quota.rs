//! What a plugin may ask of the network over time, all its inboxes on this host together: requests a
//! minute, and requests under way at the same time.
//!
//! A token bucket that holds a minute's requests: after a pause they may come at once. The limits come
//! with each request, because an admin may change them. Deliberately absent: the sum over several
//! hosts, and waiting; who is refused is told when to come again.

use rapport_package::manifest::Limits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When to come again if too many requests are under way.
const PAUSE: Duration = Duration::from_secs(1);

/// The quotas of all plugins, by id.
#[derive(Default)]
pub struct Quotas(Mutex<BTreeMap<String, Arc<Quota>>>);

impl Quotas {
    pub fn of(&self, plugin: &str) -> Arc<Quota> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(plugin.to_owned()).or_default())
    }
}

/// One plugin's use of its quota.
#[derive(Default)]
pub struct Quota(Mutex<Used>);

#[derive(Default)]
struct Used {
    /// Tokens that are out of the bucket, as of `at`; they come back with time.
    taken: f64,
    at: Option<Instant>,
    under_way: u32,
}

/// A request was more than the quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    pub reason: String,
    pub retry: Duration,
}

/// A request that is under way while this lives.
pub struct UnderWay(Arc<Quota>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.used().under_way -= 1;
    }
}

impl Quota {
    fn used(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request, if these limits leave room for one.
    pub fn begin(self: &Arc<Self>, limits: Limits, now: Instant) -> Result<UnderWay, Exceeded> {
        let mut used = self.used();
        if used.under_way >= limits.requests_at_once {
            let reason = format!("more than {} requests at once", limits.requests_at_once);
            let retry = PAUSE;
            return Err(Exceeded { reason, retry });
        }
        let room = f64::from(limits.requests_per_minute);
        let per_second = room / 60.0;
        let passed = used
            .at
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        used.taken = (used.taken - passed.as_secs_f64() * per_second).max(0.0);
        used.at = Some(now);
        let missing = used.taken + 1.0 - room;
        if missing > 0.0 {
            let reason = format!("more than {room} requests a minute");
            let retry = Duration::from_secs_f64(missing / per_second);
            return Err(Exceeded { reason, retry });
        }
        used.taken += 1.0;
        used.under_way += 1;
        Ok(UnderWay(Arc::clone(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(requests_per_minute: u32, requests_at_once: u32) -> Limits {
        Limits {
            requests_per_minute,
            requests_at_once,
            ..Limits::default()
        }
    }

    /// How many of a hundred requests, one after the other, are let out.
    fn let_out(quota: &Arc<Quota>, limits: Limits, now: Instant) -> usize {
        (0..100)
            .filter(|_| quota.begin(limits, now).is_ok())
            .count()
    }

    #[test]
    fn a_minutes_requests_and_then_as_time_goes_by() {
        let (quota, start) = (Arc::<Quota>::default(), Instant::now());
        let thirty = limits(30, 5);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(let_out(&quota, thirty, start), 30);
        let Err(exceeded) = quota.begin(thirty, start) else {
            panic!("one more was let out");
        };
        assert_eq!(exceeded.reason, "more than 30 requests a minute");
        assert_eq!(exceeded.retry.as_secs_f64().round(), 2.0);
        assert_eq!(let_out(&quota, thirty, after(1)), 0);
        assert_eq!(let_out(&quota, thirty, after(20)), 10);
        assert_eq!(
            let_out(&quota, thirty, after(3600)),
            30,
            "no more is saved up"
        );
        let narrowed = limits(10, 5);
        assert_eq!(
            let_out(&quota, narrowed, after(3601)),
            0,
            "a limit may change"
        );
        assert_eq!(let_out(&quota, narrowed, after(3800)), 10);
    }

    #[test]
    fn so_many_are_under_way_at_once() {
        let (quota, now) = (Arc::<Quota>::default(), Instant::now());
        let two = limits(100, 2);
        let first = quota.begin(two, now);
        let second = quota.begin(two, now);
        assert!(first.is_ok() && second.is_ok());
        let exceeded = quota.begin(two, now).err().unwrap();
        assert_eq!(exceeded.reason, "more than 2 requests at once");
        drop(first);
        assert!(quota.begin(two, now).is_ok(), "one has ended");
    }

    #[test]
    fn each_plugin_has_its_own() {
        let (quotas, now) = (Quotas::default(), Instant::now());
        let one = limits(1, 1);
        assert!(quotas.of("a").begin(one, now).is_ok());
        assert!(quotas.of("a").begin(one, now).is_err());
        assert!(quotas.of("b").begin(one, now).is_ok());
    }
}

//! What a plugin may ask of the network over time, all its inboxes on this host together: requests a
//! minute, and requests under way at the same time.
//!
//! A token bucket that holds a minute's requests: after a pause they may come at once. Who asks for
//! more is told when to come again. Who finds too many under way waits for its turn. The limits come
//! with each request, because an admin may change them. Deliberately absent: the sum over several
//! hosts.

use rapport_package::manifest::Limits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// When to come again if too many requests were under way for too long.
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
pub struct Quota {
    used: Mutex<Used>,
    /// A request has ended.
    ended: Notify,
}

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

/// Why a request can't begin now.
#[derive(Debug, PartialEq, Eq)]
enum NotNow {
    /// Too many in the last minute.
    Exceeded(Exceeded),
    /// Too many are under way; one of them may end soon.
    Full(Exceeded),
}

/// A request that is under way while this lives.
pub struct UnderWay(Arc<Quota>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.used().under_way -= 1;
        self.0.ended.notify_one();
    }
}

impl Quota {
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request, if these limits leave room for one before `until`.
    pub async fn begin(
        self: &Arc<Self>,
        limits: Limits,
        until: Instant,
    ) -> Result<UnderWay, Exceeded> {
        loop {
            // Listens first, so that one that ends in between is not missed.
            let ended = self.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            match self.try_begin(limits, Instant::now()) {
                Ok(under_way) => return Ok(under_way),
                Err(NotNow::Exceeded(exceeded)) => {
                    // The turn that it may have been woken for is the next one's.
                    self.ended.notify_one();
                    return Err(exceeded);
                }
                Err(NotNow::Full(exceeded)) => {
                    let turn = tokio::time::timeout_at(until.into(), ended).await;
                    turn.map_err(|_| exceeded)?;
                }
            }
        }
    }

    fn try_begin(self: &Arc<Self>, limits: Limits, now: Instant) -> Result<UnderWay, NotNow> {
        let mut used = self.used();
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
            return Err(NotNow::Exceeded(Exceeded { reason, retry }));
        }
        if used.under_way >= limits.requests_at_once {
            let reason = format!("more than {} requests at once", limits.requests_at_once);
            let retry = PAUSE;
            return Err(NotNow::Full(Exceeded { reason, retry }));
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
            .filter(|_| quota.try_begin(limits, now).is_ok())
            .count()
    }

    #[test]
    fn a_minutes_requests_and_then_as_time_goes_by() {
        let (quota, start) = (Arc::<Quota>::default(), Instant::now());
        let thirty = limits(30, 5);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(let_out(&quota, thirty, start), 30);
        let Err(NotNow::Exceeded(exceeded)) = quota.try_begin(thirty, start) else {
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

    #[tokio::test]
    async fn so_many_are_under_way_at_once_and_the_others_wait_their_turn() {
        let quota = Arc::<Quota>::default();
        let two = limits(100, 2);
        let soon = || Instant::now() + Duration::from_millis(50);
        let first = quota.begin(two, soon()).await;
        let second = quota.begin(two, soon()).await;
        assert!(first.is_ok() && second.is_ok());
        let exceeded = quota.begin(two, soon()).await.err().unwrap();
        assert_eq!(exceeded.reason, "more than 2 requests at once");
        let waiting: Vec<_> = (0..10)
            .map(|_| {
                let quota = Arc::clone(&quota);
                let long = Instant::now() + Duration::from_secs(60);
                tokio::spawn(async move { quota.begin(two, long).await.map(drop).is_ok() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(waiting.iter().all(|one| !one.is_finished()));
        drop(first);
        for one in waiting {
            assert!(one.await.unwrap(), "each has its turn");
        }
        assert_eq!(quota.used().under_way, 1);
        // Who may ask no more this minute does not wait.
        let three = limits(3, 1);
        let exceeded = quota.begin(three, soon()).await.err().unwrap();
        assert_eq!(exceeded.reason, "more than 3 requests a minute");
    }

    #[test]
    fn each_plugin_has_its_own() {
        let (quotas, now) = (Quotas::default(), Instant::now());
        let one = limits(1, 1);
        assert!(quotas.of("a").try_begin(one, now).is_ok());
        assert!(quotas.of("a").try_begin(one, now).is_err());
        assert!(quotas.of("b").try_begin(one, now).is_ok());
    }
}

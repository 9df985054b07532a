//! Who calls, and how often: a token bucket for each address and each credential; and how many streams
//! each listener has open.
//!
//! A credential is only known by a keyed digest here, and it counts before anybody has looked whether
//! it is good; so the address's own bucket, some times as large, bounds those who invent credentials. One
//! that was found good has its own bucket alone, so that strangers at the same address do not empty it.
//! Both tables are bounded. Forwarded-for headers are believed of our own proxies alone.

use super::auth::{Cookie, bearer};
use axum::extract::Request;
use axum::http::header;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Buckets kept; full ones are forgotten first.
const BUCKETS_MAX: usize = 16 * 1024;
/// An address may do so many times what one caller may: many people share one.
const ADDRESS_FACTOR: f64 = 4.0;

/// A caller: the address, and the digest of the credential if one was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller {
    /// Of the network, see [`network`].
    pub address: Option<IpAddr>,
    credential: Option<u64>,
}

/// Who sends this request, from an address.
pub fn caller_of(request: &Request, address: IpAddr) -> Caller {
    /// Its key is made anew at every start, so digests tell nothing outside.
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let headers = request.headers();
    // However a token is written, and whatever other cookies come along, it is the same caller's.
    let token = bearer(headers).map(str::to_owned);
    let other = headers.get(header::AUTHORIZATION);
    let session = |secure| Cookie::Session.read(headers, secure);
    let shown = token
        .or_else(|| other.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .or_else(|| session(true))
        .or_else(|| session(false));
    Caller {
        address: Some(network(address)),
        credential: shown.map(|text| KEY.hash_one(text)),
    }
}

/// An IPv6 caller has a whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            let bits = ip.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(bits.into())
        }
        v4 => v4,
    }
}

struct Bucket {
    tokens: f64,
    filled: Instant,
    /// Its credential was found good.
    good: bool,
}

/// The buckets.
pub struct Throttle {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<Caller, Bucket>>,
}

impl Throttle {
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            burst: f64::from(burst.max(1)),
            buckets: Mutex::default(),
        }
    }

    /// Takes a token from the address and, if a credential was shown, one from that; or how long to
    /// wait.
    pub fn take(&self, caller: &Caller, now: Instant) -> Result<(), Duration> {
        let mut buckets = lock(&self.buckets);
        if buckets.len() >= BUCKETS_MAX {
            self.forget(&mut buckets, now);
        }
        let address = Caller {
            credential: None,
            ..*caller
        };
        let good = caller.credential.is_some() && buckets.get(caller).is_some_and(|b| b.good);
        if !good {
            self.take_one(&mut buckets, address, ADDRESS_FACTOR, now)?;
        }
        if caller.credential.is_some() {
            self.take_one(&mut buckets, *caller, 1.0, now)?;
        }
        Ok(())
    }

    /// The caller's credential is good.
    pub fn vouch(&self, caller: &Caller) {
        if let Some(bucket) = lock(&self.buckets).get_mut(caller) {
            bucket.good = caller.credential.is_some();
        }
    }

    fn take_one(
        &self,
        buckets: &mut HashMap<Caller, Bucket>,
        key: Caller,
        factor: f64,
        now: Instant,
    ) -> Result<(), Duration> {
        let (per_second, burst) = (self.per_second * factor, self.burst * factor);
        let bucket = buckets.entry(key).or_insert(Bucket {
            tokens: burst,
            filled: now,
            good: false,
        });
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * per_second).min(burst);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / per_second));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }

    /// Forgets who would have a full bucket by now; if that is nobody, everybody.
    fn forget(&self, buckets: &mut HashMap<Caller, Bucket>, now: Instant) {
        let fills = Duration::from_secs_f64(self.burst / self.per_second);
        buckets.retain(|_, bucket| now.saturating_duration_since(bucket.filled) < fills);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|key, _| key.credential.is_none());
        }
        if buckets.len() >= BUCKETS_MAX {
            buckets.clear();
        }
    }
}

/// Open streams by who it is that listens, whatever the request carries besides.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<String, usize>>>);

/// One open stream; dropped, it is closed.
pub struct Stream {
    streams: Streams,
    who: String,
}

impl Streams {
    /// Opens one more, unless they have `most` already.
    pub fn open(&self, who: String, most: usize) -> Option<Stream> {
        let mut open = lock(&self.0);
        let count = open.entry(who.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Stream {
            streams: self.clone(),
            who,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = lock(&self.streams.0);
        if let Some(count) = open.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.who);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(credential: Option<u64>) -> Caller {
        Caller {
            address: Some([127, 0, 0, 1].into()),
            credential,
        }
    }

    #[test]
    fn a_token_is_one_caller_however_it_is_written() {
        let shown = |value: &str| {
            let request = axum::http::Request::builder().header("authorization", value);
            let request = request.body(axum::body::Body::empty()).unwrap();
            caller_of(&request, [127, 0, 0, 1].into())
        };
        let caller = shown("Bearer secret");
        for other in ["bearer secret", "BEARER   secret", "Bearer\tsecret "] {
            assert_eq!(shown(other), caller, "{other}");
        }
        for other in ["Bearer secret2", "Basic secret"] {
            assert_ne!(shown(other), caller, "{other}");
        }
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let throttle = Throttle::new(10, 3);
        let now = Instant::now();
        let me = caller(Some(1));
        for _ in 0..3 {
            assert_eq!(throttle.take(&me, now), Ok(()));
        }
        let wait = throttle.take(&me, now).unwrap_err();
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        assert!(
            throttle.take(&caller(Some(2)), now).is_ok(),
            "another's own"
        );
        assert_eq!(throttle.take(&me, now + wait * 2), Ok(()));
    }

    #[test]
    fn inventing_credentials_ends_at_the_address() {
        let throttle = Throttle::new(10, 3);
        let now = Instant::now();
        let passed = (0..100)
            .filter(|i| throttle.take(&caller(Some(*i)), now).is_ok())
            .count();
        assert_eq!(passed, 12);
    }

    #[test]
    fn who_was_found_good_does_not_pay_for_strangers() {
        let throttle = Throttle::new(10, 3);
        let now = Instant::now();
        let me = caller(Some(1));
        assert!(throttle.take(&me, now).is_ok());
        throttle.vouch(&me);
        while throttle.take(&caller(None), now).is_ok() {}
        assert!(throttle.take(&caller(Some(2)), now).is_err());
        assert!(throttle.take(&me, now).is_ok());
        assert!(throttle.take(&me, now).is_ok());
        assert!(throttle.take(&me, now).is_err(), "its own is empty");
    }

    #[test]
    fn other_cookies_are_no_other_caller() {
        let shown = |value: &str| {
            let request = axum::http::Request::builder().header("cookie", value);
            let request = request.body(axum::body::Body::empty()).unwrap();
            caller_of(&request, [127, 0, 0, 1].into())
        };
        let caller = shown("rapport=s1");
        assert_eq!(shown("a=b; rapport=s1; x=1"), caller);
        assert_ne!(shown("rapport=s2"), caller);
        assert_eq!(shown("a=b"), shown("x=1"));
    }

    #[test]
    fn the_table_is_bounded() {
        let throttle = Throttle::new(10, 3);
        let now = Instant::now();
        for i in 0..(BUCKETS_MAX as u32 + 100) {
            let address = Some(IpAddr::V4(i.into()));
            let other = Caller {
                address,
                credential: None,
            };
            let _ = throttle.take(&other, now);
        }
        assert!(lock(&throttle.buckets).len() <= BUCKETS_MAX);
    }

    #[test]
    fn an_address_of_version_six_is_its_network() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let two: IpAddr = "2001:db8::2".parse().unwrap();
        let far: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(network(one), network(two));
        assert_ne!(network(one), network(far));
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(network(mapped), IpAddr::from([192, 0, 2, 1]));
    }

    #[test]
    fn streams_are_counted() {
        let streams = Streams::default();
        let me = || "agent:me".to_owned();
        let first = streams.open(me(), 1);
        assert!(first.is_some());
        assert!(streams.open(me(), 1).is_none());
        assert!(streams.open("agent:other".to_owned(), 1).is_some());
        drop(first);
        assert!(streams.open(me(), 1).is_some());
        assert!(lock(&streams.0).is_empty());
    }
}

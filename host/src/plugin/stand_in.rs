//! What stands in for the world around a connector under test: one server for all networks, a clock
//! that stands still, and an ear for what the plugin says beside its answers.
//!
//! Invariants: the grant is checked and secrets are put in as in service, before a request is led
//! here; nobody but `rapport plugin test` makes one (a test of the layers checks that). Deliberately
//! absent: what the server answers; that is for who makes one.

use super::recorder::Recorder;
use crate::domain::TimestampMs;
use crate::domain::address::Origin;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

/// Tells the server which origin was meant.
pub const MEANT: &str = "x-stand-in-for";

/// One for each connector under test.
#[derive(Debug)]
pub struct StandIn {
    server: SocketAddr,
    now: AtomicI64,
    heard: Mutex<Vec<String>>,
}

impl StandIn {
    pub fn new(server: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            server,
            now: AtomicI64::new(0),
            heard: Mutex::default(),
        })
    }

    /// What the clock says from now on.
    pub fn set_now(&self, now: TimestampMs) {
        self.now.store(now, Ordering::Relaxed);
    }

    pub fn now(&self) -> TimestampMs {
        self.now.load(Ordering::Relaxed)
    }

    /// What was logged and printed since the last time.
    pub fn take_heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    pub(super) fn hear(&self, lines: impl Iterator<Item = String>) {
        self.lock().extend(lines.filter(|line| !line.is_empty()));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.heard
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Leads a request that may go out to the server instead. None: an address that can't be led.
    pub(super) fn lead(&self, url: &Url, origin: &Origin, headers: &mut HeaderMap) -> Option<Url> {
        let mut led = url.clone();
        led.set_scheme("http").ok()?;
        led.set_ip_host(self.server.ip()).ok()?;
        led.set_port(Some(self.server.port())).ok()?;
        let meant = HeaderValue::from_str(&origin.to_string()).ok()?;
        headers.insert(HeaderName::from_static(MEANT), meant);
        Some(led)
    }
}

/// What a connector meets outside.
#[derive(Debug, Clone)]
pub(super) enum Around {
    World,
    StandIn(Arc<StandIn>),
    Recorded(Arc<Recorder>),
}

impl Around {
    /// What the clock says; none: the time.
    pub fn now(&self) -> Option<TimestampMs> {
        match self {
            Around::World => None,
            Around::StandIn(stand_in) => Some(stand_in.now()),
            Around::Recorded(recorder) => Some(recorder.now),
        }
    }
}

/// A clock for WASI that stands still.
pub(super) struct Still(pub TimestampMs);

impl wasmtime_wasi::HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_led_to_the_server_and_says_where_it_would_have_gone() {
        let stand_in = StandIn::new(SocketAddr::from(([127, 0, 0, 1], 4711)));
        let url = Url::parse("https://api.example:8443/v1/a?b=c%20d").unwrap();
        let origin = Origin::of(&url).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(MEANT, HeaderValue::from_static("a lie"));
        let led = stand_in.lead(&url, &origin, &mut headers).unwrap();
        assert_eq!(led.as_str(), "http://127.0.0.1:4711/v1/a?b=c%20d");
        let meant: Vec<_> = headers.get_all(MEANT).iter().collect();
        assert_eq!(meant, ["https://api.example:8443"]);
    }

    #[test]
    fn what_was_heard_is_told_once() {
        let stand_in = StandIn::new(SocketAddr::from(([127, 0, 0, 1], 1)));
        stand_in.hear(["a".to_owned(), String::new()].into_iter());
        assert_eq!(stand_in.take_heard(), ["a"]);
        assert!(stand_in.take_heard().is_empty());
    }
}

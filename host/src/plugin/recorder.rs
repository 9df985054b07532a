//! What a connector asks of the real network and gets, as the connector sees it: references stand in
//! the places of secrets, on the way out and on the way back.
//!
//! Nobody but `rapport plugin record` makes one. Deliberately absent: personal data, which is for who
//! writes the recording down to take out.

use crate::domain::TimestampMs;
use std::sync::{Arc, Mutex};

/// A request and its answer.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    pub method: String,
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub status: u16,
    pub answer_headers: Vec<(String, String)>,
    pub answer_body: Vec<u8>,
}

/// One for each connector that is recorded.
#[derive(Debug)]
pub struct Recorder {
    /// What its clock says throughout, so that a replay finds the same times in the requests.
    pub now: TimestampMs,
    exchanges: Mutex<Vec<Recorded>>,
}

impl Recorder {
    pub fn new(now: TimestampMs) -> Arc<Self> {
        Arc::new(Self {
            now,
            exchanges: Mutex::default(),
        })
    }

    /// What was recorded since the last time.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.lock())
    }

    pub(super) fn note(&self, recorded: Recorded) {
        self.lock().push(recorded);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
        self.exchanges
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// As texts; what is no text is left out.
pub(super) fn pairs(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let pairs = headers.iter();
    let pairs = pairs.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
    pairs.collect()
}

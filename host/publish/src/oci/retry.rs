//! When and how often a request is repeated. Every request of a push or pull may be: blobs and
//! manifests are named by their digests, and an upload that was begun twice is only one too many.
//!
//! A registry that asks for a longer pause than [`PAUSE_MAX`] gets no further try: the caller's time
//! is bounded, and it may come back later itself.

use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// Tries of one request in all.
pub(super) const TRIES_MAX: u32 = 4;
/// Longest pause before a try.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(30);
/// First pause when the registry does not name one; doubled each time.
const PAUSE_FIRST: Duration = Duration::from_millis(250);

/// Whether a later try of the same may succeed.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// Pause after the failed try of this number (from 1), `None` to give up. The pause that the
/// registry asked for, or one that doubles; up to a quarter more, so that many clients spread.
pub(super) fn pause(tries: u32, headers: Option<&HeaderMap>) -> Option<Duration> {
    if tries >= TRIES_MAX {
        return None;
    }
    let base = match headers.and_then(asked) {
        Some(asked) if asked > PAUSE_MAX => return None,
        Some(asked) => asked,
        None => PAUSE_FIRST * 2u32.saturating_pow(tries.saturating_sub(1)),
    };
    Some(base.mul_f64(1.0 + 0.25 * fastrand::f64()).min(PAUSE_MAX))
}

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or an HTTP date.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    let until = at.to_utc() - chrono::Utc::now();
    Some(until.to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        headers
    }

    #[test]
    fn pauses_grow_and_end() {
        let first = pause(1, None).unwrap();
        assert!(first >= PAUSE_FIRST && first < PAUSE_FIRST * 2);
        assert!(pause(3, None).unwrap() >= PAUSE_FIRST * 4);
        assert_eq!(pause(TRIES_MAX, None), None);
    }

    #[test]
    fn the_registrys_wish_counts_within_bounds() {
        assert!(pause(1, Some(&with("2"))).unwrap() >= Duration::from_secs(2));
        assert_eq!(pause(1, Some(&with("3600"))), None);
        assert_eq!(
            pause(1, Some(&with("99999999999999999999"))).map(|p| p < PAUSE_MAX),
            Some(true)
        );
        let past = with("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(pause(1, Some(&past)), Some(Duration::ZERO));
    }
}

//! How long the network asks us to wait: `retry-after` (RFC 9110: seconds or a date) and the
//! `ratelimit-*` headers (`ratelimit-reset` is a moment in Unix seconds on this network).

use chrono::DateTime;

use crate::net::Response;

const SECOND_MS: i64 = 1000;
/// The host caps delays at a day; so do we, for headers that are nonsense.
const DAY_MS: i64 = 24 * 60 * 60 * SECOND_MS;
/// A smaller `ratelimit-reset` can't be a moment, so it is a number of seconds.
const EARLIEST_MOMENT_S: i64 = 1_000_000_000;

/// The delay that a refused request (429, 503) asks for, in milliseconds; none when it names none.
pub fn delay_ms(response: &Response, now_ms: i64) -> Option<u64> {
    let after = response.header("retry-after").and_then(|value| {
        let seconds = value
            .parse::<i64>()
            .ok()
            .map(|s| s.saturating_mul(SECOND_MS));
        seconds.or_else(|| {
            let date = DateTime::parse_from_rfc2822(value).ok()?;
            date.timestamp_millis().checked_sub(now_ms)
        })
    });
    after.map(clamp).or_else(|| reset_ms(response, now_ms))
}

/// Nothing is left of the allowance: how long until there is, in milliseconds.
pub fn exhausted_ms(response: &Response, now_ms: i64) -> Option<u64> {
    let remaining = response
        .header("ratelimit-remaining")?
        .parse::<i64>()
        .ok()?;
    (remaining <= 0)
        .then(|| reset_ms(response, now_ms))
        .flatten()
}

fn reset_ms(response: &Response, now_ms: i64) -> Option<u64> {
    let seconds = response.header("ratelimit-reset")?.parse::<i64>().ok()?;
    let ms = seconds.saturating_mul(SECOND_MS);
    Some(clamp(if seconds < EARLIEST_MOMENT_S {
        ms
    } else {
        ms.saturating_sub(now_ms)
    }))
}

fn clamp(ms: i64) -> u64 {
    ms.clamp(SECOND_MS, DAY_MS).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_293_086_000;

    fn with(headers: &[(&str, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Response {
            status: 429,
            headers,
            body: Vec::new(),
        }
    }

    #[test]
    fn reads_every_form() {
        for (headers, expected) in [
            (vec![("retry-after", "30")], Some(30_000)),
            (
                vec![("retry-after", "Sat, 21 Nov 2026 20:32:26 GMT")],
                Some(60_000),
            ),
            (vec![("ratelimit-reset", "1795293386")], Some(300_000)),
            (vec![("ratelimit-reset", "45")], Some(45_000)),
            (
                vec![("retry-after", "5"), ("ratelimit-reset", "1795293386")],
                Some(5_000),
            ),
            (
                vec![("retry-after", "soon"), ("ratelimit-reset", "1795293386")],
                Some(300_000),
            ),
            (vec![("ratelimit-reset", "1795290000")], Some(1_000)),
            (
                vec![("retry-after", "9223372036854775807")],
                Some(86_400_000),
            ),
            (vec![("retry-after", "-5")], Some(1_000)),
            (vec![], None),
        ] {
            assert_eq!(delay_ms(&with(&headers), NOW_MS), expected, "{headers:?}");
        }
    }

    #[test]
    fn sees_an_empty_allowance() {
        let left = |n| {
            with(&[
                ("ratelimit-remaining", n),
                ("ratelimit-reset", "1795293146"),
            ])
        };
        assert_eq!(exhausted_ms(&left("0"), NOW_MS), Some(60_000));
        assert_eq!(exhausted_ms(&left("1"), NOW_MS), None);
        assert_eq!(exhausted_ms(&left("many"), NOW_MS), None);
        assert_eq!(
            exhausted_ms(&with(&[("ratelimit-remaining", "0")]), NOW_MS),
            None
        );
    }
}

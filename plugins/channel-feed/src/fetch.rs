//! Asking for a feed and understanding the answer: conditional requests, redirects, compression,
//! refusals, delays.
//!
//! The admin granted one host, so redirects are followed on that host alone, from http to https of it
//! too. One for good is remembered once the feed is readable there; one to another host is reported.

use url::Url;

use crate::date;
use crate::feed::BODY_MAX_BYTES;
use crate::host::{FetchError, Host, Request, Response};
use crate::memory::Standing;
use crate::settings::{Source, label};

/// Formats that we read, best first.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
     application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
const USER_AGENT: &str = concat!("rapport-channel-feed/", env!("CARGO_PKG_VERSION"));
/// Shortest and longest rest that a server can ask for, in milliseconds.
const REST_MIN_MS: i64 = 60_000;
pub const REST_MAX_MS: i64 = 86_400_000;
/// The header by which the host marks an answer of its own: more requests than the plugin's quota.
const QUOTA_HEADER: &str = "rapport-quota";
/// Most redirects followed for one feed.
const REDIRECTS_MAX: usize = 5;

/// What the answer means.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// A document to read.
    Document(Response),
    /// Nothing new since the validators.
    Unchanged,
    /// 410: it will not come back.
    Gone,
    /// The server wants rest: milliseconds, where it says how long.
    Busy(Option<i64>, String),
    /// The host lets us ask nobody for so long, in milliseconds.
    Limited(i64, String),
    /// No use now; why, for the admin. Permanent ones need the admin.
    Failed { reason: String, permanent: bool },
}

/// An answer and where it came from.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub answer: Answer,
    /// Where the last request went.
    pub url: Url,
    /// The feed's address from now on, where redirects say that it moved for good.
    pub moved: Option<Url>,
    pub requests: usize,
}

/// Asks for the feed, where it moved to if that is known; with the validators of its last document
/// where `standing` has them.
pub fn ask(host: &mut impl Host, source: &Source, standing: &Standing) -> Asked {
    let known = standing.moved.as_deref().and_then(|m| Url::parse(m).ok());
    let mut url = known.unwrap_or_else(|| source.url.clone());
    let (mut moved, mut for_good, mut requests) = (None, true, 0);
    loop {
        requests += 1;
        let response = match host.fetch(&request(&url, standing)) {
            Ok(response) => response,
            Err(error) => {
                let answer = unanswered(error, &url, &source.url);
                return Asked {
                    answer,
                    url,
                    moved: None,
                    requests,
                };
            }
        };
        let answer = match redirect(&response, &url) {
            None => understand(response, host.now_ms()),
            Some(Ok(_)) if requests > REDIRECTS_MAX => Answer::Failed {
                reason: format!(
                    "redirects more than {REDIRECTS_MAX} times: its owner must mend it"
                ),
                permanent: true,
            },
            Some(Ok(target)) => {
                for_good &= is_for_good(response.status);
                moved = for_good.then(|| target.clone()).or(moved);
                url = target;
                continue;
            }
            Some(Err(reason)) => Answer::Failed {
                reason,
                permanent: is_for_good(response.status),
            },
        };
        return Asked {
            answer,
            url,
            moved,
            requests,
        };
    }
}

fn request(url: &Url, standing: &Standing) -> Request {
    let mut request = Request::get(url.as_str())
        .header("accept", ACCEPT)
        .header("accept-encoding", "gzip, deflate, br")
        .header("user-agent", USER_AGENT);
    if let Some(etag) = &standing.etag {
        request = request.header("if-none-match", etag);
    }
    if let Some(date) = &standing.last_modified {
        request = request.header("if-modified-since", date);
    }
    request
}

fn unanswered(error: FetchError, url: &Url, listed: &Url) -> Answer {
    match error {
        FetchError::Refused(_) if url.scheme() != listed.scheme() => Answer::Failed {
            reason: format!(
                "moved to {}, where the host does not let us go: put that address in the settings",
                label(url)
            ),
            permanent: true,
        },
        FetchError::Refused(e) => Answer::Failed {
            reason: format!("the host refuses: {e}"),
            permanent: true,
        },
        FetchError::Failed(e) => Answer::Failed {
            reason: format!("does not answer: {e}"),
            permanent: false,
        },
    }
}

fn is_for_good(status: u16) -> bool {
    matches!(status, 301 | 308)
}

/// Where a redirect leads: followed, or why not. None for other answers.
fn redirect(response: &Response, url: &Url) -> Option<Result<Url, String>> {
    let status = response.status;
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let target = response.header("location").and_then(|l| url.join(l).ok());
    let Some(mut target) = target else {
        return Some(Err(format!(
            "answers {status} to nowhere: its owner must mend it"
        )));
    };
    target.set_fragment(None);
    let usual = url.port().is_none() && target.port().is_none();
    let upgrade = (url.scheme(), target.scheme()) == ("http", "https") && usual;
    let same_way = url.scheme() == target.scheme() && url.port() == target.port();
    if url.host() == target.host() && (same_way || upgrade) && target.username().is_empty() {
        return Some(Ok(target));
    }
    let place = label(&target);
    Some(Err(if is_for_good(status) {
        format!("answers {status}, moved to {place}: change the address in the settings")
    } else {
        format!(
            "answers {status} to {place}, which is not followed: look whether the feed moved there"
        )
    }))
}

fn understand(response: Response, now_ms: i64) -> Answer {
    let status = response.status;
    let failed = |reason: String, permanent| Answer::Failed { reason, permanent };
    match status {
        200 | 203 => match response.decoded(BODY_MAX_BYTES) {
            Ok(response) => Answer::Document(response),
            Err(error) => failed(format!("answers {status}, but {error}"), false),
        },
        304 => Answer::Unchanged,
        410 => Answer::Gone,
        429 if response.header(QUOTA_HEADER).is_some() => {
            let rest = response
                .header("retry-after")
                .and_then(|v| v.parse::<i64>().ok());
            let wait_s = rest.unwrap_or(1).clamp(1, REST_MIN_MS / 1000);
            let reason = response.header(QUOTA_HEADER).unwrap_or_default();
            Answer::Limited(wait_s * 1000, format!("the host lets us make no {reason}"))
        }
        429 | 503 => {
            let rest = response.header("retry-after");
            let rest = rest.and_then(|v| retry_after_ms(v, now_ms));
            if status == 503 && rest.is_none() {
                return failed("answers 503, a fault on its side".into(), false);
            }
            Answer::Busy(rest, format!("answers {status}, wants rest"))
        }
        401 | 403 => failed(
            format!("answers {status}, not for us to read: ask its owner, or take it off the list"),
            true,
        ),
        404 => failed(
            "answers 404, nothing at this address: correct it, or take it off the list".into(),
            true,
        ),
        400..=499 => failed(
            format!("answers {status}: look whether the address is right"),
            true,
        ),
        _ => failed(format!("answers {status}, a fault on its side"), false),
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from now, between
/// a minute and a day.
fn retry_after_ms(value: &str, now_ms: i64) -> Option<i64> {
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        value
            .parse::<i64>()
            .unwrap_or(i64::MAX)
            .saturating_mul(1000)
    } else {
        date::parse(value)?.saturating_sub(now_ms)
    };
    Some(wait.clamp(REST_MIN_MS, REST_MAX_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_714_990_830_000; // 2024-05-06T10:20:30Z

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter();
        Response {
            status,
            headers: headers
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn rest_is_asked_in_seconds_or_as_a_date() {
        for (value, expected) in [
            ("3600", Some(3_600_000)),
            ("5", Some(REST_MIN_MS)),
            ("99999999999999999999", Some(REST_MAX_MS)),
            ("Mon, 06 May 2024 11:20:30 GMT", Some(3_600_000)),
            ("Mon, 06 May 2023 11:20:30 GMT", Some(REST_MIN_MS)),
            ("soon", None),
            ("", None),
        ] {
            let answer = |status| understand(response(status, &[("retry-after", value)]), NOW);
            let Answer::Busy(rest, _) = answer(429) else {
                panic!("{value}")
            };
            assert_eq!(rest, expected, "{value}");
            // Without a word of when it is back it is out of order.
            let busy = matches!(answer(503), Answer::Busy(rest, _) if rest == expected);
            assert_eq!(busy, expected.is_some(), "{value}");
        }
    }

    #[test]
    fn redirects_stay_on_the_host() {
        let from = Url::parse("http://x.example/a/feed").unwrap();
        let lead = |status: u16, location: &str| {
            redirect(&response(status, &[("location", location)]), &from).unwrap()
        };
        for (location, expected) in [
            ("/b/feed", "http://x.example/b/feed"),
            ("https://X.example/b#top", "https://x.example/b"),
            ("http://x.example:80/?p=1", "http://x.example/?p=1"),
        ] {
            assert_eq!(lead(302, location).unwrap().as_str(), expected);
        }
        for location in [
            "https://www.x.example/feed",
            "https://x.example:8443/feed",
            "http://x.example:8080/",
            "https://me@x.example/",
            "ftp://x.example/",
        ] {
            let reason = lead(301, location).unwrap_err();
            assert!(
                reason.contains("301, moved to") && reason.contains("in the settings"),
                "{reason}"
            );
            assert!(lead(307, location).unwrap_err().contains("not followed"));
        }
        let reason = lead(308, "https://y.example/feed?key=geheim").unwrap_err();
        assert!(
            reason.contains("https://y.example/feed?…") && !reason.contains("geheim"),
            "{reason}"
        );
        assert!(
            redirect(&response(303, &[]), &from)
                .unwrap()
                .unwrap_err()
                .contains("nowhere")
        );
        assert_eq!(redirect(&response(304, &[]), &from), None);
        let secure = Url::parse("https://x.example/feed").unwrap();
        let down = redirect(
            &response(301, &[("location", "http://x.example/feed")]),
            &secure,
        );
        assert!(down.unwrap().is_err());
    }

    #[test]
    fn other_answers() {
        let answer = |status| understand(response(status, &[]), NOW);
        assert_eq!(answer(304), Answer::Unchanged);
        assert_eq!(answer(410), Answer::Gone);
        for (status, words, for_good) in [
            (404, "correct it, or take it off", true),
            (401, "not for us to read", true),
            (403, "answers 403", true),
            (418, "answers 418", true),
            (500, "a fault on its side", false),
            (204, "answers 204", false),
        ] {
            let Answer::Failed { reason, permanent } = answer(status) else {
                panic!("{status}")
            };
            assert!(reason.contains(words) && permanent == for_good, "{reason}");
        }
    }

    #[test]
    fn bad_compression_is_said() {
        let mut coded = response(200, &[("content-encoding", "gzip")]);
        coded.body = b"\x1f\x8b\x08rommel".to_vec();
        let Answer::Failed { reason, .. } = understand(coded, NOW) else {
            panic!()
        };
        assert!(reason.contains("compression is damaged"), "{reason}");
    }
}

//! Asking for a feed and understanding the answer: conditional requests, refusals, delays.
//!
//! Redirects are not followed (the host does not, and the admin granted one address): the new
//! address is reported.

use url::Url;

use crate::date;
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
    /// No use now; why, for the admin. Permanent ones need the admin.
    Failed { reason: String, permanent: bool },
}

/// Asks for the feed; with the validators of its last document where `standing` has them.
pub fn ask(host: &mut impl Host, source: &Source, standing: &Standing) -> Answer {
    let mut request = Request::get(source.url.as_str())
        .header("accept", ACCEPT)
        .header("accept-encoding", "identity")
        .header("user-agent", USER_AGENT);
    if let Some(etag) = &standing.etag {
        request = request.header("if-none-match", etag);
    }
    if let Some(date) = &standing.last_modified {
        request = request.header("if-modified-since", date);
    }
    match host.fetch(&request) {
        Ok(response) => understand(response, &source.url, host.now_ms()),
        Err(FetchError::Refused(e)) => Answer::Failed {
            reason: format!("the host refuses: {e}"),
            permanent: true,
        },
        Err(FetchError::Failed(e)) => Answer::Failed {
            reason: e,
            permanent: false,
        },
    }
}

fn understand(response: Response, url: &Url, now_ms: i64) -> Answer {
    let status = response.status;
    let failed = |reason: String, permanent| Answer::Failed { reason, permanent };
    match status {
        200 | 203 => Answer::Document(response),
        304 => Answer::Unchanged,
        410 => Answer::Gone,
        429 | 503 => {
            let rest = response
                .header("retry-after")
                .and_then(|v| retry_after_ms(v, now_ms));
            Answer::Busy(rest, format!("answers {status}"))
        }
        301 | 302 | 303 | 307 | 308 => {
            let target = response.header("location").and_then(|l| url.join(l).ok());
            let target = target.map_or_else(|| "nowhere".to_owned(), |t| label(&t));
            let permanent = matches!(status, 301 | 308);
            let advice = if permanent {
                "moved for good; put the new address in the settings"
            } else {
                "redirects, which is not followed"
            };
            failed(format!("answers {status} to {target}: {advice}"), permanent)
        }
        401 | 403 => failed(format!("answers {status}: not for us to read"), true),
        404 => failed("answers 404: nothing at this address".into(), true),
        400..=499 => failed(format!("answers {status}"), true),
        _ => failed(format!("answers {status}"), false),
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

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        let url = Url::parse("https://x.example/a/feed").unwrap();
        understand(
            Response {
                status,
                headers,
                body: Vec::new(),
            },
            &url,
            NOW,
        )
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
            for status in [429, 503] {
                let Answer::Busy(rest, _) = answer(status, &[("retry-after", value)]) else {
                    panic!()
                };
                assert_eq!(rest, expected, "{value}");
            }
        }
    }

    #[test]
    fn new_addresses_are_reported_without_keys() {
        let Answer::Failed { reason, permanent } =
            answer(301, &[("location", "/b/feed?key=geheim")])
        else {
            panic!()
        };
        assert!(
            reason.contains("https://x.example/b/feed?…") && permanent,
            "{reason}"
        );
        assert!(!reason.contains("geheim"));
        let Answer::Failed { reason, permanent } = answer(302, &[]) else {
            panic!()
        };
        assert!(reason.contains("nowhere") && !permanent);
    }

    #[test]
    fn other_answers() {
        assert_eq!(answer(304, &[]), Answer::Unchanged);
        assert_eq!(answer(410, &[]), Answer::Gone);
        assert!(matches!(
            answer(404, &[]),
            Answer::Failed {
                permanent: true,
                ..
            }
        ));
        assert!(matches!(
            answer(500, &[]),
            Answer::Failed {
                permanent: false,
                ..
            }
        ));
    }
}

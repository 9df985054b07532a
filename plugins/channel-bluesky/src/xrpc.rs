//! XRPC (atproto.com/specs/xrpc): queries are GET, procedures are POST, errors are JSON with
//! `error` and `message`. This file makes requests, reads answers and names what went wrong.
//!
//! Deliberately absent: who we are and how to log in (`session`).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rapport_sdk::common::{Delay, PluginError};
use serde_json::Value;

use crate::net::{Failure, Net, Request, Response};
use crate::rate;

/// Everything but the unreserved characters of RFC 3986.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Longest part of a network's own error text that we repeat, in characters.
const MESSAGE_CHARS: usize = 300;

/// The network understood the request and said no (a status of 400 to 499).
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub status: u16,
    /// The error's name, for example `InvalidRequest`; empty when it gave none.
    pub error: String,
    pub message: String,
}

impl Refusal {
    /// The access token is not (or no longer) good.
    pub fn is_token(&self) -> bool {
        self.status == 401 || matches!(self.error.as_str(), "ExpiredToken" | "InvalidToken")
    }

    /// The record asked for is not there, nor will it be: deleted, or its whole repository is.
    pub fn is_gone(&self) -> bool {
        self.error == "RecordNotFound"
            || (self.error == "InvalidRequest"
                && (self.message.starts_with("Could not find repo")
                    || self.message.starts_with("Could not locate record")))
    }
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum CallError {
    /// The network said no to this request; others may do better.
    Refused(Refusal),
    /// Nothing can be done for now, or at all.
    Fault(PluginError),
}

/// For the log.
impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused(r) => write!(f, "{} {}: {}", r.status, r.error, r.message),
            CallError::Fault(PluginError::RetryAfter(delay)) => f.write_str(&delay.message),
            CallError::Fault(PluginError::RateLimited(delay)) => {
                write!(f, "rate limited: {}", delay.message)
            }
            CallError::Fault(
                PluginError::AuthExpired(text)
                | PluginError::InvalidInput(text)
                | PluginError::Unsupported(text)
                | PluginError::Permanent(text),
            ) => f.write_str(text),
        }
    }
}

impl From<CallError> for PluginError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Fault(fault) => fault,
            CallError::Refused(refusal) => {
                let text = format!("{}: {}", refusal.error, refusal.message);
                match (refusal.status, refusal.error.as_str()) {
                    (401, _) => PluginError::AuthExpired(text),
                    (400 | 413 | 422, "InvalidRequest" | "RecordTooLarge" | "") => {
                        PluginError::InvalidInput(text)
                    }
                    _ => PluginError::Permanent(text),
                }
            }
        }
    }
}

/// A passing failure without a delay of its own.
pub fn retry(message: impl Into<String>) -> CallError {
    CallError::Fault(PluginError::RetryAfter(Delay {
        delay_ms: None,
        message: message.into(),
    }))
}

/// A query: `parameters` may repeat a name.
pub fn query(service: &str, method: &str, parameters: &[(&str, &str)]) -> Request {
    let mut url = format!("{service}/xrpc/{method}");
    for (index, (name, value)) in parameters.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, QUERY));
    }
    Request::get(url).header("accept", "application/json")
}

/// A procedure with a JSON body, or without a body at all: a server that expects none refuses even
/// an empty one that has a type.
pub fn procedure(service: &str, method: &str, body: Option<&Value>) -> Request {
    let url = format!("{service}/xrpc/{method}");
    let request = match body {
        Some(value) => Request::post_json(url, value.to_string()),
        None => Request {
            method: "POST",
            ..Request::get(url).header("content-length", "0")
        },
    };
    request.header("accept", "application/json")
}

/// Sends a request once and reads the JSON of its answer. `pause_ms` is set when the answer says
/// that the allowance is used up.
pub fn call(
    net: &dyn Net,
    request: &Request,
    pause_ms: &mut Option<u64>,
) -> Result<Value, CallError> {
    let response = net.send(request).map_err(|failure| match failure {
        Failure::Refused(m) => CallError::Fault(PluginError::Permanent(format!(
            "not allowed to reach the server; is the grant there? {}",
            shorten(&m)
        ))),
        Failure::Failed(m) => retry(format!("the server can't be reached: {}", shorten(&m))),
    })?;
    let now_ms = net.now_ms();
    match response.status {
        200..=299 => {
            *pause_ms = rate::exhausted_ms(&response, now_ms).max(*pause_ms);
            if response.body.is_empty() {
                return Ok(Value::Null);
            }
            serde_json::from_slice(&response.body)
                .map_err(|e| retry(format!("the server's answer is not JSON: {e}")))
        }
        429 => Err(CallError::Fault(PluginError::RateLimited(Delay {
            delay_ms: rate::delay_ms(&response, now_ms),
            message: refusal(&response).message,
        }))),
        408 | 425 | 500..=599 => {
            let refusal = refusal(&response);
            if refusal.error == "MethodNotImplemented" {
                return Err(CallError::Refused(refusal));
            }
            Err(CallError::Fault(PluginError::RetryAfter(Delay {
                delay_ms: rate::delay_ms(&response, now_ms),
                message: format!(
                    "the server answered {}: {} {}",
                    refusal.status, refusal.error, refusal.message
                ),
            })))
        }
        _ => Err(CallError::Refused(refusal(&response))),
    }
}

fn refusal(response: &Response) -> Refusal {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let field = |name| shorten(body.get(name).and_then(Value::as_str).unwrap_or_default());
    let mut message = field("message");
    if message.is_empty() {
        message = format!("the server answered {}", response.status);
    }
    Refusal {
        status: response.status,
        error: field("error"),
        message,
    }
}

/// One line of at most [`MESSAGE_CHARS`] characters.
fn shorten(text: &str) -> String {
    text.chars()
        .take(MESSAGE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, answer};

    fn ask(response: Response) -> (Result<Value, CallError>, Option<u64>) {
        let net = Fake::new(move |_| Ok(response.clone()));
        let mut pause = None;
        let result = call(&net, &query("https://pds.test", "a.b", &[]), &mut pause);
        (result, pause)
    }

    #[test]
    fn encodes_parameters() {
        let request = query(
            "https://pds.test",
            "a.b.c",
            &[("q", "café & #tag"), ("x", "did:plc:a/b")],
        );
        assert_eq!(
            request.url,
            "https://pds.test/xrpc/a.b.c?q=caf%C3%A9%20%26%20%23tag&x=did%3Aplc%3Aa%2Fb"
        );
        let request = procedure("https://pds.test", "a.b", None);
        assert!(!request.headers.iter().any(|(n, _)| *n == "content-type"));
    }

    #[test]
    fn names_what_went_wrong() {
        let (result, _) = ask(answer(
            400,
            r#"{"error":"ExpiredToken","message":"Token has expired"}"#,
        ));
        assert!(matches!(result, Err(CallError::Refused(r)) if r.is_token()));
        let (result, _) = ask(answer(502, "<html>bad gateway</html>"));
        assert!(matches!(
            result,
            Err(CallError::Fault(PluginError::RetryAfter(_)))
        ));
        let (result, _) = ask(answer(200, "{\"half\":"));
        assert!(matches!(
            result,
            Err(CallError::Fault(PluginError::RetryAfter(_)))
        ));
        let (result, _) = ask(answer(501, r#"{"error":"MethodNotImplemented"}"#));
        assert!(matches!(result, Err(CallError::Refused(_))));
        let (result, _) = ask(answer(400, r#"{"error":5,"message":["x"]}"#));
        let Err(error) = result else {
            panic!("accepted")
        };
        assert_eq!(
            PluginError::from(error),
            PluginError::InvalidInput(": the server answered 400".into())
        );
    }

    #[test]
    fn heeds_the_rate_limit() {
        let mut response = answer(
            429,
            r#"{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}"#,
        );
        response.headers.push(("retry-after".into(), "12".into()));
        let (result, _) = ask(response);
        let Err(CallError::Fault(PluginError::RateLimited(delay))) = result else {
            panic!("{result:?}")
        };
        assert_eq!(delay.delay_ms, Some(12_000));
        let mut response = answer(200, "{}");
        response
            .headers
            .push(("ratelimit-remaining".into(), "0".into()));
        response
            .headers
            .push(("ratelimit-reset".into(), "90".into()));
        assert_eq!(ask(response).1, Some(90_000));
    }

    #[test]
    fn error_texts_are_short_and_on_one_line() {
        let body = format!(
            r#"{{"error":"InvalidRequest","message":"a\nb{}"}}"#,
            "x".repeat(5000)
        );
        let (Err(CallError::Refused(refusal)), _) = ask(answer(400, &body)) else {
            panic!("accepted")
        };
        assert!(refusal.message.starts_with("a b") && refusal.message.len() == 300);
    }
}

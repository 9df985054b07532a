//! Requests of networks to inboxes. The host proves them genuine where the connector's manifest says
//! how; what the connector makes of them is stored before they are answered. What can never be stored
//! is answered so that the poster can mend it, and only what may pass with "try again".

use super::AppState;
use super::plugins::sentence;
use super::problem::Problem;
use super::throttle::Caller;
use crate::pipeline::inboxes::{
    Admitted, CallError, InboundError, PluginError, Refusal, WebhookRequest,
};
use crate::telemetry::metrics;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Of names and values together; how many there are, `limits` bounds.
const HEADERS_MAX_BYTES: usize = 16 * 1024;

/// Nothing was acknowledged: the network sends it again.
fn not_stored(inbox: &str, error: &impl std::fmt::Display) -> Problem {
    tracing::warn!(inbox, %error, "webhook not stored");
    Problem::busy("The inbox can't take this now; nothing was stored. Try again.")
}

/// The connector gave no answer.
fn not_taken(inbox: &str, error: CallError) -> Problem {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, sentence(&detail));
    match error {
        CallError::Plugin(PluginError::InvalidInput(said) | PluginError::Permanent(said)) => {
            bad(format!("Refused: {said}"))
        }
        CallError::Plugin(PluginError::Unsupported(said)) => {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, sentence(&said))
        }
        error => {
            let delay_ms = match &error {
                CallError::Plugin(
                    PluginError::RetryAfter { delay_ms, .. }
                    | PluginError::RateLimited { delay_ms, .. },
                ) => *delay_ms,
                _ => None,
            };
            not_stored(inbox, &error).after(delay_ms.map(Duration::from_millis))
        }
    }
}

/// An activity breaks the contract, so that nothing of the request was stored.
fn malformed(refused: &Refusal) -> Response {
    let Refusal {
        element,
        field,
        rule,
    } = refused;
    let problem = json!({
        "type": "about:blank",
        "title": "Malformed activity",
        "status": 400,
        "detail": format!(
            "Activity {element}: {field} {rule}. Nothing of this request was stored; mend it and send it again."
        ),
        "element": element,
        "field": field,
        "rule": rule,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::BAD_REQUEST, kind, problem.to_string()).into_response()
}

pub async fn receive(
    State(state): State<AppState>,
    Path(parts): Path<BTreeMap<String, String>>,
    head: Parts,
    body: Bytes,
) -> Result<Response, Problem> {
    let name = parts.get("inbox").map(String::as_str).unwrap_or_default();
    let Some(runtime) = state.pipeline.inbox_named(name) else {
        let set = state.pipeline.plugins.now();
        // The network sends it again; until then the inbox may have been set right.
        let known =
            set.pending || set.preparing_inboxes.contains(name) || set.not_ready.contains_key(name);
        return Err(match known {
            true => Problem::busy("The inbox is not ready; nothing was stored. Try again."),
            false => Problem::not_found("inbox"),
        });
    };
    if state.wake.load.is_full() {
        metrics::refused("queue");
        return Err(Problem::busy(
            "Too much waits to be handled; nothing was stored. Try again.",
        ));
    }
    let path = parts.get("path").map(|path| format!("/{path}"));
    let request = read(path.unwrap_or_default(), &head, &body)?;
    match runtime.admit(&request) {
        Ok(Admitted::Pass) => {
            let caller = head.extensions.get::<Caller>();
            let address = caller.and_then(|caller| caller.address);
            if let (true, Some(address)) = (runtime.connector.is_guarded(), address) {
                state.limits.good.add(address);
            }
        }
        Ok(Admitted::Challenge(text)) => return Ok(challenge(text)),
        Err(_) => {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "The request is not proven to be the network's.",
            ));
        }
    }
    let (answer, ingested) = state
        .pipeline
        .receive(&runtime, request)
        .await
        .map_err(|error| match error {
            InboundError::Db(error) => Problem::from(error),
            InboundError::NotStored(error) => not_stored(name, &error),
            InboundError::Call(error) => not_taken(name, error),
        })?;
    if let Some(refused) = answer.refused.first() {
        tracing::info!(inbox = name, %refused, "webhook refused");
        return Ok(malformed(refused));
    }
    if ingested.new > 0 {
        state.wake.load.add(ingested.new as u64);
        state.wake.events.notify_one();
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    for (name, value) in answer.headers {
        // Only what describes the body; a plugin sets no cookies and no framing.
        let allowed = matches!(
            name.to_ascii_lowercase().as_str(),
            "content-type" | "retry-after" | "allow"
        );
        if let (true, Ok(name), Ok(value)) = (
            allowed,
            HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// The answer to a handshake: text that no browser takes for a page.
fn challenge(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

/// The request as the host checks it and the connector is given it.
fn read(path: String, head: &Parts, body: &[u8]) -> Result<WebhookRequest, Problem> {
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let size: usize = headers.iter().map(|(n, v)| n.len() + v.len()).sum();
    if size > HEADERS_MAX_BYTES {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("The headers have at most {HEADERS_MAX_BYTES} bytes."),
        ));
    }
    Ok(WebhookRequest {
        method: head.method.as_str().to_ascii_uppercase(),
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    })
}

//! Requests of networks to inboxes. The connector proves them genuine; what it makes of them is
//! stored before they are answered.

use super::AppState;
use super::problem::Problem;
use crate::pipeline::inboxes::{InboundError, WebhookRequest};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;

const HEADERS_MAX: usize = 64;
const HEADERS_MAX_BYTES: usize = 16 * 1024;

pub async fn receive(
    State(state): State<AppState>,
    Path(parts): Path<BTreeMap<String, String>>,
    request: Request,
) -> Result<Response, Problem> {
    let name = parts.get("inbox").map(String::as_str).unwrap_or_default();
    let runtime = state
        .pipeline
        .inboxes
        .values()
        .find(|runtime| runtime.inbox.name == name)
        .ok_or_else(|| Problem::not_found("inbox"))?;
    let (head, body) = request.into_parts();
    state.access.admits_webhook(&head.headers)?;
    let body: Bytes = axum::body::to_bytes(body, super::BODY_MAX_BYTES)
        .await
        .map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("At most {} bytes.", super::BODY_MAX_BYTES),
            )
        })?;
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let size: usize = headers.iter().map(|(n, v)| n.len() + v.len()).sum();
    if headers.len() > HEADERS_MAX || size > HEADERS_MAX_BYTES {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("At most {HEADERS_MAX} headers, {HEADERS_MAX_BYTES} bytes in all."),
        ));
    }
    let path = parts
        .get("path")
        .map(|path| format!("/{path}"))
        .unwrap_or_default();
    let request = WebhookRequest {
        method: head.method.as_str().to_ascii_uppercase(),
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    };
    let (answer, ingested) = state
        .pipeline
        .receive(runtime, request)
        .await
        .map_err(|error| match error {
            InboundError::Db(error) => Problem::from(error),
            InboundError::Call(error) => {
                tracing::warn!(inbox = name, %error, "webhook refused");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The inbox can't take this now; nothing was stored. Try again.",
                )
            }
        })?;
    if ingested.new > 0 {
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

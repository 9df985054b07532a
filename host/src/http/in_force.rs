//! Changes of plugins, trust and inboxes are answered when they are in force: a middleware waits until
//! every host that is there follows the store. What takes longer is answered with 202 in the stead of
//! the handler's own status, and a header that names the hosts that do not follow yet.

use super::AppState;
use super::problem::Problem;
use crate::pipeline::plugins::force::{hosts_pending, stored_revision};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Names the hosts on which a change is not in force yet.
pub const PENDING: &str = "rapport-pending";

/// Whether hosts follow what this route changes.
pub fn is_followed(method: &str, path: &str) -> bool {
    let changes = ["POST", "PUT", "PATCH", "DELETE"].contains(&method);
    let of_inboxes = [("POST", "/api/v1/inboxes")].contains(&(method, path));
    let of_setup = path == "/api/v1/inboxes/{id}/setup";
    let of_plugins =
        path.starts_with("/api/v1/plugins") || path.starts_with("/api/v1/plugin-trust");
    changes && (of_inboxes || of_setup || of_plugins)
}

pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str);
    if state.pipeline.registry.is_none() || !is_followed(request.method().as_str(), path) {
        return next.run(request).await;
    }
    let db = &state.pipeline.db;
    let before = match stored_revision(db).await {
        Ok(before) => before,
        Err(error) => return Problem::from(error).into_response(),
    };
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    // What is stored is stored: a store that is silent now says nothing against it.
    match hosts_pending(db, before).await {
        Ok(pending) if pending.is_empty() => response,
        Ok(pending) => accepted(response, &pending.join(", ")),
        Err(_) => accepted(response, "unknown"),
    }
}

fn accepted(mut response: Response, pending: &str) -> Response {
    *response.status_mut() = StatusCode::ACCEPTED;
    if let Ok(pending) = HeaderValue::from_str(pending) {
        response.headers_mut().insert(PENDING, pending);
    }
    response
}

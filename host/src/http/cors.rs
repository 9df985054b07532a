//! Pages of other origins that may use the API from a browser (CORS, as the Fetch standard has it): those
//! that `cors-origins` names, and none unless it does.
//!
//! Such a page brings a token, in the header Authorization. A cookie of ours is no use to it: its
//! answers can't be read (no Access-Control-Allow-Credentials), and `auth` refuses what it would change.
//! What is no API (webhooks, health, the setup page) is the same for every origin.

use super::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;
use tower::{Layer, Service};
use tower_http::cors::CorsLayer;

/// How long a browser may remember what it was told.
const MAX_AGE: Duration = Duration::from_secs(600);

/// None when no origin is named. Origins are as browsers send them.
pub fn layer(origins: &[String]) -> Option<CorsLayer> {
    let origins = origins.iter().map(|origin| HeaderValue::from_str(origin));
    let origins: Vec<HeaderValue> = origins.filter_map(Result::ok).collect();
    if origins.is_empty() {
        return None;
    }
    let taken = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        HeaderName::from_static("idempotency-key"),
        HeaderName::from_static("last-event-id"),
    ];
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
        .allow_headers(taken)
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .max_age(MAX_AGE);
    Some(layer)
}

/// Before everything else that is done for a request to the API: refusals are for pages to read too.
pub async fn guard(State(state): State<AppState>, request: Request, mut next: Next) -> Response {
    let of_api = request.uri().path().starts_with("/api/v1/");
    match &state.access.cors {
        Some(cors) if of_api => {
            let Ok(response) = cors.layer(next).call(request).await;
            response
        }
        _ => {
            let Ok(response) = next.call(request).await;
            response
        }
    }
}

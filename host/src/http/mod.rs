//! The REST API under /api/v1, webhooks, and live changes. All routes are in [`router`].
//!
//! The OpenAPI document is generated from the handlers and served at /api/v1/openapi.json. Errors are
//! problem+json (RFC 9457). Deliberately absent: users and roles; one token opens everything.

mod auth;
mod cases;
mod drafts;
mod events;
mod inboxes;
mod lists;
mod outbox;
mod problem;
mod webhook;

use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::Access;
use auth::Security;

/// Largest body of an API request or webhook, in bytes.
const BODY_MAX_BYTES: usize = 1024 * 1024;

/// What handlers work with.
#[derive(Clone)]
pub struct AppState {
    pub pipeline: Arc<Pipeline>,
    pub wake: Arc<Wake>,
    pub access: Access,
    /// Ends the streams of live changes at shutdown.
    pub stop: CancellationToken,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Times are UTC milliseconds since 1970. Lists are newest first; a page's `next` goes into `after` for the following one. Errors are problem+json (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Security)
)]
struct ApiDoc;

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(inboxes::inboxes))
        .routes(routes!(inboxes::inbox))
        .routes(routes!(inboxes::inbox_check))
        .routes(routes!(inboxes::monitors, inboxes::monitor_add))
        .routes(routes!(inboxes::monitor_delete))
        .routes(routes!(lists::conversations))
        .routes(routes!(lists::conversation))
        .routes(routes!(lists::messages))
        .routes(routes!(lists::message))
        .routes(routes!(lists::contacts))
        .routes(routes!(lists::contact))
        .routes(routes!(cases::cases))
        .routes(routes!(cases::case))
        .routes(routes!(cases::case_close))
        .routes(routes!(cases::tasks))
        .routes(routes!(lists::decisions))
        .routes(routes!(lists::plugins))
        .routes(routes!(drafts::drafts, drafts::draft_create))
        .routes(routes!(drafts::draft, drafts::draft_edit))
        .routes(routes!(drafts::draft_check))
        .routes(routes!(drafts::draft_send))
        .routes(routes!(drafts::draft_release))
        .routes(routes!(outbox::items))
        .routes(routes!(outbox::item))
        .routes(routes!(outbox::retry))
        .routes(routes!(outbox::drop))
        .routes(routes!(events::stream))
}

/// Every route there is.
pub fn router(state: AppState) -> Router {
    let (api, document) = OpenApiRouter::new()
        .nest("/api/v1", api())
        .split_for_parts();
    let document = axum::Json(document);
    let guarded = api
        .route(
            "/api/v1/openapi.json",
            get(move || async move { document.clone() }),
        )
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            auth::require,
        ));
    Router::new()
        .merge(guarded)
        .route("/webhooks/{inbox}", axum::routing::any(webhook::receive))
        .route(
            "/webhooks/{inbox}/{*path}",
            axum::routing::any(webhook::receive),
        )
        .route("/health", get(|| async { "ok\n" }))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(state)
}

/// The OpenAPI document as JSON.
pub fn openapi_json() -> String {
    let (_, document) = OpenApiRouter::new()
        .nest("/api/v1", api())
        .split_for_parts();
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

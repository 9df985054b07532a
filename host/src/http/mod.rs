//! The REST API under /api/v1, webhooks, and live changes. All routes are in [`router`].
//!
//! The OpenAPI document is generated from the handlers and served at /api/v1/openapi.json. Errors are
//! problem+json (RFC 9457). Who may use a route stands in `rules`, in one table.

mod agents;
mod audit;
mod auth;
mod cases;
pub mod connections;
mod cors;
mod document;
mod drafts;
mod events;
mod framing;
mod headers;
mod health;
mod in_force;
mod inbox_setup;
mod inboxes;
pub mod limits;
mod lists;
mod oidc;
mod outbox;
mod plugin_trust;
mod plugin_watch;
mod plugins;
mod privacy;
mod problem;
mod query;
mod replay;
mod retention;
mod room;
pub mod rules;
mod scope;
mod second_factor;
pub mod server;
mod session;
mod setup_page;
mod throttle;
mod tokens;
mod webhook;
mod webhook_endpoints;

use crate::domain::sealed::SealKey;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get};
use std::sync::{Arc, LazyLock};
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::Access;
use auth::Security;
pub use health::{metrics_router, starting_router};
use limits::{Limits, UPLOAD_MAX_BYTES};
pub use oidc::Oidc;

/// What handlers work with.
#[derive(Clone)]
pub struct AppState {
    pub pipeline: Arc<Pipeline>,
    pub wake: Arc<Wake>,
    pub access: Arc<Access>,
    pub identity: Arc<Identity>,
    /// Ends the streams of live changes at shutdown.
    pub stop: CancellationToken,
    pub limits: Arc<Limits>,
}

/// What log-ins work with besides passwords.
pub struct Identity {
    /// Secrets in the store are sealed under it.
    pub key: SealKey,
    pub oidc: Oidc,
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
    OpenApiRouter::new()
        .routes(routes!(inboxes::inboxes, inbox_setup::create))
        .routes(routes!(
            inbox_setup::show,
            inbox_setup::change,
            inbox_setup::delete
        ))
        .routes(routes!(inboxes::inbox))
        .routes(routes!(inboxes::inbox_check))
        .routes(routes!(inboxes::monitors, inboxes::monitor_add))
        .routes(routes!(inboxes::monitor_delete))
        .routes(routes!(lists::conversations))
        .routes(routes!(lists::conversation))
        .routes(routes!(lists::messages))
        .routes(routes!(lists::message))
        .routes(routes!(lists::contacts))
        .routes(routes!(lists::contact, privacy::erase))
        .routes(routes!(privacy::export))
        .routes(routes!(cases::cases))
        .routes(routes!(cases::case))
        .routes(routes!(cases::case_close))
        .routes(routes!(cases::conversation_close))
        .routes(routes!(cases::tasks))
        .routes(routes!(lists::decisions))
        .routes(routes!(lists::plugins, plugins::install))
        .routes(routes!(replay::replay))
        .routes(routes!(plugins::show, plugins::uninstall))
        .routes(routes!(plugins::grant))
        .routes(routes!(plugins::configure))
        .routes(routes!(plugins::enable))
        .routes(routes!(plugins::disable))
        .routes(routes!(plugins::upgrade))
        .routes(routes!(plugins::approve))
        .routes(routes!(plugins::candidate_drop))
        .routes(routes!(plugins::rollback))
        .routes(routes!(plugin_watch::logs))
        .routes(routes!(plugin_watch::statuses))
        .routes(routes!(plugin_trust::trusted))
        .routes(routes!(plugin_trust::key_add))
        .routes(routes!(plugin_trust::revoke))
        .routes(routes!(drafts::drafts, drafts::draft_create))
        .routes(routes!(drafts::draft, drafts::draft_edit))
        .routes(routes!(drafts::draft_check))
        .routes(routes!(drafts::draft_send))
        .routes(routes!(drafts::draft_release))
        .routes(routes!(outbox::items))
        .routes(routes!(outbox::item))
        .routes(routes!(outbox::retry))
        .routes(routes!(outbox::drop))
        .routes(routes!(webhook_endpoints::list, webhook_endpoints::add))
        .routes(routes!(
            webhook_endpoints::show,
            webhook_endpoints::change,
            webhook_endpoints::delete
        ))
        .routes(routes!(webhook_endpoints::enable))
        .routes(routes!(webhook_endpoints::disable))
        .routes(routes!(webhook_endpoints::rotate))
        .routes(routes!(webhook_endpoints::test))
        .routes(routes!(webhook_endpoints::replay))
        .routes(routes!(webhook_endpoints::deliveries))
        .routes(routes!(webhook_endpoints::delivery))
        .routes(routes!(webhook_endpoints::delivery_replay))
        .routes(routes!(retention::retention))
        .routes(routes!(retention::run))
        .routes(routes!(audit::events))
        .routes(routes!(audit::verify))
        .routes(routes!(events::stream))
        .routes(routes!(session::set_up))
        .routes(routes!(session::log_in, session::me, session::log_out))
        .routes(routes!(session::password))
        .routes(routes!(session::sessions))
        .routes(routes!(second_factor::log_in))
        .routes(routes!(second_factor::status, second_factor::enrol))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::recovery_codes))
        .routes(routes!(second_factor::disable))
        .routes(routes!(second_factor::reset))
        .routes(routes!(oidc::providers))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(oidc::link))
        .routes(routes!(session::session_revoke))
        .routes(routes!(agents::agents, agents::agent_create))
        .routes(routes!(agents::agent, agents::agent_change))
        .routes(routes!(agents::teams, agents::team_create))
        .routes(routes!(
            agents::team,
            agents::team_change,
            agents::team_delete
        ))
        .routes(routes!(agents::roles))
        .routes(routes!(agents::role_set, agents::role_delete))
        .routes(routes!(agents::rights, agents::right_set))
        .routes(routes!(tokens::tokens, tokens::token_create))
        .routes(routes!(tokens::token_revoke))
}

/// The API's routes, and what their handlers say of themselves.
fn documented() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .nest("/api/v1", api())
        .split_for_parts()
}

/// Routes that the document does not have: method (`*` for any), path, handler.
fn outside() -> Vec<(&'static str, &'static str, MethodRouter<AppState>)> {
    vec![
        ("GET", "/health", get(health::whole)),
        ("GET", "/health/live", get(health::live)),
        ("GET", "/health/ready", get(health::ready)),
        ("GET", "/metrics", get(health::prometheus)),
        ("GET", "/setup", get(setup_page::page)),
        ("GET", "/api/v1/openapi.json", get(openapi)),
        ("*", "/webhooks/{inbox}", any(webhook::receive)),
        ("*", "/webhooks/{inbox}/{*path}", any(webhook::receive)),
    ]
}

/// Every route there is. [`auth::guard`] stands before each of them.
pub fn router(state: AppState) -> Router {
    let mut router = documented().0;
    for (_, path, handler) in outside() {
        router = router.route(path, handler);
    }
    router
        .layer(from_fn_with_state(state.clone(), in_force::guard))
        .layer(from_fn(query::guard))
        .layer(from_fn_with_state(state.clone(), room::guard))
        .layer(from_fn_with_state(state.clone(), auth::guard))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(UPLOAD_MAX_BYTES))
        .layer(from_fn_with_state(Arc::clone(&state.limits), limits::guard))
        .layer(from_fn_with_state(state.clone(), cors::guard))
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .with_state(state)
}

async fn openapi() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_json);
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// The OpenAPI document as JSON.
pub fn openapi_json() -> String {
    serde_json::to_string_pretty(document::document()).unwrap_or_default()
}

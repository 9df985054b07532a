//! Whether the host lives, whether it is ready for work, and its metrics.
//!
//! `live` says that the process answers: whoever gets none restarts it. `ready` says that work can be
//! given to it, and if not, which component keeps it; `/health` says the same and is well as long as the
//! process answers. Plugins and inboxes that are in trouble are named, and keep nobody from giving it
//! work. Reasons hold no secrets and no data. All need no token. Metrics need one here, and none on
//! `metrics-listen`, which is for this machine only.

use super::AppState;
use super::problem::Problem;
use crate::domain::inbox::{Inbox, InboxState};
use crate::domain::plugin::PluginState;
use crate::pipeline::Pipeline;
use crate::pipeline::load::Load;
use crate::pipeline::plugins::Loaded;
use crate::telemetry::{heart, metrics};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How soon the store must answer.
const DB_DEADLINE: Duration = Duration::from_secs(2);
/// Plugins and inboxes that are named; more are counted.
const NAMED_MAX: usize = 20;

/// One component.
#[derive(Debug, Serialize)]
struct Component {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The answer of `ready`.
#[derive(Debug, Serialize)]
struct Readiness {
    /// `ready`, `not-ready` or `starting`.
    status: &'static str,
    components: BTreeMap<&'static str, Component>,
    /// How many inboxes stand how.
    #[serde(skip_serializing_if = "Option::is_none")]
    inboxes: Option<BTreeMap<&'static str, usize>>,
}

fn component(reason: Option<String>) -> Component {
    Component {
        ok: reason.is_none(),
        reason,
    }
}

pub async fn live() -> &'static str {
    "ok\n"
}

/// Whether work can be given to it.
pub async fn ready(State(state): State<AppState>) -> Response {
    answer(readiness(&state).await)
}

/// The same, for whoever wants to see it whether it is ready or not.
pub async fn whole(State(state): State<AppState>) -> Response {
    axum::Json(readiness(&state).await).into_response()
}

/// Asks every component.
async fn readiness(state: &AppState) -> Readiness {
    let (database, migrations) = store(&state.pipeline).await;
    let (wrong, alive) = heart::examine();
    let workers = match wrong.as_slice() {
        [] if alive == 0 => Some("the event loop does not run".to_owned()),
        [] => None,
        wrong => Some(wrong.join("; ")),
    };
    let inboxes = match &database {
        None => tokio::time::timeout(DB_DEADLINE, inboxes(&state.pipeline))
            .await
            .ok()
            .flatten(),
        Some(_) => None,
    };
    let set = state.pipeline.plugins.now();
    let preparing = set.starting.then(|| match set.awaited() {
        awaited if awaited.is_empty() => "plugins and inboxes are being prepared".to_owned(),
        awaited => format!("being prepared: {}", some_of(&awaited)),
    });
    let mut components = BTreeMap::from([
        ("database", component(database)),
        ("migrations", component(migrations)),
        ("workers", component(workers)),
        ("queue", component(queue(&state.wake.load))),
        ("plugins", component(preparing.clone())),
    ]);
    let ok = components.values().all(|component| component.ok);
    // Told, and no reason to give it no work.
    let trouble = inboxes
        .as_ref()
        .map(|all| in_trouble(all))
        .unwrap_or_default();
    let reason = (!trouble.is_empty()).then(|| some_of(&trouble));
    components.insert("inboxes", Component { ok: true, reason });
    let failed = failed(&set);
    if preparing.is_none() && !failed.is_empty() {
        let reason = Some(some_of(&failed));
        components.insert("plugins", Component { ok: true, reason });
    }
    Readiness {
        status: if ok { "ready" } else { "not-ready" },
        components,
        inboxes: inboxes.as_deref().map(counted),
    }
}

/// Every inbox that is set up, as it stands here.
async fn inboxes(pipeline: &Pipeline) -> Option<Vec<Inbox>> {
    let mut all = pipeline.inboxes().await.ok()?;
    all.retain(|inbox| inbox.state != InboxState::Inactive);
    Some(all)
}

fn counted(inboxes: &[Inbox]) -> BTreeMap<&'static str, usize> {
    let states = InboxState::ALL
        .iter()
        .filter(|s| **s != InboxState::Inactive);
    let count = |state| inboxes.iter().filter(|inbox| inbox.state == state).count();
    states
        .map(|state| (state.as_str(), count(*state)))
        .collect()
}

/// Plugins that should be at work and can't be.
fn failed(set: &Loaded) -> Vec<String> {
    let all = set.standings.iter();
    let failed = all.filter(|(_, standing)| standing.state == PluginState::Failed);
    failed.map(|(id, _)| format!("{id} has failed")).collect()
}

fn in_trouble(inboxes: &[Inbox]) -> Vec<String> {
    let well = [InboxState::Ready, InboxState::Preparing];
    let all = inboxes.iter().filter(|inbox| !well.contains(&inbox.state));
    all.map(|inbox| format!("{} is {}", inbox.name, inbox.state))
        .collect()
}

/// The first few, and how many there are besides.
fn some_of(names: &[String]) -> String {
    let (shown, rest) = names.split_at(names.len().min(NAMED_MAX));
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

async fn store(pipeline: &Pipeline) -> (Option<String>, Option<String>) {
    let unknown = Some("not known".to_owned());
    match tokio::time::timeout(DB_DEADLINE, pipeline.db.migrations_match()).await {
        Ok(Ok(true)) => (None, None),
        Ok(Ok(false)) => {
            let old = "tables are missing: another version runs on this database";
            (None, Some(old.to_owned()))
        }
        // What the database says may name places and users; it is in the log of those who work.
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the store answers with an error");
            (Some("it answers with an error".to_owned()), unknown)
        }
        Err(_) => {
            let late = format!("no answer within {} s", DB_DEADLINE.as_secs());
            (Some(late), unknown)
        }
    }
}

fn queue(load: &Load) -> Option<String> {
    load.is_full().then(|| {
        let (waiting, most) = (load.waiting(), load.most());
        format!("{waiting} events wait, {most} may")
    })
}

fn answer(readiness: Readiness) -> Response {
    let ok = readiness.components.values().all(|component| component.ok);
    let mut response = axum::Json(readiness).into_response();
    if !ok {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        let soon = HeaderValue::from_static("5");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    response
}

/// Everything for Prometheus; gauges are read now, the store only if it answers in time.
pub async fn prometheus(State(state): State<AppState>) -> Response {
    if tokio::time::timeout(DB_DEADLINE, gauges(&state.pipeline))
        .await
        .is_err()
    {
        tracing::warn!("the store did not answer in time for its metrics");
    }
    let kind = (header::CONTENT_TYPE, metrics::CONTENT_TYPE);
    ([kind], metrics::render()).into_response()
}

async fn gauges(pipeline: &Pipeline) {
    let plugins = pipeline.plugins.now();
    for plugin in plugins.pure() {
        metrics::set_breaker(&plugin.manifest.id, plugin.breaker.health().open);
    }
    for runtime in plugins.inboxes.values() {
        let connector = &runtime.connector;
        metrics::set_breaker(&connector.manifest.id, connector.breaker.health().open);
    }
    if let Some(inboxes) = inboxes(pipeline).await {
        for (state, count) in counted(&inboxes) {
            metrics::set_inboxes(state, count as u64);
        }
        for inbox in &inboxes {
            metrics::set_inbox(&inbox.name, inbox.state.as_str(), inbox.failures);
        }
    }
    for (name, pool) in pipeline.db.pool_states() {
        metrics::set_pool(name, pool.size, pool.idle);
    }
    if let Ok(queue) = pipeline.db.queue_state().await {
        let age = queue
            .oldest
            .map_or(0, |oldest| crate::domain::now_ms() - oldest);
        let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
        metrics::set_queue(queue.waiting, queue.failed, age);
    }
    if let Ok(counts) = pipeline.db.outbox_counts().await {
        for (status, count) in counts {
            metrics::set_outbox(status, count);
        }
    }
}

/// What `metrics-listen` answers: for this machine, without a token.
pub fn metrics_router(state: AppState) -> Router {
    health_routes()
        .route("/metrics", get(prometheus))
        .fallback(super::problem::no_such_route)
        .with_state(state)
}

/// The routes that need no token.
fn health_routes() -> Router<AppState> {
    Router::new()
        .route("/health", get(whole))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// What a host answers that is still starting.
pub fn starting_router() -> Router {
    Router::new()
        .route("/health", get(starting_whole))
        .route("/health/live", get(live))
        .route("/health/ready", get(starting))
        .fallback(|| async { Problem::busy("Rapport is starting. Try again.") })
}

async fn starting() -> Response {
    answer(not_open())
}

async fn starting_whole() -> Response {
    axum::Json(not_open()).into_response()
}

fn not_open() -> Readiness {
    let reason = "not open yet; the log says why".to_owned();
    Readiness {
        status: "starting",
        components: BTreeMap::from([("database", component(Some(reason)))]),
        inboxes: None,
    }
}

//! Inboxes and the words they listen for.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem, Query};
use super::scope::check_seen;
use crate::db::access::scope::Thing;
use crate::domain::Id;
use crate::domain::inbox::{Inbox, Monitor};
use crate::domain::social::{Actor, Visibility};
use crate::pipeline::inboxes::InboundError;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// All inboxes, those no longer configured included.
#[utoipa::path(get, path = "/inboxes", operation_id = "listInboxes", tag = "inboxes", responses((status = 200, body = [Inbox])))]
pub async fn inboxes(State(state): State<AppState>, who: Who) -> Result<Json<Vec<Inbox>>, Problem> {
    let mut inboxes = state.pipeline.inboxes().await?;
    inboxes.retain(|inbox| who.inboxes.on(&inbox.id).is_some());
    Ok(Json(inboxes))
}

/// One inbox.
#[utoipa::path(get, path = "/inboxes/{id}", operation_id = "getInbox", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 200, body = Inbox), (status = 404, body = Problem)))]
pub async fn inbox(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Inbox>, Problem> {
    check_seen(&state, &who, Thing::Inbox, &id).await?;
    let inbox = state.pipeline.inbox_as_it_stands(&id).await?;
    inbox.map(Json).ok_or_else(|| Problem::not_found("inbox"))
}

/// Who an inbox is on its network, and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    pub actor: Actor,
    pub can_poll: bool,
    pub can_receive: bool,
    pub can_send: bool,
    pub send_visibilities: Vec<Visibility>,
}

/// Asks the network whether settings and credentials work.
#[utoipa::path(post, path = "/inboxes/{id}/check", operation_id = "checkInbox", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = 404, body = Problem),
        (status = 409, description = "They do not; the detail says why", body = Problem)))]
pub async fn inbox_check(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<AccountView>, Problem> {
    check_seen(&state, &who, Thing::Inbox, &id).await?;
    let Some(runtime) = state.pipeline.inbox(&id) else {
        let inbox = state.pipeline.inbox_as_it_stands(&id).await?;
        let inbox = inbox.filter(|inbox| inbox.active);
        let inbox = inbox.ok_or_else(|| Problem::not_found("active inbox"))?;
        let why = inbox.last_error.map(|why| format!(": {why}"));
        let (state, why) = (inbox.state, why.unwrap_or_default());
        return Err(Problem::conflict(format!("The inbox is {state}{why}.")));
    };
    let account = state
        .pipeline
        .check_inbox(&runtime)
        .await
        .map_err(|error| match error {
            InboundError::Db(error) => Problem::from(error),
            InboundError::NotStored(error) => Problem::conflict(error.to_string()),
            InboundError::Call(error) => Problem::conflict(error.to_string()),
        })?;
    Ok(Json(AccountView {
        actor: account.actor,
        can_poll: account.can_poll,
        can_receive: account.can_receive,
        can_send: account.can_send,
        send_visibilities: account.send_visibilities,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct MonitorFilter {
    pub inbox_id: Option<Id>,
}

/// Words that inboxes listen for.
#[utoipa::path(get, path = "/monitors", operation_id = "listMonitors", tag = "inboxes", params(MonitorFilter),
    responses((status = 200, body = [Monitor])))]
pub async fn monitors(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<MonitorFilter>,
) -> Result<Json<Vec<Monitor>>, Problem> {
    let inbox_id = filter.inbox_id.as_deref();
    let mut monitors = state.pipeline.db.monitor_list(inbox_id).await?;
    monitors.retain(|monitor| who.inboxes.on(&monitor.inbox_id).is_some());
    Ok(Json(monitors))
}

/// Words to listen for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMonitor {
    pub inbox_id: Id,
    /// In the network's own search syntax, 1 to 256 bytes.
    #[schema(min_length = 1, max_length = 256)]
    pub query: String,
}

/// Listens for more words, from the next poll on. The same words twice are one monitor.
#[utoipa::path(post, path = "/monitors", operation_id = "createMonitor", tag = "inboxes", request_body = NewMonitor,
    responses((status = 201, body = Monitor), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn monitor_add(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<NewMonitor>,
) -> Result<(StatusCode, Json<Monitor>), Problem> {
    let query = new.query.trim();
    if query.is_empty() || query.len() > 256 || query.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "query: 1 to 256 bytes, no control characters.",
        ));
    }
    check_seen(&state, &who, Thing::Inbox, &new.inbox_id).await?;
    if state.pipeline.db.inbox_get(&new.inbox_id).await?.is_none() {
        return Err(Problem::not_found("inbox"));
    }
    let monitor = state
        .pipeline
        .db
        .monitor_insert(&new.inbox_id, query, &who.actor())
        .await?;
    state.pipeline.changes.tell("monitor", &monitor.id);
    Ok((StatusCode::CREATED, Json(monitor)))
}

/// Stops listening. One that stands in rapport.toml comes back at the next start.
#[utoipa::path(delete, path = "/monitors/{id}", operation_id = "deleteMonitor", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn monitor_delete(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    check_seen(&state, &who, Thing::Monitor, &id).await?;
    if !state.pipeline.db.monitor_delete(&id, &who.actor()).await? {
        return Err(Problem::not_found("monitor"));
    }
    state.pipeline.changes.tell("monitor", &id);
    Ok(StatusCode::NO_CONTENT)
}

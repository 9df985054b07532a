//! The outbox: what is on its way, what is stuck, and a person's word on it.

use super::AppState;
use super::auth::Who;
use super::drafts::check_voice;
use super::lists::{ListPage, Paging};
use super::problem::{Json, Path, Problem, Query};
use super::scope::{check_answers, check_seen};
use crate::db::access::scope::Thing;
use crate::domain::Id;
use crate::domain::outbound::{DeliveryAttempt, OutboxItem, OutboxStatus};
use crate::pipeline::outbound::override_item;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OutboxFilter {
    pub status: Option<OutboxStatus>,
}

/// Outbox items, newest first.
#[utoipa::path(get, path = "/outbox", operation_id = "listOutboxItems", tag = "outbox", params(OutboxFilter, Paging),
    responses((status = 200, body = ListPage<OutboxItem>), (status = 400, body = Problem)))]
pub async fn items(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<OutboxFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<OutboxItem>>, Problem> {
    let (after, limit) = paging.read()?;
    let scope = who.inboxes.scope();
    let db = &state.pipeline.db;
    let page = db.outbox_page(&scope, filter.status, after.as_ref(), limit);
    Ok(Json(ListPage::seen_by(&who, page.await?)))
}

/// An item with its tries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboxView {
    #[serde(flatten)]
    pub item: OutboxItem,
    pub delivery_attempts: Vec<DeliveryAttempt>,
}

/// One item with its tries.
#[utoipa::path(get, path = "/outbox/{id}", operation_id = "getOutboxItem", tag = "outbox", params(("id" = String, Path)),
    responses((status = 200, body = OutboxView), (status = 404, body = Problem)))]
pub async fn item(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<OutboxView>, Problem> {
    check_seen(&state, &who, Thing::OutboxItem, &id).await?;
    let db = &state.pipeline.db;
    let item = db
        .outbox_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("outbox item"))?;
    let delivery_attempts = db.attempt_list(&id).await?;
    Ok(Json(OutboxView {
        item,
        delivery_attempts,
    }))
}

async fn change(
    state: AppState,
    who: Who,
    id: Id,
    to: OutboxStatus,
) -> Result<Json<OutboxView>, Problem> {
    check_seen(&state, &who, Thing::OutboxItem, &id).await?;
    let db = &state.pipeline.db;
    let item = db
        .outbox_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("outbox item"))?;
    check_answers(&who, &item.inbox_id, "outbox item")?;
    if to == OutboxStatus::Queued {
        let draft = db.draft_get(&item.draft_id).await?;
        let draft = draft.ok_or_else(|| Problem::not_found("draft"))?;
        check_voice(&state, &who, &draft).await?;
    }
    if !override_item(db, &id, to, &who.actor()).await? {
        return Err(Problem::conflict(format!(
            "The item is {}; that can't be done now.",
            item.status
        )));
    }
    state.pipeline.changes.tell("outbox", &id);
    state.wake.outbox.notify_one();
    self::item(State(state), who, Path(id)).await
}

/// Tries a dead item again.
///
/// It takes the voice that sending takes, who did goes on record, and as it leaves the rules are asked
/// again: what they stop now is `withheld`, and its draft held or denied.
#[utoipa::path(post, path = "/outbox/{id}/retry", operation_id = "retryOutboxItem", tag = "outbox", params(("id" = String, Path)),
    responses((status = 200, body = OutboxView), (status = 404, body = Problem),
        (status = 409, description = "Not dead", body = Problem)))]
pub async fn retry(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<OutboxView>, Problem> {
    change(state, who, id, OutboxStatus::Queued).await
}

/// Gives an item up that is dead, waiting, or uncertain.
#[utoipa::path(post, path = "/outbox/{id}/drop", operation_id = "dropOutboxItem", tag = "outbox", params(("id" = String, Path)),
    responses((status = 200, body = OutboxView), (status = 404, body = Problem),
        (status = 409, description = "Sent, being sent, or dropped already", body = Problem)))]
pub async fn drop(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<OutboxView>, Problem> {
    change(state, who, id, OutboxStatus::Dropped).await
}

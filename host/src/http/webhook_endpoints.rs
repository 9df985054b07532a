//! Webhooks that go out: endpoints, their deliveries, replays.

use super::AppState;
use super::auth::Who;
use super::lists::{ListPage, Paging};
use super::problem::{Json, Path, Problem, Query};
use crate::domain::webhook::{DeliveryStatus, Endpoint, WebhookAttempt, WebhookDelivery};
use crate::domain::{Id, TimestampMs};
use crate::pipeline::webhook_endpoints::{
    self as endpoints, EndpointWish, WebhookError, delivery_seen, endpoint_seen, may_manage,
};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Db(error) => Problem::from(error),
            WebhookError::NoEndpoint => Problem::not_found("webhook endpoint"),
            WebhookError::NoDelivery => Problem::not_found("webhook delivery"),
            WebhookError::Invalid(problem) => Problem::invalid(problem),
            WebhookError::Conflict(problem) => Problem::conflict(problem),
        }
    }
}

/// What an endpoint is to be. When it is changed, what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointChange {
    /// https; or http to a host that an admin named in `[webhooks] local-hosts`.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    #[schema(max_length = 256)]
    pub description: Option<String>,
    /// `message`, `message.received`, …, or `*` for everything.
    pub events: Option<Vec<String>>,
    /// Only what happens in these inboxes; empty: in all.
    #[schema(max_items = 100)]
    pub inbox_ids: Option<Vec<Id>>,
    /// Send the texts of messages and drafts along.
    pub include_content: Option<bool>,
    /// Requests at the same time, from each host.
    #[schema(minimum = 1, maximum = 4)]
    pub concurrency: Option<u32>,
}

/// A new endpoint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEndpoint {
    /// https; or http to a host that an admin named in `[webhooks] local-hosts`.
    #[schema(max_length = 2048)]
    pub url: String,
    #[schema(max_length = 256)]
    pub description: Option<String>,
    /// `message`, `message.received`, …; everything unless given.
    pub events: Option<Vec<String>>,
    /// Only what happens in these inboxes; all unless given.
    #[schema(max_items = 100)]
    pub inbox_ids: Option<Vec<Id>>,
    /// Send the texts of messages and drafts along.
    pub include_content: Option<bool>,
    /// Requests at the same time, from each host.
    #[schema(minimum = 1, maximum = 4)]
    pub concurrency: Option<u32>,
}

/// An endpoint with its new secret, which is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointWithSecret {
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// `whsec_` and base64, as the Standard Webhooks libraries take it.
    pub secret: String,
}

impl From<(Endpoint, String)> for EndpointWithSecret {
    fn from((endpoint, secret): (Endpoint, String)) -> Self {
        Self { endpoint, secret }
    }
}

/// Endpoints, oldest first, at most 100: one's own, or all for who may read every inbox.
#[utoipa::path(get, path = "/webhook-endpoints", operation_id = "listWebhookEndpoints", tag = "webhooks",
    responses((status = 200, body = [Endpoint])))]
pub async fn list(State(state): State<AppState>, who: Who) -> Result<Json<Vec<Endpoint>>, Problem> {
    let mut endpoints = state.pipeline.db.endpoint_list().await?;
    endpoints.retain(|endpoint| may_manage(&who, endpoint));
    Ok(Json(endpoints))
}

/// Makes an endpoint. Requests to it are signed as the Standard Webhooks specification says.
///
/// It carries the rights of whoever made it, as they are at each delivery: it hears of what they may read
/// then, and of nothing when they are no longer let in or hold webhook.manage or inbox.read no more.
#[utoipa::path(post, path = "/webhook-endpoints", operation_id = "createWebhookEndpoint", tag = "webhooks", request_body = NewEndpoint,
    responses((status = 201, body = EndpointWithSecret), (status = 400, body = Problem),
        (status = 409, description = "There are 100 already", body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn add(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<NewEndpoint>,
) -> Result<(StatusCode, Json<EndpointWithSecret>), Problem> {
    let wish = EndpointWish {
        url: Some(new.url),
        description: new.description,
        events: new.events,
        inbox_ids: new.inbox_ids,
        include_content: new.include_content,
        concurrency: new.concurrency,
    };
    let pipeline = &state.pipeline;
    let local = pipeline.webhooks.local();
    let made = endpoints::endpoint_add(&pipeline.db, local, wish, &who).await?;
    pipeline.changes.tell("webhook", &made.0.id);
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One endpoint.
#[utoipa::path(get, path = "/webhook-endpoints/{id}", operation_id = "getWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Endpoint>, Problem> {
    Ok(Json(endpoint_seen(&state.pipeline.db, &who, &id).await?))
}

/// Changes an endpoint.
#[utoipa::path(patch, path = "/webhook-endpoints/{id}", operation_id = "updateWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    request_body = EndpointChange,
    responses((status = 200, body = Endpoint), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(change): Json<EndpointChange>,
) -> Result<Json<Endpoint>, Problem> {
    let wish = EndpointWish {
        url: change.url,
        description: change.description,
        events: change.events,
        inbox_ids: change.inbox_ids,
        include_content: change.include_content,
        concurrency: change.concurrency,
    };
    let pipeline = &state.pipeline;
    let local = pipeline.webhooks.local();
    let changed = endpoints::endpoint_change(&pipeline.db, local, &id, wish, &who).await?;
    pipeline.changes.tell("webhook", &id);
    Ok(Json(changed))
}

/// Removes an endpoint and everything that was to be sent there.
#[utoipa::path(delete, path = "/webhook-endpoints/{id}", operation_id = "deleteWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    endpoints::endpoint_delete(&state.pipeline.db, &id, &who).await?;
    state.pipeline.changes.tell("webhook", &id);
    Ok(StatusCode::NO_CONTENT)
}

async fn switch(
    state: &AppState,
    who: &Who,
    id: &str,
    enabled: bool,
) -> Result<Json<Endpoint>, Problem> {
    let endpoint = endpoints::endpoint_switch(&state.pipeline.db, id, enabled, who).await?;
    state.pipeline.changes.tell("webhook", id);
    Ok(Json(endpoint))
}

/// Sends to it again; what waited goes out first.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/enable", operation_id = "enableWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn enable(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Endpoint>, Problem> {
    switch(&state, &who, &id, true).await
}

/// Sends nothing more there. What happens from now on is not kept for it.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/disable", operation_id = "disableWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn disable(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Endpoint>, Problem> {
    switch(&state, &who, &id, false).await
}

/// How a new secret takes over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rotation {
    /// How long requests are signed with the secret before as well; 24 unless given.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: Option<u32>,
}

/// Makes a new secret.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/rotate", operation_id = "rotateWebhookSecret", tag = "webhooks", params(("id" = String, Path)),
    request_body = Rotation,
    responses((status = 200, body = EndpointWithSecret), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn rotate(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(rotation): Json<Rotation>,
) -> Result<Json<EndpointWithSecret>, Problem> {
    let hours = rotation.overlap_hours.unwrap_or(24);
    let rotated = endpoints::endpoint_rotate(&state.pipeline.db, &id, hours, &who).await?;
    state.pipeline.changes.tell("webhook", &id);
    Ok(Json(rotated.into()))
}

/// A delivery with its tries, the last hundred at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    #[serde(flatten)]
    pub delivery: WebhookDelivery,
    pub tries: Vec<WebhookAttempt>,
}

async fn view(state: &AppState, who: &Who, id: &str) -> Result<Json<DeliveryView>, Problem> {
    let db = &state.pipeline.db;
    Ok(Json(DeliveryView {
        delivery: delivery_seen(db, who, id).await?,
        tries: db.webhook_attempt_list(id).await?,
    }))
}

/// Sends a `webhook.test` event there.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/test", operation_id = "testWebhookEndpoint", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 202, body = DeliveryView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The endpoint is disabled", body = Problem)))]
pub async fn test(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<(StatusCode, Json<DeliveryView>), Problem> {
    let delivery = endpoints::endpoint_test(&state.pipeline.db, &id, &who).await?;
    state.pipeline.changes.tell("webhook", &id);
    Ok((StatusCode::ACCEPTED, view(&state, &who, &delivery).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    pub status: Option<DeliveryStatus>,
}

/// What was sent to an endpoint and what waits for it, newest first.
#[utoipa::path(get, path = "/webhook-endpoints/{id}/deliveries", operation_id = "listWebhookDeliveries", tag = "webhooks",
    params(("id" = String, Path), DeliveryFilter, Paging),
    responses((status = 200, body = ListPage<WebhookDelivery>), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn deliveries(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Query(filter): Query<DeliveryFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<WebhookDelivery>>, Problem> {
    let (after, limit) = paging.read()?;
    let db = &state.pipeline.db;
    endpoint_seen(db, &who, &id).await?;
    let page = db
        .webhook_delivery_page(&id, filter.status, after.as_ref(), limit)
        .await?;
    Ok(Json(page.into()))
}

/// One delivery with its tries.
#[utoipa::path(get, path = "/webhook-deliveries/{id}", operation_id = "getWebhookDelivery", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = DeliveryView), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn delivery(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<DeliveryView>, Problem> {
    view(&state, &who, &id).await
}

/// Sends a settled delivery again, under the same `webhook-id`: a receiver that has it can tell.
#[utoipa::path(post, path = "/webhook-deliveries/{id}/replay", operation_id = "replayWebhookDelivery", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = DeliveryView), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "Waiting or on its way already", body = Problem)))]
pub async fn delivery_replay(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<DeliveryView>, Problem> {
    endpoints::delivery_replay(&state.pipeline.db, &id, &who).await?;
    let view = view(&state, &who, &id).await?;
    let endpoint = &view.0.delivery.endpoint_id;
    state.pipeline.changes.tell("webhook", endpoint);
    Ok(view)
}

/// Which deliveries to send again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplayRange {
    /// Events of this moment and later.
    pub from: TimestampMs,
    /// Events before this moment; now unless given.
    pub until: Option<TimestampMs>,
    /// Only deliveries that were given up.
    #[serde(default)]
    pub failed_only: bool,
}

/// How many are sent again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    pub count: u64,
}

/// Sends settled deliveries of a time again, each under its own `webhook-id`.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/replay", operation_id = "replayWebhookDeliveries", tag = "webhooks", params(("id" = String, Path)),
    request_body = ReplayRange,
    responses((status = 200, body = Replayed), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn replay(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(range): Json<ReplayRange>,
) -> Result<Json<Replayed>, Problem> {
    let until = range.until.unwrap_or_else(crate::domain::now_ms);
    let db = &state.pipeline.db;
    let count =
        endpoints::endpoint_replay(db, &id, range.from, until, range.failed_only, &who).await?;
    state.pipeline.changes.tell("webhook", &id);
    Ok(Json(Replayed { count }))
}

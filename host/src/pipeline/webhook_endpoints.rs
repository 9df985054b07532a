//! What people do with webhook endpoints, over the API or on the command line: each change checked,
//! stored and put on record in one transaction. Secrets leave here when they are made, never again.

use crate::db::audit::audit_append_in_tx;
use crate::db::webhook::{
    endpoint_change_in_tx, endpoint_count_in_tx, endpoint_delete_in_tx, endpoint_get_in_tx,
    endpoint_insert_in_tx, endpoint_rotate_in_tx, endpoint_switch_in_tx, webhook_test_in_tx,
};
use crate::db::webhook_delivery::{Replay, delivery_replay_in_tx};
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::access::Caller;
use crate::domain::address::LocalHosts;
use crate::domain::signature::new_secret;
use crate::domain::webhook::{
    CONCURRENCY_MAX, DisabledReason, ENDPOINTS_MAX, Endpoint, EventType, INBOXES_MAX,
    WebhookDelivery, check_url, is_subscription,
};
use crate::domain::{Id, TimestampMs, new_id, now_ms};
use serde_json::{Value, json};

/// Longest time that the secret before stays good, in hours.
pub const OVERLAP_MAX_HOURS: u32 = 168;
const DESCRIPTION_MAX_BYTES: usize = 256;

/// What is wanted of an endpoint; none leaves a field as it is, or at its default.
#[derive(Debug, Clone, Default)]
pub struct EndpointWish {
    pub url: Option<String>,
    pub description: Option<String>,
    pub events: Option<Vec<String>>,
    pub inbox_ids: Option<Vec<Id>>,
    pub include_content: Option<bool>,
    pub concurrency: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("there is no such webhook endpoint")]
    NoEndpoint,
    #[error("there is no such webhook delivery")]
    NoDelivery,
    /// What is wrong, beginning with the field.
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Conflict(&'static str),
}

fn invalid<T>(problem: impl Into<String>) -> Result<T, WebhookError> {
    Err(WebhookError::Invalid(problem.into()))
}

/// Makes an endpoint and its secret.
pub async fn endpoint_add(
    db: &Db,
    local: &LocalHosts,
    wish: EndpointWish,
    by: &Caller,
) -> Result<(Endpoint, String), WebhookError> {
    let now = now_ms();
    let mut endpoint = Endpoint {
        id: new_id(),
        made_by: by.identity(),
        url: String::new(),
        description: String::new(),
        events: vec!["*".to_owned()],
        inbox_ids: Vec::new(),
        include_content: false,
        concurrency: 1,
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        rotating_until: None,
        created: now,
        updated: now,
    };
    fulfil(db, local, by, &mut endpoint, wish).await?;
    let secret = new_secret().map_err(WebhookError::Invalid)?;
    let mut tx = db.begin().await?;
    if endpoint_count_in_tx(&mut tx).await? >= ENDPOINTS_MAX {
        return Err(WebhookError::Conflict(
            "There are as many webhook endpoints as there may be (100).",
        ));
    }
    endpoint_insert_in_tx(&mut tx, db.seal_key()?, &endpoint, &secret).await?;
    record(
        &mut tx,
        by,
        "webhook.create",
        &endpoint.id,
        &shown(&endpoint),
    )
    .await?;
    commit(tx).await?;
    Ok((endpoint, secret))
}

/// Changes an endpoint.
pub async fn endpoint_change(
    db: &Db,
    local: &LocalHosts,
    id: &str,
    wish: EndpointWish,
    by: &Caller,
) -> Result<Endpoint, WebhookError> {
    let mut wished = endpoint_seen(db, by, id).await?;
    fulfil(db, local, by, &mut wished, wish).await?;
    wished.updated = now_ms();
    let mut tx = db.begin().await?;
    if !endpoint_change_in_tx(&mut tx, db.seal_key()?, &wished).await? {
        return Err(WebhookError::NoEndpoint);
    }
    record(&mut tx, by, "webhook.change", id, &shown(&wished)).await?;
    let endpoint = existing(db, &mut tx, by, id).await?;
    commit(tx).await?;
    Ok(endpoint)
}

/// Enables (with its failures forgotten) or disables an endpoint. What waits stays waiting.
pub async fn endpoint_switch(
    db: &Db,
    id: &str,
    enabled: bool,
    by: &Caller,
) -> Result<Endpoint, WebhookError> {
    let (disabled, action) = match enabled {
        true => (None, "webhook.enable"),
        false => (Some(DisabledReason::ByPerson), "webhook.disable"),
    };
    let mut tx = db.begin().await?;
    existing(db, &mut tx, by, id).await?;
    if !endpoint_switch_in_tx(&mut tx, id, disabled, now_ms()).await? {
        return Err(WebhookError::NoEndpoint);
    }
    record(&mut tx, by, action, id, &Value::Null).await?;
    let endpoint = existing(db, &mut tx, by, id).await?;
    commit(tx).await?;
    Ok(endpoint)
}

/// A new secret; the one before stays good for some hours.
pub async fn endpoint_rotate(
    db: &Db,
    id: &str,
    overlap_hours: u32,
    by: &Caller,
) -> Result<(Endpoint, String), WebhookError> {
    if overlap_hours > OVERLAP_MAX_HOURS {
        return invalid(format!("overlapHours: 0 to {OVERLAP_MAX_HOURS}."));
    }
    let secret = new_secret().map_err(WebhookError::Invalid)?;
    let now = now_ms();
    let until = now + i64::from(overlap_hours) * 3_600_000;
    let mut tx = db.begin().await?;
    existing(db, &mut tx, by, id).await?;
    endpoint_rotate_in_tx(&mut tx, db.seal_key()?, id, &secret, until, now).await?;
    let detail = json!({ "overlapHours": overlap_hours });
    record(&mut tx, by, "webhook.rotate", id, &detail).await?;
    let endpoint = existing(db, &mut tx, by, id).await?;
    commit(tx).await?;
    Ok((endpoint, secret))
}

/// Removes an endpoint with its deliveries.
pub async fn endpoint_delete(db: &Db, id: &str, by: &Caller) -> Result<(), WebhookError> {
    let mut tx = db.begin().await?;
    existing(db, &mut tx, by, id).await?;
    if !endpoint_delete_in_tx(&mut tx, id).await? {
        return Err(WebhookError::NoEndpoint);
    }
    record(&mut tx, by, "webhook.delete", id, &Value::Null).await?;
    Ok(commit(tx).await?)
}

/// Sends a `webhook.test` event to one endpoint; the delivery's id.
pub async fn endpoint_test(db: &Db, id: &str, by: &Caller) -> Result<Id, WebhookError> {
    let mut tx = db.begin().await?;
    if !existing(db, &mut tx, by, id).await?.enabled {
        return Err(WebhookError::Conflict("The endpoint is disabled."));
    }
    let delivery = webhook_test_in_tx(&mut tx, id, now_ms()).await?;
    record(&mut tx, by, "webhook.test", id, &Value::Null).await?;
    commit(tx).await?;
    Ok(delivery)
}

/// Sends one settled delivery again, under the same `webhook-id`.
pub async fn delivery_replay(db: &Db, id: &str, by: &Caller) -> Result<(), WebhookError> {
    let delivery = delivery_seen(db, by, id).await?;
    let mut tx = db.begin().await?;
    if delivery_replay_in_tx(&mut tx, Replay::One(id), now_ms()).await? == 0 {
        return Err(WebhookError::Conflict(
            "The delivery is waiting or on its way already.",
        ));
    }
    let detail = json!({ "delivery": id });
    record(
        &mut tx,
        by,
        "webhook.replay",
        &delivery.endpoint_id,
        &detail,
    )
    .await?;
    Ok(commit(tx).await?)
}

/// Sends an endpoint's settled deliveries of a time again; how many.
pub async fn endpoint_replay(
    db: &Db,
    id: &str,
    from: TimestampMs,
    until: TimestampMs,
    failed_only: bool,
    by: &Caller,
) -> Result<u64, WebhookError> {
    if from >= until {
        return invalid("until: must be later than `from`.");
    }
    let mut tx = db.begin().await?;
    existing(db, &mut tx, by, id).await?;
    let range = Replay::Range {
        endpoint_id: id,
        from,
        until,
        failed_only,
    };
    let count = delivery_replay_in_tx(&mut tx, range, now_ms()).await?;
    let detail = json!({ "from": from, "until": until, "failedOnly": failed_only, "count": count });
    record(&mut tx, by, "webhook.replay", id, &detail).await?;
    commit(tx).await?;
    Ok(count)
}

/// Whether somebody may see and change an endpoint: whoever made it, and who may read every inbox. It
/// goes on with its maker's rights whatever these become; so nobody else may lead it elsewhere.
pub fn may_manage(by: &Caller, endpoint: &Endpoint) -> bool {
    by.inboxes.all.is_some() || by.identity() == endpoint.made_by
}

/// An endpoint, if it is there for this caller.
pub async fn endpoint_seen(db: &Db, by: &Caller, id: &str) -> Result<Endpoint, WebhookError> {
    let found = db.endpoint_get(id).await?;
    let seen = found.filter(|endpoint| may_manage(by, endpoint));
    seen.ok_or(WebhookError::NoEndpoint)
}

/// A delivery, if its endpoint is there for this caller.
pub async fn delivery_seen(
    db: &Db,
    by: &Caller,
    id: &str,
) -> Result<WebhookDelivery, WebhookError> {
    let found = db.webhook_delivery_get(id).await?;
    let delivery = found.ok_or(WebhookError::NoDelivery)?;
    match endpoint_seen(db, by, &delivery.endpoint_id).await {
        Err(WebhookError::NoEndpoint) => Err(WebhookError::NoDelivery),
        seen => seen.map(|_| delivery),
    }
}

async fn existing(
    db: &Db,
    tx: &mut Tx<'_>,
    by: &Caller,
    id: &str,
) -> Result<Endpoint, WebhookError> {
    let found = endpoint_get_in_tx(tx, db.seal_key()?, id).await?;
    let seen = found.filter(|endpoint| may_manage(by, endpoint));
    seen.ok_or(WebhookError::NoEndpoint)
}

async fn record(
    tx: &mut Tx<'_>,
    by: &Caller,
    action: &str,
    id: &str,
    detail: &Value,
) -> Result<(), DbError> {
    audit_append_in_tx(tx, now_ms(), &by.actor(), action, id, detail).await
}

/// What goes on record of an endpoint: not its address' path and query, where some receivers have
/// a secret.
fn shown(endpoint: &Endpoint) -> Value {
    let origin = crate::domain::address::Origin::parse(&endpoint.url);
    json!({
        "origin": origin.map(|o| o.to_string()).unwrap_or_default(),
        "events": endpoint.events,
        "inboxIds": endpoint.inbox_ids,
        "includeContent": endpoint.include_content,
        "concurrency": endpoint.concurrency,
    })
}

/// Checks what is wished and takes it over.
async fn fulfil(
    db: &Db,
    local: &LocalHosts,
    by: &Caller,
    endpoint: &mut Endpoint,
    wish: EndpointWish,
) -> Result<(), WebhookError> {
    if let Some(url) = wish.url {
        let url = check_url(&url, local);
        // As the URL standard writes it: without line breaks and other surprises.
        endpoint.url = url
            .map_err(|e| WebhookError::Invalid(format!("url: {e}.")))?
            .to_string();
    }
    if let Some(text) = wish.description {
        if text.len() > DESCRIPTION_MAX_BYTES || text.chars().any(char::is_control) {
            return invalid(format!(
                "description: at most {DESCRIPTION_MAX_BYTES} bytes, no control characters."
            ));
        }
        endpoint.description = text;
    }
    if let Some(events) = wish.events {
        if events.is_empty() || events.len() > EventType::ALL.len() * 2 {
            return invalid("events: at least one; `*` for everything.");
        }
        if let Some(odd) = events.iter().find(|e| !is_subscription(e)) {
            let known = EventType::ALL.iter().flat_map(|e| [e.kind(), e.as_str()]);
            let hint = rapport_package::nearest::nearest(odd, known).unwrap_or_default();
            return invalid(format!("events: there is no such event{hint}."));
        }
        endpoint.events = events;
    }
    if let Some(ids) = wish.inbox_ids {
        if ids.len() > INBOXES_MAX {
            return invalid(format!("inboxIds: at most {INBOXES_MAX}."));
        }
        for id in &ids {
            if by.inboxes.on(id).is_none() || db.inbox_get(id).await?.is_none() {
                return invalid("inboxIds: there is no such inbox.");
            }
        }
        endpoint.inbox_ids = ids;
    }
    if let Some(content) = wish.include_content {
        endpoint.include_content = content;
    }
    if let Some(concurrency) = wish.concurrency {
        if !(1..=CONCURRENCY_MAX).contains(&concurrency) {
            return invalid(format!("concurrency: 1 to {CONCURRENCY_MAX}."));
        }
        endpoint.concurrency = concurrency;
    }
    Ok(())
}

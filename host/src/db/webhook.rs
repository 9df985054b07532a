//! Endpoints that hear of changes, and the events that are stored for them.
//!
//! Invariant: an event is stored in the transaction of the change that it tells of, or not at all.
//! Secrets are read only by who signs with them. They and addresses, which may hold a key, are sealed.

mod outgoing;
mod reach;
mod sealed;

pub use outgoing::Outgoing;
pub use reach::Reach;

use super::row::{bool_of, count_of, enum_of, json_of, json_text};
use super::{Db, Result, Tx};
use crate::domain::sealed::SealKey;
use crate::domain::sealed::purpose::{webhook_secret, webhook_url};
use crate::domain::webhook::{DisabledReason, Endpoint, EventType};
use crate::domain::{Id, TimestampMs, new_id};
use outgoing::Event;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

async fn event_insert_in_tx(tx: &mut Tx<'_>, event: &Event, now: TimestampMs) -> Result<Id> {
    let id = new_id();
    sqlx::query(
        "INSERT INTO webhook_event (id, type, subject_id, data, created) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(event.kind.as_str())
    .bind(&event.subject_id)
    .bind(event.data.to_string())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// An endpoint that was deleted since the transaction began gets none.
async fn delivery_insert_in_tx(
    tx: &mut Tx<'_>,
    event_id: &str,
    kind: EventType,
    endpoint_id: &str,
    now: TimestampMs,
) -> Result<Id> {
    let id = new_id();
    sqlx::query(
        "INSERT INTO webhook_delivery (id, endpoint_id, event_id, type, status, next_attempt, created, updated)
         SELECT $1, $2, $3, $4, 'queued', $5, $5, $5
         WHERE EXISTS (SELECT 1 FROM webhook_endpoint WHERE id = $2)",
    )
    .bind(&id)
    .bind(endpoint_id)
    .bind(event_id)
    .bind(kind.as_str())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// An event for one endpoint only, whatever it subscribed to: to see whether it works.
pub async fn webhook_test_in_tx(
    tx: &mut Tx<'_>,
    endpoint_id: &str,
    now: TimestampMs,
) -> Result<Id> {
    let kind = EventType::WebhookTest;
    let event = Event {
        kind,
        inbox_id: Id::new(),
        alone: true,
        subject_id: endpoint_id.to_owned(),
        data: json!({ "id": endpoint_id }),
    };
    let event_id = event_insert_in_tx(tx, &event, now).await?;
    delivery_insert_in_tx(tx, &event_id, kind, endpoint_id, now).await
}

/// The inbox of a conversation.
pub async fn conversation_inbox_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<Option<Id>> {
    let sql = "SELECT inbox_id FROM conversation WHERE id = $1";
    Ok(sqlx::query_scalar(sql)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?)
}

pub(super) fn endpoint_of(row: &AnyRow, key: &SealKey) -> Result<Endpoint> {
    let id: Id = row.try_get("id")?;
    let reason: Option<String> = row.try_get("disabled_reason")?;
    let disabled_reason = match reason {
        Some(_) => Some(enum_of(row, "disabled_reason")?),
        None => None,
    };
    Ok(Endpoint {
        url: sealed::url_opened(key, &id, &row.try_get::<String, _>("url")?),
        id,
        made_by: row.try_get("made_by")?,
        description: row.try_get("description")?,
        events: json_of(row, "events")?,
        inbox_ids: json_of(row, "inbox_ids")?,
        include_content: bool_of(row, "include_content")?,
        concurrency: count_of(row, "concurrency")?,
        enabled: bool_of(row, "enabled")?,
        disabled_reason,
        failing_since: row.try_get("failing_since")?,
        rotating_until: row.try_get("rotating_until")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
}

pub async fn endpoint_insert_in_tx(
    tx: &mut Tx<'_>,
    key: &SealKey,
    e: &Endpoint,
    secret: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO webhook_endpoint (id, url, description, events, inbox_ids, include_content,
             concurrency, enabled, secret, created, updated, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)",
    )
    .bind(&e.id)
    .bind(key.seal(&webhook_url(&e.id), e.url.as_bytes())?)
    .bind(&e.description)
    .bind(json_text(&e.events))
    .bind(json_text(&e.inbox_ids))
    .bind(e.include_content)
    .bind(i64::from(e.concurrency))
    .bind(e.enabled)
    .bind(key.seal(&webhook_secret(&e.id), secret.as_bytes())?)
    .bind(e.created)
    .bind(&e.made_by)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores what people choose of an endpoint. Whether it works is left alone: another host may be
/// finding that out just now.
pub async fn endpoint_change_in_tx(tx: &mut Tx<'_>, key: &SealKey, e: &Endpoint) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE webhook_endpoint SET url = $2, description = $3, events = $4, inbox_ids = $5,
             include_content = $6, concurrency = $7, updated = $8 WHERE id = $1",
    )
    .bind(&e.id)
    .bind(key.seal(&webhook_url(&e.id), e.url.as_bytes())?)
    .bind(&e.description)
    .bind(json_text(&e.events))
    .bind(json_text(&e.inbox_ids))
    .bind(e.include_content)
    .bind(i64::from(e.concurrency))
    .bind(e.updated)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Enables an endpoint (no reason), with its failures forgotten, or disables it. False when there is
/// no such endpoint.
pub async fn endpoint_switch_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    disabled: Option<DisabledReason>,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE webhook_endpoint SET enabled = $2, disabled_reason = $3,
             failing_since = CASE WHEN $2 THEN NULL ELSE failing_since END, updated = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(disabled.is_none())
    .bind(disabled.map(DisabledReason::as_str))
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes how a try went. Since when an enabled endpoint has been failing; none when it works, is
/// disabled, or is gone.
pub async fn endpoint_tried_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    failed: bool,
    now: TimestampMs,
) -> Result<Option<TimestampMs>> {
    if !failed {
        let sql = "UPDATE webhook_endpoint SET failing_since = NULL
                   WHERE id = $1 AND failing_since IS NOT NULL";
        sqlx::query(sql).bind(id).execute(&mut **tx).await?;
        return Ok(None);
    }
    let sql = "UPDATE webhook_endpoint SET failing_since = COALESCE(failing_since, $2)
               WHERE id = $1 AND enabled RETURNING failing_since";
    let since: Option<Option<i64>> = sqlx::query_scalar(sql)
        .bind(id)
        .bind(now)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(since.flatten())
}

/// Signs with a new secret from now on, and with the one before until `until`.
pub async fn endpoint_rotate_in_tx(
    tx: &mut Tx<'_>,
    key: &SealKey,
    id: &str,
    secret: &str,
    until: TimestampMs,
    now: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "UPDATE webhook_endpoint SET previous_secret = secret, secret = $2, rotating_until = $3,
             updated = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(key.seal(&webhook_secret(id), secret.as_bytes())?)
    .bind(until)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes an endpoint and all that was to be sent there. False when there is no such endpoint.
pub async fn endpoint_delete_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    for sql in [
        "DELETE FROM webhook_attempt WHERE delivery_id IN (
             SELECT id FROM webhook_delivery WHERE endpoint_id = $1)",
        "DELETE FROM webhook_delivery WHERE endpoint_id = $1",
    ] {
        sqlx::query(sql).bind(id).execute(&mut **tx).await?;
    }
    let done = sqlx::query("DELETE FROM webhook_endpoint WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// An endpoint as it is now, for a change in the same transaction.
pub async fn endpoint_get_in_tx(
    tx: &mut Tx<'_>,
    key: &SealKey,
    id: &str,
) -> Result<Option<Endpoint>> {
    let row = sqlx::query("SELECT * FROM webhook_endpoint WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| endpoint_of(&row, key)).transpose()
}

pub async fn endpoint_count_in_tx(tx: &mut Tx<'_>) -> Result<usize> {
    let sql = "SELECT COUNT(*) FROM webhook_endpoint";
    let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut **tx).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

impl Db {
    pub async fn endpoint_list(&self) -> Result<Vec<Endpoint>> {
        let key = self.seal_key()?;
        let rows = sqlx::query("SELECT * FROM webhook_endpoint ORDER BY id")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(|row| endpoint_of(row, key)).collect()
    }

    pub async fn endpoint_get(&self, id: &str) -> Result<Option<Endpoint>> {
        let key = self.seal_key()?;
        let row = sqlx::query("SELECT * FROM webhook_endpoint WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| endpoint_of(&row, key)).transpose()
    }

    /// The secrets that sign now: the current one, and during a rotation the one before.
    pub async fn endpoint_secrets(&self, id: &str, now: TimestampMs) -> Result<Vec<String>> {
        let row = sqlx::query(
            "SELECT secret, previous_secret, rotating_until FROM webhook_endpoint WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else {
            return Ok(Vec::new());
        };
        let mut secrets: Vec<String> = vec![row.try_get("secret")?];
        let until: Option<i64> = row.try_get("rotating_until")?;
        if until.is_some_and(|until| now < until) {
            secrets.extend(row.try_get::<Option<String>, _>("previous_secret")?);
        }
        let key = self.seal_key()?;
        let opened = secrets
            .iter()
            .filter_map(|secret| sealed::secret_opened(key, id, secret));
        Ok(opened.collect())
    }
}

//! The outbox and its tries; drafts (`draft`), and who delivers which item when (`lease`). Deliberately
//! absent: what may be sent (`pipeline/outbound.rs`).

mod draft;
mod lease;
mod withhold;

pub(super) use draft::draft_of;
pub use draft::{
    ClientKey, draft_author_in_tx, draft_content_in_tx, draft_edit_in_tx, draft_editor_in_tx,
    draft_insert_in_tx, draft_is_by_in_tx, draft_siblings_in_tx, draft_status_in_tx,
};
pub use lease::{Delivery, send_not_before_in_tx};
pub use withhold::{outbox_queue_in_tx, outbox_withhold_in_tx};

use super::row::{count_of, enum_of, json_text};
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::outbound::{
    DeliveryAttempt, OutboundMessage, OutboxItem, OutboxStatus, Receipt,
};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Puts an allowed draft in the outbox, once.
pub async fn outbox_insert_in_tx(
    tx: &mut Tx<'_>,
    item: &OutboxItem,
    payload: &OutboundMessage,
    trace: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO outbox_item (id, draft_id, inbox_id, conversation_id, idempotency_key, payload, status,
             next_attempt, created, updated, trace)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8, $9)",
    )
    .bind(&item.id)
    .bind(&item.draft_id)
    .bind(&item.inbox_id)
    .bind(&item.conversation_id)
    .bind(&item.idempotency_key)
    .bind(json_text(payload))
    .bind(item.next_attempt)
    .bind(item.created)
    .bind(trace)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a try changes in its item.
#[derive(Debug, Clone)]
pub struct ItemChange {
    pub status: OutboxStatus,
    pub next_attempt: TimestampMs,
    pub error: Option<String>,
    pub receipt: Option<Receipt>,
}

/// Puts a try on record.
async fn attempt_insert_in_tx(tx: &mut Tx<'_>, attempt: &DeliveryAttempt) -> Result<()> {
    sqlx::query(
        "INSERT INTO delivery_attempt (id, item_id, started, finished, outcome, error)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&attempt.id)
    .bind(&attempt.item_id)
    .bind(attempt.started)
    .bind(attempt.finished)
    .bind(attempt.outcome.as_str())
    .bind(&attempt.error)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Records a try and what it changes.
///
/// When another host has taken the item over meanwhile, only the news that it was sent counts.
pub async fn outbox_settle_in_tx(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    attempt: &DeliveryAttempt,
    change: &ItemChange,
) -> Result<()> {
    attempt_insert_in_tx(tx, attempt).await?;
    let receipt = change.receipt.as_ref();
    sqlx::query(
        "UPDATE outbox_item SET status = $2, next_attempt = $3, last_error = $4, lease_until = 0,
             external_id = COALESCE($5, external_id), url = COALESCE($6, url), updated = $7
         WHERE id = $1 AND ($2 = 'sent' OR (attempts = $8 AND lease_until = $9))",
    )
    .bind(&attempt.item_id)
    .bind(change.status.as_str())
    .bind(change.next_attempt)
    .bind(&change.error)
    .bind(receipt.map(|r| &r.external_id))
    .bind(receipt.and_then(|r| r.url.as_ref()))
    .bind(attempt.finished)
    .bind(i64::from(delivery.item.attempts))
    .bind(delivery.lease_until)
    .execute(&mut **tx)
    .await?;
    if change.status == OutboxStatus::Sent {
        sqlx::query(
            "UPDATE draft SET status = 'sent', updated = $2
             WHERE id = (SELECT draft_id FROM outbox_item WHERE id = $1)",
        )
        .bind(&attempt.item_id)
        .bind(attempt.finished)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// A person's word on an item: `retry` (dead or uncertain to queued) or `drop` (anything not sent,
/// and not in mid-send). The new status, or none when the item does not allow it.
pub async fn outbox_override_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    to: OutboxStatus,
    now: TimestampMs,
) -> Result<bool> {
    let from = match to {
        OutboxStatus::Queued => "'dead'",
        _ => "'dead', 'queued', 'uncertain'",
    };
    let sql = format!(
        "UPDATE outbox_item SET status = $2, next_attempt = $3, attempts = 0, updated = $3
         WHERE id = $1 AND status IN ({from})"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(to.as_str())
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) fn item_of(row: &AnyRow) -> Result<OutboxItem> {
    Ok(OutboxItem {
        id: row.try_get("id")?,
        draft_id: row.try_get("draft_id")?,
        inbox_id: row.try_get("inbox_id")?,
        conversation_id: row.try_get("conversation_id")?,
        idempotency_key: row.try_get("idempotency_key")?,
        status: enum_of(row, "status")?,
        attempts: count_of(row, "attempts")?,
        next_attempt: row.try_get("next_attempt")?,
        last_error: row.try_get("last_error")?,
        external_id: row.try_get("external_id")?,
        url: row.try_get("url")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
}

impl Db {
    pub async fn outbox_get(&self, id: &str) -> Result<Option<OutboxItem>> {
        let row = sqlx::query("SELECT * FROM outbox_item WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(item_of).transpose()
    }

    pub async fn attempt_list(&self, item_id: &str) -> Result<Vec<DeliveryAttempt>> {
        let rows =
            sqlx::query("SELECT * FROM delivery_attempt WHERE item_id = $1 ORDER BY started, id")
                .bind(item_id)
                .fetch_all(&self.read)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(DeliveryAttempt {
                    id: row.try_get("id")?,
                    item_id: row.try_get("item_id")?,
                    started: row.try_get("started")?,
                    finished: row.try_get("finished")?,
                    outcome: enum_of(row, "outcome")?,
                    error: row.try_get("error")?,
                })
            })
            .collect()
    }
}

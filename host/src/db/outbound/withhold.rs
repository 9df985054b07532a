//! Items that do not leave after all: put off with the try not counted, or taken back, so that they are
//! drafts again, and queued once more later. The first two only while the item is still held by the
//! lease that it was taken with.

use super::super::row::{corrupt, json_text};
use super::super::{Db, Result, Tx};
use super::lease::Delivery;
use super::{attempt_insert_in_tx, outbox_insert_in_tx};
use crate::domain::outbound::{DeliveryAttempt, DraftStatus, OutboundMessage, OutboxItem};
use crate::domain::{Id, now_ms};

/// Puts an allowed draft in the outbox; its item's id, which is the one before if that was withheld.
/// `released` marks what a release overruled.
pub async fn outbox_queue_in_tx(
    tx: &mut Tx<'_>,
    item: &OutboxItem,
    payload: &OutboundMessage,
    released: &[String],
    trace: Option<&str>,
) -> Result<Id> {
    let again: Option<Id> = sqlx::query_scalar(
        "UPDATE outbox_item SET payload = $2, status = 'queued', attempts = 0, next_attempt = $3,
             lease_until = 0, last_error = NULL, updated = $4, trace = $5
         WHERE draft_id = $1 AND status = 'withheld' RETURNING id",
    )
    .bind(&item.draft_id)
    .bind(json_text(payload))
    .bind(item.next_attempt)
    .bind(item.updated)
    .bind(trace)
    .fetch_optional(&mut **tx)
    .await?;
    let id = match again {
        Some(id) => id,
        None => {
            outbox_insert_in_tx(tx, item, payload, trace).await?;
            item.id.clone()
        }
    };
    sqlx::query("UPDATE outbox_item SET released = $2 WHERE id = $1")
        .bind(&id)
        .bind(json_text(&released))
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// Takes a leased item back, with the try on record: its draft gets this status. False, and nothing
/// done, when another host or a person has decided meanwhile.
pub async fn outbox_withhold_in_tx(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    attempt: &DeliveryAttempt,
    draft: DraftStatus,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE outbox_item SET status = 'withheld', lease_until = 0, last_error = $2, updated = $3
         WHERE id = $1 AND attempts = $4 AND lease_until = $5 AND status = 'sending'",
    )
    .bind(&attempt.item_id)
    .bind(&attempt.error)
    .bind(attempt.finished)
    .bind(i64::from(delivery.item.attempts))
    .bind(delivery.lease_until)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    attempt_insert_in_tx(tx, attempt).await?;
    sqlx::query("UPDATE draft SET status = $2, updated = $3 WHERE id = $1 AND status = 'queued'")
        .bind(&delivery.item.draft_id)
        .bind(draft.as_str())
        .bind(attempt.finished)
        .execute(&mut **tx)
        .await?;
    Ok(true)
}

impl Db {
    /// Marks of what a release of an item's draft overruled; none of items that were queued before
    /// releases were remembered.
    pub async fn outbox_released(&self, id: &str) -> Result<Vec<String>> {
        let sql = "SELECT released FROM outbox_item WHERE id = $1";
        let text: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        let parse = |text: String| serde_json::from_str(&text).map_err(|e| corrupt("released", e));
        Ok(text.flatten().map(parse).transpose()?.unwrap_or_default())
    }

    /// Puts a leased item back in the queue for so many milliseconds; the try does not count.
    pub async fn outbox_postpone(&self, delivery: &Delivery, ms: i64, why: &str) -> Result<()> {
        sqlx::query(
            "UPDATE outbox_item SET status = 'queued', attempts = attempts - 1, lease_until = 0,
                 next_attempt = $2, last_error = $3
             WHERE id = $1 AND attempts = $4 AND lease_until = $5 AND status = 'sending'",
        )
        .bind(&delivery.item.id)
        .bind(now_ms() + ms)
        .bind(why)
        .bind(i64::from(delivery.item.attempts))
        .bind(delivery.lease_until)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

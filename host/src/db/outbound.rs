//! Drafts, the outbox and its tries.

use super::row::{bool_of, count_of, enum_of, json_of, json_text};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::outbound::{
    DeliveryAttempt, Draft, DraftStatus, OutboundMessage, OutboxItem, OutboxStatus, Receipt,
};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A leased item with what it is to send.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub item: OutboxItem,
    pub payload: OutboundMessage,
    /// It was found in mid-send: its outcome is unknown.
    pub uncertain: bool,
    /// Tells this lease from a later one.
    pub lease_until: TimestampMs,
    /// W3C traceparent of what queued it.
    pub trace: Option<String>,
}

/// Nothing of this inbox is sent before this moment.
pub async fn send_not_before_in_tx(tx: &mut Tx<'_>, inbox_id: &str, at: TimestampMs) -> Result<()> {
    sqlx::query("UPDATE inbox SET next_send = $2 WHERE id = $1 AND next_send < $2")
        .bind(inbox_id)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes the inbox's next turn to send: false when it is not due yet. Turns are `every_ms` apart.
async fn send_turn_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    every_ms: Option<i64>,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query("UPDATE inbox SET next_send = $3 WHERE id = $1 AND next_send <= $2")
        .bind(inbox_id)
        .bind(now)
        .bind(now + every_ms.unwrap_or(0))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a draft and returns its id; with a client's key that was used before, the id of the draft
/// that it made then.
pub async fn draft_insert_in_tx(
    tx: &mut Tx<'_>,
    d: &Draft,
    client_key: Option<&str>,
) -> Result<Id> {
    Ok(sqlx::query_scalar(
        "INSERT INTO draft (id, conversation_id, inbox_id, message_id, purpose, content, language,
             visibility, author, named_account, status, created, updated, client_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (client_key) DO UPDATE SET client_key = excluded.client_key RETURNING id",
    )
    .bind(&d.id)
    .bind(&d.conversation_id)
    .bind(&d.inbox_id)
    .bind(&d.message_id)
    .bind(d.purpose.as_str())
    .bind(&d.content)
    .bind(&d.language)
    .bind(d.visibility.as_str())
    .bind(&d.author)
    .bind(d.named_account)
    .bind(d.status.as_str())
    .bind(d.created)
    .bind(d.updated)
    .bind(client_key)
    .fetch_one(&mut **tx)
    .await?)
}

/// Changes a draft's text while it is not on its way yet. False when it is, or is gone.
pub async fn draft_edit_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    content: &str,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE draft SET content = $2, status = 'draft', updated = $3
         WHERE id = $1 AND status NOT IN ('queued', 'sent')",
    )
    .bind(id)
    .bind(content)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records who wrote a draft, once.
pub async fn draft_author_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<()> {
    sqlx::query("UPDATE draft SET author_actor = $2 WHERE id = $1 AND author_actor IS NULL")
        .bind(id)
        .bind(actor)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Records who changed a draft last.
pub async fn draft_editor_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<()> {
    sqlx::query("UPDATE draft SET edited_by = $2 WHERE id = $1")
        .bind(id)
        .bind(actor)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A draft's text, and the hands it went through.
#[derive(Debug, Clone, Default)]
pub struct DraftHands {
    pub content: String,
    /// None: written before there were accounts, or by a rule.
    pub author: Option<String>,
    pub edited_by: Option<String>,
}

pub async fn draft_hands_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<DraftHands> {
    let row = sqlx::query("SELECT content, author_actor, edited_by FROM draft WHERE id = $1")
        .bind(id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(DraftHands {
        content: row.try_get("content")?,
        author: row.try_get("author_actor")?,
        edited_by: row.try_get("edited_by")?,
    })
}

/// Sets a draft's status while it is not on its way yet. False when it is, or is gone.
pub async fn draft_status_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    status: DraftStatus,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE draft SET status = $2, updated = $3 WHERE id = $1 AND status NOT IN ('queued', 'sent')",
    )
    .bind(id)
    .bind(status.as_str())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

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

/// Records a try and what it changes.
///
/// When another host has taken the item over meanwhile, only the news that it was sent counts.
pub async fn outbox_settle_in_tx(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    attempt: &DeliveryAttempt,
    change: &ItemChange,
) -> Result<()> {
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

pub(super) fn draft_of(row: &AnyRow) -> Result<Draft> {
    Ok(Draft {
        id: row.try_get("id")?,
        conversation_id: row.try_get("conversation_id")?,
        inbox_id: row.try_get("inbox_id")?,
        message_id: row.try_get("message_id")?,
        purpose: enum_of(row, "purpose")?,
        content: row.try_get("content")?,
        language: row.try_get("language")?,
        visibility: enum_of(row, "visibility")?,
        author: row.try_get("author")?,
        named_account: bool_of(row, "named_account")?,
        status: enum_of(row, "status")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
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
    pub async fn draft_get(&self, id: &str) -> Result<Option<Draft>> {
        let row = sqlx::query("SELECT * FROM draft WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(draft_of).transpose()
    }

    /// Who wrote a draft, as an actor.
    pub async fn draft_author(&self, id: &str) -> Result<Option<String>> {
        let found: Option<Option<String>> =
            sqlx::query_scalar("SELECT author_actor FROM draft WHERE id = $1")
                .bind(id)
                .fetch_optional(&self.read)
                .await?;
        Ok(found.flatten())
    }

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

    /// Leases what is due for these inboxes (each with the milliseconds between two of its sends), oldest
    /// first, at most one item of a conversation at a time. An item that is still `sending` when its
    /// lease has run out was left in mid-send by a host that is gone.
    pub async fn outbox_lease(
        &self,
        inboxes: &[(&str, Option<i64>)],
        limit: usize,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<Vec<Delivery>> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE outbox_item SET status = 'uncertain', updated = $1
             WHERE status = 'sending' AND lease_until <= $1",
        )
        .bind(now)
        .execute(&mut *tx)
        .await?;
        let mut query = Statement::new(
            "SELECT * FROM outbox_item i WHERE i.status IN ('queued', 'uncertain')
               AND NOT EXISTS (
                 SELECT 1 FROM outbox_item b WHERE b.conversation_id = i.conversation_id
                   AND b.status IN ('queued', 'sending', 'uncertain') AND b.id < i.id)
               AND NOT EXISTS (
                 SELECT 1 FROM inbox x WHERE x.id = i.inbox_id AND x.next_send > ",
        );
        query.bind(now).push(") AND i.next_attempt <= ").bind(now);
        query.push(" AND i.lease_until <= ").bind(now);
        query
            .push(" AND i.inbox_id IN ")
            .list(inboxes.iter().map(|(id, _)| *id))
            .push(" ORDER BY i.id LIMIT ")
            .bind(limit as i64)
            .push(self.dialect.skip_locked());
        let rows = query.fetch_all(&mut *tx).await?;
        let mut deliveries = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut item = item_of(row)?;
            let every = inboxes.iter().find(|(id, _)| *id == item.inbox_id);
            let every_ms = every.and_then(|(_, every_ms)| *every_ms);
            if !send_turn_in_tx(&mut tx, &item.inbox_id, every_ms, now).await? {
                continue;
            }
            let uncertain = item.status == OutboxStatus::Uncertain;
            if !uncertain {
                item.status = OutboxStatus::Sending;
                item.attempts += 1;
            }
            sqlx::query(
                "UPDATE outbox_item SET status = $2, attempts = $3, lease_until = $4, updated = $5 WHERE id = $1",
            )
            .bind(&item.id)
            .bind(item.status.as_str())
            .bind(i64::from(item.attempts))
            .bind(until)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            deliveries.push(Delivery {
                payload: json_of(row, "payload")?,
                item,
                uncertain,
                lease_until: until,
                trace: row.try_get("trace")?,
            });
        }
        super::commit(tx).await?;
        Ok(deliveries)
    }

    /// Keeps a lease until a later moment. False when the item is no longer held by it: another host or a
    /// person has decided meanwhile, and it must not be sent under this lease.
    pub async fn outbox_renew(&self, delivery: &Delivery, until: TimestampMs) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE outbox_item SET lease_until = $2
             WHERE id = $1 AND attempts = $3 AND lease_until = $4 AND status IN ('sending', 'uncertain')",
        )
        .bind(&delivery.item.id)
        .bind(until)
        .bind(i64::from(delivery.item.attempts))
        .bind(delivery.lease_until)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What the previous owner of this store left in mid-send. Only for a store that nobody else uses.
    pub async fn outbox_recover(&self, now: TimestampMs) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE outbox_item SET status = 'uncertain', lease_until = 0, next_attempt = $1, updated = $1
             WHERE status = 'sending'",
        )
        .bind(now)
        .execute(&self.write)
        .await?;
        sqlx::query("UPDATE outbox_item SET lease_until = 0 WHERE status = 'uncertain'")
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected())
    }
}

//! Whose turn it is: items of the outbox leased to a host, and the inboxes' turns to send. An item that
//! was left in mid-send is uncertain. Deliberately absent: what comes of a try.

use super::super::row::json_of;
use super::super::statement::Statement;
use super::super::{Db, Result, Tx, commit};
use super::item_of;
use crate::domain::TimestampMs;
use crate::domain::outbound::{OutboundMessage, OutboxItem, OutboxStatus};
use sqlx::Row;

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

impl Db {
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
        commit(tx).await?;
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

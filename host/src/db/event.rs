//! The inbound queue: written once, leased in order, done or visibly failed.

use super::row::{count_of, json_of, json_text};
use super::{Db, Result, Tx};
use crate::domain::social::Activity;
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;

/// A leased event.
#[derive(Debug, Clone)]
pub struct Event {
    pub seq: i64,
    pub inbox_id: Id,
    pub network: String,
    pub activity: Activity,
    pub attempts: u32,
    pub received: TimestampMs,
}

/// Stores activities that are not there yet; how many were new.
pub async fn event_insert_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    activities: &[Activity],
    now: TimestampMs,
) -> Result<usize> {
    let mut new = 0;
    for activity in activities {
        let done = sqlx::query(
            "INSERT INTO inbound_event (id, inbox_id, external_id, order_key, payload, status, received)
             VALUES ($1, $2, $3, $4, $5, 'queued', $6)
             ON CONFLICT (inbox_id, external_id) DO NOTHING",
        )
        .bind(new_id())
        .bind(inbox_id)
        .bind(&activity.id)
        .bind(activity.order_key())
        .bind(json_text(activity))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        new += done.rows_affected() as usize;
    }
    Ok(new)
}

/// Marks an event as done and drops its payload: what it said is in the message now, and a deleted
/// message must not live on here.
pub async fn event_done_in_tx(tx: &mut Tx<'_>, seq: i64, now: TimestampMs) -> Result<()> {
    sqlx::query(
        "UPDATE inbound_event SET status = 'done', done = $2, payload = '', error = NULL WHERE seq = $1",
    )
    .bind(seq)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Db {
    /// Leases the oldest events that are free. Until `until`, nobody else gets them.
    pub async fn event_lease(
        &self,
        limit: usize,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<Vec<Event>> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "UPDATE inbound_event SET status = 'leased', lease_until = $3, attempts = attempts + 1
             WHERE seq IN (
                 SELECT e.seq FROM inbound_event e
                 WHERE e.status IN ('queued', 'leased') AND e.lease_until <= $2
                   AND NOT EXISTS (
                     SELECT 1 FROM inbound_event b
                     WHERE b.status = 'leased' AND b.lease_until > $2 AND b.seq < e.seq
                       AND b.inbox_id = e.inbox_id AND b.order_key = e.order_key)
                 ORDER BY e.seq LIMIT $1)
             RETURNING seq, inbox_id, payload, attempts, received",
        )
        .bind(limit as i64)
        .bind(now)
        .bind(until)
        .fetch_all(&mut *tx)
        .await?;
        let networks = sqlx::query("SELECT id, network FROM inbox")
            .fetch_all(&mut *tx)
            .await?;
        super::commit(tx).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            let inbox_id: String = row.try_get("inbox_id")?;
            let network = networks
                .iter()
                .find(|n| n.get::<&str, _>("id") == inbox_id)
                .map(|n| n.get::<String, _>("network"))
                .unwrap_or_default();
            events.push(Event {
                seq: row.try_get("seq")?,
                inbox_id,
                network,
                activity: json_of(row, "payload")?,
                attempts: count_of(row, "attempts")?,
                received: row.try_get("received")?,
            });
        }
        events.sort_by_key(|event| event.seq);
        Ok(events)
    }

    /// Gives events back: to be tried again at `retry_at`, or visibly failed when none.
    pub async fn event_release(
        &self,
        seqs: &[i64],
        retry_at: Option<TimestampMs>,
        error: Option<&str>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for seq in seqs {
            sqlx::query(
                "UPDATE inbound_event SET status = $2, lease_until = $3, error = $4
                 WHERE seq = $1 AND status = 'leased'",
            )
            .bind(seq)
            .bind(if retry_at.is_some() {
                "queued"
            } else {
                "failed"
            })
            .bind(retry_at.unwrap_or(0))
            .bind(error)
            .execute(&mut *tx)
            .await?;
        }
        super::commit(tx).await
    }

    /// Frees what a host that is gone held. Only for a store that nobody else uses.
    pub async fn event_release_all(&self) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE inbound_event SET status = 'queued', lease_until = 0 WHERE status = 'leased'",
        )
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected())
    }

    /// How many wait, and how many failed.
    pub async fn event_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM inbound_event WHERE status IN ('queued', 'leased')) AS waiting,
                    (SELECT COUNT(*) FROM inbound_event WHERE status = 'failed') AS failed",
        )
        .fetch_one(&self.read)
        .await?;
        Ok((
            row.try_get::<i64, _>("waiting")? as u64,
            row.try_get::<i64, _>("failed")? as u64,
        ))
    }
}

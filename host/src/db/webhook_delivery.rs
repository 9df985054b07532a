//! Deliveries to endpoints: leased, tried, settled, replayed, and in the end forgotten.
//!
//! A delivery whose host is gone is leased again when its lease has run out: at least once, not
//! exactly once.

use super::query::{Keyset, Page};
use super::row::{count_of, enum_of, json_of};
use super::webhook::endpoint_of;
use super::{Db, Dialect, Result, Tx};
use crate::domain::access::InboxScope;
use crate::domain::webhook::{DeliveryStatus, Endpoint, WebhookAttempt, WebhookDelivery};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Settled deliveries that one sweep forgets.
const SWEEP: i64 = 1000;

/// A leased delivery with what it tells.
#[derive(Debug, Clone)]
pub struct LeasedDelivery {
    pub delivery: WebhookDelivery,
    pub subject_id: Id,
    pub data: serde_json::Value,
    /// When it happened.
    pub happened: TimestampMs,
}

fn delivery_of(row: &AnyRow) -> Result<WebhookDelivery> {
    Ok(WebhookDelivery {
        id: row.try_get("id")?,
        endpoint_id: row.try_get("endpoint_id")?,
        event_id: row.try_get("event_id")?,
        event_type: enum_of(row, "type")?,
        status: enum_of(row, "status")?,
        attempts: count_of(row, "attempts")?,
        next_attempt: row.try_get("next_attempt")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
}

/// Records a try and what it means for its delivery: `status`, and when it is next tried. False when
/// the delivery is gone, or another host has taken it over; of that one only a success counts.
pub async fn attempt_record_in_tx(
    tx: &mut Tx<'_>,
    attempts: u32,
    attempt: &WebhookAttempt,
    status: DeliveryStatus,
    next_attempt: TimestampMs,
) -> Result<bool> {
    let now = attempt.started + i64::from(attempt.duration_ms);
    let done = sqlx::query(
        "UPDATE webhook_delivery SET status = $2, next_attempt = $3, lease_until = 0, updated = $4
         WHERE id = $1 AND ($2 = 'delivered' OR (status = 'sending' AND attempts = $5))",
    )
    .bind(&attempt.delivery_id)
    .bind(status.as_str())
    .bind(next_attempt)
    .bind(now)
    .bind(i64::from(attempts))
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO webhook_attempt (id, delivery_id, started, duration_ms, status, error, response)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&attempt.id)
    .bind(&attempt.delivery_id)
    .bind(attempt.started)
    .bind(i64::from(attempt.duration_ms))
    .bind(attempt.status.map(i64::from))
    .bind(&attempt.error)
    .bind(&attempt.response)
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// What is tried again: one settled delivery, or an endpoint's of a time (`from` included, `until`
/// not), perhaps only those that were given up.
#[derive(Debug, Clone, Copy)]
pub enum Replay<'a> {
    One(&'a str),
    Range {
        endpoint_id: &'a str,
        from: TimestampMs,
        until: TimestampMs,
        failed_only: bool,
    },
}

/// Queues settled deliveries anew; how many. Those that still wait or are being sent stay as they are.
pub async fn delivery_replay_in_tx(
    tx: &mut Tx<'_>,
    replay: Replay<'_>,
    now: TimestampMs,
) -> Result<u64> {
    const SET: &str = "UPDATE webhook_delivery
        SET status = 'queued', attempts = 0, next_attempt = $1, updated = $1 WHERE ";
    let done = match replay {
        Replay::One(id) => {
            let sql = format!("{SET} id = $2 AND status IN ('delivered', 'failed')");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            query.bind(now).bind(id).execute(&mut **tx).await?
        }
        Replay::Range {
            endpoint_id,
            from,
            until,
            failed_only,
        } => {
            let statuses = if failed_only {
                "'failed'"
            } else {
                "'delivered', 'failed'"
            };
            let sql = format!(
                "{SET} endpoint_id = $2 AND created >= $3 AND created < $4 AND status IN ({statuses})"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(now)
                .bind(endpoint_id)
                .bind(from)
                .bind(until)
                .execute(&mut **tx)
                .await?
        }
    };
    Ok(done.rows_affected())
}

impl Db {
    /// Enabled endpoints that have something due.
    pub async fn webhook_due(&self, now: TimestampMs) -> Result<Vec<Endpoint>> {
        let rows = sqlx::query(
            "SELECT * FROM webhook_endpoint e WHERE e.enabled AND EXISTS (
                 SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = e.id
                   AND d.status IN ('queued', 'sending') AND d.next_attempt <= $1
                   AND d.lease_until <= $1)
             ORDER BY e.id",
        )
        .bind(now)
        .fetch_all(&self.read)
        .await?;
        let key = self.seal_key()?;
        rows.iter().map(|row| endpoint_of(row, key)).collect()
    }

    /// Leases what is due for one endpoint, what has waited longest first. Counts as a try.
    pub async fn webhook_lease(
        &self,
        endpoint_id: &str,
        limit: usize,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<Vec<LeasedDelivery>> {
        let sql = format!(
            "UPDATE webhook_delivery SET status = 'sending', lease_until = $3, attempts = attempts + 1,
                 updated = $2
             WHERE id IN (
                 SELECT id FROM webhook_delivery
                 WHERE endpoint_id = $1 AND status IN ('queued', 'sending') AND next_attempt <= $2
                   AND lease_until <= $2
                 ORDER BY next_attempt, id LIMIT $4 {})
             RETURNING *",
            self.dialect.skip_locked()
        );
        let mut tx = self.begin().await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(endpoint_id)
            .bind(now)
            .bind(until)
            .bind(limit as i64)
            .fetch_all(&mut *tx)
            .await?;
        let mut leased = Vec::with_capacity(rows.len());
        for row in &rows {
            let delivery = delivery_of(row)?;
            let sql = "SELECT subject_id, data, created FROM webhook_event WHERE id = $1";
            let event = sqlx::query(sql)
                .bind(&delivery.event_id)
                .fetch_one(&mut *tx)
                .await?;
            leased.push(LeasedDelivery {
                delivery,
                subject_id: event.try_get("subject_id")?,
                data: json_of(&event, "data")?,
                happened: event.try_get("created")?,
            });
        }
        super::commit(tx).await?;
        leased.sort_by(|a, b| a.delivery.id.cmp(&b.delivery.id));
        Ok(leased)
    }

    /// Frees what a host that is gone held. On PostgreSQL other hosts may be at it: there leases run
    /// out by themselves.
    pub async fn webhook_release_all(&self) -> Result<u64> {
        if self.dialect == Dialect::Postgres {
            return Ok(0);
        }
        let done = sqlx::query(
            "UPDATE webhook_delivery SET status = 'queued', lease_until = 0 WHERE status = 'sending'",
        )
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected())
    }

    pub async fn webhook_delivery_get(&self, id: &str) -> Result<Option<WebhookDelivery>> {
        let row = sqlx::query("SELECT * FROM webhook_delivery WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(delivery_of).transpose()
    }

    /// An endpoint's deliveries, newest first.
    pub async fn webhook_delivery_page(
        &self,
        endpoint_id: &str,
        status: Option<DeliveryStatus>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<WebhookDelivery>> {
        let filters = [
            ("endpoint_id = {}", Some(endpoint_id.to_owned())),
            ("status = {}", status.map(|s| s.as_str().to_owned())),
        ];
        let table = "webhook_delivery";
        let all = InboxScope::All;
        self.page(
            (table, "created"),
            &filters,
            &all,
            after,
            limit,
            delivery_of,
        )
        .await
    }

    /// A delivery's tries, oldest first; at most 100.
    pub async fn webhook_attempt_list(&self, delivery_id: &str) -> Result<Vec<WebhookAttempt>> {
        let rows = sqlx::query(
            "SELECT * FROM webhook_attempt WHERE delivery_id = $1 ORDER BY started, id LIMIT 100",
        )
        .bind(delivery_id)
        .fetch_all(&self.read)
        .await?;
        let attempt = |row: &AnyRow| {
            let status: Option<i64> = row.try_get("status")?;
            Ok(WebhookAttempt {
                id: row.try_get("id")?,
                delivery_id: row.try_get("delivery_id")?,
                started: row.try_get("started")?,
                duration_ms: count_of(row, "duration_ms")?,
                status: status.and_then(|s| u16::try_from(s).ok()),
                error: row.try_get("error")?,
                response: row.try_get("response")?,
            })
        };
        rows.iter().map(attempt).collect()
    }

    /// How many deliveries wait for each endpoint that is enabled.
    pub async fn webhook_backlog(&self) -> Result<Vec<(Id, u64)>> {
        let rows = sqlx::query(
            "SELECT e.id AS endpoint_id, (SELECT COUNT(*) FROM webhook_delivery d
                 WHERE d.endpoint_id = e.id AND d.status IN ('queued', 'sending')) AS waiting
             FROM webhook_endpoint e WHERE e.enabled",
        )
        .fetch_all(&self.read)
        .await?;
        let count = |row: &AnyRow| {
            let waiting: i64 = row.try_get("waiting")?;
            Ok((row.try_get("endpoint_id")?, waiting.unsigned_abs()))
        };
        rows.iter().map(count).collect()
    }

    /// Forgets deliveries that were settled before `before`, with their tries, and events as old that
    /// have no delivery any more; some at a time. How many deliveries.
    pub async fn webhook_sweep(&self, before: TimestampMs) -> Result<u64> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "SELECT id FROM webhook_delivery
             WHERE status IN ('delivered', 'failed') AND updated < $1 ORDER BY updated LIMIT $2",
        )
        .bind(before)
        .bind(SWEEP)
        .fetch_all(&mut *tx)
        .await?;
        for row in &rows {
            let id: String = row.try_get("id")?;
            for sql in [
                "DELETE FROM webhook_attempt WHERE delivery_id = $1",
                "DELETE FROM webhook_delivery WHERE id = $1",
            ] {
                sqlx::query(sql).bind(&id).execute(&mut *tx).await?;
            }
        }
        sqlx::query(
            "DELETE FROM webhook_event WHERE id IN (
                 SELECT e.id FROM webhook_event e WHERE e.created < $1 AND NOT EXISTS (
                     SELECT 1 FROM webhook_delivery d WHERE d.event_id = e.id)
                 ORDER BY e.created LIMIT $2)",
        )
        .bind(before)
        .bind(SWEEP)
        .execute(&mut *tx)
        .await?;
        super::commit(tx).await?;
        Ok(rows.len() as u64)
    }
}

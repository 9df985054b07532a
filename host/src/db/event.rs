//! The inbound queue: written once, leased in order, done or visibly failed.

use super::bulk::{list_padded, padded, rows_insert_in_tx};
use super::message::Heard;
use super::row::{count_of, json_of, json_text};
use super::statement::{Statement, integers};
use super::{Db, Result, Tx};
use crate::domain::social::Activity;
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashSet;

/// A leased event.
#[derive(Debug, Clone)]
pub struct Event {
    pub seq: i64,
    pub inbox_id: Id,
    pub network: String,
    /// The inbox's channel and network: see `message::Heard`.
    pub ground: String,
    pub activity: Activity,
    pub attempts: u32,
    pub received: TimestampMs,
    /// W3C traceparent of what brought it.
    pub trace: Option<String>,
}

impl Event {
    /// Where and when it was heard.
    pub fn heard(&self) -> Heard<'_> {
        Heard {
            inbox_id: &self.inbox_id,
            network: &self.network,
            ground: &self.ground,
            received: self.received,
        }
    }
}

fn event_of(row: &AnyRow) -> Result<Event> {
    Ok(Event {
        seq: row.try_get("seq")?,
        inbox_id: row.try_get("inbox_id")?,
        network: row.try_get("network")?,
        ground: row.try_get("ground")?,
        activity: json_of(row, "payload")?,
        attempts: count_of(row, "attempts")?,
        received: row.try_get("received")?,
        trace: row.try_get("trace")?,
    })
}

/// Stores activities that are not there yet, with the trace of each if there are any; how many were
/// new.
pub async fn event_insert_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    activities: &[Activity],
    traces: &[Option<String>],
    now: TimestampMs,
) -> Result<usize> {
    let rows = activities.iter().enumerate().map(|(n, activity)| {
        vec![
            new_id().into(),
            inbox_id.into(),
            activity.id.as_str().into(),
            activity.order_key().into(),
            json_text(activity).into(),
            "queued".into(),
            now.into(),
            traces.get(n).cloned().flatten().into(),
        ]
    });
    let columns = [
        "id",
        "inbox_id",
        "external_id",
        "order_key",
        "payload",
        "status",
        "received",
        "trace",
    ];
    let tail = " ON CONFLICT (inbox_id, external_id) DO NOTHING";
    let new = rows_insert_in_tx(tx, "inbound_event", &columns, rows.collect(), tail).await?;
    Ok(new as usize)
}

/// Marks events as done and drops their payloads: what they said is in the messages now, and a deleted
/// message must not live on here. Takes numbers with what their lease counted, which tells leases
/// apart; returns the numbers of those that were still held. Of the others nothing may be written:
/// their lease was lost to another host.
pub async fn events_done_in_tx(
    tx: &mut Tx<'_>,
    leases: &[(i64, u32)],
    now: TimestampMs,
) -> Result<HashSet<i64>> {
    if leases.is_empty() {
        return Ok(HashSet::new());
    }
    let mut update = Statement::new("UPDATE inbound_event SET status = 'done', done = ");
    update.bind(now);
    update.push(", payload = '', error = NULL WHERE seq IN ");
    // The numbers by themselves are what the primary key can find.
    list_padded(&mut update, leases.iter().map(|(seq, _)| *seq));
    update.push(" AND status = 'leased' AND (seq, attempts) IN (VALUES ");
    let pairs = leases
        .iter()
        .map(|(seq, attempts)| [*seq, i64::from(*attempts)]);
    update.rows(padded(pairs)).push(") RETURNING seq");
    let rows = update.fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok(row.try_get("seq")?)).collect()
}

impl Db {
    /// Leases the oldest events that are free. Until `until`, nobody else gets them. Events with one
    /// order key stay in order: none is leased while an earlier one is open elsewhere.
    pub async fn event_lease(
        &self,
        limit: usize,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<Vec<Event>> {
        let mut tx = self.begin_redoable().await?;
        let mut free = Statement::new(
            "SELECT seq FROM inbound_event WHERE status IN ('queued', 'leased') AND lease_until <= ",
        );
        free.bind(now)
            .push(" ORDER BY seq LIMIT ")
            .bind(limit as i64);
        free.push(self.dialect.skip_locked());
        let mut mine = integers(&free.fetch_all(&mut *tx).await?, "seq")?;
        if mine.is_empty() {
            return Ok(Vec::new());
        }
        let mut behind = Statement::new("SELECT e.seq FROM inbound_event e WHERE e.seq IN ");
        list_padded(&mut behind, mine.iter().copied());
        behind.push(
            " AND EXISTS (SELECT 1 FROM inbound_event b WHERE b.status IN ('queued', 'leased')
                 AND b.inbox_id = e.inbox_id AND b.order_key = e.order_key AND b.seq < e.seq
                 AND b.seq NOT IN ",
        );
        list_padded(&mut behind, mine.iter().copied());
        behind.push(")");
        let behind = integers(&behind.fetch_all(&mut *tx).await?, "seq")?;
        mine.retain(|seq| !behind.contains(seq));
        let mut lease = Statement::new(
            "UPDATE inbound_event SET status = 'leased', attempts = attempts + 1, lease_until = ",
        );
        lease.bind(until).push(" WHERE seq IN ");
        list_padded(&mut lease, mine);
        lease.push(
            " RETURNING seq, inbox_id, payload, attempts, received, trace,
                 (SELECT network FROM inbox WHERE inbox.id = inbound_event.inbox_id) AS network,
                 (SELECT plugin || ' ' || network FROM inbox WHERE inbox.id = inbound_event.inbox_id)
                     AS ground",
        );
        let rows = lease.fetch_all(&mut *tx).await?;
        super::commit(tx).await?;
        let mut events = rows.iter().map(event_of).collect::<Result<Vec<_>>>()?;
        events.sort_by_key(|event| event.seq);
        Ok(events)
    }

    /// Keeps leases that are still ours for longer.
    pub async fn event_renew(&self, events: &[Event], until: TimestampMs) -> Result<()> {
        let mut renew = Statement::new("UPDATE inbound_event SET lease_until = ");
        renew
            .bind(until)
            .push(" WHERE status = 'leased' AND seq IN ");
        renew.list(events.iter().map(|event| event.seq));
        // What the lease counted tells it from that of another host who took over.
        renew.push(" AND (seq, attempts) IN (VALUES ");
        let held = events.iter().map(|e| [e.seq, i64::from(e.attempts)]);
        renew.rows(held).push(")");
        renew.execute(&self.write).await?;
        Ok(())
    }

    /// Gives an event back: to be tried again at `retry_at`, and those of its order key that wait
    /// behind it not before; or visibly failed when none.
    pub async fn event_release(
        &self,
        event: &Event,
        retry_at: Option<TimestampMs>,
        error: &str,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE inbound_event SET status = $2, lease_until = $3, error = $4
             WHERE seq = $1 AND status = 'leased' AND attempts = $5",
        )
        .bind(event.seq)
        .bind(if retry_at.is_some() {
            "queued"
        } else {
            "failed"
        })
        .bind(retry_at.unwrap_or(0))
        .bind(error)
        .bind(i64::from(event.attempts))
        .execute(&mut *tx)
        .await?;
        if let (1, Some(retry_at)) = (done.rows_affected(), retry_at) {
            sqlx::query(
                "UPDATE inbound_event SET lease_until = $4
                 WHERE inbox_id = $1 AND order_key = $2 AND seq > $3 AND status = 'queued'",
            )
            .bind(&event.inbox_id)
            .bind(event.activity.order_key())
            .bind(event.seq)
            .bind(retry_at)
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

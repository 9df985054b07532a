//! Audit events in a hash chain: a changed, missing or reordered row shows.
//!
//! Whoever appends first moves the record of the chain's end, which holds that one row until the
//! commit: so several hosts write one chain, numbered without gaps. Deliberately absent: changing or
//! deleting a row.

use super::query::{Keyset, PAGE_MAX, Page};
use super::row::{json_of, json_text};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::audit::{AuditEvent, ChainCheck, ChainReport, ExpectedHead, Head};
use crate::domain::digest::chain_hash;
use crate::domain::fingerprint::{Fingerprint, HOST, PLUGIN_LOAD};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Rows that a check or an export reads at a time.
const BATCH_ROWS: i64 = 500;

/// Appends a row. `detail` is JSON.
pub async fn audit_append_in_tx(
    tx: &mut Tx<'_>,
    at: TimestampMs,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<()> {
    let head = sqlx::query(
        "INSERT INTO audit_head (id, seq, hash, count) VALUES (1, 1, '', 1)
         ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + 1, count = audit_head.count + 1
         RETURNING seq, hash",
    )
    .fetch_one(&mut **tx)
    .await?;
    let seq: i64 = head.try_get("seq")?;
    let previous: String = head.try_get("hash")?;
    let detail = detail.to_string();
    let hash = chain_hash(
        &previous,
        &[&at.to_string(), actor, action, subject, &detail],
    );
    sqlx::query(
        "INSERT INTO audit_event (seq, at, actor, action, subject, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(seq)
    .bind(at)
    .bind(actor)
    .bind(action)
    .bind(subject)
    .bind(detail)
    .bind(&hash)
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
        .bind(&hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Which events; an empty filter is all of them.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    /// From this moment on.
    pub from: Option<TimestampMs>,
    /// Before this moment.
    pub to: Option<TimestampMs>,
}

/// The chain's end: what its record says, and the number of the last row that is there.
#[derive(Debug, Clone)]
pub struct ChainEnd {
    /// None before the first event, or when the record was taken away.
    pub head: Option<Head>,
    /// 0 when there is no row.
    pub last: i64,
}

fn event_of(row: &AnyRow) -> Result<AuditEvent> {
    Ok(AuditEvent {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        hash: row.try_get("hash")?,
    })
}

/// What the names of actions begin with that change who may do what.
const ACCESS: &[&str] = &[
    "agent.",
    "team.",
    "role.",
    "inbox.right",
    "session.revoke",
    "token.revoke",
];

impl Db {
    /// The last of at most [`BATCH_ROWS`] events behind `since`, and whether one of them changed who may
    /// do what.
    pub async fn audit_access_since(&self, since: i64) -> Result<(i64, bool)> {
        let rows =
            sqlx::query("SELECT seq, action FROM audit_event WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(since)
                .bind(BATCH_ROWS)
                .fetch_all(&self.read)
                .await?;
        let (mut last, mut changed) = (since, false);
        for row in &rows {
            last = row.try_get("seq")?;
            let action: String = row.try_get("action")?;
            changed |= ACCESS.iter().any(|begin| action.starts_with(begin));
        }
        Ok((last, changed))
    }

    /// Newest first. Of the keyset only the number counts: it is the event's `seq`.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<AuditEvent>> {
        let limit = limit.clamp(1, PAGE_MAX);
        let texts = [
            ("actor", &filter.actor),
            ("action", &filter.action),
            ("subject", &filter.subject),
        ];
        let numbers = [
            ("at >= ", filter.from),
            ("at < ", filter.to),
            ("seq < ", after.map(|after| after.at)),
        ];
        let mut query = Statement::new("SELECT * FROM audit_event WHERE TRUE");
        for (column, value) in texts {
            if let Some(value) = value {
                query.push(" AND ").push(column).push(" = ").bind(value);
            }
        }
        for (condition, value) in numbers {
            if let Some(value) = value {
                query.push(" AND ").push(condition).bind(value);
            }
        }
        query
            .push(" ORDER BY seq DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.fetch_all(&self.read).await?;
        let mut items: Vec<AuditEvent> = rows.iter().map(event_of).collect::<Result<_>>()?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let last = items.last().filter(|_| more);
        let next = last.map(|event| Keyset {
            at: event.seq,
            id: event.seq.to_string(),
        });
        Ok(Page { items, next })
    }

    /// Where the chain ends, at this moment.
    pub async fn audit_end(&self) -> Result<ChainEnd> {
        let row = sqlx::query(
            "SELECT head.seq, head.hash, head.count, (SELECT MAX(seq) FROM audit_event) AS last
             FROM (SELECT 1 AS one) AS base LEFT JOIN audit_head AS head ON head.id = base.one",
        )
        .fetch_one(&self.read)
        .await?;
        let head = match row.try_get::<Option<i64>, _>("seq")? {
            None => None,
            Some(seq) => Some(Head {
                seq,
                hash: row.try_get("hash")?,
                count: row.try_get("count")?,
            }),
        };
        let last = row.try_get::<Option<i64>, _>("last")?.unwrap_or_default();
        Ok(ChainEnd { head, last })
    }

    /// The next rows behind a number and up to another, oldest first; an empty answer is the end.
    pub async fn audit_batch(&self, behind: i64, last: i64) -> Result<Vec<AuditEvent>> {
        let rows = sqlx::query(
            "SELECT * FROM audit_event WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
        )
        .bind(behind)
        .bind(last)
        .bind(BATCH_ROWS)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(event_of).collect()
    }

    /// Walks the chain as it is now, in batches; others may append meanwhile. Heads from elsewhere must
    /// be in it.
    pub async fn audit_verify(
        &self,
        expected: impl IntoIterator<Item = ExpectedHead>,
    ) -> Result<ChainReport> {
        let end = self.audit_end().await?;
        let mut check = ChainCheck::new(expected);
        loop {
            let rows = self.audit_batch(check.last_seq(), end.last).await?;
            if rows.is_empty() {
                return Ok(check.finish(end.head));
            }
            rows.into_iter().for_each(|row| check.take(row));
        }
    }

    /// Compares what plugins and inboxes are now with the last start, and puts every difference on
    /// record. The first start records what there is.
    pub async fn fingerprint_sync(&self, at: TimestampMs, now: &[Fingerprint]) -> Result<()> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query("SELECT kind, subject, parts FROM fingerprint")
            .fetch_all(&mut *tx)
            .await?;
        let mut before = BTreeMap::new();
        for row in &rows {
            let key: (String, String) = (row.try_get("kind")?, row.try_get("subject")?);
            let parts: BTreeMap<String, String> = json_of(row, "parts")?;
            before.insert(key, parts);
        }
        for print in now {
            let old = before.remove(&(print.kind.to_owned(), print.subject.clone()));
            if old.as_ref() == Some(&print.parts) {
                continue;
            }
            let detail = print.difference(old.as_ref());
            audit_append_in_tx(&mut tx, at, HOST, print.kind, &print.subject, &detail).await?;
            sqlx::query(
                "INSERT INTO fingerprint (kind, subject, parts) VALUES ($1, $2, $3)
                 ON CONFLICT (kind, subject) DO UPDATE SET parts = excluded.parts",
            )
            .bind(print.kind)
            .bind(&print.subject)
            .bind(json_text(&print.parts))
            .execute(&mut *tx)
            .await?;
        }
        for ((kind, subject), _) in before {
            let action = if kind == PLUGIN_LOAD {
                "plugin.unload"
            } else {
                &kind
            };
            let detail = json!({ "removed": true });
            audit_append_in_tx(&mut tx, at, HOST, action, &subject, &detail).await?;
            sqlx::query("DELETE FROM fingerprint WHERE kind = $1 AND subject = $2")
                .bind(&kind)
                .bind(&subject)
                .execute(&mut *tx)
                .await?;
        }
        super::commit(tx).await
    }
}

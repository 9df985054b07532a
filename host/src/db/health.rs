//! What readiness and metrics ask the store: whether it answers, whether its tables are those that
//! this version knows, how much waits, how busy the pools are.
//!
//! Counts stop at a bound, so that asking costs the same however long a queue has grown.

use super::{Db, Result};
use crate::domain::TimestampMs;
use sqlx::Row;

/// Where counting stops.
pub const COUNT_MAX: i64 = 1_000_000;

/// The inbound queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Events that wait or are being handled; at most [`COUNT_MAX`].
    pub waiting: u64,
    /// Events that were set aside; at most [`COUNT_MAX`].
    pub failed: u64,
    /// When the oldest one that waits came in.
    pub oldest: Option<TimestampMs>,
}

/// A pool's connections: all, and those that do nothing.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    pub size: u32,
    pub idle: usize,
}

impl Db {
    /// Whether the store answers, and has every table that this version needs. More than those is
    /// fine: during a rolling upgrade the next version has migrated already.
    pub async fn migrations_match(&self) -> Result<bool> {
        let applied = sqlx::query("SELECT version FROM _sqlx_migrations WHERE success")
            .fetch_all(&self.read)
            .await?;
        let mut versions = Vec::with_capacity(applied.len());
        for row in &applied {
            versions.push(row.try_get::<i64, _>("version")?);
        }
        let known = super::open::known_migrations(self.dialect);
        Ok(known.iter().all(|version| versions.contains(version)))
    }

    /// The inbound queue as it is now.
    pub async fn queue_state(&self) -> Result<QueueState> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS one FROM inbound_event
                       WHERE status IN ('queued', 'leased') LIMIT $1) AS waiting) AS waiting,
                    (SELECT COUNT(*) FROM (SELECT 1 AS one FROM inbound_event
                       WHERE status = 'failed' LIMIT $1) AS failed) AS failed,
                    (SELECT received FROM inbound_event
                       WHERE status IN ('queued', 'leased') ORDER BY seq LIMIT 1) AS oldest",
        )
        .bind(COUNT_MAX)
        .fetch_one(&self.read)
        .await?;
        Ok(QueueState {
            waiting: row.try_get::<i64, _>("waiting")? as u64,
            failed: row.try_get::<i64, _>("failed")? as u64,
            oldest: row.try_get("oldest")?,
        })
    }

    /// How many outbox items there are with each status that is not an end, and dead ones; each at
    /// most [`COUNT_MAX`].
    pub async fn outbox_counts(&self) -> Result<Vec<(&'static str, u64)>> {
        let mut counts = Vec::new();
        for status in ["queued", "sending", "uncertain", "dead"] {
            let row = sqlx::query(
                "SELECT COUNT(*) AS items FROM (SELECT 1 AS one FROM outbox_item
                   WHERE status = $1 LIMIT $2) AS few",
            )
            .bind(status)
            .bind(COUNT_MAX)
            .fetch_one(&self.read)
            .await?;
            counts.push((status, row.try_get::<i64, _>("items")? as u64));
        }
        Ok(counts)
    }

    /// The pools, by what they are for.
    pub fn pool_states(&self) -> [(&'static str, PoolState); 2] {
        [("read", &self.read), ("write", &self.write)].map(|(name, pool)| {
            let state = PoolState {
                size: pool.size(),
                idle: pool.num_idle(),
            };
            (name, state)
        })
    }
}

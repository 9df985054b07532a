//! How far each host that is there follows the store. A host that has not said anything for
//! [`HOST_GONE_MS`] is gone; one that stops says so.

use super::{Db, Result};
use crate::domain::{Id, TimestampMs};

/// Milliseconds after which a silent host counts no more.
pub const HOST_GONE_MS: i64 = 60_000;

impl Db {
    /// Says how far this host follows the store.
    pub async fn host_state_store(
        &self,
        host: &str,
        revision: i64,
        now: TimestampMs,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO host_state (host, revision, at) VALUES ($1, $2, $3)
             ON CONFLICT (host) DO UPDATE SET revision = excluded.revision, at = excluded.at",
        )
        .bind(host)
        .bind(revision)
        .bind(now)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Forgets this host, and those that are gone.
    pub async fn host_state_delete(&self, host: &str, now: TimestampMs) -> Result<()> {
        sqlx::query("DELETE FROM host_state WHERE host = $1 OR at < $2")
            .bind(host)
            .bind(now - HOST_GONE_MS)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Hosts that are there and do not follow this revision yet.
    pub async fn hosts_behind(&self, revision: i64, now: TimestampMs) -> Result<Vec<Id>> {
        Ok(sqlx::query_scalar(
            "SELECT host FROM host_state WHERE revision < $1 AND at >= $2 ORDER BY host",
        )
        .bind(revision)
        .bind(now - HOST_GONE_MS)
        .fetch_all(&self.read)
        .await?)
    }
}

//! Work that is due at a time, once among all hosts on one store.
//!
//! A host claims it for the length of a lease, and prolongs the lease while it works; when the host
//! dies, the lease runs out and another one does the work. What was missed while no host ran is done
//! once, not as often as it was missed.

use super::{Db, Result};
use crate::domain::TimestampMs;
use sqlx::Row;

/// How a piece of scheduled work stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub name: String,
    pub next_run: TimestampMs,
    pub last_run: Option<TimestampMs>,
    pub last_error: Option<String>,
}

impl Db {
    /// Makes a schedule known; one that is known already keeps its time.
    pub async fn schedule_ensure(&self, name: &str, first_run: TimestampMs) -> Result<()> {
        sqlx::query(
            "INSERT INTO schedule (name, next_run) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(first_run)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Claims work that is due and that nobody holds. True: it is this holder's until `until`.
    pub async fn schedule_claim(
        &self,
        name: &str,
        holder: &str,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE schedule SET lease_until = $4, holder = $2
             WHERE name = $1 AND next_run <= $3 AND lease_until <= $3",
        )
        .bind(name)
        .bind(holder)
        .bind(now)
        .bind(until)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Prolongs a lease. False when it has passed to another: stop.
    pub async fn schedule_extend(
        &self,
        name: &str,
        holder: &str,
        until: TimestampMs,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE schedule SET lease_until = $3 WHERE name = $1 AND holder = $2 AND lease_until > 0",
        )
        .bind(name)
        .bind(holder)
        .bind(until)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a claim: how it went, and when the work is due next. False when it was another's by now.
    pub async fn schedule_finish(
        &self,
        name: &str,
        holder: &str,
        now: TimestampMs,
        next_run: TimestampMs,
        error: Option<&str>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE schedule SET next_run = $4, lease_until = 0, holder = NULL, last_run = $3, last_error = $5
             WHERE name = $1 AND holder = $2",
        )
        .bind(name)
        .bind(holder)
        .bind(now)
        .bind(next_run)
        .bind(error)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn schedule_get(&self, name: &str) -> Result<Option<Schedule>> {
        let row = sqlx::query(
            "SELECT name, next_run, last_run, last_error FROM schedule WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| {
            Ok(Schedule {
                name: row.try_get("name")?,
                next_run: row.try_get("next_run")?,
                last_run: row.try_get("last_run")?,
                last_error: row.try_get("last_error")?,
            })
        })
        .transpose()
    }
}

//! Failed log-ins, known addresses and devices, second factors awaited, and one-time set-up links.

use super::super::{Db, Result, Tx};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;

/// Failures are forgotten after a day.
const FORGET_MS: TimestampMs = 24 * 3_600_000;
/// Counts of failures that are kept; the oldest go first.
const FAILURES_MAX: i64 = 50_000;
/// Addresses and devices that are remembered of one agent; the oldest go first.
const KNOWN_MAX: i64 = 64;
/// Wrong codes after which a challenge is over.
const CHALLENGE_ATTEMPTS: i64 = 5;

/// How often something failed, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    pub count: i64,
    pub last: TimestampMs,
}

/// What is on record under a key; nothing is no failures. Waits for other hosts that look at it.
pub async fn failures_in_tx(tx: &mut Tx<'_>, key: &str, now: TimestampMs) -> Result<Failures> {
    let row = sqlx::query(
        "INSERT INTO login_throttle (key, failures, last_failure) VALUES ($1, 0, $2)
         ON CONFLICT (key) DO UPDATE SET failures = login_throttle.failures
         RETURNING failures, last_failure",
    )
    .bind(key)
    .bind(now)
    .fetch_one(&mut **tx)
    .await?;
    Ok(Failures {
        count: row.try_get("failures")?,
        last: row.try_get("last_failure")?,
    })
}

pub async fn failures_set_in_tx(tx: &mut Tx<'_>, key: &str, failures: Failures) -> Result<()> {
    sqlx::query("UPDATE login_throttle SET failures = $2, last_failure = $3 WHERE key = $1")
        .bind(key)
        .bind(failures.count)
        .bind(failures.last)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes one failure back: it turned out to be none.
pub async fn failure_undo_in_tx(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    sqlx::query(
        "UPDATE login_throttle SET failures = failures - 1 WHERE key = $1 AND failures > 0",
    )
    .bind(key)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets one key, and all that is older than a day.
pub async fn failures_forget_in_tx(tx: &mut Tx<'_>, key: &str, now: TimestampMs) -> Result<()> {
    sqlx::query("DELETE FROM login_throttle WHERE key = $1 OR last_failure < $2")
        .bind(key)
        .bind(now - FORGET_MS)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Remembers where, or with which device, somebody logged in: the digest of the one or the other.
pub async fn known_in_tx(
    tx: &mut Tx<'_>,
    agent_id: &str,
    hash: &str,
    now: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO login_known (agent_id, address_hash, last_login) VALUES ($1, $2, $3)
         ON CONFLICT (agent_id, address_hash) DO UPDATE SET last_login = excluded.last_login",
    )
    .bind(agent_id)
    .bind(hash)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM login_known WHERE agent_id = $1 AND address_hash NOT IN (
             SELECT address_hash FROM login_known WHERE agent_id = $1
             ORDER BY last_login DESC, address_hash LIMIT $2)",
    )
    .bind(agent_id)
    .bind(KNOWN_MAX)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The first factor was right; what is handed out for the second.
pub async fn challenge_insert_in_tx(
    tx: &mut Tx<'_>,
    secret_hash: &str,
    agent_id: &str,
    now: TimestampMs,
    expires: TimestampMs,
) -> Result<()> {
    sqlx::query("DELETE FROM login_challenge WHERE expires <= $1")
        .bind(now)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO login_challenge (secret_hash, agent_id, attempts, expires) VALUES ($1, $2, 0, $3)",
    )
    .bind(secret_hash)
    .bind(agent_id)
    .bind(expires)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts a try at a challenge, before it is judged; whose it is. None: unknown, expired or used up.
pub async fn challenge_try_in_tx(
    tx: &mut Tx<'_>,
    secret_hash: &str,
    now: TimestampMs,
) -> Result<Option<Id>> {
    Ok(sqlx::query_scalar(
        "UPDATE login_challenge SET attempts = attempts + 1
         WHERE secret_hash = $1 AND expires > $2 AND attempts < $3 RETURNING agent_id",
    )
    .bind(secret_hash)
    .bind(now)
    .bind(CHALLENGE_ATTEMPTS)
    .fetch_optional(&mut **tx)
    .await?)
}

/// The challenge was met. False when another request met it first.
pub async fn challenge_delete_in_tx(tx: &mut Tx<'_>, secret_hash: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM login_challenge WHERE secret_hash = $1")
        .bind(secret_hash)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A link that makes the first admin.
pub async fn setup_insert_in_tx(
    tx: &mut Tx<'_>,
    secret_hash: &str,
    now: TimestampMs,
    expires: TimestampMs,
) -> Result<()> {
    sqlx::query("DELETE FROM setup_link WHERE expires <= $1")
        .bind(now)
        .execute(&mut **tx)
        .await?;
    sqlx::query("INSERT INTO setup_link (secret_hash, expires) VALUES ($1, $2)")
        .bind(secret_hash)
        .bind(expires)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Uses a link up, and all others with it. False when it is unknown, used or expired.
pub async fn setup_use_in_tx(tx: &mut Tx<'_>, secret_hash: &str, now: TimestampMs) -> Result<bool> {
    let done = sqlx::query("DELETE FROM setup_link WHERE secret_hash = $1 AND expires > $2")
        .bind(secret_hash)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM setup_link")
        .execute(&mut **tx)
        .await?;
    Ok(true)
}

impl Db {
    /// Whether this agent logged in from this address, or with this device, before.
    pub async fn is_known(&self, agent_id: &str, hash: &str) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT last_login FROM login_known WHERE agent_id = $1 AND address_hash = $2",
        )
        .bind(agent_id)
        .bind(hash)
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }

    /// Whether anybody logged in with this device before.
    pub async fn is_known_of_any(&self, hash: &str) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT last_login FROM login_known WHERE address_hash = $1 LIMIT 1",
        )
        .bind(hash)
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }

    /// Forgets counts of failures that are older than a day, and the oldest where there are too many.
    pub async fn failures_trim(&self, now: TimestampMs) -> Result<()> {
        sqlx::query("DELETE FROM login_throttle WHERE last_failure < $1")
            .bind(now - FORGET_MS)
            .execute(&self.write)
            .await?;
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM login_throttle")
            .fetch_one(&self.read)
            .await?;
        if count > FAILURES_MAX {
            sqlx::query(
                "DELETE FROM login_throttle WHERE key IN (
                     SELECT key FROM login_throttle ORDER BY last_failure LIMIT $1)",
            )
            .bind(count - FAILURES_MAX)
            .execute(&self.write)
            .await?;
        }
        Ok(())
    }

    /// Whether a try at a challenge would be taken now.
    pub async fn challenge_is_open(&self, secret_hash: &str, now: TimestampMs) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT attempts FROM login_challenge
             WHERE secret_hash = $1 AND expires > $2 AND attempts < $3",
        )
        .bind(secret_hash)
        .bind(now)
        .bind(CHALLENGE_ATTEMPTS)
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }

    /// Whether a set-up link would be taken now.
    pub async fn setup_is_valid(&self, secret_hash: &str, now: TimestampMs) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT expires FROM setup_link WHERE secret_hash = $1 AND expires > $2",
        )
        .bind(secret_hash)
        .bind(now)
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }
}

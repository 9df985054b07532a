//! The second factor: secrets (sealed), the last step whose code was used, recovery codes (digests).

use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use sqlx::Row;

/// A secret that awaits its first code, sealed, and since when.
#[derive(Debug, Clone)]
pub struct PendingTotp {
    pub sealed: String,
    pub since: TimestampMs,
}

/// Keeps a secret until its first code; one that waited before is forgotten.
pub async fn totp_pending_in_tx(
    tx: &mut Tx<'_>,
    agent_id: &str,
    sealed: &str,
    now: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO totp (agent_id, pending, pending_since, last_step) VALUES ($1, $2, $3, 0)
         ON CONFLICT (agent_id) DO UPDATE SET pending = excluded.pending,
             pending_since = excluded.pending_since",
    )
    .bind(agent_id)
    .bind(sealed)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a confirmed secret into use. False when it is no longer the one that awaits its code.
pub async fn totp_enable_in_tx(
    tx: &mut Tx<'_>,
    agent_id: &str,
    sealed: &str,
    step: i64,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE totp SET pending = NULL, pending_since = NULL, last_step = $3
         WHERE agent_id = $1 AND pending = $2",
    )
    .bind(agent_id)
    .bind(sealed)
    .bind(step)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("UPDATE agent SET totp_secret = $2 WHERE id = $1")
        .bind(agent_id)
        .bind(sealed)
        .execute(&mut **tx)
        .await?;
    Ok(true)
}

/// Uses a step's code up. False when it, or a later one, was used already.
pub async fn totp_step_use_in_tx(tx: &mut Tx<'_>, agent_id: &str, step: i64) -> Result<bool> {
    let done = sqlx::query("UPDATE totp SET last_step = $2 WHERE agent_id = $1 AND last_step < $2")
        .bind(agent_id)
        .bind(step)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the second factor, recovery codes included. False when there was none.
pub async fn totp_disable_in_tx(tx: &mut Tx<'_>, agent_id: &str) -> Result<bool> {
    for sql in [
        "DELETE FROM recovery_code WHERE agent_id = $1",
        "DELETE FROM totp WHERE agent_id = $1",
    ] {
        sqlx::query(sql).bind(agent_id).execute(&mut **tx).await?;
    }
    let sql = "UPDATE agent SET totp_secret = NULL WHERE id = $1 AND totp_secret IS NOT NULL";
    let done = sqlx::query(sql).bind(agent_id).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the recovery codes.
pub async fn recovery_set_in_tx(tx: &mut Tx<'_>, agent_id: &str, hashes: &[String]) -> Result<()> {
    sqlx::query("DELETE FROM recovery_code WHERE agent_id = $1")
        .bind(agent_id)
        .execute(&mut **tx)
        .await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_code (agent_id, hash) VALUES ($1, $2)")
            .bind(agent_id)
            .bind(hash)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Uses a recovery code up. False when there is none like it, or no longer.
pub async fn recovery_use_in_tx(tx: &mut Tx<'_>, agent_id: &str, hash: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM recovery_code WHERE agent_id = $1 AND hash = $2")
        .bind(agent_id)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl Db {
    pub async fn totp_pending(&self, agent_id: &str) -> Result<Option<PendingTotp>> {
        let sql = "SELECT pending, pending_since FROM totp
                   WHERE agent_id = $1 AND pending IS NOT NULL AND pending_since IS NOT NULL";
        let row = sqlx::query(sql)
            .bind(agent_id)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(PendingTotp {
                sealed: row.try_get("pending")?,
                since: row.try_get("pending_since")?,
            })
        })
        .transpose()
    }

    /// How many recovery codes are left.
    pub async fn recovery_left(&self, agent_id: &str) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM recovery_code WHERE agent_id = $1";
        Ok(sqlx::query_scalar(sql)
            .bind(agent_id)
            .fetch_one(&self.read)
            .await?)
    }

    /// What the first host sealed with its key.
    pub async fn secret_key_check(&self) -> Result<Option<String>> {
        let sql = "SELECT sealed FROM secret_key_check WHERE id = 1";
        Ok(sqlx::query_scalar(sql).fetch_optional(&self.write).await?)
    }

    /// Kept once; what stands there then, which may be another host's.
    pub async fn secret_key_check_insert(&self, sealed: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO secret_key_check (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
        )
        .bind(sealed)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

//! Log-ins that are under way at an OpenID Connect provider, and who somebody is there.

use super::{Db, Result, Tx};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;

/// Log-ins that may be under way at the same time, those that nobody will finish included.
const UNDER_WAY_MAX: i64 = 50_000;

/// A log-in that was begun. Hashes are SHA-256 in hexadecimal.
#[derive(Clone)]
pub struct OidcLogin {
    pub state_hash: String,
    pub provider: String,
    pub binding_hash: String,
    /// Sealed.
    pub secrets: String,
    pub return_to: String,
    pub expires: TimestampMs,
}

/// Who somebody is at a provider.
pub async fn oidc_link_insert_in_tx(
    tx: &mut Tx<'_>,
    issuer: &str,
    subject: &str,
    agent_id: &str,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO oidc_link (issuer, subject, agent_id, created) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(issuer)
    .bind(subject)
    .bind(agent_id)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Db {
    /// Keeps a log-in until its answer. False when too many are under way.
    pub async fn oidc_login_insert(&self, login: &OidcLogin, now: TimestampMs) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM oidc_login WHERE expires <= $1")
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let under_way: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM oidc_login")
            .fetch_one(&mut *tx)
            .await?;
        if under_way >= UNDER_WAY_MAX {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO oidc_login (state_hash, provider, binding_hash, secrets, return_to, expires)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&login.state_hash)
        .bind(&login.provider)
        .bind(&login.binding_hash)
        .bind(&login.secrets)
        .bind(&login.return_to)
        .bind(login.expires)
        .execute(&mut *tx)
        .await?;
        super::commit(tx).await?;
        Ok(true)
    }

    /// Takes a log-in out: each is answered once.
    pub async fn oidc_login_take(&self, state_hash: &str) -> Result<Option<OidcLogin>> {
        let row = sqlx::query(
            "DELETE FROM oidc_login WHERE state_hash = $1
             RETURNING state_hash, provider, binding_hash, secrets, return_to, expires",
        )
        .bind(state_hash)
        .fetch_optional(&self.write)
        .await?;
        row.map(|row| {
            Ok(OidcLogin {
                state_hash: row.try_get("state_hash")?,
                provider: row.try_get("provider")?,
                binding_hash: row.try_get("binding_hash")?,
                secrets: row.try_get("secrets")?,
                return_to: row.try_get("return_to")?,
                expires: row.try_get("expires")?,
            })
        })
        .transpose()
    }

    /// The agent that a provider's account belongs to.
    pub async fn oidc_link_find(&self, issuer: &str, subject: &str) -> Result<Option<Id>> {
        let sql = "SELECT agent_id FROM oidc_link WHERE issuer = $1 AND subject = $2";
        Ok(sqlx::query_scalar(sql)
            .bind(issuer)
            .bind(subject)
            .fetch_optional(&self.read)
            .await?)
    }
}

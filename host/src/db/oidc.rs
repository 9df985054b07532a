//! Log-ins through an OpenID Connect provider that were answered, and who somebody is there.

use super::{Db, Result, Tx};
use crate::domain::{Id, TimestampMs};

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
    /// Puts on record that a log-in was answered. False when it was before. Forgets those that nobody can
    /// answer any more. What was only begun is kept by the browser, not here.
    pub async fn oidc_login_answered(
        &self,
        state_hash: &str,
        provider: &str,
        expires: TimestampMs,
        now: TimestampMs,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM oidc_login WHERE expires <= $1")
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let done = sqlx::query(
            "INSERT INTO oidc_login (state_hash, provider, binding_hash, secrets, return_to, expires)
             VALUES ($1, $2, '', '', '', $3) ON CONFLICT DO NOTHING",
        )
        .bind(state_hash)
        .bind(provider)
        .bind(expires)
        .execute(&mut *tx)
        .await?;
        super::commit(tx).await?;
        Ok(done.rows_affected() == 1)
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

//! Audit events in a hash chain: a changed, missing or reordered row shows.

use super::{Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::digest::chain_hash;

/// Appends a row. `detail` is JSON.
pub async fn audit_append_in_tx(
    tx: &mut Tx<'_>,
    at: TimestampMs,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    let previous: Option<String> =
        sqlx::query_scalar("SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut **tx)
            .await?;
    let detail = detail.to_string();
    let hash = chain_hash(
        &previous.unwrap_or_default(),
        &[&at.to_string(), actor, action, subject, &detail],
    );
    sqlx::query(
        "INSERT INTO audit_event (at, actor, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(at)
    .bind(actor)
    .bind(action)
    .bind(subject)
    .bind(detail)
    .bind(hash)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

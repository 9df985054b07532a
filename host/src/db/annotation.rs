//! What plugins said: classifications, evaluations, decisions.

use super::row::{enum_of, json_of, json_text};
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::annotation::{Classification, Decision, Evaluation};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Replaces what one plugin said of a message.
pub async fn classification_replace_in_tx(
    tx: &mut Tx<'_>,
    message_id: &str,
    plugin: &str,
    plugin_digest: &str,
    settings_digest: &str,
    found: &[Classification],
) -> Result<()> {
    sqlx::query("DELETE FROM classification WHERE message_id = $1 AND plugin = $2")
        .bind(message_id)
        .bind(plugin)
        .execute(&mut **tx)
        .await?;
    for (position, c) in found.iter().enumerate() {
        sqlx::query(
            "INSERT INTO classification (message_id, plugin, position, version, plugin_digest,
                 settings_digest, dimension, label, score, evidence, extra)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(message_id)
        .bind(plugin)
        .bind(position as i64)
        .bind(&c.version)
        .bind(plugin_digest)
        .bind(settings_digest)
        .bind(&c.dimension)
        .bind(&c.label)
        .bind(c.score)
        .bind(json_text(&c.evidence))
        .bind(json_text(&c.extra))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub async fn evaluation_insert_in_tx(tx: &mut Tx<'_>, e: &Evaluation) -> Result<()> {
    sqlx::query(
        "INSERT INTO evaluation (id, message_id, draft_id, moment, plugin, version, plugin_digest,
             settings_digest, input, input_digest, output_digest, batch_fuel, batch_size, fault, evaluated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&e.id)
    .bind(&e.message_id)
    .bind(&e.draft_id)
    .bind(e.moment.as_str())
    .bind(&e.plugin)
    .bind(&e.version)
    .bind(&e.plugin_digest)
    .bind(&e.settings_digest)
    .bind(&e.input)
    .bind(&e.input_digest)
    .bind(&e.output_digest)
    .bind(i64::try_from(e.batch_fuel).unwrap_or(i64::MAX))
    .bind(i64::from(e.batch_size))
    .bind(&e.fault)
    .bind(e.evaluated)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn decision_insert_in_tx(tx: &mut Tx<'_>, d: &Decision) -> Result<()> {
    sqlx::query(
        "INSERT INTO decision (id, evaluation_id, message_id, draft_id, moment, plugin, rule, effect,
             detail, reason, evidence, withheld, decided)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(&d.id)
    .bind(&d.evaluation_id)
    .bind(&d.message_id)
    .bind(&d.draft_id)
    .bind(d.moment.as_str())
    .bind(&d.plugin)
    .bind(&d.rule)
    .bind(d.effect.as_str())
    .bind(json_text(&d.detail))
    .bind(json_text(&d.reason))
    .bind(json_text(&d.evidence))
    .bind(json_text(&d.withheld))
    .bind(d.decided)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn classification_of(row: &SqliteRow) -> Result<Classification> {
    Ok(Classification {
        dimension: row.try_get("dimension")?,
        label: row.try_get("label")?,
        score: row.try_get("score")?,
        evidence: json_of(row, "evidence")?,
        extra: json_of(row, "extra")?,
        plugin: row.try_get("plugin")?,
        version: row.try_get("version")?,
    })
}

pub(super) fn decision_of(row: &SqliteRow) -> Result<Decision> {
    Ok(Decision {
        id: row.try_get("id")?,
        evaluation_id: row.try_get("evaluation_id")?,
        message_id: row.try_get("message_id")?,
        draft_id: row.try_get("draft_id")?,
        moment: enum_of(row, "moment")?,
        plugin: row.try_get("plugin")?,
        rule: row.try_get("rule")?,
        effect: enum_of(row, "effect")?,
        detail: json_of(row, "detail")?,
        reason: json_of(row, "reason")?,
        evidence: json_of(row, "evidence")?,
        withheld: json_of(row, "withheld")?,
        decided: row.try_get::<TimestampMs, _>("decided")?,
    })
}

impl Db {
    pub async fn classification_list(&self, message_id: &str) -> Result<Vec<Classification>> {
        let rows = sqlx::query(
            "SELECT * FROM classification WHERE message_id = $1 ORDER BY plugin, position",
        )
        .bind(message_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(classification_of).collect()
    }
}

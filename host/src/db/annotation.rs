//! What plugins said: classifications, evaluations, decisions.

use super::bulk::{list_padded, padded, rows_insert_in_tx};
use super::row::{corrupt, count_of, enum_of, json_of, json_text};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::annotation::{Classification, Decision, Evaluation};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Within which the evaluations of one batch are put on record, in milliseconds.
const BATCH_MOMENT_MS: i64 = 2_000;

/// What one plugin said of one message.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    pub message_id: &'a str,
    pub plugin: &'a str,
    pub plugin_digest: &'a str,
    pub settings_digest: &'a str,
    pub found: &'a [Classification],
}

/// Replaces what plugins said of messages, each plugin once of each message.
pub async fn classifications_replace_in_tx(tx: &mut Tx<'_>, said: &[Said<'_>]) -> Result<()> {
    if said.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for said in said {
        for (position, c) in said.found.iter().enumerate() {
            rows.push(vec![
                said.message_id.into(),
                said.plugin.into(),
                (position as i64).into(),
                (&c.version).into(),
                said.plugin_digest.into(),
                said.settings_digest.into(),
                (&c.dimension).into(),
                (&c.label).into(),
                c.score.into(),
                json_text(&c.evidence).into(),
                json_text(&c.extra).into(),
            ]);
        }
    }
    let mut delete = Statement::new("DELETE FROM classification WHERE message_id IN ");
    list_padded(&mut delete, said.iter().map(|said| said.message_id));
    delete.push(" AND (message_id, plugin) IN (VALUES ");
    let pairs = said.iter().map(|said| [said.message_id, said.plugin]);
    delete.rows(padded(pairs)).push(")");
    delete.execute(&mut **tx).await?;
    let columns = [
        "message_id",
        "plugin",
        "position",
        "version",
        "plugin_digest",
        "settings_digest",
        "dimension",
        "label",
        "score",
        "evidence",
        "extra",
    ];
    rows_insert_in_tx(tx, "classification", &columns, rows, "").await?;
    Ok(())
}

pub async fn evaluations_insert_in_tx(tx: &mut Tx<'_>, evaluations: &[Evaluation]) -> Result<()> {
    let rows = evaluations.iter().map(|e| {
        vec![
            (&e.id).into(),
            e.message_id.clone().into(),
            e.draft_id.clone().into(),
            e.moment.as_str().into(),
            (&e.plugin).into(),
            (&e.version).into(),
            (&e.plugin_digest).into(),
            (&e.settings_digest).into(),
            (&e.input).into(),
            (&e.input_digest).into(),
            (&e.output_digest).into(),
            i64::try_from(e.batch_fuel).unwrap_or(i64::MAX).into(),
            i64::from(e.batch_size).into(),
            e.fault.clone().into(),
            e.in_stead_of.clone().into(),
            e.evaluated.into(),
        ]
    });
    let columns = [
        "id",
        "message_id",
        "draft_id",
        "moment",
        "plugin",
        "version",
        "plugin_digest",
        "settings_digest",
        "input",
        "input_digest",
        "output_digest",
        "batch_fuel",
        "batch_size",
        "fault",
        "in_stead_of",
        "evaluated",
    ];
    rows_insert_in_tx(tx, "evaluation", &columns, rows.collect(), "").await?;
    Ok(())
}

pub async fn decisions_insert_in_tx(tx: &mut Tx<'_>, decisions: &[Decision]) -> Result<()> {
    let rows = decisions.iter().map(|d| {
        vec![
            (&d.id).into(),
            (&d.evaluation_id).into(),
            d.message_id.clone().into(),
            d.draft_id.clone().into(),
            d.moment.as_str().into(),
            (&d.plugin).into(),
            (&d.rule).into(),
            d.effect.as_str().into(),
            json_text(&d.detail).into(),
            json_text(&d.reason).into(),
            json_text(&d.evidence).into(),
            json_text(&d.withheld).into(),
            d.decided.into(),
        ]
    });
    let columns = [
        "id",
        "evaluation_id",
        "message_id",
        "draft_id",
        "moment",
        "plugin",
        "rule",
        "effect",
        "detail",
        "reason",
        "evidence",
        "withheld",
        "decided",
    ];
    rows_insert_in_tx(tx, "decision", &columns, rows.collect(), "").await?;
    Ok(())
}

fn classification_of(row: &AnyRow) -> Result<Classification> {
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

pub(super) fn decision_of(row: &AnyRow) -> Result<Decision> {
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

fn evaluation_of(row: &AnyRow) -> Result<Evaluation> {
    let fuel: i64 = row.try_get("batch_fuel")?;
    Ok(Evaluation {
        id: row.try_get("id")?,
        message_id: row.try_get("message_id")?,
        draft_id: row.try_get("draft_id")?,
        moment: enum_of(row, "moment")?,
        plugin: row.try_get("plugin")?,
        version: row.try_get("version")?,
        plugin_digest: row.try_get("plugin_digest")?,
        settings_digest: row.try_get("settings_digest")?,
        input: row.try_get("input")?,
        input_digest: row.try_get("input_digest")?,
        output_digest: row.try_get("output_digest")?,
        batch_fuel: u64::try_from(fuel).map_err(|e| corrupt("batch_fuel", e))?,
        batch_size: count_of(row, "batch_size")?,
        fault: row.try_get("fault")?,
        in_stead_of: row.try_get("in_stead_of")?,
        evaluated: row.try_get("evaluated")?,
    })
}

impl Db {
    /// The evaluation with this id, or of the decision with this id.
    pub async fn evaluation_find(&self, id: &str) -> Result<Option<Evaluation>> {
        let row = sqlx::query(
            "SELECT * FROM evaluation WHERE id = $1
             OR id = (SELECT evaluation_id FROM decision WHERE id = $1)",
        )
        .bind(id)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(evaluation_of).transpose()
    }

    /// What a policy was asked from a moment on, oldest first, behind `after`.
    pub async fn evaluation_history(
        &self,
        plugin: &str,
        since: TimestampMs,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Evaluation>> {
        let rows = sqlx::query(
            "SELECT * FROM evaluation WHERE plugin = $1 AND evaluated >= $2 AND id > $3
             ORDER BY id LIMIT $4",
        )
        .bind(plugin)
        .bind(since)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(evaluation_of).collect()
    }

    /// A policy that was asked something from a moment on.
    pub async fn evaluation_plugin_any(&self, since: TimestampMs) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(
            "SELECT plugin FROM evaluation WHERE evaluated >= $1 AND settings_digest <> ''
             ORDER BY id DESC LIMIT 1",
        )
        .bind(since)
        .fetch_optional(&self.read)
        .await?)
    }

    /// An evaluation's decisions, in the order of its effects.
    pub async fn evaluation_decisions(&self, id: &str) -> Result<Vec<Decision>> {
        let rows = sqlx::query("SELECT * FROM decision WHERE evaluation_id = $1 ORDER BY id")
            .bind(id)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(decision_of).collect()
    }

    /// The evaluations of this one's batch, in its order, as far as they are still there. A batch has no
    /// name: size and fuel within a moment tell it apart; where they don't, there are more than its size.
    pub async fn evaluation_batch(&self, of: &Evaluation) -> Result<Vec<Evaluation>> {
        let rows = sqlx::query(
            "SELECT * FROM evaluation WHERE evaluated BETWEEN $1 AND $2 AND batch_size = $3
             AND batch_fuel = $4 AND plugin_digest = $5 AND settings_digest = $6
             ORDER BY id LIMIT $7",
        )
        .bind(of.evaluated - BATCH_MOMENT_MS)
        .bind(of.evaluated + BATCH_MOMENT_MS)
        .bind(i64::from(of.batch_size))
        .bind(i64::try_from(of.batch_fuel).unwrap_or(i64::MAX))
        .bind(&of.plugin_digest)
        .bind(&of.settings_digest)
        .bind(i64::from(of.batch_size) + 1)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(evaluation_of).collect()
    }

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

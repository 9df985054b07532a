//! What hosts say of the plugins they run: status and figures, logs, and reports of shadow runs.
//!
//! Lines of a log may quote anybody, so they are few and short-lived: at most [`LOG_LINES`] a plugin,
//! and none older than [`LOG_DAYS`] days; erasing a contact deletes them all.

use super::bulk::rows_insert_in_tx;
use super::host_state::HOST_GONE_MS;
use super::row::{json_of, json_text};
use super::{Db, Result, commit};
use crate::domain::TimestampMs;
use crate::domain::agreement::Agreement;
use crate::domain::plugin::{HostPluginStatus, PluginLogLine, PluginStatus};
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one plugin's log that are kept.
pub const LOG_LINES: i64 = 2_000;
/// Days that they are kept.
pub const LOG_DAYS: i64 = 7;

impl Db {
    /// Replaces what this host says of its plugins, and forgets hosts that are gone.
    pub async fn plugin_status_store(
        &self,
        host: &str,
        at: TimestampMs,
        statuses: &BTreeMap<String, PluginStatus>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM plugin_status WHERE host = $1 OR at < $2")
            .bind(host)
            .bind(at - HOST_GONE_MS)
            .execute(&mut *tx)
            .await?;
        let rows = statuses.iter().map(|(plugin, status)| {
            let status = json_text(status);
            vec![host.into(), plugin.into(), status.into(), at.into()]
        });
        let columns = ["host", "plugin_id", "status", "at"];
        rows_insert_in_tx(&mut tx, "plugin_status", &columns, rows.collect(), "").await?;
        commit(tx).await
    }

    /// What hosts say, all or of one plugin.
    pub async fn plugin_status_list(&self, plugin: Option<&str>) -> Result<Vec<HostPluginStatus>> {
        let rows = sqlx::query(
            "SELECT * FROM plugin_status WHERE CAST($1 AS TEXT) IS NULL OR plugin_id = $1
             ORDER BY plugin_id, host",
        )
        .bind(plugin)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(HostPluginStatus {
                    host: row.try_get("host")?,
                    at: row.try_get("at")?,
                    plugin: row.try_get("plugin_id")?,
                    status: json_of(row, "status")?,
                })
            })
            .collect()
    }

    /// Adds lines and lets the oldest go.
    pub async fn plugin_log_store(
        &self,
        host: &str,
        now: TimestampMs,
        lines: &[PluginLogLine],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let plugins: BTreeSet<&String> = lines.iter().map(|line| &line.plugin).collect();
        let rows = lines.iter().map(|line| {
            vec![
                (&line.id).into(),
                (&line.plugin).into(),
                host.into(),
                line.at.into(),
                (&line.level).into(),
                (&line.text).into(),
            ]
        });
        let columns = ["id", "plugin_id", "host", "at", "level", "text"];
        rows_insert_in_tx(&mut tx, "plugin_log", &columns, rows.collect(), "").await?;
        for plugin in plugins {
            sqlx::query(
                "DELETE FROM plugin_log WHERE plugin_id = $1 AND (at < $2 OR id < COALESCE(
                     (SELECT l.id FROM plugin_log l WHERE l.plugin_id = $1
                      ORDER BY l.id DESC LIMIT 1 OFFSET $3), ''))",
            )
            .bind(plugin)
            .bind(now - LOG_DAYS * 24 * 3_600_000)
            .bind(LOG_LINES - 1)
            .execute(&mut *tx)
            .await?;
        }
        commit(tx).await
    }

    /// The latest lines behind `after`, oldest first, at most `limit`.
    pub async fn plugin_log_list(
        &self,
        plugin: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<PluginLogLine>> {
        let rows = sqlx::query(
            "SELECT * FROM plugin_log WHERE plugin_id = $1 AND id > COALESCE($2, '')
             ORDER BY id DESC LIMIT $3",
        )
        .bind(plugin)
        .bind(after)
        .bind(limit)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .rev()
            .map(|row| {
                Ok(PluginLogLine {
                    id: row.try_get("id")?,
                    plugin: row.try_get("plugin_id")?,
                    at: row.try_get("at")?,
                    level: row.try_get("level")?,
                    text: row.try_get("text")?,
                })
            })
            .collect()
    }

    /// Replaces a host's report on a candidate that runs in the shadow.
    pub async fn plugin_shadow_store(
        &self,
        plugin: &str,
        digest: &str,
        host: &str,
        at: TimestampMs,
        report: &Agreement,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO plugin_shadow (plugin_id, digest, host, at, report)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (plugin_id, digest, host) DO UPDATE SET at = excluded.at, report = excluded.report",
        )
        .bind(plugin)
        .bind(digest)
        .bind(host)
        .bind(at)
        .bind(json_text(report))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The reports of all hosts on a candidate.
    pub async fn plugin_shadow_list(&self, plugin: &str, digest: &str) -> Result<Vec<Agreement>> {
        let rows = sqlx::query(
            "SELECT report FROM plugin_shadow WHERE plugin_id = $1 AND digest = $2 ORDER BY host",
        )
        .bind(plugin)
        .bind(digest)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| json_of(row, "report")).collect()
    }
}

//! Plugins that an admin manages: what is installed, the files, and whom the admin trusts.
//!
//! Every change is one transaction with its audit event, and raises the one revision that hosts look
//! at. A change that was made of an outdated state is refused ([`DbError::Overtaken`]).

use super::audit::audit_append_in_tx;
use super::row::{bool_of, corrupt, json_of, json_text, optional_enum_of};
use super::{Db, DbError, Result, Tx, commit};
use crate::domain::now_ms;
use crate::domain::plugin::{Candidate, Installation, PluginFile};
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

/// What goes on record with a change.
#[derive(Debug)]
pub struct Record<'a> {
    pub by: &'a str,
    /// `plugin.install`, `grant.change`, …
    pub action: &'a str,
    pub subject: &'a str,
    pub detail: Value,
}

fn optional_json(row: &AnyRow, column: &str) -> Result<Option<Value>> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|e| corrupt(column, e)))
        .transpose()
}

fn installation_of(row: &AnyRow) -> Result<Installation> {
    let digest: Option<String> = row.try_get("candidate")?;
    let mode = optional_enum_of(row, "candidate_mode")?;
    let candidate = digest.zip(mode);
    let candidate = candidate.map(|(digest, mode)| Candidate { digest, mode });
    Ok(Installation {
        id: row.try_get("id")?,
        digest: row.try_get("digest")?,
        granted: optional_json(row, "granted")?,
        previous: row.try_get("previous")?,
        previous_granted: optional_json(row, "previous_granted")?,
        good: row.try_get("good")?,
        candidate,
        enabled: bool_of(row, "enabled")?,
        admitted: json_of(row, "admitted")?,
        publisher_key: row.try_get("publisher_key")?,
        settings: json_of(row, "settings")?,
        upgraded: row.try_get("upgraded")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
        revision: row.try_get("revision")?,
    })
}

/// Plugins with whose they are.
macro_rules! plugins {
    ($rest:literal) => {
        concat!(
            "SELECT plugin.*, (SELECT key_id FROM plugin_publisher WHERE plugin_id = plugin.id)
                 AS publisher_key FROM plugin ",
            $rest
        )
    };
}

impl Db {
    /// Raised by every change of plugins, trust and inboxes.
    pub async fn plugin_revision(&self) -> Result<i64> {
        Ok(
            sqlx::query_scalar("SELECT revision FROM plugin_revision WHERE id = 1")
                .fetch_one(&self.read)
                .await?,
        )
    }

    pub async fn plugin_list(&self) -> Result<Vec<Installation>> {
        let rows = sqlx::query(plugins!("ORDER BY id"))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(installation_of).collect()
    }

    /// Those whose version in force came into force by an upgrade and has not proved itself yet.
    pub async fn plugin_proving_list(&self) -> Result<Vec<Installation>> {
        let rows = sqlx::query(plugins!("WHERE upgraded IS NOT NULL ORDER BY id"))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(installation_of).collect()
    }

    pub async fn plugin_get(&self, id: &str) -> Result<Option<Installation>> {
        let row = sqlx::query(plugins!("WHERE id = $1"))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(installation_of).transpose()
    }

    /// Id of the key whose a plugin is, also when it was taken out since.
    pub async fn plugin_publisher(&self, id: &str) -> Result<Option<String>> {
        let sql = "SELECT key_id FROM plugin_publisher WHERE plugin_id = $1";
        let found = sqlx::query_scalar(sql).bind(id);
        Ok(found.fetch_optional(&self.read).await?)
    }

    /// Stores a plugin as it is to be now, a file that came with the change, and the record. A
    /// revision of 0 is a plugin that is not there yet. Gives the new revision.
    pub async fn plugin_save(
        &self,
        plugin: &Installation,
        file: Option<&PluginFile>,
        record: &Record<'_>,
    ) -> Result<i64> {
        let now = now_ms();
        let mut tx = self.begin().await?;
        if let Some(file) = file {
            file_insert_in_tx(&mut tx, file).await?;
        }
        let revision = change_in_tx(&mut tx, record).await?;
        if let Some(key) = &plugin.publisher_key {
            publisher_set_in_tx(&mut tx, &plugin.id, key).await?;
        }
        let candidate = plugin.candidate.as_ref();
        let mut admitted = plugin.admitted.clone();
        admitted.retain(|digest, _| plugin.versions().any(|version| version == digest));
        let text = |value: &Option<Value>| value.as_ref().map(json_text);
        let sql = match plugin.revision {
            0 => {
                "INSERT INTO plugin (id, digest, granted, previous, previous_granted, candidate,
                     candidate_mode, enabled, admitted, settings, upgraded, created, updated, revision,
                     good)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13 + $14, $15)
                 ON CONFLICT (id) DO NOTHING"
            }
            _ => {
                "UPDATE plugin SET digest = $2, granted = $3, previous = $4, previous_granted = $5,
                     candidate = $6, candidate_mode = $7, enabled = $8, admitted = $9,
                     settings = $10, upgraded = $11, updated = $12, revision = $13,
                     good = $15
                 WHERE id = $1 AND revision = $14"
            }
        };
        let done = sqlx::query(sql)
            .bind(&plugin.id)
            .bind(&plugin.digest)
            .bind(text(&plugin.granted))
            .bind(&plugin.previous)
            .bind(text(&plugin.previous_granted))
            .bind(candidate.map(|c| c.digest.as_str()))
            .bind(candidate.map(|c| c.mode.as_str()))
            .bind(plugin.enabled)
            .bind(json_text(&admitted))
            .bind(json_text(&plugin.settings))
            .bind(plugin.upgraded)
            .bind(now)
            .bind(revision)
            .bind(plugin.revision)
            .bind(&plugin.good)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(DbError::Overtaken);
        }
        commit(tx).await?;
        Ok(revision)
    }

    /// Takes a plugin out. With `forget` its files, its log and the figures go too, and what it once
    /// decided can't be re-executed any more.
    pub async fn plugin_delete(
        &self,
        plugin: &Installation,
        forget: bool,
        record: &Record<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        change_in_tx(&mut tx, record).await?;
        let done = sqlx::query("DELETE FROM plugin WHERE id = $1 AND revision = $2")
            .bind(&plugin.id)
            .bind(plugin.revision)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(DbError::Overtaken);
        }
        let mut tables = vec!["DELETE FROM plugin_status WHERE plugin_id = $1"];
        if forget {
            tables.extend([
                "DELETE FROM plugin_log WHERE plugin_id = $1",
                "DELETE FROM plugin_shadow WHERE plugin_id = $1",
                "DELETE FROM plugin_settings WHERE plugin_id = $1",
                "DELETE FROM plugin_file WHERE plugin_id = $1",
            ]);
        }
        for sql in tables {
            sqlx::query(sql).bind(&plugin.id).execute(&mut *tx).await?;
        }
        commit(tx).await
    }

    /// A file, by its digest.
    pub async fn plugin_file(&self, digest: &str) -> Result<Option<PluginFile>> {
        let row = sqlx::query("SELECT * FROM plugin_file WHERE digest = $1")
            .bind(digest)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(file_of).transpose()
    }

    /// The signatures that came with a file; none when it is not there.
    pub async fn plugin_signatures(&self, digest: &str) -> Result<Vec<String>> {
        let row = sqlx::query("SELECT signatures FROM plugin_file WHERE digest = $1")
            .bind(digest)
            .fetch_optional(&self.read)
            .await?;
        let signatures = row.as_ref().map(|row| json_of(row, "signatures"));
        Ok(signatures.transpose()?.unwrap_or_default())
    }

    /// Keeps settings that a plugin works with, for re-executing what it decides.
    pub async fn plugin_settings_keep(&self, plugin: &str, digest: &str, text: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO plugin_settings (digest, plugin_id, settings) VALUES ($1, $2, $3)
             ON CONFLICT (plugin_id, digest) DO NOTHING",
        )
        .bind(digest)
        .bind(plugin)
        .bind(text)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Settings that a plugin once worked with.
    pub async fn plugin_settings(&self, plugin: &str, digest: &str) -> Result<Option<Value>> {
        let row = sqlx::query(
            "SELECT settings FROM plugin_settings WHERE plugin_id = $1 AND digest = $2",
        )
        .bind(plugin)
        .bind(digest)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(|row| json_of(row, "settings")).transpose()
    }

    /// What the admin trusts, as JSON; none before the first key.
    pub async fn plugin_trust(&self) -> Result<Option<String>> {
        Ok(
            sqlx::query_scalar("SELECT store FROM plugin_trust WHERE id = 1")
                .fetch_optional(&self.read)
                .await?,
        )
    }

    /// Replaces what the admin trusts; `before` is what it was made from.
    pub async fn plugin_trust_save(
        &self,
        before: Option<&str>,
        store: &str,
        record: &Record<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        change_in_tx(&mut tx, record).await?;
        let sql = match before {
            None => {
                "INSERT INTO plugin_trust (id, store) VALUES (1, $1)
                 ON CONFLICT (id) DO NOTHING"
            }
            Some(_) => "UPDATE plugin_trust SET store = $1 WHERE id = 1 AND store = $2",
        };
        let mut query = sqlx::query(sql).bind(store);
        if let Some(before) = before {
            query = query.bind(before);
        }
        if query.execute(&mut *tx).await?.rows_affected() != 1 {
            return Err(DbError::Overtaken);
        }
        commit(tx).await
    }
}

/// Raises the revision and puts the change on record. The revision's row keeps two changes apart.
pub(super) async fn change_in_tx(tx: &mut Tx<'_>, record: &Record<'_>) -> Result<i64> {
    let revision = sqlx::query_scalar(
        "UPDATE plugin_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision",
    )
    .fetch_one(&mut **tx)
    .await?;
    let Record {
        by,
        action,
        subject,
        detail,
    } = record;
    audit_append_in_tx(tx, now_ms(), by, action, subject, detail).await?;
    Ok(revision)
}

async fn publisher_set_in_tx(tx: &mut Tx<'_>, plugin: &str, key: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO plugin_publisher (plugin_id, key_id, since) VALUES ($1, $2, $3)
         ON CONFLICT (plugin_id) DO UPDATE SET key_id = excluded.key_id, since = excluded.since
         WHERE plugin_publisher.key_id <> excluded.key_id",
    )
    .bind(plugin)
    .bind(key)
    .bind(now_ms())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same file again keeps what is known of it, and takes over signatures that it came with.
async fn file_insert_in_tx(tx: &mut Tx<'_>, file: &PluginFile) -> Result<()> {
    sqlx::query(
        "INSERT INTO plugin_file (digest, plugin_id, version, bytes, signatures, source, added)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (digest) DO UPDATE SET signatures = excluded.signatures, source = excluded.source",
    )
    .bind(&file.digest)
    .bind(&file.plugin_id)
    .bind(&file.version)
    .bind(&file.bytes)
    .bind(json_text(&file.signatures))
    .bind(&file.source)
    .bind(file.added)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn file_of(row: &AnyRow) -> Result<PluginFile> {
    Ok(PluginFile {
        digest: row.try_get("digest")?,
        plugin_id: row.try_get("plugin_id")?,
        version: row.try_get("version")?,
        bytes: row.try_get("bytes")?,
        signatures: json_of(row, "signatures")?,
        source: row.try_get("source")?,
        added: row.try_get("added")?,
    })
}

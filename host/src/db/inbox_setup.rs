//! Inboxes that are made over the API or the command line, and their sealed secrets.
//!
//! An inbox once made stays, with what was heard in it; taking it away disables it and forgets its
//! secrets. Deliberately absent: what seals and opens (`pipeline::plugins`).

use super::plugin::{Record, change_in_tx};
use super::row::{bool_of, json_of, json_text};
use super::{Db, DbError, Result, Tx, commit};
use crate::domain::plugin::InboxSetup;
use crate::domain::{Id, now_ms};
use sqlx::Row;
use std::collections::BTreeMap;

/// An inbox as the admin set it up.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSetup {
    pub inbox_id: Id,
    pub name: String,
    pub enabled: bool,
    pub setup: InboxSetup,
    /// Sealed texts by name.
    pub secrets: BTreeMap<String, String>,
}

/// What becomes of a secret; none takes it away.
pub type SecretChanges = BTreeMap<String, Option<String>>;

impl Db {
    /// All of them, disabled ones too, by name.
    pub async fn inbox_setup_list(&self) -> Result<Vec<StoredSetup>> {
        let rows = sqlx::query(
            "SELECT s.inbox_id, i.name, s.enabled, s.setup FROM inbox_setup s
             JOIN inbox i ON i.id = s.inbox_id ORDER BY i.name",
        )
        .fetch_all(&self.read)
        .await?;
        let secrets = sqlx::query("SELECT inbox_id, name, sealed FROM inbox_secret")
            .fetch_all(&self.read)
            .await?;
        let mut sealed: BTreeMap<Id, BTreeMap<String, String>> = BTreeMap::new();
        for row in &secrets {
            let of = sealed.entry(row.try_get("inbox_id")?).or_default();
            of.insert(row.try_get("name")?, row.try_get("sealed")?);
        }
        rows.iter()
            .map(|row| {
                let inbox_id: Id = row.try_get("inbox_id")?;
                Ok(StoredSetup {
                    secrets: sealed.remove(&inbox_id).unwrap_or_default(),
                    name: row.try_get("name")?,
                    enabled: bool_of(row, "enabled")?,
                    setup: json_of(row, "setup")?,
                    inbox_id,
                })
            })
            .collect()
    }

    /// Makes an inbox with its sealed secrets, or sets up one that was there before: what was heard in
    /// it comes back. The id is that of an inbox with this name, if there is one.
    pub async fn inbox_setup_insert(
        &self,
        (inbox_id, name): (&str, &str),
        network: &str,
        setup: &InboxSetup,
        secrets: &SecretChanges,
        record: &Record<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        change_in_tx(&mut tx, record).await?;
        let stored: Id = sqlx::query_scalar(
            "INSERT INTO inbox (id, name, plugin, network, active) VALUES ($1, $2, $3, $4, FALSE)
             ON CONFLICT (name) DO UPDATE SET plugin = $3, network = $4 RETURNING id",
        )
        .bind(inbox_id)
        .bind(name)
        .bind(&setup.plugin)
        .bind(network)
        .fetch_one(&mut *tx)
        .await?;
        if stored != inbox_id {
            return Err(DbError::Overtaken);
        }
        sqlx::query(
            "INSERT INTO inbox_setup (inbox_id, setup, enabled, created, updated)
             VALUES ($1, $2, $3, $4, $4)",
        )
        .bind(inbox_id)
        .bind(json_text(setup))
        .bind(true)
        .bind(now_ms())
        .execute(&mut *tx)
        .await?;
        secrets_store_in_tx(&mut tx, inbox_id, secrets).await?;
        commit(tx).await
    }

    /// Changes setup, secrets or both, and whether it is enabled. False when there is no such inbox.
    pub async fn inbox_setup_update(
        &self,
        stored: &StoredSetup,
        secrets: &SecretChanges,
        record: &Record<'_>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        change_in_tx(&mut tx, record).await?;
        let done = sqlx::query(
            "UPDATE inbox_setup SET setup = $2, enabled = $3, updated = $4 WHERE inbox_id = $1",
        )
        .bind(&stored.inbox_id)
        .bind(json_text(&stored.setup))
        .bind(stored.enabled)
        .bind(now_ms())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        secrets_store_in_tx(&mut tx, &stored.inbox_id, secrets).await?;
        commit(tx).await?;
        Ok(true)
    }

    /// Takes the setup and the secrets away. What was heard stays; with `forget_state` the
    /// connector's memory and its cursor go.
    pub async fn inbox_setup_delete(
        &self,
        inbox_id: &str,
        forget_state: bool,
        record: &Record<'_>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        change_in_tx(&mut tx, record).await?;
        sqlx::query("DELETE FROM inbox_secret WHERE inbox_id = $1")
            .bind(inbox_id)
            .execute(&mut *tx)
            .await?;
        let done = sqlx::query("DELETE FROM inbox_setup WHERE inbox_id = $1")
            .bind(inbox_id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if forget_state {
            sqlx::query("DELETE FROM inbox_state WHERE inbox_id = $1")
                .bind(inbox_id)
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "UPDATE inbox SET cursor = NULL, state_version = state_version + 1 WHERE id = $1",
            )
            .bind(inbox_id)
            .execute(&mut *tx)
            .await?;
        }
        commit(tx).await?;
        Ok(true)
    }
}

async fn secrets_store_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    secrets: &SecretChanges,
) -> Result<()> {
    for (name, sealed) in secrets {
        let statement = match sealed {
            Some(_) => {
                "INSERT INTO inbox_secret (inbox_id, name, sealed, updated) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (inbox_id, name) DO UPDATE SET sealed = excluded.sealed, updated = excluded.updated"
            }
            None => "DELETE FROM inbox_secret WHERE inbox_id = $1 AND name = $2",
        };
        let mut query = sqlx::query(statement).bind(inbox_id).bind(name);
        if let Some(sealed) = sealed {
            query = query.bind(sealed).bind(now_ms());
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

//! Inboxes, their monitors, cursors and connectors' memories.

use super::{Db, Result, Tx};
use crate::domain::inbox::{Inbox, Monitor};
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;

/// What an inbox's next poll starts from.
#[derive(Debug, Clone, Default)]
pub struct PollState {
    pub cursor: Option<String>,
    pub state: BTreeMap<String, Vec<u8>>,
}

fn inbox_of(row: &SqliteRow) -> Result<Inbox> {
    Ok(Inbox {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        plugin: row.try_get("plugin")?,
        network: row.try_get("network")?,
        active: row.try_get("active")?,
        last_polled: row.try_get("last_polled")?,
        last_error: row.try_get("last_error")?,
    })
}

impl Db {
    /// Makes the configured inboxes the active ones; others stay with what they heard.
    /// `configured` holds (name, plugin, network, monitor queries).
    pub async fn inbox_sync(
        &self,
        configured: &[(String, String, String, Vec<String>)],
    ) -> Result<Vec<Inbox>> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE inbox SET active = FALSE")
            .execute(&mut *tx)
            .await?;
        for (name, plugin, network, queries) in configured {
            let row = sqlx::query(
                "INSERT INTO inbox (id, name, plugin, network, active) VALUES ($1, $2, $3, $4, TRUE)
                 ON CONFLICT (name) DO UPDATE SET plugin = $3, network = $4, active = TRUE
                 RETURNING id",
            )
            .bind(new_id())
            .bind(name)
            .bind(plugin)
            .bind(network)
            .fetch_one(&mut *tx)
            .await?;
            let inbox_id: String = row.try_get("id")?;
            let known: Vec<String> =
                sqlx::query_scalar("SELECT query FROM monitor WHERE inbox_id = $1 AND configured")
                    .bind(&inbox_id)
                    .fetch_all(&mut *tx)
                    .await?;
            for gone in known.iter().filter(|query| !queries.contains(query)) {
                sqlx::query("DELETE FROM monitor WHERE inbox_id = $1 AND query = $2")
                    .bind(&inbox_id)
                    .bind(gone)
                    .execute(&mut *tx)
                    .await?;
            }
            for query in queries {
                monitor_insert_in_tx(&mut tx, &inbox_id, query, true).await?;
            }
        }
        super::commit(tx).await?;
        Ok(self
            .inbox_list()
            .await?
            .into_iter()
            .filter(|inbox| inbox.active)
            .collect())
    }

    pub async fn inbox_list(&self) -> Result<Vec<Inbox>> {
        let rows = sqlx::query("SELECT * FROM inbox ORDER BY name")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(inbox_of).collect()
    }

    pub async fn inbox_get(&self, id: &str) -> Result<Option<Inbox>> {
        let row = sqlx::query("SELECT * FROM inbox WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(inbox_of).transpose()
    }

    /// Cursor and connector's memory. Read from the writing connection: a poll must see the last one.
    pub async fn poll_state(&self, inbox_id: &str) -> Result<PollState> {
        let mut conn = self.write.acquire().await?;
        let cursor = sqlx::query_scalar("SELECT cursor FROM inbox WHERE id = $1")
            .bind(inbox_id)
            .fetch_one(&mut *conn)
            .await?;
        let rows = sqlx::query("SELECT key, value FROM inbox_state WHERE inbox_id = $1")
            .bind(inbox_id)
            .fetch_all(&mut *conn)
            .await?;
        let state = rows
            .iter()
            .map(|row| Ok((row.try_get("key")?, row.try_get("value")?)))
            .collect::<Result<_>>()?;
        Ok(PollState { cursor, state })
    }

    /// Records how a poll went and when the next is due.
    pub async fn inbox_polled(
        &self,
        id: &str,
        at: TimestampMs,
        next: TimestampMs,
        error: Option<&str>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE inbox SET last_polled = $2, next_poll = $3, last_error = $4 WHERE id = $1",
        )
        .bind(id)
        .bind(at)
        .bind(next)
        .bind(error)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    pub async fn monitor_list(&self, inbox_id: Option<&str>) -> Result<Vec<Monitor>> {
        let rows = sqlx::query(
            "SELECT id, inbox_id, query FROM monitor WHERE $1 IS NULL OR inbox_id = $1 ORDER BY id",
        )
        .bind(inbox_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Monitor {
                    id: row.try_get("id")?,
                    inbox_id: row.try_get("inbox_id")?,
                    query: row.try_get("query")?,
                })
            })
            .collect()
    }

    /// Adds a monitor; the same words twice are one monitor.
    pub async fn monitor_insert(&self, inbox_id: &str, query: &str) -> Result<Monitor> {
        let mut tx = self.begin().await?;
        let id = monitor_insert_in_tx(&mut tx, inbox_id, query, false).await?;
        super::commit(tx).await?;
        Ok(Monitor {
            id,
            inbox_id: inbox_id.to_owned(),
            query: query.to_owned(),
        })
    }

    /// False when there is no such monitor.
    pub async fn monitor_delete(&self, id: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM monitor WHERE id = $1")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

async fn monitor_insert_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    query: &str,
    configured: bool,
) -> Result<Id> {
    Ok(sqlx::query_scalar(
        "INSERT INTO monitor (id, inbox_id, query, configured) VALUES ($1, $2, $3, $4)
         ON CONFLICT (inbox_id, query) DO UPDATE SET configured = monitor.configured OR excluded.configured
         RETURNING id",
    )
    .bind(new_id())
    .bind(inbox_id)
    .bind(query)
    .bind(configured)
    .fetch_one(&mut **tx)
    .await?)
}

/// Stores what a connector changed in its memory.
pub async fn state_store_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
) -> Result<()> {
    for (key, value) in changes {
        match value {
            Some(value) => {
                sqlx::query(
                    "INSERT INTO inbox_state (inbox_id, key, value) VALUES ($1, $2, $3)
                     ON CONFLICT (inbox_id, key) DO UPDATE SET value = excluded.value",
                )
                .bind(inbox_id)
                .bind(key)
                .bind(value)
                .execute(&mut **tx)
                .await?;
            }
            None => {
                sqlx::query("DELETE FROM inbox_state WHERE inbox_id = $1 AND key = $2")
                    .bind(inbox_id)
                    .bind(key)
                    .execute(&mut **tx)
                    .await?;
            }
        }
    }
    Ok(())
}

/// Moves the poll cursor, in the same commit as what it brought.
pub async fn cursor_store_in_tx(tx: &mut Tx<'_>, inbox_id: &str, cursor: &str) -> Result<()> {
    sqlx::query("UPDATE inbox SET cursor = $2 WHERE id = $1")
        .bind(inbox_id)
        .bind(cursor)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

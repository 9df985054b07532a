//! Inboxes, their monitors, cursors and connectors' memories.

use super::audit::audit_append_in_tx;
use super::row::bool_of;
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::inbox::{Inbox, InboxState, Monitor};
use crate::domain::{Id, TimestampMs, new_id, now_ms};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// What an inbox's next poll starts from.
#[derive(Debug, Clone, Default)]
pub struct PollState {
    pub cursor: Option<String>,
    pub state: BTreeMap<String, Vec<u8>>,
    /// Which version of the memory this is; see [`state_version_in_tx`].
    pub version: i64,
}

/// Whether it is this host's turn to poll an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollClaim {
    /// It is ours until the lease ends.
    Ours,
    /// Not before this moment, or while another host is at it.
    NotBefore(TimestampMs),
}

pub(super) fn inbox_of(row: &AnyRow) -> Result<Inbox> {
    let trouble: Option<String> = row.try_get("trouble")?;
    let trouble = trouble.and_then(|text| text.parse::<InboxState>().ok());
    let mut inbox = Inbox {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        plugin: row.try_get("plugin")?,
        network: row.try_get("network")?,
        active: bool_of(row, "active")?,
        state: InboxState::Ready,
        state_since: row.try_get("trouble_since")?,
        failures: u32::try_from(row.try_get::<i64, _>("trouble_count")?).unwrap_or(u32::MAX),
        last_error: row.try_get("last_error")?,
        last_polled: row.try_get("last_polled")?,
        last_success: row.try_get("last_success")?,
        last_message: row.try_get("last_message")?,
        usual_gap_ms: row.try_get("usual_gap")?,
    };
    inbox.state = inbox.state_at(trouble, now_ms());
    if inbox.state == InboxState::Silent {
        inbox.state_since = inbox.last_message;
    }
    Ok(inbox)
}

impl Db {
    /// Makes the configured inboxes the active ones; others stay with what they heard.
    /// `configured` holds (name, plugin, network, monitor queries); an empty network is not known, and
    /// what was known of it stays.
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
                "INSERT INTO inbox (id, name, plugin, network, active, trouble)
                 VALUES ($1, $2, $3, $4, TRUE, $5)
                 ON CONFLICT (name) DO UPDATE SET plugin = $3, active = TRUE,
                     network = CASE WHEN $4 = '' THEN inbox.network ELSE $4 END
                 RETURNING id",
            )
            .bind(new_id())
            .bind(name)
            .bind(plugin)
            .bind(network)
            .bind(InboxState::Preparing.as_str())
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

    /// Cursor and connector's memory. The version is read first: memory that is newer than its
    /// version is refused later, never the other way round.
    pub async fn poll_state(&self, inbox_id: &str) -> Result<PollState> {
        let row = sqlx::query("SELECT cursor, state_version FROM inbox WHERE id = $1")
            .bind(inbox_id)
            .fetch_one(&self.read)
            .await?;
        let (cursor, version) = (row.try_get("cursor")?, row.try_get("state_version")?);
        let rows = sqlx::query("SELECT key, value FROM inbox_state WHERE inbox_id = $1")
            .bind(inbox_id)
            .fetch_all(&self.read)
            .await?;
        let state = rows
            .iter()
            .map(|row| Ok((row.try_get("key")?, row.try_get("value")?)))
            .collect::<Result<_>>()?;
        Ok(PollState {
            cursor,
            state,
            version,
        })
    }

    /// Takes the turn to poll when it is due and nobody else has it. `next_poll` is the schedule:
    /// however many hosts ask, each due poll happens once.
    pub async fn poll_claim(
        &self,
        id: &str,
        host: &str,
        now: TimestampMs,
        until: TimestampMs,
    ) -> Result<PollClaim> {
        let row = sqlx::query("SELECT next_poll, poll_until FROM inbox WHERE id = $1")
            .bind(id)
            .fetch_one(&self.read)
            .await?;
        let free = row
            .try_get::<i64, _>("next_poll")?
            .max(row.try_get("poll_until")?);
        if free > now {
            return Ok(PollClaim::NotBefore(free));
        }
        let claimed = sqlx::query(
            "UPDATE inbox SET poll_owner = $2, poll_until = $4
             WHERE id = $1 AND next_poll <= $3 AND poll_until <= $3",
        )
        .bind(id)
        .bind(host)
        .bind(now)
        .bind(until)
        .execute(&self.write)
        .await?;
        Ok(if claimed.rows_affected() == 1 {
            PollClaim::Ours
        } else {
            PollClaim::NotBefore(until)
        })
    }

    /// Ends a host's turns, at its start or end. Its next poll may begin at once.
    pub async fn poll_release(&self, host: Option<&str>) -> Result<()> {
        let mut release = Statement::new("UPDATE inbox SET poll_until = 0, next_poll = 0");
        if let Some(host) = host {
            release
                .push(" WHERE poll_until > 0 AND poll_owner = ")
                .bind(host);
        }
        release.execute(&self.write).await?;
        Ok(())
    }

    pub async fn monitor_list(&self, inbox_id: Option<&str>) -> Result<Vec<Monitor>> {
        let rows = sqlx::query(
            "SELECT id, inbox_id, query FROM monitor WHERE CAST($1 AS TEXT) IS NULL OR inbox_id = $1 ORDER BY id",
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

    /// Adds a monitor; the same words twice are one monitor. Goes on record.
    pub async fn monitor_insert(&self, inbox_id: &str, query: &str, by: &str) -> Result<Monitor> {
        let mut tx = self.begin().await?;
        let id = monitor_insert_in_tx(&mut tx, inbox_id, query, false).await?;
        let detail = json!({ "inbox": inbox_id, "query": query });
        audit_append_in_tx(&mut tx, now_ms(), by, "monitor.create", &id, &detail).await?;
        super::commit(tx).await?;
        Ok(Monitor {
            id,
            inbox_id: inbox_id.to_owned(),
            query: query.to_owned(),
        })
    }

    /// False when there is no such monitor. Goes on record.
    pub async fn monitor_delete(&self, id: &str, by: &str) -> Result<bool> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("DELETE FROM monitor WHERE id = $1 RETURNING inbox_id, query")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else {
            return Ok(false);
        };
        let (inbox, query): (String, String) = (row.try_get("inbox_id")?, row.try_get("query")?);
        let detail = json!({ "inbox": inbox, "query": query });
        audit_append_in_tx(&mut tx, now_ms(), by, "monitor.delete", id, &detail).await?;
        super::commit(tx).await?;
        Ok(true)
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

/// Counts a change of the connector's memory that began with `version`. False when somebody else
/// changed it meanwhile: then nothing of this call may be stored.
pub async fn state_version_in_tx(tx: &mut Tx<'_>, inbox_id: &str, version: i64) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE inbox SET state_version = state_version + 1 WHERE id = $1 AND state_version = $2",
    )
    .bind(inbox_id)
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores what a delivery changed in the connector's memory. What it sent can't be unsent, so it is
/// stored whatever happened meanwhile; calls that began before are made again.
pub async fn state_changed_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query("UPDATE inbox SET state_version = state_version + 1 WHERE id = $1")
        .bind(inbox_id)
        .execute(&mut **tx)
        .await?;
    state_store_in_tx(tx, inbox_id, changes).await
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

/// Moves the poll cursor, in the same commit as what it brought. False when it is no longer where
/// the poll began: another host has polled meanwhile, and nothing of this poll may be stored.
pub async fn cursor_store_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    from: Option<&str>,
    to: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE inbox SET cursor = $3 WHERE id = $1 AND COALESCE(cursor, '') = COALESCE($2, '')",
    )
    .bind(inbox_id)
    .bind(from)
    .bind(to)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

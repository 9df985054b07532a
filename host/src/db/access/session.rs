//! Sessions. Only the digest of a session's secret is stored.

use super::super::row::enum_of;
use super::super::{Db, Result, Tx};
use crate::domain::access::Session;
use crate::domain::{Id, TimestampMs};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Sessions of one person that are listed.
const LIST_MAX: i64 = 200;

fn session_of(row: &AnyRow) -> Result<Session> {
    Ok(Session {
        id: row.try_get("id")?,
        agent_id: row.try_get("agent_id")?,
        method: enum_of(row, "method")?,
        user_agent: row.try_get("user_agent")?,
        created: row.try_get("created")?,
        last_seen: row.try_get("last_seen")?,
        expires: row.try_get("expires")?,
    })
}

/// Opens a session; sweeps those that are over.
pub async fn session_insert_in_tx(
    tx: &mut Tx<'_>,
    session: &Session,
    secret_hash: &str,
) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE expires <= $1")
        .bind(session.created)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO session (id, agent_id, secret_hash, method, user_agent, created, last_seen, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&session.id)
    .bind(&session.agent_id)
    .bind(secret_hash)
    .bind(session.method.as_str())
    .bind(&session.user_agent)
    .bind(session.created)
    .bind(session.last_seen)
    .bind(session.expires)
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE agent SET last_login = $2 WHERE id = $1")
        .bind(&session.agent_id)
        .bind(session.created)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends one session. False when there is none.
pub async fn session_delete_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM session WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all of a person's sessions, but for one when it is given. How many there were.
pub async fn session_delete_all_in_tx(
    tx: &mut Tx<'_>,
    agent_id: &str,
    but: Option<&str>,
) -> Result<u64> {
    let done = sqlx::query("DELETE FROM session WHERE agent_id = $1 AND id <> $2")
        .bind(agent_id)
        .bind(but.unwrap_or_default())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

impl Db {
    /// The session with this secret, when it was seen since `seen_since` and has not expired, and
    /// its agent is active; with the agent's name.
    pub async fn session_find(
        &self,
        secret_hash: &str,
        seen_since: TimestampMs,
        now: TimestampMs,
    ) -> Result<Option<(Session, String)>> {
        self.session_where("secret_hash", secret_hash, seen_since, now)
            .await
    }

    /// As [`Self::session_find`], by its id.
    pub async fn session_alive(
        &self,
        id: &str,
        seen_since: TimestampMs,
        now: TimestampMs,
    ) -> Result<Option<(Session, String)>> {
        self.session_where("id", id, seen_since, now).await
    }

    async fn session_where(
        &self,
        column: &'static str,
        value: &str,
        seen_since: TimestampMs,
        now: TimestampMs,
    ) -> Result<Option<(Session, String)>> {
        let sql = format!(
            "SELECT s.*, a.name AS agent_name FROM session s JOIN agent a ON a.id = s.agent_id
             WHERE s.{column} = $1 AND s.last_seen > $2 AND s.expires > $3 AND a.active"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(value)
            .bind(seen_since)
            .bind(now)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| Ok((session_of(&row)?, row.try_get("agent_name")?)))
            .transpose()
    }

    pub async fn session_seen(&self, id: &str, now: TimestampMs) -> Result<()> {
        sqlx::query("UPDATE session SET last_seen = $2 WHERE id = $1 AND last_seen < $2")
            .bind(id)
            .bind(now)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    pub async fn session_get(&self, id: &str) -> Result<Option<Session>> {
        let row = sqlx::query("SELECT * FROM session WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(session_of).transpose()
    }

    /// Sessions that are not over, the one seen last first; of everybody when no agent is given.
    pub async fn session_list(
        &self,
        agent_id: Option<&Id>,
        seen_since: TimestampMs,
        now: TimestampMs,
    ) -> Result<Vec<Session>> {
        let rows = sqlx::query(
            "SELECT * FROM session WHERE (CAST($1 AS TEXT) IS NULL OR agent_id = $1)
                 AND last_seen > $2 AND expires > $3 ORDER BY last_seen DESC, id LIMIT $4",
        )
        .bind(agent_id)
        .bind(seen_since)
        .bind(now)
        .bind(LIST_MAX)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(session_of).collect()
    }
}

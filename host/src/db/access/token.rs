//! API tokens. Only the digest of a token is stored.

use super::super::row::{json_of, json_text};
use super::super::{Db, Result, Tx};
use super::maker::{maker_on, token_caller_on};
use crate::domain::TimestampMs;
use crate::domain::access::{ApiToken, Caller, Permission};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Tokens that are listed.
const LIST_MAX: i64 = 1000;

fn token_of(row: &AnyRow) -> Result<ApiToken> {
    let scopes: Vec<String> = json_of(row, "scopes")?;
    let inboxes: Option<String> = row.try_get("inboxes")?;
    Ok(ApiToken {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        agent_id: row.try_get("agent_id")?,
        // One that a newer host knows is none here.
        scopes: scopes
            .iter()
            .filter_map(|name| name.parse::<Permission>().ok())
            .collect(),
        inboxes: inboxes.map(|_| json_of(row, "inboxes")).transpose()?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        last_used: row.try_get("last_used")?,
        revoked: row.try_get("revoked")?,
    })
}

pub async fn token_insert_in_tx(
    tx: &mut Tx<'_>,
    token: &ApiToken,
    secret_hash: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_token (id, name, secret_hash, agent_id, scopes, inboxes, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&token.id)
    .bind(&token.name)
    .bind(secret_hash)
    .bind(&token.agent_id)
    .bind(json_text(&token.scopes))
    .bind(token.inboxes.as_ref().map(json_text))
    .bind(token.created)
    .bind(token.expires)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False when there is none, or it is revoked already.
pub async fn token_revoke_in_tx(tx: &mut Tx<'_>, id: &str, now: TimestampMs) -> Result<bool> {
    let done = sqlx::query("UPDATE api_token SET revoked = $2 WHERE id = $1 AND revoked IS NULL")
        .bind(id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn token_alive_on(
    connection: &mut AnyConnection,
    id: &str,
    now: TimestampMs,
) -> Result<Option<ApiToken>> {
    token_where(connection, "id", id, now).await
}

async fn token_where(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
    now: TimestampMs,
) -> Result<Option<ApiToken>> {
    let sql = format!(
        "SELECT t.* FROM api_token t LEFT JOIN agent a ON a.id = t.agent_id
         WHERE t.{column} = $1 AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > $2)
             AND (t.agent_id IS NULL OR a.active)"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(value)
        .bind(now)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(token_of).transpose()
}

impl Db {
    /// The token with this digest, when it is neither revoked nor expired and whoever made it is
    /// active; and its caller, as of now.
    pub async fn token_find(
        &self,
        secret_hash: &str,
        now: TimestampMs,
    ) -> Result<Option<(ApiToken, Caller)>> {
        let mut connection = self.read.acquire().await?;
        let found = token_where(&mut connection, "secret_hash", secret_hash, now).await?;
        let Some(token) = found else { return Ok(None) };
        let caller = token_caller_on(&mut connection, token.clone()).await?;
        Ok(Some((token, caller)))
    }

    /// The caller of the token with this id, as [`Self::token_find`].
    pub async fn token_caller(&self, id: &str, now: TimestampMs) -> Result<Option<Caller>> {
        let mut connection = self.read.acquire().await?;
        maker_on(&mut connection, &format!("token:{id}"), now).await
    }

    /// A token, good or not.
    pub async fn token_get(&self, id: &str) -> Result<Option<ApiToken>> {
        let row = sqlx::query("SELECT * FROM api_token WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(token_of).transpose()
    }

    pub async fn token_used(&self, id: &str, now: TimestampMs) -> Result<()> {
        sqlx::query("UPDATE api_token SET last_used = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Newest first, revoked ones included.
    pub async fn token_list(&self) -> Result<Vec<ApiToken>> {
        let rows = sqlx::query("SELECT * FROM api_token ORDER BY created DESC, id LIMIT $1")
            .bind(LIST_MAX)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(token_of).collect()
    }
}

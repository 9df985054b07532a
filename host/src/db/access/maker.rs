//! Whoever made something that acts later by itself (a webhook endpoint, a token), and what they may do
//! at that moment.

use super::super::Result;
use super::agent::agent_access_on;
use super::token::token_alive_on;
use crate::domain::TimestampMs;
use crate::domain::access::{ApiToken, Caller, CallerKind};
use sqlx::{AnyConnection, Row};

/// The caller behind [`Caller::identity`], as of now. None: no longer let in.
pub(in crate::db) async fn maker_on(
    connection: &mut AnyConnection,
    identity: &str,
    now: TimestampMs,
) -> Result<Option<Caller>> {
    if let Some(id) = identity.strip_prefix("token:") {
        return match token_alive_on(connection, id, now).await? {
            Some(token) => Ok(Some(token_caller_on(connection, token).await?)),
            None => Ok(None),
        };
    }
    let Some(id) = identity.strip_prefix("agent:") else {
        return Ok(Some(Caller::operator(identity)));
    };
    let row = sqlx::query("SELECT name FROM agent WHERE id = $1 AND active")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let access = agent_access_on(connection, id).await?;
    // What they made, not somebody who is there.
    let kind = CallerKind::Session {
        session_id: String::new(),
    };
    Ok(Some(Caller::agent(
        kind,
        id.to_owned(),
        row.try_get("name")?,
        access,
    )))
}

/// A token that is good, as a caller.
pub(super) async fn token_caller_on(
    connection: &mut AnyConnection,
    token: ApiToken,
) -> Result<Caller> {
    let maker = match &token.agent_id {
        Some(id) => Some(agent_access_on(connection, id).await?),
        None => None,
    };
    Ok(Caller::token(token, maker))
}

//! From a session or a token to what its holder may do now.

use super::Result;
use super::secret::digest;
use crate::db::Db;
use crate::domain::access::{Caller, CallerKind};
use crate::domain::{Id, TimestampMs, now_ms};

/// How exactly the last use of a token is kept.
const USED_MS: TimestampMs = 60_000;

/// An agent as a caller.
pub async fn caller_of(db: &Db, kind: CallerKind, agent_id: Id, name: String) -> Result<Caller> {
    let access = db.agent_access(&agent_id).await?;
    Ok(Caller::agent(kind, agent_id, name, access))
}

/// Whose API token this is. None: unknown, revoked, expired, or of somebody who is no longer active.
pub async fn token_caller(db: &Db, secret: &str) -> Result<Option<Caller>> {
    let now = now_ms();
    let Some((token, caller)) = db.token_find(&digest(secret), now).await? else {
        return Ok(None);
    };
    if token.last_used.is_none_or(|used| now - used >= USED_MS) {
        db.token_used(&token.id, now).await?;
    }
    Ok(Some(caller))
}

/// The caller of a token as of now, if it is still good.
pub async fn token_again(db: &Db, id: &str) -> Result<Option<Caller>> {
    Ok(db.token_caller(id, now_ms()).await?)
}

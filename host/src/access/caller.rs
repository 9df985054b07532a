//! From a session or a token to what its holder may do now.

use super::Result;
use super::secret::digest;
use crate::db::Db;
use crate::domain::access::{ApiToken, Caller, CallerKind, InboxRight, InboxRights, Permissions};
use crate::domain::{Id, TimestampMs, now_ms};

/// How exactly the last use of a token is kept.
const USED_MS: TimestampMs = 60_000;

/// An agent as a caller.
pub async fn caller_of(db: &Db, kind: CallerKind, agent_id: Id, name: String) -> Result<Caller> {
    let access = db.agent_access(&agent_id).await?;
    Ok(Caller {
        kind,
        agent_id: Some(agent_id),
        name,
        permissions: access.permissions,
        roles: access.roles,
        teams: access.teams,
        inboxes: access.inboxes,
    })
}

/// Whose API token this is. It can do what its scopes name, but never more than whoever made it can
/// do now. None: unknown, revoked, expired, or of somebody who is no longer active.
pub async fn token_caller(db: &Db, secret: &str) -> Result<Option<Caller>> {
    let now = now_ms();
    let Some(token) = db.token_find(&digest(secret), now).await? else {
        return Ok(None);
    };
    if token.last_used.is_none_or(|used| now - used >= USED_MS) {
        db.token_used(&token.id, now).await?;
    }
    Ok(Some(with_token(db, token).await?))
}

/// The caller of a token as of now, if it is still good.
pub async fn token_again(db: &Db, id: &str) -> Result<Option<Caller>> {
    match db.token_alive(id, now_ms()).await? {
        Some(token) => Ok(Some(with_token(db, token).await?)),
        None => Ok(None),
    }
}

async fn with_token(db: &Db, token: ApiToken) -> Result<Caller> {
    let scopes: Permissions = token.scopes.iter().copied().collect();
    let limit = match token.inboxes {
        None => InboxRights::everything(),
        Some(ids) => InboxRights {
            all: None,
            some: ids
                .into_iter()
                .map(|id| {
                    let right = InboxRight {
                        answer: true,
                        voice: true,
                    };
                    (id, right)
                })
                .collect(),
        },
    };
    let kind = CallerKind::Token { token_id: token.id };
    let Some(agent_id) = token.agent_id else {
        return Ok(Caller {
            kind,
            agent_id: None,
            name: token.name,
            permissions: scopes,
            roles: Default::default(),
            teams: Default::default(),
            inboxes: limit,
        });
    };
    let mut caller = caller_of(db, kind, agent_id, token.name).await?;
    caller.permissions = caller.permissions.intersection(&scopes).copied().collect();
    caller.inboxes = caller.inboxes.within(&limit);
    Ok(caller)
}

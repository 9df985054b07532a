//! API tokens: made, listed, revoked. A token's secret leaves once, when it is made.

use super::secret::{TOKEN_PREFIX, digest, new_secret};
use super::{AccessError, Result, checked_name, record};
use crate::db::access::token::{token_insert_in_tx, token_revoke_in_tx};
use crate::db::{Db, commit};
use crate::domain::access::{ApiToken, Caller, CallerKind, Permission, Permissions};
use crate::domain::{Id, TimestampMs, new_id, now_ms};

const INBOXES_MAX: usize = 500;

const NO_TOKEN: AccessError = AccessError::NotFound("token that is not revoked");

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub name: String,
    pub scopes: Permissions,
    /// None: no limit.
    pub inboxes: Option<Vec<Id>>,
    pub expires: Option<TimestampMs>,
}

/// Makes a token; it and its secret.
///
/// A token can't make tokens: they would outlive it.
pub async fn create(db: &Db, by: &Caller, new: NewToken) -> Result<(ApiToken, String)> {
    if matches!(by.kind, CallerKind::Token { .. }) {
        return Err(AccessError::Forbidden(
            "An API token can't make API tokens; log in.".into(),
        ));
    }
    let name = checked_name("name", &new.name)?;
    by.may_give(&new.scopes).map_err(AccessError::not_held)?;
    if new.inboxes.is_some() && new.scopes.contains(&Permission::ContactEverywhere) {
        return Err(AccessError::Invalid(
            "scopes: contact.everywhere reaches beyond inboxes; leave one of the two out.".into(),
        ));
    }
    let now = now_ms();
    if new.expires.is_some_and(|expires| expires <= now) {
        return Err(AccessError::Invalid(
            "expires: must be in the future.".into(),
        ));
    }
    for id in new.inboxes.iter().flatten().take(INBOXES_MAX + 1) {
        if db.inbox_get(id).await?.is_none() || by.inboxes.on(id).is_none() {
            return Err(AccessError::Invalid(
                "inboxes: there is no such inbox.".into(),
            ));
        }
    }
    if new.inboxes.as_ref().is_some_and(|i| i.len() > INBOXES_MAX) {
        return Err(AccessError::Invalid(format!(
            "inboxes: at most {INBOXES_MAX}."
        )));
    }
    let random = new_secret().ok_or(AccessError::Busy)?;
    let secret = format!("{TOKEN_PREFIX}{random}");
    let token = ApiToken {
        id: new_id(),
        name,
        agent_id: by.agent_id.clone(),
        scopes: new.scopes.into_iter().collect(),
        inboxes: new.inboxes,
        created: now,
        expires: new.expires,
        last_used: None,
        revoked: None,
    };
    let mut tx = db.begin().await?;
    token_insert_in_tx(&mut tx, &token, &digest(&secret)).await?;
    let detail = serde_json::json!({
        "scopes": token.scopes, "inboxes": token.inboxes, "expires": token.expires,
    });
    record(&mut tx, by, "token.create", &token.id, detail).await?;
    commit(tx).await?;
    Ok((token, secret))
}

/// Revokes a token, at once and for good: one's own, or one that can do no more than the caller.
pub async fn revoke(db: &Db, by: &Caller, id: &str) -> Result<()> {
    let token = db.token_get(id).await?;
    let token = token.ok_or(NO_TOKEN)?;
    let own = token.agent_id.as_deref().is_some_and(|agent| by.is(agent));
    if !own && !by.is_admin() {
        by.may_give(&token.scopes).map_err(AccessError::not_held)?;
        let held = match &token.inboxes {
            None => by.inboxes.all.is_some(),
            Some(ids) => ids.iter().all(|id| by.inboxes.on(id).is_some()),
        };
        if !held {
            return Err(AccessError::Forbidden(
                "The token has inboxes that you may not read yourself.".into(),
            ));
        }
    }
    let mut tx = db.begin().await?;
    if !token_revoke_in_tx(&mut tx, id, now_ms()).await? {
        return Err(NO_TOKEN);
    }
    record(&mut tx, by, "token.revoke", id, serde_json::Value::Null).await?;
    commit(tx).await?;
    Ok(())
}

//! First start: a link that makes the first admin, once. There is never a default password.
//!
//! A link is valid for a day, or until any link was used, and only while there is no active admin.

use super::people::{self, NewAgent};
use super::secret::{digest, new_secret};
use super::{AccessError, Result, record};
use crate::db::access::agent::admin_count_in_tx;
use crate::db::access::login::{setup_insert_in_tx, setup_use_in_tx};
use crate::db::{Db, commit};
use crate::domain::access::{Agent, BuiltInRole, Caller};
use crate::domain::{TimestampMs, now_ms};

const VALID_MS: TimestampMs = 24 * 3_600_000;

/// A new link's secret. None: there is an admin already.
pub async fn offer(db: &Db) -> Result<Option<String>> {
    if db.admin_exists().await? {
        return Ok(None);
    }
    let secret = new_secret().ok_or(AccessError::Busy)?;
    let now = now_ms();
    let mut tx = db.begin().await?;
    setup_insert_in_tx(&mut tx, &digest(&secret), now, now + VALID_MS).await?;
    let by = Caller::operator("host");
    record(&mut tx, &by, "setup.offer", "", serde_json::Value::Null).await?;
    commit(tx).await?;
    Ok(Some(secret))
}

/// Makes the first admin with a link's secret.
pub async fn first_admin(
    db: &Db,
    secret: &str,
    email: &str,
    name: &str,
    password: &str,
) -> Result<Agent> {
    const NO: AccessError =
        AccessError::Refused("The set-up link is wrong, used or expired; restart for a new one.");
    if db.admin_exists().await? {
        return Err(NO);
    }
    let by = Caller::operator("setup");
    let new = NewAgent {
        email: email.to_owned(),
        name: name.to_owned(),
        roles: vec![BuiltInRole::Admin.as_str().to_owned()],
        password: Some(password.to_owned()),
    };
    // Hashing is heavy: not for whoever has no link.
    if !db.setup_is_valid(&digest(secret), now_ms()).await? {
        return Err(NO);
    }
    let (agent, hash) = people::prepare(db, &by, new).await?;
    let mut tx = db.begin().await?;
    if !setup_use_in_tx(&mut tx, &digest(secret), now_ms()).await?
        || admin_count_in_tx(&mut tx).await? > 0
    {
        return Err(NO);
    }
    people::create_in_tx(&mut tx, &by, &agent, hash.as_deref()).await?;
    commit(tx).await?;
    people::get(db, &agent.id).await
}

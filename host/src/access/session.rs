//! Sessions: opened, used, listed, ended; and the devices that they were opened with.
//!
//! A device is a random secret in a cookie that outlives the session, given after a complete log-in and
//! kept as a digest. It lets nobody in; it only keeps what strangers do from keeping its owner out (see
//! `throttle`).

use super::caller::caller_of;
use super::secret::{digest, new_secret};
use super::throttle::address_key;
use super::{AccessError, Result, SessionLimits, record};
use crate::db::access::login::known_in_tx;
use crate::db::access::session::{
    session_delete_all_in_tx, session_delete_in_tx, session_insert_in_tx,
};
use crate::db::{Db, commit};
use crate::domain::access::{Caller, CallerKind, LoginMethod, Permission, Session};
use crate::domain::{Id, TimestampMs, new_id, now_ms};
use std::net::IpAddr;

const USER_AGENT_CHARS: usize = 256;
/// How exactly `last_seen` is kept, at most.
const SEEN_MS: TimestampMs = 60_000;

/// What somebody who logs in brings along.
#[derive(Debug, Clone)]
pub struct Device {
    /// What the browser calls itself; empty when it does not say.
    pub user_agent: String,
    /// The address that counts.
    pub address: IpAddr,
    /// What an earlier log-in gave it.
    pub secret: Option<String>,
}

impl Device {
    /// As the device is stored. None: it brought no secret.
    pub fn key(&self) -> Option<String> {
        let secret = self.secret.as_ref()?;
        Some(digest(&format!("device\0{secret}")))
    }

    /// As it is stored, when this agent logged in with it before.
    pub async fn known_to(&self, db: &Db, agent_id: &str) -> Result<Option<String>> {
        match self.key() {
            Some(key) if db.is_known(agent_id, &key).await? => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    /// Its secret when somebody logged in with it before, else a new one: none that others chose.
    async fn keep_or_make(mut self, db: &Db) -> Result<Self> {
        let known = match self.key() {
            Some(key) => db.is_known_of_any(&key).await?,
            None => false,
        };
        if !known {
            self.secret = Some(new_secret().ok_or(AccessError::Busy)?);
        }
        Ok(self)
    }
}

/// A session that was opened, with the secrets that the client keeps: the session's and its device's.
pub struct Opened {
    pub session: Session,
    pub secret: String,
    pub device: String,
}

/// Opens a session for an agent who has proved themselves. Fails for one who is not active.
pub async fn open(
    db: &Db,
    limits: &SessionLimits,
    agent_id: &Id,
    method: LoginMethod,
    device: &Device,
) -> Result<Opened> {
    let agent = db
        .agent_get(agent_id)
        .await?
        .ok_or(AccessError::NotFound("agent"))?
        .agent;
    if !agent.active {
        return Err(AccessError::Refused("The account is not active."));
    }
    let secret = new_secret().ok_or(AccessError::Busy)?;
    let now = now_ms();
    let user_agent: String = device
        .user_agent
        .chars()
        .filter(|c| !c.is_control())
        .take(USER_AGENT_CHARS)
        .collect();
    let session = Session {
        id: new_id(),
        agent_id: agent.id,
        method,
        user_agent,
        created: now,
        last_seen: now,
        expires: now + limits.max_ms,
    };
    let device = device.clone().keep_or_make(db).await?;
    let mut tx = db.begin().await?;
    session_insert_in_tx(&mut tx, &session, &digest(&secret)).await?;
    let known = [Some(address_key(device.address)), device.key()];
    for hash in known.iter().flatten() {
        known_in_tx(&mut tx, &session.agent_id, hash, now).await?;
    }
    let mut by = Caller::operator("login");
    by.agent_id = Some(session.agent_id.clone());
    let detail = serde_json::json!({ "method": method });
    record(&mut tx, &by, "session.open", &session.id, detail).await?;
    commit(tx).await?;
    Ok(Opened {
        session,
        secret,
        device: device.secret.unwrap_or_default(),
    })
}

/// Who holds this secret, if the session lasts; marks it as seen.
pub async fn resume(db: &Db, limits: &SessionLimits, secret: &str) -> Result<Option<Caller>> {
    let now = now_ms();
    let found = db
        .session_find(&digest(secret), now - limits.idle_ms, now)
        .await?;
    let Some((session, name)) = found else {
        return Ok(None);
    };
    if now - session.last_seen >= SEEN_MS.min(limits.idle_ms / 4) {
        db.session_seen(&session.id, now).await?;
    }
    Ok(Some(in_session(db, session, name).await?))
}

async fn in_session(db: &Db, session: Session, name: String) -> Result<Caller> {
    let kind = CallerKind::Session {
        session_id: session.id,
    };
    caller_of(db, kind, session.agent_id, name).await
}

/// The caller of a session as of now, if it lasts.
pub async fn again(db: &Db, limits: &SessionLimits, id: &str) -> Result<Option<Caller>> {
    let now = now_ms();
    match db.session_alive(id, now - limits.idle_ms, now).await? {
        Some((session, name)) => Ok(Some(in_session(db, session, name).await?)),
        None => Ok(None),
    }
}

/// Sessions that a caller may see: their own, or everybody's with agent.manage. A program has none of
/// its own.
pub async fn list(db: &Db, limits: &SessionLimits, by: &Caller) -> Result<Vec<Session>> {
    let now = now_ms();
    let since = now - limits.idle_ms;
    if by.has(Permission::AgentManage) {
        return Ok(db.session_list(None, since, now).await?);
    }
    match &by.agent_id {
        Some(agent) if by.is_person() => Ok(db.session_list(Some(agent), since, now).await?),
        _ => Ok(Vec::new()),
    }
}

/// Ends a session: one's own, or with agent.manage that of somebody with no more permissions.
pub async fn revoke(db: &Db, by: &Caller, id: &str) -> Result<()> {
    let session = db
        .session_get(id)
        .await?
        .ok_or(AccessError::NotFound("session"))?;
    if !by.is(&session.agent_id) {
        if !by.has(Permission::AgentManage) {
            return Err(AccessError::NotFound("session"));
        }
        super::people::check_may_manage(db, by, &session.agent_id).await?;
    }
    let mut tx = db.begin().await?;
    if !session_delete_in_tx(&mut tx, id).await? {
        return Err(AccessError::NotFound("session"));
    }
    let detail = serde_json::json!({ "agent": session.agent_id });
    record(&mut tx, by, "session.revoke", id, detail).await?;
    commit(tx).await?;
    Ok(())
}

/// Ends all sessions of an agent; how many there were.
pub async fn revoke_all(db: &Db, by: &Caller, agent_id: &str) -> Result<u64> {
    if !by.is(agent_id) {
        super::people::check_may_manage(db, by, agent_id).await?;
    }
    let mut tx = db.begin().await?;
    let ended = session_delete_all_in_tx(&mut tx, agent_id, None).await?;
    let detail = serde_json::json!({ "ended": ended });
    record(&mut tx, by, "session.revoke", agent_id, detail).await?;
    commit(tx).await?;
    Ok(ended)
}

//! Agents: made, changed, deactivated. They are not deleted, so that what they did stays theirs.
//!
//! Who changes an agent must hold all that the agent has and is to have, rights to inboxes and the voice
//! included; otherwise managing agents would be a way to become somebody (a new password is enough).

use super::login::email_key;
use super::throttle::{self, Source};
use super::{AccessError, Result, checked_name, password, record, role};
use crate::db::access::agent::{
    admin_count_in_tx, agent_insert_in_tx, agent_password_in_tx, agent_roles_set_in_tx,
    agent_update_in_tx,
};
use crate::db::access::session::session_delete_all_in_tx;
use crate::db::{Db, Tx, commit};
use crate::domain::access::{Agent, AgentAccess, BuiltInRole, Caller, CallerKind, Role};
use crate::domain::{Id, new_id, now_ms};

/// Roles of one agent.
const ROLES_MAX: usize = 32;

/// An agent to be made.
#[derive(Debug, Clone)]
pub struct NewAgent {
    pub email: String,
    pub name: String,
    pub roles: Vec<String>,
    /// None: logs in by another way.
    pub password: Option<String>,
}

/// What to change; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct AgentChange {
    pub name: Option<String>,
    pub active: Option<bool>,
    pub roles: Option<Vec<String>>,
    pub password: Option<String>,
}

/// These roles; they all exist.
async fn roles_of(db: &Db, names: &[String]) -> Result<Vec<Role>> {
    if names.len() > ROLES_MAX {
        return Err(AccessError::Invalid(format!("roles: at most {ROLES_MAX}.")));
    }
    let mut roles = Vec::with_capacity(names.len());
    for name in names {
        let found = db.role_get(name).await?;
        roles.push(
            found.ok_or_else(|| AccessError::Invalid(format!("roles: there is no `{name}`.")))?,
        );
    }
    Ok(roles)
}

/// Refuses a caller who holds less than the agent does by their roles.
pub(crate) fn check_outranks(by: &Caller, access: &AgentAccess) -> Result<()> {
    if access.roles.contains(BuiltInRole::Admin.as_str()) && !by.is_admin() {
        return Err(AccessError::Forbidden(
            "Only an admin manages an admin.".into(),
        ));
    }
    by.may_give(&access.permissions)
        .map_err(AccessError::not_held)?;
    match access.releasing.iter().find(|role| !holds(by, role)) {
        Some(role) => Err(AccessError::Forbidden(format!(
            "You do not have the role {role} yourself."
        ))),
        None => Ok(()),
    }
}

fn holds(by: &Caller, role: &str) -> bool {
    by.is_admin() || by.roles.contains(role)
}

/// Refuses a caller who holds less than the agent does, by roles or in an inbox.
pub(crate) async fn check_may_manage(db: &Db, by: &Caller, agent_id: &str) -> Result<()> {
    let access = db.agent_access(agent_id).await?;
    check_outranks(by, &access)?;
    let mut rights = access.inboxes.some.iter();
    match rights.all(|(inbox, right)| by.may_give_inbox(inbox, *right)) {
        true => Ok(()),
        false => Err(AccessError::Forbidden(
            "The agent has rights to inboxes that you do not hold yourself.".into(),
        )),
    }
}

/// The admin role is more than its permissions: it reads every inbox. So only admins give it, or take
/// it.
async fn check_gives(db: &Db, by: &Caller, roles: &[String]) -> Result<()> {
    for role in roles_of(db, roles).await? {
        if role.name == BuiltInRole::Admin.as_str() && !by.is_admin() {
            return Err(AccessError::Forbidden(
                "Only an admin makes an admin.".into(),
            ));
        }
        role::check_gives(by, &role)?;
    }
    Ok(())
}

/// Fails when no admin is left.
async fn check_admin_left(tx: &mut Tx<'_>) -> Result<()> {
    if admin_count_in_tx(tx).await? > 0 {
        return Ok(());
    }
    Err(AccessError::Conflict(
        "This is the last active admin; make another one first.".into(),
    ))
}

fn sorted(mut roles: Vec<String>) -> Vec<String> {
    roles.sort();
    roles.dedup();
    roles
}

/// Makes an agent.
pub async fn create(db: &Db, by: &Caller, new: NewAgent) -> Result<Agent> {
    let (agent, hash) = prepare(db, by, new).await?;
    let mut tx = db.begin().await?;
    create_in_tx(&mut tx, by, &agent, hash.as_deref()).await?;
    commit(tx).await?;
    get(db, &agent.id).await
}

/// Checks a new agent and hashes its password: all that is slow, before a transaction.
pub(crate) async fn prepare(
    db: &Db,
    by: &Caller,
    new: NewAgent,
) -> Result<(Agent, Option<String>)> {
    let email = email_key(&new.email)
        .ok_or_else(|| AccessError::Invalid("email: not an e-mail address.".into()))?;
    let name = checked_name("name", &new.name)?;
    let roles = sorted(new.roles);
    check_gives(db, by, &roles).await?;
    let hash = match &new.password {
        Some(given) => {
            password::check_rules(given, &email)?;
            Some(password::KNOWN.join(&by.actor())?.hash(given).await?)
        }
        None => None,
    };
    let agent = Agent {
        id: new_id(),
        email,
        name,
        active: true,
        roles,
        teams: Vec::new(),
        has_password: hash.is_some(),
        has_totp: false,
        created: now_ms(),
        last_login: None,
    };
    Ok((agent, hash))
}

pub(crate) async fn create_in_tx(
    tx: &mut Tx<'_>,
    by: &Caller,
    agent: &Agent,
    hash: Option<&str>,
) -> Result<()> {
    if !agent_insert_in_tx(tx, agent, hash).await? {
        return Err(AccessError::Conflict(
            "An agent has that e-mail address already.".into(),
        ));
    }
    let detail = serde_json::json!({ "roles": agent.roles });
    record(tx, by, "agent.create", &agent.id, detail).await?;
    Ok(())
}

pub async fn get(db: &Db, id: &str) -> Result<Agent> {
    let found = db.agent_get(id).await?;
    found.map(|a| a.agent).ok_or(AccessError::NotFound("agent"))
}

/// The agent with this e-mail address.
pub async fn by_email(db: &Db, email: &str) -> Result<Agent> {
    let key = email_key(email).ok_or(AccessError::NotFound("agent"))?;
    let found = db.agent_by_email(&key).await?;
    found.map(|a| a.agent).ok_or(AccessError::NotFound("agent"))
}

/// Changes an agent. A new password and deactivation end the agent's sessions.
pub async fn change(db: &Db, by: &Caller, id: &str, change: AgentChange) -> Result<Agent> {
    let before = get(db, id).await?;
    check_may_manage(db, by, id).await?;
    let name = match &change.name {
        Some(name) => checked_name("name", name)?,
        None => before.name.clone(),
    };
    let active = change.active.unwrap_or(before.active);
    let roles = sorted(change.roles.unwrap_or_else(|| before.roles.clone()));
    if roles != before.roles {
        // What is taken is held by `check_may_manage`.
        check_gives(db, by, &roles).await?;
    }
    let hash = match &change.password {
        Some(given) => {
            password::check_rules(given, &before.email)?;
            Some(password::KNOWN.join(&by.actor())?.hash(given).await?)
        }
        None => None,
    };
    let mut tx = db.begin().await?;
    if name != before.name || active != before.active {
        agent_update_in_tx(&mut tx, id, &name, active).await?;
    }
    if name != before.name {
        record(&mut tx, by, "agent.rename", id, serde_json::Value::Null).await?;
    }
    if roles != before.roles {
        agent_roles_set_in_tx(&mut tx, id, &roles).await?;
        let detail = serde_json::json!({ "from": before.roles, "to": roles });
        record(&mut tx, by, "agent.role", id, detail).await?;
    }
    if active != before.active {
        let action = if active {
            "agent.activate"
        } else {
            "agent.deactivate"
        };
        record(&mut tx, by, action, id, serde_json::Value::Null).await?;
    }
    if let Some(hash) = &hash {
        agent_password_in_tx(&mut tx, id, hash).await?;
        record(&mut tx, by, "agent.password", id, serde_json::Value::Null).await?;
    }
    if hash.is_some() || !active {
        session_delete_all_in_tx(&mut tx, id, None).await?;
    }
    let was_admin = before.active && has_admin(&before.roles);
    if was_admin && !(active && has_admin(&roles)) {
        check_admin_left(&mut tx).await?;
    }
    commit(tx).await?;
    get(db, id).await
}

fn has_admin(roles: &[String]) -> bool {
    roles.iter().any(|role| role == BuiltInRole::Admin.as_str())
}

/// Changes one's own password; one's other sessions end. Guessing the present one is slow here too.
pub async fn change_own_password(db: &Db, by: &Caller, old: &str, new: &str) -> Result<()> {
    let (Some(id), CallerKind::Session { session_id }) = (&by.agent_id, &by.kind) else {
        return Err(AccessError::Forbidden(
            "Log in to change your password.".into(),
        ));
    };
    let found = db
        .agent_get(id)
        .await?
        .ok_or(AccessError::NotFound("agent"))?;
    password::check_rules(new, &found.agent.email)?;
    let place = password::KNOWN.join(id)?;
    let own = Source::Own("session");
    let counted = throttle::begin(db, &format!("password:{id}"), own, now_ms()).await?;
    if !place.verify(old, found.password_hash.as_deref()).await? {
        return Err(AccessError::Forbidden(
            "The present password is wrong.".into(),
        ));
    }
    throttle::succeeded(db, &counted, now_ms()).await?;
    let hash = place.hash(new).await?;
    let mut tx = db.begin().await?;
    agent_password_in_tx(&mut tx, id, &hash).await?;
    let ended = session_delete_all_in_tx(&mut tx, id, Some(session_id)).await?;
    let detail = serde_json::json!({ "sessionsEnded": ended });
    record(&mut tx, by, "agent.password", id, detail).await?;
    commit(tx).await?;
    Ok(())
}

/// Ids that are agents.
pub(crate) async fn check_exist(db: &Db, ids: &[Id]) -> Result<()> {
    for id in ids {
        if db.agent_get(id).await?.is_none() {
            return Err(AccessError::Invalid(
                "members: there is no such agent.".into(),
            ));
        }
    }
    Ok(())
}

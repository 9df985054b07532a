//! Log-in on the word of an OpenID Connect provider: which agent somebody is, and with which roles.
//!
//! People are known by (issuer, subject) from their first log-in on. Who is an agent already links that
//! account while logged in ([`begin_link`], [`link`]), with the second factor if they have one. An agent
//! with the same e-mail address is linked by it alone only where the admin set `link-by-email`, and never
//! one with a second factor; nobody is linked twice at one provider. Deliberately absent: the protocol;
//! see `http`.

use super::people::{self, NewAgent};
use super::second_factor::{self, Proof};
use super::session::{self, Device, Opened, open};
use super::{AccessError, Result, SessionLimits, record, throttle};
use crate::db::oidc::oidc_link_insert_in_tx;
use crate::db::{Db, Tx, commit};
use crate::domain::access::{Agent, Caller, CallerKind, LoginMethod};
use crate::domain::now_ms;
use crate::domain::oidc::{Person, Provider, Refusal};
use crate::domain::sealed::SealKey;
use serde_json::json;

/// Lets somebody in whom the provider vouches for, or says why not. Both go on record.
pub async fn log_in(
    db: &Db,
    limits: &SessionLimits,
    provider: &Provider,
    person: &Person,
    device: &Device,
) -> Result<Opened> {
    let by = Caller::operator(&format!("oidc:{}", provider.name));
    let agent = match find(db, &by, provider, person).await? {
        Ok(agent) => agent,
        Err(refusal) => {
            tracing::info!(provider = %provider.name, %refusal, "not let in");
            if throttle::may_record(now_ms()) {
                let detail = json!({ "why": refusal.to_string() });
                let mut tx = db.begin().await?;
                record(&mut tx, &by, "login.refuse", &provider.name, detail).await?;
                commit(tx).await?;
            }
            let said = refusal.said();
            return Err(AccessError::Forbidden(format!("Not let in: {said}.")));
        }
    };
    open(db, limits, &agent.id, LoginMethod::OpenIdConnect, device).await
}

async fn find(
    db: &Db,
    by: &Caller,
    provider: &Provider,
    person: &Person,
) -> Result<std::result::Result<Agent, Refusal>> {
    let email = match provider.admit(person) {
        Ok(email) => email,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let linked = db.oidc_link_find(&person.issuer, &person.subject).await?;
    let agent = match linked {
        Some(id) => people::get(db, &id).await?,
        None => match db.agent_by_email(&email).await? {
            // Somebody who has the address at the provider need not be the agent.
            Some(found) if !provider.link_by_email || found.totp_secret.is_some() => {
                return Ok(Err(Refusal::NotLinked));
            }
            Some(found) => found.agent,
            None if provider.auto_create => {
                return Ok(Ok(create(db, by, provider, person, email).await?));
            }
            None => return Ok(Err(Refusal::UnknownAgent)),
        },
    };
    if !agent.active {
        return Ok(Err(Refusal::Inactive));
    }
    if db
        .oidc_link_find(&person.issuer, &person.subject)
        .await?
        .is_none()
    {
        let mut tx = db.begin().await?;
        if !link_in_tx(&mut tx, by, person, &agent.id).await? {
            return Ok(Err(Refusal::OtherAccount));
        }
        commit(tx).await?;
    }
    Ok(Ok(follow_roles(db, by, provider, person, agent).await?))
}

/// Whether a caller may link an account of a provider's now; whose session it is. They show again that it is
/// them: with a code where there is a second factor, else with the password.
pub async fn begin_link(db: &Db, key: &SealKey, by: &Caller, proof: Proof<'_>) -> Result<String> {
    let found = second_factor::agent_of(db, by).await?;
    if found.totp_secret.is_some() && !matches!(proof, Proof::Code(_)) {
        let text = "You have a second factor: send its code.";
        return Err(AccessError::Forbidden(text.into()));
    }
    second_factor::prove(db, key, &found, proof).await?;
    match &by.kind {
        CallerKind::Session { session_id } => Ok(session_id.clone()),
        _ => Err(AccessError::NotFound("session")),
    }
}

/// Links the account that somebody has at a provider to the agent whose session began it, if that lasts.
pub async fn link(
    db: &Db,
    limits: &SessionLimits,
    provider: &Provider,
    person: &Person,
    session_id: &str,
) -> Result<()> {
    let by = session::again(db, limits, session_id).await?;
    let by = by.ok_or(AccessError::Refused("The session is over; log in again."))?;
    let agent = by.agent_id.clone().unwrap_or_default();
    if let Err(refusal) = provider.admit(person) {
        let said = refusal.said();
        return Err(AccessError::Forbidden(format!("Not linked: {said}.")));
    }
    let linked = db.oidc_link_find(&person.issuer, &person.subject).await?;
    if linked.as_ref() == Some(&agent) {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    if !link_in_tx(&mut tx, &by, person, &agent).await? {
        let text = "You, or this account, are linked already; ask an admin.";
        return Err(AccessError::Conflict(text.into()));
    }
    commit(tx).await?;
    Ok(())
}

/// False when the agent has another account there, or the account another agent.
async fn link_in_tx(tx: &mut Tx<'_>, by: &Caller, person: &Person, agent: &str) -> Result<bool> {
    let Person {
        issuer, subject, ..
    } = person;
    if !oidc_link_insert_in_tx(tx, issuer, subject, agent, now_ms()).await? {
        return Ok(false);
    }
    record(tx, by, "agent.link", agent, json!({ "issuer": issuer })).await?;
    Ok(true)
}

async fn create(
    db: &Db,
    by: &Caller,
    provider: &Provider,
    person: &Person,
    email: String,
) -> Result<Agent> {
    let new = NewAgent {
        name: Provider::name_of(person, &email),
        roles: existing(db, provider.first_roles(person)).await?,
        email,
        password: None,
    };
    let (agent, hash) = people::prepare(db, by, new).await?;
    let mut tx = db.begin().await?;
    people::create_in_tx(&mut tx, by, &agent, hash.as_deref()).await?;
    if !link_in_tx(&mut tx, by, person, &agent.id).await? {
        // The same person's other log-in was faster.
        return Err(AccessError::Conflict("Try again.".into()));
    }
    commit(tx).await?;
    Ok(agent)
}

/// Without those that are no role (any more): a mapping that is out of date keeps nobody out.
async fn existing(db: &Db, roles: Vec<String>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for role in roles {
        if db.role_get(&role).await?.is_some() {
            found.push(role);
        }
    }
    Ok(found)
}

/// Gives the roles that the provider's claim brings now, and takes those that it no longer brings.
async fn follow_roles(
    db: &Db,
    by: &Caller,
    provider: &Provider,
    person: &Person,
    agent: Agent,
) -> Result<Agent> {
    let mut roles = existing(db, provider.next_roles(person, &agent.roles)).await?;
    roles.sort();
    let mut present = agent.roles.clone();
    present.sort();
    if roles == present {
        return Ok(agent);
    }
    let change = people::AgentChange {
        roles: Some(roles),
        ..people::AgentChange::default()
    };
    match people::change(db, by, &agent.id, change).await {
        // The last admin stays one, and can see to the mapping.
        Err(AccessError::Conflict(_)) => {
            tracing::warn!(provider = %provider.name, "the roles' claim would take the last admin away");
            Ok(agent)
        }
        other => other,
    }
}

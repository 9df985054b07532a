//! Log-in on the word of an OpenID Connect provider: which agent somebody is, and with which roles.
//!
//! People are known by (issuer, subject) from their first log-in on. That first time an agent with the
//! same e-mail address is linked, when the provider verified the address and is trusted with its
//! domain; nobody is linked twice at one provider. Deliberately absent: the protocol; see `http`.

use super::people::{self, NewAgent};
use super::session::{Device, Opened, open};
use super::{AccessError, Result, SessionLimits, record};
use crate::db::oidc::oidc_link_insert_in_tx;
use crate::db::{Db, Tx, commit};
use crate::domain::access::{Agent, Caller, LoginMethod};
use crate::domain::now_ms;
use crate::domain::oidc::{Person, Provider, Refusal};
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
            let detail = json!({ "why": refusal.to_string() });
            let mut tx = db.begin().await?;
            record(&mut tx, &by, "login.refuse", &provider.name, detail).await?;
            commit(tx).await?;
            return Err(AccessError::Forbidden(format!("Not let in: {refusal}.")));
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

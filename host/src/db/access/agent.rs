//! Agents, and all that follows from who one is.

use super::super::row::bool_of;
use super::super::{Db, Result, Tx};
use super::right::inbox_rights_on;
use crate::domain::access::{Agent, AgentAccess, BuiltInRole, Permission, Permissions};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::collections::BTreeSet;

/// An agent with what proves them.
#[derive(Clone)]
pub struct AgentSecrets {
    pub agent: Agent,
    pub password_hash: Option<String>,
    pub totp_secret: Option<String>,
}

fn agent_of(row: &AnyRow) -> Result<AgentSecrets> {
    let password_hash: Option<String> = row.try_get("password_hash")?;
    let totp_secret: Option<String> = row.try_get("totp_secret")?;
    Ok(AgentSecrets {
        agent: Agent {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            active: bool_of(row, "active")?,
            roles: Vec::new(),
            teams: Vec::new(),
            has_password: password_hash.is_some(),
            has_totp: totp_secret.is_some(),
            created: row.try_get("created")?,
            last_login: row.try_get("last_login")?,
        },
        password_hash,
        totp_secret,
    })
}

/// False when another agent has that e-mail address.
pub async fn agent_insert_in_tx(
    tx: &mut Tx<'_>,
    agent: &Agent,
    password_hash: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO agent (id, email, name, password_hash, active, created)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
    )
    .bind(&agent.id)
    .bind(&agent.email)
    .bind(&agent.name)
    .bind(password_hash)
    .bind(agent.active)
    .bind(agent.created)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    agent_roles_set_in_tx(tx, &agent.id, &agent.roles).await?;
    Ok(true)
}

pub async fn agent_update_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    name: &str,
    active: bool,
) -> Result<bool> {
    let done = sqlx::query("UPDATE agent SET name = $2, active = $3 WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(active)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets the password. A log-in that the one before began gets no further.
pub async fn agent_password_in_tx(tx: &mut Tx<'_>, id: &str, password_hash: &str) -> Result<()> {
    sqlx::query("DELETE FROM login_challenge WHERE agent_id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE agent SET password_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(password_hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Replaces the agent's roles.
pub async fn agent_roles_set_in_tx(tx: &mut Tx<'_>, id: &str, roles: &[String]) -> Result<()> {
    sqlx::query("DELETE FROM agent_role WHERE agent_id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    for role in roles {
        sqlx::query(
            "INSERT INTO agent_role (agent_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(role)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Active admins. Hosts that share the database wait for each other here: without it, two of them
/// could each take away the other's last admin.
pub async fn admin_count_in_tx(tx: &mut Tx<'_>) -> Result<i64> {
    sqlx::query("UPDATE agent_role SET role = role WHERE role = $1")
        .bind(BuiltInRole::Admin.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM agent a JOIN agent_role r ON r.agent_id = a.id
         WHERE a.active AND r.role = $1",
    )
    .bind(BuiltInRole::Admin.as_str())
    .fetch_one(&mut **tx)
    .await?)
}

impl Db {
    pub async fn agent_get(&self, id: &str) -> Result<Option<AgentSecrets>> {
        self.agent_where("id", id).await
    }

    /// `email` in lower case.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<AgentSecrets>> {
        self.agent_where("email", email).await
    }

    async fn agent_where(&self, column: &'static str, value: &str) -> Result<Option<AgentSecrets>> {
        let sql = format!("SELECT * FROM agent WHERE {column} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(value)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut found = agent_of(&row)?;
        self.agent_fill(&mut found.agent).await?;
        Ok(Some(found))
    }

    async fn agent_fill(&self, agent: &mut Agent) -> Result<()> {
        agent.roles =
            sqlx::query_scalar("SELECT role FROM agent_role WHERE agent_id = $1 ORDER BY role")
                .bind(&agent.id)
                .fetch_all(&self.read)
                .await?;
        agent.teams = sqlx::query_scalar(
            "SELECT team_id FROM team_member WHERE agent_id = $1 ORDER BY team_id",
        )
        .bind(&agent.id)
        .fetch_all(&self.read)
        .await?;
        Ok(())
    }

    /// By e-mail address, beginning behind `after`.
    pub async fn agent_list(&self, after: &str, limit: u32) -> Result<Vec<Agent>> {
        let rows = sqlx::query("SELECT * FROM agent WHERE email > $1 ORDER BY email LIMIT $2")
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        let mut agents = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut agent = agent_of(row)?.agent;
            self.agent_fill(&mut agent).await?;
            agents.push(agent);
        }
        Ok(agents)
    }

    /// Whether somebody can administer this host.
    pub async fn admin_exists(&self) -> Result<bool> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM agent a JOIN agent_role r ON r.agent_id = a.id
             WHERE a.active AND r.role = $1",
        )
        .bind(BuiltInRole::Admin.as_str())
        .fetch_one(&self.read)
        .await?;
        Ok(count > 0)
    }

    /// What an agent may do now. Roles that are gone bring nothing.
    pub async fn agent_access(&self, id: &str) -> Result<AgentAccess> {
        let mut connection = self.read.acquire().await?;
        agent_access_on(&mut connection, id).await
    }
}

pub(super) async fn agent_access_on(
    connection: &mut AnyConnection,
    id: &str,
) -> Result<AgentAccess> {
    let rows = sqlx::query(
        "SELECT a.role AS role, p.permission AS permission FROM agent_role a
         LEFT JOIN role_permission p ON p.role = a.role WHERE a.agent_id = $1",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let mut permissions = Permissions::new();
    let (mut roles, mut releasing) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let role: String = row.try_get("role")?;
        // One that a newer host knows is none here.
        let named: Option<String> = row.try_get("permission")?;
        let mut brings: Permissions = named
            .and_then(|name| name.parse::<Permission>().ok())
            .into_iter()
            .collect();
        if let Ok(built_in) = role.parse::<BuiltInRole>() {
            brings.extend(built_in.permissions());
        }
        if brings.contains(&Permission::DraftRelease) {
            releasing.insert(role.clone());
        }
        permissions.extend(brings);
        roles.insert(role);
    }
    let teams: Vec<String> = sqlx::query_scalar(
        "SELECT t.name FROM team t JOIN team_member m ON m.team_id = t.id WHERE m.agent_id = $1",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let admin = roles.contains(BuiltInRole::Admin.as_str());
    Ok(AgentAccess {
        permissions,
        teams: teams.into_iter().collect(),
        inboxes: inbox_rights_on(connection, id, admin).await?,
        roles,
        releasing,
    })
}

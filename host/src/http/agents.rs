//! Agents, teams, roles, and rights to inboxes. What may be given is up to `access`.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem, Query};
use crate::access::people::{self, AgentChange, NewAgent};
use crate::access::{right, role, team};
use crate::db::access::right::Holder;
use crate::domain::Id;
use crate::domain::access::{Agent, InboxGrant, InboxRight, Permission, Role, Team};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const PAGE: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgentPaging {
    /// `next` of the page before.
    pub after: Option<String>,
}

/// Agents by e-mail address, 200 a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentPage {
    pub items: Vec<Agent>,
    /// For `after`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Agents, those that are not active included.
#[utoipa::path(get, path = "/agents", operation_id = "listAgents", tag = "access", params(AgentPaging),
    responses((status = 200, body = AgentPage), (status = 400, body = Problem)))]
pub async fn agents(
    State(state): State<AppState>,
    Query(paging): Query<AgentPaging>,
) -> Result<Json<AgentPage>, Problem> {
    let after = paging.after.unwrap_or_default();
    let items = state.pipeline.db.agent_list(&after, PAGE).await?;
    let full = items.len() == PAGE as usize;
    let next = items.last().filter(|_| full).map(|a| a.email.clone());
    Ok(Json(AgentPage { items, next }))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentNew {
    #[schema(max_length = 254)]
    pub email: String,
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// Built-in or custom ones. Nobody gives what they do not hold.
    #[serde(default)]
    pub roles: Vec<String>,
    /// At least 12 characters; none for who logs in by another way.
    #[schema(min_length = 12, max_length = 1024)]
    pub password: Option<String>,
}

/// Makes an agent.
#[utoipa::path(post, path = "/agents", operation_id = "createAgent", tag = "access", request_body = AgentNew,
    responses((status = 201, body = Agent),
        (status = 409, description = "An agent has that address", body = Problem)))]
pub async fn agent_create(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<AgentNew>,
) -> Result<(StatusCode, Json<Agent>), Problem> {
    let new = NewAgent {
        email: new.email,
        name: new.name,
        roles: new.roles,
        password: new.password,
    };
    let made = people::create(&state.pipeline.db, &who, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One agent.
#[utoipa::path(get, path = "/agents/{id}", operation_id = "getAgent", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = Problem)))]
pub async fn agent(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Agent>, Problem> {
    Ok(Json(people::get(&state.pipeline.db, &id).await?))
}

/// What is to be other of an agent; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentEdit {
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// False: can't log in any more, and every session ends.
    pub active: Option<bool>,
    /// Replaces the roles.
    pub roles: Option<Vec<String>>,
    /// A new password; every session ends.
    #[schema(min_length = 12, max_length = 1024)]
    pub password: Option<String>,
}

/// Changes an agent. Agents are deactivated, not deleted: what they did stays theirs.
#[utoipa::path(patch, path = "/agents/{id}", operation_id = "updateAgent", tag = "access", params(("id" = String, Path)), request_body = AgentEdit,
    responses((status = 200, body = Agent), (status = 404, body = Problem),
        (status = 409, description = "The last active admin", body = Problem)))]
pub async fn agent_change(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(edit): Json<AgentEdit>,
) -> Result<Json<Agent>, Problem> {
    let change = AgentChange {
        name: edit.name,
        active: edit.active,
        roles: edit.roles,
        password: edit.password,
    };
    let db = &state.pipeline.db;
    Ok(Json(people::change(db, &who, &id, change).await?))
}

/// Teams with their members.
#[utoipa::path(get, path = "/teams", operation_id = "listTeams", tag = "access", responses((status = 200, body = [Team])))]
pub async fn teams(State(state): State<AppState>) -> Result<Json<Vec<Team>>, Problem> {
    Ok(Json(state.pipeline.db.team_list().await?))
}

/// A new team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamNew {
    /// As policy rules name it.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// Ids of agents.
    #[serde(default)]
    pub members: Vec<Id>,
}

/// Makes a team.
#[utoipa::path(post, path = "/teams", operation_id = "createTeam", tag = "access", request_body = TeamNew,
    responses((status = 201, body = Team), (status = 409, description = "A team has that name", body = Problem)))]
pub async fn team_create(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<TeamNew>,
) -> Result<(StatusCode, Json<Team>), Problem> {
    let made = team::create(&state.pipeline.db, &who, &new.name, &new.members).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One team.
#[utoipa::path(get, path = "/teams/{id}", operation_id = "getTeam", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = Team), (status = 404, body = Problem)))]
pub async fn team(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Team>, Problem> {
    Ok(Json(team::get(&state.pipeline.db, &id).await?))
}

/// What is to be other of a team; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamEdit {
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// Replaces the members.
    pub members: Option<Vec<Id>>,
}

/// Renames a team, or replaces its members.
#[utoipa::path(patch, path = "/teams/{id}", operation_id = "updateTeam", tag = "access", params(("id" = String, Path)), request_body = TeamEdit,
    responses((status = 200, body = Team), (status = 404, body = Problem),
        (status = 409, description = "A team has that name", body = Problem)))]
pub async fn team_change(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(edit): Json<TeamEdit>,
) -> Result<Json<Team>, Problem> {
    let (name, members) = (edit.name.as_deref(), edit.members.as_deref());
    let db = &state.pipeline.db;
    Ok(Json(team::change(db, &who, &id, name, members).await?))
}

/// Deletes a team, with its rights to inboxes.
#[utoipa::path(delete, path = "/teams/{id}", operation_id = "deleteTeam", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn team_delete(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    team::delete(&state.pipeline.db, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Roles and their permissions, the built-in ones first.
#[utoipa::path(get, path = "/roles", operation_id = "listRoles", tag = "access", responses((status = 200, body = [Role])))]
pub async fn roles(State(state): State<AppState>) -> Result<Json<Vec<Role>>, Problem> {
    Ok(Json(state.pipeline.db.role_list().await?))
}

/// What a role brings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSet {
    pub permissions: Vec<Permission>,
}

/// Makes a custom role, or changes what it brings. `id` is its name.
#[utoipa::path(put, path = "/roles/{id}", operation_id = "setRole", tag = "access", params(("id" = String, Path)), request_body = RoleSet,
    responses((status = 200, body = Role), (status = 404, body = Problem),
        (status = 409, description = "A built-in role", body = Problem)))]
pub async fn role_set(
    State(state): State<AppState>,
    who: Who,
    Path(name): Path<String>,
    Json(set): Json<RoleSet>,
) -> Result<Json<Role>, Problem> {
    let permissions = set.permissions.into_iter().collect();
    let db = &state.pipeline.db;
    Ok(Json(role::set(db, &who, &name, &permissions).await?))
}

/// Deletes a custom role. Whoever had it has it no more.
#[utoipa::path(delete, path = "/roles/{id}", operation_id = "deleteRole", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem),
        (status = 409, description = "A built-in role", body = Problem)))]
pub async fn role_delete(
    State(state): State<AppState>,
    who: Who,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    role::delete(&state.pipeline.db, &who, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who has a right to an inbox. Admins read and answer everywhere besides.
#[utoipa::path(get, path = "/inboxes/{id}/rights", operation_id = "listInboxRights", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = [InboxGrant]), (status = 404, body = Problem)))]
pub async fn rights(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Vec<InboxGrant>>, Problem> {
    let db = &state.pipeline.db;
    if who.inboxes.on(&id).is_none() || db.inbox_get(&id).await?.is_none() {
        return Err(Problem::not_found("inbox"));
    }
    Ok(Json(db.inbox_right_list(&id).await?))
}

/// A person's or a team's right to an inbox.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"teamId": "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77", "read": true, "answer": true}))]
pub struct RightSet {
    /// Either this …
    pub agent_id: Option<Id>,
    /// … or this.
    pub team_id: Option<Id>,
    /// False takes the right away, whatever else is said.
    pub read: bool,
    /// Write and send answers, close cases, settle the outbox.
    #[serde(default)]
    pub answer: bool,
    /// Post on the corporate account: to a person only.
    #[serde(default)]
    pub voice: bool,
    /// The inbox is this person's own named account, on which they post under their own name.
    #[serde(default)]
    pub own: bool,
}

/// Gives a person or a team a right to an inbox, changes it, or takes it away.
#[utoipa::path(put, path = "/inboxes/{id}/rights", operation_id = "setInboxRight", tag = "access", params(("id" = String, Path)), request_body = RightSet,
    responses((status = 200, body = [InboxGrant]), (status = 404, body = Problem)))]
pub async fn right_set(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(set): Json<RightSet>,
) -> Result<Json<Vec<InboxGrant>>, Problem> {
    let holder = match (set.agent_id, set.team_id) {
        (Some(agent), None) => Holder::Agent(agent),
        (None, Some(team)) => Holder::Team(team),
        _ => return Err(Problem::invalid("Either agentId or teamId.")),
    };
    let right = set.read.then_some(InboxRight {
        answer: set.answer,
        voice: set.voice,
        own: set.own,
    });
    let db = &state.pipeline.db;
    Ok(Json(right::set(db, &who, &id, &holder, right).await?))
}

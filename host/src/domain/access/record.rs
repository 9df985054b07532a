//! What is kept of those who come in: agents, teams, roles, sessions and API tokens. No secret is part
//! of a record.

use super::Permission;
use crate::domain::text_enum::text_enum;
use crate::domain::{Id, TimestampMs};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who logs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    pub id: Id,
    pub email: String,
    pub name: String,
    /// False: can't log in; what they did stays.
    pub active: bool,
    pub roles: Vec<String>,
    /// Ids of teams.
    pub teams: Vec<Id>,
    /// Can log in with a password.
    pub has_password: bool,
    /// Is asked for a second factor.
    pub has_totp: bool,
    pub created: TimestampMs,
    pub last_login: Option<TimestampMs>,
}

/// People who share inboxes and work that is routed to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub id: Id,
    /// As policy rules name it.
    pub name: String,
    /// Ids of agents.
    pub members: Vec<Id>,
}

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    pub name: String,
    /// Comes with Rapport and can't be changed.
    pub built_in: bool,
    pub permissions: Vec<Permission>,
}

text_enum! {
    /// How somebody logged in.
    LoginMethod { Password = "password", PasswordTotp = "password-totp", OpenIdConnect = "openid-connect", Setup = "setup" }
}

/// Somebody's log-in on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: Id,
    pub agent_id: Id,
    pub method: LoginMethod,
    /// What the browser called itself, cut to 256 characters.
    pub user_agent: String,
    pub created: TimestampMs,
    /// To the minute.
    pub last_seen: TimestampMs,
    /// When it ends at the latest.
    pub expires: TimestampMs,
}

/// A program's way in; the secret itself is shown once and never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    pub id: Id,
    pub name: String,
    /// Whoever made it: it can do no more than they can, and ends with them. None: the operator.
    pub agent_id: Option<Id>,
    pub scopes: Vec<Permission>,
    /// Ids of the only inboxes it sees; absent when there is no such limit.
    pub inboxes: Option<Vec<Id>>,
    pub created: TimestampMs,
    pub expires: Option<TimestampMs>,
    /// To the minute.
    pub last_used: Option<TimestampMs>,
    pub revoked: Option<TimestampMs>,
}

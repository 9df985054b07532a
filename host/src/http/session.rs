//! Coming in and going out: log-in, who one is, sessions, one's own password, and the first admin.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem};
use super::scope::notice;
use crate::access::login::{self, Step};
use crate::access::session::{Device, Opened};
use crate::access::{people, secret, session, setup};
use crate::domain::access::{Agent, CallerKind, InboxRight, Permission, Session};
use crate::domain::{Id, TimestampMs};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// E-mail address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(max_length = 254)]
    pub email: String,
    #[schema(max_length = 1024)]
    pub password: String,
}

/// Logged in. The cookie that comes along is the session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoggedIn {
    pub agent_id: Id,
    pub session_id: Id,
    pub expires: TimestampMs,
    /// For the header `X-Rapport-CSRF` of every request that changes something.
    pub csrf: String,
}

/// The password was right; a second factor is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactor {
    /// `totp`.
    #[schema(value_type = String)]
    pub second_factor: &'static str,
    /// Goes with the code; valid for 5 minutes.
    pub challenge: String,
}

/// The answer to a log-in that got as far as `step`, with the cookie when it is done.
pub(super) fn answer(state: &AppState, step: Step) -> Response {
    match step {
        Step::Done(opened) => logged_in(state, &opened),
        Step::SecondFactor { challenge } => {
            let body = SecondFactor {
                second_factor: "totp",
                challenge,
            };
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
    }
}

fn logged_in(state: &AppState, opened: &Opened) -> Response {
    let body = LoggedIn {
        agent_id: opened.session.agent_id.clone(),
        session_id: opened.session.id.clone(),
        expires: opened.session.expires,
        csrf: secret::csrf_token(&opened.secret),
    };
    let mut response = Json(body).into_response();
    for cookie in state.access.cookies(opened).into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Logs in.
///
/// Sets the session's cookie: `__Host-rapport` over https, `rapport` otherwise. After too many
/// failures tries are refused for a while, from where they failed. A second cookie, `__Host-rapport-device`
/// or `rapport-device`, makes the device known: send it with later log-ins, and failures of others do
/// not count there.
#[utoipa::path(post, path = "/session", operation_id = "logIn", tag = "access", request_body = Login,
    responses((status = 200, body = LoggedIn),
        (status = 202, description = "A second factor is asked for", body = SecondFactor),
        (status = 401, description = "Address or password is wrong, or the account is not active", body = Problem),
        (status = 403, description = "From a page of another site", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem),
        (status = 503, description = "Too many log-ins at once; see Retry-After", body = Problem)))]
pub async fn log_in(
    State(state): State<AppState>,
    device: Device,
    Json(login): Json<Login>,
) -> Result<Response, Problem> {
    let step = login::with_password(
        &state.pipeline.db,
        &state.access.sessions,
        &login.email,
        &login.password,
        &device,
    )
    .await?;
    Ok(answer(&state, step))
}

/// Who asks, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// `session`, `token` or `operator`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// The person, when one is known.
    pub agent_id: Option<Id>,
    pub session_id: Option<Id>,
    pub name: String,
    pub roles: Vec<String>,
    pub teams: Vec<String>,
    pub permissions: Vec<Permission>,
    /// Rights to every inbox; absent when there are only those of `inboxes`.
    pub all_inboxes: Option<InboxRight>,
    /// Rights by inbox id.
    pub inboxes: BTreeMap<Id, InboxRight>,
    /// Why lists are empty, for somebody without a right to any inbox; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub notice: Option<&'static str>,
    /// For the header `X-Rapport-CSRF`, with a session.
    pub csrf: Option<String>,
}

/// Who I am and what I may do.
#[utoipa::path(get, path = "/session", operation_id = "getSession", tag = "access", responses((status = 200, body = Me)))]
pub async fn me(State(state): State<AppState>, who: Who, headers: HeaderMap) -> Json<Me> {
    let (kind, session_id) = match &who.kind {
        CallerKind::Session { session_id } => ("session", Some(session_id.clone())),
        CallerKind::Token { .. } => ("token", None),
        CallerKind::Operator => ("operator", None),
    };
    let csrf = session_id
        .as_ref()
        .and_then(|_| state.access.csrf(&headers));
    Json(Me {
        kind,
        agent_id: who.agent_id.clone(),
        session_id,
        name: who.name.clone(),
        roles: who.roles.iter().cloned().collect(),
        teams: who.teams.iter().cloned().collect(),
        permissions: who.permissions.iter().copied().collect(),
        all_inboxes: who.inboxes.all,
        inboxes: who.inboxes.some.clone(),
        notice: notice(&who),
        csrf,
    })
}

/// Logs out. Nothing happens for those who have no session.
#[utoipa::path(delete, path = "/session", operation_id = "logOut", tag = "access", responses((status = 204)))]
pub async fn log_out(State(state): State<AppState>, who: Who) -> Result<Response, Problem> {
    if let CallerKind::Session { session_id } = &who.kind {
        session::revoke(&state.pipeline.db, &who, session_id).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = state.access.no_cookie() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// From the old password to a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(max_length = 1024)]
    pub old: String,
    /// At least 12 characters, at most 1024 bytes, not the e-mail address.
    #[schema(min_length = 12, max_length = 1024)]
    pub new: String,
}

/// Changes one's own password. One's other sessions end.
#[utoipa::path(put, path = "/session/password", operation_id = "changePassword", tag = "access", request_body = PasswordChange,
    responses((status = 204), (status = 404, body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn password(
    State(state): State<AppState>,
    who: Who,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let db = &state.pipeline.db;
    people::change_own_password(db, &who, &change.old, &change.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open sessions, the one seen last first: one's own, or everybody's with agent.manage. At most 200.
#[utoipa::path(get, path = "/sessions", operation_id = "listSessions", tag = "access", responses((status = 200, body = [Session])))]
pub async fn sessions(
    State(state): State<AppState>,
    who: Who,
) -> Result<Json<Vec<Session>>, Problem> {
    let limits = &state.access.sessions;
    Ok(Json(session::list(&state.pipeline.db, limits, &who).await?))
}

/// Ends a session: one's own, or anybody's with agent.manage.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "revokeSession", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn session_revoke(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    session::revoke(&state.pipeline.db, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// What stands behind the `#` of the set-up link.
    #[schema(max_length = 128)]
    pub secret: String,
    #[schema(max_length = 254)]
    pub email: String,
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    #[schema(min_length = 12, max_length = 1024)]
    pub password: String,
}

/// Makes the first admin, with the one-time link that the host printed when it started.
#[utoipa::path(post, path = "/setup", operation_id = "completeSetup", tag = "access", request_body = SetUp,
    responses((status = 201, body = Agent),
        (status = 401, description = "The link is wrong, used or expired", body = Problem),
        (status = 403, description = "From a page of another site", body = Problem),
        (status = 409, body = Problem)))]
pub async fn set_up(
    State(state): State<AppState>,
    Json(new): Json<SetUp>,
) -> Result<(StatusCode, Json<Agent>), Problem> {
    let db = &state.pipeline.db;
    let made = setup::first_admin(db, &new.secret, &new.email, &new.name, &new.password).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

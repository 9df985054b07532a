//! The second factor: the second step of a log-in, and one's own codes.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem};
use super::session::{LoggedIn, answer};
use crate::access::login::Step;
use crate::access::second_factor::{self, Proof};
use crate::access::session::Device;
use crate::domain::Id;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The second step of a log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAnswer {
    /// Of the answer to POST /session.
    #[schema(max_length = 128)]
    pub challenge: String,
    /// Of the authenticator app, or a recovery code.
    #[schema(max_length = 64)]
    pub code: String,
}

/// The second step of a log-in. Five wrong codes end it; a code counts once.
#[utoipa::path(post, path = "/session/second-factor", operation_id = "logInWithSecondFactor", tag = "access", request_body = ChallengeAnswer,
    responses((status = 200, body = LoggedIn),
        (status = 401, description = "The code is wrong, or the log-in is over", body = Problem),
        (status = 403, description = "From a page of another site", body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The second factor can't be checked", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn log_in(
    State(state): State<AppState>,
    device: Device,
    Json(given): Json<ChallengeAnswer>,
) -> Result<Response, Problem> {
    let opened = second_factor::answer(
        &state.pipeline.db,
        &state.identity.key,
        &state.access.sessions,
        &given.challenge,
        &given.code,
        &device,
    )
    .await?;
    Ok(answer(&state, Step::Done(Box::new(opened))))
}

/// Whether a second factor is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotpStatus {
    pub enrolled: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

/// One's own second factor.
#[utoipa::path(get, path = "/totp", operation_id = "getSecondFactor", tag = "access",
    responses((status = 200, body = TotpStatus), (status = 404, body = Problem)))]
pub async fn status(State(state): State<AppState>, who: Who) -> Result<Json<TotpStatus>, Problem> {
    let status = second_factor::status(&state.pipeline.db, &who).await?;
    Ok(Json(TotpStatus {
        enrolled: status.enrolled,
        recovery_codes: status.recovery_codes,
    }))
}

/// One's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    #[schema(max_length = 1024)]
    pub password: String,
}

/// What an authenticator app is given. Shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// In base32, to be typed.
    pub secret: String,
    /// To be shown as a QR code.
    pub otpauth_url: String,
}

/// Begins a second factor: it counts once its first code was sent, within 15 minutes.
#[utoipa::path(post, path = "/totp", operation_id = "enrolSecondFactor", tag = "access", request_body = Password,
    responses((status = 201, body = Enrolment), (status = 404, body = Problem),
        (status = 409, description = "There is one already, or no password to add it to", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn enrol(
    State(state): State<AppState>,
    who: Who,
    Json(given): Json<Password>,
) -> Result<(StatusCode, Json<Enrolment>), Problem> {
    let begun = second_factor::enrol(
        &state.pipeline.db,
        &state.identity.key,
        &who,
        &given.password,
    )
    .await?;
    let body = Enrolment {
        secret: begun.secret,
        otpauth_url: begun.otpauth_url,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Of the authenticator app.
    #[schema(max_length = 64)]
    pub code: String,
}

/// Each logs in once in place of a code. Shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// Confirms the second factor with its first code.
#[utoipa::path(post, path = "/totp/confirm", operation_id = "confirmSecondFactor", tag = "access", request_body = Code,
    responses((status = 200, body = RecoveryCodes), (status = 404, body = Problem),
        (status = 409, description = "None awaits its code", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn confirm(
    State(state): State<AppState>,
    who: Who,
    Json(given): Json<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let key = &state.identity.key;
    let codes = second_factor::confirm(&state.pipeline.db, key, &who, &given.code).await?;
    Ok(Json(RecoveryCodes {
        recovery_codes: codes,
    }))
}

/// Password or code, to show that it is really them: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofBody {
    #[schema(max_length = 1024)]
    pub password: Option<String>,
    /// Of the authenticator app, or a recovery code.
    #[schema(max_length = 64)]
    pub code: Option<String>,
}

impl ProofBody {
    pub(super) fn read(&self) -> Result<Proof<'_>, Problem> {
        match (&self.password, &self.code) {
            (Some(password), None) => Ok(Proof::Password(password)),
            (None, Some(code)) => Ok(Proof::Code(code)),
            _ => Err(Problem::invalid("Give either password or code.")),
        }
    }
}

/// Makes new recovery codes; those from before no longer count.
#[utoipa::path(post, path = "/totp/recovery-codes", operation_id = "renewRecoveryCodes", tag = "access", request_body = ProofBody,
    responses((status = 200, body = RecoveryCodes), (status = 404, body = Problem),
        (status = 409, description = "There is no second factor", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn recovery_codes(
    State(state): State<AppState>,
    who: Who,
    Json(given): Json<ProofBody>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let (db, key) = (&state.pipeline.db, &state.identity.key);
    let codes = second_factor::renew_codes(db, key, &who, given.read()?).await?;
    Ok(Json(RecoveryCodes {
        recovery_codes: codes,
    }))
}

/// Ends one's own second factor.
#[utoipa::path(post, path = "/totp/disable", operation_id = "disableSecondFactor", tag = "access", request_body = ProofBody,
    responses((status = 204), (status = 404, body = Problem),
        (status = 409, description = "There is no second factor", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem)))]
pub async fn disable(
    State(state): State<AppState>,
    who: Who,
    Json(given): Json<ProofBody>,
) -> Result<StatusCode, Problem> {
    let (db, key) = (&state.pipeline.db, &state.identity.key);
    second_factor::disable(db, key, &who, given.read()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the second factor of somebody who lost app and recovery codes.
#[utoipa::path(delete, path = "/agents/{id}/totp", operation_id = "resetSecondFactor", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn reset(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    second_factor::reset(&state.pipeline.db, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

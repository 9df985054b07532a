//! API tokens. The secret is in the answer that makes one, and never again.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem};
use crate::access::token::{self, NewToken};
use crate::domain::access::{ApiToken, Permission};
use crate::domain::{Id, TimestampMs};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// API tokens, newest first, revoked and expired ones included.
#[utoipa::path(get, path = "/tokens", operation_id = "listTokens", tag = "access", responses((status = 200, body = [ApiToken])))]
pub async fn tokens(State(state): State<AppState>) -> Result<Json<Vec<ApiToken>>, Problem> {
    Ok(Json(state.pipeline.db.token_list().await?))
}

/// A new API token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenNew {
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What it may do; nothing that its maker may not.
    pub scopes: Vec<Permission>,
    /// Ids of the only inboxes that it sees; none for no limit but its maker's.
    pub inboxes: Option<Vec<Id>>,
    /// None: until it is revoked.
    pub expires: Option<TimestampMs>,
}

/// A token with its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenMade {
    #[serde(flatten)]
    pub token: ApiToken,
    /// For `Authorization: Bearer …`. Keep it: it is not shown again.
    pub secret: String,
}

/// Makes an API token. Its secret is shown this once.
///
/// The token can do what its scopes name, and never more than whoever made it can do at that moment;
/// it ends when they are deactivated.
#[utoipa::path(post, path = "/tokens", operation_id = "createToken", tag = "access", request_body = TokenNew,
    responses((status = 201, body = TokenMade)))]
pub async fn token_create(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<TokenNew>,
) -> Result<(StatusCode, Json<TokenMade>), Problem> {
    let new = NewToken {
        name: new.name,
        scopes: new.scopes.into_iter().collect(),
        inboxes: new.inboxes,
        expires: new.expires,
    };
    let (token, secret) = token::create(&state.pipeline.db, &who, new).await?;
    Ok((StatusCode::CREATED, Json(TokenMade { token, secret })))
}

/// Revokes an API token, at once and for good.
#[utoipa::path(delete, path = "/tokens/{id}", operation_id = "revokeToken", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn token_revoke(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    token::revoke(&state.pipeline.db, &who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

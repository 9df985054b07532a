//! Whom the admin trusts to make plugins, and what is revoked.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Problem};
use crate::pipeline::plugins::trust;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Whom the admin trusts: keys, and files that must not run.
#[utoipa::path(get, path = "/plugin-trust", operation_id = "getPluginTrust", tag = "plugins", 
    responses((status = 200, description = "Keys that are trusted, with their names, and digests that are revoked", body = Object)))]
pub async fn trusted(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let store = trust::trust_store(&state.pipeline.db).await?;
    Ok(Json(serde_json::to_value(store).unwrap_or_default()))
}

/// A key to be trusted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The admin's name for whoever holds it.
    #[schema(min_length = 1, max_length = 512)]
    pub name: String,
    /// The text of a `.pub` file, or its Base64 line.
    #[schema(max_length = 1024)]
    pub key: String,
}

/// The id of a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyAdded {
    pub key_id: String,
}

/// Trusts a key: what it signed may run.
#[utoipa::path(post, path = "/plugin-trust/keys", operation_id = "trustPluginKey", tag = "plugins", request_body = NewKey,
    responses((status = 201, body = KeyAdded), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn key_add(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Json<KeyAdded>), Problem> {
    let db = &state.pipeline.db;
    let id = trust::key_add(db, &who.actor(), &new.name, &new.key).await?;
    let key_id = id.to_string();
    Ok((StatusCode::CREATED, Json(KeyAdded { key_id })))
}

/// What ceases to be trusted, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRevocation {
    /// A key's id; or a file's SHA-256 in `digest`.
    pub key_id: Option<String>,
    pub digest: Option<String>,
    #[schema(min_length = 1, max_length = 512)]
    pub reason: String,
}

/// Revokes a key or a file, for good: what it covers stops at once on every host.
#[utoipa::path(post, path = "/plugin-trust/revocations", operation_id = "revokePlugin", tag = "plugins", request_body = NewRevocation,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<NewRevocation>,
) -> Result<StatusCode, Problem> {
    let (db, by) = (&state.pipeline.db, who.actor());
    match (&new.key_id, &new.digest) {
        (Some(key), None) => trust::key_revoke(db, &by, key, &new.reason).await?,
        (None, Some(digest)) => trust::digest_revoke(db, &by, digest, &new.reason).await?,
        _ => return Err(Problem::invalid("Give `keyId` or `digest`, one of them.")),
    }
    Ok(StatusCode::NO_CONTENT)
}

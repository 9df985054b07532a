//! Inboxes that admins make over the API: which channel, how it is set, its secrets. A secret goes in
//! and never comes out again.

use super::AppState;
use super::auth::Who;
use super::plugins::registry;
use super::problem::{Json, Path, Problem, Query};
use super::scope::check_seen;
use crate::db::access::scope::Thing;
use crate::db::inbox_setup::StoredSetup;
use crate::domain::Id;
use crate::domain::plugin::InboxSetup;
use crate::pipeline::plugins::inbox::{GivenSecrets, InboxSetupView};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// A new inbox.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInbox {
    /// Unique and stable: what is heard is kept under it. Lower-case words with hyphens.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    pub setup: InboxSetup,
    /// By name, as the plugin asks for them.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub secrets: std::collections::BTreeMap<String, String>,
}

/// Makes an inbox and listens to it, without a restart.
#[utoipa::path(post, path = "/inboxes", operation_id = "createInbox", tag = "inboxes", request_body = NewInbox,
    responses((status = 201, body = InboxSetupView), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<NewInbox>,
) -> Result<(StatusCode, Json<InboxSetupView>), Problem> {
    let (registry, db) = (registry(&state)?, &state.pipeline.db);
    let secrets: GivenSecrets = new.secrets.into_iter().map(|(n, s)| (n, Some(s))).collect();
    let id = registry
        .inbox_create(db, &who.actor(), &new.name, &new.setup, &secrets)
        .await?;
    let stored = registry.stored(db, &id).await?;
    Ok((StatusCode::CREATED, Json(stored.into())))
}

/// How an inbox is set up.
#[utoipa::path(get, path = "/inboxes/{id}/setup", operation_id = "getInboxSetup", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 200, body = InboxSetupView), (status = 404, body = Problem),
        (status = 409, description = "It stands in rapport.toml", body = Problem)))]
pub async fn show(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<InboxSetupView>, Problem> {
    check_seen(&state, &who, Thing::Inbox, &id).await?;
    let registry = registry(&state)?;
    Ok(Json(registry.stored(&state.pipeline.db, &id).await?.into()))
}

/// What is to be other than it is; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxChange {
    /// The whole setup, in the stead of the one there is.
    pub setup: Option<InboxSetup>,
    pub enabled: Option<bool>,
    /// New secrets by name; null takes one away.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Option<String>>)]
    pub secrets: GivenSecrets,
}

/// Changes an inbox, without a restart and without losing what it has heard.
#[utoipa::path(patch, path = "/inboxes/{id}/setup", operation_id = "updateInboxSetup", tag = "inboxes", params(("id" = String, Path)),
    request_body = InboxChange,
    responses((status = 200, body = InboxSetupView), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(change): Json<InboxChange>,
) -> Result<Json<InboxSetupView>, Problem> {
    check_seen(&state, &who, Thing::Inbox, &id).await?;
    let (registry, db) = (registry(&state)?, &state.pipeline.db);
    let apply = |stored: &mut StoredSetup| {
        stored.enabled = change.enabled.unwrap_or(stored.enabled);
        if let Some(setup) = change.setup {
            stored.setup = setup;
        }
    };
    let by = who.actor();
    let changed = registry.inbox_change(db, &by, &id, apply, &change.secrets);
    Ok(Json(changed.await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    /// Forget where the channel was too: it would begin anew.
    #[serde(default)]
    pub forget_state: bool,
}

/// Listens no more and forgets the secrets. What was heard stays.
#[utoipa::path(delete, path = "/inboxes/{id}/setup", operation_id = "deleteInboxSetup", tag = "inboxes", params(("id" = String, Path), Removal),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Query(options): Query<Removal>,
) -> Result<StatusCode, Problem> {
    check_seen(&state, &who, Thing::Inbox, &id).await?;
    let (registry, db) = (registry(&state)?, &state.pipeline.db);
    registry
        .inbox_delete(db, &who.actor(), &id, options.forget_state)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

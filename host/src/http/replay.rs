//! A decision once more from its record.

use super::AppState;
use super::auth::Who;
use super::plugins::{registry, sentence};
use super::problem::{Json, Path, Problem};
use super::scope::check_seen;
use crate::db::access::scope::Thing;
use crate::pipeline::replay::{ReplayError, Unrepeatable};
use axum::extract::State;
use serde_json::Value;

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Problem::not_found("decision"),
            ReplayError::Db(error) | ReplayError::Unrepeatable(Unrepeatable::Db(error)) => {
                Problem::from(error)
            }
            other => Problem::conflict(sentence(&other.to_string())),
        }
    }
}

/// Re-executes a policy's decision from its record: the same input, settings and plugin, and what comes
/// out held against what stands on record (`outcome`, `proof`, `differences`). Nothing follows from it.
#[utoipa::path(post, path = "/decisions/{id}/replay", operation_id = "replayDecision", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, description = "`outcome`, `proof`, and `differences` from what stands on record", body = Object), (status = 404, body = Problem),
        (status = 409, description = "Plugin, settings or input are gone, or were changed", body = Problem)))]
pub async fn replay(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let replayed = state.pipeline.replay(registry(&state)?, &id).await?;
    let about = [
        (Thing::Message, &replayed.message_id),
        (Thing::Draft, &replayed.draft_id),
    ];
    if replayed.message_id.is_none() && replayed.draft_id.is_none() {
        // It is about no inbox; who is limited to some has no part in it.
        check_seen(&state, &who, Thing::Decision, &id).await?;
    }
    for (thing, id) in about {
        if let Some(id) = id {
            check_seen(&state, &who, thing, id).await?;
        }
    }
    Ok(Json(serde_json::to_value(replayed).unwrap_or_default()))
}

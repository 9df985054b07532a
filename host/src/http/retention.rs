//! Retention: the rules, the latest runs, and a run at a person's word.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Problem};
use crate::domain::retention::{DataKind, RetentionRun};
use crate::pipeline::retention;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Runs that are shown.
const RUNS: u32 = 20;

/// How long one kind of data is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionRule)]
pub struct RuleView {
    pub kind: DataKind,
    /// `keep`, or a time such as `400d`.
    #[schema(value_type = String)]
    pub keep: String,
    pub note: &'static str,
}

/// Rules and runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionView {
    pub rules: Vec<RuleView>,
    /// Newest first.
    pub runs: Vec<RetentionRun>,
}

/// How long what is kept, and the latest runs. Rules are set in rapport.toml.
#[utoipa::path(get, path = "/retention", operation_id = "getRetention", tag = "retention",
    responses((status = 200, body = RetentionView)))]
pub async fn retention(State(state): State<AppState>) -> Result<Json<RetentionView>, Problem> {
    let rules = &state.pipeline.housekeeping.retention;
    let rules = DataKind::ALL.iter().map(|kind| RuleView {
        kind: *kind,
        keep: rules.keep(*kind).to_string(),
        note: kind.note(),
    });
    Ok(Json(RetentionView {
        rules: rules.collect(),
        runs: state.pipeline.db.retention_run_list(RUNS).await?,
    }))
}

/// What to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RunRequest {
    /// Count only.
    #[serde(default)]
    pub dry_run: bool,
}

/// Deletes now what the rules do not keep, or counts it. Answers when it is done.
#[utoipa::path(post, path = "/retention/run", operation_id = "runRetention", tag = "retention", request_body = RunRequest,
    responses((status = 200, body = RetentionRun), (status = 400, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub async fn run(
    State(state): State<AppState>,
    who: Who,
    Json(request): Json<RunRequest>,
) -> Result<Json<RetentionRun>, Problem> {
    let rules = &state.pipeline.housekeeping.retention;
    let db = &state.pipeline.db;
    Ok(Json(if request.dry_run {
        retention::dry_run(db, rules, &who.actor()).await?
    } else {
        retention::run(db, rules, &who.actor()).await?
    }))
}

//! How plugins do: what they log, and how they stand on every host.

use super::AppState;
use super::problem::{Json, Path, Problem, Query};
use crate::domain::plugin::{HostPluginStatus, PluginLogLine};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// Lines of a log in one answer.
const LOG_LINES_MAX: i64 = 500;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogFilter {
    /// Id of the last line that was seen.
    pub after: Option<String>,
}

/// The latest lines that a plugin logged, oldest first, at most 500. They are kept for a week.
#[utoipa::path(get, path = "/plugins/{id}/logs", operation_id = "listPluginLogs", tag = "plugins", params(("id" = String, Path), LogFilter),
    responses((status = 200, body = [PluginLogLine])))]
pub async fn logs(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(filter): Query<LogFilter>,
) -> Result<Json<Vec<PluginLogLine>>, Problem> {
    let db = &state.pipeline.db;
    let after = filter.after.as_deref();
    Ok(Json(db.plugin_log_list(&id, after, LOG_LINES_MAX).await?))
}

/// How every plugin stands on every running host, with its figures since that host's start.
#[utoipa::path(get, path = "/plugin-status", operation_id = "listPluginStatuses", tag = "plugins",
    responses((status = 200, body = [HostPluginStatus])))]
pub async fn statuses(
    State(state): State<AppState>,
) -> Result<Json<Vec<HostPluginStatus>>, Problem> {
    Ok(Json(state.pipeline.db.plugin_status_list(None).await?))
}

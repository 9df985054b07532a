//! The audit: what was changed by whom, and whether the record of it is whole.

use super::AppState;
use super::lists::{ListPage, Paging};
use super::problem::{Json, Problem, Query};
use crate::db::audit::AuditFilter;
use crate::domain::TimestampMs;
use crate::domain::audit::{AuditEvent, ChainReport, ExpectedHead};
use crate::pipeline::heads::{self, HeadError};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

/// Checks that may run at the same time: each reads every row.
static CHECKS: Semaphore = Semaphore::const_new(1);

/// Longest text that is looked for, in bytes.
const TEXT_MAX_BYTES: usize = 256;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Who did it: an agent's or token's id, `host`, `cli`.
    #[param(max_length = 256)]
    pub actor: Option<String>,
    /// Such as `draft.release`.
    #[param(max_length = 256)]
    pub action: Option<String>,
    /// What it was done to.
    #[param(max_length = 256)]
    pub subject: Option<String>,
    /// From this moment on.
    pub from: Option<TimestampMs>,
    /// Before this moment.
    pub to: Option<TimestampMs>,
}

/// Audit events, newest first.
#[utoipa::path(get, path = "/audit", operation_id = "listAuditEvents", tag = "audit", params(EventFilter, Paging),
    responses((status = 200, body = ListPage<AuditEvent>), (status = 400, body = Problem)))]
pub async fn events(
    State(state): State<AppState>,
    Query(filter): Query<EventFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<AuditEvent>>, Problem> {
    let (after, limit) = paging.read()?;
    let texts = [&filter.actor, &filter.action, &filter.subject];
    let wrong = |text: &String| text.len() > TEXT_MAX_BYTES || text.contains('\0');
    if texts.into_iter().flatten().any(wrong) {
        let detail = "actor, action, subject: at most 256 bytes, no null characters.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let filter = AuditFilter {
        actor: filter.actor,
        action: filter.action,
        subject: filter.subject,
        from: filter.from,
        to: filter.to,
    };
    let page = state.pipeline.db.audit_page(&filter, after.as_ref(), limit);
    Ok(Json(page.await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct VerifyOptions {
    /// SEQ:HASH that an earlier export or check ended with: finds a tail that was cut off together with
    /// the record of the chain's end.
    pub expect_head: Option<String>,
}

/// Walks the whole chain and says which rows were changed, are missing, or stand elsewhere.
///
/// It is compared with the heads that went out to the file of `[audit] head-file`, and with `expectHead`.
/// With neither (`headsCompared` is 0) a chain that was written anew, or cut at its end, passes.
#[utoipa::path(get, path = "/audit/verify", operation_id = "verifyAudit", tag = "audit", params(VerifyOptions),
    responses((status = 200, body = ChainReport), (status = 400, body = Problem),
        (status = 409, description = "The file of heads can't be read", body = Problem),
        (status = 429, description = "Another check is running", body = Problem)))]
pub async fn verify(
    State(state): State<AppState>,
    Query(options): Query<VerifyOptions>,
) -> Result<Json<ChainReport>, Problem> {
    let expected = options
        .expect_head
        .map(|text| text.parse::<ExpectedHead>())
        .transpose()
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("expectHead: {error}.")))?;
    let Ok(_permit) = CHECKS.try_acquire() else {
        let detail = "Another check of the audit is running; ask again when it is done.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail));
    };
    let db = &state.pipeline.db;
    let file = state.pipeline.housekeeping.audit_heads.file.as_deref();
    let report = heads::verify(db, db.seal_key().ok().cloned(), file, expected).await;
    Ok(Json(report.map_err(|error| match error {
        HeadError::Db(error) => Problem::from(error),
        error @ HeadError::File { .. } => Problem::conflict(format!("{error}.")),
    })?))
}

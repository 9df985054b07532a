//! A contact's own data: all of it, and its end.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem, Query};
use crate::domain::Id;
use crate::pipeline::erasure::{self, ContactExport, ErasureReport, NotErased};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// All that is held about a contact, for the contact. That it was asked for is audited.
#[utoipa::path(get, path = "/contacts/{id}/export", operation_id = "exportContact", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactExport), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn export(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<ContactExport>, Problem> {
    erasure::export(&state.pipeline.db, &id, &who.actor())
        .await?
        .map(Json)
        .ok_or_else(|| Problem::not_found("contact"))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ErasureQuery {
    /// Why, for the audit: the number of a request, not a name. 1 to 500 characters.
    #[param(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Erases a contact: names, texts, what was said of them and answered to them. It can't be undone.
/// What the network sends again of it is not stored again.
#[utoipa::path(delete, path = "/contacts/{id}", operation_id = "eraseContact", tag = "contacts",
    params(("id" = String, Path), ErasureQuery),
    responses((status = 200, body = ErasureReport), (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "An answer is being sent, or an event processed: try again", body = Problem),
        (status = 422, description = "The reason is empty or too long", body = Problem)))]
pub async fn erase(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Query(query): Query<ErasureQuery>,
) -> Result<Json<ErasureReport>, Problem> {
    let reason = query.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(Problem::invalid(format!(
            "reason: 1 to {REASON_MAX} characters."
        )));
    }
    let pipeline = &state.pipeline;
    let report = erasure::erase(
        &pipeline.db,
        &pipeline.housekeeping,
        &id,
        reason,
        &who.actor(),
    )
    .await;
    let report = report.map_err(|refused| match refused {
        NotErased::NoContact => Problem::not_found("contact"),
        NotErased::Busy => Problem::conflict(
            "An answer to the contact is being sent, or an event of theirs processed, at this moment. Try again.",
        ),
        NotErased::Db(error) => error.into(),
    })?;
    pipeline.changes.tell("contact", &id);
    Ok(Json(report))
}

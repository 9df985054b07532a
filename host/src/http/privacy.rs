//! A contact's own data: all of it, and its end.

use super::AppState;
use super::auth::{Who, refusal};
use super::problem::{Json, Path, Problem, Query};
use crate::domain::Id;
use crate::pipeline::erasure::{self, ContactExport, ErasureReport, NotErased};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// All that is held about a contact, for the contact. That it was asked for is audited.
///
/// All of it must lie in inboxes that the caller may read; else it takes contact.everywhere.
#[utoipa::path(get, path = "/contacts/{id}/export", operation_id = "exportContact", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactExport), (status = 400, body = Problem),
        (status = 403, description = "There is more of the contact in other inboxes", body = Problem),
        (status = 404, body = Problem)))]
pub async fn export(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<ContactExport>, Problem> {
    let (db, scope) = (&state.pipeline.db, who.contact_scope());
    let export = erasure::export_within(db, &id, &scope, &who.actor()).await;
    Ok(Json(export?))
}

impl From<NotErased> for Problem {
    fn from(refused: NotErased) -> Self {
        match refused {
            NotErased::NoContact => Problem::not_found("contact"),
            NotErased::Elsewhere => refusal(
                "There is more of the contact in inboxes that you may not read: this takes the permission \
                 contact.everywhere, which no token that is limited to inboxes has.",
            ),
            NotErased::Busy => Problem::conflict(
                "An answer to the contact is being sent, or an event of theirs processed, at this moment. \
                 Try again.",
            ),
            NotErased::Db(error) => error.into(),
        }
    }
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
/// What the network sends again of it is not stored again. As an export, it takes contact.everywhere when
/// there is more of the contact in other inboxes.
#[utoipa::path(delete, path = "/contacts/{id}", operation_id = "eraseContact", tag = "contacts",
    params(("id" = String, Path), ErasureQuery),
    responses((status = 200, body = ErasureReport), (status = 400, body = Problem),
        (status = 403, description = "There is more of the contact in other inboxes", body = Problem),
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
    let report = erasure::erase_within(
        &pipeline.db,
        &pipeline.housekeeping,
        &id,
        &who.contact_scope(),
        reason,
        &who.actor(),
    )
    .await?;
    pipeline.changes.tell("contact", &id);
    Ok(Json(report))
}

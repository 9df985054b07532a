//! Cases and tasks, and the end of a conversation.

use super::AppState;
use super::auth::Who;
use super::lists::{ListPage, Paging};
use super::problem::{Json, Path, Problem, Query};
use super::scope::{answers_in, check_seen};
use crate::db::access::scope::Thing;
use crate::db::conversation::NotClosed;
use crate::domain::case::{Case, CaseKind, CaseStatus, Task};
use crate::domain::inbox::Conversation;
use crate::domain::{Id, now_ms};
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct CaseFilter {
    pub contact_id: Option<Id>,
    /// Only cases of this kind.
    pub kind: Option<CaseKind>,
    /// Only cases that are open, or closed.
    pub status: Option<CaseStatus>,
}

/// Cases, the one opened last first.
#[utoipa::path(get, path = "/cases", operation_id = "listCases", tag = "cases", params(CaseFilter, Paging),
    responses((status = 200, body = ListPage<Case>), (status = 400, body = Problem)))]
pub async fn cases(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<CaseFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Case>>, Problem> {
    let (after, limit) = paging.read()?;
    let page = state
        .pipeline
        .db
        .case_page(
            &who.inboxes.scope(),
            filter.contact_id,
            filter.kind,
            filter.status,
            after.as_ref(),
            limit,
        )
        .await?;
    Ok(Json(ListPage::seen_by(&who, page)))
}

/// One case.
#[utoipa::path(get, path = "/cases/{id}", operation_id = "getCase", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem)))]
pub async fn case(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Case>, Problem> {
    check_seen(&state, &who, Thing::Case, &id).await?;
    let found = state.pipeline.db.case_get(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("case"))
}

/// The matter is solved. Suppressions that were to last until then are lifted.
#[utoipa::path(post, path = "/cases/{id}/close", operation_id = "closeCase", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem),
        (status = 409, description = "Closed already", body = Problem)))]
pub async fn case_close(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Case>, Problem> {
    let db = &state.pipeline.db;
    check_seen(&state, &who, Thing::Case, &id).await?;
    if db.case_get(&id).await?.is_none() {
        return Err(Problem::not_found("case"));
    }
    let inboxes = db.case_inboxes(&id).await?;
    // None are left when all that was heard is gone by its age.
    if !inboxes.is_empty() {
        answers_in(&who, &inboxes, "case")?;
    }
    let by = who.actor();
    if !state.pipeline.close_case(&id, now_ms(), &by).await? {
        return Err(Problem::conflict("The case is closed already."));
    }
    case(State(state), who, Path(id)).await
}

/// Nothing more is owed in a conversation. What is said in it later opens it again.
#[utoipa::path(post, path = "/conversations/{id}/close", operation_id = "closeConversation", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 404, body = Problem),
        (status = 409, description = "Closed already, or it has open cases", body = Problem)))]
pub async fn conversation_close(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Conversation>, Problem> {
    let db = &state.pipeline.db;
    check_seen(&state, &who, Thing::Conversation, &id).await?;
    let found = db.conversation_get(&id).await?;
    let found = found.ok_or_else(|| Problem::not_found("conversation"))?;
    answers_in(&who, &found.inbox_ids, "conversation")?;
    let by = who.actor();
    match state.pipeline.close_conversation(&id, &by).await? {
        Ok(()) => {}
        Err(NotClosed::Already) => {
            return Err(Problem::conflict("The conversation is closed already."));
        }
        Err(NotClosed::OpenCases) => {
            return Err(Problem::conflict("It has open cases; close them first."));
        }
    }
    super::lists::conversation(State(state), who, Path(id)).await
}

/// Tasks, newest first.
#[utoipa::path(get, path = "/tasks", operation_id = "listTasks", tag = "cases", params(Paging),
    responses((status = 200, body = ListPage<Task>), (status = 400, body = Problem)))]
pub async fn tasks(
    State(state): State<AppState>,
    who: Who,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Task>>, Problem> {
    let (after, limit) = paging.read()?;
    let scope = who.inboxes.scope();
    let page = state.pipeline.db.task_page(&scope, after.as_ref(), limit);
    Ok(Json(ListPage::seen_by(&who, page.await?)))
}

//! Reading, and the small changes that go with it: monitors, closing a case.

use super::AppState;
use super::problem::{Json, Path, Problem, Query};
use crate::db::audit::audit_append_in_tx;
use crate::db::casework::case_close_in_tx;
use crate::db::commit;
use crate::db::query::{Keyset, PAGE_MAX, Page};
use crate::domain::annotation::{Classification, Decision, EffectKind};
use crate::domain::case::{Case, CaseStatus, Suppression, Task};
use crate::domain::contact::Contact;
use crate::domain::inbox::{Conversation, ConversationStatus, Inbox, Monitor};
use crate::domain::social::{Actor, Message, Visibility};
use crate::domain::{Id, now_ms};
use crate::pipeline::inboxes::InboundError;
use crate::pipeline::view::{PluginView, plugin_views};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListPage<T> {
    pub items: Vec<T>,
    /// For `after`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> From<Page<T>> for ListPage<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            items: page.items,
            next: page.next.map(|next| next.encode()),
        }
    }
}

/// Where a page begins and how long it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 200, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

impl Paging {
    pub fn read(&self) -> Result<(Option<Keyset>, u32), Problem> {
        let bad = |detail: &str| Problem::new(StatusCode::BAD_REQUEST, detail);
        let after = match &self.after {
            None => None,
            Some(text) => {
                Some(Keyset::decode(text).ok_or_else(|| bad("after: not the `next` of a page."))?)
            }
        };
        let limit = self.limit.unwrap_or(50);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(bad("limit: must be 1 to 200."));
        }
        Ok((after, limit))
    }
}

/// All inboxes, those no longer configured included.
#[utoipa::path(get, path = "/inboxes", tag = "inboxes", responses((status = 200, body = [Inbox])))]
pub async fn inboxes(State(state): State<AppState>) -> Result<Json<Vec<Inbox>>, Problem> {
    Ok(Json(state.pipeline.db.inbox_list().await?))
}

/// One inbox.
#[utoipa::path(get, path = "/inboxes/{id}", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 200, body = Inbox), (status = 404, body = Problem)))]
pub async fn inbox(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Inbox>, Problem> {
    let inbox = state.pipeline.db.inbox_get(&id).await?;
    inbox.map(Json).ok_or_else(|| Problem::not_found("inbox"))
}

/// Who an inbox is on its network, and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    pub actor: Actor,
    pub can_poll: bool,
    pub can_receive: bool,
    pub can_send: bool,
    pub send_visibilities: Vec<Visibility>,
}

/// Asks the network whether settings and credentials work.
#[utoipa::path(post, path = "/inboxes/{id}/check", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = 404, body = Problem),
        (status = 409, description = "They do not; the detail says why", body = Problem)))]
pub async fn inbox_check(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<AccountView>, Problem> {
    let runtime = state
        .pipeline
        .inboxes
        .get(&id)
        .ok_or_else(|| Problem::not_found("active inbox"))?;
    let account = state
        .pipeline
        .check_inbox(runtime)
        .await
        .map_err(|error| match error {
            InboundError::Db(error) => Problem::from(error),
            InboundError::Call(error) => Problem::conflict(error.to_string()),
        })?;
    Ok(Json(AccountView {
        actor: account.actor,
        can_poll: account.can_poll,
        can_receive: account.can_receive,
        can_send: account.can_send,
        send_visibilities: account.send_visibilities,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct MonitorFilter {
    pub inbox_id: Option<Id>,
}

/// Words that inboxes listen for.
#[utoipa::path(get, path = "/monitors", tag = "inboxes", params(MonitorFilter),
    responses((status = 200, body = [Monitor])))]
pub async fn monitors(
    State(state): State<AppState>,
    Query(filter): Query<MonitorFilter>,
) -> Result<Json<Vec<Monitor>>, Problem> {
    Ok(Json(
        state
            .pipeline
            .db
            .monitor_list(filter.inbox_id.as_deref())
            .await?,
    ))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMonitor {
    pub inbox_id: Id,
    /// In the network's own search syntax, 1 to 256 bytes.
    #[schema(min_length = 1, max_length = 256)]
    pub query: String,
}

/// Listens for more words, from the next poll on. The same words twice are one monitor.
#[utoipa::path(post, path = "/monitors", tag = "inboxes", request_body = NewMonitor,
    responses((status = 201, body = Monitor), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn monitor_add(
    State(state): State<AppState>,
    Json(new): Json<NewMonitor>,
) -> Result<(StatusCode, Json<Monitor>), Problem> {
    let query = new.query.trim();
    if query.is_empty() || query.len() > 256 || query.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "query: 1 to 256 bytes, no control characters.",
        ));
    }
    if state.pipeline.db.inbox_get(&new.inbox_id).await?.is_none() {
        return Err(Problem::not_found("inbox"));
    }
    let monitor = state
        .pipeline
        .db
        .monitor_insert(&new.inbox_id, query)
        .await?;
    state.pipeline.changes.tell("monitor", &monitor.id);
    Ok((StatusCode::CREATED, Json(monitor)))
}

/// Stops listening. One that stands in rapport.toml comes back at the next start.
#[utoipa::path(delete, path = "/monitors/{id}", tag = "inboxes", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn monitor_delete(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<StatusCode, Problem> {
    if !state.pipeline.db.monitor_delete(&id).await? {
        return Err(Problem::not_found("monitor"));
    }
    state.pipeline.changes.tell("monitor", &id);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct ConversationFilter {
    pub inbox_id: Option<Id>,
    pub status: Option<ConversationStatus>,
    pub team: Option<String>,
}

/// Conversations, the one with the latest message first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ConversationFilter, Paging),
    responses((status = 200, body = ListPage<Conversation>), (status = 400, body = Problem)))]
pub async fn conversations(
    State(state): State<AppState>,
    Query(filter): Query<ConversationFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Conversation>>, Problem> {
    let (after, limit) = paging.read()?;
    let db = &state.pipeline.db;
    let ConversationFilter {
        inbox_id,
        status,
        team,
    } = filter;
    Ok(Json(
        db.conversation_page(inbox_id, status, team, after.as_ref(), limit)
            .await?
            .into(),
    ))
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 404, body = Problem)))]
pub async fn conversation(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Conversation>, Problem> {
    let found = state.pipeline.db.conversation_get(&id).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("conversation"))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct MessageFilter {
    pub conversation_id: Option<Id>,
    pub contact_id: Option<Id>,
}

/// Messages, newest first.
#[utoipa::path(get, path = "/messages", tag = "conversations", params(MessageFilter, Paging),
    responses((status = 200, body = ListPage<Message>), (status = 400, body = Problem)))]
pub async fn messages(
    State(state): State<AppState>,
    Query(filter): Query<MessageFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Message>>, Problem> {
    let (after, limit) = paging.read()?;
    let MessageFilter {
        conversation_id,
        contact_id,
    } = filter;
    let page = state
        .pipeline
        .db
        .message_page(conversation_id, contact_id, after.as_ref(), limit)
        .await?;
    Ok(Json(page.into()))
}

/// A message with all that was said and decided of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    #[serde(flatten)]
    pub message: Message,
    pub classifications: Vec<Classification>,
    /// The latest 200.
    pub decisions: Vec<Decision>,
}

/// One message with its classifications and decisions.
#[utoipa::path(get, path = "/messages/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = MessageView), (status = 404, body = Problem)))]
pub async fn message(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<MessageView>, Problem> {
    let db = &state.pipeline.db;
    let message = db
        .message_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("message"))?;
    let classifications = db.classification_list(&id).await?;
    let decisions = db
        .decision_page(Some(id), None, None, None, PAGE_MAX)
        .await?
        .items;
    Ok(Json(MessageView {
        message,
        classifications,
        decisions,
    }))
}

/// Contacts, the one heard of last first.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(Paging),
    responses((status = 200, body = ListPage<Contact>), (status = 400, body = Problem)))]
pub async fn contacts(
    State(state): State<AppState>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Contact>>, Problem> {
    let (after, limit) = paging.read()?;
    Ok(Json(
        state
            .pipeline
            .db
            .contact_page(after.as_ref(), limit)
            .await?
            .into(),
    ))
}

/// A contact with what is open.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    #[serde(flatten)]
    pub contact: Contact,
    pub open_cases: Vec<Case>,
    pub suppressions: Vec<Suppression>,
}

/// One contact with open cases and suppressions.
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactView), (status = 404, body = Problem)))]
pub async fn contact(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<ContactView>, Problem> {
    let db = &state.pipeline.db;
    let contact = db
        .contact_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("contact"))?;
    let open_cases = db.case_open_list(&id).await?;
    let suppressions = db.suppression_list(&id).await?;
    Ok(Json(ContactView {
        contact,
        open_cases,
        suppressions,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct CaseFilter {
    pub contact_id: Option<Id>,
    pub status: Option<CaseStatus>,
}

/// Cases, the one opened last first.
#[utoipa::path(get, path = "/cases", tag = "cases", params(CaseFilter, Paging),
    responses((status = 200, body = ListPage<Case>), (status = 400, body = Problem)))]
pub async fn cases(
    State(state): State<AppState>,
    Query(filter): Query<CaseFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Case>>, Problem> {
    let (after, limit) = paging.read()?;
    let page = state
        .pipeline
        .db
        .case_page(filter.contact_id, filter.status, after.as_ref(), limit)
        .await?;
    Ok(Json(page.into()))
}

/// One case.
#[utoipa::path(get, path = "/cases/{id}", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem)))]
pub async fn case(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Case>, Problem> {
    let found = state.pipeline.db.case_get(&id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("case"))
}

/// The matter is solved. Suppressions that were to last until then are lifted.
#[utoipa::path(post, path = "/cases/{id}/close", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = Case), (status = 404, body = Problem),
        (status = 409, description = "Closed already", body = Problem)))]
pub async fn case_close(
    State(state): State<AppState>,
    Path(id): Path<Id>,
) -> Result<Json<Case>, Problem> {
    let db = &state.pipeline.db;
    if db.case_get(&id).await?.is_none() {
        return Err(Problem::not_found("case"));
    }
    let mut tx = db.begin().await?;
    if !case_close_in_tx(&mut tx, &id, now_ms()).await? {
        return Err(Problem::conflict("The case is closed already."));
    }
    audit_append_in_tx(
        &mut tx,
        now_ms(),
        "api",
        "case.close",
        &id,
        &serde_json::Value::Null,
    )
    .await?;
    commit(tx).await?;
    state.pipeline.changes.tell("case", &id);
    case(State(state), Path(id)).await
}

/// Tasks, newest first.
#[utoipa::path(get, path = "/tasks", tag = "cases", params(Paging),
    responses((status = 200, body = ListPage<Task>), (status = 400, body = Problem)))]
pub async fn tasks(
    State(state): State<AppState>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Task>>, Problem> {
    let (after, limit) = paging.read()?;
    Ok(Json(
        state
            .pipeline
            .db
            .task_page(after.as_ref(), limit)
            .await?
            .into(),
    ))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct DecisionFilter {
    pub message_id: Option<Id>,
    pub draft_id: Option<Id>,
    pub effect: Option<EffectKind>,
}

/// What rules decided and why, newest first.
#[utoipa::path(get, path = "/decisions", tag = "decisions", params(DecisionFilter, Paging),
    responses((status = 200, body = ListPage<Decision>), (status = 400, body = Problem)))]
pub async fn decisions(
    State(state): State<AppState>,
    Query(filter): Query<DecisionFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Decision>>, Problem> {
    let (after, limit) = paging.read()?;
    let effect = filter.effect.map(|e| e.as_str().to_owned());
    let DecisionFilter {
        message_id,
        draft_id,
        ..
    } = filter;
    let page = state
        .pipeline
        .db
        .decision_page(message_id, draft_id, effect, after.as_ref(), limit)
        .await?;
    Ok(Json(page.into()))
}

/// The plugins at work, with their health and rules.
#[utoipa::path(get, path = "/plugins", tag = "plugins", responses((status = 200, body = [PluginView])))]
pub async fn plugins(State(state): State<AppState>) -> Json<Vec<PluginView>> {
    Json(plugin_views(&state.pipeline))
}

//! Reading: conversations, messages, contacts, decisions, plugins; and what a page of a list is.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem, Query};
use super::scope::{check_seen, inbox_filter, notice};
use crate::db::access::scope::{Held, Thing};
use crate::db::query::{Keyset, PAGE_MAX, Page};
use crate::domain::Id;
use crate::domain::annotation::{Classification, Decision, EffectKind};
use crate::domain::case::{Case, Suppression};
use crate::domain::contact::Contact;
use crate::domain::inbox::{Conversation, ConversationStatus};
use crate::domain::social::Message;
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
    /// Why there is nothing, for somebody who may see nothing; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub notice: Option<&'static str>,
}

impl<T> ListPage<T> {
    /// A page of what is in inboxes.
    pub fn seen_by(who: &Who, page: Page<T>) -> Self {
        Self {
            notice: notice(who),
            ..Self::from(page)
        }
    }
}

impl<T> From<Page<T>> for ListPage<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            items: page.items,
            next: page.next.map(|next| next.encode()),
            notice: None,
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct ConversationFilter {
    /// Only those of this inbox: its name or id.
    pub inbox: Option<String>,
    /// The same as `inbox`.
    pub inbox_id: Option<Id>,
    /// Only those that are open, left alone, or closed.
    pub status: Option<ConversationStatus>,
    /// Only those of this team, by its name.
    pub team: Option<String>,
}

/// Conversations, the one with the latest message first.
#[utoipa::path(get, path = "/conversations", operation_id = "listConversations", tag = "conversations", params(ConversationFilter, Paging),
    responses((status = 200, body = ListPage<Conversation>), (status = 400, body = Problem),
        (status = 404, description = "There is no such inbox, or not for the caller to read", body = Problem)))]
pub async fn conversations(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<ConversationFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Conversation>>, Problem> {
    let (after, limit) = paging.read()?;
    let db = &state.pipeline.db;
    let ConversationFilter {
        inbox,
        inbox_id,
        status,
        team,
    } = filter;
    let inbox_id = inbox_filter(&state, &who, inbox, inbox_id).await?;
    let scope = who.inboxes.scope();
    let page = db.conversation_page(&scope, inbox_id, status, team, after.as_ref(), limit);
    let mut page = page.await?;
    for found in &mut page.items {
        scope.narrow(&mut found.inbox_id, &mut found.inbox_ids);
    }
    Ok(Json(ListPage::seen_by(&who, page)))
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", operation_id = "getConversation", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 404, body = Problem)))]
pub async fn conversation(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Conversation>, Problem> {
    check_seen(&state, &who, Thing::Conversation, &id).await?;
    let found = state.pipeline.db.conversation_get(&id).await?;
    let mut found = found.ok_or_else(|| Problem::not_found("conversation"))?;
    let scope = who.inboxes.scope();
    scope.narrow(&mut found.inbox_id, &mut found.inbox_ids);
    Ok(Json(found))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct MessageFilter {
    /// Only those of this inbox: its name or id.
    pub inbox: Option<String>,
    /// The same as `inbox`.
    pub inbox_id: Option<Id>,
    /// Only those of this conversation.
    pub conversation_id: Option<Id>,
    /// Only those of this contact.
    pub contact_id: Option<Id>,
}

/// Messages, newest first.
#[utoipa::path(get, path = "/messages", operation_id = "listMessages", tag = "conversations", params(MessageFilter, Paging),
    responses((status = 200, body = ListPage<Message>), (status = 400, body = Problem),
        (status = 404, description = "There is no such inbox, or not for the caller to read", body = Problem)))]
pub async fn messages(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<MessageFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Message>>, Problem> {
    let (after, limit) = paging.read()?;
    let MessageFilter {
        inbox,
        inbox_id,
        conversation_id,
        contact_id,
    } = filter;
    let inbox_id = inbox_filter(&state, &who, inbox, inbox_id).await?;
    let scope = who.inboxes.scope();
    let mut page = state
        .pipeline
        .db
        .message_page(
            &scope,
            inbox_id,
            conversation_id,
            contact_id,
            after.as_ref(),
            limit,
        )
        .await?;
    for found in &mut page.items {
        scope.narrow(&mut found.inbox_id, &mut found.inbox_ids);
    }
    Ok(Json(ListPage::seen_by(&who, page)))
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
#[utoipa::path(get, path = "/messages/{id}", operation_id = "getMessage", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = MessageView), (status = 404, body = Problem)))]
pub async fn message(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<MessageView>, Problem> {
    check_seen(&state, &who, Thing::Message, &id).await?;
    let db = &state.pipeline.db;
    let mut message = db
        .message_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("message"))?;
    let scope = who.inboxes.scope();
    scope.narrow(&mut message.inbox_id, &mut message.inbox_ids);
    let classifications = db.classification_list(&id).await?;
    let decisions = db
        .decision_page(&scope, Some(id), None, None, None, PAGE_MAX)
        .await?
        .items;
    Ok(Json(MessageView {
        message,
        classifications,
        decisions,
    }))
}

/// Contacts, the one heard of last first.
#[utoipa::path(get, path = "/contacts", operation_id = "listContacts", tag = "contacts", params(Paging),
    responses((status = 200, body = ListPage<Contact>), (status = 400, body = Problem)))]
pub async fn contacts(
    State(state): State<AppState>,
    who: Who,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Contact>>, Problem> {
    let (after, limit) = paging.read()?;
    let scope = who.inboxes.scope();
    let page = state
        .pipeline
        .db
        .contact_page(&scope, after.as_ref(), limit);
    Ok(Json(ListPage::seen_by(&who, page.await?)))
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

/// One contact with suppressions and open cases, those of inboxes that one may read. Of a contact who is
/// also heard in other inboxes, suppressions come without their reason.
#[utoipa::path(get, path = "/contacts/{id}", operation_id = "getContact", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactView), (status = 404, body = Problem)))]
pub async fn contact(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<ContactView>, Problem> {
    check_seen(&state, &who, Thing::Contact, &id).await?;
    let db = &state.pipeline.db;
    let mut contact = db
        .contact_get(&id)
        .await?
        .ok_or_else(|| Problem::not_found("contact"))?;
    let scope = who.inboxes.scope();
    db.contacts_narrow(std::slice::from_mut(&mut contact), &scope)
        .await?;
    let mut open_cases = Vec::new();
    for case in db.case_open_list(&id).await? {
        if db.thing_visible(Thing::Case, &case.id, &scope).await? {
            open_cases.push(case);
        }
    }
    let mut suppressions = db.suppression_list(&id).await?;
    // That they are left alone holds everywhere; why may have been said in another inbox.
    if db.contact_held(&id, &scope).await? != Held::All {
        for suppression in &mut suppressions {
            suppression.reason.clear();
        }
    }
    Ok(Json(ContactView {
        contact,
        open_cases,
        suppressions,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct DecisionFilter {
    /// Only those about this message.
    pub message_id: Option<Id>,
    /// Only those about this draft.
    pub draft_id: Option<Id>,
    /// Only those with this effect.
    pub effect: Option<EffectKind>,
}

/// What rules decided and why, newest first.
#[utoipa::path(get, path = "/decisions", operation_id = "listDecisions", tag = "decisions", params(DecisionFilter, Paging),
    responses((status = 200, body = ListPage<Decision>), (status = 400, body = Problem)))]
pub async fn decisions(
    State(state): State<AppState>,
    who: Who,
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
        .decision_page(
            &who.inboxes.scope(),
            message_id,
            draft_id,
            effect,
            after.as_ref(),
            limit,
        )
        .await?;
    Ok(Json(ListPage::seen_by(&who, page)))
}

/// The plugins at work, with their health and rules.
#[utoipa::path(get, path = "/plugins", operation_id = "listPlugins", tag = "plugins", responses((status = 200, body = [PluginView])))]
pub async fn plugins(State(state): State<AppState>) -> Json<Vec<PluginView>> {
    Json(plugin_views(&state.pipeline))
}

//! Drafts: written, checked against policy, corrected, sent, or released when held.

use super::AppState;
use super::auth::{Who, refusal};
use super::lists::{ListPage, Paging};
use super::problem::{Json, Path, Problem, Query};
use super::scope::{answers_in, check_answers, check_seen};
use crate::db::access::scope::Thing;
use crate::db::outbound::{
    ClientKey, draft_author_in_tx, draft_edit_in_tx, draft_editor_in_tx, draft_insert_in_tx,
};
use crate::db::webhook::Outgoing;
use crate::db::{Tx, commit};
use crate::domain::access::Caller;
use crate::domain::annotation::Decision;
use crate::domain::case::Purpose;
use crate::domain::digest::sha256_hex;
use crate::domain::effects::Verdict;
use crate::domain::outbound::{Draft, DraftStatus};
use crate::domain::social::Visibility;
use crate::domain::text::line_ends;
use crate::domain::webhook::EventType;
use crate::domain::{Id, new_id, now_ms};
use crate::pipeline::outbound::{Intent, OutboundError};
use crate::pipeline::telling::tell_draft;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const CONTENT_MAX_BYTES: usize = 64 * 1024;
const NAME_MAX_BYTES: usize = 128;
const KEY_MAX_BYTES: usize = 128;

/// A reply to a message.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDraft {
    /// The message that it answers.
    pub message_id: Id,
    /// Its text, at most 65536 bytes. CRLF and CR count as line ends, and are kept as LF.
    #[schema(min_length = 1, max_length = 65536)]
    pub content: String,
    /// The inbox through which it goes out, one of the message's `inboxIds`; unless given, the first in
    /// which the caller may answer.
    pub inbox_id: Option<Id>,
    /// Who writes it, for callers that are no person. A person's own name stands there by itself.
    #[schema(min_length = 1, max_length = 128)]
    pub author: Option<String>,
    /// Meant for the author's own named account. Whether it goes out on one is a fact that the host
    /// knows by rights to inboxes (`own`), and states in the draft; saying so does not make it one.
    #[serde(default)]
    pub named_account: bool,
    /// `service` unless given.
    pub purpose: Option<Purpose>,
    /// Unless given, the more private of what the rules demand (the conversation's `answerVisibility`)
    /// and the message's own.
    pub visibility: Option<Visibility>,
    /// BCP 47.
    pub language: Option<String>,
}

/// Another text for a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftEdit {
    /// As of a new draft.
    #[schema(min_length = 1, max_length = 65536)]
    pub content: String,
}

/// What policy says of a draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DraftOutcome {
    pub draft: Draft,
    /// `allow`, `rewrite`, `hold` or `deny`.
    #[schema(value_type = String)]
    pub verdict: &'static str,
    /// Each rule's effect, with the reason and the words that made it.
    pub decisions: Vec<Decision>,
    /// Set when it is on its way.
    pub outbox_item_id: Option<Id>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct DraftFilter {
    pub conversation_id: Option<Id>,
}

/// Drafts, newest first.
#[utoipa::path(get, path = "/drafts", operation_id = "listDrafts", tag = "drafts", params(DraftFilter, Paging),
    responses((status = 200, body = ListPage<Draft>), (status = 400, body = Problem)))]
pub async fn drafts(
    State(state): State<AppState>,
    who: Who,
    Query(filter): Query<DraftFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<ListPage<Draft>>, Problem> {
    let (after, limit) = paging.read()?;
    let page = state
        .pipeline
        .db
        .draft_page(
            &who.inboxes.scope(),
            filter.conversation_id,
            after.as_ref(),
            limit,
        )
        .await?;
    Ok(Json(ListPage::seen_by(&who, page)))
}

fn check_text(field: &str, text: &str, max_bytes: usize) -> Result<(), Problem> {
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.trim().is_empty() || text.len() > max_bytes || text.chars().any(odd) {
        return Err(Problem::invalid(format!(
            "{field}: 1 to {max_bytes} bytes, no control characters."
        )));
    }
    Ok(())
}

/// Writes a draft.
///
/// With an `Idempotency-Key` header (at most 128 characters), the same request twice makes one draft;
/// the same key with another request is refused with 422.
#[utoipa::path(post, path = "/drafts", operation_id = "createDraft", tag = "drafts", request_body = NewDraft,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "The client's own key for this request, 1 to 128 printable characters: sent again, it makes no second draft")),
    responses((status = 201, body = Draft), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn draft_create(
    State(state): State<AppState>,
    who: Who,
    headers: HeaderMap,
    Json(mut new): Json<NewDraft>,
) -> Result<(StatusCode, Json<Draft>), Problem> {
    new.content = line_ends(new.content);
    check_text("content", &new.content, CONTENT_MAX_BYTES)?;
    let request = sha256_hex(&serde_json::to_vec(&new).unwrap_or_default());
    let author = author_of(&who, new.author)?;
    if let Some(language) = &new.language {
        check_text("language", language, 35)?;
    }
    let key = client_key(&headers)?;
    let db = &state.pipeline.db;
    let message = db
        .message_get(&new.message_id)
        .await?
        .ok_or_else(|| Problem::not_found("message"))?;
    let inbox_id = match &new.inbox_id {
        None => {
            // One that is at work before one that is not.
            let set = state.pipeline.plugins.now();
            let mut inboxes = message.inbox_ids.clone();
            inboxes.sort_by_key(|id| !set.inboxes.contains_key(id));
            answers_in(&who, &inboxes, "message")?.clone()
        }
        Some(id) => {
            check_seen(&state, &who, Thing::Message, &message.id).await?;
            if !message.inbox_ids.contains(id) {
                return Err(Problem::invalid(
                    "inboxId: the message is not in that inbox; see its inboxIds.",
                ));
            }
            answers_in(&who, std::slice::from_ref(id), "inbox")?.clone()
        }
    };
    if message.conversation_id.is_empty() || message.deleted.is_some() {
        return Err(Problem::invalid(
            "messageId: that message was deleted at its source.",
        ));
    }
    let conversation = db.conversation_get(&message.conversation_id).await?;
    let demanded = conversation.and_then(|conversation| conversation.answer_visibility);
    let said = message.visibility;
    let now = now_ms();
    let own = who.inboxes.on(&inbox_id).is_some_and(|right| right.own);
    let draft = Draft {
        id: new_id(),
        conversation_id: message.conversation_id,
        inbox_id,
        message_id: Some(message.id),
        purpose: new.purpose.unwrap_or(Purpose::Service),
        content: new.content,
        language: new.language,
        visibility: new.visibility.unwrap_or(demanded.unwrap_or(said).max(said)),
        author,
        named_account: own,
        status: DraftStatus::Draft,
        created: now,
        updated: now,
    };
    // A key is its caller's own.
    let actor = who.actor();
    let key = key.map(|key| format!("{actor} {key}"));
    let mut tx = db.begin().await?;
    let client = key.as_deref().map(|key| ClientKey {
        key,
        request: &request,
    });
    let id = draft_insert_in_tx(&mut tx, &draft, client).await?;
    let id = id.ok_or_else(|| {
        Problem::invalid(
            "Idempotency-Key: used before with another request. Send that one again, or take a new key.",
        )
    })?;
    // The same key again makes no draft, so there is nothing to tell.
    if id == draft.id {
        told_in_tx(&mut tx, EventType::DraftCreated, &draft).await?;
    }
    draft_author_in_tx(&mut tx, &id, &actor).await?;
    commit(tx).await?;
    state.pipeline.changes.tell("draft", &id);
    Ok((StatusCode::CREATED, Json(load(&state, &id).await?)))
}

/// The client's own key for the request, if it gave one.
fn client_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let key = key.to_str().ok();
    match key.filter(|key| (1..=KEY_MAX_BYTES).contains(&key.len()) && given.next().is_none()) {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::invalid(
            "Idempotency-Key: one key of 1 to 128 printable characters.",
        )),
    }
}

/// Tells webhooks of a draft that is being written.
async fn told_in_tx(tx: &mut Tx<'_>, kind: EventType, draft: &Draft) -> Result<(), Problem> {
    let mut outgoing = Outgoing::in_tx(tx).await?;
    tell_draft(&mut outgoing, kind, draft, DraftStatus::Draft);
    Ok(outgoing.store_in_tx(tx, now_ms()).await?)
}

/// The name under a draft: a person's own; a program says whom it writes for.
fn author_of(who: &Who, given: Option<String>) -> Result<String, Problem> {
    if who.is_person() {
        if given.is_some_and(|given| given != who.name) {
            return Err(Problem::invalid("author: only your own name."));
        }
        return Ok(who.name.clone());
    }
    let author = given.unwrap_or_else(|| who.name.clone());
    check_text("author", &author, NAME_MAX_BYTES)?;
    Ok(author)
}

async fn load(state: &AppState, id: &str) -> Result<Draft, Problem> {
    state
        .pipeline
        .db
        .draft_get(id)
        .await?
        .ok_or_else(|| Problem::not_found("draft"))
}

/// One draft.
#[utoipa::path(get, path = "/drafts/{id}", operation_id = "getDraft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 200, body = Draft), (status = 404, body = Problem)))]
pub async fn draft(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<Draft>, Problem> {
    check_seen(&state, &who, Thing::Draft, &id).await?;
    Ok(Json(load(&state, &id).await?))
}

/// Corrects a draft that is not on its way yet.
#[utoipa::path(patch, path = "/drafts/{id}", operation_id = "updateDraft", tag = "drafts", params(("id" = String, Path)),
    request_body = DraftEdit, responses((status = 200, body = Draft), (status = 404, body = Problem),
        (status = 409, description = "On its way already", body = Problem), (status = 422, body = Problem)))]
pub async fn draft_edit(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
    Json(edit): Json<DraftEdit>,
) -> Result<Json<Draft>, Problem> {
    let content = line_ends(edit.content);
    check_text("content", &content, CONTENT_MAX_BYTES)?;
    let draft = load(&state, &id).await?;
    check_answers(&who, &draft.inbox_id, "draft")?;
    let mut tx = state.pipeline.db.begin().await?;
    if !draft_edit_in_tx(&mut tx, &id, &content, now_ms()).await? {
        return Err(Problem::conflict("The draft is on its way already."));
    }
    told_in_tx(&mut tx, EventType::DraftChanged, &draft).await?;
    draft_editor_in_tx(&mut tx, &id, &who.actor()).await?;
    commit(tx).await?;
    state.pipeline.changes.tell("draft", &id);
    Ok(Json(load(&state, &id).await?))
}

/// Whoever makes a draft go out holds the inbox's voice, unless the inbox is their own named account and
/// the draft theirs.
pub(super) async fn check_voice(state: &AppState, who: &Who, draft: &Draft) -> Result<(), Problem> {
    let right = who.inboxes.on(&draft.inbox_id).unwrap_or_default();
    if right.voice {
        return Ok(());
    }
    let author = state.pipeline.db.draft_author(&draft.id).await?;
    if right.own && author.is_some_and(|author| author == who.actor()) {
        return Ok(());
    }
    Err(refusal(
        "Posting on this inbox's account takes its voice, which you do not hold, or that the account is \
         your own. An admin gives it: `rapport user grant EMAIL --inbox NAME --right voice` (or own), or \
         PUT /api/v1/inboxes/{id}/rights.",
    ))
}

async fn outcome(
    state: &AppState,
    who: &Who,
    id: &str,
    intent: Intent,
) -> Result<Json<DraftOutcome>, Problem> {
    let mut draft = load(state, id).await?;
    check_answers(who, &draft.inbox_id, "draft")?;
    // As rights are now, and not as they were.
    draft.named_account = state.pipeline.db.draft_on_own_account(id).await?;
    if intent != Intent::Check {
        check_voice(state, who, &draft).await?;
    }
    let runtime = state
        .pipeline
        .inbox(&draft.inbox_id)
        .ok_or_else(|| Problem::conflict("The draft's inbox is not active."))?;
    let outcome = state
        .pipeline
        .outbound(&runtime.connector, &draft, &intent, now_ms())
        .await
        .map_err(|error| match error {
            OutboundError::Db(error) => Problem::from(error),
            OutboundError::NotYours(detail) => refusal(detail),
            other => Problem::conflict(format!("{other}.")),
        })?;
    if outcome.outbox_item.is_some() {
        state.wake.outbox.notify_one();
    }
    let verdict = match outcome.verdict {
        Verdict::Allow => "allow",
        Verdict::Rewrite => "rewrite",
        Verdict::Hold => "hold",
        Verdict::Deny => "deny",
    };
    Ok(Json(DraftOutcome {
        draft: load(state, id).await?,
        verdict,
        decisions: outcome.decisions,
        outbox_item_id: outcome.outbox_item,
    }))
}

/// Asks policy and channel what they say of a draft. Nothing goes out.
#[utoipa::path(post, path = "/drafts/{id}/check", operation_id = "checkDraft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 200, body = DraftOutcome), (status = 404, body = Problem),
        (status = 409, description = "On its way already, or it can't be sent any more", body = Problem)))]
pub async fn draft_check(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<DraftOutcome>, Problem> {
    outcome(&state, &who, &id, Intent::Check).await
}

/// Sends a draft if policy allows it; otherwise says what holds it, and why.
#[utoipa::path(post, path = "/drafts/{id}/send", operation_id = "sendDraft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 200, body = DraftOutcome), (status = 404, body = Problem),
        (status = 409, description = "On its way already, or it can't be sent any more", body = Problem)))]
pub async fn draft_send(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<DraftOutcome>, Problem> {
    outcome(&state, &who, &id, Intent::Send).await
}

/// Sends a draft although it is held. A denied one stays denied.
///
/// Nobody releases what they wrote any part of, and a hold names the role whose people may release it.
/// Who did goes on record.
#[utoipa::path(post, path = "/drafts/{id}/release", operation_id = "releaseDraft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 200, body = DraftOutcome), (status = 404, body = Problem),
        (status = 409, description = "On its way already, or it can't be sent any more", body = Problem)))]
pub async fn draft_release(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Id>,
) -> Result<Json<DraftOutcome>, Problem> {
    let by = Box::new(Caller::clone(&who));
    outcome(&state, &who, &id, Intent::Release { by }).await
}

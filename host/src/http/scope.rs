//! Where a caller may look and act: the inboxes that they have a right to.
//!
//! What one may not read is not there (404); what one may read but not answer is refused (403).

use super::AppState;
use super::auth::{Who, refusal};
use super::problem::Problem;
use crate::db::access::scope::Thing;
use crate::domain::Id;
use crate::domain::inbox::Inbox;
use axum::http::StatusCode;
use rapport_package::nearest::nearest;

/// For somebody who sees nothing, and might think that there is nothing.
const NO_RIGHTS: &str = "You have no right to any inbox yet, so you see none of what is in them. Whoever \
    manages agents gives it: `rapport user grant EMAIL --inbox NAME`, or PUT /api/v1/inboxes/{id}/rights.";

/// What somebody without a right to any inbox is told beside an empty list.
pub fn notice(who: &Who) -> Option<&'static str> {
    who.inboxes.is_empty().then_some(NO_RIGHTS)
}

/// It is not there for this caller.
fn not_there(who: &Who, what: &str) -> Problem {
    match notice(who) {
        Some(notice) => Problem::new(StatusCode::NOT_FOUND, notice),
        None => Problem::not_found(what),
    }
}

impl Thing {
    fn word(self) -> &'static str {
        match self {
            Thing::Inbox => "inbox",
            Thing::Conversation => "conversation",
            Thing::Message => "message",
            Thing::Contact => "contact",
            Thing::Case => "case",
            Thing::Task => "task",
            Thing::Draft => "draft",
            Thing::OutboxItem => "outbox item",
            Thing::Decision => "decision",
            Thing::Monitor => "monitor",
        }
    }
}

/// Fails with 404 for a thing in inboxes that the caller may not read.
pub async fn check_seen(
    state: &AppState,
    who: &Who,
    thing: Thing,
    id: &str,
) -> Result<(), Problem> {
    let scope = who.inboxes.scope();
    if state.pipeline.db.thing_visible(thing, id, &scope).await? {
        return Ok(());
    }
    Err(not_there(who, thing.word()))
}

/// Fails for an inbox that the caller may not read (404) or not answer in (403).
pub fn check_answers(who: &Who, inbox_id: &str, what: &str) -> Result<(), Problem> {
    answers_in(who, &[inbox_id.to_owned()], what).map(|_| ())
}

/// The first of a thing's inboxes that the caller may answer in; fails where they may read none of them
/// (404) or only read (403).
pub fn answers_in<'a>(who: &Who, inboxes: &'a [Id], what: &str) -> Result<&'a Id, Problem> {
    let rights = inboxes
        .iter()
        .filter_map(|id| Some((id, who.inboxes.on(id)?)));
    let best = rights.reduce(|best, other| match best.1.answer {
        true => best,
        false => other,
    });
    match best {
        None => Err(not_there(who, what)),
        Some((id, right)) if right.answer => Ok(id),
        Some(_) => Err(refusal(
            "You may read this inbox, but not answer in it. Whoever manages agents gives that right: \
             `rapport user grant EMAIL --inbox NAME`, or PUT /api/v1/inboxes/{id}/rights.",
        )),
    }
}

/// The id of the inbox that a list is to be of, from its name or id. Fails with 404, and the nearest
/// name, where the caller may not read one of that name.
pub async fn inbox_filter(
    state: &AppState,
    who: &Who,
    inbox: Option<String>,
    inbox_id: Option<Id>,
) -> Result<Option<Id>, Problem> {
    let named = match (inbox, inbox_id) {
        (None, None) => return Ok(None),
        (Some(named), None) | (None, Some(named)) => named,
        (Some(_), Some(_)) => {
            let detail = "inbox, inboxId: give one of them.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
        }
    };
    let mut readable = state.pipeline.db.inbox_list().await?;
    readable.retain(|inbox| who.inboxes.on(&inbox.id).is_some());
    let is_it = |inbox: &&Inbox| inbox.id == named || inbox.name == named;
    if let Some(inbox) = readable.iter().find(is_it) {
        return Ok(Some(inbox.id.clone()));
    }
    let hint = nearest(&named, readable.iter().map(|inbox| inbox.name.as_str()));
    let hint = hint.unwrap_or_else(|| ".".to_owned());
    let named: String = named.chars().take(64).collect();
    let detail = format!("inbox: there is no inbox `{named}`{hint}");
    Err(Problem::new(StatusCode::NOT_FOUND, detail))
}

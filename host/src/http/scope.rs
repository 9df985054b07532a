//! Where a caller may look and act: the inboxes that they have a right to.
//!
//! What one may not read is not there (404); what one may read but not answer is refused (403).

use super::AppState;
use super::auth::{Who, refusal};
use super::problem::Problem;
use crate::db::access::scope::Thing;

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
    Err(Problem::not_found(thing.word()))
}

/// Fails for an inbox that the caller may not read (404) or not answer in (403).
pub fn check_answers(who: &Who, inbox_id: &str, what: &str) -> Result<(), Problem> {
    match who.inboxes.on(inbox_id) {
        None => Err(Problem::not_found(what)),
        Some(right) if right.answer => Ok(()),
        Some(_) => Err(refusal("You may read this inbox, but not answer in it.")),
    }
}

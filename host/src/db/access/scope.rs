//! Which inboxes a thing is seen through: who may not read any of them may not know of the thing.

use super::super::statement::Statement;
use super::super::{Db, Result};
use crate::domain::Id;
use crate::domain::access::InboxScope;

/// Things that are reached through inboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Inbox,
    Conversation,
    Message,
    Contact,
    Case,
    Task,
    Draft,
    OutboxItem,
    Decision,
    Monitor,
}

impl Thing {
    /// As live changes name it.
    pub fn of_change(kind: &str) -> Option<Self> {
        Some(match kind {
            "inbox" => Thing::Inbox,
            "conversation" => Thing::Conversation,
            "message" => Thing::Message,
            "contact" => Thing::Contact,
            "case" => Thing::Case,
            "task" => Thing::Task,
            "draft" => Thing::Draft,
            "outbox" => Thing::OutboxItem,
            "decision" => Thing::Decision,
            "monitor" => Thing::Monitor,
            _ => return None,
        })
    }

    fn table(self) -> &'static str {
        match self {
            Thing::Inbox => "inbox",
            Thing::Conversation => "conversation",
            Thing::Message => "message",
            Thing::Contact => "contact",
            Thing::Case => "customer_case",
            Thing::Task => "task",
            Thing::Draft => "draft",
            Thing::OutboxItem => "outbox_item",
            Thing::Decision => "decision",
            Thing::Monitor => "monitor",
        }
    }
}

/// The condition on `table` that holds for rows seen through inboxes in `list` (placeholders); for a
/// table that is not reached through inboxes, one that never holds. A contact is seen where one of its messages is; a case
/// or task where its conversation is, or its contact when it has none.
pub(in crate::db) fn condition(table: &str, list: &str) -> String {
    // A message or a conversation that several inboxes brought is seen through each of them.
    let message = |of: &str| {
        format!(
            "({of}.inbox_id IN ({list}) OR EXISTS (SELECT 1 FROM message_inbox mx
                 WHERE mx.message_id = {of}.id AND mx.inbox_id IN ({list})))"
        )
    };
    let conversation = |of: &str| {
        format!(
            "({of}.inbox_id IN ({list}) OR EXISTS (SELECT 1 FROM conversation_inbox cx
                 WHERE cx.conversation_id = {of}.id AND cx.inbox_id IN ({list})))"
        )
    };
    let contact = |id: &str| {
        format!(
            "EXISTS (SELECT 1 FROM message sm WHERE sm.contact_id = {id} AND {})",
            message("sm")
        )
    };
    match table {
        "inbox" => format!("inbox.id IN ({list})"),
        "message" => message(table),
        "conversation" => conversation(table),
        "draft" | "outbox_item" | "monitor" => format!("{table}.inbox_id IN ({list})"),
        "contact" => contact("contact.id"),
        "customer_case" | "task" => format!(
            "CASE WHEN {table}.conversation_id IS NULL THEN {} ELSE EXISTS (
                 SELECT 1 FROM conversation sc WHERE sc.id = {table}.conversation_id AND {}) END",
            contact(&format!("{table}.contact_id")),
            conversation("sc")
        ),
        "decision" => format!(
            "(EXISTS (SELECT 1 FROM message sm WHERE sm.id = decision.message_id AND {})
              OR EXISTS (SELECT 1 FROM draft sd WHERE sd.id = decision.draft_id AND sd.inbox_id IN ({list})))",
            message("sm")
        ),
        _ => "FALSE".to_owned(),
    }
}

impl Db {
    /// Whether somebody with this scope may see a thing. What is not there is not seen.
    pub async fn thing_visible(&self, thing: Thing, id: &str, scope: &InboxScope) -> Result<bool> {
        let InboxScope::Only(inboxes) = scope else {
            return Ok(true);
        };
        if inboxes.is_empty() {
            return Ok(false);
        }
        let table = thing.table();
        let head = format!("SELECT {table}.id FROM {table} WHERE {table}.id = ");
        let mut query = Statement::new(&head);
        query.bind(id).push(" AND ");
        let list = query.marks(inboxes);
        query.push(&condition(table, &list));
        Ok(!query.fetch_all(&self.read).await?.is_empty())
    }

    /// The inboxes that a conversation-bound thing belongs to: of a case or task, its conversation's.
    pub async fn case_inboxes(&self, case_id: &str) -> Result<Vec<Id>> {
        Ok(sqlx::query_scalar(
            "SELECT c.inbox_id FROM customer_case k JOIN conversation c ON c.id = k.conversation_id
             WHERE k.id = $1
             UNION SELECT x.inbox_id FROM customer_case k JOIN conversation_inbox x
                 ON x.conversation_id = k.conversation_id WHERE k.id = $1",
        )
        .bind(case_id)
        .fetch_all(&self.read)
        .await?)
    }
}

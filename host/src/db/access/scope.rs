//! Which inboxes a thing is seen through: who may not read any of them may not know of the thing.

use super::super::bulk::list_padded;
use super::super::places::PLACES;
use super::super::statement::Statement;
use super::super::{Db, Result};
use crate::domain::Id;
use crate::domain::access::InboxScope;
use crate::domain::contact::Contact;
use sqlx::{AnyConnection, Row};

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
/// table that is not reached through inboxes, one that never holds. A contact is seen where one of its
/// messages is; a case or task where its conversation is, or its contact when it has none. A case that a
/// private message opened has its words in the title, and is seen where that message is.
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
    let of_conversation = |of: &str| {
        format!(
            "CASE WHEN {of}.conversation_id IS NULL THEN {} ELSE EXISTS (
                 SELECT 1 FROM conversation sc WHERE sc.id = {of}.conversation_id AND {}) END",
            contact(&format!("{of}.contact_id")),
            conversation("sc")
        )
    };
    match table {
        "inbox" => format!("inbox.id IN ({list})"),
        "message" => message(table),
        "conversation" => conversation(table),
        "draft" | "outbox_item" | "monitor" => format!("{table}.inbox_id IN ({list})"),
        "contact" => contact("contact.id"),
        "customer_case" => format!(
            "({} AND NOT EXISTS (SELECT 1 FROM message pm WHERE pm.id = customer_case.message_id
                 AND pm.visibility <> 'public' AND NOT {}))",
            of_conversation(table),
            message("pm")
        ),
        "task" => of_conversation(table),
        // What was said of a draft is seen where the draft is, and not where the message that it answers
        // is shared.
        "decision" => format!(
            "CASE WHEN decision.draft_id IS NULL THEN EXISTS (
                 SELECT 1 FROM message sm WHERE sm.id = decision.message_id AND {}) ELSE EXISTS (
                 SELECT 1 FROM draft sd WHERE sd.id = decision.draft_id AND sd.inbox_id IN ({list})) END",
            message("sm")
        ),
        _ => "FALSE".to_owned(),
    }
}

/// The condition that holds for rows of `table` that lie wholly in the inboxes of `list`: also in no other
/// that shares them. None for a table whose rows are found through others.
fn wholly(table: &str, list: &str) -> Option<String> {
    let in_all = |of: &str, shares: &str, key: &str| {
        format!(
            "({of}.inbox_id IN ({list}) AND NOT EXISTS (SELECT 1 FROM {shares} ox
                 WHERE ox.{key} = {of}.id AND ox.inbox_id NOT IN ({list})))"
        )
    };
    let conversation = |of: &str| in_all(of, "conversation_inbox", "conversation_id");
    Some(match table {
        "message" => in_all(table, "message_inbox", "message_id"),
        "conversation" => conversation(table),
        "draft" | "outbox_item" | "reaction" => format!("{table}.inbox_id IN ({list})"),
        "customer_case" | "task" => format!(
            "({table}.conversation_id IS NULL OR EXISTS (
                 SELECT 1 FROM conversation oc WHERE oc.id = {table}.conversation_id AND {}))",
            conversation("oc")
        ),
        _ => return None,
    })
}

/// How much of a contact the inboxes of a scope hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    All,
    /// There is more of them in other inboxes.
    Some,
    /// They are not there for somebody with this scope.
    Nothing,
}

/// Goes by the same list as erasure and export: what those touch must lie in the scope.
pub(in crate::db) async fn contact_held_on(
    connection: &mut AnyConnection,
    id: &str,
    scope: &InboxScope,
) -> Result<Held> {
    let InboxScope::Only(inboxes) = scope else {
        return Ok(Held::All);
    };
    let mut seen = Statement::new("SELECT contact.id FROM contact WHERE contact.id = ");
    seen.bind(id).push(" AND ");
    let list = seen.marks(inboxes);
    seen.push(&condition("contact", &list));
    if inboxes.is_empty() || seen.fetch_all(&mut *connection).await?.is_empty() {
        return Ok(Held::Nothing);
    }
    for place in PLACES {
        let mut beyond = Statement::new("SELECT 1 AS one FROM ");
        beyond.push(place.table).push(" WHERE (").push(place.rows);
        let list = beyond.value(id).marks(inboxes);
        let Some(wholly) = wholly(place.table, &list) else {
            continue;
        };
        beyond.push(") AND NOT ").push(&wholly).push(" LIMIT 1");
        if !beyond.fetch_all(&mut *connection).await?.is_empty() {
            return Ok(Held::Some);
        }
    }
    Ok(Held::All)
}

impl Db {
    pub async fn contact_held(&self, id: &str, scope: &InboxScope) -> Result<Held> {
        let mut connection = self.read.acquire().await?;
        contact_held_on(&mut connection, id, scope).await
    }

    /// Narrows what is said of contacts (how often and when they were heard) to what a scope shows.
    pub async fn contacts_narrow(
        &self,
        contacts: &mut [Contact],
        scope: &InboxScope,
    ) -> Result<()> {
        let InboxScope::Only(inboxes) = scope else {
            return Ok(());
        };
        let mut query = Statement::new(
            "SELECT contact_id, COUNT(*) AS n, MIN(effective) AS first, MAX(effective) AS last
             FROM message WHERE ",
        );
        let list = query.marks(inboxes);
        query.push(&condition("message", &list));
        query.push(" AND contact_id IN ");
        list_padded(&mut query, contacts.iter().map(|contact| &contact.id));
        query.push(" GROUP BY contact_id");
        for row in query.fetch_all(&self.read).await? {
            let id: Id = row.try_get("contact_id")?;
            let n: i64 = row.try_get("n")?;
            for contact in contacts.iter_mut().filter(|contact| contact.id == id) {
                contact.message_count = u32::try_from(n).unwrap_or(u32::MAX);
                contact.first_seen = row.try_get("first")?;
                contact.last_seen = row.try_get("last")?;
            }
        }
        Ok(())
    }

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

    /// The inboxes that a case belongs to: its conversation's, or its contact's when it has none.
    pub async fn case_inboxes(&self, case_id: &str) -> Result<Vec<Id>> {
        Ok(sqlx::query_scalar(
            "SELECT c.inbox_id FROM customer_case k JOIN conversation c ON c.id = k.conversation_id
             WHERE k.id = $1
             UNION SELECT x.inbox_id FROM customer_case k JOIN conversation_inbox x
                 ON x.conversation_id = k.conversation_id WHERE k.id = $1
             UNION SELECT m.inbox_id FROM customer_case k JOIN message m ON m.contact_id = k.contact_id
                 WHERE k.id = $1 AND k.conversation_id IS NULL
             UNION SELECT y.inbox_id FROM customer_case k JOIN message m ON m.contact_id = k.contact_id
                 JOIN message_inbox y ON y.message_id = m.id
                 WHERE k.id = $1 AND k.conversation_id IS NULL",
        )
        .bind(case_id)
        .fetch_all(&self.read)
        .await?)
    }
}

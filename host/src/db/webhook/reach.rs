//! What an endpoint may hear of: what whoever made it may read now, in the inboxes that it is narrowed
//! down to. Asked when an event is stored for it, and again at each delivery.

use super::super::access::maker::maker_on;
use super::super::webhook_delivery::LeasedDelivery;
use super::super::{Db, Result};
use crate::domain::access::{InboxScope, Permission};
use crate::domain::webhook::{Endpoint, EventType};
use crate::domain::{Id, TimestampMs};
use serde_json::Value;
use sqlx::AnyConnection;

/// The inboxes of what somebody's endpoints may hear. None: nothing, not even that they work: who made
/// them is no longer let in, or may no longer have endpoints or read.
pub(super) async fn maker_scope_on(
    connection: &mut AnyConnection,
    made_by: &str,
    now: TimestampMs,
) -> Result<Option<InboxScope>> {
    let maker = maker_on(connection, made_by, now).await?;
    let maker = maker
        .filter(|maker| maker.has(Permission::WebhookManage) && maker.has(Permission::InboxRead));
    Ok(maker.map(|maker| maker.inboxes.scope()))
}

/// What the endpoint itself is narrowed down to.
pub(super) fn wished(inbox_ids: &[Id]) -> InboxScope {
    match inbox_ids.is_empty() {
        true => InboxScope::All,
        false => InboxScope::Only(inbox_ids.to_vec()),
    }
}

/// The inboxes in which something happened: those that share the message that it is about, or its
/// conversation. What is about a draft or its way out is its own inbox's.
pub(super) async fn inboxes_on(
    connection: &mut AnyConnection,
    kind: EventType,
    subject_id: &str,
    data: &Value,
) -> Result<Vec<Id>> {
    let id = |key: &str| data[key].as_str();
    let of_message = "SELECT inbox_id FROM message WHERE id = $1
         UNION SELECT inbox_id FROM message_inbox WHERE message_id = $1";
    let of_conversation = "SELECT inbox_id FROM conversation WHERE id = $1
         UNION SELECT inbox_id FROM conversation_inbox WHERE conversation_id = $1";
    let own = id("inboxId").map(str::to_owned);
    let (sql, id) = match kind.kind() {
        "message" => (of_message, Some(subject_id)),
        "decision" if id("draftId").is_none() => (of_message, id("messageId")),
        "conversation" => (of_conversation, Some(subject_id)),
        "case" => (of_conversation, id("conversationId")),
        _ => return Ok(own.into_iter().collect()),
    };
    let mut inboxes: Vec<Id> = sqlx::query_scalar(sql)
        .bind(id)
        .fetch_all(connection)
        .await?;
    // Its own first.
    inboxes.retain(|inbox| Some(inbox) != own.as_ref());
    inboxes.splice(0..0, own);
    Ok(inboxes)
}

/// Whether an event may be told, at the moment of its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It happened here, as far as the endpoint may know. None: in no inbox (a test, the record's head).
    Told(Option<Id>),
    Denied,
}

impl Db {
    pub async fn webhook_reach(
        &self,
        endpoint: &Endpoint,
        leased: &LeasedDelivery,
        now: TimestampMs,
    ) -> Result<Reach> {
        let mut connection = self.read.acquire().await?;
        let scope = maker_scope_on(&mut connection, &endpoint.made_by, now).await?;
        let Some(scope) = scope else {
            return Ok(Reach::Denied);
        };
        let kind = leased.delivery.event_type;
        if kind == EventType::WebhookTest {
            return Ok(Reach::Told(None));
        }
        let scope = scope.and(wished(&endpoint.inbox_ids));
        // The record is of every inbox.
        if kind == EventType::AuditHead {
            let whole = matches!(scope, InboxScope::All);
            return Ok(if whole {
                Reach::Told(None)
            } else {
                Reach::Denied
            });
        }
        let inboxes = inboxes_on(&mut connection, kind, &leased.subject_id, &leased.data).await?;
        let seen = inboxes.into_iter().find(|inbox| scope.contains(inbox));
        Ok(seen.map_or(Reach::Denied, |inbox| Reach::Told(Some(inbox))))
    }
}

//! What is told to webhooks, collected during a transaction. Who listens to one of the inboxes that share
//! a message or a conversation hears of it.

use super::super::row::json_of;
use super::super::{Result, Tx};
use super::{delivery_insert_in_tx, event_insert_in_tx};
use crate::domain::webhook::{EventType, hears};
use crate::domain::{Id, TimestampMs};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Who hears of what, and what there is to tell; collected during a transaction and stored before it
/// is committed. Costs one small query where nobody listens.
#[derive(Debug)]
pub struct Outgoing {
    subscriptions: Vec<Subscription>,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Subscription {
    endpoint_id: Id,
    events: Vec<String>,
    inbox_ids: Vec<Id>,
}

impl Subscription {
    fn hears(&self, event: EventType) -> bool {
        self.events.iter().any(|s| hears(s, event))
    }

    /// Whether it listens to one of these.
    fn listens_to(&self, inboxes: &[Id]) -> bool {
        self.inbox_ids.is_empty() || self.inbox_ids.iter().any(|id| inboxes.contains(id))
    }
}

#[derive(Debug)]
pub(super) struct Event {
    pub kind: EventType,
    pub inbox_id: Id,
    /// Is told to those who listen to this inbox only, not to those of others that share the subject.
    pub alone: bool,
    pub subject_id: Id,
    pub data: Value,
}

impl Outgoing {
    pub async fn in_tx(tx: &mut Tx<'_>) -> Result<Self> {
        let rows = sqlx::query("SELECT id, events, inbox_ids FROM webhook_endpoint WHERE enabled")
            .fetch_all(&mut **tx)
            .await?;
        let subscription = |row: &AnyRow| {
            Ok(Subscription {
                endpoint_id: row.try_get("id")?,
                events: json_of(row, "events")?,
                inbox_ids: json_of(row, "inbox_ids")?,
            })
        };
        Ok(Self {
            subscriptions: rows.iter().map(subscription).collect::<Result<_>>()?,
            events: Vec::new(),
        })
    }

    /// Whether somebody may hear of it, in whichever inbox it happens.
    fn heard(&self, kind: EventType) -> bool {
        self.subscriptions.iter().any(|s| s.hears(kind))
    }

    /// Whether somebody hears of anything at all.
    pub fn anybody(&self) -> bool {
        !self.subscriptions.is_empty()
    }

    /// Something happened to `subject_id`, in this inbox and in all that share it. `data`, asked for only
    /// when somebody may hear of it, is an object of ids and states; the subject's id and the inbox's come
    /// on top.
    pub fn tell(
        &mut self,
        kind: EventType,
        inbox_id: &str,
        subject_id: &str,
        data: impl FnOnce() -> Value,
    ) {
        self.add(kind, inbox_id, subject_id, false, data);
    }

    /// The same, to those who listen to this inbox only: for others it is no news.
    pub fn tell_alone(
        &mut self,
        kind: EventType,
        inbox_id: &str,
        subject_id: &str,
        data: impl FnOnce() -> Value,
    ) {
        self.add(kind, inbox_id, subject_id, true, data);
    }

    fn add(
        &mut self,
        kind: EventType,
        inbox_id: &str,
        subject_id: &str,
        alone: bool,
        data: impl FnOnce() -> Value,
    ) {
        if !self.heard(kind) {
            return;
        }
        let mut data = data();
        if let Some(object) = data.as_object_mut() {
            object.insert("id".to_owned(), json!(subject_id));
            object.insert("inboxId".to_owned(), json!(inbox_id));
        }
        self.events.push(Event {
            kind,
            inbox_id: inbox_id.to_owned(),
            alone,
            subject_id: subject_id.to_owned(),
            data,
        });
    }

    /// The conversation as it now is.
    pub async fn tell_conversation_in_tx(
        &mut self,
        tx: &mut Tx<'_>,
        inbox_id: &str,
        id: &str,
    ) -> Result<()> {
        let kind = EventType::ConversationChanged;
        if !self.heard(kind) {
            return Ok(());
        }
        let sql = "SELECT status, priority, team FROM conversation WHERE id = $1";
        let row = sqlx::query(sql).bind(id).fetch_one(&mut **tx).await?;
        let status: String = row.try_get("status")?;
        let priority: String = row.try_get("priority")?;
        let team: Option<String> = row.try_get("team")?;
        self.tell(
            kind,
            inbox_id,
            id,
            || json!({ "status": status, "priority": priority, "team": team }),
        );
        Ok(())
    }

    /// Stores what was told, with a delivery for each endpoint that hears of it.
    pub async fn store_in_tx(self, tx: &mut Tx<'_>, now: TimestampMs) -> Result<()> {
        for event in &self.events {
            let mut listeners: Vec<&Subscription> = self.subscriptions.iter().collect();
            listeners.retain(|s| s.hears(event.kind));
            if listeners.iter().any(|s| !s.inbox_ids.is_empty()) {
                let inboxes = inboxes_in_tx(tx, event).await?;
                listeners.retain(|s| match event.alone {
                    true => s.inbox_ids.contains(&event.inbox_id),
                    false => s.listens_to(&inboxes),
                });
            } else if event.alone {
                continue;
            }
            if listeners.is_empty() {
                continue;
            }
            let event_id = event_insert_in_tx(tx, event, now).await?;
            for s in listeners {
                delivery_insert_in_tx(tx, &event_id, event.kind, &s.endpoint_id, now).await?;
            }
        }
        Ok(())
    }
}

/// The inboxes in which something happened: those that share the message that it is about, or its
/// conversation. What is about a draft or its way out is its own inbox's.
async fn inboxes_in_tx(tx: &mut Tx<'_>, event: &Event) -> Result<Vec<Id>> {
    let id = |key: &str| event.data[key].as_str();
    let kind = event.kind.as_str();
    let of_message = "SELECT inbox_id FROM message WHERE id = $1
         UNION SELECT inbox_id FROM message_inbox WHERE message_id = $1";
    let of_conversation = "SELECT inbox_id FROM conversation WHERE id = $1
         UNION SELECT inbox_id FROM conversation_inbox WHERE conversation_id = $1";
    let (sql, id) = match kind.split('.').next() {
        Some("message") => (of_message, Some(event.subject_id.as_str())),
        Some("decision") => (of_message, id("messageId")),
        Some("conversation") => (of_conversation, Some(event.subject_id.as_str())),
        Some("case") => (of_conversation, id("conversationId")),
        _ => return Ok(vec![event.inbox_id.clone()]),
    };
    let mut inboxes: Vec<Id> = sqlx::query_scalar(sql)
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    inboxes.push(event.inbox_id.clone());
    Ok(inboxes)
}

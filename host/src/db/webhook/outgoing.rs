//! What is told to webhooks, collected during a transaction. Who listens to one of the inboxes that share
//! a message or a conversation hears of it.

use super::super::row::json_of;
use super::super::{Result, Tx};
use super::reach::{inboxes_on, maker_scope_on, wished};
use super::{delivery_insert_in_tx, event_insert_in_tx};
use crate::domain::access::InboxScope;
use crate::domain::webhook::{EventType, hears};
use crate::domain::{Id, TimestampMs};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

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
    made_by: String,
    events: Vec<String>,
    /// What it is narrowed down to, and when something is stored for it, what its maker may read.
    scope: InboxScope,
}

impl Subscription {
    fn hears(&self, event: EventType) -> bool {
        self.events.iter().any(|s| hears(s, event))
    }

    /// Whether it listens to one of these.
    fn listens_to(&self, inboxes: &[Id]) -> bool {
        inboxes.iter().any(|id| self.scope.contains(id))
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
        let rows = sqlx::query(
            "SELECT id, made_by, events, inbox_ids FROM webhook_endpoint WHERE enabled",
        )
        .fetch_all(&mut **tx)
        .await?;
        let subscription = |row: &AnyRow| {
            Ok(Subscription {
                endpoint_id: row.try_get("id")?,
                made_by: row.try_get("made_by")?,
                events: json_of(row, "events")?,
                scope: wished(&json_of::<Vec<Id>>(row, "inbox_ids")?),
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

    /// Narrows who listens down to what whoever made it may read now.
    async fn narrow_in_tx(&mut self, tx: &mut Tx<'_>, now: TimestampMs) -> Result<()> {
        let mut makers: BTreeMap<String, Option<InboxScope>> = BTreeMap::new();
        for subscription in &mut self.subscriptions {
            let made_by = &subscription.made_by;
            let known = match makers.get(made_by) {
                Some(known) => known.clone(),
                None => {
                    let found = maker_scope_on(tx, made_by, now).await?;
                    makers.insert(made_by.clone(), found.clone());
                    found
                }
            };
            let theirs = known.unwrap_or(InboxScope::Only(Vec::new()));
            subscription.scope = theirs.and(subscription.scope.clone());
        }
        Ok(())
    }

    /// Stores what was told, with a delivery for each endpoint that hears of it.
    pub async fn store_in_tx(mut self, tx: &mut Tx<'_>, now: TimestampMs) -> Result<()> {
        if self.events.is_empty() {
            return Ok(());
        }
        self.narrow_in_tx(tx, now).await?;
        for event in &self.events {
            let mut listeners: Vec<&Subscription> = self.subscriptions.iter().collect();
            listeners.retain(|s| s.hears(event.kind));
            if event.alone {
                let own = |s: &&Subscription| matches!(&s.scope, InboxScope::Only(ids) if ids.contains(&event.inbox_id));
                listeners.retain(own);
            } else if listeners.iter().any(|s| s.scope != InboxScope::All) {
                let inboxes = inboxes_on(tx, event.kind, &event.subject_id, &event.data).await?;
                listeners.retain(|s| s.scope == InboxScope::All || s.listens_to(&inboxes));
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

//! Which contact, which conversation: stores what was said and done, and hands on what is to be
//! judged. A report that is not the latest of its message, a deletion, a reaction: stored and done.
//! What was erased stays away.

use super::changes::Changes;
use crate::db::arrival::{Arrival, messages_arrive_in_tx, messages_standing_in_tx};
use crate::db::erase::{event_forget_in_tx, events_erased_in_tx};
use crate::db::event::{Event, events_done_in_tx};
use crate::db::message::{message_delete_in_tx, message_put_in_tx, reaction_put_in_tx};
use crate::db::people::{contact_seen_in_tx, identity_upsert_in_tx};
use crate::db::webhook::Outgoing;
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::effective_time::effective_time;
use crate::domain::social::{ActivityObject, Actor, ReactionKind, SourceMessage};
use crate::domain::versions::Version;
use crate::domain::webhook::EventType;
use crate::domain::{Id, TimestampMs, now_ms};
use std::collections::{BTreeMap, HashMap};

/// A message that stands as it was just heard.
#[derive(Debug, Clone)]
pub struct Judgeable {
    /// The event, and which lease of it this is.
    pub seq: i64,
    pub attempts: u32,
    pub inbox_id: Id,
    pub message_id: Id,
    pub conversation_id: Id,
    pub contact_id: Id,
    pub source: SourceMessage,
    /// When this report of it was received: clocks run from here.
    pub received: TimestampMs,
    /// The effective time of what happened, the message or its edit: the clock of rules.
    pub at: TimestampMs,
}

impl Judgeable {
    fn of(event: &Event, source: &SourceMessage, (message, conversation, contact): Ids) -> Self {
        let said = source.updated.unwrap_or(source.published);
        Self {
            seq: event.seq,
            attempts: event.attempts,
            inbox_id: event.inbox_id.clone(),
            message_id: message,
            conversation_id: conversation,
            contact_id: contact,
            source: source.clone(),
            received: event.received,
            at: effective_time(said, event.received),
        }
    }
}

/// Of a message, its conversation and its contact.
type Ids = (Id, Id, Id);

/// Stores a batch in one commit.
pub async fn run(db: &Db, changes: &Changes, events: &[Event]) -> Result<Vec<Judgeable>, DbError> {
    let mut tx = db.begin_redoable().await?;
    let mut outgoing = Outgoing::in_tx(&mut tx).await?;
    // What was erased goes before anything is stored.
    let erased = events_erased_in_tx(&mut tx, events).await?;
    for seq in &erased {
        event_forget_in_tx(&mut tx, *seq, now_ms()).await?;
    }
    let kept = events.iter().filter(|event| !erased.contains(&event.seq));
    let events: Vec<&Event> = kept.collect();
    let mut arrived = arrive_in_tx(&mut tx, &events).await?;
    let mut judgeable = Vec::new();
    let (mut touched, mut done) = (Vec::new(), Vec::new());
    for event in events {
        let stored = match arrived.remove(&event.seq) {
            Some(judge) => Stored::Judge(Box::new(judge)),
            None => store_in_tx(&mut tx, event).await?,
        };
        match stored {
            Stored::Judge(judge) => judgeable.push(*judge),
            Stored::Linked((id, conversation, contact)) => {
                let kind = EventType::MessageReceived;
                outgoing.tell_alone(kind, &event.inbox_id, &id, || {
                    serde_json::json!({
                        "conversationId": conversation,
                        "contactId": contact,
                        "direction": "inbound",
                    })
                });
                touched.push(id);
                done.push((event.seq, event.attempts));
            }
            Stored::Done(message_id) => {
                let deleted = matches!(event.activity.object, ActivityObject::Delete { .. });
                if let (true, Some(id)) = (deleted, &message_id) {
                    let kind = EventType::MessageDeleted;
                    outgoing.tell(kind, &event.inbox_id, id, || serde_json::json!({}));
                }
                touched.extend(message_id);
                done.push((event.seq, event.attempts));
            }
        }
    }
    // What came behind a message may also have moved it to another conversation, or deleted it.
    let ids = judgeable
        .iter()
        .map(|judge| judge.message_id.as_str())
        .collect();
    let standing = messages_standing_in_tx(&mut tx, ids).await?;
    // A message that is edited twice in one batch is judged once, as it reads now.
    let latest: HashMap<Id, i64> = judgeable
        .iter()
        .map(|judge| (judge.message_id.clone(), judge.seq))
        .collect();
    let mut kept = Vec::with_capacity(judgeable.len());
    for mut judge in judgeable {
        match standing.get(&judge.message_id) {
            Some((conversation_id, effective))
                if latest.get(&judge.message_id) == Some(&judge.seq) =>
            {
                judge.conversation_id.clone_from(conversation_id);
                judge.at = judge.at.max(*effective);
                kept.push(judge);
            }
            _ => done.push((judge.seq, judge.attempts)),
        }
    }
    events_done_in_tx(&mut tx, &done, now_ms()).await?;
    outgoing.store_in_tx(&mut tx, now_ms()).await?;
    commit(tx).await?;
    for id in touched {
        changes.tell("message", &id);
    }
    Ok(kept)
}

/// Stores together what is new: messages that the batch speaks of once. By the events' numbers.
async fn arrive_in_tx(
    tx: &mut Tx<'_>,
    events: &[&Event],
) -> Result<HashMap<i64, Judgeable>, DbError> {
    let mut mentioned: HashMap<(&str, &str), usize> = HashMap::new();
    let mut by_inbox: BTreeMap<&str, Vec<(&Event, &SourceMessage)>> = BTreeMap::new();
    for event in events {
        let inbox = event.inbox_id.as_str();
        match &event.activity.object {
            ActivityObject::Create(message) | ActivityObject::Update(message) => {
                *mentioned.entry((inbox, &message.external_id)).or_default() += 1;
                by_inbox.entry(inbox).or_default().push((event, message));
            }
            ActivityObject::Delete { external_id, .. } => {
                *mentioned.entry((inbox, external_id)).or_default() += 1;
            }
            _ => {}
        }
    }
    let mut found = HashMap::new();
    for (inbox, messages) in by_inbox {
        let once: Vec<_> = messages
            .into_iter()
            .filter(|(_, m)| mentioned.get(&(inbox, m.external_id.as_str())) == Some(&1))
            .collect();
        let arrivals: Vec<Arrival<'_>> = once
            .iter()
            .map(|(event, message)| Arrival {
                heard: event.heard(),
                activity_id: &event.activity.id,
                message,
            })
            .collect();
        let placed = messages_arrive_in_tx(tx, &arrivals).await?;
        for ((event, message), placed) in once.into_iter().zip(placed) {
            if let Some(placed) = placed {
                let ids = (placed.message_id, placed.conversation_id, placed.contact_id);
                found.insert(event.seq, Judgeable::of(event, message, ids));
            }
        }
    }
    Ok(found)
}

enum Stored {
    Judge(Box<Judgeable>),
    /// Known from another inbox, with its conversation and contact.
    Linked(Ids),
    Done(Option<Id>),
}

async fn store_in_tx(tx: &mut Tx<'_>, event: &Event) -> Result<Stored, DbError> {
    let activity = &event.activity;
    let at = effective_time(activity.published, event.received);
    match &activity.object {
        ActivityObject::Create(message) | ActivityObject::Update(message) => {
            message_in_tx(tx, event, message).await
        }
        ActivityObject::Delete {
            external_id,
            deleted,
        } => {
            let id = message_delete_in_tx(tx, &event.heard(), external_id, *deleted).await?;
            Ok(Stored::Done(Some(id)))
        }
        ActivityObject::Announce(r) => {
            let contact_id = contact_in_tx(tx, event, &r.attributed_to, at).await?;
            let kind = ReactionKind::Announce;
            reaction_put_in_tx(tx, &event.inbox_id, kind, &r.object, &contact_id, at).await?;
            Ok(Stored::Done(None))
        }
        ActivityObject::Like(r) => {
            let contact_id = contact_in_tx(tx, event, &r.attributed_to, at).await?;
            let kind = ReactionKind::Like;
            reaction_put_in_tx(tx, &event.inbox_id, kind, &r.object, &contact_id, at).await?;
            Ok(Stored::Done(None))
        }
        ActivityObject::Follow(actor) => {
            contact_in_tx(tx, event, actor, at).await?;
            Ok(Stored::Done(None))
        }
    }
}

/// The contact behind a reaction or a follow.
async fn contact_in_tx(
    tx: &mut Tx<'_>,
    event: &Event,
    actor: &Actor,
    at: TimestampMs,
) -> Result<Id, DbError> {
    let version = Version {
        at,
        activity_id: event.activity.id.clone(),
    };
    let contact_id = identity_upsert_in_tx(tx, &event.network, actor, &version, at).await?;
    contact_seen_in_tx(tx, &contact_id, at, false).await?;
    Ok(contact_id)
}

async fn message_in_tx(
    tx: &mut Tx<'_>,
    event: &Event,
    message: &SourceMessage,
) -> Result<Stored, DbError> {
    let version = Version::of(message, &event.activity.id, event.received);
    let actor = &message.attributed_to;
    let seen = effective_time(message.published, event.received);
    let contact_id = identity_upsert_in_tx(tx, &event.network, actor, &version, seen).await?;
    let heard = event.heard();
    let placed = message_put_in_tx(tx, &heard, &contact_id, message, &version).await?;
    if placed.linked && !placed.stands {
        let ids = (placed.message_id, placed.conversation_id, contact_id);
        return Ok(Stored::Linked(ids));
    }
    if !placed.stands {
        return Ok(Stored::Done(Some(placed.message_id)));
    }
    let ids = (placed.message_id, placed.conversation_id, contact_id);
    Ok(Stored::Judge(Box::new(Judgeable::of(event, message, ids))))
}

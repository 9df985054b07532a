//! Which contact, which conversation: stores what was said and done, and hands on what is to be
//! judged. A report that is not the latest of its message, a deletion, a reaction: stored and done.

use super::changes::Changes;
use crate::db::event::{Event, event_done_in_tx};
use crate::db::message::{
    message_delete_in_tx, message_put_in_tx, message_standing_in_tx, reaction_put_in_tx,
};
use crate::db::people::{contact_seen_in_tx, identity_upsert_in_tx};
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::social::{Activity, ActivityObject, Actor, ReactionKind, SourceMessage};
use crate::domain::versions::Version;
use crate::domain::{Id, now_ms};

/// A message that stands as it was just heard.
#[derive(Debug, Clone)]
pub struct Judgeable {
    pub seq: i64,
    pub message_id: Id,
    pub conversation_id: Id,
    pub contact_id: Id,
    pub source: SourceMessage,
}

/// Stores a batch in one commit.
pub async fn run(db: &Db, changes: &Changes, events: &[Event]) -> Result<Vec<Judgeable>, DbError> {
    let mut tx = db.begin().await?;
    let mut judgeable = Vec::new();
    let mut touched = Vec::new();
    for event in events {
        let stored = store_in_tx(&mut tx, event).await?;
        match stored {
            Stored::Judge(judge) => judgeable.push(*judge),
            Stored::Done(message_id) => {
                touched.extend(message_id);
                event_done_in_tx(&mut tx, event.seq, now_ms()).await?;
            }
        }
    }
    // A message that is edited twice in one batch is judged once, as it reads now; one that is
    // deleted in it not at all.
    let latest: Vec<_> = (0..judgeable.len())
        .filter(|i| {
            let id = &judgeable[*i].message_id;
            !judgeable[i + 1..].iter().any(|j| j.message_id == *id)
        })
        .collect();
    let mut kept = Vec::with_capacity(latest.len());
    for (index, mut judge) in judgeable.into_iter().enumerate() {
        // What came behind it may also have moved it to another conversation.
        let standing = message_standing_in_tx(&mut tx, &judge.message_id).await?;
        if let (true, Some(conversation_id)) = (latest.contains(&index), standing) {
            judge.conversation_id = conversation_id;
            kept.push(judge);
        } else {
            event_done_in_tx(&mut tx, judge.seq, now_ms()).await?;
        }
    }
    commit(tx).await?;
    for id in touched {
        changes.tell("message", &id);
    }
    Ok(kept)
}

enum Stored {
    Judge(Box<Judgeable>),
    Done(Option<Id>),
}

async fn store_in_tx(tx: &mut Tx<'_>, event: &Event) -> Result<Stored, DbError> {
    let activity = &event.activity;
    match &activity.object {
        ActivityObject::Create(message) | ActivityObject::Update(message) => {
            message_in_tx(tx, event, message).await
        }
        ActivityObject::Delete {
            external_id,
            deleted,
        } => {
            let id =
                message_delete_in_tx(tx, &event.inbox_id, external_id, *deleted, event.received)
                    .await?;
            Ok(Stored::Done(Some(id)))
        }
        ActivityObject::Announce(r) => {
            let contact_id = contact_in_tx(tx, event, &r.attributed_to).await?;
            let (kind, at) = (ReactionKind::Announce, activity.published);
            reaction_put_in_tx(tx, &event.inbox_id, kind, &r.object, &contact_id, at).await?;
            Ok(Stored::Done(None))
        }
        ActivityObject::Like(r) => {
            let contact_id = contact_in_tx(tx, event, &r.attributed_to).await?;
            let (kind, at) = (ReactionKind::Like, activity.published);
            reaction_put_in_tx(tx, &event.inbox_id, kind, &r.object, &contact_id, at).await?;
            Ok(Stored::Done(None))
        }
        ActivityObject::Follow(actor) => {
            contact_in_tx(tx, event, actor).await?;
            Ok(Stored::Done(None))
        }
    }
}

/// The contact behind a reaction or a follow.
async fn contact_in_tx(tx: &mut Tx<'_>, event: &Event, actor: &Actor) -> Result<Id, DbError> {
    let Activity { id, published, .. } = &event.activity;
    let version = Version {
        at: *published,
        activity_id: id.clone(),
    };
    let contact_id = identity_upsert_in_tx(tx, &event.network, actor, &version, *published).await?;
    contact_seen_in_tx(tx, &contact_id, *published, false).await?;
    Ok(contact_id)
}

async fn message_in_tx(
    tx: &mut Tx<'_>,
    event: &Event,
    message: &SourceMessage,
) -> Result<Stored, DbError> {
    let version = Version::of(message, &event.activity.id);
    let (actor, seen) = (&message.attributed_to, message.published);
    let contact_id = identity_upsert_in_tx(tx, &event.network, actor, &version, seen).await?;
    let placed = message_put_in_tx(
        tx,
        &event.inbox_id,
        &event.network,
        &contact_id,
        message,
        &version,
        event.received,
    )
    .await?;
    if !placed.stands {
        return Ok(Stored::Done(Some(placed.message_id)));
    }
    Ok(Stored::Judge(Box::new(Judgeable {
        seq: event.seq,
        message_id: placed.message_id,
        conversation_id: placed.conversation_id,
        contact_id,
        source: message.clone(),
    })))
}

//! Messages, cases and answers in a store, made with the host's own functions, on either database.

use rapport_host::db::annotation::{
    Said, classifications_replace_in_tx, decisions_insert_in_tx, evaluations_insert_in_tx,
};
use rapport_host::db::casework::{case_close_in_tx, cases_insert_in_tx, tasks_insert_in_tx};
use rapport_host::db::event::events_done_in_tx;
use rapport_host::db::outbound::{
    Delivery, ItemChange, draft_insert_in_tx, outbox_insert_in_tx, outbox_settle_in_tx,
};
use rapport_host::db::{Db, commit};
use rapport_host::domain::new_id;
use rapport_host::domain::outbound::{OutboundMessage, OutboxItem};
use rapport_host::domain::social::{Activity, Message};
use rapport_host::pipeline::changes::Changes;
use rapport_host::pipeline::identify;
use rapport_host::pipeline::ingest::{Brought, Ingest, Ingested};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An inbox of the sample channel; its id.
pub async fn inbox(db: &Db) -> String {
    let configured = [(
        "town".to_owned(),
        "channel-sample".to_owned(),
        "town".to_owned(),
        Vec::new(),
    )];
    db.inbox_sync(&configured).await.unwrap().remove(0).id
}

/// Somebody on the network.
pub fn actor(who: &str) -> Value {
    json!({
        "externalId": format!("id-{who}"), "handle": format!("@{who}"), "displayName": who,
        "profileUrl": format!("https://town.example/{who}"), "avatarUrl": null,
        "followerCount": 3, "verified": false, "kind": "person", "extra": [],
    })
}

/// What `who` says in answer to `parent`.
pub fn said(who: &str, id: &str, parent: Option<&str>, text: &str, published: i64) -> Activity {
    let ancestors: Vec<&str> = parent.into_iter().collect();
    serde_json::from_value(json!({
        "id": format!("create-{id}"), "published": published,
        "object": {"type": "create", "object": {
            "externalId": id, "conversationExternalId": null, "inReplyTo": parent,
            "ancestors": ancestors, "attributedTo": actor(who), "published": published,
            "updated": null, "title": format!("title {text}"), "content": text, "language": "en",
            "url": format!("https://town.example/{who}/{id}"), "visibility": "public",
            "reach": "directed", "tags": [format!("tag{who}")], "mentions": [], "attachments": [],
            "monitor": null,
        }},
    }))
    .unwrap()
}

/// Puts activities in the queue, with what the connector is to remember.
pub async fn brought(
    db: &Db,
    inbox: &str,
    activities: &[Activity],
    state: BTreeMap<String, Option<Vec<u8>>>,
    received: i64,
) -> Ingested {
    let brought = Brought {
        state,
        received,
        ..Brought::pushed(inbox, activities.to_vec())
    };
    Ingest::default().store(db, brought).await.unwrap()
}

/// Hears activities, without judging them.
pub async fn hear(db: &Db, inbox: &str, activities: &[Activity]) -> usize {
    hear_at(db, inbox, activities, 1).await
}

/// The same, received at a moment.
pub async fn hear_at(db: &Db, inbox: &str, activities: &[Activity], received: i64) -> usize {
    let heard = brought(db, inbox, activities, BTreeMap::new(), received).await;
    let events = db.event_lease(1000, 10, 20).await.unwrap();
    let changes = Changes::default();
    let standing = identify::run(db, &changes, &events).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let leases: Vec<(i64, u32)> = standing.iter().map(|one| (one.seq, one.attempts)).collect();
    let done = events_done_in_tx(&mut tx, &leases, 10).await.unwrap();
    assert_eq!(done.len(), standing.len());
    commit(tx).await.unwrap();
    assert!(standing.len() <= heard.new);
    standing.len()
}

pub async fn found(db: &Db, inbox: &str, external_id: &str) -> Message {
    let message = db.message_find(inbox, external_id).await.unwrap();
    message.unwrap_or_else(|| panic!("no message {external_id}"))
}

/// What classifiers and rules said of a message, with `text` in all of it.
pub async fn judged(db: &Db, message: &Message, text: &str) {
    let mut tx = db.begin().await.unwrap();
    let classification = serde_json::from_value(json!({
        "dimension": "topic", "label": "x", "score": 0.5,
        "evidence": [{"start": 0, "end": 1, "note": text}], "extra": [["k", text]],
        "plugin": "classify-x", "version": "1.0.0",
    }));
    let said = Said {
        message_id: &message.id,
        plugin: "classify-x",
        plugin_digest: "d",
        settings_digest: "s",
        found: &[classification.unwrap()],
    };
    classifications_replace_in_tx(&mut tx, &[said])
        .await
        .unwrap();
    let evaluation = evaluation(Some(&message.id), None, text);
    evaluations_insert_in_tx(&mut tx, std::slice::from_ref(&evaluation))
        .await
        .unwrap();
    let decision = decision(&evaluation.id, Some(&message.id), None, text);
    decisions_insert_in_tx(&mut tx, &[decision]).await.unwrap();
    commit(tx).await.unwrap();
}

fn evaluation(
    message_id: Option<&str>,
    draft_id: Option<&str>,
    input: &str,
) -> rapport_host::domain::annotation::Evaluation {
    rapport_host::domain::annotation::Evaluation {
        id: new_id(),
        message_id: message_id.map(str::to_owned),
        draft_id: draft_id.map(str::to_owned),
        moment: "inbound".parse().unwrap(),
        plugin: "policy-x".into(),
        version: "1.0.0".into(),
        plugin_digest: "p".into(),
        settings_digest: "s".into(),
        input: input.into(),
        input_digest: "i".into(),
        output_digest: "o".into(),
        batch_fuel: 1,
        batch_size: 1,
        fault: None,
        in_stead_of: None,
        evaluated: 1000,
    }
}

fn decision(
    evaluation_id: &str,
    message_id: Option<&str>,
    draft_id: Option<&str>,
    text: &str,
) -> rapport_host::domain::annotation::Decision {
    serde_json::from_value(json!({
        "id": new_id(), "evaluationId": evaluation_id, "messageId": message_id,
        "draftId": draft_id, "moment": "inbound", "plugin": "policy-x", "rule": "r",
        "effect": "label", "detail": {"label": text}, "reason": [{"language": "en", "text": text}],
        "evidence": [{"start": 0, "end": 1, "note": text}], "withheld": [], "decided": 1000,
    }))
    .unwrap()
}

/// A case about a message; its id.
pub async fn case(db: &Db, message: &Message, title: &str, closed: Option<i64>) -> String {
    let id = new_id();
    let case = serde_json::from_value(json!({
        "id": id, "contactId": message.contact_id, "conversationId": message.conversation_id,
        "messageId": message.id, "kind": "complaint", "title": title, "priority": "normal",
        "status": "open", "team": null, "opened": 1, "respondBy": null, "solveBy": null,
        "responded": null, "closed": null,
    }));
    let mut tx = db.begin().await.unwrap();
    cases_insert_in_tx(&mut tx, &case).await.unwrap();
    let task = serde_json::from_value(json!({
        "id": new_id(), "conversationId": message.conversation_id, "contactId": message.contact_id,
        "title": title, "team": null, "due": null, "status": "open", "created": 1,
    }));
    tasks_insert_in_tx(&mut tx, &task).await.unwrap();
    if let Some(closed) = closed {
        case_close_in_tx(&mut tx, &id, closed).await.unwrap();
    }
    commit(tx).await.unwrap();
    id
}

/// An answer to a message, with this status; with an outbox item when that has one. The draft's id.
pub async fn answer(
    db: &Db,
    message: &Message,
    text: &str,
    status: &str,
    item: Option<&str>,
) -> String {
    let draft = json!({
        "id": new_id(), "conversationId": message.conversation_id, "inboxId": message.inbox_id,
        "messageId": message.id, "purpose": "service", "content": text, "language": "en",
        "visibility": "public", "author": "someone", "namedAccount": false, "status": status,
        "created": 1, "updated": 1,
    });
    let draft: rapport_host::domain::outbound::Draft = serde_json::from_value(draft).unwrap();
    let mut tx = db.begin().await.unwrap();
    draft_insert_in_tx(&mut tx, &draft, None).await.unwrap();
    let evaluation = evaluation(None, Some(&draft.id), text);
    evaluations_insert_in_tx(&mut tx, std::slice::from_ref(&evaluation))
        .await
        .unwrap();
    let decision = decision(&evaluation.id, None, Some(&draft.id), text);
    decisions_insert_in_tx(&mut tx, &[decision]).await.unwrap();
    if let Some(status) = item {
        let item: OutboxItem = serde_json::from_value(json!({
            "id": new_id(), "draftId": draft.id, "inboxId": draft.inbox_id,
            "conversationId": draft.conversation_id, "idempotencyKey": new_id(),
            "status": "queued", "attempts": 0, "nextAttempt": 1, "lastError": null,
            "externalId": null, "url": null, "created": 1, "updated": 1,
        }))
        .unwrap();
        let payload: OutboundMessage = serde_json::from_value(json!({
            "content": text, "language": "en", "visibility": "public",
            "inReplyTo": message.external_id, "conversationExternalId": null,
            "recipient": message.attributed_to,
        }))
        .unwrap();
        outbox_insert_in_tx(&mut tx, &item, &payload, None)
            .await
            .unwrap();
        let delivery = Delivery {
            item: item.clone(),
            payload,
            uncertain: false,
            lease_until: 0,
            trace: None,
        };
        let attempt = serde_json::from_value(json!({
            "id": new_id(), "itemId": item.id, "started": 1, "finished": 2, "outcome": "retry",
            "error": text,
        }));
        let change = ItemChange {
            status: status.parse().unwrap(),
            next_attempt: 1,
            error: Some(text.to_owned()),
            receipt: None,
        };
        outbox_settle_in_tx(&mut tx, &delivery, &attempt.unwrap(), &change)
            .await
            .unwrap();
    }
    commit(tx).await.unwrap();
    draft.id
}

//! What webhooks are told of each kind of thing: ids and states. No texts: those are read when it is
//! sent, for endpoints that asked for them.

use super::identify::Judgeable;
use crate::db::webhook::Outgoing;
use crate::domain::annotation::Decision;
use crate::domain::case::Case;
use crate::domain::outbound::{Draft, DraftStatus, OutboxItem, OutboxStatus};
use crate::domain::webhook::EventType;
use serde_json::json;

/// A message as it was just heard and judged.
pub fn tell_message(outgoing: &mut Outgoing, judge: &Judgeable) {
    let kind = match judge.source.updated {
        None => EventType::MessageReceived,
        Some(_) => EventType::MessageChanged,
    };
    outgoing.tell(kind, &judge.inbox_id, &judge.message_id, || {
        json!({
            "conversationId": judge.conversation_id,
            "contactId": judge.contact_id,
            "direction": "inbound",
        })
    });
}

/// What rules decided.
pub fn tell_decisions(outgoing: &mut Outgoing, inbox_id: &str, decisions: &[Decision]) {
    for decision in decisions {
        outgoing.tell(EventType::DecisionMade, inbox_id, &decision.id, || {
            json!({
                "messageId": decision.message_id,
                "draftId": decision.draft_id,
                "plugin": decision.plugin,
                "rule": decision.rule,
                "effect": decision.effect,
            })
        });
    }
}

/// A case that was opened or closed.
pub fn tell_case(outgoing: &mut Outgoing, kind: EventType, inbox_id: &str, case: &Case) {
    outgoing.tell(kind, inbox_id, &case.id, || {
        json!({
            "kind": case.kind,
            "status": case.status,
            "priority": case.priority,
            "team": case.team,
            "contactId": case.contact_id,
            "conversationId": case.conversation_id,
            "messageId": case.message_id,
        })
    });
}

/// A draft, and the status that it now has.
pub fn tell_draft(outgoing: &mut Outgoing, kind: EventType, draft: &Draft, status: DraftStatus) {
    outgoing.tell(kind, &draft.inbox_id, &draft.id, || {
        json!({
            "conversationId": draft.conversation_id,
            "messageId": draft.message_id,
            "purpose": draft.purpose,
            "status": status,
        })
    });
}

/// What became of an outbox item; one in mid-send is no news yet.
pub fn tell_item(outgoing: &mut Outgoing, item: &OutboxItem, status: OutboxStatus) {
    let kind = match status {
        OutboxStatus::Queued => EventType::OutboxQueued,
        OutboxStatus::Uncertain => EventType::OutboxUncertain,
        OutboxStatus::Sent => EventType::OutboxSent,
        OutboxStatus::Dead => EventType::OutboxDead,
        OutboxStatus::Dropped | OutboxStatus::Withheld => EventType::OutboxDropped,
        OutboxStatus::Sending => return,
    };
    outgoing.tell(kind, &item.inbox_id, &item.id, || {
        json!({
            "draftId": item.draft_id,
            "conversationId": item.conversation_id,
            "status": status,
            "attempts": item.attempts,
        })
    });
}

//! What goes out: drafts, outbox items, delivery attempts.

use super::case::Purpose;
use super::social::Visibility;
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// Draft: being written. Held: policy keeps it until it is corrected or released. Denied: policy
    /// refuses it. Queued: in the outbox. Sent: on the network.
    DraftStatus { Draft = "draft", Held = "held", Denied = "denied", Queued = "queued", Sent = "sent" }
}

/// A reply, by a person or proposed by a rule, on its way through policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    pub id: Id,
    pub conversation_id: Id,
    pub inbox_id: Id,
    /// Our id of the message that it answers.
    pub message_id: Option<Id>,
    pub purpose: Purpose,
    pub content: String,
    pub language: Option<String>,
    pub visibility: Visibility,
    pub author: String,
    /// Goes out under a person's own name, not under the brand's.
    pub named_account: bool,
    pub status: DraftStatus,
    pub created: TimestampMs,
    pub updated: TimestampMs,
}

text_enum! {
    /// Queued: waits for its time. Sending: a host holds it. Uncertain: the outcome of a try is not
    /// known, the channel is being asked. Dead: given up, for a person to retry or drop. Withheld: the
    /// rules, asked again as it was about to leave, stopped it; its draft is held or denied.
    OutboxStatus {
        Queued = "queued",
        Sending = "sending",
        Uncertain = "uncertain",
        Sent = "sent",
        Dead = "dead",
        Dropped = "dropped",
        Withheld = "withheld",
    }
}

/// An allowed draft on its way to the network. The key is the same on every try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    pub id: Id,
    pub draft_id: Id,
    pub inbox_id: Id,
    pub conversation_id: Id,
    pub idempotency_key: String,
    pub status: OutboxStatus,
    pub attempts: u32,
    /// Not before this moment.
    pub next_attempt: TimestampMs,
    pub last_error: Option<String>,
    /// The network's id of the sent message.
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub created: TimestampMs,
    pub updated: TimestampMs,
}

text_enum! {
    /// How a try ended. `Found`: a lost answer was settled by asking the channel. `Withheld`: the rules
    /// stopped it before the channel got it.
    AttemptOutcome {
        Sent = "sent",
        Found = "found",
        NotFound = "not-found",
        Retry = "retry",
        Failed = "failed",
        Withheld = "withheld",
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    pub id: Id,
    pub item_id: Id,
    pub started: TimestampMs,
    pub finished: TimestampMs,
    pub outcome: AttemptOutcome,
    pub error: Option<String>,
}

/// What the connector is given to send; stored with the item so that every try sends the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboundMessage {
    pub content: String,
    pub language: Option<String>,
    pub visibility: Visibility,
    pub in_reply_to: Option<String>,
    pub conversation_external_id: Option<String>,
    pub recipient: Option<super::social::Actor>,
}

/// What the network made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub external_id: String,
    pub url: Option<String>,
    pub published: TimestampMs,
}

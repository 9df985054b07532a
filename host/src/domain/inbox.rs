//! Where we listen: inboxes, their monitors, and the conversations in them.

use super::social::{Reach, Visibility};
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A configured instance of a channel. Its name is unique and stable; it comes from rapport.toml.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inbox {
    pub id: Id,
    pub name: String,
    /// Plugin id of the channel.
    pub plugin: String,
    pub network: String,
    /// False: no longer in rapport.toml; what it heard stays.
    pub active: bool,
    pub last_polled: Option<TimestampMs>,
    /// Why the last poll failed; none when it went well.
    pub last_error: Option<String>,
}

/// Words that an inbox listens for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Monitor {
    pub id: Id,
    pub inbox_id: Id,
    pub query: String,
}

text_enum! {
    /// Open: somebody may have to act. Left alone: policy says we stay out. Closed: done.
    ConversationStatus { Open = "open", LeftAlone = "left-alone", Closed = "closed" }
}

text_enum! {
    Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" }
}

/// A thread on a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    pub id: Id,
    /// The inbox in which it began.
    pub inbox_id: Id,
    /// All inboxes in which something of it was heard, the first one first.
    pub inbox_ids: Vec<Id>,
    /// The network's id of the thread.
    pub external_id: String,
    pub network: String,
    pub reach: Reach,
    pub visibility: Visibility,
    pub status: ConversationStatus,
    pub priority: Priority,
    pub team: Option<String>,
    /// How to answer, where a rule demands an answer: the most private that any demanded. A reply is
    /// given that way unless its author chooses another.
    pub answer_visibility: Option<Visibility>,
    /// First answer due, when one is owed.
    pub respond_by: Option<TimestampMs>,
    pub labels: Vec<String>,
    pub first_message: TimestampMs,
    pub last_message: TimestampMs,
    pub message_count: u32,
}

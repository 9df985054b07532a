//! Where we listen: inboxes, their monitors, and the conversations in them.

use super::social::{Reach, Visibility};
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// How an inbox stands, the first that holds.
    InboxState {
        /// Not set up any more, or disabled; what it heard stays.
        Inactive = "inactive",
        /// This host is still preparing its channel.
        Preparing = "preparing",
        /// It can't be at work; `lastError` says why.
        NotReady = "not-ready",
        /// The latest call of its channel failed.
        Failing = "failing",
        /// Its channel works, but says that a part of what it listens to does not.
        PartlyFailing = "partly-failing",
        /// It brought messages and does not any more, though nothing fails.
        Silent = "silent",
        Ready = "ready",
    }
}

/// Shortest time without a message that is called silence, in milliseconds.
pub const SILENT_MIN_MS: i64 = 24 * 3600 * 1000;
/// An inbox is silent after so many times its usual gap.
pub const SILENT_GAPS: i64 = 10;

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
    pub state: InboxState,
    /// Since when it is not ready, failing or partly failing; of a silent one the last message.
    pub state_since: Option<TimestampMs>,
    /// Calls in a row that ended that way.
    pub failures: u32,
    /// Why it is not ready, failing or partly failing; the channel's own words, or the host's.
    pub last_error: Option<String>,
    pub last_polled: Option<TimestampMs>,
    /// When its channel last worked.
    pub last_success: Option<TimestampMs>,
    /// When a message last came in.
    pub last_message: Option<TimestampMs>,
    /// Usual time from one arrival to the next, in milliseconds: a running mean over about its last five
    /// gaps of an hour or more; a day to begin with. After ten times this, and a day at least, without a
    /// message the inbox is silent.
    pub usual_gap_ms: i64,
}

impl Inbox {
    /// The state, from what is stored of its trouble and of what it heard.
    pub fn state_at(&self, trouble: Option<InboxState>, now: TimestampMs) -> InboxState {
        let gap = self.usual_gap_ms.saturating_mul(SILENT_GAPS);
        let quiet = |last: TimestampMs| now.saturating_sub(last) > gap.max(SILENT_MIN_MS);
        match trouble {
            _ if !self.active => InboxState::Inactive,
            Some(trouble) => trouble,
            None if self.last_message.is_some_and(quiet) => InboxState::Silent,
            None => InboxState::Ready,
        }
    }
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
    /// How soon somebody should look.
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600 * 1000;

    fn state(trouble: Option<InboxState>, quiet_ms: i64, usual_gap_ms: i64) -> InboxState {
        let inbox = Inbox {
            id: "i".into(),
            name: "town".into(),
            plugin: "p".into(),
            network: "n".into(),
            active: true,
            state: InboxState::Ready,
            state_since: None,
            failures: 0,
            last_error: None,
            last_polled: None,
            last_success: None,
            last_message: Some(1_000),
            usual_gap_ms,
        };
        inbox.state_at(trouble, 1_000 + quiet_ms)
    }

    #[test]
    fn silence_is_much_longer_than_the_own_usual_gap_and_a_day_at_least() {
        use InboxState::{Failing, Ready, Silent};
        assert_eq!(state(None, 23 * HOUR, 1_000), Ready, "not within a day");
        assert_eq!(state(None, 25 * HOUR, 1_000), Silent);
        let weekly = 7 * 24 * HOUR;
        assert_eq!(state(None, 9 * weekly, weekly), Ready);
        assert_eq!(state(None, 11 * weekly, weekly), Silent);
        assert_eq!(state(Some(Failing), 11 * weekly, weekly), Failing);
        assert_eq!(
            state(None, i64::MAX - 1_000, i64::MAX),
            Ready,
            "no overflow"
        );
    }
}

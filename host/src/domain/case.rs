//! What follows from what was said: cases, tasks, suppressions.

use super::inbox::Priority;
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// What a case is about.
    CaseKind { Complaint = "complaint", Question = "question", Lead = "lead", Other = "other" }
}

text_enum! {
    /// Whether there is still something to be solved.
    CaseStatus { Open = "open", Closed = "closed" }
}

text_enum! {
    /// Why something is sent. Suppressions are per purpose.
    Purpose { Service = "service", Marketing = "marketing", Survey = "survey", Transactional = "transactional" }
}

/// Something to be solved for a contact, apart from the conversation it came up in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    pub id: Id,
    pub contact_id: Id,
    pub conversation_id: Option<Id>,
    /// The message that opened it.
    pub message_id: Option<Id>,
    pub kind: CaseKind,
    pub title: String,
    pub priority: Priority,
    pub status: CaseStatus,
    pub team: Option<String>,
    pub opened: TimestampMs,
    /// The response clock: first answer due.
    pub respond_by: Option<TimestampMs>,
    pub solve_by: Option<TimestampMs>,
    pub responded: Option<TimestampMs>,
    pub closed: Option<TimestampMs>,
}

/// A purpose for which a contact is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    pub id: Id,
    pub contact_id: Id,
    pub purpose: Purpose,
    /// Channel kind; none means all.
    pub channel: Option<String>,
    pub reason: String,
    pub since: TimestampMs,
    pub until: Option<TimestampMs>,
    /// Ends when the contact's last open complaint closes.
    pub until_cases_closed: bool,
    pub lifted: Option<TimestampMs>,
}

impl Suppression {
    /// Whether it holds at that moment.
    pub fn holds_at(&self, now: TimestampMs) -> bool {
        self.lifted.is_none() && self.until.is_none_or(|until| now < until)
    }
}

text_enum! {
    /// Whether it is still to be done.
    TaskStatus { Open = "open", Done = "done" }
}

/// Something a person or team is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub id: Id,
    pub conversation_id: Option<Id>,
    pub contact_id: Option<Id>,
    pub title: String,
    pub team: Option<String>,
    pub due: Option<TimestampMs>,
    pub status: TaskStatus,
    pub created: TimestampMs,
}

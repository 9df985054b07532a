//! One case with its texts read once, for all rules.
//!
//! Invariant: a rule that is asked at another moment gets nothing to look at, so no rule has to
//! compare moments itself. Deliberately absent: settings; they are each rule's own.

use rapport_sdk::policy::{CaseKind, CaseView, Draft, Moment, PolicyCase};
use rapport_sdk::social::{Message, Reach, Visibility};

use crate::text::Text;

/// A case and its texts.
pub struct Asked<'a> {
    pub case: &'a PolicyCase,
    message: Option<Text<'a>>,
    draft: Option<Text<'a>>,
}

impl<'a> Asked<'a> {
    pub fn new(case: &'a PolicyCase) -> Self {
        Self {
            case,
            message: case.message.as_ref().map(|m| Text::new(&m.content)),
            draft: case.draft.as_ref().map(|d| Text::new(&d.content)),
        }
    }

    /// The message that came in.
    pub fn inbound(&self) -> Option<(&'a Message, &Text<'a>)> {
        (self.case.moment == Moment::Inbound)
            .then_some(self.case.message.as_ref().zip(self.message.as_ref()))
            .flatten()
    }

    /// The draft that is to go out, by itself or in a campaign.
    pub fn outgoing(&self) -> Option<(&'a Draft, &Text<'a>)> {
        matches!(self.case.moment, Moment::Outbound | Moment::Campaign)
            .then_some(self.case.draft.as_ref().zip(self.draft.as_ref()))
            .flatten()
    }

    /// The message that the draft answers.
    pub fn answered(&self) -> Option<&Text<'a>> {
        self.outgoing().and(self.message.as_ref())
    }

    /// The field was asked for but is not shown.
    pub fn withheld(&self, field: &str) -> bool {
        self.case.withheld.iter().any(|w| w == field)
    }

    /// The contact's open complaint.
    pub fn open_complaint(&self) -> Option<&'a CaseView> {
        let cases = &self.case.situation.open_cases;
        cases.iter().find(|c| c.kind == CaseKind::Complaint)
    }

    /// The event's own time, so many milliseconds later.
    pub fn later(&self, ms: u64) -> i64 {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        self.case.now.saturating_add(ms)
    }
}

/// Somebody addresses us.
pub fn is_to_us(message: &Message) -> bool {
    message.reach == Reach::Directed
}

/// Others than sender and receiver can read it.
pub fn is_open(visibility: Visibility) -> bool {
    visibility != Visibility::Direct
}

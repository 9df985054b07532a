//! What a policy pack is shown: one question with the facts around it. The same records as in the
//! contract (`rapport:types/policy`), in a form that can be stored, digested and shown again.

use super::annotation::{Classification, Moment};
use super::case::{CaseKind, Purpose};
use super::inbox::Priority;
use super::social::{Reach, SourceMessage, Visibility};
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyCase {
    pub id: Id,
    pub moment: Moment,
    pub now: TimestampMs,
    pub message: Option<SourceMessage>,
    pub classifications: Vec<Classification>,
    pub draft: Option<DraftView>,
    pub contact: Option<ContactView>,
    pub conversation: Option<ConversationView>,
    pub situation: Situation,
    pub withheld: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    pub id: Id,
    pub purpose: Purpose,
    pub content: String,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub visibility: Visibility,
    pub in_reply_to: Option<String>,
    pub author: String,
    pub automated: bool,
    pub named_account: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityView {
    pub network: String,
    pub handle: Option<String>,
    pub verified: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    pub id: Id,
    pub display_name: Option<String>,
    pub language: Option<String>,
    pub identities: Vec<IdentityView>,
    pub labels: Vec<String>,
    pub since: Option<TimestampMs>,
    pub message_count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    pub ours: bool,
    pub visibility: Visibility,
    pub published: TimestampMs,
    pub attributed_to: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    pub id: Id,
    pub network: String,
    pub reach: Reach,
    pub visibility: Visibility,
    pub participant_count: u32,
    pub involves_us: bool,
    pub public_answer_count: u32,
    pub turns: Vec<Turn>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    pub id: Id,
    pub kind: CaseKind,
    pub priority: Priority,
    pub opened: TimestampMs,
    pub respond_by: Option<TimestampMs>,
    pub conversation_id: Option<Id>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionView {
    pub purpose: Purpose,
    pub channel: Option<String>,
    pub reason: String,
    pub until: Option<TimestampMs>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HashtagCount {
    pub tag: String,
    pub count: u32,
    pub window_ms: u64,
}

/// Facts that the host alone knows. Campaigns, incidents, consents and opening hours are in the
/// contract and stay empty until the host has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Situation {
    pub open_cases: Vec<CaseView>,
    pub suppressions: Vec<SuppressionView>,
    pub hashtag_counts: Vec<HashtagCount>,
}

impl PolicyCase {
    /// A message that came in, with nothing known around it; `now` is when it was published.
    pub fn inbound(id: &str, message: SourceMessage) -> Self {
        Self {
            id: id.to_owned(),
            moment: Moment::Inbound,
            now: message.published,
            message: Some(message),
            classifications: Vec::new(),
            draft: None,
            contact: None,
            conversation: None,
            situation: Situation::default(),
            withheld: Vec::new(),
        }
    }

    /// Empties what is not granted and names what was asked for but withheld. `asked` and `granted`
    /// hold names of `rapport_package::manifest::FIELDS`; what was not asked for is emptied too.
    pub fn withhold(&mut self, asked: &[String], granted: &[String]) {
        let shown = |field: &str| granted.iter().any(|g| g == field);
        if let Some(message) = &mut self.message {
            withhold_message(message, &shown);
        }
        if let Some(contact) = &mut self.contact {
            if !shown("contact.display-name") {
                contact.display_name = None;
            }
            if !shown("contact.language") {
                contact.language = None;
            }
            if !shown("contact.identities") {
                contact.identities.clear();
            }
            if !shown("contact.labels") {
                contact.labels.clear();
            }
            if !shown("contact.history") {
                contact.since = None;
                contact.message_count = 0;
            }
        }
        if let Some(conversation) = &mut self.conversation
            && !shown("conversation.turns")
        {
            conversation.turns.clear();
        }
        if !shown("situation.cases") {
            self.situation.open_cases.clear();
        }
        if !shown("situation.suppressions") {
            self.situation.suppressions.clear();
        }
        if !shown("situation.hashtags") {
            self.situation.hashtag_counts.clear();
        }
        self.withheld = asked
            .iter()
            .filter(|field| !shown(field))
            .cloned()
            .collect();
    }
}

/// Empties the parts of a message that its reader was not granted.
pub fn withhold_message(message: &mut SourceMessage, shown: &impl Fn(&str) -> bool) {
    if !shown("message.attributed-to") {
        message.attributed_to = super::social::Actor::unknown();
        message.url = None;
    }
    if !shown("message.attachments") {
        message.attachments.clear();
    }
    if !shown("message.mentions") {
        message.mentions.clear();
    }
    message.extra.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn withheld_fields_are_empty_and_listed() {
        let mut case = PolicyCase {
            id: "c".into(),
            moment: Moment::Inbound,
            now: 0,
            message: None,
            classifications: vec![],
            draft: None,
            contact: Some(ContactView {
                id: "x".into(),
                display_name: Some("Anna".into()),
                language: Some("nl".into()),
                identities: vec![],
                labels: vec!["vip".into()],
                since: Some(1),
                message_count: 3,
            }),
            conversation: None,
            situation: Situation {
                suppressions: vec![SuppressionView {
                    purpose: Purpose::Marketing,
                    channel: None,
                    reason: "r".into(),
                    until: None,
                }],
                ..Situation::default()
            },
            withheld: vec![],
        };
        let asked = [
            "contact.display-name".to_owned(),
            "situation.suppressions".to_owned(),
        ];
        case.withhold(&asked, &["situation.suppressions".to_owned()]);
        let contact = case.contact.as_ref().unwrap();
        assert_eq!(contact.display_name, None);
        assert_eq!(
            contact.labels,
            Vec::<String>::new(),
            "not asked for, so not shown"
        );
        assert_eq!(case.situation.suppressions.len(), 1);
        assert_eq!(case.withheld, ["contact.display-name"]);
    }
}

//! Scenarios: a message, a contact, a situation and a draft, and what the rules ask for.

mod inbound;
mod judged;
mod manifest;
mod outbound;
mod robust;
mod spellings;
mod tone;
mod tone_kinds;
mod tone_rates;

use rapport_sdk::annotation::{AttributedClassification, Classification, Evidence};
use rapport_sdk::policy::{
    CaseKind, CaseView, ContactView, ConversationView, Draft, DraftAuthor, Effect, EffectKind,
    Moment, PolicyCase, Priority, Purpose, Situation, SuppressionView,
};
use rapport_sdk::social::{Actor, ActorKind, Message, Reach, Visibility};

use crate::pack::Pack;

/// 2 March 2026, 08:15 UTC.
const NOW: i64 = 1_772_439_300_000;

fn pack(settings: &str) -> Pack {
    Pack::new(settings).unwrap()
}

/// The effects of one rule, with the default settings.
fn by_rule(rule: &str, case: &PolicyCase) -> Vec<Effect> {
    with(rule, "{}", case)
}

fn with(rule: &str, settings: &str, case: &PolicyCase) -> Vec<Effect> {
    pack(settings)
        .decide(case)
        .into_iter()
        .filter(|e| e.rule == rule)
        .collect()
}

fn kinds(effects: &[Effect]) -> Vec<EffectKind> {
    effects.iter().map(|e| e.kind.clone()).collect()
}

/// The reason in one language.
fn reason<'a>(effect: &'a Effect, language: &str) -> &'a str {
    effect
        .reason
        .iter()
        .find(|r| r.language == language)
        .map(|r| r.text.as_str())
        .unwrap()
}

fn hold() -> EffectKind {
    EffectKind::Hold("manager".to_owned())
}

fn case(moment: Moment) -> PolicyCase {
    PolicyCase {
        id: "case-1".to_owned(),
        moment,
        now: NOW,
        message: None,
        classifications: Vec::new(),
        draft: None,
        contact: None,
        conversation: None,
        situation: Situation {
            open_cases: Vec::new(),
            suppressions: Vec::new(),
            incidents: Vec::new(),
            campaigns: Vec::new(),
            hashtag_counts: Vec::new(),
            consents: Vec::new(),
            open_now: None,
            extra: Vec::new(),
        },
        withheld: Vec::new(),
    }
}

fn message(content: &str, reach: Reach) -> Message {
    Message {
        external_id: "m-1".to_owned(),
        conversation_external_id: None,
        in_reply_to: None,
        ancestors: Vec::new(),
        attributed_to: Actor {
            external_id: "a-1".to_owned(),
            handle: Some("fenna".to_owned()),
            display_name: None,
            profile_url: None,
            avatar_url: None,
            follower_count: None,
            verified: false,
            kind: ActorKind::Person,
            extra: Vec::new(),
        },
        published: NOW,
        updated: None,
        title: None,
        content: content.to_owned(),
        language: None,
        url: None,
        visibility: Visibility::Public,
        reach,
        tags: Vec::new(),
        mentions: Vec::new(),
        attachments: Vec::new(),
        monitor: None,
        extra: Vec::new(),
    }
}

fn classified(dimension: &str, label: &str, score: f64) -> AttributedClassification {
    let evidence = vec![Evidence {
        start: 0,
        end: 2,
        note: "sample".to_owned(),
    }];
    AttributedClassification {
        plugin: "classify-sample".to_owned(),
        classification: Classification {
            dimension: dimension.to_owned(),
            label: label.to_owned(),
            score,
            evidence,
            extra: Vec::new(),
        },
    }
}

/// A message came in with this intent.
fn inbound(content: &str, reach: Reach, intent: &str) -> PolicyCase {
    let mut case = case(Moment::Inbound);
    case.message = Some(message(content, reach));
    case.classifications.push(classified("intent", intent, 0.8));
    case
}

/// A public draft of a service answer to a message addressed to us.
fn outbound(content: &str) -> PolicyCase {
    let mut case = case(Moment::Outbound);
    case.message = Some(message("Waar blijft mijn pakket?", Reach::Directed));
    case.draft = Some(Draft {
        id: "d-1".to_owned(),
        purpose: Purpose::Service,
        content: content.to_owned(),
        language: None,
        tags: Vec::new(),
        visibility: Visibility::Public,
        in_reply_to: Some("m-1".to_owned()),
        author: DraftAuthor {
            id: "agent-1".to_owned(),
            display_name: "Agent".to_owned(),
            automated: false,
            named_account: false,
        },
    });
    case.conversation = Some(conversation());
    case.contact = Some(contact(None));
    case
}

fn contact(name: Option<&str>) -> ContactView {
    ContactView {
        id: "c-1".to_owned(),
        display_name: name.map(str::to_owned),
        language: None,
        identities: Vec::new(),
        labels: Vec::new(),
        since: None,
        message_count: 1,
        extra: Vec::new(),
    }
}

fn conversation() -> ConversationView {
    ConversationView {
        id: "conversation-1".to_owned(),
        network: "mastodon".to_owned(),
        reach: Reach::Directed,
        visibility: Visibility::Public,
        participant_count: 1,
        involves_us: true,
        public_answer_count: 0,
        turns: Vec::new(),
        extra: Vec::new(),
    }
}

fn open(kind: CaseKind, priority: Priority) -> CaseView {
    CaseView {
        id: "case-9".to_owned(),
        kind,
        priority,
        opened: NOW - 3_600_000,
        respond_by: None,
        conversation_id: None,
    }
}

fn suppression(purpose: Purpose, channel: Option<&str>, until: Option<i64>) -> SuppressionView {
    SuppressionView {
        purpose,
        channel: channel.map(str::to_owned),
        reason: "unsubscribed".to_owned(),
        until,
    }
}

//! What people say on a channel, as a connector hands it over. ActivityStreams 2.0 terms.

use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// Who may read it.
    Visibility { Public = "public", SemiPrivate = "semi-private", Direct = "direct" }
}

text_enum! {
    /// Who sought whom: they us, we them, or neither (said on somebody else's ground).
    Reach { Directed = "directed", Searched = "searched", ThirdParty = "third-party" }
}

text_enum! {
    /// Who acts on a network.
    ActorKind { Person = "person", Organization = "organization", Service = "service", Unknown = "unknown" }
}

text_enum! {
    /// What is attached to a message.
    AttachmentKind { Image = "image", Video = "video", Audio = "audio", Document = "document", Link = "link" }
}

text_enum! {
    /// A response to a message that is no message itself.
    ReactionKind { Announce = "announce", Like = "like" }
}

/// Names and values beside the record.
pub type Extra = Vec<(String, String)>;

/// Somebody on a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The network's own stable id.
    pub external_id: String,
    pub handle: Option<String>,
    pub display_name: Option<String>,
    pub profile_url: Option<String>,
    pub avatar_url: Option<String>,
    pub follower_count: Option<u64>,
    pub verified: bool,
    pub kind: ActorKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<String>>)]
    pub extra: Extra,
}

impl Actor {
    /// Somebody of whom nothing is known, or may be told.
    pub fn unknown() -> Self {
        Self {
            external_id: String::new(),
            handle: None,
            display_name: None,
            profile_url: None,
            avatar_url: None,
            follower_count: None,
            verified: false,
            kind: ActorKind::Unknown,
            extra: Vec::new(),
        }
    }
}

/// Somebody named in a text, and where (bytes).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    pub actor_external_id: String,
    pub handle: Option<String>,
    pub start: Option<u32>,
    pub end: Option<u32>,
}

/// What is attached to a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub kind: AttachmentKind,
    pub url: String,
    pub media_type: Option<String>,
    pub alt_text: Option<String>,
    pub title: Option<String>,
    pub size_bytes: Option<u64>,
}

/// One utterance as the network has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceMessage {
    pub external_id: String,
    pub conversation_external_id: Option<String>,
    pub in_reply_to: Option<String>,
    pub ancestors: Vec<String>,
    pub attributed_to: Actor,
    pub published: TimestampMs,
    pub updated: Option<TimestampMs>,
    pub title: Option<String>,
    pub content: String,
    pub language: Option<String>,
    pub url: Option<String>,
    pub visibility: Visibility,
    pub reach: Reach,
    pub tags: Vec<String>,
    pub mentions: Vec<Mention>,
    pub attachments: Vec<Attachment>,
    pub monitor: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Extra,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "object", rename_all = "camelCase")]
pub enum ActivityObject {
    Create(Box<SourceMessage>),
    Update(Box<SourceMessage>),
    #[serde(rename_all = "camelCase")]
    Delete {
        external_id: String,
        deleted: TimestampMs,
    },
    Announce(Reaction),
    Like(Reaction),
    Follow(Actor),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    pub attributed_to: Actor,
    /// External id of the message.
    pub object: String,
}

/// An inbound event. `id` is unique within the inbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    pub id: String,
    pub published: TimestampMs,
    pub object: ActivityObject,
}

impl Activity {
    /// What must be handled in order: events with the same key are never handled side by side, nor
    /// the later before the earlier.
    pub fn order_key(&self) -> &str {
        match &self.object {
            ActivityObject::Create(m) | ActivityObject::Update(m) => {
                m.conversation_key().unwrap_or(&m.external_id)
            }
            ActivityObject::Delete { external_id, .. } => external_id,
            ActivityObject::Announce(r) | ActivityObject::Like(r) => &r.object,
            ActivityObject::Follow(actor) => &actor.external_id,
        }
    }

    /// The one who did it, where the network says so.
    pub fn actor(&self) -> Option<&Actor> {
        match &self.object {
            ActivityObject::Create(m) | ActivityObject::Update(m) => Some(&m.attributed_to),
            ActivityObject::Announce(r) | ActivityObject::Like(r) => Some(&r.attributed_to),
            ActivityObject::Follow(actor) => Some(actor),
            ActivityObject::Delete { .. } => None,
        }
    }
}

impl SourceMessage {
    /// A public message to us by somebody unknown, at no particular time.
    pub fn plain(external_id: &str, content: &str) -> Self {
        Self {
            external_id: external_id.to_owned(),
            conversation_external_id: None,
            in_reply_to: None,
            ancestors: Vec::new(),
            attributed_to: Actor::unknown(),
            published: 0,
            updated: None,
            title: None,
            content: content.to_owned(),
            language: None,
            url: None,
            visibility: Visibility::Public,
            reach: Reach::Directed,
            tags: Vec::new(),
            mentions: Vec::new(),
            attachments: Vec::new(),
            monitor: None,
            extra: Vec::new(),
        }
    }

    /// External id of the thread as far as the message itself tells: what the network says, else the
    /// first known ancestor, else the answered message.
    pub fn conversation_key(&self) -> Option<&str> {
        self.conversation_external_id
            .as_deref()
            .or(self.ancestors.first().map(String::as_str))
            .or(self.in_reply_to.as_deref())
    }
}

text_enum! {
    /// Inbound: they said it. Outbound: we did.
    Direction { Inbound = "inbound", Outbound = "outbound" }
}

/// A message as stored. A deleted one is a tombstone: its text, title, tags, mentions and
/// attachments are gone, the fact stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: Id,
    /// The inbox that brought it first.
    pub inbox_id: Id,
    /// All inboxes that brought it, the first one first.
    pub inbox_ids: Vec<Id>,
    pub conversation_id: Id,
    /// None for what we said ourselves.
    pub contact_id: Option<Id>,
    /// Of what we said: the contact whom it answers, and the name of who wrote it.
    pub recipient_id: Option<Id>,
    pub author: Option<String>,
    pub external_id: String,
    pub direction: Direction,
    pub in_reply_to: Option<String>,
    pub attributed_to: Option<Actor>,
    /// When it was said, by the sender's clock, which may be wrong.
    pub published: TimestampMs,
    pub updated: Option<TimestampMs>,
    pub deleted: Option<TimestampMs>,
    /// When we first heard of it.
    pub received: TimestampMs,
    /// The time that counts: when it was said as far as that can be, never later than it was received,
    /// and after what it answers. Lists are in its order.
    pub effective: TimestampMs,
    pub title: Option<String>,
    pub content: String,
    /// As the network states it; the classification `language` is ours.
    pub language: Option<String>,
    pub url: Option<String>,
    pub visibility: Visibility,
    pub reach: Reach,
    pub tags: Vec<String>,
    pub mentions: Vec<Mention>,
    pub attachments: Vec<Attachment>,
    pub monitor: Option<String>,
}

//! The sample format as serde reads it: one struct for each kind of JSON object.
//!
//! Invariants: unknown fields are refused everywhere; a field that may be absent is an `Option` or
//! has a default. Deliberately absent: lengths, times and addresses, which [`crate::line`] checks.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub enum LineType {
    Create,
    Update,
    Delete,
    Announce,
    Like,
    Follow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Line {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: LineType,
    pub published: String,
    pub attributed_to: Option<ActorLine>,
    pub object: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ActorLine {
    pub id: String,
    pub handle: Option<String>,
    pub name: Option<String>,
    pub url: Option<String>,
    pub followers: Option<u64>,
    #[serde(default)]
    pub verified: bool,
    #[serde(default)]
    pub kind: ActorKindLine,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKindLine {
    Person,
    Organization,
    Service,
    #[default]
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MessageLine {
    pub id: String,
    pub context: Option<String>,
    pub in_reply_to: Option<String>,
    #[serde(default)]
    pub ancestors: Vec<String>,
    pub attributed_to: ActorLine,
    pub published: Option<String>,
    pub updated: Option<String>,
    pub name: Option<String>,
    pub content: String,
    pub language: Option<String>,
    pub url: Option<String>,
    #[serde(default)]
    pub visibility: VisibilityLine,
    #[serde(default)]
    pub reach: ReachLine,
    #[serde(default)]
    pub tag: Vec<String>,
    #[serde(default)]
    pub mention: Vec<MentionLine>,
    #[serde(default)]
    pub attachment: Vec<AttachmentLine>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisibilityLine {
    #[default]
    Public,
    SemiPrivate,
    Direct,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachLine {
    #[default]
    Directed,
    Searched,
    ThirdParty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MentionLine {
    pub id: String,
    pub handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttachmentLine {
    pub kind: AttachmentKindLine,
    pub url: String,
    pub media_type: Option<String>,
    pub alt: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentKindLine {
    Image,
    Video,
    Audio,
    Document,
    Link,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TombstoneLine {
    pub id: String,
}

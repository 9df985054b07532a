//! What plugins said and what followed: classifications, decisions, and the evaluations they stem
//! from.

use super::social::Extra;
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The words that made a judgement: bytes in the judged text, and what they did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    pub start: u32,
    pub end: u32,
    pub note: String,
}

/// One judgement of a message by a classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Classification {
    /// For example `language`, `sentiment`, `topic`, `intent`, `urgency`.
    pub dimension: String,
    pub label: String,
    /// 0 to 1; for `sentiment` -1 to 1.
    pub score: f64,
    pub evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<String>>)]
    pub extra: Extra,
    pub plugin: String,
    pub version: String,
}

text_enum! {
    /// When a rule is asked.
    Moment { Inbound = "inbound", Outbound = "outbound", Campaign = "campaign", Tick = "tick" }
}

text_enum! {
    /// What a rule, or the host in its stead, asks for. `pause-campaign` and `notify` are on record
    /// only: this version acts on neither. So is what concerns a message (`respond` to `suppress`)
    /// and is asked for of a draft, and the other way round.
    EffectKind {
        Allow = "allow",
        Hold = "hold",
        Deny = "deny",
        Rewrite = "rewrite",
        Respond = "respond",
        LeaveAlone = "leave-alone",
        Route = "route",
        Priority = "priority",
        Label = "label",
        OpenCase = "open-case",
        Task = "task",
        Suppress = "suppress",
        PauseCampaign = "pause-campaign",
        Notify = "notify",
    }
}

/// A text in one language (BCP 47).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Localized {
    pub language: String,
    pub text: String,
}

/// One effect of one rule, as decided and stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    pub id: Id,
    pub evaluation_id: Id,
    pub message_id: Option<Id>,
    pub draft_id: Option<Id>,
    pub moment: Moment,
    pub plugin: String,
    /// Rule id within the plugin; `host` when the host decided in its stead (a fault).
    pub rule: String,
    pub effect: EffectKind,
    /// The effect's own data; null when it has none.
    #[schema(value_type = Value)]
    pub detail: serde_json::Value,
    pub reason: Vec<Localized>,
    pub evidence: Vec<Evidence>,
    /// What the plugin asked for but was not shown.
    pub withheld: Vec<String>,
    pub decided: TimestampMs,
}

/// One call of a policy on one case, with all that is needed to run it again to the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub id: Id,
    pub message_id: Option<Id>,
    pub draft_id: Option<Id>,
    pub moment: Moment,
    pub plugin: String,
    pub version: String,
    /// SHA-256 of the component, the settings, the input and the output, in hexadecimal.
    pub plugin_digest: String,
    pub settings_digest: String,
    pub input: String,
    pub input_digest: String,
    pub output_digest: String,
    /// Fuel of the whole batch that the case was in, and how many cases that batch had.
    pub batch_fuel: u64,
    pub batch_size: u32,
    /// The host fault or item error, when there is no answer.
    pub fault: Option<String>,
    /// The version in force and why it gave no answer, when this one, the last known good, answered in
    /// its stead.
    pub in_stead_of: Option<String>,
    pub evaluated: TimestampMs,
}

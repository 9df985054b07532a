//! What rules ask for, and how many answers become one.

use super::TimestampMs;
use super::annotation::{EffectKind, Evidence, Localized};
use super::case::{CaseKind, Purpose};
use super::inbox::Priority;
use super::social::Visibility;
use serde::{Deserialize, Serialize};

/// When a suppression ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SuppressionEnd {
    At(TimestampMs),
    CasesClosed,
    Indefinite,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseDemand {
    pub within_ms: Option<u64>,
    pub visibility: Visibility,
    pub named_account: bool,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRequest {
    pub kind: CaseKind,
    pub title: String,
    pub priority: Priority,
    pub respond_within_ms: Option<u64>,
    pub solve_within_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskRequest {
    pub title: String,
    pub due: Option<TimestampMs>,
    pub team: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionRequest {
    pub purpose: Purpose,
    pub channel: Option<String>,
    pub until: SuppressionEnd,
}

/// What a rule asks for, with its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", content = "detail", rename_all = "kebab-case")]
pub enum EffectBody {
    Allow,
    /// Until somebody with this role releases it.
    Hold(String),
    Deny,
    /// The suggested text.
    Rewrite(String),
    Respond(ResponseDemand),
    LeaveAlone,
    Route(String),
    Priority(Priority),
    Label(String),
    OpenCase(CaseRequest),
    Task(TaskRequest),
    Suppress(SuppressionRequest),
    PauseCampaign(String),
    Notify {
        to: String,
        text: String,
    },
}

impl EffectBody {
    pub fn kind(&self) -> EffectKind {
        match self {
            EffectBody::Allow => EffectKind::Allow,
            EffectBody::Hold(_) => EffectKind::Hold,
            EffectBody::Deny => EffectKind::Deny,
            EffectBody::Rewrite(_) => EffectKind::Rewrite,
            EffectBody::Respond(_) => EffectKind::Respond,
            EffectBody::LeaveAlone => EffectKind::LeaveAlone,
            EffectBody::Route(_) => EffectKind::Route,
            EffectBody::Priority(_) => EffectKind::Priority,
            EffectBody::Label(_) => EffectKind::Label,
            EffectBody::OpenCase(_) => EffectKind::OpenCase,
            EffectBody::Task(_) => EffectKind::Task,
            EffectBody::Suppress(_) => EffectKind::Suppress,
            EffectBody::PauseCampaign(_) => EffectKind::PauseCampaign,
            EffectBody::Notify { .. } => EffectKind::Notify,
        }
    }

    /// The effect's data alone, null where it has none.
    pub fn detail(&self) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value
            .get_mut("detail")
            .map(serde_json::Value::take)
            .unwrap_or_default()
    }
}

/// One effect of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    pub rule: String,
    #[serde(flatten)]
    pub body: EffectBody,
    pub reason: Vec<Localized>,
    pub evidence: Vec<Evidence>,
}

/// What becomes of a draft. The order is the strictness: the strictest stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Allow,
    /// Some rule suggests another wording; the person decides.
    Rewrite,
    Hold,
    Deny,
}

/// deny > hold > rewrite > allow. Effects of other kinds have no say; no effects at all allow.
pub fn verdict<'a>(effects: impl IntoIterator<Item = &'a EffectBody>) -> Verdict {
    effects
        .into_iter()
        .map(|effect| match effect {
            EffectBody::Deny => Verdict::Deny,
            EffectBody::Hold(_) => Verdict::Hold,
            EffectBody::Rewrite(_) => Verdict::Rewrite,
            _ => Verdict::Allow,
        })
        .max()
        .unwrap_or(Verdict::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_stands_whatever_the_order() {
        let hold = EffectBody::Hold("manager".into());
        let rewrite = EffectBody::Rewrite("x".into());
        assert_eq!(verdict([]), Verdict::Allow);
        assert_eq!(verdict([&rewrite, &EffectBody::Allow]), Verdict::Rewrite);
        assert_eq!(
            verdict([&rewrite, &hold, &EffectBody::Allow]),
            Verdict::Hold
        );
        assert_eq!(verdict([&EffectBody::Deny, &hold]), Verdict::Deny);
        assert_eq!(verdict([&EffectBody::LeaveAlone]), Verdict::Allow);
    }

    #[test]
    fn detail_is_the_data_alone() {
        assert_eq!(EffectBody::Deny.detail(), serde_json::Value::Null);
        assert_eq!(EffectBody::Hold("manager".into()).detail(), "manager");
        let request = CaseRequest {
            kind: CaseKind::Complaint,
            title: "t".into(),
            priority: Priority::High,
            respond_within_ms: Some(5),
            solve_within_ms: None,
        };
        assert_eq!(EffectBody::OpenCase(request).detail()["priority"], "high");
    }
}

//! How long each kind of data is kept. Conversations are kept for ever unless an admin says otherwise;
//! what only the host's own working needs goes after a while.
//!
//! Deliberately absent: the deleting (`db::retention`), and rules by inbox or team.

use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use utoipa::ToSchema;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Longest time that can be written, in days.
const DAYS_MAX: i64 = 36_500;

text_enum! {
    /// Kinds of data that have a rule of their own; see [`DataKind::note`].
    DataKind {
        Messages = "messages",
        ClosedCases = "closed-cases",
        Decisions = "decisions",
        EvaluationInputs = "evaluation-inputs",
        InboundEvents = "inbound-events",
        DeliveryAttempts = "delivery-attempts",
        WebhookDeliveries = "webhook-deliveries",
        Sessions = "sessions",
        LoginAttempts = "login-attempts",
        Contacts = "contacts",
        Audit = "audit",
    }
}

impl DataKind {
    /// What it is, and from when its age counts.
    pub fn note(self) -> &'static str {
        match self {
            Self::Messages => {
                "messages from their publishing, with all that was said of them and answered to them"
            }
            Self::ClosedCases => "closed cases, from their closing",
            Self::Decisions => "what rules decided, with the evaluations",
            Self::EvaluationInputs => {
                "what rules were shown; a decision cannot be executed again without it"
            }
            Self::InboundEvents => {
                "the record of what networks sent; what is sent again after that counts as new"
            }
            Self::DeliveryAttempts => "tries to deliver what is sent or dropped by now",
            Self::WebhookDeliveries => "outgoing webhooks that are delivered or given up",
            Self::Sessions => "log-ins that have ended",
            Self::LoginAttempts => "tries to log in",
            Self::Contacts => {
                "people without messages, cases or a wish not to be written to, from when they were last seen"
            }
            Self::Audit => "always kept: the chain could not be verified without its beginning",
        }
    }
}

/// For ever, or for a time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Forever,
    For(i64),
}

impl FromStr for Keep {
    type Err = String;

    /// `keep`, or a number with `h`, `d`, `w` or `y` (365 days).
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "keep" {
            return Ok(Keep::Forever);
        }
        let wrong =
            || format!("`{text}` is not `keep` or a time such as `400d`, `8w`, `2y` or `12h`");
        let unit = match text.chars().last() {
            Some('h') => HOUR_MS,
            Some('d') => DAY_MS,
            Some('w') => 7 * DAY_MS,
            Some('y') => 365 * DAY_MS,
            _ => return Err(wrong()),
        };
        let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        match number.checked_mul(unit) {
            Some(ms) if ms > 0 && ms <= DAYS_MAX * DAY_MS => Ok(Keep::For(ms)),
            _ => Err(format!("`{text}`: from 1h to {DAYS_MAX}d")),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Keep::Forever => f.write_str("keep"),
            Keep::For(ms) if ms % DAY_MS == 0 => write!(f, "{}d", ms / DAY_MS),
            Keep::For(ms) => write!(f, "{}h", ms / HOUR_MS),
        }
    }
}

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The rules. A kind that is not named has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention(BTreeMap<DataKind, Keep>);

impl Retention {
    /// Refuses rules that would lose what must not be lost.
    pub fn new(rules: BTreeMap<DataKind, Keep>) -> Result<Self, String> {
        let rules = Self(rules);
        if rules.keep(DataKind::Audit) != Keep::Forever {
            return Err(
                "audit is always kept: its chain could not be verified any more".to_owned(),
            );
        }
        if let (Keep::For(messages), Keep::For(events)) = (
            rules.keep(DataKind::Messages),
            rules.keep(DataKind::InboundEvents),
        ) && events < messages
        {
            return Err(
                "inbound-events must be kept at least as long as messages: a message that is sent \
                 again after both are gone would come back"
                    .to_owned(),
            );
        }
        Ok(rules)
    }

    pub fn keep(&self, kind: DataKind) -> Keep {
        self.0.get(&kind).copied().unwrap_or(match kind {
            DataKind::DeliveryAttempts => Keep::For(400 * DAY_MS),
            DataKind::WebhookDeliveries => Keep::For(90 * DAY_MS),
            DataKind::Sessions | DataKind::LoginAttempts => Keep::For(30 * DAY_MS),
            _ => Keep::Forever,
        })
    }

    /// What is older than this is to go; none for what is kept.
    pub fn cutoff(&self, kind: DataKind, now: TimestampMs) -> Option<TimestampMs> {
        match self.keep(kind) {
            Keep::Forever => None,
            Keep::For(ms) => Some(now.saturating_sub(ms)),
        }
    }
}

impl<'de> Deserialize<'de> for Retention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = BTreeMap::deserialize(deserializer)?;
        Retention::new(rules).map_err(serde::de::Error::custom)
    }
}

/// What the admin decided about the keeping of data.
#[derive(Debug, Clone, Default)]
pub struct Housekeeping {
    pub retention: Retention,
    /// Days after which a backup is to be deleted; none: nobody said.
    pub backup_keep_days: Option<u32>,
    pub audit_heads: AuditHeads,
}

/// When and where the head of the audit chain goes out, besides the log and webhooks.
#[derive(Debug, Clone)]
pub struct AuditHeads {
    pub every_minutes: u32,
    pub file: Option<PathBuf>,
}

impl Default for AuditHeads {
    fn default() -> Self {
        Self {
            every_minutes: 60,
            file: None,
        }
    }
}

/// What a run deleted, or would delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetentionRun {
    /// None for a run that only counted.
    pub id: Option<Id>,
    pub started: TimestampMs,
    /// None while it runs, or when its host died.
    pub finished: Option<TimestampMs>,
    pub actor: String,
    /// Rows by kind of data.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub counts: BTreeMap<DataKind, u64>,
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, keep) in [
            ("keep", Keep::Forever),
            ("400d", Keep::For(400 * DAY_MS)),
            ("2w", Keep::For(14 * DAY_MS)),
            ("1y", Keep::For(365 * DAY_MS)),
            ("36h", Keep::For(36 * HOUR_MS)),
        ] {
            let read: Keep = text.parse().unwrap();
            assert_eq!(read, keep);
            assert_eq!(read.to_string().parse(), Ok(keep));
        }
        for wrong in [
            "",
            "d",
            "0d",
            "-1d",
            "1",
            "400 d",
            "1m",
            "99999999999999999d",
            "1é",
        ] {
            assert!(wrong.parse::<Keep>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rules_that_lose_too_much_are_refused() {
        let rules = |list: &[(DataKind, &str)]| {
            let list = list
                .iter()
                .map(|(kind, keep)| (*kind, keep.parse().unwrap()));
            Retention::new(list.collect())
        };
        assert!(rules(&[(DataKind::Audit, "1y")]).is_err());
        let both = [
            (DataKind::Messages, "100d"),
            (DataKind::InboundEvents, "99d"),
        ];
        assert!(rules(&both).is_err());
        let messages = rules(&[(DataKind::Messages, "100d")]).unwrap();
        assert_eq!(
            messages.cutoff(DataKind::Messages, 101 * DAY_MS),
            Some(DAY_MS)
        );
        assert_eq!(messages.cutoff(DataKind::Contacts, 0), None);
    }
}

//! Webhooks that go out: endpoints, what they hear of, deliveries and their tries. Form and retries
//! follow the Standard Webhooks specification (standardwebhooks.com, 1.0.0).
//!
//! A delivery arrives at least once, in no promised order; its event's id is the same on every try.

use super::address::{LocalHosts, Origin, is_global};
use super::text_enum::text_enum;
use super::{Id, TimestampMs};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

/// Endpoints of one installation.
pub const ENDPOINTS_MAX: usize = 100;
/// Longest address, in bytes.
pub const URL_MAX_BYTES: usize = 2048;
/// Requests to one endpoint at the same time, from each host.
pub const CONCURRENCY_MAX: u32 = 4;
/// Inboxes that an endpoint can be narrowed down to.
pub const INBOXES_MAX: usize = 100;
/// Deliveries that may wait for one endpoint; with more it is disabled.
pub const BACKLOG_MAX: u64 = 100_000;
/// An endpoint that has failed for so long, without one success, is disabled.
pub const FAILING_MAX_MS: i64 = 5 * 24 * 3_600_000;
/// Longest wait that an endpoint's own `Retry-After` can ask for.
const RETRY_AFTER_MAX_MS: i64 = 24 * 3_600_000;
/// Waits between tries: the schedule that the specification proposes, about three days in all.
const WAITS_MS: [i64; 9] = [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * 3_600_000,
    5 * 3_600_000,
    10 * 3_600_000,
    14 * 3_600_000,
    20 * 3_600_000,
    24 * 3_600_000,
];

text_enum! {
    /// What happened. The part before the dot is the kind of thing that it happened to.
    EventType {
        MessageReceived = "message.received",
        MessageChanged = "message.changed",
        MessageDeleted = "message.deleted",
        MessageSent = "message.sent",
        ConversationChanged = "conversation.changed",
        CaseOpened = "case.opened",
        CaseClosed = "case.closed",
        DecisionMade = "decision.made",
        DraftCreated = "draft.created",
        DraftChanged = "draft.changed",
        OutboxQueued = "outbox.queued",
        OutboxUncertain = "outbox.uncertain",
        OutboxSent = "outbox.sent",
        OutboxDead = "outbox.dead",
        OutboxDropped = "outbox.dropped",
        AuditHead = "audit.head",
        WebhookTest = "webhook.test",
    }
}

impl EventType {
    /// For example `message`.
    pub fn kind(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

/// What an endpoint can subscribe to: a kind of thing, an event's full name, or `*`.
pub fn is_subscription(text: &str) -> bool {
    text == "*" || EventType::ALL.iter().any(|e| hears(text, *e))
}

/// Whether who subscribed to `subscription` hears of the event.
pub fn hears(subscription: &str, event: EventType) -> bool {
    subscription == "*" || subscription == event.as_str() || subscription == event.kind()
}

text_enum! {
    /// Why nothing is sent. `Gone`: it answered 410. `Failing`: five days without a success.
    /// `Backlog`: more was waiting than is kept.
    DisabledReason { ByPerson = "by-person", Gone = "gone", Failing = "failing", Backlog = "backlog" }
}

/// Somewhere that wants to hear of what happens. Its secret is shown when it is made, never again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    pub id: Id,
    /// Whose rights it carries, asked again at each delivery: `agent:ID`, `token:ID`, or the operator's
    /// name. It hears of what they may read then, in the inboxes that it is narrowed down to.
    pub made_by: String,
    pub url: String,
    pub description: String,
    /// `message`, `message.received`, …, or `*` for everything.
    pub events: Vec<String>,
    /// Only what happens in these inboxes; empty: in all.
    pub inbox_ids: Vec<Id>,
    /// Texts of messages and drafts are sent along.
    pub include_content: bool,
    /// Requests at the same time, from each host: 1 to 4.
    pub concurrency: u32,
    pub enabled: bool,
    pub disabled_reason: Option<DisabledReason>,
    /// When the tries began to fail; none after a success.
    pub failing_since: Option<TimestampMs>,
    /// Until then requests are signed with the secret before as well.
    pub rotating_until: Option<TimestampMs>,
    pub created: TimestampMs,
    pub updated: TimestampMs,
}

text_enum! {
    /// Queued: waits for its time. Sending: a host holds it. Failed: given up, can be replayed.
    DeliveryStatus { Queued = "queued", Sending = "sending", Delivered = "delivered", Failed = "failed" }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    pub id: Id,
    pub endpoint_id: Id,
    /// The `webhook-id` of every try, a replay's too.
    pub event_id: Id,
    #[serde(rename = "type")]
    pub event_type: EventType,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// Not before this moment.
    pub next_attempt: TimestampMs,
    pub created: TimestampMs,
    pub updated: TimestampMs,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttempt {
    pub id: Id,
    pub delivery_id: Id,
    pub started: TimestampMs,
    pub duration_ms: u32,
    /// The answer's status; none when there was no answer.
    pub status: Option<u16>,
    /// Why it does not count as delivered.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub response: Option<String>,
}

/// How long to wait after the given number of tries, in milliseconds; none: given up. `jitter` is
/// 0 to 1 and moves the wait by up to a fifth either way. `Retry-After` makes it longer, not shorter.
pub fn wait_ms(attempts: u32, jitter: f64, retry_after_ms: Option<i64>) -> Option<i64> {
    let wait = *WAITS_MS.get(attempts.saturating_sub(1) as usize)?;
    let moved = wait as f64 * (0.8 + 0.4 * jitter.clamp(0.0, 1.0));
    let asked = retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
    Some((moved as i64).max(asked))
}

/// Whether requests may be sent there: https, or anything that the admin named as local. What a name
/// resolves to is checked when it is connected to.
pub fn check_url(text: &str, local: &LocalHosts) -> Result<Url, String> {
    if text.len() > URL_MAX_BYTES {
        return Err(format!("at most {URL_MAX_BYTES} bytes"));
    }
    let url = Url::parse(text).map_err(|e| format!("not an address: {e}"))?;
    let origin = Origin::of(&url)?;
    if url.fragment().is_some() {
        return Err("an address with a `#` in it".to_owned());
    }
    if local.names(&origin.host, origin.port) {
        return Ok(url);
    }
    if origin.scheme != "https" {
        return Err(
            "use https; http is for hosts that an admin named in [webhooks] local-hosts".to_owned(),
        );
    }
    if origin.ip().is_some_and(|ip| !is_global(ip)) {
        return Err("a local address; an admin can name it in [webhooks] local-hosts".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hears_kinds_names_and_everything() {
        for subscription in ["*", "message", "message.received"] {
            assert!(is_subscription(subscription));
            assert!(hears(subscription, EventType::MessageReceived));
        }
        for other in ["message.deleted", "case", "mess", "", "message."] {
            assert!(!hears(other, EventType::MessageReceived), "{other}");
        }
        assert!(!is_subscription("message.read") && !is_subscription("mess"));
    }

    #[test]
    fn tries_for_three_days() {
        assert_eq!(wait_ms(1, 0.5, None), Some(5_000));
        assert_eq!(wait_ms(1, 0.0, None), Some(4_000));
        assert_eq!(wait_ms(1, 1.0, None), Some(6_000));
        assert_eq!(wait_ms(1, 0.5, Some(60_000)), Some(60_000));
        assert_eq!(wait_ms(2, 0.5, Some(60_000)), Some(300_000));
        assert_eq!(wait_ms(1, 0.5, Some(i64::MAX)), Some(RETRY_AFTER_MAX_MS));
        let waits: Vec<i64> = (1..).map_while(|n| wait_ms(n, 0.5, None)).collect();
        let hours = waits.iter().sum::<i64>() / 3_600_000;
        assert_eq!((waits.len(), hours), (9, 75));
    }

    #[test]
    fn only_addresses_that_may_be_called() {
        let local = LocalHosts::parse(&["127.0.0.1:9000".into(), "hooks.lan:80".into()]).unwrap();
        for good in [
            "https://hooks.example/in?x=1",
            "https://1.1.1.1/",
            "http://127.0.0.1:9000/a",
            "http://hooks.lan/",
        ] {
            assert!(check_url(good, &local).is_ok(), "{good}");
        }
        for bad in [
            "http://hooks.example/",
            "http://127.0.0.1:9001/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://169.254.169.254/latest",
            "https://user:pw@hooks.example/",
            "https://hooks.example/#x",
            "ftp://hooks.example/",
            "hooks.example",
            "",
        ] {
            assert!(check_url(bad, &local).is_err(), "{bad}");
        }
        assert!(check_url(&format!("https://x.example/{}", "a".repeat(2048)), &local).is_err());
    }
}

//! One try of one webhook delivery: what is sent, how it is signed, what the answer means, and the
//! record of it.
//!
//! Invariants: no transaction is open while the receiver is talked to; a try ends after
//! [`TRY_TIMEOUT`] whatever the receiver does; redirects are not followed; local addresses only where
//! the admin named them. Texts are read when they are sent: what was deleted meanwhile stays deleted.

use super::Pipeline;
use crate::db::audit::audit_append_in_tx;
use crate::db::webhook::{Reach, endpoint_switch_in_tx, endpoint_tried_in_tx};
use crate::db::webhook_delivery::{LeasedDelivery, attempt_record_in_tx};
use crate::db::{DbError, Tx, commit};
use crate::domain::address::{LocalHosts, Origin, is_global};
use crate::domain::signature::{secret_key, standard_sign};
use crate::domain::webhook::{
    DeliveryStatus, DisabledReason, Endpoint, FAILING_MAX_MS, WebhookAttempt, check_url, wait_ms,
};
use crate::domain::{Id, TimestampMs, new_id, now_ms};
use crate::plugin::outward;
use chrono::{DateTime, SecondsFormat};
use futures_util::StreamExt;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// One try: name resolution, connection, request and answer together.
pub const TRY_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest request body, in bytes; a longer text is left out.
const BODY_MAX_BYTES: usize = 256 * 1024;
/// What is kept of an answer's body, in bytes.
const EXCERPT_BYTES: usize = 1024;
/// Why a delivery is given up that is no longer for the endpoint.
const NOT_THEIRS: &str =
    "not sent: whoever made the endpoint may not read this inbox now, or is no longer let in";
/// Who disables an endpoint that does not work.
const HOST_ACTOR: &str = "host";

/// What requests are made with.
pub struct WebhookSender {
    /// Reaches public addresses only.
    public: reqwest::Client,
    /// For the hosts that the admin named.
    named: reqwest::Client,
    local: LocalHosts,
}

impl WebhookSender {
    /// `local_hosts` are the `host:port` that may be called though local; `roots` are trusted beside
    /// the system's authorities.
    pub fn new(local_hosts: &[String], roots: &[reqwest::Certificate]) -> Result<Self, String> {
        Ok(Self {
            public: outward::client(TRY_TIMEOUT, roots, |_, ip| is_global(ip))?,
            named: outward::client(TRY_TIMEOUT, roots, |_, _| true)?,
            local: LocalHosts::parse(local_hosts)?,
        })
    }

    pub fn local(&self) -> &LocalHosts {
        &self.local
    }

    /// Posts once. Never fails: what went wrong is in the outcome.
    async fn post(&self, endpoint: &Endpoint, headers: HeaderMap, body: Vec<u8>) -> TryOutcome {
        // Checked again: the admin may have taken a name out of the list since.
        let url = match check_url(&endpoint.url, &self.local) {
            Ok(url) => url,
            Err(problem) => return TryOutcome::unanswered(format!("not sent: {problem}")),
        };
        let named = Origin::of(&url).is_ok_and(|o| self.local.names(&o.host, o.port));
        let client = if named { &self.named } else { &self.public };
        let request = client.post(url).headers(headers).body(body);
        match tokio::time::timeout(TRY_TIMEOUT, exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => TryOutcome::unanswered(too_slow()),
        }
    }
}

fn too_slow() -> String {
    format!("no answer in {} s", TRY_TIMEOUT.as_secs())
}

/// What came of a try.
#[derive(Debug, Default)]
struct TryOutcome {
    status: Option<u16>,
    error: Option<String>,
    response: Option<String>,
    retry_after_ms: Option<i64>,
}

impl TryOutcome {
    fn unanswered(error: String) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> TryOutcome {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return TryOutcome::unanswered(said_of(&error)),
    };
    let status = response.status();
    let error = match status.as_u16() {
        200..300 => None,
        300..400 => Some(format!("answered {status}; redirects are not followed")),
        _ => Some(format!("answered {status}")),
    };
    let retry_after_ms = retry_after_ms(response.headers(), now_ms());
    TryOutcome {
        status: Some(status.as_u16()),
        error,
        response: excerpt(response).await,
        retry_after_ms,
    }
}

/// Not the error's own text: it repeats the address, whose query may hold a secret.
fn said_of(error: &reqwest::Error) -> String {
    if let Some(denial) = outward::denial(error) {
        return denial;
    }
    if let Some(fault) = outward::certificate_fault(error) {
        return fault;
    }
    if error.is_timeout() {
        return too_slow();
    }
    let text = if error.is_connect() {
        "can't connect"
    } else {
        "the connection broke"
    };
    text.to_owned()
}

/// `Retry-After`: seconds or an HTTP date.
fn retry_after_ms(headers: &HeaderMap, now: TimestampMs) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some(at.timestamp_millis().saturating_sub(now).max(0))
}

/// The beginning of a body as text; the rest is not read.
async fn excerpt(response: reqwest::Response) -> Option<String> {
    let mut stream = response.bytes_stream();
    let mut bytes = Vec::new();
    while bytes.len() < EXCERPT_BYTES {
        match stream.next().await {
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
            _ => break,
        }
    }
    bytes.truncate(EXCERPT_BYTES);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.retain(|c| !c.is_control() || c == '\n');
    (!text.is_empty()).then_some(text)
}

impl Pipeline {
    /// Tries a leased delivery once and records how it went.
    pub async fn deliver_webhook(
        &self,
        endpoint: &Endpoint,
        leased: &LeasedDelivery,
    ) -> Result<(), DbError> {
        let started = now_ms();
        let clock = Instant::now();
        let inbox = match self.db.webhook_reach(endpoint, leased, started).await? {
            Reach::Told(inbox) => inbox,
            Reach::Denied => return self.deny_webhook(leased, started).await,
        };
        let body = self.webhook_body(endpoint, leased, inbox).await?;
        let secrets = self.db.endpoint_secrets(&endpoint.id, started).await?;
        let outcome = match headers(&leased.delivery.event_id, started, &body, &secrets) {
            Some(headers) => self.webhooks.post(endpoint, headers, body).await,
            None => TryOutcome::unanswered("not sent: the endpoint has no secret".to_owned()),
        };
        let duration_ms = u32::try_from(clock.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.record_webhook(leased, started, duration_ms, outcome)
            .await
    }

    /// `{type, timestamp, data}`, as the specification proposes.
    async fn webhook_body(
        &self,
        endpoint: &Endpoint,
        leased: &LeasedDelivery,
        inbox: Option<Id>,
    ) -> Result<Vec<u8>, DbError> {
        let mut bare = leased.data.clone();
        if let Some(inbox) = inbox {
            bare["inboxId"] = json!(inbox);
        }
        let mut data = bare.clone();
        if endpoint.include_content
            && let Some(object) = data.as_object_mut()
        {
            object.extend(self.webhook_content(leased).await?);
        }
        let at = DateTime::from_timestamp_millis(leased.happened).unwrap_or_default();
        let mut body = json!({
            "type": leased.delivery.event_type,
            "timestamp": at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "data": data,
        });
        let mut bytes = body.to_string().into_bytes();
        if bytes.len() > BODY_MAX_BYTES {
            body["data"] = bare;
            bytes = body.to_string().into_bytes();
        }
        Ok(bytes)
    }

    async fn webhook_content(
        &self,
        leased: &LeasedDelivery,
    ) -> Result<serde_json::Map<String, Value>, DbError> {
        let mut content = serde_json::Map::new();
        match leased.delivery.event_type.kind() {
            "message" => {
                let found = self.db.message_get(&leased.subject_id).await?;
                if let Some(message) = found.filter(|m| m.deleted.is_none()) {
                    content.insert("content".into(), json!(message.content));
                    content.insert("title".into(), json!(message.title));
                }
            }
            "draft" => {
                if let Some(draft) = self.db.draft_get(&leased.subject_id).await? {
                    content.insert("content".into(), json!(draft.content));
                }
            }
            _ => {}
        }
        Ok(content)
    }

    /// What waited while its endpoint lost the right to it; that says nothing against the receiver.
    async fn deny_webhook(&self, leased: &LeasedDelivery, now: TimestampMs) -> Result<(), DbError> {
        let attempt = WebhookAttempt {
            id: new_id(),
            delivery_id: leased.delivery.id.clone(),
            started: now,
            duration_ms: 0,
            status: None,
            error: Some(NOT_THEIRS.to_owned()),
            response: None,
        };
        let mut tx = self.db.begin().await?;
        let (tries, failed) = (leased.delivery.attempts, DeliveryStatus::Failed);
        attempt_record_in_tx(&mut tx, tries, &attempt, failed, 0).await?;
        commit(tx).await
    }

    async fn record_webhook(
        &self,
        leased: &LeasedDelivery,
        started: TimestampMs,
        duration_ms: u32,
        outcome: TryOutcome,
    ) -> Result<(), DbError> {
        let delivery = &leased.delivery;
        let now = now_ms();
        let gone = outcome.status == Some(410);
        let wait = wait_ms(delivery.attempts, fastrand::f64(), outcome.retry_after_ms);
        let (status, next) = match (&outcome.error, wait) {
            (None, _) => (DeliveryStatus::Delivered, 0),
            (Some(_), Some(wait)) if !gone => (DeliveryStatus::Queued, now + wait),
            _ => (DeliveryStatus::Failed, 0),
        };
        let failed = outcome.error.is_some();
        let attempt = WebhookAttempt {
            id: new_id(),
            delivery_id: delivery.id.clone(),
            started,
            duration_ms,
            status: outcome.status,
            error: outcome.error,
            response: outcome.response,
        };
        let mut tx = self.db.begin().await?;
        let tries = delivery.attempts;
        let disabled = match attempt_record_in_tx(&mut tx, tries, &attempt, status, next).await? {
            true => judge_in_tx(&mut tx, &delivery.endpoint_id, failed, gone, now).await?,
            false => None,
        };
        commit(tx).await?;
        if let Some(reason) = disabled {
            tracing::warn!(endpoint = %delivery.endpoint_id, %reason, "webhook endpoint disabled");
            self.changes.tell("webhook", &delivery.endpoint_id);
        }
        Ok(())
    }

    /// Disables endpoints for which more waits than is kept.
    pub async fn webhook_check_backlog(&self, most: u64) -> Result<(), DbError> {
        for (id, waiting) in self.db.webhook_backlog().await? {
            if waiting <= most {
                continue;
            }
            let mut tx = self.db.begin().await?;
            disable_in_tx(&mut tx, &id, DisabledReason::Backlog, now_ms()).await?;
            commit(tx).await?;
            tracing::warn!(endpoint = %id, waiting, "webhook endpoint disabled: backlog");
            self.changes.tell("webhook", &id);
        }
        Ok(())
    }
}

/// What a try says of its endpoint; why it was disabled, when it was.
async fn judge_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    failed: bool,
    gone: bool,
    now: TimestampMs,
) -> Result<Option<DisabledReason>, DbError> {
    let since = endpoint_tried_in_tx(tx, id, failed, now).await?;
    let reason = match since {
        Some(_) if gone => DisabledReason::Gone,
        Some(since) if now - since >= FAILING_MAX_MS => DisabledReason::Failing,
        _ => return Ok(None),
    };
    disable_in_tx(tx, id, reason, now).await?;
    Ok(Some(reason))
}

async fn disable_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    reason: DisabledReason,
    now: TimestampMs,
) -> Result<(), DbError> {
    if !endpoint_switch_in_tx(tx, id, Some(reason), now).await? {
        return Ok(());
    }
    let detail = json!({ "reason": reason });
    audit_append_in_tx(tx, now, HOST_ACTOR, "webhook.disable", id, &detail).await
}

/// `webhook-id`, `webhook-timestamp` and `webhook-signature`; none when there is nothing to sign with.
fn headers(event_id: &str, now: TimestampMs, body: &[u8], secrets: &[String]) -> Option<HeaderMap> {
    let timestamp_s = now.div_euclid(1000);
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| secret_key(secret))
        .map(|key| standard_sign(&key, event_id, timestamp_s, body))
        .collect();
    if signatures.is_empty() {
        return None;
    }
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", event_id.to_owned()),
        ("webhook-timestamp", timestamp_s.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ] {
        headers.insert(name, value.parse().ok()?);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 1_445_412_480_000; // Wed, 21 Oct 2015 07:28:00 GMT
        for (text, expected) in [
            ("120", Some(120_000)),
            ("Wed, 21 Oct 2015 07:29:00 GMT", Some(60_000)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after_ms(&headers, now), expected, "{text}");
        }
        assert_eq!(retry_after_ms(&HeaderMap::new(), now), None);
    }

    #[test]
    fn signs_with_every_secret_that_is_good() {
        let secrets = ["whsec_AAAA".to_owned(), "whsec_BBBB".to_owned()];
        let headers = headers("id", 5_999, b"{}", &secrets).unwrap();
        assert_eq!(headers["webhook-timestamp"], "5");
        let signatures = headers["webhook-signature"].to_str().unwrap();
        assert_eq!(signatures.split(' ').count(), 2);
        assert!(super::headers("id", 0, b"{}", &[]).is_none());
    }
}

//! What goes in and out through an inbox's connector: polls, webhooks, deliveries. Whatever a
//! connector brings or remembers is stored in one commit with the cursor or the delivery.

use super::ingest::{Brought, IngestError, Ingested};
use super::telling::tell_item;
use super::trail::{self, Arrivals};
use super::{Pipeline, Times};
use crate::db::casework::case_responded_in_tx;
use crate::db::inbox::{PollState, state_changed_in_tx};
use crate::db::message::message_sent_in_tx;
use crate::db::outbound::{Delivery, ItemChange, outbox_settle_in_tx, send_not_before_in_tx};
use crate::db::webhook::Outgoing;
use crate::db::{DbError, commit};
use crate::domain::inbox::Inbox;
use crate::domain::outbound::{AttemptOutcome, DeliveryAttempt, OutboxStatus, Receipt};
use crate::domain::webhook::EventType;
use crate::domain::{TimestampMs, new_id, now_ms};
use crate::plugin::connector::{Account, Connector, StateChanges, WebhookAnswer};
use crate::plugin::{CallError, HostFault, PluginError, Refused};
use crate::telemetry::metrics;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

pub use crate::plugin::Admitted;
pub use crate::plugin::connector::WebhookRequest;

/// First wait after a failed delivery; doubles up to the longest.
const BACKOFF_FIRST_MS: i64 = 2_000;
const BACKOFF_LONGEST_MS: i64 = 15 * 60 * 1000;
/// Tries before an item is given up: a network that is out of order for an hour is waited for.
pub const ATTEMPTS_MAX: u32 = 20;

/// How much of its lease an item may have used when its send begins: less than the margin that a lease
/// has beside the longest call.
const LEASE_USED_MS: i64 = 1_000;

/// An active inbox with its connector.
pub struct InboxRuntime {
    pub inbox: Inbox,
    pub connector: Connector,
    pub poll_every: Duration,
    /// Between two deliveries; none for no limit of ours.
    pub send_every_ms: Option<i64>,
    /// One delivery at a time: each sees what the one before remembered.
    outbound: Mutex<()>,
    /// Webhooks that were not the network's.
    refused: AtomicU64,
}

impl InboxRuntime {
    pub fn new(
        inbox: Inbox,
        connector: Connector,
        poll_every: Duration,
        send_every_ms: Option<i64>,
    ) -> Self {
        Self {
            inbox,
            connector,
            poll_every,
            send_every_ms,
            outbound: Mutex::new(()),
            refused: AtomicU64::new(0),
        }
    }

    /// Whether a webhook is the network's. Why one is not is for the log, and there only now and
    /// then: whoever sends them must not fill it.
    pub fn admit(&self, request: &WebhookRequest) -> Result<Admitted, Refused> {
        let admitted = self.connector.admit(request, now_ms());
        if let Err(reason) = admitted {
            let count = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
            if count.is_power_of_two() {
                tracing::warn!(inbox = %self.inbox.name, %reason, count, "webhook not genuine");
            }
        }
        admitted
    }

    /// How many webhooks were not the network's, since start.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Why nothing came in.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    NotStored(IngestError),
}

impl From<IngestError> for InboundError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Db(error) => InboundError::Db(error),
            other => InboundError::NotStored(other),
        }
    }
}

/// How often a webhook's call is made again because another one changed the connector's memory.
const OVERTAKEN_MAX: u32 = 8;

/// What a poll came to.
#[derive(Debug, Clone, Copy)]
pub struct Polled {
    pub ingested: Ingested,
    pub more: bool,
    pub next_poll_ms: Option<u64>,
}

impl Pipeline {
    /// Asks the network once. Whoever calls this holds the inbox's turn to poll.
    pub async fn poll(&self, runtime: &InboxRuntime) -> Result<Polled, InboundError> {
        let id = &runtime.inbox.id;
        let stored = self.db.poll_state(id).await?;
        let monitors = self.db.monitor_list(Some(id)).await?;
        let asked = SystemTime::now();
        let answer = runtime
            .connector
            .poll(&stored.state, stored.cursor.as_deref(), &monitors)
            .await?;
        let page = answer.value;
        let arrivals = Arrivals::begin("poll", asked, &runtime.inbox, &page.activities);
        let brought = Brought {
            traces: arrivals.traces(),
            inbox_id: id.clone(),
            activities: page.activities,
            cursor: Some((stored.cursor, page.cursor)),
            state: answer.state,
            state_version: stored.version,
            received: now_ms(),
        };
        let stored = self.ingest.store(&self.db, brought);
        let ingested = arrivals.ingest(stored).await?;
        self.tell_new(&runtime.inbox, ingested);
        Ok(Polled {
            ingested,
            more: page.more,
            next_poll_ms: page.next_poll_ms,
        })
    }

    /// The network called; the answer is for after the commit, which has happened. Calls run side by
    /// side; one whose memory another has changed meanwhile is made again.
    pub async fn receive(
        &self,
        runtime: &InboxRuntime,
        request: WebhookRequest,
    ) -> Result<(WebhookAnswer, Ingested), InboundError> {
        let id = &runtime.inbox.id;
        let asked = SystemTime::now();
        let mut tries = 0;
        loop {
            let start = Instant::now();
            let stored: PollState = self.db.poll_state(id).await?;
            Times::add(&self.times.database_ns, start);
            let start = Instant::now();
            let called = runtime.connector.receive(&stored.state, request.clone());
            let mut answer = called.await?;
            Times::add(&self.times.plugins_ns, start);
            let activities = std::mem::take(&mut answer.value.activities);
            let arrivals = Arrivals::begin("receive", asked, &runtime.inbox, &activities);
            let brought = Brought {
                traces: arrivals.traces(),
                inbox_id: id.clone(),
                activities,
                cursor: None,
                state: answer.state,
                state_version: stored.version,
                received: now_ms(),
            };
            let start = Instant::now();
            let stored = arrivals.ingest(self.ingest.store(&self.db, brought)).await;
            Times::add(&self.times.database_ns, start);
            tries += 1;
            match stored {
                Err(IngestError::Overtaken) if tries < OVERTAKEN_MAX => {}
                stored => {
                    let ingested = stored?;
                    self.tell_new(&runtime.inbox, ingested);
                    return Ok((answer.value, ingested));
                }
            }
        }
    }

    /// Something new waits to be judged: other hosts hear of it too.
    fn tell_new(&self, inbox: &Inbox, ingested: Ingested) {
        metrics::events(&inbox.name, "new", ingested.new as u64);
        metrics::events(&inbox.name, "duplicate", ingested.duplicates as u64);
        if ingested.new > 0 {
            self.changes.tell("inbox", &inbox.id);
        }
    }

    /// Settings and credentials work; who are we?
    pub async fn check_inbox(&self, runtime: &InboxRuntime) -> Result<Account, InboundError> {
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        Ok(runtime.connector.check(&stored.state).await?.value)
    }

    /// Tries to deliver one leased item, or to learn what became of it, and records how it went.
    pub async fn deliver(
        &self,
        runtime: &InboxRuntime,
        delivery: &Delivery,
    ) -> Result<(), DbError> {
        let _one = runtime.outbound.lock().await;
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        let started = now_ms();
        // What waited for others of its inbox may have used up its lease; a send needs a whole one, or
        // another host could take the item for one left in mid-send.
        let mut delivery = delivery.clone();
        let whole = started + self.lease_ms;
        if whole - delivery.lease_until > LEASE_USED_MS {
            if !self.db.outbox_renew(&delivery, whole).await? {
                tracing::info!(item = %delivery.item.id, "taken over before it was sent");
                return Ok(());
            }
            delivery.lease_until = whole;
        }
        let key = delivery.item.idempotency_key.as_str();
        let start = Instant::now();
        let tried = async {
            if delivery.uncertain {
                let answer = runtime.connector.find_sent(&stored.state, key).await;
                after_asking(answer.map(|a| (a.value, a.state)), &delivery.item)
            } else {
                let sent = runtime
                    .connector
                    .send(&stored.state, &delivery.payload, key);
                after_sending(sent.await.map(|a| (a.value, a.state)), &delivery.item)
            }
        };
        let settled = trail::send(delivery.trace.clone(), tried).await;
        metrics::delivery(&runtime.inbox.name, settled.outcome.as_str());
        Times::add(&self.times.plugins_ns, start);
        let start = Instant::now();
        let recorded = self.record_delivery(&delivery, started, settled).await;
        Times::add(&self.times.database_ns, start);
        recorded
    }

    async fn record_delivery(
        &self,
        delivery: &Delivery,
        started: TimestampMs,
        settled: Settled,
    ) -> Result<(), DbError> {
        let item = &delivery.item;
        let attempt = DeliveryAttempt {
            id: new_id(),
            item_id: item.id.clone(),
            started,
            finished: now_ms(),
            outcome: settled.outcome,
            error: settled.change.error.clone(),
        };
        let mut tx = self.db.begin().await?;
        outbox_settle_in_tx(&mut tx, delivery, &attempt, &settled.change).await?;
        state_changed_in_tx(&mut tx, &item.inbox_id, &settled.state).await?;
        if settled.inbox_waits {
            // The network's wish holds for all that this inbox sends.
            send_not_before_in_tx(&mut tx, &item.inbox_id, settled.change.next_attempt).await?;
        }
        let mut sent = None;
        if let Some(receipt) = &settled.change.receipt {
            sent = message_sent_in_tx(
                &mut tx,
                &item.inbox_id,
                &item.conversation_id,
                delivery.payload.in_reply_to.as_deref(),
                &delivery.payload.content,
                delivery.payload.visibility,
                receipt,
            )
            .await?;
            case_responded_in_tx(&mut tx, &item.conversation_id, receipt.published).await?;
        }
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        let (inbox_id, conversation_id) = (&item.inbox_id, &item.conversation_id);
        tell_item(&mut outgoing, item, settled.change.status);
        if let Some(id) = &sent {
            outgoing.tell(EventType::MessageSent, inbox_id, id, || {
                serde_json::json!({ "conversationId": conversation_id, "direction": "outbound" })
            });
            let told = outgoing.tell_conversation_in_tx(&mut tx, inbox_id, conversation_id);
            told.await?;
        }
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
        commit(tx).await?;
        self.changes.tell("outbox", &item.id);
        self.changes.tell("conversation", &item.conversation_id);
        Ok(())
    }
}

/// How a try is recorded.
struct Settled {
    outcome: AttemptOutcome,
    change: ItemChange,
    state: StateChanges,
    /// The network asked for fewer requests.
    inbox_waits: bool,
}

type Item = crate::domain::outbound::OutboxItem;

fn sent(outcome: AttemptOutcome, receipt: Receipt, state: StateChanges) -> Settled {
    let change = ItemChange {
        status: OutboxStatus::Sent,
        next_attempt: 0,
        error: None,
        receipt: Some(receipt),
    };
    Settled {
        outcome,
        change,
        state,
        inbox_waits: false,
    }
}

fn unsent(
    outcome: AttemptOutcome,
    status: OutboxStatus,
    wait_ms: i64,
    error: Option<String>,
) -> Settled {
    let change = ItemChange {
        status,
        next_attempt: now_ms() + wait_ms,
        error,
        receipt: None,
    };
    Settled {
        outcome,
        change,
        state: StateChanges::new(),
        inbox_waits: false,
    }
}

/// After `send`.
fn after_sending(answer: Result<(Receipt, StateChanges), CallError>, item: &Item) -> Settled {
    let error = match answer {
        Ok((receipt, state)) => return sent(AttemptOutcome::Sent, receipt, state),
        Err(error) => error,
    };
    let text = Some(error.to_string());
    let limited = matches!(&error, CallError::Plugin(PluginError::RateLimited { .. }));
    let asked_for = match &error {
        CallError::Plugin(
            PluginError::InvalidInput(_) | PluginError::Unsupported(_) | PluginError::Permanent(_),
        ) => return unsent(AttemptOutcome::Failed, OutboxStatus::Dead, 0, text),
        // Nothing has left the house.
        CallError::Fault(HostFault::Busy | HostFault::BreakerOpen(..)) => None,
        // The call ended in the middle: it may have arrived.
        CallError::Fault(_) => {
            return unsent(AttemptOutcome::Retry, OutboxStatus::Uncertain, 0, text);
        }
        CallError::Plugin(PluginError::RetryAfter { delay_ms, .. })
        | CallError::Plugin(PluginError::RateLimited { delay_ms, .. }) => *delay_ms,
        CallError::Plugin(PluginError::AuthExpired(_)) => None,
    };
    if item.attempts >= ATTEMPTS_MAX {
        return unsent(AttemptOutcome::Failed, OutboxStatus::Dead, 0, text);
    }
    let wait = asked_for.map_or_else(|| backoff_ms(item.attempts), |ms| ms as i64);
    let mut settled = unsent(AttemptOutcome::Retry, OutboxStatus::Queued, wait, text);
    settled.inbox_waits = limited;
    settled
}

/// After `find-sent`.
fn after_asking(
    answer: Result<(Option<Receipt>, StateChanges), CallError>,
    item: &Item,
) -> Settled {
    match answer {
        Ok((Some(receipt), state)) => sent(AttemptOutcome::Found, receipt, state),
        Ok((None, state)) => {
            let mut settled = unsent(AttemptOutcome::NotFound, OutboxStatus::Queued, 0, None);
            settled.state = state;
            settled
        }
        Err(error) => unsent(
            AttemptOutcome::Retry,
            OutboxStatus::Uncertain,
            backoff_ms(item.attempts.max(2)),
            Some(error.to_string()),
        ),
    }
}

/// Exponential, with full jitter in the upper half so that many items do not come back together.
pub fn backoff_ms(attempts: u32) -> i64 {
    let full = BACKOFF_FIRST_MS
        .saturating_mul(1_i64 << attempts.saturating_sub(1).min(20))
        .min(BACKOFF_LONGEST_MS);
    full / 2 + fastrand::i64(0..=full / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn item(attempts: u32) -> Item {
        Item {
            id: "i".into(),
            draft_id: "d".into(),
            inbox_id: "x".into(),
            conversation_id: "c".into(),
            idempotency_key: "k".into(),
            status: OutboxStatus::Sending,
            attempts,
            next_attempt: 0,
            last_error: None,
            external_id: None,
            url: None,
            created: 0,
            updated: 0,
        }
    }

    fn receipt() -> Receipt {
        Receipt {
            external_id: "e".into(),
            url: None,
            published: 5,
        }
    }

    #[test]
    fn a_send_ends_in_the_right_state() {
        let status =
            |error: CallError, attempts| after_sending(Err(error), &item(attempts)).change.status;
        let retry = || PluginError::RetryAfter {
            delay_ms: None,
            message: "m".into(),
        };
        assert_eq!(status(retry().into(), 1), OutboxStatus::Queued);
        assert_eq!(status(retry().into(), ATTEMPTS_MAX), OutboxStatus::Dead);
        assert_eq!(
            status(PluginError::Permanent("p".into()).into(), 1),
            OutboxStatus::Dead
        );
        assert_eq!(
            status(HostFault::Timeout(1).into(), 1),
            OutboxStatus::Uncertain
        );
        assert_eq!(status(HostFault::Busy.into(), 1), OutboxStatus::Queued);
        let ok = after_sending(Ok((receipt(), BTreeMap::new())), &item(1));
        assert_eq!(ok.change.status, OutboxStatus::Sent);
    }

    #[test]
    fn a_channel_that_answers_500_for_an_hour_is_waited_for() {
        let out_of_order = || {
            CallError::Plugin(PluginError::RetryAfter {
                delay_ms: None,
                message: "500".into(),
            })
        };
        let (mut clock_ms, mut tries) = (0, 0);
        while clock_ms < 60 * 60 * 1000 {
            tries += 1;
            let before = now_ms();
            let settled = after_sending(Err(out_of_order()), &item(tries));
            assert_eq!(settled.change.status, OutboxStatus::Queued, "after {tries}");
            clock_ms += (settled.change.next_attempt - before).max(0);
        }
        assert!(tries < ATTEMPTS_MAX, "and then once more");
        let sent = after_sending(Ok((receipt(), BTreeMap::new())), &item(tries + 1));
        assert_eq!(sent.change.status, OutboxStatus::Sent);
    }

    #[test]
    fn an_uncertain_item_is_never_sent_before_the_channel_answered() {
        let asked = |answer| after_asking(answer, &item(1)).change.status;
        assert_eq!(
            asked(Ok((Some(receipt()), BTreeMap::new()))),
            OutboxStatus::Sent
        );
        assert_eq!(asked(Ok((None, BTreeMap::new()))), OutboxStatus::Queued);
        let lost = CallError::Fault(HostFault::Timeout(1));
        assert_eq!(asked(Err(lost)), OutboxStatus::Uncertain);
    }

    #[test]
    fn waits_grow_and_end() {
        for attempts in 1..40 {
            let wait = backoff_ms(attempts);
            assert!(
                (BACKOFF_FIRST_MS / 2..=BACKOFF_LONGEST_MS).contains(&wait),
                "{wait}"
            );
        }
        assert!(backoff_ms(12) > backoff_ms(1));
    }
}

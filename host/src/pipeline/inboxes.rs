//! What goes in and out through an inbox's connector: polls, webhooks, deliveries. Whatever a
//! connector brings or remembers is stored in one commit with the cursor or the delivery.

use super::ingest::{self, Ingested};
use super::{Pipeline, Times};
use crate::db::casework::case_responded_in_tx;
use crate::db::inbox::state_store_in_tx;
use crate::db::message::message_sent_in_tx;
use crate::db::outbound::{Delivery, ItemChange, outbox_settle_in_tx};
use crate::db::{DbError, commit};
use crate::domain::inbox::Inbox;
use crate::domain::outbound::{AttemptOutcome, DeliveryAttempt, OutboxStatus, Receipt};
use crate::domain::{TimestampMs, new_id, now_ms};
use crate::plugin::connector::{Account, Connector, StateChanges, WebhookAnswer};
use crate::plugin::{CallError, HostFault, PluginError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

pub use crate::plugin::connector::WebhookRequest;

/// First wait after a failed delivery; doubles up to the longest.
const BACKOFF_FIRST_MS: i64 = 2_000;
const BACKOFF_LONGEST_MS: i64 = 15 * 60 * 1000;
/// Tries before an item is given up.
pub const ATTEMPTS_MAX: u32 = 10;

/// An active inbox with its connector.
pub struct InboxRuntime {
    pub inbox: Inbox,
    pub connector: Connector,
    pub poll_every: Duration,
    /// One poll or webhook at a time: each sees what the one before remembered.
    inbound: Mutex<()>,
    /// One delivery at a time, likewise.
    outbound: Mutex<()>,
}

impl InboxRuntime {
    pub fn new(inbox: Inbox, connector: Connector, poll_every: Duration) -> Self {
        Self {
            inbox,
            connector,
            poll_every,
            inbound: Mutex::new(()),
            outbound: Mutex::new(()),
        }
    }
}

/// Why nothing came in.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What a poll came to.
#[derive(Debug, Clone, Copy)]
pub struct Polled {
    pub ingested: Ingested,
    pub more: bool,
    pub next_poll_ms: Option<u64>,
}

impl Pipeline {
    /// Asks the network once.
    pub async fn poll(&self, runtime: &InboxRuntime) -> Result<Polled, InboundError> {
        let _one = runtime.inbound.lock().await;
        let id = &runtime.inbox.id;
        let stored = self.db.poll_state(id).await?;
        let monitors = self.db.monitor_list(Some(id)).await?;
        let answer = runtime
            .connector
            .poll(&stored.state, stored.cursor.as_deref(), &monitors)
            .await?;
        let page = answer.value;
        let cursor = Some(page.cursor.as_str());
        let ingested = ingest::run(
            &self.db,
            id,
            &page.activities,
            cursor,
            &answer.state,
            now_ms(),
        )
        .await?;
        Ok(Polled {
            ingested,
            more: page.more,
            next_poll_ms: page.next_poll_ms,
        })
    }

    /// The network called; the answer is for after the commit, which has happened.
    pub async fn receive(
        &self,
        runtime: &InboxRuntime,
        request: WebhookRequest,
    ) -> Result<(WebhookAnswer, Ingested), InboundError> {
        let _one = runtime.inbound.lock().await;
        let id = &runtime.inbox.id;
        let start = Instant::now();
        let stored = self.db.poll_state(id).await?;
        Times::add(&self.times.database_ns, start);
        let start = Instant::now();
        let answer = runtime.connector.receive(&stored.state, request).await?;
        Times::add(&self.times.plugins_ns, start);
        let start = Instant::now();
        let activities = &answer.value.activities;
        let ingested = ingest::run(&self.db, id, activities, None, &answer.state, now_ms()).await?;
        Times::add(&self.times.database_ns, start);
        Ok((answer.value, ingested))
    }

    /// Settings and credentials work; who are we?
    pub async fn check_inbox(&self, runtime: &InboxRuntime) -> Result<Account, InboundError> {
        let _one = runtime.inbound.lock().await;
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
        let started = now_ms();
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        let key = delivery.item.idempotency_key.as_str();
        let start = Instant::now();
        let settled = if delivery.uncertain {
            let answer = runtime.connector.find_sent(&stored.state, key).await;
            after_asking(answer.map(|a| (a.value, a.state)), &delivery.item)
        } else {
            let answer = runtime
                .connector
                .send(&stored.state, &delivery.payload, key)
                .await;
            after_sending(answer.map(|a| (a.value, a.state)), &delivery.item)
        };
        Times::add(&self.times.plugins_ns, start);
        let start = Instant::now();
        let recorded = self.record_delivery(delivery, started, settled).await;
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
        outbox_settle_in_tx(&mut tx, &attempt, &settled.change).await?;
        state_store_in_tx(&mut tx, &item.inbox_id, &settled.state).await?;
        if let Some(receipt) = &settled.change.receipt {
            message_sent_in_tx(
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
    }
}

/// After `send`.
fn after_sending(answer: Result<(Receipt, StateChanges), CallError>, item: &Item) -> Settled {
    let error = match answer {
        Ok((receipt, state)) => return sent(AttemptOutcome::Sent, receipt, state),
        Err(error) => error,
    };
    let text = Some(error.to_string());
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
    unsent(AttemptOutcome::Retry, OutboxStatus::Queued, wait, text)
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

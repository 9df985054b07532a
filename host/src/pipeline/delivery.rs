//! One try to deliver an item of the outbox: sent, or asked after when its outcome is unknown. How it
//! went is stored in one commit with what the connector remembers, the message and the news of it.
//! Before a send the rules are asked once more (`leaving.rs`). Deliberately absent: what an answer means
//! (`settle.rs`), and when items are tried (the worker).

use super::inboxes::InboxRuntime;
use super::leaving::Leave;
use super::settle::{Settled, after_asking, after_sending};
use super::telling::tell_item;
use super::{Pipeline, Times, trail};
use crate::db::casework::case_responded_in_tx;
use crate::db::inbox::state_changed_in_tx;
use crate::db::message::message_sent_in_tx;
use crate::db::outbound::{Delivery, outbox_settle_in_tx, send_not_before_in_tx};
use crate::db::webhook::Outgoing;
use crate::db::{DbError, commit};
use crate::domain::effective_time::effective_time;
use crate::domain::outbound::DeliveryAttempt;
use crate::domain::webhook::EventType;
use crate::domain::{TimestampMs, new_id, now_ms};
use crate::telemetry::metrics;
use std::time::Instant;

/// How much of its lease an item may have used when its send begins: less than the margin that a lease
/// has beside the longest call.
const LEASE_USED_MS: i64 = 1_000;

impl Pipeline {
    /// Tries to deliver one leased item, or to learn what became of it, and records how it went.
    pub async fn deliver(
        &self,
        runtime: &InboxRuntime,
        delivery: &Delivery,
    ) -> Result<(), DbError> {
        let _one = runtime.outbound.lock().await;
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        let started = now_ms();
        if !delivery.uncertain {
            match self.leaving(delivery).await? {
                Leave::Goes => {}
                Leave::Waits { ms, why } => {
                    self.db.outbox_postpone(delivery, ms, &why).await?;
                    return Ok(());
                }
                Leave::Stays(kept) => return self.withhold(delivery, started, *kept).await,
            }
        }
        // What waited for others of its inbox may have used up its lease; a send needs a whole one, or
        // another host could take the item for one left in mid-send.
        let mut delivery = delivery.clone();
        let whole = now_ms() + self.lease_ms();
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
            sent = message_sent_in_tx(&mut tx, item, &delivery.payload, receipt, attempt.finished)
                .await?;
            let at = effective_time(receipt.published, attempt.finished);
            case_responded_in_tx(&mut tx, &item.conversation_id, at).await?;
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

//! What comes in through an inbox's connector: polls and webhooks. Whatever a connector brings or
//! remembers is stored in one commit with the cursor. Deliberately absent: what goes out
//! (`delivery.rs`).

use super::ingest::{Brought, IngestError, Ingested};
use super::trail::Arrivals;
use super::{Pipeline, Times};
use crate::db::DbError;
use crate::domain::inbox::Inbox;
use crate::domain::now_ms;
use crate::domain::social::Activity;
use crate::plugin::Refused;
use crate::plugin::connector::{Account, Connector, StateChanges, WebhookAnswer};
use crate::telemetry::metrics;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

pub use super::settle::backoff_ms;
pub use crate::plugin::connector::{Refusal, WebhookRequest};
pub use crate::plugin::{Admitted, CallError, PluginError};

/// An active inbox with its connector.
pub struct InboxRuntime {
    pub inbox: Inbox,
    pub connector: Connector,
    pub poll_every: Duration,
    /// Between two deliveries; none for no limit of ours.
    pub send_every_ms: Option<i64>,
    /// One delivery at a time: each sees what the one before remembered.
    pub(super) outbound: Mutex<()>,
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

/// How a call to a connector began.
struct Begun {
    /// `poll` or `receive`.
    name: &'static str,
    asked: SystemTime,
    /// The version of the memory that it was given.
    state_version: i64,
}

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
        let begun = Begun {
            name: "poll",
            asked: SystemTime::now(),
            state_version: stored.version,
        };
        let answer = runtime
            .connector
            .poll(&stored.state, stored.cursor.as_deref(), &monitors)
            .await?;
        let page = answer.value;
        for refused in &page.refused {
            tracing::warn!(inbox = %runtime.inbox.name, %refused, "left out of a poll");
        }
        metrics::events(&runtime.inbox.name, "refused", page.refused.len() as u64);
        let cursor = Some((stored.cursor, page.cursor));
        let ingested = self
            .take_in(runtime, begun, page.activities, cursor, answer.state)
            .await?;
        Ok(Polled {
            ingested,
            more: page.more,
            next_poll_ms: page.next_poll_ms,
        })
    }

    /// The network called; the answer is for after the commit, which has happened. Calls run side by
    /// side; one whose memory another has changed meanwhile is made again. A request with an activity
    /// that can't be stored (`refused` in the answer) is refused whole: nothing of it is stored.
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
            let stored = self.db.poll_state(id).await?;
            Times::add(&self.times.database_ns, start);
            let begun = Begun {
                name: "receive",
                asked,
                state_version: stored.version,
            };
            let start = Instant::now();
            let called = runtime.connector.receive(&stored.state, request.clone());
            let mut answer = called.await?;
            Times::add(&self.times.plugins_ns, start);
            if !answer.value.refused.is_empty() {
                let count = answer.value.refused.len() as u64;
                metrics::events(&runtime.inbox.name, "refused", count);
                return Ok((answer.value, Ingested::default()));
            }
            let activities = std::mem::take(&mut answer.value.activities);
            let start = Instant::now();
            let ingested = self
                .take_in(runtime, begun, activities, None, answer.state)
                .await;
            Times::add(&self.times.database_ns, start);
            tries += 1;
            match ingested {
                Err(IngestError::Overtaken) if tries < OVERTAKEN_MAX => {}
                ingested => return Ok((answer.value, ingested?)),
            }
        }
    }

    /// Stores what a call brought, and tells of it.
    async fn take_in(
        &self,
        runtime: &InboxRuntime,
        begun: Begun,
        activities: Vec<Activity>,
        cursor: Option<(Option<String>, String)>,
        state: StateChanges,
    ) -> Result<Ingested, IngestError> {
        let inbox = &runtime.inbox;
        let arrivals = Arrivals::begin(begun.name, begun.asked, inbox, &activities);
        let brought = Brought {
            traces: arrivals.traces(),
            inbox_id: inbox.id.clone(),
            activities,
            cursor,
            state,
            state_version: begun.state_version,
            received: now_ms(),
        };
        let stored = self.ingest.store(&self.db, brought);
        let ingested = arrivals.ingest(stored).await?;
        metrics::events(&inbox.name, "new", ingested.new as u64);
        metrics::events(&inbox.name, "duplicate", ingested.duplicates as u64);
        // Something new waits to be judged: other hosts hear of it too.
        if ingested.new > 0 {
            self.changes.tell("inbox", &inbox.id);
        }
        Ok(ingested)
    }

    /// Settings and credentials work; who are we?
    pub async fn check_inbox(&self, runtime: &InboxRuntime) -> Result<Account, InboundError> {
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        Ok(runtime.connector.check(&stored.state).await?.value)
    }
}

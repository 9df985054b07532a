//! What comes in through an inbox's connector: polls and webhooks. Whatever a connector brings or
//! remembers is stored in one commit with the cursor. Deliberately absent: what goes out
//! (`delivery.rs`).

use super::ingest::{Brought, IngestError, Ingested};
use super::trail::Arrivals;
use super::{Pipeline, Times};
use crate::db::DbError;
use crate::db::inbox_state::Standing;
use crate::domain::inbox::Inbox;
use crate::domain::social::Activity;
use crate::domain::{TimestampMs, now_ms};
use crate::plugin::Refused;
use crate::plugin::connector::{
    Account, Connector, StateChanges, WebhookAnswer, is_failing, problem_of,
};
use crate::telemetry::metrics;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
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
    /// When it was last put on record that something came in, that a webhook was taken, and that the
    /// connector failed on one.
    heard: Now,
    took: Now,
    failed: Now,
    /// Its channel is asked, not only called.
    polled: AtomicBool,
}

/// How often the same is put on record.
const NOTED_MS: i64 = 60_000;

/// A moment that something was put on record; 0: not since the last change.
#[derive(Default)]
struct Now(AtomicI64);

impl Now {
    /// Whether it is to be put on record again now.
    fn is_due(&self, now: TimestampMs) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let due = now.saturating_sub(last) >= NOTED_MS;
        // Of several at the same moment one does.
        let order = Ordering::Relaxed;
        due && self.0.compare_exchange(last, now, order, order).is_ok()
    }

    fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
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
            heard: Now::default(),
            took: Now::default(),
            failed: Now::default(),
            polled: AtomicBool::new(false),
        }
    }

    fn is_polled(&self) -> bool {
        self.polled.load(Ordering::Relaxed)
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
#[derive(Debug, Clone)]
pub struct Polled {
    pub ingested: Ingested,
    /// What the connector says is wrong though it works: see [`problem_of`].
    pub problem: Option<String>,
    /// It says that nothing works.
    pub failing: bool,
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
        runtime.polled.store(true, Ordering::Relaxed);
        let page = answer.value;
        let problem = problem_of(&stored.state, &answer.state);
        let failing = is_failing(&stored.state, &answer.state);
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
            problem,
            failing,
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
            let called = called.await;
            self.note_received(runtime, called.as_ref().err()).await;
            let mut answer = called?;
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
            let now = now_ms();
            if runtime.heard.is_due(now)
                && let Err(error) = self.db.inbox_heard(&inbox.id, now).await
            {
                tracing::warn!(inbox = %inbox.name, %error, "not recorded that it was heard");
            }
        }
        Ok(ingested)
    }

    /// Records how an inbox stands by what its connector made of a webhook. Only faults count against
    /// it: what a plugin refuses, anybody may have sent.
    async fn note_received(&self, runtime: &InboxRuntime, error: Option<&CallError>) {
        let now = now_ms();
        let why = error.map(ToString::to_string);
        let standing = match (error, &why) {
            (Some(CallError::Fault(_)), Some(why)) if runtime.failed.is_due(now) => {
                runtime.took.forget();
                Standing::failing(why)
            }
            // Of a channel that is also asked, the polls say how it stands.
            (None, _) if !runtime.is_polled() && runtime.took.is_due(now) => {
                runtime.failed.forget();
                Standing::default()
            }
            _ => return,
        };
        let (id, name) = (&runtime.inbox.id, &runtime.inbox.name);
        if let Err(error) = self.db.inbox_stands(id, now, standing).await {
            tracing::warn!(inbox = %name, %error, "not recorded how it stands");
        }
    }

    /// Settings and credentials work; who are we?
    pub async fn check_inbox(&self, runtime: &InboxRuntime) -> Result<Account, InboundError> {
        let stored = self.db.poll_state(&runtime.inbox.id).await?;
        Ok(runtime.connector.check(&stored.state).await?.value)
    }

    /// All inboxes, as they stand here: what this host knows of them goes first.
    pub async fn inboxes(&self) -> Result<Vec<Inbox>, DbError> {
        let mut all = self.db.inbox_list().await?;
        let set = self.plugins.now();
        all.iter_mut().for_each(|inbox| set.say_of(inbox));
        Ok(all)
    }

    /// The same of one.
    pub async fn inbox_as_it_stands(&self, id: &str) -> Result<Option<Inbox>, DbError> {
        let mut inbox = self.db.inbox_get(id).await?;
        let set = self.plugins.now();
        inbox.iter_mut().for_each(|inbox| set.say_of(inbox));
        Ok(inbox)
    }
}

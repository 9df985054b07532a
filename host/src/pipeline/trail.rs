//! The traces of events on their way: begun where they come in, kept with what waits in the queues,
//! followed through the stages, in whichever host. Nothing happens here unless traces are exported.

use crate::db::event::Event;
use crate::domain::inbox::Inbox;
use crate::domain::social::Activity;
use crate::telemetry::trace::{self, Root};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::SystemTime;

tokio::task_local! {
    /// The trace of the draft that is on its way out.
    static CURRENT: Option<String>;
}

/// What just came in: a trace each, whose first span ends when this is dropped.
pub struct Arrivals {
    roots: Vec<Root>,
}

impl Arrivals {
    /// `name` is `receive` or `poll`, which began at `started`.
    pub fn begin(
        name: &'static str,
        started: SystemTime,
        inbox: &Inbox,
        activities: &[Activity],
    ) -> Self {
        let count = if trace::is_on() { activities.len() } else { 0 };
        let begin = |_| Root::start(name, started, &inbox.name);
        Self {
            roots: (0..count).map(begin).collect(),
        }
    }

    /// What is kept with each; empty when no traces are made.
    pub fn traces(&self) -> Vec<Option<String>> {
        self.roots.iter().map(Root::traceparent).collect()
    }

    /// Stores them.
    pub async fn ingest<F: Future>(&self, work: F) -> F::Output {
        let traces = self.traces().into_iter().flatten().collect();
        trace::within(traces, trace::stage("ingest", None, work)).await
    }
}

/// The traces of a batch, by the events' numbers.
pub struct Trail(BTreeMap<i64, String>);

impl Trail {
    pub fn of(events: &[Event]) -> Self {
        if !trace::is_on() {
            return Self(BTreeMap::new());
        }
        let found = events
            .iter()
            .filter_map(|event| Some((event.seq, event.trace.clone()?)));
        Self(found.collect())
    }

    /// Work on some of the events, whose stages are told to their traces.
    pub async fn follow<F: Future>(&self, seqs: &[i64], work: F) -> F::Output {
        let mut traces = Vec::new();
        for seq in seqs {
            traces.extend(self.0.get(seq).cloned());
        }
        trace::within(traces, work).await
    }
}

/// A draft on its way out begins a trace.
pub async fn outbound<F: Future>(inbox: &str, work: F) -> F::Output {
    let root = Root::start("outbound", SystemTime::now(), inbox);
    let traceparent = root.traceparent();
    let traces = traceparent.iter().cloned().collect();
    CURRENT
        .scope(traceparent, trace::within(traces, work))
        .await
}

/// The trace to keep with the item that comes of the draft.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// A try to deliver an item that was kept with this trace.
pub async fn send<F: Future>(traceparent: Option<String>, work: F) -> F::Output {
    let traces = traceparent.into_iter().collect();
    trace::within(traces, trace::stage("send", None, work)).await
}

//! Leases what is due in the outbox and delivers it, inboxes side by side: an inbox whose network takes
//! its time keeps no other waiting. What one inbox sends goes out one after the other.

use super::{NAP, OUTBOX_BATCH, PAUSE, rest};
use crate::db::DbError;
use crate::db::outbound::Delivery;
use crate::domain::{Id, now_ms};
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::telemetry::heart::Heart;
use futures_util::future::join_all;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let heart = Heart::start("outbox");
    let mut delivering = JoinSet::new();
    let mut busy: HashMap<task::Id, Id> = HashMap::new();
    while !stop.is_cancelled() {
        heart.beat();
        let pause = match lease(&pipeline, busy.values()).await {
            Ok(leased) if leased.is_empty() => NAP,
            Ok(leased) => {
                for (inbox_id, deliveries) in leased {
                    let pipeline = Arc::clone(&pipeline);
                    let inbox = inbox_id.clone();
                    let task = delivering
                        .spawn(async move { deliver(&pipeline, &inbox, &deliveries).await });
                    busy.insert(task.id(), inbox_id);
                }
                continue;
            }
            Err(error) => {
                tracing::error!(%error, "the outbox can't be read; trying again");
                PAUSE
            }
        };
        tokio::select! {
            Some(ended) = delivering.join_next_with_id() => {
                let (task, outcome) = match ended {
                    Ok((task, outcome)) => (task, outcome.map_err(|error| error.to_string())),
                    Err(error) => (error.id(), Err(error.to_string())),
                };
                busy.remove(&task);
                if let Err(error) = outcome {
                    tracing::error!(%error, "a delivery was not recorded");
                    rest(&stop, &wake.outbox, PAUSE).await;
                }
            }
            go_on = rest(&stop, &wake.outbox, pause) => if !go_on { break },
        }
    }
    while delivering.join_next().await.is_some() {}
}

/// One batch, in the caller's own time; how many items it had.
pub async fn step(pipeline: &Pipeline) -> Result<usize, DbError> {
    let leased = lease(pipeline, []).await?;
    let count = leased.values().map(Vec::len).sum();
    let delivering = leased
        .iter()
        .map(|(inbox_id, deliveries)| deliver(pipeline, inbox_id, deliveries));
    for outcome in join_all(delivering).await {
        outcome?;
    }
    Ok(count)
}

/// What is due, by inbox. An item of an inbox that is busy, or not active any more, waits.
async fn lease(
    pipeline: &Pipeline,
    busy: impl IntoIterator<Item = &Id>,
) -> Result<BTreeMap<Id, Vec<Delivery>>, DbError> {
    let busy: HashSet<&Id> = busy.into_iter().collect();
    let now = now_ms();
    let plugins = pipeline.plugins.now();
    let idle: Vec<(&str, Option<i64>)> = plugins
        .inboxes
        .iter()
        .filter(|(id, _)| !busy.contains(id))
        .map(|(id, runtime)| (id.as_str(), runtime.send_every_ms))
        .collect();
    let until = now + pipeline.lease_ms();
    let mut leased: BTreeMap<Id, Vec<Delivery>> = BTreeMap::new();
    for delivery in pipeline
        .db
        .outbox_lease(&idle, OUTBOX_BATCH, now, until)
        .await?
    {
        let of = leased.entry(delivery.item.inbox_id.clone()).or_default();
        of.push(delivery);
    }
    Ok(leased)
}

/// Delivers what one inbox sends. After one that can't be recorded the others are still tried.
async fn deliver(
    pipeline: &Pipeline,
    inbox_id: &str,
    deliveries: &[Delivery],
) -> Result<(), DbError> {
    let mut outcome = Ok(());
    if let Some(runtime) = pipeline.inbox(inbox_id) {
        for delivery in deliveries {
            outcome = outcome.and(pipeline.deliver(&runtime, delivery).await);
        }
    }
    outcome
}

//! Leases what is due in the outbox and delivers it, several inboxes side by side.

use super::{NAP, OUTBOX_BATCH, PAUSE, rest};
use crate::db::DbError;
use crate::domain::now_ms;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::telemetry::heart::Heart;
use futures_util::future::join_all;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let heart = Heart::start("outbox");
    while !stop.is_cancelled() {
        heart.beat();
        let pause = match step(&pipeline).await {
            Ok(0) => NAP,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(%error, "the outbox can't be handled; trying again");
                PAUSE
            }
        };
        if !rest(&stop, &wake.outbox, pause).await {
            break;
        }
    }
}

/// One batch; how many items it had. An item of an inbox that is not active any more waits.
pub async fn step(pipeline: &Pipeline) -> Result<usize, DbError> {
    let now = now_ms();
    let active: Vec<(&str, Option<i64>)> = pipeline
        .inboxes
        .iter()
        .map(|(id, runtime)| (id.as_str(), runtime.send_every_ms))
        .collect();
    let deliveries = pipeline
        .db
        .outbox_lease(&active, OUTBOX_BATCH, now, now + pipeline.lease_ms)
        .await?;
    let count = deliveries.len();
    let tried = deliveries.iter().filter_map(|delivery| {
        let runtime = pipeline.inboxes.get(&delivery.item.inbox_id)?;
        Some(pipeline.deliver(runtime, delivery))
    });
    for outcome in join_all(tried).await {
        outcome?;
    }
    Ok(count)
}

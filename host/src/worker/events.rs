//! Leases inbound events and takes them through the pipeline.

use super::{EVENT_BATCH, LEASE_MS, NAP, PAUSE, rest};
use crate::db::DbError;
use crate::domain::now_ms;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Tries before an event is set aside, visibly.
const ATTEMPTS_MAX: u32 = 10;
const RETRY_MS: i64 = 2_000;

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match step(&pipeline).await {
            Ok(0) => {
                if !rest(&stop, &wake.events, NAP).await {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "events can't be handled; trying again");
                if !rest(&stop, &wake.events, PAUSE).await {
                    break;
                }
            }
        }
    }
}

/// One batch; how many events it had.
pub async fn step(pipeline: &Pipeline) -> Result<usize, DbError> {
    let now = now_ms();
    let events = pipeline
        .db
        .event_lease(EVENT_BATCH, now, now + LEASE_MS)
        .await?;
    if events.is_empty() {
        return Ok(0);
    }
    let Err(error) = pipeline.process(&events).await else {
        return Ok(events.len());
    };
    // A batch that fails again is taken apart, so that one bad event stops no other.
    if events.len() == 1 || events.iter().all(|event| event.attempts < 3) {
        give_back(pipeline, &events, &error).await?;
        return Err(error);
    }
    for event in &events {
        if let Err(error) = pipeline.process(std::slice::from_ref(event)).await {
            give_back(pipeline, std::slice::from_ref(event), &error).await?;
        }
    }
    Ok(events.len())
}

async fn give_back(
    pipeline: &Pipeline,
    events: &[crate::db::event::Event],
    error: &DbError,
) -> Result<(), DbError> {
    let text = error.to_string();
    for event in events {
        let retry_at = (event.attempts < ATTEMPTS_MAX).then(|| now_ms() + RETRY_MS);
        if retry_at.is_none() {
            tracing::error!(seq = event.seq, %error, "event set aside");
        }
        pipeline
            .db
            .event_release(&[event.seq], retry_at, Some(&text))
            .await?;
    }
    Ok(())
}

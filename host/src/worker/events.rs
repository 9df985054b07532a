//! Leases inbound events and takes them through the pipeline.

use super::{EVENT_BATCH, NAP, PAUSE, rest};
use crate::db::DbError;
use crate::db::event::Event;
use crate::domain::now_ms;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::telemetry::heart::Heart;
use crate::telemetry::metrics;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Tries before an event is set aside, visibly.
const ATTEMPTS_MAX: u32 = 10;
const RETRY_MS: i64 = 2_000;
/// Times a batch is done again at once after another host was in its way.
const CONFLICTS_MAX: u32 = 3;

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let heart = Heart::start("events");
    while !stop.is_cancelled() {
        heart.beat();
        // Nothing is judged before everything is there that is to judge.
        if pipeline.plugins.now().pending {
            if !rest(&stop, &wake.events, NAP).await {
                break;
            }
            continue;
        }
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
        .event_lease(EVENT_BATCH, now, now + pipeline.lease_ms())
        .await?;
    if events.is_empty() {
        return Ok(0);
    }
    let Err(error) = process(pipeline, &events).await else {
        count_done(pipeline, &events);
        return Ok(events.len());
    };
    // A batch that fails again is taken apart, so that one bad event stops no other.
    if events.len() == 1 || events.iter().all(|event| event.attempts < 3) {
        give_back(pipeline, &events, &error).await?;
        return Err(error);
    }
    for event in &events {
        let event = std::slice::from_ref(event);
        match process(pipeline, event).await {
            Ok(()) => count_done(pipeline, event),
            Err(error) => give_back(pipeline, event, &error).await?,
        }
    }
    Ok(events.len())
}

/// Through all stages, with the lease kept for as long as that takes.
async fn process(pipeline: &Pipeline, events: &[Event]) -> Result<(), DbError> {
    let mut conflicts = 0;
    loop {
        let work = pipeline.process(events);
        tokio::pin!(work);
        let third = Duration::from_millis(pipeline.lease_ms().unsigned_abs() / 3);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                () = tokio::time::sleep(third) => {
                    let until = now_ms() + pipeline.lease_ms();
                    if let Err(error) = pipeline.db.event_renew(events, until).await {
                        tracing::warn!(%error, "lease not renewed");
                    }
                }
            }
        };
        match done {
            Err(error) if error.is_conflict() && conflicts < CONFLICTS_MAX => {
                conflicts += 1;
                tracing::info!(%error, conflicts, "another host was in the way; again");
            }
            done => return done,
        }
    }
}

fn count_done(pipeline: &Pipeline, events: &[Event]) {
    let plugins = pipeline.plugins.now();
    for event in events {
        metrics::events(plugins.inbox_name(&event.inbox_id), "done", 1);
    }
}

async fn give_back(pipeline: &Pipeline, events: &[Event], error: &DbError) -> Result<(), DbError> {
    let text = error.to_string();
    let plugins = pipeline.plugins.now();
    for event in events {
        let retry_at = (event.attempts < ATTEMPTS_MAX).then(|| now_ms() + RETRY_MS);
        let outcome = if retry_at.is_some() {
            "retried"
        } else {
            "failed"
        };
        metrics::events(plugins.inbox_name(&event.inbox_id), outcome, 1);
        if retry_at.is_none() {
            tracing::error!(seq = event.seq, %error, "event set aside");
        }
        pipeline.db.event_release(event, retry_at, &text).await?;
    }
    Ok(())
}

//! Sends webhooks. Each endpoint has room for as many tries at a time as it asked for, so that a slow
//! receiver slows nobody but itself; what is under way is finished before the worker stops.

use super::{NAP, PAUSE};
use crate::db::DbError;
use crate::domain::retention::{DataKind, Keep};
use crate::domain::webhook::{BACKLOG_MAX, CONCURRENCY_MAX, Endpoint};
use crate::domain::{Id, now_ms};
use crate::pipeline::Pipeline;
use crate::pipeline::webhooks::TRY_TIMEOUT;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a lease lasts: a try, and time to record it.
const LEASE_MS: i64 = 2 * TRY_TIMEOUT.as_millis() as i64;
/// Changes that follow one another so closely are looked at together.
const GATHER: Duration = Duration::from_millis(50);
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Tries under way, each with its endpoint.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    endpoints: HashMap<tokio::task::Id, Id>,
}

impl UnderWay {
    fn free(&self, endpoint: &Endpoint) -> usize {
        let busy = self.endpoints.values().filter(|id| **id == endpoint.id);
        let room = endpoint.concurrency.clamp(1, CONCURRENCY_MAX) as usize;
        room.saturating_sub(busy.count())
    }

    /// Waits until a try has ended; for ever when none is under way.
    async fn ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((task, ()))) => self.endpoints.remove(&task),
            Some(Err(error)) => {
                tracing::error!(%error, "a webhook's try ended early");
                self.endpoints.remove(&error.id())
            }
            None => std::future::pending().await,
        };
    }
}

pub(super) async fn run(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let mut under_way = UnderWay::default();
    let mut changes = pipeline.changes.listen();
    let mut swept: Option<Instant> = None;
    while !stop.is_cancelled() {
        if swept.is_none_or(|at| at.elapsed() > SWEEP_EVERY) {
            swept = Some(Instant::now());
            if let Err(error) = sweep(&pipeline).await {
                tracing::error!(%error, "old webhook deliveries can't be cleared away");
            }
        }
        let pause = match start_due(&pipeline, &mut under_way).await {
            Ok(()) => NAP,
            Err(error) => {
                tracing::error!(%error, "webhooks can't be handled; trying again");
                PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = under_way.ended() => {}
            () = tokio::time::sleep(pause) => {}
            _ = changes.recv() => {
                tokio::time::sleep(GATHER).await;
                changes = changes.resubscribe();
            }
        }
    }
    while !under_way.tasks.is_empty() {
        under_way.ended().await;
    }
}

/// Starts a try for everything that is due, as far as its endpoint has room.
async fn start_due(pipeline: &Arc<Pipeline>, under_way: &mut UnderWay) -> Result<(), DbError> {
    for endpoint in pipeline.db.webhook_due(now_ms()).await? {
        let free = under_way.free(&endpoint);
        if free == 0 {
            continue;
        }
        let now = now_ms();
        let leased = pipeline
            .db
            .webhook_lease(&endpoint.id, free, now, now + LEASE_MS)
            .await?;
        let endpoint = Arc::new(endpoint);
        for delivery in leased {
            let pipeline = Arc::clone(pipeline);
            let of = Arc::clone(&endpoint);
            let task = under_way.tasks.spawn(async move {
                if let Err(error) = pipeline.deliver_webhook(&of, &delivery).await {
                    // Tried again when its lease has run out.
                    tracing::error!(endpoint = %of.id, %error, "a webhook's try is not recorded");
                }
            });
            under_way.endpoints.insert(task.id(), endpoint.id.clone());
        }
    }
    Ok(())
}

async fn sweep(pipeline: &Pipeline) -> Result<(), DbError> {
    pipeline.webhook_check_backlog(BACKLOG_MAX).await?;
    let kept = pipeline
        .housekeeping
        .retention
        .keep(DataKind::WebhookDeliveries);
    if let Keep::For(ms) = kept {
        pipeline.db.webhook_sweep(now_ms() - ms).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_has_its_own_room() {
        let endpoint = |id: &str, concurrency| Endpoint {
            id: id.into(),
            made_by: "operator".into(),
            url: String::new(),
            description: String::new(),
            events: Vec::new(),
            inbox_ids: Vec::new(),
            include_content: false,
            concurrency,
            enabled: true,
            disabled_reason: None,
            failing_since: None,
            rotating_until: None,
            created: 0,
            updated: 0,
        };
        let mut under_way = UnderWay::default();
        let (slow, other) = (endpoint("slow", 2), endpoint("other", 99));
        for _ in 0..2 {
            let task = under_way.tasks.spawn(async {});
            under_way.endpoints.insert(task.id(), slow.id.clone());
        }
        assert_eq!((under_way.free(&slow), under_way.free(&other)), (0, 4));
        under_way.ended().await;
        under_way.ended().await;
        assert_eq!(under_way.free(&slow), 2);
        assert_eq!(under_way.endpoints, HashMap::new());
    }
}

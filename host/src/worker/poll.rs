//! Polls one inbox: at its interval, at the network's advice, and less often when it fails.

use super::rest;
use crate::domain::now_ms;
use crate::pipeline::Pipeline;
use crate::pipeline::inboxes::{InboundError, InboxRuntime, backoff_ms};
use crate::pipeline::wake::Wake;
use crate::plugin::{CallError, PluginError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(
    pipeline: Arc<Pipeline>,
    wake: Arc<Wake>,
    runtime: Arc<InboxRuntime>,
    stop: CancellationToken,
) {
    let nobody = Notify::new();
    let mut failures = 0;
    loop {
        let (wait, error) = match pipeline.poll(&runtime).await {
            Ok(polled) => {
                failures = 0;
                if polled.ingested.new > 0 {
                    wake.events.notify_one();
                }
                let advised = polled.next_poll_ms.map(Duration::from_millis);
                let wait = match advised {
                    _ if polled.more => Duration::ZERO,
                    Some(advised) => advised.max(runtime.poll_every),
                    None => runtime.poll_every,
                };
                (wait, None)
            }
            // A channel that is only called, never asked.
            Err(InboundError::Call(CallError::Plugin(PluginError::Unsupported(_)))) => return,
            Err(error) => {
                failures += 1;
                tracing::warn!(inbox = %runtime.inbox.name, %error, failures, "poll failed");
                (
                    after_failure(&error, failures, runtime.poll_every),
                    Some(error.to_string()),
                )
            }
        };
        let now = now_ms();
        let next = now.saturating_add(wait.as_millis() as i64);
        if let Err(error) = pipeline
            .db
            .inbox_polled(&runtime.inbox.id, now, next, error.as_deref())
            .await
        {
            tracing::error!(inbox = %runtime.inbox.name, %error, "poll not recorded");
        }
        if stop.is_cancelled() || !rest(&stop, &nobody, wait).await {
            return;
        }
    }
}

/// The network's own wish, else a growing wait.
fn after_failure(error: &InboundError, failures: u32, poll_every: Duration) -> Duration {
    let wish = match error {
        InboundError::Call(CallError::Plugin(
            PluginError::RetryAfter { delay_ms, .. } | PluginError::RateLimited { delay_ms, .. },
        )) => *delay_ms,
        _ => None,
    };
    let wait = wish.unwrap_or_else(|| backoff_ms(failures) as u64);
    Duration::from_millis(wait).max(poll_every)
}

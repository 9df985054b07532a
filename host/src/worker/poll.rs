//! Polls one inbox: at its interval, at the network's advice, and less often when it fails. Among
//! several hosts one polls at a time; another takes over when that one is gone.

use super::{PAUSE, rest};
use crate::db::inbox::PollClaim;
use crate::db::inbox_state::Standing;
use crate::domain::inbox::InboxState;
use crate::domain::now_ms;
use crate::pipeline::Pipeline;
use crate::pipeline::inboxes::{InboundError, InboxRuntime, backoff_ms};
use crate::pipeline::wake::Wake;
use crate::plugin::{CallError, CallKind, HostFault, PluginError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often a host looks whether the turn to poll is free.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// While the inbound queue is full.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// Begins after `first`.
pub(super) async fn run(
    pipeline: Arc<Pipeline>,
    wake: Arc<Wake>,
    runtime: Arc<InboxRuntime>,
    first: Duration,
    stop: CancellationToken,
) {
    let nobody = Notify::new();
    if !first.is_zero() && !rest(&stop, &nobody, first).await {
        return;
    }
    let mut failures = 0;
    let host = pipeline.host.as_str();
    let id = runtime.inbox.id.as_str();
    loop {
        // What was accepted gets its turn before more is taken on.
        while wake.load.is_full() {
            if !rest(&stop, &nobody, FULL_PAUSE).await {
                return;
            }
        }
        let now = now_ms();
        let wait = match pipeline
            .db
            .poll_claim(id, host, now, now + pipeline.lease_ms())
            .await
        {
            Ok(PollClaim::Ours) => match turn(&pipeline, &wake, &runtime, &mut failures).await {
                Some(wait) => wait,
                None => return,
            },
            Ok(PollClaim::NotBefore(at)) => {
                Duration::from_millis(at.saturating_sub(now).unsigned_abs()).min(LOOK_AGAIN)
            }
            Err(error) => {
                tracing::error!(inbox = %runtime.inbox.name, %error, "no turn to poll");
                PAUSE
            }
        };
        if stop.is_cancelled() || !rest(&stop, &nobody, wait).await {
            return;
        }
    }
}

/// One poll; how long to wait for the next. None for a channel that is only called, never asked.
async fn turn(
    pipeline: &Pipeline,
    wake: &Wake,
    runtime: &InboxRuntime,
    failures: &mut u32,
) -> Option<Duration> {
    let (wait, trouble) = match pipeline.poll(runtime).await {
        Ok(polled) => {
            *failures = 0;
            if polled.ingested.new > 0 {
                wake.load.add(polled.ingested.new as u64);
                wake.events.notify_one();
            }
            let advised = polled.next_poll_ms.map(Duration::from_millis);
            let wait = match advised {
                _ if polled.more => Duration::ZERO,
                Some(advised) => advised.max(runtime.poll_every),
                None => runtime.poll_every,
            };
            let trouble = match (polled.failing, polled.problem) {
                (true, text) => {
                    let text = text.unwrap_or_else(|| "nothing that it listens to works".into());
                    Some((InboxState::Failing, text))
                }
                (false, text) => text.map(|text| (InboxState::PartlyFailing, text)),
            };
            (wait, trouble)
        }
        Err(InboundError::Call(CallError::Plugin(PluginError::Unsupported(_)))) => return None,
        Err(error) => {
            *failures += 1;
            tracing::warn!(inbox = %runtime.inbox.name, %error, failures, "poll failed");
            let wait = after_failure(&error, *failures, runtime.poll_every);
            (wait, Some((InboxState::Failing, why(&error, runtime))))
        }
    };
    let now = now_ms();
    let next = now.saturating_add(wait.as_millis() as i64);
    let standing = Standing {
        trouble: trouble.as_ref().map(|(state, why)| (*state, why.as_str())),
    };
    let (id, host) = (&runtime.inbox.id, &pipeline.host);
    let recorded = pipeline.db.inbox_polled(id, host, now, next, standing);
    if let Err(error) = recorded.await {
        tracing::error!(inbox = %runtime.inbox.name, %error, "poll not recorded");
    }
    Some(wait)
}

/// Why a poll failed; of a channel that is left alone, why that is.
fn why(error: &InboundError, runtime: &InboxRuntime) -> String {
    let fault = match error {
        InboundError::Call(CallError::Fault(HostFault::BreakerOpen(..))) => {
            let asked = runtime.connector.breaker.of(CallKind::Ask);
            asked.health().last_fault
        }
        _ => None,
    };
    let fault = fault.map(|fault| format!("; the last one: {fault}"));
    format!("{error}{}", fault.unwrap_or_default())
}

/// The network's own wish, else a growing wait.
fn after_failure(error: &InboundError, failures: u32, poll_every: Duration) -> Duration {
    let wish = match error {
        InboundError::Call(CallError::Plugin(
            PluginError::RetryAfter { delay_ms, .. } | PluginError::RateLimited { delay_ms, .. },
        )) => *delay_ms,
        InboundError::Call(CallError::Fault(HostFault::EgressQuota(_, retry))) => {
            Some(retry.as_millis() as u64)
        }
        _ => None,
    };
    let wait = wish.unwrap_or_else(|| backoff_ms(failures) as u64);
    Duration::from_millis(wait).max(poll_every)
}

//! Counts what waits, about once a second, for those who must know when it is too much.

use super::rest;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use crate::telemetry::heart::Heart;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let heart = Heart::start("watch");
    let nobody = Notify::new();
    loop {
        heart.beat();
        match pipeline.db.queue_state().await {
            Ok(state) => wake.load.set_waiting(state.waiting),
            // Those who write to the store see it too, and say so.
            Err(error) => tracing::debug!(%error, "the queue was not counted"),
        }
        if !rest(&stop, &nobody, EVERY).await {
            return;
        }
    }
}

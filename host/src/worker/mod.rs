//! The event loop: tasks that lease work, do it and record it. Each finishes what it
//! holds before it stops, and wakes at a signal or after a short sleep, so that a lost signal costs
//! little.

mod access;
mod events;
mod news;
mod outbox;
mod plugins;
mod poll;
mod schedule;
mod watch;
mod webhooks;

pub use events::step as event_step;

use crate::db::DbError;
use crate::pipeline::Pipeline;
use crate::pipeline::wake::Wake;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Events in one batch: one commit covers them.
pub const EVENT_BATCH: usize = 256;
/// Items in one batch of the outbox.
pub const OUTBOX_BATCH: usize = 16;
/// How long a task sleeps when nothing wakes it.
const NAP: Duration = Duration::from_millis(500);
/// After a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// The running tasks.
pub struct Workers {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts the tasks.
    pub fn start(pipeline: &Arc<Pipeline>, wake: &Arc<Wake>) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(events::run(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(outbox::run(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(news::run(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(access::run(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(webhooks::run(Arc::clone(pipeline), stop.clone()));
        tasks.spawn(watch::run(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(schedule::run(Arc::clone(pipeline), stop.clone()));
        tasks.spawn(plugins::pollers(
            Arc::clone(pipeline),
            Arc::clone(wake),
            stop.clone(),
        ));
        tasks.spawn(plugins::follow(Arc::clone(pipeline), stop.clone()));
        Self { stop, tasks }
    }

    /// Lets every task finish what it holds, and waits for them.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Does all that can be done now, in the caller's own time: for the demo and for tests.
pub async fn run_until_idle(pipeline: &Pipeline) -> Result<(), DbError> {
    while events::step(pipeline).await? + outbox::step(pipeline).await? > 0 {}
    Ok(())
}

/// Sleeps until woken, stopped or rested. False when it is time to stop.
async fn rest(stop: &CancellationToken, woken: &Notify, longest: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = woken.notified() => true,
        () = tokio::time::sleep(longest) => true,
    }
}

//! Follows what admins do to plugins and inboxes: looks at the store's revision about once a second,
//! swaps plugins, starts and stops pollers, tells of figures and logs, and watches new versions.

use super::{poll, rest};
use crate::domain::{Id, now_ms};
use crate::pipeline::Pipeline;
use crate::pipeline::inboxes::InboxRuntime;
use crate::pipeline::plugins::Registry;
use crate::pipeline::wake::Wake;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// Figures are stored, and new versions looked at, each so many rounds.
const ROUNDS: u32 = 5;
/// Figures that have not changed are stored again after this: who says nothing for long is gone.
const TOLD_FOR: Duration = Duration::from_secs(20);

/// Keeps the set at work in step with the store.
pub(super) async fn follow(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let Some(registry) = &pipeline.registry else {
        return;
    };
    follow_on(&pipeline, registry, &stop).await;
    let gone = pipeline.db.host_state_delete(&pipeline.host, now_ms());
    if let Err(error) = gone.await {
        tracing::debug!(%error, "others wait a while for this host");
    }
}

async fn follow_on(pipeline: &Pipeline, registry: &Registry, stop: &CancellationToken) {
    let nobody = Notify::new();
    let mut round = 0_u32;
    let (mut told, mut told_at) = (None, Instant::now());
    // That it is there, though it follows nothing yet.
    stands(pipeline, registry).await;
    loop {
        let following = registry.follow(&pipeline.db, &pipeline.plugins);
        let mut following = std::pin::pin!(following);
        let followed = loop {
            tokio::select! {
                () = stop.cancelled() => return,
                followed = &mut following => break followed,
                // It prepares something that takes long, and is there.
                () = tokio::time::sleep(TOLD_FOR) => stands(pipeline, registry).await,
            }
        };
        let changed = match followed {
            Ok(changed) => changed,
            Err(error) => {
                tracing::error!(%error, "plugins can't follow the store; trying again");
                false
            }
        };
        if changed {
            pipeline.changes.tell("plugin", "");
        }
        if changed || round.is_multiple_of(ROUNDS) {
            stands(pipeline, registry).await;
        }
        if let Err(error) = pipeline.plugins_log(registry).await {
            tracing::warn!(%error, "logs of plugins not stored");
        }
        if changed || round.is_multiple_of(ROUNDS) {
            let statuses = pipeline.plugins.now().statuses();
            if told.as_ref() != Some(&statuses) || told_at.elapsed() > TOLD_FOR {
                match pipeline.plugins_tell(&statuses).await {
                    Ok(()) => (told, told_at) = (Some(statuses.clone()), Instant::now()),
                    Err(error) => tracing::warn!(%error, "figures of plugins not stored"),
                }
            }
            if let Err(error) = pipeline.plugins_prove(registry, &statuses).await {
                tracing::warn!(%error, "new versions not looked at");
            }
        }
        round = round.wrapping_add(1);
        if !rest(stop, &nobody, EVERY).await {
            return;
        }
    }
}

/// Says how far this host follows the store.
async fn stands(pipeline: &Pipeline, registry: &Registry) {
    let stored = pipeline
        .db
        .host_state_store(&pipeline.host, registry.followed(), now_ms());
    if let Err(error) = stored.await {
        tracing::warn!(%error, "how far this host follows the store is not stored");
    }
}

/// How long an inbox that begins waits with its first poll: those of a channel begin as far apart as its
/// requests may be, lest a restart with many of them ask for all at once. `free` is when the channel's
/// next one may.
fn first_poll(free: &mut Instant, runtime: &InboxRuntime) -> Duration {
    let per_minute = runtime.connector.manifest.limits.requests_per_minute;
    let now = Instant::now();
    let at = (*free).max(now);
    *free = at + Duration::from_secs(60) / per_minute.max(1);
    (at - now).min(runtime.poll_every)
}

/// Runs one poller for each inbox at work; one whose inbox was changed or taken away ends what it is
/// doing first.
pub(super) async fn pollers(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let mut changes = pipeline.plugins.listen();
    let mut running: BTreeMap<Id, (Arc<InboxRuntime>, CancellationToken)> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    let mut free: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        let wanted = pipeline.plugins.now();
        running.retain(|id, (runtime, stop)| {
            let same = wanted
                .inboxes
                .get(id)
                .is_some_and(|now| Arc::ptr_eq(now, runtime));
            if !same {
                stop.cancel();
            }
            same
        });
        for (id, runtime) in &wanted.inboxes {
            if running.contains_key(id) {
                continue;
            }
            let channel = runtime.connector.manifest.id.clone();
            let first = first_poll(free.entry(channel).or_insert_with(Instant::now), runtime);
            let own = stop.child_token();
            running.insert(id.clone(), (Arc::clone(runtime), own.clone()));
            let (pipeline, wake) = (Arc::clone(&pipeline), Arc::clone(&wake));
            tasks.spawn(poll::run(pipeline, wake, Arc::clone(runtime), first, own));
        }
        drop(wanted);
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = stop.cancelled() => break,
            changed = changes.changed() => if changed.is_err() { break },
        }
    }
    while tasks.join_next().await.is_some() {}
}

//! Passes on between the hosts of one database what changed: so that a listener at one host sees what
//! another did, and work that one host took in is begun by any at once. Lossy by nature; whoever waits
//! for work also looks from time to time.

use super::{PAUSE, rest};
use crate::db::DbError;
use crate::db::notify::Listener;
use crate::pipeline::Pipeline;
use crate::pipeline::changes::{Change, News};
use crate::pipeline::wake::Wake;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

/// Changes in one word: PostgreSQL carries at most 8000 bytes.
const CHANGES_MAX: usize = 80;

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let mut changes = pipeline.changes.listen();
    let mut missed = false;
    while !stop.is_cancelled() {
        let listener = match pipeline.db.listen().await {
            Ok(Some(listener)) => listener,
            // One host alone.
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "can't hear other hosts; trying again");
                if !rest(&stop, &Notify::new(), PAUSE).await {
                    return;
                }
                continue;
            }
        };
        // What was said while nobody listened is lost.
        pipeline.changes.resync();
        let heard = tokio::select! {
            () = stop.cancelled() => return,
            heard = hear(&pipeline, &wake, listener) => heard,
            told = tell(&pipeline, &mut changes, missed) => told,
        };
        // What was being said when it broke off, nobody heard.
        missed = true;
        if let Err(error) = heard {
            tracing::warn!(%error, "the word between hosts broke off; trying again");
            if !rest(&stop, &Notify::new(), PAUSE).await {
                return;
            }
        }
    }
}

/// Hands on what other hosts say.
async fn hear(pipeline: &Pipeline, wake: &Wake, mut listener: Listener) -> Result<(), DbError> {
    loop {
        let Some(word) = listener.next().await? else {
            pipeline.changes.resync();
            continue;
        };
        let Ok(news) = serde_json::from_str::<News>(&word) else {
            continue;
        };
        if news.host == pipeline.host {
            continue;
        }
        if news.missed {
            pipeline.changes.resync();
        }
        for (kind, id) in news.changes {
            match kind.as_str() {
                "inbox" => wake.events.notify_one(),
                "outbox" => wake.outbox.notify_one(),
                _ => {}
            }
            pipeline.changes.pass_on(&kind, id);
        }
    }
}

/// Says what changed here, many changes in one word; first of all that something was missed, if so.
async fn tell(
    pipeline: &Pipeline,
    changes: &mut Receiver<Change>,
    missed: bool,
) -> Result<(), DbError> {
    let news_of = |missed| News {
        host: pipeline.host.clone(),
        missed,
        changes: Vec::new(),
    };
    if missed {
        say(pipeline, &news_of(true)).await?;
    }
    loop {
        let mut news = news_of(false);
        match changes.recv().await {
            Ok(change) => news.add(change),
            Err(RecvError::Lagged(_)) => news.missed = true,
            Err(RecvError::Closed) => return Ok(()),
        }
        while news.changes.len() < CHANGES_MAX {
            match changes.try_recv() {
                Ok(change) => news.add(change),
                Err(TryRecvError::Lagged(_)) => news.missed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if news.missed || !news.changes.is_empty() {
            say(pipeline, &news).await?;
        }
    }
}

async fn say(pipeline: &Pipeline, news: &News) -> Result<(), DbError> {
    let word = serde_json::to_string(news).unwrap_or_default();
    pipeline.db.notify(&word).await
}

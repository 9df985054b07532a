//! Writes what a connector brought, once, with its cursor and memory. Only then is a webhook answered
//! or a cursor moved.
//!
//! Several that arrive together share one commit: whoever comes while a commit is under way waits for
//! it and goes with the next. So the price of a durable commit is paid once for all of them.

use crate::db::event::event_insert_in_tx;
use crate::db::inbox::{cursor_store_in_tx, state_store_in_tx, state_version_in_tx};
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::social::Activity;
use crate::domain::{Id, TimestampMs, now_ms};
use crate::plugin::connector::StateChanges;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most calls in one commit.
const GROUP_MAX: usize = 64;
/// Least time from one commit to the next, while they follow on each other: a commit costs the same
/// for one call as for several, and keeps other writers waiting.
const COMMIT_GAP: Duration = Duration::from_millis(5);

/// Longest commit: a connection that died without a word would hold up all that comes behind it. What
/// was committed all the same is known by its ids when it is sent again.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(20);

/// What a call to a connector brought.
#[derive(Debug, Clone)]
pub struct Brought {
    pub inbox_id: Id,
    pub activities: Vec<Activity>,
    /// The trace of each, while traces are kept; else empty.
    pub traces: Vec<Option<String>>,
    /// From where to where the cursor moves, for a poll.
    pub cursor: Option<(Option<String>, String)>,
    pub state: StateChanges,
    /// The version of the memory that the call began with.
    pub state_version: i64,
    pub received: TimestampMs,
}

impl Brought {
    /// Pushed by the network now, with nothing for the connector to remember.
    pub fn pushed(inbox_id: &str, activities: Vec<Activity>) -> Self {
        Self {
            inbox_id: inbox_id.to_owned(),
            activities,
            traces: Vec::new(),
            cursor: None,
            state: StateChanges::default(),
            state_version: 0,
            received: now_ms(),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    pub new: usize,
    pub duplicates: usize,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error(transparent)]
    Db(#[from] DbError),
    /// Cursor or memory have changed since the call began: make it again.
    #[error("another call changed the inbox meanwhile")]
    Overtaken,
    /// The commit that this was part of ended without a word; nothing was acknowledged.
    #[error("the commit was given up")]
    GivenUp,
}

type Outcome = Result<Ingested, IngestError>;
type Waiting = (Brought, oneshot::Sender<Outcome>);

/// Gathers what is to be stored.
#[derive(Clone, Default)]
pub struct Ingest {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// When the last commit ended.
    committing: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

impl Ingest {
    /// Stores it, alone or together with others; returns after the commit.
    pub async fn store(&self, db: &Db, brought: Brought) -> Outcome {
        let (done, mut outcome) = oneshot::channel();
        self.lock().push((brought, done));
        loop {
            let mut turn = Arc::clone(&self.committing).lock_owned().await;
            match outcome.try_recv() {
                Ok(outcome) => return outcome,
                Err(oneshot::error::TryRecvError::Closed) => return Err(IngestError::GivenUp),
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            if let Some(last) = *turn {
                tokio::time::sleep_until((last + COMMIT_GAP).into()).await;
            }
            let group: Vec<Waiting> = {
                let mut waiting = self.lock();
                let count = waiting.len().min(GROUP_MAX);
                waiting.drain(..count).collect()
            };
            let db = db.clone();
            // A task of its own: whoever started it may go away, the others still want their answer.
            let commit = tokio::spawn(async move {
                store_group(&db, group).await;
                *turn = Some(Instant::now());
            });
            if commit.await.is_err() {
                return Err(IngestError::GivenUp);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One commit for all; when that fails for a reason that lies in one of them, one for each, so that
/// each gets its own answer.
async fn store_group(db: &Db, group: Vec<Waiting>) {
    let (brought, done): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    match store_all(db, &brought).await {
        Ok(outcomes) => {
            for (done, outcome) in done.into_iter().zip(outcomes) {
                // Who asked may be gone; it is stored all the same.
                let _ = done.send(outcome.ok_or(IngestError::Overtaken));
            }
        }
        Err(error) if brought.len() == 1 => {
            if let Some(done) = done.into_iter().next() {
                let _ = done.send(Err(IngestError::Db(error)));
            }
        }
        // The store is away: asked once for each, it would keep all of them waiting for its deadlines.
        Err(error) if error.may_pass() && !error.is_conflict() => {
            tracing::warn!(%error, calls = done.len(), "nothing of a commit was stored");
            for done in done {
                let _ = done.send(Err(IngestError::GivenUp));
            }
        }
        Err(_) => {
            for (brought, done) in brought.iter().zip(done) {
                let outcome = match store_all(db, std::slice::from_ref(brought)).await {
                    Ok(mut outcomes) => outcomes.pop().flatten().ok_or(IngestError::Overtaken),
                    Err(error) => Err(IngestError::Db(error)),
                };
                let _ = done.send(outcome);
            }
        }
    }
}

/// In one commit, in time or not at all; none for what was overtaken.
async fn store_all(db: &Db, group: &[Brought]) -> Result<Vec<Option<Ingested>>, DbError> {
    let stored = async {
        let mut tx = db.begin().await?;
        let mut outcomes = Vec::with_capacity(group.len());
        for brought in group {
            outcomes.push(store_in_tx(&mut tx, brought).await?);
        }
        commit(tx).await?;
        Ok(outcomes)
    };
    let in_time = tokio::time::timeout(COMMIT_TIMEOUT, stored).await;
    in_time.unwrap_or(Err(DbError::Silent))
}

async fn store_in_tx(tx: &mut Tx<'_>, brought: &Brought) -> Result<Option<Ingested>, DbError> {
    let inbox_id = brought.inbox_id.as_str();
    if let Some((from, to)) = &brought.cursor
        && !cursor_store_in_tx(tx, inbox_id, from.as_deref(), to).await?
    {
        return Ok(None);
    }
    if !brought.state.is_empty() {
        if !state_version_in_tx(tx, inbox_id, brought.state_version).await? {
            return Ok(None);
        }
        state_store_in_tx(tx, inbox_id, &brought.state).await?;
    }
    let (activities, traces) = (&brought.activities, &brought.traces);
    let new = event_insert_in_tx(tx, inbox_id, activities, traces, brought.received).await?;
    Ok(Some(Ingested {
        new,
        duplicates: brought.activities.len() - new,
    }))
}

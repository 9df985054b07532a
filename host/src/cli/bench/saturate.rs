//! As many messages as the pipeline takes: one task receives, as requests of networks would have it,
//! another works, and what is received waits in the queue, up to a bound.

use crate::db::event::Event;
use crate::domain::social::{Activity, ActivityObject};
use crate::pipeline::Pipeline;
use crate::pipeline::classify::Classified;
use crate::pipeline::ingest::Brought;
use crate::pipeline::times::{Observer, Stage};
use crate::worker::{EVENT_BATCH, event_step};
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};

/// Messages that wait in the queue at most.
const WAITING: usize = 4 * EVENT_BATCH;

/// What one commit was for.
#[derive(Debug)]
pub enum Commit {
    Received(Vec<Activity>),
    /// External ids of messages.
    Identified(Vec<String>),
    /// Message, contact and conversation ids.
    Decided(Vec<[String; 3]>),
}

/// Writes down the commits.
#[derive(Default)]
struct Notes {
    commits: Mutex<Vec<Commit>>,
    decided: AtomicUsize,
}

impl Notes {
    fn note(&self, commit: Commit) {
        if let Ok(mut commits) = self.commits.lock() {
            commits.push(commit);
        }
    }
}

impl Observer for Notes {
    fn batch_begins(&self, events: &[Event]) {
        let ids = events.iter().filter_map(|e| match &e.activity.object {
            ActivityObject::Create(message) => Some(message.external_id.clone()),
            _ => None,
        });
        self.note(Commit::Identified(ids.collect()));
    }

    fn wave_done(&self, wave: &[Classified]) {
        let ids = wave.iter().map(|c| {
            let m = &c.message;
            [
                m.message_id.clone(),
                m.contact_id.clone(),
                m.conversation_id.clone(),
            ]
        });
        self.note(Commit::Decided(ids.collect()));
        self.decided.fetch_add(wave.len(), Ordering::Release);
    }
}

/// A pipeline under load.
pub struct Run {
    pipeline: Arc<Pipeline>,
    inbox_id: String,
    request: usize,
    notes: Arc<Notes>,
    pub elapsed: Duration,
    /// Time in which requests were stored; the wait for the worker's own commits is part of it.
    pub ingest: Duration,
    /// Time in which batches were leased.
    pub lease: Duration,
}

impl Run {
    pub fn new(pipeline: &Arc<Pipeline>, inbox_id: &str, request: usize) -> Self {
        let notes = Arc::new(Notes::default());
        pipeline
            .times
            .observe(Arc::clone(&notes) as Arc<dyn Observer>);
        Self {
            pipeline: Arc::clone(pipeline),
            inbox_id: inbox_id.to_owned(),
            request,
            notes,
            elapsed: Duration::ZERO,
            ingest: Duration::ZERO,
            lease: Duration::ZERO,
        }
    }

    /// The commits since the last time.
    pub fn take_commits(&mut self) -> Vec<Commit> {
        let mut commits = self.notes.commits.lock();
        commits
            .as_mut()
            .map(|c| std::mem::take(&mut **c))
            .unwrap_or_default()
    }

    /// Takes all activities through the pipeline.
    pub async fn play(&mut self, activities: Vec<Activity>) -> Result<()> {
        let expected = activities.len();
        let before = self.notes.decided.load(Ordering::Acquire);
        let room = Arc::new(Semaphore::new(WAITING));
        let more = Arc::new(Notify::new());
        let start = Instant::now();
        let receiving = tokio::spawn(receive(
            Arc::clone(&self.pipeline),
            self.inbox_id.clone(),
            self.request,
            activities,
            Arc::clone(&room),
            Arc::clone(&more),
            Arc::clone(&self.notes),
        ));
        let mut done = 0;
        while done < expected {
            let (begun, staged) = (Instant::now(), self.staged());
            let stepped = event_step(&self.pipeline).await?;
            self.lease += begun.elapsed().saturating_sub(self.staged() - staged);
            if stepped == 0 {
                if receiving.is_finished() {
                    break;
                }
                // The bound ends the wait for a signal that came too early.
                let _ = tokio::time::timeout(Duration::from_millis(5), more.notified()).await;
            }
            let now = self.notes.decided.load(Ordering::Acquire) - before;
            room.add_permits(now - done);
            done = now;
        }
        self.ingest += receiving.await.context("receiving")??;
        self.elapsed += start.elapsed();
        anyhow::ensure!(
            done == expected,
            "{done} of {expected} messages were decided"
        );
        Ok(())
    }

    /// Time spent in stages so far.
    fn staged(&self) -> Duration {
        let times = &self.pipeline.times;
        Duration::from_nanos(Stage::ALL.iter().map(|stage| times.stage_ns(*stage)).sum())
    }
}

/// Stores requests one after the other; the time that took.
async fn receive(
    pipeline: Arc<Pipeline>,
    inbox_id: String,
    request: usize,
    mut activities: Vec<Activity>,
    room: Arc<Semaphore>,
    more: Arc<Notify>,
    notes: Arc<Notes>,
) -> Result<Duration> {
    let mut busy = Duration::ZERO;
    while !activities.is_empty() {
        let rest = activities.split_off(request.min(activities.len()));
        let some = std::mem::replace(&mut activities, rest);
        room.acquire_many(some.len() as u32).await?.forget();
        let start = Instant::now();
        let brought = Brought::pushed(&inbox_id, some.clone());
        pipeline.ingest.store(&pipeline.db, brought).await?;
        busy += start.elapsed();
        notes.note(Commit::Received(some));
        more.notify_one();
    }
    Ok(busy)
}

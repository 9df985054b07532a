//! How long a message takes from its receipt until it is decided, and until a listener of the event
//! stream hears of it, while messages come in at a steady rate, each in a request of its own, with
//! the event loop as `rapport serve` runs it.

use super::BenchArgs;
use super::report::{Latency, percentile};
use super::traffic::Traffic;
use crate::db::event::Event;
use crate::domain::social::ActivityObject;
use crate::pipeline::Pipeline;
use crate::pipeline::classify::Classified;
use crate::pipeline::ingest::{Brought, IngestError};
use crate::pipeline::times::Observer;
use crate::pipeline::wake::Wake;
use crate::worker::Workers;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

/// Longest measurement.
const LONGEST: Duration = Duration::from_secs(15);
/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// When each message was decided: its external id and its own.
#[derive(Default)]
struct Decided(Mutex<Vec<(String, String, Instant)>>);

impl Observer for Decided {
    fn batch_begins(&self, _: &[Event]) {}

    fn wave_done(&self, wave: &[Classified]) {
        let now = Instant::now();
        if let Ok(mut all) = self.0.lock() {
            all.extend(wave.iter().map(|c| {
                let m = &c.message;
                (m.source.external_id.clone(), m.message_id.clone(), now)
            }));
        }
    }
}

pub async fn measure(
    args: &BenchArgs,
    inbox_id: &str,
    like: &Pipeline,
    rate: f64,
) -> Result<Latency> {
    let rate = rate.clamp(1.0, 1e6);
    let count = (args.messages as usize)
        .min((rate * LONGEST.as_secs_f64()) as usize)
        .max(1);
    let plugins = like.plugins.now();
    let (classifiers, policies) = (plugins.classifiers.clone(), plugins.policies.clone());
    let pipeline = super::pipeline(&like.db, classifiers, policies)?;
    let decided = Arc::new(Decided::default());
    pipeline
        .times
        .observe(Arc::clone(&decided) as Arc<dyn Observer>);
    let heard = listen(&pipeline, count);
    let wake = Arc::new(Wake::default());
    let workers = Workers::start(&pipeline, &wake);
    let received = send(args, inbox_id, &pipeline, &wake, rate, count).await?;
    let heard = tokio::time::timeout(PATIENCE, heard).await;
    workers.stop().await;
    let (heard, missed) = heard.context("messages were not decided in time")??;
    let decided = decided.0.lock().map(|mut all| std::mem::take(&mut *all));
    let (mut to_decided, mut to_stream) = (Vec::new(), Vec::new());
    for (external_id, id, at) in decided.unwrap_or_default() {
        let Some(receipt) = received.get(&external_id) else {
            continue;
        };
        let ms = |at: Instant| at.saturating_duration_since(*receipt).as_secs_f64() * 1e3;
        to_decided.push(ms(at));
        to_stream.extend(heard.get(&id).map(|at| ms(*at)));
    }
    Ok(Latency {
        rate,
        count: to_stream.len() as u64,
        missed,
        stream_ms: [0.5, 0.95, 0.99].map(|p| percentile(&mut to_stream, p)),
        decided_ms: [0.5, 0.95, 0.99].map(|p| percentile(&mut to_decided, p)),
    })
}

/// When the stream told of each message first, and how many tellings were missed for slowness.
type Heard = (HashMap<String, Instant>, u64);

fn listen(pipeline: &Pipeline, count: usize) -> tokio::task::JoinHandle<Heard> {
    let mut changes = pipeline.changes.listen();
    tokio::spawn(async move {
        let (mut heard, mut missed) = (HashMap::new(), 0);
        while heard.len() + (missed as usize) < count {
            match changes.recv().await {
                Ok(change) if change.kind == "message" => {
                    heard.entry(change.id).or_insert_with(Instant::now);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(some)) => missed += some,
                Err(RecvError::Closed) => break,
            }
        }
        (heard, missed)
    })
}

/// Sends at the rate, whether or not earlier requests have been answered; when each was received.
async fn send(
    args: &BenchArgs,
    inbox_id: &str,
    pipeline: &Arc<Pipeline>,
    wake: &Arc<Wake>,
    rate: f64,
    count: usize,
) -> Result<HashMap<String, Instant>> {
    let conversations = args.conversations as usize;
    let mut traffic = Traffic::new("l", args.seed, conversations, super::EPOCH_MS);
    let mut requests = JoinSet::new();
    let mut received = HashMap::with_capacity(count);
    let start = Instant::now();
    for number in 0..count {
        let due = start + Duration::from_secs_f64(number as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        let activities = traffic.take(1);
        if let Some(ActivityObject::Create(message)) = activities.first().map(|a| &a.object) {
            received.insert(message.external_id.clone(), Instant::now());
        }
        let (pipeline, wake) = (Arc::clone(pipeline), Arc::clone(wake));
        let inbox_id = inbox_id.to_owned();
        requests.spawn(async move {
            let brought = Brought::pushed(&inbox_id, activities);
            pipeline.ingest.store(&pipeline.db, brought).await?;
            wake.events.notify_one();
            Ok::<(), IngestError>(())
        });
        while let Some(done) = requests.try_join_next() {
            done??;
        }
    }
    while let Some(done) = requests.join_next().await {
        done??;
    }
    Ok(received)
}

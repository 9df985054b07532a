//! Many enabled classifiers, one of which spends all its fuel on every call: messages a second with it
//! and without, in batches as the worker takes them, through the pipeline's own stage. Whatever the slow
//! one does, every other classifier's answer to every message must be there.

use crate::guests::{build_packages, messages};
use crate::{many, read, texts};
use rapport_host::pipeline::classify;
use rapport_host::pipeline::identify::Judgeable;
use rapport_host::pipeline::plugins::Loaded;
use rapport_host::plugin::pure::PurePlugin;
use rapport_host::plugin::{Engines, Freeze, limits, resolve_settings};
use rapport_host::worker::EVENT_BATCH;
use rapport_package::Package;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Batches of one measurement.
const BATCHES: usize = 10;

#[derive(Debug, Serialize)]
pub struct Figures {
    classifiers: usize,
    batches: usize,
    without_messages_per_s: f64,
    with_messages_per_s: f64,
    /// Without the slow one against with it.
    ratio: f64,
    /// The first batch with the slow one, and the slowest after it: once its breaker is open it is
    /// called no more.
    first_batch_ms: f64,
    later_batch_ms: f64,
    /// Calls of the slow one.
    slow_calls: u64,
    /// Answers of others that were not there.
    lost: usize,
}

async fn load(engines: &Arc<Engines>, package: &Package, settings: Value) -> Arc<PurePlugin> {
    let settings = resolve_settings(&package.manifest.settings, &settings).expect("settings");
    let freeze = Freeze::WhenPossible;
    let plugin = PurePlugin::load(engines, package, settings, &[], freeze).await;
    Arc::new(plugin.expect("it loads"))
}

fn batch() -> Vec<Judgeable> {
    let messages = messages(&texts(EVENT_BATCH)).into_iter().enumerate();
    let judgeable = messages.map(|(index, source)| Judgeable {
        seq: index as i64,
        attempts: 1,
        inbox_id: "inbox".into(),
        message_id: format!("m-{index}"),
        conversation_id: format!("c-{index}"),
        contact_id: "ada".into(),
        received: source.published,
        at: source.published,
        source,
    });
    judgeable.collect()
}

/// Milliseconds of each batch, and how many of the expected answers were not there.
async fn run(classifiers: &Loaded, expected: usize) -> (Vec<f64>, usize) {
    let (mut times, mut lost) = (Vec::new(), 0);
    for _ in 0..BATCHES {
        let messages = batch();
        let start = Instant::now();
        let classified = classify::run(classifiers, messages).await;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        let said = classified.iter().map(|one| one.said.len());
        lost += said
            .map(|said| expected.saturating_sub(said))
            .sum::<usize>();
    }
    (times, lost)
}

fn per_second(times: &[f64]) -> f64 {
    (times.len() * EVENT_BATCH) as f64 / times.iter().sum::<f64>() * 1e3
}

/// With the plugins of the folder, the last of which makes room for the slow one.
pub async fn measure(folder: &Path) -> Figures {
    let engines = Arc::new(Engines::new(&many::cache(folder)).expect("the engines start"));
    let mut classifiers = Vec::new();
    for path in many::files(folder) {
        classifiers.push(load(&engines, &read(&path), json!({})).await);
    }
    let last = classifiers.pop();
    let others = classifiers.len();
    classifiers.extend(last);
    let loaded = Loaded::of(classifiers.clone(), Vec::new());
    let (without, lost_without) = run(&loaded, others + 1).await;
    let mut package = build_packages(&["tests/guests/hostile-classifier"])
        .pop()
        .expect("one");
    package.manifest.limits.time_ms = limits::PURE_TIME_CEILING_MS;
    let slow = load(&engines, &package, json!({ "do": "loop" })).await;
    classifiers[others] = Arc::clone(&slow);
    let loaded = Loaded::of(classifiers, Vec::new());
    let (with, lost_with) = run(&loaded, others).await;
    let later = with[1..].iter().copied().fold(0.0, f64::max);
    Figures {
        classifiers: others + 1,
        batches: BATCHES,
        without_messages_per_s: per_second(&without),
        with_messages_per_s: per_second(&with),
        ratio: per_second(&without) / per_second(&with),
        first_batch_ms: with[0],
        later_batch_ms: later,
        slow_calls: slow.breaker.health().calls,
        lost: lost_without + lost_with,
    }
}

impl Figures {
    pub fn print(&self) {
        println!(
            "\n{} classifiers, {} batches of {EVENT_BATCH}: {:.1} messages a second; with one that \
             spends all its fuel {:.1}, a {:.2}th part",
            self.classifiers,
            self.batches,
            self.without_messages_per_s,
            self.with_messages_per_s,
            self.ratio
        );
        println!(
            "first batch with it {:.0} ms, the slowest later {:.0} ms; it was called {} times; \
             {} answers of others were lost",
            self.first_batch_ms, self.later_batch_ms, self.slow_calls, self.lost
        );
    }
}

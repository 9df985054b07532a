//! What a plugin call costs, and what freezing the configured instance saves: microseconds a call
//! and fuel of a real classifier, frozen and not, one message and 64 at a time.
//!
//! Absolute figures are this machine's; the ratios within one run are what compares. The variants
//! take turns, so that a change of the machine's pace hits them alike. `cargo bench -p rapport-host
//! --bench plugin_calls`. Deliberately absent: a harness, a threshold.

#[path = "support/guests.rs"]
mod guests;

use guests::{build_packages, load_pure, messages};
use rapport_host::domain::social::SourceMessage;
use rapport_host::plugin::Freeze;
use rapport_host::plugin::pure::PurePlugin;
use serde_json::json;
use std::time::{Duration, Instant};

const PLUGINS: [&str; 2] = ["plugins/classify-sentiment", "plugins/classify-language"];
const BATCHES: [usize; 2] = [1, 64];
/// Each variant is measured this often; the median counts.
const ROUNDS: usize = 15;
/// Length of one measurement.
const ROUND: Duration = Duration::from_millis(200);

/// Of about the length of a post, one in three English.
const TEXTS: [&str; 6] = [
    "Mijn pakket is nu al drie dagen te laat en niemand belt terug. Heel teleurstellend!",
    "Super snel geholpen door jullie collega, echt fantastisch, dank je wel",
    "The app keeps crashing since the last update, I can't even log in anymore. Not happy.",
    "Weet iemand tot hoe laat de winkel in het centrum open is op zondag?",
    "Ik ben niet ontevreden, maar het kan beter: de wachttijd was best lang",
    "Great service, the new one arrived within a day and it works perfectly",
];

/// How a plugin was loaded, and what was measured.
struct Variant {
    name: &'static str,
    plugin: PurePlugin,
    us_per_call: Vec<f64>,
    fuel: u64,
}

async fn variant(
    package: &rapport_package::Package,
    name: &'static str,
    freeze: Freeze,
) -> Variant {
    let plugin = load_pure(package, &json!({}), freeze)
        .await
        .expect("it loads");
    assert_eq!(
        plugin.is_frozen(),
        freeze == Freeze::WhenPossible,
        "{name}: measured as named"
    );
    Variant {
        name,
        plugin,
        us_per_call: Vec::new(),
        fuel: 0,
    }
}

/// Calls for about [`ROUND`] and keeps the mean.
async fn measure(variant: &mut Variant, batch: &[SourceMessage]) {
    let started = Instant::now();
    let mut calls = 0u32;
    while started.elapsed() < ROUND {
        let answer = variant.plugin.classify(batch).await;
        assert!(
            answer.items.iter().all(Result::is_ok),
            "every message is judged"
        );
        variant.fuel = answer.fuel;
        calls += 1;
    }
    variant
        .us_per_call
        .push(started.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn compare(package: &rapport_package::Package, batch_size: usize) {
    let texts: Vec<&str> = TEXTS.iter().copied().cycle().take(batch_size).collect();
    let batch = messages(&texts);
    let mut variants = [
        variant(package, "frozen", Freeze::WhenPossible).await,
        variant(package, "configured each call", Freeze::Never).await,
    ];
    for _ in 0..ROUNDS {
        for variant in &mut variants {
            measure(variant, &batch).await;
        }
    }
    let id = &package.manifest.id;
    let first = median(&mut variants[0].us_per_call);
    for variant in &mut variants {
        let us = median(&mut variant.us_per_call);
        println!(
            "{id:20} batch {batch_size:3}  {name:21} {us:10.1} µs a call {each:8.1} µs a message \
             {fuel:>11} fuel a call  {ratio:6.1} x frozen",
            name = variant.name,
            each = us / batch_size as f64,
            fuel = variant.fuel,
            ratio = us / first,
        );
    }
}

fn main() {
    // `cargo bench` passes `--bench`; under `cargo test` there is nothing to measure.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("measured with `cargo bench -p rapport-host --bench plugin_calls` only");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        for package in build_packages(&PLUGINS) {
            for batch_size in BATCHES {
                compare(&package, batch_size).await;
            }
        }
    });
}

//! What the plugin platform costs: a call against the same logic without its sandbox, many installed
//! plugins, one slow plugin among many.
//!
//! `cargo bench --bench plugins` measures the bundled plugins; plugin files of any language named behind
//! `--` are measured beside them, and `--json` prints one JSON object. Absolute figures are this
//! machine's; the ratios within one run are what compares. Deliberately absent: thresholds, and the
//! pipeline around the plugins, which `rapport bench` measures.

#[path = "plugins/calls.rs"]
mod calls;
#[path = "../../tests/support/guests.rs"]
mod guests;
#[path = "plugins/many.rs"]
mod many;
#[path = "plugins/slow.rs"]
mod slow;

use clap::Parser;
use rapport_package::Package;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Of about the length of a post, one in three English.
const TEXTS: [&str; 6] = [
    "Mijn pakket is nu al drie dagen te laat en niemand belt terug. Heel teleurstellend!",
    "Super snel geholpen door jullie collega, echt fantastisch, dank je wel",
    "The app keeps crashing since the last update, I can't even log in anymore. Not happy.",
    "Weet iemand tot hoe laat de winkel in het centrum open is op zondag?",
    "Ik ben niet ontevreden, maar het kan beter: de wachttijd was best lang",
    "Great service, the new one arrived within a day and it works perfectly",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Calls,
    Many,
    Slow,
}

#[derive(Debug, Parser)]
struct Arguments {
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
    /// Measure this part only.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// How many plugins the parts `many` and `slow` are about.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=99_999))]
    plugins: u32,
    /// Classifiers and policy packs to measure besides; the first file is what the others are compared
    /// with.
    files: Vec<PathBuf>,
    /// Loads the plugins of this folder and says what that cost; for the part `many`.
    #[arg(long, hide = true)]
    child: Option<PathBuf>,
}

/// Everything that was measured.
#[derive(Debug, Default, Serialize)]
struct Report {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<calls::Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    many: Option<many::Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow: Option<slow::Figures>,
}

fn texts(count: usize) -> Vec<&'static str> {
    TEXTS.iter().copied().cycle().take(count).collect()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn read(path: &Path) -> Package {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Package::read(bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

async fn measure(arguments: &Arguments) -> Report {
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    let mut report = Report::default();
    if wanted(Part::Calls) {
        let files: Vec<Package> = arguments.files.iter().map(|path| read(path)).collect();
        report.calls = calls::measure(&files).await;
    }
    // The plugins and what was compiled of them; gone at the end.
    let folder = tempfile::tempdir().expect("a folder");
    if wanted(Part::Many) || wanted(Part::Slow) {
        many::write(folder.path(), arguments.plugins);
        report.many = Some(many::measure(folder.path()));
    }
    if wanted(Part::Slow) {
        report.slow = Some(slow::measure(folder.path()).await);
    }
    report
}

fn main() {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Some(folder) = &arguments.child {
        let loading = runtime.block_on(many::load(folder));
        println!("{}", serde_json::to_string(&loading).expect("JSON"));
        return;
    }
    // Under `cargo test` there is nothing to measure.
    if !arguments.bench {
        println!("measured with `cargo bench --bench plugins` only");
        return;
    }
    let report = runtime.block_on(measure(&arguments));
    if arguments.json {
        println!("{}", serde_json::to_string(&report).expect("JSON"));
        return;
    }
    calls::print(&report.calls);
    report.many.iter().for_each(many::Figures::print);
    report.slow.iter().for_each(slow::Figures::print);
}

//! `rapport bench`: how many messages a second this machine takes through the whole pipeline, where
//! the time goes, and what the sandbox and the processing cost.
//!
//! The measured messages are played in rounds. Each round takes a slice through the pipeline, another
//! slice through the same pipeline with the plugins' logic compiled in, and stores the rows of the
//! first once more with no processing at all: so all three see the same machine and the same history.
//! Then messages come in at half the rate that was reached, for the latency. Deliberately absent:
//! channels. Receipt is the moment at which a webhook's activities are to be stored.

mod floor;
mod latency;
mod report;
mod saturate;
mod texts;
mod traffic;

use crate::app;
use crate::config::Config;
use crate::db::history::{history_insert_in_tx, history_repeat_in_tx};
use crate::db::{Db, Source, commit};
use crate::domain::TimestampMs;
use crate::domain::access::InboxScope;
use crate::pipeline::Pipeline;
use crate::pipeline::plugins::Loaded;
use crate::pipeline::times::Stage;
use crate::pipeline::webhooks::WebhookSender;
use crate::telemetry::metrics;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use report::{Pages, Report};
use saturate::Run;
use std::sync::Arc;
use std::time::{Duration, Instant};
use traffic::{SPACING_MS, Traffic};

/// Slices that the measured messages are played in.
const ROUNDS: usize = 5;
/// Fewest messages in a slice.
const SLICE_MIN: usize = 100;
/// Messages of a history in one commit.
const HISTORY_COMMIT: usize = 250;
/// Messages of a history that are stored one by one, at least and at most; the rest repeats them.
const HISTORY_BLOCK: (usize, usize) = (1_000, 20_000);
/// Messages in a conversation of the history.
const HISTORY_THREAD: usize = 5;
/// When the invented stream begins: 1 January 2026.
const EPOCH_MS: TimestampMs = 1_767_225_600_000;
/// The history's time before that.
const HISTORY_MS: TimestampMs = 10 * 365 * 24 * 3_600_000;
const NETWORK: &str = "bench";

#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// Messages to measure with.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    messages: u32,
    /// Conversations that they belong to.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    conversations: u32,
    /// Messages a second for the latency; half of what was reached unless given.
    #[arg(long)]
    rate: Option<f64>,
    /// Activities in one request to an inbox while the throughput is measured.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    request: u32,
    /// Messages stored before the measurement: an invented history, without what policies were shown.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    preload: u32,
    /// The same seed gives the same messages.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Address of an empty PostgreSQL database; a temporary SQLite file beside the data directory
    /// unless given. What was measured stays in it.
    #[arg(long)]
    database: Option<String>,
    #[command(flatten)]
    config: super::ConfigArg,
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(args: BenchArgs) -> Result<()> {
    let config = args.config.load()?;
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("making {}", config.data_dir.display()))?;
    let folder = Folder::make(&config)?;
    let source = match &args.database {
        Some(address) => Source::Postgres(address.clone()),
        None => Source::File(folder.path.join("bench.db")),
    };
    let db = Db::open(&source).await.context("opening the database")?;
    let measured = measure(&args, &config, &db).await;
    db.close().await;
    let report = measured?;
    outln!(
        "{}",
        if args.json {
            report.json()
        } else {
            report.text()
        }
    )?;
    Ok(())
}

/// A folder of our own, gone afterwards.
struct Folder {
    path: std::path::PathBuf,
}

impl Folder {
    fn make(config: &Config) -> Result<Self> {
        let path = config
            .data_dir
            .join(format!("bench-{}", crate::domain::new_id()));
        std::fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "not removed");
        }
    }
}

async fn measure(args: &BenchArgs, config: &Config, db: &Db) -> Result<Report> {
    if !db.is_empty().await? {
        bail!("the database holds data; give an empty one");
    }
    let packages = app::packages(config)?;
    let engines = app::engines(config)?;
    let (classifiers, policies) = app::load_plugins(config, &packages, &engines).await?;
    let inbox = [(
        "bench".to_owned(),
        "bench".to_owned(),
        NETWORK.to_owned(),
        Vec::new(),
    )];
    let inboxes = db.inbox_sync(&inbox).await?;
    let inbox_id = &inboxes.first().context("no inbox")?.id;
    preload(args, db, inbox_id).await?;
    let twins = |plugins: &[Arc<crate::plugin::pure::PurePlugin>]| {
        plugins
            .iter()
            .map(|plugin| {
                plugin
                    .native_twin()
                    .map_or_else(|| Arc::clone(plugin), Arc::new)
            })
            .collect()
    };
    let native = pipeline(db, twins(&classifiers), twins(&policies))?;
    let sandboxed = pipeline(db, classifiers, policies)?;
    let mut report = throughput(args, inbox_id, &sandboxed, &native).await?;
    let rate = args.rate.unwrap_or(report.messages_per_s / 2.0);
    report.latency = latency::measure(args, inbox_id, &sandboxed, rate).await?;
    report.pages = pages(db).await?;
    let loaded = sandboxed.plugins.now();
    report.plugins = loaded
        .pure()
        .map(|plugin| plugin.manifest.id.clone())
        .collect();
    let resident = metrics::resident_bytes();
    report.rss_mb = resident.map(|bytes| bytes as f64 / (1024.0 * 1024.0));
    Ok(report)
}

fn pipeline(
    db: &Db,
    classifiers: Vec<Arc<crate::plugin::pure::PurePlugin>>,
    policies: Vec<Arc<crate::plugin::pure::PurePlugin>>,
) -> Result<Arc<Pipeline>> {
    // There are no endpoints to tell.
    let webhooks = WebhookSender::new(&[], &[]).map_err(anyhow::Error::msg)?;
    let loaded = Loaded::of(classifiers, policies);
    Ok(Arc::new(Pipeline::fixed(db.clone(), loaded, webhooks)))
}

/// The rounds.
async fn throughput(
    args: &BenchArgs,
    inbox_id: &str,
    sandboxed: &Arc<Pipeline>,
    native: &Arc<Pipeline>,
) -> Result<Report> {
    let messages = args.messages as usize;
    let rounds = ROUNDS.min(messages / SLICE_MIN).max(1);
    let conversations = args.conversations as usize;
    let mut ours = Traffic::new("s", args.seed, conversations, EPOCH_MS);
    let mut theirs = Traffic::new("n", args.seed, conversations, EPOCH_MS);
    let mut ran = Run::new(sandboxed, inbox_id, args.request as usize);
    let mut ran_native = Run::new(native, inbox_id, args.request as usize);
    let mut floor = floor::Floor::default();
    let bar = bar(args.json, "measuring", rounds as u64 * 3);
    for round in 0..rounds {
        let slice = messages * (round + 1) / rounds - messages * round / rounds;
        ran.play(ours.take(slice)).await?;
        bar.inc(1);
        ran_native.play(theirs.take(slice)).await?;
        bar.inc(1);
        floor.replay(&sandboxed.db, ran.take_commits()).await?;
        ran_native.take_commits();
        bar.inc(1);
    }
    bar.finish_and_clear();
    let each = |elapsed: Duration| messages as f64 / elapsed.as_secs_f64().max(1e-9);
    let mut stages = vec![("ingest", ran.ingest), ("lease", ran.lease)];
    for stage in Stage::ALL {
        let ns = sandboxed.times.stage_ns(stage);
        stages.push((stage.name(), Duration::from_nanos(ns)));
    }
    Ok(Report {
        messages: messages as u64,
        conversations: conversations as u64,
        preloaded: u64::from(args.preload),
        database: if args.database.is_some() {
            "postgres"
        } else {
            "sqlite"
        },
        messages_per_s: each(ran.elapsed),
        native_messages_per_s: each(ran_native.elapsed),
        floor_messages_per_s: each(floor.elapsed),
        rows_per_message: floor.rows as f64 / messages as f64,
        commits: floor.commits,
        stages_us: stages
            .into_iter()
            .map(|(name, time)| (name, time.as_secs_f64() * 1e6 / messages as f64))
            .collect(),
        ..Report::default()
    })
}

/// Stores an invented history.
async fn preload(args: &BenchArgs, db: &Db, inbox_id: &str) -> Result<()> {
    if args.preload == 0 {
        return Ok(());
    }
    let total = args.preload as usize;
    let (least, most) = HISTORY_BLOCK;
    let block = (total / 10).clamp(least, most).min(total);
    let bar = bar(args.json, "storing a history", u64::from(args.preload));
    let mut traffic = Traffic::new(
        "h",
        args.seed ^ 0xbe7c,
        block.div_ceil(HISTORY_THREAD),
        EPOCH_MS - HISTORY_MS,
    );
    let stored = async |traffic: &mut Traffic, count: usize| -> Result<()> {
        let mut left = count;
        while left > 0 {
            let some = traffic.take(left.min(HISTORY_COMMIT));
            let mut tx = db.begin().await?;
            history_insert_in_tx(&mut tx, inbox_id, NETWORK, &some).await?;
            commit(tx).await?;
            left -= some.len();
            bar.inc(some.len() as u64);
        }
        Ok(())
    };
    stored(&mut traffic, block).await?;
    let repetitions = total / block - 1;
    for number in 1..=u32::try_from(repetitions)? {
        let mut tx = db.begin().await?;
        let later_ms = i64::from(number) * block as i64 * SPACING_MS;
        history_repeat_in_tx(&mut tx, number, later_ms).await?;
        commit(tx).await?;
        bar.inc(block as u64);
    }
    stored(&mut traffic, total - block * (repetitions + 1)).await?;
    bar.finish_and_clear();
    Ok(db.analyze().await?)
}

/// How long the first pages of the inbox and of the contacts take, and those of one contact.
async fn pages(db: &Db) -> Result<Pages> {
    const TRIES: usize = 21;
    const ROWS: u32 = 50;
    let mut times: [Vec<f64>; 3] = Default::default();
    let someone = db
        .contact_page(&InboxScope::All, None, 1)
        .await?
        .items
        .pop();
    let someone = someone.map(|contact| contact.id).unwrap_or_default();
    for _ in 0..TRIES {
        let start = Instant::now();
        let open = Some(crate::domain::inbox::ConversationStatus::Open);
        db.conversation_page(&InboxScope::All, None, open, None, None, ROWS)
            .await?;
        times[0].push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        db.contact_page(&InboxScope::All, None, ROWS).await?;
        times[1].push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        db.contact_get(&someone).await?;
        db.message_page(
            &InboxScope::All,
            None,
            None,
            Some(someone.clone()),
            None,
            ROWS,
        )
        .await?;
        db.case_open_list(&someone).await?;
        db.suppression_list(&someone).await?;
        times[2].push(start.elapsed().as_secs_f64() * 1e3);
    }
    let [inbox, contacts, contact] = times.map(|mut all| report::percentile(&mut all, 0.5));
    Ok(Pages {
        inbox_ms: inbox,
        contacts_ms: contacts,
        contact_ms: contact,
    })
}

fn bar(quiet: bool, what: &'static str, length: u64) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length)
        .with_style(style)
        .with_message(what)
}

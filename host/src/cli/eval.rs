//! `plugin eval CLASSIFIER --data FILE`: how good is a classifier on an organisation's own messages?
//!
//! The classifier runs as it would in service: in its sandbox, in batches, with the text and
//! nothing about the author. `data` reads the labelled messages, `outcome` keeps what was predicted
//! and picks the dimension, `report` has the figures, `wrong` lists what was judged otherwise than
//! labelled, `render` shows it all. Nothing is stored.
//! Deliberately absent: several labels for one message; the one with the highest score counts.

mod data;
mod outcome;
mod render;
mod report;
mod wrong;

use crate::domain::social::SourceMessage;
use crate::plugin::limits::BATCH;
use crate::plugin::pure::PurePlugin;
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use outcome::Outcomes;
use rapport_package::Kind;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use render::render;
pub use report::Report;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct EvalOptions {
    /// CSV with a header or JSON lines, with `text` and `label`.
    pub data: PathBuf,
    /// What to compare the labels with, for example `intent`. None: worked out from the labels.
    pub dimension: Option<String>,
    /// How many of the messages judged otherwise than labelled to list.
    pub wrong: usize,
    /// For [`output`]: JSON instead of tables.
    pub json: bool,
}

/// Classifies every message of the file and compares.
pub async fn run(plugin: &PurePlugin, options: &EvalOptions) -> anyhow::Result<Report> {
    let manifest = &plugin.manifest;
    if manifest.kind != Kind::Classifier {
        bail!(
            "{} is a {} plugin, not a classifier",
            manifest.id,
            manifest.kind.as_str()
        );
    }
    let rows = data::read(&options.data)?;
    let bar = progress_bar(rows.len());
    let mut outcomes = Outcomes::default();
    let mut busy = Duration::ZERO;
    for chunk in rows.chunks(BATCH) {
        let messages: Vec<SourceMessage> = chunk.iter().map(source_message).collect();
        let begun = Instant::now();
        let batch = plugin.classify(&messages).await;
        busy += begun.elapsed();
        let first_line = chunk.first().map_or(0, |row| row.line);
        outcomes.add(batch.items).with_context(|| {
            format!(
                "stopped in the {} messages from line {first_line} on",
                chunk.len()
            )
        })?;
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    let chosen = outcomes.choose(options.dimension.as_deref(), &labels)?;
    let predicted = || outcomes.predicted(chosen.dimension);
    let pairs = predicted().map(|(label, _)| label);
    let scores = report::score(labels.iter().copied().zip(pairs));
    let wrong = wrong::list(rows.iter().zip(predicted()), options.wrong);
    let mut notes = chosen.notes;
    notes.extend(never_said(&scores));
    let seconds = busy.as_secs_f64();
    Ok(Report {
        plugin: manifest.id.clone(),
        version: manifest.version.clone(),
        digest: plugin.digest.clone(),
        data: options.data.display().to_string(),
        messages: rows.len() as u64,
        dimension: chosen
            .dimension
            .map(|d| outcomes.dimension_name(d).to_owned()),
        accuracy: scores.accuracy,
        macro_f1: scores.macro_f1,
        labels: scores.labels,
        confusion: scores.confusion,
        wrong,
        failed: outcomes.failed(),
        failures: outcomes.failures(),
        seconds,
        messages_per_s: if seconds > 0.0 {
            rows.len() as f64 / seconds
        } else {
            0.0
        },
        notes,
    })
}

/// The report as the user wants to see it, without a line break at its end.
pub fn output(report: &Report, options: &EvalOptions) -> anyhow::Result<String> {
    if options.json {
        return Ok(serde_json::to_string_pretty(report)?);
    }
    Ok(render(report))
}

/// A classifier that never says a label often just spells it differently.
fn never_said(scores: &report::Scores) -> Option<String> {
    let never: Vec<&str> = scores
        .labels
        .iter()
        .filter(|l| l.predicted == 0 && l.support > 0)
        .map(|l| l.label.as_str())
        .collect();
    let only: Vec<&str> = scores
        .labels
        .iter()
        .filter(|l| l.support == 0)
        .map(|l| l.label.as_str())
        .collect();
    if never.is_empty() || only.is_empty() {
        return None;
    }
    Some(format!(
        "labels are compared to the letter; the classifier never said {}, and the data does not \
         have its {}",
        outcome::list(&never),
        outcome::list(&only)
    ))
}

/// On standard error, so that it never mixes with the report; hidden when nobody watches.
fn progress_bar(messages: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(messages as u64);
    let template = "{bar:32} {human_pos} of {human_len} messages, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn source_message(row: &data::Row) -> SourceMessage {
    SourceMessage::plain(&format!("line-{}", row.line), &row.text)
}

//! `rapport retention show | run`: works on the store, whether or not a host is running.

use crate::app;
use crate::config::Config;
use crate::domain::retention::DataKind;
use crate::pipeline::retention;
use anyhow::Result;
use serde_json::json;

/// Runs that are shown.
const RUNS: u32 = 10;

pub async fn show(config: &Config, as_json: bool) -> Result<()> {
    let db = app::open_db(config).await?;
    let runs = db.retention_run_list(RUNS).await?;
    db.close().await;
    if as_json {
        let rules: Vec<_> = DataKind::ALL
            .iter()
            .map(|kind| json!({"kind": kind, "keep": config.retention.keep(*kind)}))
            .collect();
        outln!("{}", json!({"rules": rules, "runs": runs}))?;
        return Ok(());
    }
    for kind in DataKind::ALL {
        let keep = config.retention.keep(*kind).to_string();
        outln!("{:<20} {keep:>6}  {}", kind.as_str(), kind.note())?;
    }
    for run in &runs {
        let rows: u64 = run.counts.values().sum();
        let state = match (&run.error, run.finished) {
            (Some(_), _) => "failed",
            (None, None) => "not finished",
            (None, Some(_)) => "done",
        };
        outln!("run {} by {}: {rows} rows, {state}", run.started, run.actor)?;
    }
    Ok(())
}

pub async fn run(config: &Config, dry_run: bool, as_json: bool) -> Result<()> {
    let db = app::open_db(config).await?;
    let run = if dry_run {
        retention::dry_run(&db, &config.retention, "cli").await?
    } else {
        retention::run(&db, &config.retention, "cli").await?
    };
    db.close().await;
    if as_json {
        outln!("{}", serde_json::to_string(&run)?)?;
        return Ok(());
    }
    let what = if dry_run { "would go" } else { "deleted" };
    if run.counts.is_empty() {
        outln!("Nothing is older than its rule.")?;
    }
    for (kind, rows) in &run.counts {
        outln!("{kind}: {rows} {what}")?;
    }
    Ok(())
}

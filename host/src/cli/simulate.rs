//! `rapport simulate --plugin CANDIDATE --last 30d`: what would a classifier or a policy pack have said
//! of what was stored? Reads the store and writes nothing to it.

use super::common::{Common, say, with_store};
use super::plugin::manage::agreement;
use super::progress;
use crate::app;
use crate::config::Config;
use crate::db::Db;
use crate::domain::now_ms;
use crate::pipeline::plugins::load;
use crate::pipeline::plugins::simulate::{self, Simulation};
use anyhow::{Context, Result, bail};
use clap::Args;
use rapport_package::{Kind, Package};
use serde_json::Value;
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The candidate: a plugin file, or the id of an installed plugin's candidate.
    #[arg(long)]
    plugin: String,
    /// How far back, in days: `30d`.
    #[arg(long, default_value = "30d", value_parser = days)]
    last: i64,
    /// A JSON file with its settings; those of the plugin of the same id unless given.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A field that it asks for and would not be granted. Can be repeated.
    #[arg(long = "without-field", value_name = "FIELD")]
    without_fields: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// `30d` or `30`.
fn days(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    match number.parse::<i64>() {
        Ok(days) if (1..=36_500).contains(&days) => Ok(days),
        _ => Err("write a number of days from 1 to 36500, like 30d".into()),
    }
}

pub async fn run(args: &SimulateArgs) -> Result<()> {
    let config = args.common.config.load()?;
    let found = with_store(&config, async |db| simulated(args, &config, db).await).await?;
    say(args.common.json, &found, &words(&found))
}

async fn simulated(args: &SimulateArgs, config: &Config, db: &Db) -> Result<Simulation> {
    let package = package(args, db).await?;
    package.inspect()?;
    if package.manifest.kind == Kind::Channel {
        bail!("a channel has no history to be asked about; simulate a classifier or a policy");
    }
    let settings = settings(args, config, db, &package.manifest.id).await?;
    let engines = app::engines(config)?;
    let withhold = &args.without_fields;
    let candidate = load::pure(&engines, &package, &settings, withhold).await?;
    let bar = progress::spinner(args.common.json, "asking");
    let since = now_ms() - args.last * DAY_MS;
    let found = simulate::run(db, &candidate, since, |asked| bar.inc(asked)).await?;
    bar.finish_and_clear();
    Ok(found)
}

async fn package(args: &SimulateArgs, db: &Db) -> Result<Package> {
    if args.plugin.ends_with(".wasm") {
        return app::read_package(Path::new(&args.plugin));
    }
    let id = &args.plugin;
    let installed = db.plugin_get(id).await?;
    let candidate = installed.and_then(|installed| installed.candidate);
    let candidate =
        candidate.with_context(|| format!("`{id}` has no candidate; give a plugin file"))?;
    let file = db.plugin_file(&candidate.digest).await?;
    Ok(Package::read(
        file.context("its file is not in the store")?.bytes,
    )?)
}

async fn settings(args: &SimulateArgs, config: &Config, db: &Db, id: &str) -> Result<Value> {
    if let Some(file) = &args.settings {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        return serde_json::from_str(&text).with_context(|| file.display().to_string());
    }
    if let Some(configured) = config.plugins.get(id) {
        return Ok(serde_json::to_value(&configured.settings)?);
    }
    let installed = db.plugin_get(id).await?;
    Ok(installed.map(|i| i.settings).unwrap_or_default())
}

fn words(found: &Simulation) -> String {
    let mut lines = vec![format!(
        "{} {} (sha256:{})",
        found.plugin, found.version, found.digest
    )];
    if let Some(of) = found.cases_of.as_ref().filter(|of| **of != found.plugin) {
        lines.push(format!(
            "It never decided anything here: asked about the cases of {of}, with what that one saw."
        ));
    }
    if found.unreadable > 0 {
        let gone = found.unreadable;
        lines.push(format!(
            "{gone} cases can't be asked about: their input is gone."
        ));
    }
    lines.extend(agreement(&found.agreement));
    lines.join("\n")
}

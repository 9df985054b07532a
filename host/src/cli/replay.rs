//! `rapport replay`: finds the plugin and the settings that a decision was made with, and re-executes
//! it; works on the store, whether or not a host is running, and writes nothing.
//!
//! Exit status 0 means that the same bytes came out, 1 anything else. Deliberately absent: running
//! with something else than what is recorded, unless told to (`--anyway`), and then it is no proof.

mod words;

use super::common::{Common, say, with_store};
use crate::app;
use crate::config::Config;
use crate::db::Db;
use crate::domain::annotation::Evaluation;
use crate::pipeline::replay::{self, Outcome, Record, Replay};
use crate::plugin::pure::PurePlugin;
use crate::plugin::{Freeze, Settings, resolve_settings};
use anyhow::{Context, Result, bail};
use clap::Args;
use rapport_package::{Kind, Package};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Which decision, and what to run it with.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Id of a decision, or of an evaluation: all effects of one policy on one case.
    id: String,
    /// Plugin file to use, for one that is not configured any more.
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// The plugin's settings at the time, as JSON; the configured ones unless given.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Run with what is there, though it is not what decided: shows what would come out now, and
    /// proves nothing.
    #[arg(long)]
    anyway: bool,
    #[command(flatten)]
    common: Common,
}

pub async fn run(args: ReplayArgs) -> Result<()> {
    let config = args.common.config.load()?;
    let replay = with_store(&config, async |db| replayed(db, &config, &args).await).await?;
    say(args.common.json, &replay, &words::of(&replay, &args.id))?;
    match (replay.outcome, replay.proof) {
        (Outcome::Equal, true) => Ok(()),
        (Outcome::Equal, false) if args.anyway => Ok(()),
        (Outcome::Equal, false) => bail!("no proof: see the notes above"),
        (_, true) => bail!("it does not come out as it stands on record"),
        (_, false) => bail!("it would not come out as it stands on record (no proof)"),
    }
}

async fn replayed(db: &Db, config: &Config, args: &ReplayArgs) -> Result<Replay> {
    let id = &args.id;
    let Some(evaluation) = db.evaluation_find(id).await? else {
        bail!(
            "no decision or evaluation `{id}`: it never was, or retention (`decisions`) deleted it; \
             GET /api/v1/decisions lists those that are there"
        );
    };
    let about = || format!("evaluation {} by {}", evaluation.id, evaluation.plugin);
    let case = replay::recorded_case(&evaluation).with_context(about)?;
    let package = package(db, config, args, &evaluation)
        .await
        .with_context(about)?;
    let settings = settings(db, config, args, &evaluation, &package)
        .await
        .with_context(about)?;
    let engines = app::engines(config)?;
    // What was withheld then is not in the record, and is named in it as it was.
    let freeze = Freeze::WhenPossible;
    let plugin = PurePlugin::load(&engines, &package, settings, &case.withheld, freeze)
        .await
        .with_context(|| format!("plugin {}", package.manifest.id))?;
    let decisions = db.evaluation_decisions(&evaluation.id).await?;
    let record = Record {
        evaluation,
        decisions,
    };
    Ok(replay::run(db, &Arc::new(plugin), &record, case).await?)
}

/// The plugin that decided; with `--anyway` the one that is there in its stead.
async fn package(db: &Db, config: &Config, args: &ReplayArgs, was: &Evaluation) -> Result<Package> {
    let stored = match &args.plugin {
        Some(_) => None,
        None => db.plugin_file(&was.plugin_digest).await?,
    };
    let there = match (&args.plugin, stored) {
        (Some(file), _) => Some((app::read_package(file)?, file.display().to_string())),
        (None, Some(stored)) => Some((Package::read(stored.bytes)?, stored.source)),
        (None, None) => {
            let mut packages = app::packages(config)?;
            let recorded = packages.values().find(|p| p.digest == was.plugin_digest);
            let id = recorded.map_or(&was.plugin, |p| &p.manifest.id).clone();
            let place = match config.plugins.get(&id).and_then(|p| p.file.as_ref()) {
                Some(file) => file.display().to_string(),
                None => "bundled".to_owned(),
            };
            packages.remove(&id).map(|package| (package, place))
        }
    };
    let recorded = format!(
        "it was decided by {} {}, sha256:{}",
        was.plugin, was.version, was.plugin_digest
    );
    let remedy = "Give that very file with --plugin FILE: from where it was installed from, a \
        registry (`rapport plugin pull`) or a backup of it; one that was bundled is in the release of \
        Rapport that ran then, so use that release's `rapport replay`. `rapport audit list --action \
        plugin.load` tells when which was loaded";
    let Some((package, place)) = there else {
        bail!("{recorded}; no plugin of that id is bundled or configured. {remedy}");
    };
    if package.digest != was.plugin_digest && !args.anyway {
        let m = &package.manifest;
        bail!(
            "{recorded}; there is {} {}, sha256:{} ({place}). {remedy}. --anyway shows what the one \
             that is there would decide, without proof",
            m.id,
            m.version,
            package.digest
        );
    }
    if package.manifest.kind != Kind::Policy {
        bail!(
            "{place}: `{}` is a {}, not a policy",
            package.manifest.id,
            package.manifest.kind.as_str()
        );
    }
    Ok(package)
}

/// The settings that it was decided with; with `--anyway` those that are there in their stead.
async fn settings(
    db: &Db,
    config: &Config,
    args: &ReplayArgs,
    was: &Evaluation,
    package: &Package,
) -> Result<Settings> {
    let id = &was.plugin;
    let kept = db.plugin_settings(id, &was.settings_digest).await?;
    let (given, place): (Value, String) = match (&args.settings, kept) {
        // Asked for anyway: what would be decided with those that are set now.
        (None, Some(kept)) if !args.anyway => (kept, "the store".to_owned()),
        (Some(file), _) => {
            let place = file.display().to_string();
            let text = std::fs::read_to_string(file).with_context(|| place.clone())?;
            let given = serde_json::from_str(&text).with_context(|| format!("{place}: JSON"))?;
            (given, place)
        }
        (None, _) => {
            let configured = config.plugins.get(id).map(|plugin| &plugin.settings);
            let given = configured.map(serde_json::to_value).transpose()?;
            let place = format!("[plugins.{id}.settings]");
            (given.unwrap_or_default(), place)
        }
    };
    let settings = resolve_settings(&package.manifest.settings, &given)
        .map_err(|problems| anyhow::anyhow!("{place}: {}", problems.join("; ")))?;
    if settings.digest != was.settings_digest && !args.anyway {
        bail!(
            "it was decided with the settings sha256:{}; {place} has sha256:{}. Give those of then \
             with --settings FILE, as JSON; `rapport audit list --action setting.change --subject \
             plugin:{id}` tells when they changed. --anyway shows what would be decided with those \
             that are there, without proof",
            was.settings_digest,
            settings.digest
        );
    }
    Ok(settings)
}

//! `rapport plugin install | grant | configure | enable | …`: what an admin does with plugins. Works on
//! the store, whether or not a host is running; a running one follows within about a second.

mod grant;
mod source;
mod words;

use crate::app;
use crate::cli::common::{Common, say, with_store};
use crate::config::Config;
use crate::db::Db;
use crate::pipeline::plugins::Registry;
use crate::pipeline::plugins::detail::AskView;
use crate::pipeline::plugins::force::{hosts_pending, stored_revision};
use crate::pipeline::plugins::upgrade::UpgradeOptions;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result, bail};
use clap::Args;
pub use grant::{GrantArgs, grant};
use serde_json::{Value, json};
use source::SourceArgs;
use std::fmt::Write;
use std::path::{Path, PathBuf};
pub use words::agreement;
use words::words;

/// Who does it, on record.
const BY: &str = "cli";

#[derive(Debug, Args)]
pub struct InstallArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// Id of the plugin.
    id: String,
    #[command(flatten)]
    source: SourceArgs,
    /// Run it beside the version in force, with its effects off.
    #[arg(long)]
    shadow: bool,
    /// A JSON file with settings in the stead of those it has.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct IdArgs {
    /// Id of the plugin.
    id: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct ConfigureArgs {
    /// Id of the plugin.
    id: String,
    /// KEY=VALUE; dots lead into objects (`spam.enabled=false`). JSON, else text. Can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A JSON file with all the settings.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// Id of the plugin.
    id: String,
    /// The candidate's digest, as `plugin info` shows it: no other one is approved.
    #[arg(long)]
    digest: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct UninstallArgs {
    /// Id of the plugin.
    id: String,
    /// Delete its files and its log too: what it decided can't be re-executed any more.
    #[arg(long, conflicts_with = "keep_data")]
    forget: bool,
    /// Keep its files and its log. What it said and decided stays in any case.
    #[arg(long)]
    keep_data: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct LogArgs {
    /// Id of the plugin.
    id: String,
    /// Go on printing what comes.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    common: Common,
}

/// Opens the store for some work on plugins. What it changes is in force on every running host
/// afterwards, or it is said where it is not.
pub async fn with_registry<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Registry, &Db) -> Result<T>,
) -> Result<T> {
    with_store(config, async |db| {
        let registry = Registry::new(app::base(config, db).await?);
        let before = stored_revision(db).await?;
        let result = work(&registry, db).await?;
        let pending = hosts_pending(db, before).await?;
        if !pending.is_empty() {
            errln!(
                "stored, but not in force yet on: {}; `rapport plugin health` tells how they stand",
                pending.join(", ")
            );
        }
        Ok(result)
    })
    .await
}

async fn told(registry: &Registry, db: &Db, id: &str, common: &Common) -> Result<()> {
    let detail = registry.detail(db, id).await?;
    say(common.json, &detail, &words(&detail))
}

pub async fn install(args: &InstallArgs) -> Result<()> {
    let config = args.common.config.load()?;
    let file = args.source.fetch(&config).await?;
    let word = args.source.word();
    with_registry(&config, async |registry, db| {
        let installed = registry.install(db, BY, file, &word).await?;
        told(registry, db, &installed.id, &args.common).await
    })
    .await
}

pub async fn info(args: &IdArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

pub async fn configure(args: &ConfigureArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        let mut settings = match &args.file {
            Some(file) => read_json(file)?,
            None => registry.detail(db, &args.id).await?.settings,
        };
        for pair in &args.set {
            set(&mut settings, pair)?;
        }
        registry.configure(db, BY, &args.id, settings).await?;
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// `a.b=c` into an object.
pub fn set(settings: &mut Value, pair: &str) -> Result<()> {
    let (key, value) = pair
        .split_once('=')
        .with_context(|| format!("--set {pair}: write KEY=VALUE"))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    let mut place = settings;
    for part in key.split('.') {
        if place.is_null() {
            *place = json!({});
        }
        let object = place
            .as_object_mut()
            .with_context(|| format!("--set {key}: there is no object to put `{part}` into"))?;
        place = object.entry(part).or_insert(Value::Null);
    }
    *place = value;
    Ok(())
}

pub async fn enable(args: &IdArgs, enabled: bool) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        registry.enable(db, BY, &args.id, enabled).await?;
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

pub async fn upgrade(args: &UpgradeArgs) -> Result<()> {
    let config = args.common.config.load()?;
    let file = args.source.fetch(&config).await?;
    let options = UpgradeOptions {
        word: args.source.word(),
        shadow: args.shadow,
        settings: args.settings.as_deref().map(read_json).transpose()?,
    };
    with_registry(&config, async |registry, db| {
        let id = &args.id;
        let upgraded = registry.upgrade(db, BY, id, file, options).await?;
        let detail = registry.detail(db, id).await?;
        let mut text = words(&detail);
        if !upgraded.more.is_empty() {
            text.push_str("\nIt asks for more than the version in force, or says otherwise of itself; that one goes on:\n");
            for ask in &upgraded.more {
                let _ = writeln!(text, "  + {}", shown(&ask.to_string()));
            }
            let _ = write!(text, "To let it: rapport plugin approve {id}");
        }
        let more: Vec<_> = upgraded.more.into_iter().map(AskView::from).collect();
        let value = json!({ "asksMore": more, "plugin": detail });
        say(args.common.json, &value, &text)
    })
    .await
}

pub async fn approve(args: &ApproveArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        let seen = args.digest.as_deref();
        let seen = seen.map(|digest| digest.strip_prefix("sha256:").unwrap_or(digest));
        registry.approve(db, BY, &args.id, seen).await?;
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

pub async fn drop_candidate(args: &IdArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        registry.drop_candidate(db, BY, &args.id).await?;
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

pub async fn rollback(args: &IdArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        let back = registry
            .rollback(db, BY, &args.id, None, "asked for")
            .await?;
        let detail = registry.detail(db, &args.id).await?;
        let mut text = words(&detail);
        let _ = match &back.candidate {
            None => write!(text, "\nIt went back."),
            Some(_) => write!(
                text,
                "\nTo go back leads elsewhere than now, and waits: rapport plugin approve {}",
                args.id
            ),
        };
        say(args.common.json, &detail, &text)
    })
    .await
}

pub async fn uninstall(args: &UninstallArgs) -> Result<()> {
    if !args.forget && !args.keep_data {
        bail!(
            "say what becomes of its data: --keep-data keeps its files and log, so that what it \
             decided can be re-executed; --forget deletes them"
        );
    }
    with_registry(&args.common.config.load()?, async |registry, db| {
        registry.uninstall(db, BY, &args.id, args.forget).await?;
        let value = json!({ "uninstalled": args.id, "forgotten": args.forget });
        say(
            args.common.json,
            &value,
            &format!("{} is uninstalled.", args.id),
        )
    })
    .await
}

pub async fn logs(args: &LogArgs) -> Result<()> {
    with_store(&args.common.config.load()?, async |db| {
        let mut after: Option<String> = None;
        loop {
            let lines = db.plugin_log_list(&args.id, after.as_deref(), 500).await?;
            for line in &lines {
                let at = chrono::DateTime::from_timestamp_millis(line.at).unwrap_or_default();
                let at = at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
                say(
                    args.common.json,
                    line,
                    &format!("{at} {:<5} {}", line.level, shown(&line.text)),
                )?;
            }
            after = lines.last().map(|line| line.id.clone()).or(after);
            if !args.follow {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    })
    .await
}

/// How every plugin stands on every host.
pub async fn health(common: &Common) -> Result<()> {
    with_store(&common.config.load()?, async |db| {
        let all = db.plugin_status_list(None).await?;
        let mut text = format!(
            "{:<22} {:<9} {:<11} {:>9} {:>7} REASON",
            "PLUGIN", "VERSION", "STATE", "CALLS", "FAULTS"
        );
        for of in &all {
            let status = &of.status;
            let faults: u64 = status.faults.values().sum();
            let open = if status.breaker_open {
                "breaker open; "
            } else {
                ""
            };
            let good = status.last_known_good.as_ref().filter(|g| g.calls > 0);
            let good = good.map_or_else(String::new, |good| {
                format!("{} answered {} calls; ", shown(&good.version), good.calls)
            });
            let reason = status.reason.as_ref().or(status.last_fault.as_ref());
            let _ = write!(
                text,
                "\n{:<22} {:<9} {:<11} {:>9} {faults:>7} {open}{good}{}",
                of.plugin,
                shown(&status.version),
                status.state.as_str(),
                status.calls,
                reason.map_or_else(String::new, |reason| shown(reason)),
            );
        }
        if all.is_empty() {
            text = "No host is running.".to_owned();
        }
        say(common.json, &all, &text)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_set_by_path() {
        let mut settings = json!({ "rule": { "enabled": true } });
        for pair in [
            "rule.enabled=false",
            "rule.words=[\"a\"]",
            "name=x y",
            "new.deep=1",
        ] {
            set(&mut settings, pair).unwrap();
        }
        let expected = json!({
            "rule": { "enabled": false, "words": ["a"] }, "name": "x y", "new": { "deep": 1 },
        });
        assert_eq!(settings, expected);
        assert!(set(&mut settings, "name.deeper=1").is_err());
        assert!(set(&mut settings, "nothing").is_err());
    }
}

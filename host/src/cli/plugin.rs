//! `rapport plugin build | list | eval`.

use super::ConfigArg;
use super::eval::{self, EvalOptions};
use crate::app;
use crate::config::{Config, PluginConfig};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use rapport_package::Kind;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Build the Rust plugin in a directory into one file.
    Build {
        /// Directory with Cargo.toml and plugin.toml.
        dir: PathBuf,
        /// Where to write the file; `ID.wasm` in the current directory unless given.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the bundled and configured plugins.
    List {
        #[command(flatten)]
        config: ConfigArg,
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Judge a classifier on messages of your own: precision, recall and F1 per label.
    Eval {
        /// Id of a bundled or configured classifier, or a plugin file.
        classifier: String,
        /// CSV with the columns `text` and `label`, or JSON lines with those keys.
        #[arg(long)]
        data: PathBuf,
        /// Which of the classifier's dimensions the labels are of.
        #[arg(long)]
        dimension: Option<String>,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub async fn run(command: PluginCommand) -> Result<()> {
    match command {
        PluginCommand::Build { dir, out, json } => build(&dir, out.as_deref(), json),
        PluginCommand::List { config, json } => list(&config.load()?, json),
        PluginCommand::Eval {
            classifier,
            data,
            dimension,
            config,
            json,
        } => {
            let options = EvalOptions {
                data,
                dimension,
                json,
            };
            eval(&config.load()?, &classifier, &options).await
        }
    }
}

fn build(dir: &Path, out: Option<&Path>, as_json: bool) -> Result<()> {
    let dir = dir
        .canonicalize()
        .with_context(|| dir.display().to_string())?;
    let (manifest, bytes) = rapport_package::build::build(&dir, None)?;
    let out = out.map_or_else(
        || PathBuf::from(format!("{}.wasm", manifest.id)),
        Path::to_path_buf,
    );
    std::fs::write(&out, &bytes).with_context(|| format!("writing {}", out.display()))?;
    let package = app::read_package(&out)?;
    if as_json {
        let report = json!({
            "id": manifest.id, "version": manifest.version, "kind": manifest.kind,
            "file": out, "size_bytes": bytes.len(), "digest": package.digest,
        });
        println!("{report}");
    } else {
        println!(
            "{} {} ({})",
            manifest.id,
            manifest.version,
            manifest.kind.as_str()
        );
        println!("  file   {} ({} KiB)", out.display(), bytes.len() / 1024);
        println!("  digest sha256:{}", package.digest);
    }
    Ok(())
}

fn list(config: &Config, as_json: bool) -> Result<()> {
    let default = PluginConfig::default();
    let rows: Vec<_> = app::packages(config)?
        .into_values()
        .map(|package| {
            let manifest = package.manifest;
            let plugin = config.plugins.get(&manifest.id).unwrap_or(&default);
            let inboxes: Vec<&str> = config
                .inboxes
                .iter()
                .filter(|inbox| inbox.plugin == manifest.id)
                .map(|inbox| inbox.name.as_str())
                .collect();
            let enabled = match manifest.kind {
                Kind::Channel => !inboxes.is_empty(),
                Kind::Classifier | Kind::Policy => plugin.enabled,
            };
            json!({
                "id": manifest.id, "version": manifest.version, "kind": manifest.kind,
                "publisher": manifest.publisher, "enabled": enabled, "inboxes": inboxes,
                "bundled": plugin.file.is_none(), "digest": package.digest,
                "description": manifest.description,
            })
        })
        .collect();
    if as_json {
        println!("{}", serde_json::Value::from(rows));
        return Ok(());
    }
    println!(
        "{:<22} {:<9} {:<11} {:<8} INBOXES",
        "ID", "VERSION", "KIND", "ENABLED"
    );
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let inboxes: Vec<&str> = row["inboxes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|i| i.as_str())
            .collect();
        let enabled = if row["enabled"] == true { "yes" } else { "no" };
        println!(
            "{:<22} {:<9} {:<11} {:<8} {}",
            text("id"),
            text("version"),
            text("kind"),
            enabled,
            inboxes.join(", ")
        );
    }
    Ok(())
}

async fn eval(config: &Config, classifier: &str, options: &EvalOptions) -> Result<()> {
    let mut packages = app::packages(config)?;
    let package = if classifier.ends_with(".wasm") {
        app::read_package(Path::new(classifier))?
    } else {
        match packages.remove(classifier) {
            Some(package) => package,
            None => {
                let hint = rapport_package::nearest::nearest(
                    classifier,
                    packages.keys().map(String::as_str),
                );
                bail!("no plugin `{classifier}`{}", hint.unwrap_or_default());
            }
        }
    };
    if package.manifest.kind != Kind::Classifier {
        bail!(
            "`{}` is a {}, not a classifier",
            package.manifest.id,
            package.manifest.kind.as_str()
        );
    }
    let engines = app::engines(config)?;
    let default = PluginConfig::default();
    let plugin_config = config.plugins.get(&package.manifest.id).unwrap_or(&default);
    let plugin = app::load_pure(&engines, &package, plugin_config).await?;
    let report = eval::run(&plugin, options).await?;
    println!("{}", eval::output(&report, options)?);
    Ok(())
}

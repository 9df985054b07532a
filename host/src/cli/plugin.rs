//! `rapport plugin …`: what authors, vendors and admins do with plugin files. One file a group of
//! commands: `new`, `show`, `sign` (keygen, sign, verify), `oci` (push, pull), `test`, `record`; building,
//! listing and judging are here.

mod new;
mod oci;
mod record;
mod show;
mod sign;
mod test;

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
    /// Begin a plugin: a project that builds and passes its tests, in Rust, JavaScript or Python.
    New(new::NewArgs),
    /// Build the plugin in a directory into one file, with its language's own tools.
    Build {
        /// Directory with plugin.toml, and Cargo.toml, package.json or requirements.txt.
        dir: PathBuf,
        /// Where to write the file; `ID.wasm` in the current directory unless given.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Test a plugin: the contract, its settings, sameness, limits, and its own fixtures.
    Test(test::TestArgs),
    /// Write one call of a channel on the real network down as a case for its fixtures.
    Record(record::RecordArgs),
    /// Show who a plugin file is, what it asks for and why, and what it uses, before it is trusted.
    Show(show::ShowArgs),
    /// Make a key pair to sign plugins with: NAME.key and NAME.pub, as minisign's.
    Keygen(sign::KeygenArgs),
    /// Sign a plugin file: FILE.minisig, or FILE.KEYID.minisig beside the publisher's.
    Sign(sign::SignArgs),
    /// Check a plugin file's signatures with keys that you trust.
    Verify(sign::VerifyArgs),
    /// Put a plugin file and its signatures into an OCI registry.
    Push(oci::PushArgs),
    /// Get a plugin file and its signatures from an OCI registry.
    Pull(oci::PullArgs),
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
        PluginCommand::New(args) => new::run(&args),
        PluginCommand::Test(args) => test::run(&args).await,
        PluginCommand::Record(args) => record::run(&args).await,
        PluginCommand::Show(args) => show::run(&args),
        PluginCommand::Keygen(args) => sign::keygen(&args),
        PluginCommand::Sign(args) => sign::sign(&args),
        PluginCommand::Verify(args) => sign::verify(&args),
        PluginCommand::Push(args) => oci::push(&args).await,
        PluginCommand::Pull(args) => oci::pull(&args).await,
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
    // The file stays, to be looked at; it is no plugin that a host takes.
    let imports = package
        .inspect()
        .with_context(|| out.display().to_string())?;
    for warning in &imports.warnings {
        eprintln!("warning: {warning}");
    }
    if as_json {
        let report = json!({
            "id": manifest.id, "version": manifest.version, "kind": manifest.kind,
            "file": out, "size_bytes": bytes.len(), "digest": package.digest,
            "warnings": imports.warnings,
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

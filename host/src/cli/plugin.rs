//! `rapport plugin …`: what authors, vendors and admins do with plugin files. One file a group of
//! commands: `new`, `show`, `sign` (keygen, sign, verify), `oci` (push, pull), `test`, `record`; building,
//! listing and judging are here.

mod dev;
pub(super) mod manage;
mod new;
mod oci;
mod record;
mod show;
mod sign;
mod test;
mod trust;

use super::ConfigArg;
use super::eval::{self, EvalOptions};
use crate::app;
use crate::config::{Config, PluginConfig};
use crate::telemetry::shown::shown;
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
    /// Build a plugin and put it to work in the running host, again at every change of its files.
    Dev(dev::DevArgs),
    /// Take a plugin in: disabled, with nothing granted.
    Install(manage::InstallArgs),
    /// Show an installed or bundled plugin: its versions, what it asks for and has, how it stands.
    Info(manage::IdArgs),
    /// Let a plugin have what it asks for, or less.
    Grant(manage::GrantArgs),
    /// Set a classifier or policy; switch a rule with --set RULE.enabled=false.
    Configure(manage::ConfigureArgs),
    /// Put a plugin to work.
    Enable(manage::IdArgs),
    /// Take a plugin out of work; it stays installed.
    Disable(manage::IdArgs),
    /// Bring another version in. One that asks for more waits for `approve`.
    Upgrade(manage::UpgradeArgs),
    /// Let the version that waits, or runs in the shadow, come into force.
    #[command(alias = "promote")]
    Approve(manage::ApproveArgs),
    /// Send the version that waits, or runs in the shadow, away.
    Drop(manage::IdArgs),
    /// Go back to the version before.
    Rollback(manage::IdArgs),
    /// Take a plugin out for good.
    Uninstall(manage::UninstallArgs),
    /// Print what a plugin logged.
    Logs(manage::LogArgs),
    /// How every plugin stands on every running host, and its figures.
    Health {
        #[command(flatten)]
        common: super::common::Common,
    },
    /// Whom this host believes: keys, and what is revoked.
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// List all plugins.
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
        /// List up to this many of the messages judged otherwise than labelled.
        #[arg(long, value_name = "N", default_value_t = 0)]
        wrong: usize,
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
        PluginCommand::Dev(args) => dev::run(&args).await,
        PluginCommand::Install(args) => manage::install(&args).await,
        PluginCommand::Info(args) => manage::info(&args).await,
        PluginCommand::Grant(args) => manage::grant(&args).await,
        PluginCommand::Configure(args) => manage::configure(&args).await,
        PluginCommand::Enable(args) => manage::enable(&args, true).await,
        PluginCommand::Disable(args) => manage::enable(&args, false).await,
        PluginCommand::Upgrade(args) => manage::upgrade(&args).await,
        PluginCommand::Approve(args) => manage::approve(&args).await,
        PluginCommand::Drop(args) => manage::drop_candidate(&args).await,
        PluginCommand::Rollback(args) => manage::rollback(&args).await,
        PluginCommand::Uninstall(args) => manage::uninstall(&args).await,
        PluginCommand::Logs(args) => manage::logs(&args).await,
        PluginCommand::Health { common } => manage::health(&common).await,
        PluginCommand::Trust(command) => trust::run(&command).await,
        PluginCommand::List { config, json } => list(&config.load()?, json).await,
        PluginCommand::Eval {
            classifier,
            data,
            dimension,
            wrong,
            config,
            json,
        } => {
            let options = EvalOptions {
                data,
                dimension,
                wrong,
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
        errln!("warning: {}", shown(&warning.to_string()));
    }
    if as_json {
        let report = json!({
            "id": manifest.id, "version": manifest.version, "kind": manifest.kind,
            "file": out, "size_bytes": bytes.len(), "digest": package.digest,
            "warnings": imports.warnings,
        });
        outln!("{report}")?;
    } else {
        outln!(
            "{} {} ({})",
            manifest.id,
            manifest.version,
            manifest.kind.as_str()
        )?;
        outln!("  file   {} ({} KiB)", out.display(), bytes.len() / 1024)?;
        outln!("  digest sha256:{}", package.digest)?;
    }
    Ok(())
}

async fn list(config: &Config, as_json: bool) -> Result<()> {
    manage::with_registry(config, async |registry, db| {
        let inboxes = db.inbox_list().await?;
        let mut rows = Vec::new();
        for id in registry.plugin_ids(db).await? {
            let detail = registry.detail(db, &id).await?;
            let own = inboxes.iter().filter(|i| i.plugin == id && i.active);
            let own: Vec<&str> = own.map(|inbox| inbox.name.as_str()).collect();
            rows.push(json!({
                "id": id, "version": detail.version.version, "kind": detail.kind,
                "publisher": detail.publisher, "enabled": detail.enabled, "inboxes": own,
                "managedBy": detail.managed_by, "digest": detail.version.digest,
                "granted": detail.granted.is_some(), "candidate": detail.candidate,
                "description": detail.description,
            }));
        }
        if as_json {
            outln!("{}", serde_json::Value::from(rows))?;
            return Ok(());
        }
        outln!(
            "{:<22} {:<9} {:<11} {:<8} {:<13} INBOXES",
            "ID",
            "VERSION",
            "KIND",
            "ENABLED",
            "MANAGED BY"
        )?;
        for row in rows {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let own = row["inboxes"].as_array().into_iter().flatten();
            let own: Vec<&str> = own.filter_map(|i| i.as_str()).collect();
            let enabled = if row["enabled"] == true { "yes" } else { "no" };
            outln!(
                "{:<22} {:<9} {:<11} {:<8} {:<13} {}",
                text("id"),
                shown(&text("version")),
                text("kind"),
                enabled,
                text("managedBy"),
                own.join(", ")
            )?;
        }
        Ok(())
    })
    .await
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
    outln!("{}", eval::output(&report, options)?)?;
    Ok(())
}

//! `rapport plugin test FILE|DIR`: is a plugin what the host expects of it, and does it do what its own
//! fixtures say?
//!
//! It runs as in service: in its sandbox, with its limits, shown only what its manifest asks for.
//! `settings`, `steady` (deterministic, limits) and `cases` are the checks of classifiers and
//! policies, `channel` has those of channels, `odd` the texts that every plugin must survive,
//! `records` turns fixtures into the host's records, `report` says what came of it, `kept` puts that
//! beside the file. Nothing else is kept: plugins are compiled into a directory of this run's own.
//! Deliberately absent: any real network.

mod cases;
pub(super) mod channel;
mod effects;
pub(super) mod kept;
pub(super) mod loader;
mod odd;
mod records;
mod report;
mod settings;
mod steady;

use crate::app;
use crate::cli::common::say;
use crate::domain::annotation::Moment;
use crate::plugin::pure::Rule;
use anyhow::{Context, Result, bail};
use clap::Args;
use loader::Loader;
use rapport_package::{Kind, Package};
use report::{Check, Failure, Report};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_long_help = rapport_package::fixture::FORMAT)]
pub struct TestArgs {
    /// The plugin file, or the plugin's directory, which is built first. What comes of a file is kept
    /// beside it in NAME.conformance.json, for `plugin show`.
    plugin: PathBuf,
    /// Settings to use instead of the defaults: TOML, or JSON in a file named .json. Cases have their
    /// own.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Tests the plugin; an error when any check failed.
pub async fn run(args: &TestArgs) -> Result<()> {
    let package = read(&args.plugin)?;
    let given = args.settings.as_deref().map(read_settings).transpose()?;
    let own_settings = given.is_some();
    let report = judge(&package, given).await?;
    // A directory's file is built anew each time, so there is nothing to keep the result beside.
    if !args.plugin.is_dir()
        && let Err(error) = kept::keep(&args.plugin, &package, &report, own_settings)
    {
        errln!("warning: the result is not kept, so `plugin show` will not tell it: {error:#}");
    }
    say(args.json, &report, &report.words())?;
    match report.failed().as_slice() {
        [] => Ok(()),
        failed => bail!("failed: {}", failed.join(", ")),
    }
}

fn read(plugin: &Path) -> Result<Package> {
    if !plugin.is_dir() {
        return app::read_package(plugin);
    }
    let shown = || plugin.display().to_string();
    let dir = plugin.canonicalize().with_context(shown)?;
    let (_, bytes) = rapport_package::build::build(&dir, None)?;
    Package::read(bytes).with_context(shown)
}

pub(super) fn read_settings(file: &Path) -> Result<Value> {
    let shown = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(shown)?;
    if file.extension().is_some_and(|e| e == "json") {
        return serde_json::from_str(&text).with_context(shown);
    }
    let table: toml::Table = toml::from_str(&text).with_context(shown)?;
    Ok(serde_json::to_value(table)?)
}

async fn judge(package: &Package, given: Option<Value>) -> Result<Report> {
    let (contract, mut warnings) = contract(package);
    let checks = match package.manifest.kind {
        Kind::Channel => channel::checks(package, given.as_ref(), contract).await?,
        Kind::Classifier | Kind::Policy => {
            pure(package, given.as_ref(), contract, &mut warnings).await?
        }
    };
    Ok(Report::new(package, warnings, checks))
}

async fn pure(
    package: &Package,
    given: Option<&Value>,
    contract: Check,
    warnings: &mut Vec<String>,
) -> Result<Vec<Check>> {
    let skipped = |names: &[&'static str], why: &str| -> Vec<Check> {
        names.iter().map(|name| Check::skipped(name, why)).collect()
    };
    let sound = contract.passed();
    let mut checks = vec![contract];
    if !sound {
        let rest = ["settings", "deterministic", "limits", "cases"];
        checks.extend(skipped(&rest, "not run: the contract is broken"));
        return Ok(checks);
    }
    let (found, unreadable) = cases::read(package);
    let loader = Loader::new(package)?;
    let (settings, plugin) = settings::check(&loader, given).await;
    checks.push(settings);
    match &plugin {
        Some(plugin) => {
            warnings.extend(never_asked(&plugin.rules));
            checks.extend(steady::check(&loader, plugin, &found).await);
        }
        None => checks.extend(skipped(
            &["deterministic", "limits"],
            "not run: it has no settings to run with",
        )),
    }
    checks.push(cases::check(&loader, &found, unreadable).await);
    Ok(checks)
}

/// Rules for moments at which the host does not ask yet.
fn never_asked(rules: &[Rule]) -> Option<String> {
    let waits = |rule: &&Rule| {
        let mut moments = rule.moments.iter();
        moments.any(|m| matches!(m, Moment::Campaign | Moment::Tick))
    };
    let names: Vec<&str> = rules.iter().filter(waits).map(|r| r.id.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "rules {}: at the moments campaign and tick this version of Rapport does not ask yet",
            names.join(", ")
        )
    })
}

/// What it exports and imports, how large it declares itself, and that its code is valid.
fn contract(package: &Package) -> (Check, Vec<String>) {
    match package.inspect() {
        Ok(found) => {
            let imports: usize = found.imports.values().map(Vec::len).sum();
            let detail = format!(
                "{} exports, {imports} imports, {} KiB",
                package.outline.exports.len(),
                package.size_bytes() / 1024
            );
            let warnings = found.warnings.iter().map(ToString::to_string).collect();
            (Check::of("contract", &detail, Vec::new()), warnings)
        }
        Err(error) => {
            let failure = Failure {
                what: "the component".into(),
                expected: format!(
                    "the exports of a {}, and no imports but those that plugin.toml asks for",
                    package.manifest.kind.as_str()
                ),
                found: error.to_string(),
                file: None,
                line: None,
                remedy: "change the component or plugin.toml as it says, and build again".into(),
            };
            (Check::of("contract", "refused", vec![failure]), Vec::new())
        }
    }
}

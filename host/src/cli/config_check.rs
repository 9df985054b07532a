//! `rapport config check`: everything that would keep a start from working, or make it unsafe, found
//! without starting. Each finding says where it is and what to do.
//!
//! Nothing is written and no network is asked, except that the listen address is tried. Plugins are
//! read, not run: whether a plugin likes its settings beyond their schema shows at the start.

use crate::app;
use crate::config::{
    Config, ConfigError, SecretPlace, SecretSource, read_roots, unknown_variables,
};
use crate::pipeline::plugins::load;
use crate::plugin::resolve_settings;
use anyhow::{Result, bail};
use rapport_package::nearest::nearest;
use rapport_package::{Kind, Package};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

/// Something that is wrong, or ought to be otherwise.
#[derive(Debug, Serialize)]
struct Finding {
    /// `error` or `warning`.
    severity: &'static str,
    file: String,
    /// Path of the key, or the name of a variable; empty when it is about the whole file.
    key: String,
    problem: String,
    remedy: String,
}

/// Findings of one file.
struct Findings {
    file: String,
    all: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, severity: &'static str, key: &str, problem: String, remedy: &str) {
        self.all.push(Finding {
            severity,
            file: self.file.clone(),
            key: key.to_owned(),
            problem,
            remedy: remedy.to_owned(),
        });
    }

    fn error(&mut self, key: &str, problem: impl ToString, remedy: &str) {
        self.add("error", key, problem.to_string(), remedy);
    }

    fn warning(&mut self, key: &str, problem: impl ToString, remedy: &str) {
        self.add("warning", key, problem.to_string(), remedy);
    }
}

pub async fn run(file: &Path, json: bool) -> Result<()> {
    let mut findings = Findings {
        file: file.display().to_string(),
        all: Vec::new(),
    };
    let default_name = file == Path::new("rapport.toml") && !file.exists();
    let loaded = if default_name {
        Config::without_file()
    } else {
        Config::load(file)
    };
    match loaded {
        Ok(config) => examine(&config, &mut findings).await,
        Err(ConfigError::Read { source, .. }) => findings.error(
            "",
            source,
            "give the file's path with --config, and let this user read it",
        ),
        Err(ConfigError::Syntax { problem, .. }) => {
            findings.error("", problem, "examples/rapport.toml shows every key");
        }
        Err(error) => findings.error("", error, "change the value"),
    }
    for (name, hint) in unknown_variables() {
        let problem = format!("this environment variable sets nothing{hint}");
        findings.warning(
            &name,
            problem,
            "remove it, or spell it as `rapport config show` does",
        );
    }
    report(&findings.all, json)
}

fn report(findings: &[Finding], json: bool) -> Result<()> {
    let errors = findings.iter().filter(|f| f.severity == "error").count();
    if json {
        let all = serde_json::json!({ "ok": errors == 0, "findings": findings });
        outln!("{}", serde_json::to_string_pretty(&all)?)?;
    } else {
        for f in findings {
            let place = if f.key.is_empty() {
                String::new()
            } else {
                format!(": {}", f.key)
            };
            outln!(
                "{}: {}{place}: {}\n    {}",
                f.severity,
                f.file,
                f.problem,
                f.remedy
            )?;
        }
        if findings.is_empty() {
            outln!("The configuration is fine.")?;
        }
    }
    match errors {
        0 => Ok(()),
        1 => bail!("1 error in the configuration"),
        n => bail!("{n} errors in the configuration"),
    }
}

async fn examine(config: &Config, findings: &mut Findings) {
    exposure(config, findings);
    for (key, address) in [
        ("listen", Some(config.listen)),
        ("metrics-listen", config.metrics_listen),
    ] {
        if let Some(address) = address {
            bind(key, address, findings).await;
        }
    }
    data_dir(config, findings);
    for file in &config.extra_ca.0 {
        if let Err(problem) = read_roots(file) {
            findings.error("extra-ca", problem, "give a PEM file with the authority");
        }
    }
    match app::packages(config) {
        Ok(packages) => {
            plugins(config, &packages, findings);
            inboxes(config, &packages, findings);
        }
        Err(error) => findings.error(
            "plugins",
            format!("{error:#}"),
            "`rapport plugin list` shows the bundled plugins; others need their `file`",
        ),
    }
}

fn exposure(config: &Config, findings: &mut Findings) {
    if let Some(source) = &config.api_token {
        secret(
            "api-token",
            source,
            std::env::var_os("RAPPORT_API_TOKEN").is_none(),
            findings,
        );
    }
    if let Some(source) = &config.database {
        secret("database", source, false, findings);
    }
    if let Err(ConfigError::Wrong(problem)) = config.source() {
        findings.error(
            "database",
            problem,
            "postgres://user:password@host/database",
        );
    }
    match config.token() {
        Ok(_) => {}
        // A secret that can't be read was found above.
        Err(ConfigError::Wrong(problem)) if problem.contains("at least") => {
            findings.error("api-token", problem, "make a longer one");
        }
        Err(_) => {}
    }
}

async fn bind(key: &str, address: SocketAddr, findings: &mut Findings) {
    if let Err(error) = tokio::net::TcpListener::bind(address).await {
        let problem = format!("{address}: {error}");
        findings.error(
            key,
            problem,
            "stop what listens there, or set another address",
        );
    }
}

/// The directory is made at the start; here only whether that could work.
fn data_dir(config: &Config, findings: &mut Findings) {
    let mut existing = config.data_dir.as_path();
    while !existing.exists() {
        match existing.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => existing = parent,
            _ => return,
        }
    }
    if !existing.is_dir() {
        let problem = format!("{} is no directory", existing.display());
        findings.error("data-dir", problem, "name a directory");
    }
}

/// Whether a secret can be had, stands where it should, and is kept from others.
fn secret(key: &str, source: &SecretSource, in_file_counts: bool, findings: &mut Findings) {
    match source {
        SecretSource::Text(_) if in_file_counts => findings.warning(
            key,
            "the secret stands in the configuration itself",
            "put it into a file or variable: { file = \"…\" } or { env = \"…\" }",
        ),
        SecretSource::Text(_) => {}
        SecretSource::Elsewhere(place) => {
            if let Err(error) = source.read(key) {
                findings.error(
                    key,
                    error,
                    "set the variable, or let this user read the file",
                );
            } else if let SecretPlace::File(file) = place {
                mode(key, file, findings);
            }
        }
    }
}

/// Files of secrets are for their owner, and perhaps a group.
fn mode(key: &str, file: &Path, findings: &mut Findings) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = std::fs::metadata(file) else {
            return;
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o007 != 0 {
            let problem = format!(
                "{} can be read by everybody (mode {mode:o})",
                file.display()
            );
            findings.error(key, problem, "chmod 600 it");
        } else if mode & 0o020 != 0 {
            let problem = format!(
                "{} can be written by its group (mode {mode:o})",
                file.display()
            );
            findings.warning(key, problem, "chmod 600 it");
        }
    }
    #[cfg(not(unix))]
    let _ = (key, file, findings);
}

fn plugins(config: &Config, packages: &BTreeMap<String, Package>, findings: &mut Findings) {
    for (id, plugin) in &config.plugins {
        let Some(package) = packages.get(id) else {
            continue;
        };
        if package.manifest.kind == Kind::Channel {
            continue;
        }
        let key = format!("plugins.{id}");
        settings(
            &format!("{key}.settings"),
            &plugin.settings,
            package,
            findings,
        );
        for not_asked in load::withheld_in_vain(package, &plugin.withhold) {
            let problem = format!("the plugin does not ask for {not_asked}");
            findings.error(&format!("{key}.withhold"), problem, "remove or correct it");
        }
    }
}

fn settings(key: &str, given: &toml::Table, package: &Package, findings: &mut Findings) {
    let resolved = serde_json::to_value(given)
        .map_err(|error| vec![error.to_string()])
        .and_then(|given| resolve_settings(&package.manifest.settings, &given).map(drop));
    for problem in resolved.err().into_iter().flatten() {
        findings.error(
            key,
            problem,
            "see the plugin's settings: rapport plugin info ID --json",
        );
    }
}

fn inboxes(config: &Config, packages: &BTreeMap<String, Package>, findings: &mut Findings) {
    if config.inboxes.is_empty() {
        findings.warning(
            "inbox",
            "no inbox: nothing will be heard",
            "add an [[inbox]]",
        );
    }
    for inbox in &config.inboxes {
        let key = format!("inbox.{}", inbox.name);
        let channels = packages
            .values()
            .filter(|p| p.manifest.kind == Kind::Channel);
        let Some(package) = channels.clone().find(|p| p.manifest.id == inbox.plugin) else {
            let ids = channels.map(|p| p.manifest.id.as_str());
            let hint = nearest(&inbox.plugin, ids).unwrap_or_default();
            let problem = format!("`{}` is no channel{hint}", inbox.plugin);
            findings.error(&format!("{key}.plugin"), problem, "name a channel plugin");
            continue;
        };
        settings(
            &format!("{key}.settings"),
            &inbox.settings,
            package,
            findings,
        );
        let declared = package
            .manifest
            .secrets
            .iter()
            .filter(|s| s.capture.is_empty());
        for (name, source) in &inbox.secrets {
            let key = format!("{key}.secrets.{name}");
            if !declared.clone().any(|s| s.name == *name) {
                let hint = nearest(name, declared.clone().map(|s| s.name.as_str()));
                let problem = format!("the plugin has no such secret{}", hint.unwrap_or_default());
                findings.error(&key, problem, "remove or correct it");
            }
            secret(&key, source, true, findings);
        }
    }
}

//! `rapport config check`: everything that would keep a start, a plugin or an inbox from working, or
//! make it unsafe, found without starting. Each finding says where it is and what to do, once.
//!
//! What is wrong is found by the functions that a start itself uses (`app::examine`). Nothing is written
//! and no network is asked, except that the addresses to listen on are tried. Plugins and inboxes that
//! are otherwise well are configured, in instances that are thrown away, to hear whether they take their
//! settings.

mod places;

use crate::app;
use crate::config::{
    Config, ConfigError, ListenAddress, SecretPlace, SecretSource, unknown_variables,
};
use crate::plugin::connector::Problem;
use anyhow::{Result, bail};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use tokio::net::TcpListener;

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
    /// The same is said once.
    fn add(&mut self, severity: &'static str, key: &str, problem: String, remedy: &str) {
        let told = |f: &Finding| f.key == key && f.problem == problem;
        if self.all.iter().any(told) {
            return;
        }
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

    /// What a start itself finds.
    fn problems(&mut self, problems: Vec<Problem>) {
        for Problem { key, text } in problems {
            let remedy = remedy(&key);
            self.error(&key, text, remedy);
        }
    }

    fn has(&self, key: &str) -> bool {
        let within = |f: &Finding| f.key == key || f.key.starts_with(&format!("{key}."));
        self.all.iter().any(|f| f.severity == "error" && within(f))
    }
}

/// What to do about a problem with this key.
fn remedy(key: &str) -> &'static str {
    let last = key.rsplit('.').next().unwrap_or_default();
    match (key, last) {
        ("api-token", _) => "make one with: openssl rand -hex 32",
        ("database", _) => "postgres://user:password@host/database",
        ("data-dir", _) => "name a directory that this user can write to",
        ("secret-key", _) => "make one with: openssl rand -base64 32",
        ("extra-ca", _) => "give a PEM file with the authority",
        ("oidc", _) => "correct the section; examples/rapport.toml shows every key",
        ("webhooks" | "registries", _) => "write host:port",
        (_, "settings") => "see the plugin's settings: rapport plugin info ID --json",
        (_, "withhold") => "remove or correct it",
        (_, "file") => "name a plugin file, made with `rapport plugin build`",
        (_, "plugin") => "name a channel plugin that is enabled",
        (_, "local-hosts") => "write host:port",
        (key, _) if key.contains(".secrets.") => {
            "set the variable, or let this user read the file; remove what the plugin does not ask for"
        }
        (key, _) if key.starts_with("plugins.") => {
            "`rapport plugin list` shows the bundled plugins; others need their `file`"
        }
        _ => "change the value",
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
    let mut named = BTreeSet::new();
    match loaded {
        Ok(config) => {
            named = named_variables(&config);
            examine(&config, &mut findings).await;
        }
        Err(ConfigError::Read { source, .. }) => findings.error(
            "",
            source,
            "give the file's path with --config, and let this user read it",
        ),
        Err(ConfigError::Syntax { problem, .. }) => {
            findings.error("", problem, "examples/rapport.toml shows every key");
        }
        Err(ConfigError::Several(problems)) => {
            for problem in problems {
                let (key, text) = problem.split_once(": ").unwrap_or(("", &problem));
                findings.error(key, text, remedy(key));
            }
        }
        Err(error) => findings.error("", error, "change the value"),
    }
    let unknown = unknown_variables().into_iter();
    for (name, hint) in unknown.filter(|(name, _)| !named.contains(name)) {
        let problem = format!("this environment variable sets nothing{hint}");
        findings.warning(
            &name,
            problem,
            "remove it, or spell it as `rapport config show` does",
        );
    }
    report(&findings.all, json)
}

/// Environment variables that the configuration itself names for secrets.
fn named_variables(config: &Config) -> BTreeSet<String> {
    let of_inboxes = config
        .inboxes
        .iter()
        .flat_map(|inbox| inbox.secrets.values());
    let of_providers = config
        .oidc
        .iter()
        .flat_map(|provider| &provider.client_secret);
    let secrets = of_inboxes
        .chain(of_providers)
        .chain(&config.api_token)
        .chain(&config.database)
        .chain(&config.secret_key);
    let name = |source: &SecretSource| match source {
        SecretSource::Elsewhere(SecretPlace::Env(name)) => Some(name.clone()),
        _ => None,
    };
    secrets.filter_map(name).collect()
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
    findings.problems(app::examine(config));
    secrets(config, findings);
    let listen = [
        ("listen", Some(&config.listen)),
        ("metrics-listen", config.metrics_listen.as_ref()),
    ];
    // Each is held until all are tried: two keys can't have one address.
    let mut held = Vec::new();
    for (key, address) in listen {
        if let Some(address) = address {
            held.push(bind(key, address, findings).await);
        }
    }
    drop(held);
    if config.inboxes.is_empty() {
        let remedy = "add an [[inbox]]";
        findings.warning("inbox", "no inbox: nothing will be heard", remedy);
    }
    let examined = app::examine_plugins(config).and_then(|(packages, problems)| {
        findings.problems(problems);
        findings.problems(app::examine_inboxes(config, &packages)?);
        Ok(packages)
    });
    match examined {
        Ok(packages) => {
            let well = |key: &str| !findings.has(key);
            let refused = app::try_settings(config, &packages, well).await;
            findings.problems(refused);
        }
        Err(error) => findings.error("plugins", format!("{error:#}"), remedy("plugins.")),
    }
    places::check(config, findings).await;
}

/// Secrets that stand where they should not, or that others can read.
fn secrets(config: &Config, findings: &mut Findings) {
    let of_start = [
        (
            "api-token",
            config.api_token.as_ref(),
            std::env::var_os("RAPPORT_API_TOKEN").is_none(),
        ),
        ("database", config.database.as_ref(), false),
        ("secret-key", config.secret_key.as_ref(), true),
    ];
    for (key, source, in_file_counts) in of_start {
        if let Some(source) = source {
            secret(key, source, in_file_counts, findings);
        }
    }
    for provider in &config.oidc {
        if let Some(source) = &provider.client_secret {
            let key = format!("oidc.{}.client-secret", provider.name);
            secret(&key, source, true, findings);
        }
    }
    for inbox in &config.inboxes {
        for (name, source) in &inbox.secrets {
            let key = format!("inbox.{}.secrets.{name}", inbox.name);
            secret(&key, source, true, findings);
        }
    }
}

async fn bind(key: &str, address: &ListenAddress, findings: &mut Findings) -> Option<TcpListener> {
    match super::serve::bind(address, key).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            let problem = format!("{address}: {}", error.root_cause());
            let remedy = "stop what listens there, or set another address";
            findings.error(key, problem, remedy);
            None
        }
    }
}

/// Whether a secret stands where it should, and is kept from others.
fn secret(key: &str, source: &SecretSource, in_file_counts: bool, findings: &mut Findings) {
    match source {
        SecretSource::Text(_) if in_file_counts => findings.warning(
            key,
            "the secret stands in the configuration itself",
            "put it into a file or variable: { file = \"…\" } or { env = \"…\" }",
        ),
        SecretSource::Elsewhere(SecretPlace::File(file)) => mode(key, file, findings),
        SecretSource::Text(_) | SecretSource::Elsewhere(_) => {}
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

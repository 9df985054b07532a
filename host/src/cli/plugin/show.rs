//! `rapport plugin show FILE`: all that an admin wants to know of a plugin before trusting it, from the
//! file itself, the signatures beside it, and the result of a test on this machine. Nothing of it is
//! run, and nothing is installed.

use super::test::kept::{self, Kept};
use crate::app;
use crate::cli::common::say;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result};
use clap::Args;
use rapport_package::imports::{Group, Report};
use rapport_package::manifest::{Fallback, is_provided};
use rapport_package::{Kind, Manifest, Package};
use rapport_publish::sign::{self, PublicKey};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The plugin file.
    file: PathBuf,
    /// A public key to check its signatures with: a .pub file, or the key itself. Repeatable.
    #[arg(long = "key")]
    keys: Vec<String>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ShowArgs) -> Result<()> {
    let package = app::read_package(&args.file)?;
    // A file that asks for one thing and uses another is not shown as if it could be installed.
    let report = package
        .inspect()
        .with_context(|| args.file.display().to_string())?;
    let signatures = signatures(args, &package.component)?;
    let kept = kept::find(&args.file, &package.digest);
    let found = json!({
        "conformance": kept.json(), "rules": rules(&package.manifest),
        "manifest": package.manifest, "digest": package.digest, "sizeBytes": package.size_bytes(),
        "signatures": signatures, "imports": report.imports, "warnings": report.warnings,
        "licenceText": package.licence, "changelog": package.changelog,
        "fixtures": package.fixtures.keys().collect::<Vec<_>>(),
    });
    let mut text = words(&package, &report, &signatures);
    conformance(&mut text, &kept, &args.file);
    say(args.json, &found, &text)
}

/// The line about the test of this file, at the end, where it is seen.
fn conformance(text: &mut String, kept: &Kept, file: &Path) {
    // Writing to a String does not fail.
    let _ = write!(text, "\n{:<12} {}", "conformance", kept.words(file));
}

/// A rule of a policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    description: &'a str,
    /// Whether it is on unless an admin says otherwise; none when only its code knows.
    enabled: Option<bool>,
}

/// The rules that a policy's settings tell of: those parts that can be switched on and off. All rules
/// of a pack only its code knows, which is not run here.
fn rules<'m>(m: &'m Manifest) -> Vec<Rule<'m>> {
    let parts = m.settings["properties"].as_object().into_iter().flatten();
    let switched = parts.filter(|(_, part)| m.kind == Kind::Policy && is_rule(part));
    let rule = |(id, part): (&'m String, &'m Value)| Rule {
        id,
        description: part["description"].as_str().unwrap_or_default(),
        enabled: part["default"]["enabled"]
            .as_bool()
            .or_else(|| part["properties"]["enabled"]["default"].as_bool()),
    };
    switched.map(rule).collect()
}

/// Whether a part of the settings has a switch.
fn is_rule(part: &Value) -> bool {
    part["properties"]["enabled"]["type"] == "boolean"
}

/// What each signature beside the file is, as far as the given keys tell.
fn signatures(args: &ShowArgs, file: &[u8]) -> Result<Vec<Value>> {
    let keys = args.keys.iter().map(|key| PublicKey::from_argument(key));
    let keys: Vec<PublicKey> = keys.collect::<Result<_, _>>()?;
    let texts = sign::read_signatures(&args.file)?;
    let findings = sign::examine(file, &texts, &keys);
    let shown = findings.into_iter().map(|finding| match finding {
        sign::Finding::Valid { signed, .. } => json!({
            "state": "signed", "keyId": signed.key_id, "comment": signed.trusted_comment,
        }),
        sign::Finding::Unknown(id) => json!({ "state": "untrusted", "keyId": id }),
        sign::Finding::Mismatch { key, what } => json!({
            "state": "modified", "keyId": key.id(), "why": what.to_string(),
        }),
        sign::Finding::Malformed(why) => json!({ "state": "modified", "why": why.to_string() }),
    });
    Ok(shown.collect())
}

fn words(package: &Package, report: &Report, signatures: &[Value]) -> String {
    let m = &package.manifest;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{key:<12} {}", shown(value));
    };
    line("plugin", &format!("{} {}", m.id, m.version));
    line("name", &m.name);
    line("kind", m.kind.as_str());
    line("about", &m.description);
    line("publisher", &format!("{} (its own word)", m.publisher));
    line("licence", &m.licence);
    line("contract", &m.contract);
    line("digest", &format!("sha256:{}", package.digest));
    line("size", &format!("{} KiB", package.size_bytes() / 1024));
    if signatures.is_empty() {
        line("signature", "unsigned");
    }
    for signature in signatures {
        let of = |key: &str| signature[key].as_str().unwrap_or_default().to_owned();
        let rest = format!("{} {} {}", of("keyId"), of("comment"), of("why"));
        line("signature", &format!("{} {}", of("state"), rest.trim()));
    }
    if let Some(changelog) = &package.changelog {
        line("changes", changelog.lines().next().unwrap_or_default());
    }
    let fallback = match m.fallback {
        Fallback::Open => "open: when it fails, as if it had said nothing",
        Fallback::Closed => "closed: when it fails, what it guards stays held",
        Fallback::LastKnownGood => "last known good: when it fails, the version before it answers",
    };
    line("fallback", fallback);
    let mut limits = format!(
        "{} MiB of memory, {} ms a call",
        m.limits.memory_mb, m.limits.time_ms
    );
    if m.kind == Kind::Channel {
        let (minute, once) = (m.limits.requests_per_minute, m.limits.requests_at_once);
        let _ = write!(limits, "; {minute} requests a minute, {once} at once");
    }
    line("limits", &limits);
    asks(m, &mut line);
    for rule in rules(m) {
        let state = match rule.enabled {
            Some(true) => " (on)",
            Some(false) => " (off)",
            None => "",
        };
        line("rule", &format!("{}{state}: {}", rule.id, rule.description));
    }
    for (group, imports) in &report.imports {
        line(
            "imports",
            &format!("{}: {}", meaning(*group), imports.join(", ")),
        );
    }
    let fixtures = match package.fixtures.len() {
        0 => "none".to_owned(),
        count => format!("{count} files"),
    };
    line("fixtures", &fixtures);
    for warning in &report.warnings {
        line("warning", &warning.to_string());
    }
    text.truncate(text.trim_end().len());
    text
}

/// What the manifest asks for, each with its reason.
fn asks(m: &Manifest, line: &mut impl FnMut(&str, &str)) {
    for http in &m.permissions.http {
        let methods = if http.methods.is_empty() {
            "any method".to_owned()
        } else {
            http.methods.join(", ")
        };
        let to = format!("{}{} ({methods})", http.address, http.path_prefix);
        line("asks to reach", &format!("{to}: {}", http.reason));
    }
    for field in &m.permissions.fields {
        let (name, reason) = (&field.field, &field.reason);
        let words = match is_provided(name) {
            true => format!("{name}: {reason}"),
            false => {
                format!("{name}, which this version of Rapport does not provide yet: {reason}")
            }
        };
        line("asks to read", &words);
    }
    for secret in &m.secrets {
        let goes = match secret.hosts.is_empty() {
            true => "stays in the host".to_owned(),
            false => format!(
                "goes to {} in {}",
                secret.hosts.join(", "),
                secret.places_in_words()
            ),
        };
        line(
            "secret",
            &format!("{}, {goes}: {}", secret.name, secret.description),
        );
    }
    let empty = serde_json::Map::new();
    let required = m.settings["required"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let settings = m.settings["properties"].as_object().unwrap_or(&empty);
    let is_setting = |schema: &Value| m.kind != Kind::Policy || !is_rule(schema);
    for (name, schema) in settings.iter().filter(|(_, schema)| is_setting(schema)) {
        let about = schema["description"].as_str().unwrap_or_default();
        let must = required.iter().any(|r| r == name);
        let default = match (&schema["default"], must) {
            (Value::Null, true) => " (required)".to_owned(),
            (Value::Null, false) => String::new(),
            (default, _) => format!(" (unless given: {default})"),
        };
        line("setting", &format!("{name}{default}: {about}"));
    }
}

fn meaning(group: Group) -> &'static str {
    match group {
        Group::Types => "the contract's types",
        Group::Log => "the log",
        Group::Runtime => "its language's runtime",
        Group::Inbox => "the inbox's settings, memory and time",
        Group::Secrets => "references to its secrets",
        Group::Network => "the network, where granted",
        Group::Clocks => "clocks",
        Group::Randomness => "random numbers",
        Group::Empty => "nothing behind it",
    }
}

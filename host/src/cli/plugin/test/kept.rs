//! What came of a test, kept beside the plugin file as `NAME.conformance.json` for `rapport plugin
//! show`, and bound to the file's digest.
//!
//! A local result and no signature: whoever can write the plugin file can write this one too, so it
//! is shown and nothing depends on it. It is replaced whole, never half written. Deliberately absent:
//! results of a directory, which is built anew each time.

use super::report::{Level, Report, Status};
use crate::domain::new_id;
use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use rapport_package::Package;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest file that is read, in bytes.
const FILE_MAX_BYTES: u64 = 4 * 1024 * 1024;
const NOTE: &str = "What `rapport plugin test` found on one machine. It is not signed and proves \
                    nothing to others.";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Writing<'a> {
    note: &'static str,
    /// RFC 3339.
    tested: String,
    /// The version of `rapport` that tested.
    kit: &'static str,
    contract: &'a str,
    /// Whether the settings were given, and not the plugin's defaults.
    own_settings: bool,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reading {
    tested: String,
    kit: String,
    contract: String,
    #[serde(default)]
    own_settings: bool,
    digest: String,
    level: Option<Level>,
    checks: Vec<ReadCheck>,
}

#[derive(Deserialize)]
struct ReadCheck {
    name: String,
    status: Status,
}

/// Where the result of a plugin file's test is.
fn place(plugin: &Path) -> PathBuf {
    plugin.with_extension("conformance.json")
}

/// Writes down what came of testing this file.
pub fn keep(plugin: &Path, package: &Package, report: &Report, own_settings: bool) -> Result<()> {
    let file = place(plugin);
    let writing = Writing {
        note: NOTE,
        tested: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        kit: env!("CARGO_PKG_VERSION"),
        contract: &package.manifest.contract,
        own_settings,
        report,
    };
    let text = serde_json::to_string_pretty(&writing)? + "\n";
    // Beside it first: a link in its place is replaced and not followed.
    let fresh = file.with_extension(format!("{}.tmp", new_id()));
    let written = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, &file));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written.with_context(|| file.display().to_string())
}

/// What is known of a file's test.
pub enum Kept {
    /// Nothing.
    Untested,
    /// A result of this very file.
    Tested(Tested),
    /// A result, but of a file with this digest.
    OfAnother(String),
    /// Why what is there can't be read.
    Unreadable(String),
}

/// A result that is bound to the file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tested {
    level: Option<Level>,
    tested: String,
    kit: String,
    contract: String,
    own_settings: bool,
    /// Names of the checks that failed.
    failed: Vec<String>,
}

/// Looks for the result of a plugin file with this digest.
pub fn find(plugin: &Path, digest: &str) -> Kept {
    let file = place(plugin);
    let mut text = String::new();
    let read = std::fs::File::open(&file)
        .and_then(|opened| opened.take(FILE_MAX_BYTES).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Kept::Untested,
        Err(error) => return Kept::Unreadable(format!("{}: {error}", file.display())),
        Ok(_) => {}
    }
    let reading: Reading = match serde_json::from_str(&text) {
        Ok(reading) => reading,
        Err(error) => return Kept::Unreadable(format!("{}: {error}", file.display())),
    };
    if reading.digest != digest {
        return Kept::OfAnother(printable(&reading.digest));
    }
    let tested = match DateTime::parse_from_rfc3339(&reading.tested) {
        Ok(tested) => tested.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        Err(error) => return Kept::Unreadable(format!("{}: tested: {error}", file.display())),
    };
    let failed = reading.checks.iter().filter(|c| c.status == Status::Failed);
    Kept::Tested(Tested {
        level: reading.level,
        tested,
        kit: printable(&reading.kit),
        contract: printable(&reading.contract),
        own_settings: reading.own_settings,
        failed: failed.map(|check| printable(&check.name)).collect(),
    })
}

/// A short text from a file that anybody may have written.
fn printable(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
    kept.take(80).collect()
}

impl Kept {
    pub fn json(&self) -> Value {
        match self {
            Kept::Untested => json!({ "state": "untested" }),
            Kept::Tested(tested) => json!({ "state": "tested", "signed": false, "result": tested }),
            Kept::OfAnother(digest) => json!({ "state": "of-another-file", "digest": digest }),
            Kept::Unreadable(why) => json!({ "state": "unreadable", "why": why }),
        }
    }

    /// In one line; `plugin` is the file that it is about.
    pub fn words(&self, plugin: &Path) -> String {
        let again = format!("run rapport plugin test {}", plugin.display());
        match self {
            Kept::Untested => format!("not tested; {again}"),
            Kept::Tested(tested) => {
                let level = tested.level.map_or("no level", Level::as_str);
                let day = tested.tested.split('T').next().unwrap_or_default();
                let failed = match tested.failed.as_slice() {
                    [] => String::new(),
                    failed => format!(", failed {}", failed.join(", ")),
                };
                let settings = match tested.own_settings {
                    true => ", with settings of the tester's own",
                    false => "",
                };
                format!(
                    "tested here: {level}, {day}{failed}{settings} (a local result that nobody \
                     signed, in {})",
                    place(plugin).display()
                )
            }
            Kept::OfAnother(digest) => {
                format!("the result beside it is of another file (sha256:{digest}); {again}")
            }
            Kept::Unreadable(why) => format!("the result beside it can't be read: {why}; {again}"),
        }
    }
}

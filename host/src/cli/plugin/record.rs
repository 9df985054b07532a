//! `rapport plugin record PLUGIN --settings FILE --call poll --into FILE`: one call of a channel on the
//! real network, written down as a case for its fixtures.
//!
//! The connector runs as in service, within its grant. Secrets never come into the recording (it is
//! taken where only references are); handles, names, addresses and telephone numbers of people get
//! stand-ins (`mask`). What is written is played back once, and what came of that is what the case
//! expects: so the case holds before a person looks at it. Deliberately absent: overwriting a file,
//! and reading the case over; a person does that before it is kept.

mod mask;
mod write;

use super::oci::ExtraCaArgs;
use super::test::channel::replayed;
use super::test::loader::Loader;
use crate::app;
use crate::cli::common::say;
use crate::db::private;
use crate::plugin::connector::{Connector, ConnectorOptions};
use crate::plugin::{CallError, Recorder, resolve_settings};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use mask::Mask;
use rapport_package::{Kind, Package};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The plugin file.
    plugin: PathBuf,
    /// The inbox's settings: TOML, or JSON in a file named .json.
    #[arg(long)]
    settings: PathBuf,
    /// What is asked of it. `send` does send.
    #[arg(long, value_enum)]
    call: Asked,
    /// For poll: where to go on.
    #[arg(long)]
    cursor: Option<String>,
    /// For send: the text.
    #[arg(long)]
    text: Option<String>,
    /// For send: the id of the message answered.
    #[arg(long)]
    in_reply_to: Option<String>,
    /// For send and find-sent: the idempotency key.
    #[arg(long, default_value = "0123456789abcdef")]
    key: String,
    /// A secret and the file that holds it; again for each.
    #[arg(long = "secret", value_name = "NAME=FILE")]
    secrets: Vec<String>,
    /// A `host:port` on this machine or network that it may reach; again for each.
    #[arg(long = "local-host", value_name = "HOST:PORT")]
    local_hosts: Vec<String>,
    #[command(flatten)]
    extra_ca: ExtraCaArgs,
    /// What the case is called.
    #[arg(long, default_value = "recorded")]
    name: String,
    /// The file to write, for example fixtures/first-poll.toml; it must not be there yet.
    #[arg(long)]
    into: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Asked {
    Check,
    Poll,
    Send,
    FindSent,
}

impl Asked {
    fn as_str(self) -> &'static str {
        match self {
            Asked::Check => "check",
            Asked::Poll => "poll",
            Asked::Send => "send",
            Asked::FindSent => "find-sent",
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    file: PathBuf,
    exchanges: usize,
    masked: usize,
    /// How the call ended, in words.
    came: String,
}

pub async fn run(args: &RecordArgs) -> Result<()> {
    if args.into.exists() {
        bail!("{}: there already; name another file", args.into.display());
    }
    let package = app::read_package(&args.plugin)?;
    if package.manifest.kind != Kind::Channel {
        bail!(
            "{}: only channels have exchanges to record",
            package.manifest.id
        );
    }
    let settings = super::test::read_settings(&args.settings)?;
    let recorder = Recorder::new(crate::domain::now_ms());
    let came = call(args, &package, &settings, &recorder).await?;
    let exchanges = recorder.take();
    if exchanges.is_empty() {
        bail!("no answer of the network to write down; it came to: {came}");
    }
    let mut mask = Mask::default();
    mask.learn(&settings.to_string());
    for exchange in &exchanges {
        for body in [&exchange.body, &exchange.answer_body] {
            mask.learn(&String::from_utf8_lossy(body));
        }
    }
    let mut case = write::case(args, &settings, recorder.now, &exchanges, &mask)?;
    let expect = replayed(&package, &case)
        .await
        .context("what was recorded can't be played back")?;
    case.push_str(&expect);
    // What was recorded may hold what customers wrote.
    private::write(&args.into, case.as_bytes()).with_context(|| args.into.display().to_string())?;
    let written = Written {
        file: args.into.clone(),
        exchanges: exchanges.len(),
        masked: mask.len(),
        came,
    };
    let words = format!(
        "{}: {} exchanges, {} values masked; it came to: {}\nRead it before you keep it: names inside \
         texts are not recognised.",
        written.file.display(),
        written.exchanges,
        written.masked,
        written.came
    );
    say(args.json, &written, &words)
}

/// Makes the call; how it ended, in words. A plugin error is worth recording too.
async fn call(
    args: &RecordArgs,
    package: &Package,
    settings: &serde_json::Value,
    recorder: &Arc<Recorder>,
) -> Result<String> {
    let settings = resolve_settings(&package.manifest.settings, settings).map_err(|problems| {
        anyhow::anyhow!("{}: {}", args.settings.display(), problems.join("\n"))
    })?;
    let loader = Loader::trusting(package, args.extra_ca.roots()?)?;
    let options = ConnectorOptions {
        inbox_id: "inbox-under-test".to_owned(),
        settings,
        secrets: secrets(&args.secrets)?,
        local_hosts: args.local_hosts.clone(),
        webhook_url: None,
    };
    let connector =
        Connector::load_recorded(loader.engines(), package, options, Arc::clone(recorder));
    let connector = connector.await?;
    let state = BTreeMap::new();
    let words = |came: Result<String, CallError>| match came {
        Ok(words) => words,
        Err(error) => format!("an error: {error}"),
    };
    Ok(match args.call {
        Asked::Check => words(
            connector
                .check(&state)
                .await
                .map(|a| a.value.actor.external_id),
        ),
        Asked::Poll => {
            let page = connector.poll(&state, args.cursor.as_deref(), &[]).await;
            words(page.map(|a| format!("{} activities", a.value.activities.len())))
        }
        Asked::Send => {
            let message = write::message(args);
            let receipt = connector.send(&state, &message, &args.key).await;
            words(receipt.map(|a| format!("sent as {}", a.value.external_id)))
        }
        Asked::FindSent => {
            let found = connector.find_sent(&state, &args.key).await;
            words(found.map(|a| a.value.map_or("not found".to_owned(), |r| r.external_id)))
        }
    })
}

fn secrets(given: &[String]) -> Result<BTreeMap<String, String>> {
    let read = |given: &String| {
        let (name, file) = given
            .split_once('=')
            .with_context(|| format!("--secret {given}: NAME=FILE"))?;
        let value = std::fs::read_to_string(Path::new(file)).with_context(|| file.to_owned())?;
        Ok((name.to_owned(), value.trim_end().to_owned()))
    };
    given.iter().map(read).collect()
}

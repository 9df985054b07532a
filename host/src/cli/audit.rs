//! `rapport audit verify | head | list | export`: works on the store, whether or not a host is running.

use super::ConfigArg;
use super::common::{say, with_store};
use super::out::Output;
use crate::app;
use crate::config::Config;
use crate::db::Db;
use crate::db::audit::{AuditFilter, audit_append_in_tx};
use crate::db::{commit, private};
use crate::domain::audit::{AuditEvent, ChainReport, ExpectedHead};
use crate::domain::now_ms;
use crate::pipeline::heads;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the whole chain and say which rows were changed, are missing, or stand elsewhere.
    ///
    /// A chain that was written anew, or cut at its end, shows only beside a head that is known from
    /// elsewhere: those of the file of [audit] head-file are compared by themselves; give the last one that
    /// a log or a webhook got, or are asked for it. Exit status 1 when anything is wrong.
    Verify {
        /// SEQ:HASH that an export, a check, a log line or a webhook told.
        #[arg(long, value_name = "SEQ:HASH")]
        expect_head: Option<ExpectedHead>,
        /// A file of signed heads, log lines or bodies of webhooks, one a line; [audit] head-file unless
        /// given. What is not signed with this host's key counts for nothing.
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Send the chain's head out now, signed, as the schedule does: to webhooks and to [audit] head-file.
    Head {
        #[command(flatten)]
        config: ConfigArg,
        /// Print it as JSON, with its signature.
        #[arg(long)]
        json: bool,
    },
    /// List events, newest first.
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// At most this many, up to 200.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Write every event, oldest first, with its hash; the last line is the chain's head.
    Export {
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
        /// Where to; standard output unless given. A file that is there already is left alone.
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the head as JSON when the events go to a file.
        #[arg(long)]
        json: bool,
    },
}

/// Which events.
#[derive(Debug, clap::Args)]
pub struct FilterArgs {
    #[arg(long)]
    actor: Option<String>,
    /// Such as `draft.release`.
    #[arg(long)]
    action: Option<String>,
    #[arg(long)]
    subject: Option<String>,
    /// UTC milliseconds; from then on.
    #[arg(long)]
    from: Option<i64>,
    /// UTC milliseconds; before then.
    #[arg(long)]
    to: Option<i64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// For spreadsheets: a cell that would be taken for a formula begins with an apostrophe.
    Csv,
}

pub async fn run(command: AuditCommand) -> Result<()> {
    match command {
        AuditCommand::Verify {
            expect_head,
            heads,
            config,
            json,
        } => verify(&config.load()?, expect_head, heads, json).await,
        AuditCommand::Head { config, json } => head(&config.load()?, json).await,
        AuditCommand::List {
            filter,
            limit,
            config,
            json,
        } => list(&config.load()?, filter, limit, json).await,
        AuditCommand::Export {
            format,
            out,
            config,
            json,
        } => export(&config.load()?, format, out, json).await,
    }
}

async fn verify(
    config: &Config,
    mut kept: Option<ExpectedHead>,
    file: Option<PathBuf>,
    as_json: bool,
) -> Result<()> {
    if let Some(path) = file.as_ref().filter(|path| !path.is_file()) {
        bail!("{}: no such file", path.display());
    }
    let file = file.or(config.audit.head_file.clone());
    if kept.is_none() && file.is_none() && !as_json && std::io::stdin().is_terminal() {
        kept = ask_for_head()?;
    }
    let db = app::open_db(config).await?;
    let key = app::known_key(config);
    let report = heads::verify(&db, key, file.as_deref(), kept).await?;
    db.close().await;
    if as_json {
        outln!("{}", serde_json::to_string(&report)?)?;
    } else {
        for finding in &report.findings {
            outln!("seq {}: {}", finding.seq, shown(&finding.what))?;
        }
        if report.more {
            outln!("… and more")?;
        }
        outln!("{} rows, head {}", report.rows, report.head)?;
        tell_heads(&report)?;
    }
    if !report.intact {
        bail!("the audit is not what was written");
    }
    Ok(())
}

/// The last head that is known from elsewhere, as a person at a terminal has it.
fn ask_for_head() -> Result<Option<ExpectedHead>> {
    errln!("The last head that is known from elsewhere, as SEQ:HASH (Enter if there is none):");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    match line.trim() {
        "" => Ok(None),
        head => head
            .parse()
            .map(Some)
            .map_err(|error: String| anyhow!(error)),
    }
}

fn tell_heads(report: &ChainReport) -> Result<()> {
    if report.heads_refused > 0 {
        errln!(
            "{} lines are no heads that this host's key signed, and count for nothing: the key was changed \
             since, or they were",
            report.heads_refused
        );
    }
    if report.heads_compared > 0 {
        outln!(
            "compared with {} heads from elsewhere",
            report.heads_compared
        )?;
        return Ok(());
    }
    errln!(
        "Compared with no head from elsewhere: a chain that was written anew, or cut at its end, would \
         pass. Give the last one known with --expect-head or --heads; set [audit] head-file to have them kept."
    );
    Ok(())
}

async fn head(config: &Config, as_json: bool) -> Result<()> {
    let file = config.audit.head_file.as_deref();
    let sent = with_store(config, async |db| {
        app::secret_key(config, db).await?;
        Ok(heads::publish(db, file).await?)
    })
    .await?;
    let signed = sent.context("there is no event yet")?;
    let words = format!("head {}:{}", signed.seq, signed.hash);
    say(as_json, &signed, &words)
}

async fn list(config: &Config, filter: FilterArgs, limit: u32, as_json: bool) -> Result<()> {
    let db = app::open_db(config).await?;
    let filter = AuditFilter {
        actor: filter.actor,
        action: filter.action,
        subject: filter.subject,
        from: filter.from,
        to: filter.to,
    };
    let page = db.audit_page(&filter, None, limit).await?;
    db.close().await;
    if as_json {
        outln!("{}", serde_json::to_string(&page.items)?)?;
        return Ok(());
    }
    outln!(
        "{:>7} {:<24} {:<20} {:<20} SUBJECT",
        "SEQ",
        "TIME",
        "ACTOR",
        "ACTION"
    )?;
    for event in &page.items {
        let AuditEvent {
            seq,
            actor,
            action,
            subject,
            ..
        } = event;
        let at = time_text(event.at);
        let [actor, action, subject] = [actor, action, subject].map(|text| shown(text));
        outln!("{seq:>7} {at:<24} {actor:<20} {action:<20} {subject}")?;
    }
    Ok(())
}

async fn export(config: &Config, format: Format, out: Option<PathBuf>, json: bool) -> Result<()> {
    let mut writer: Box<dyn Write> = match &out {
        None => Box::new(BufWriter::new(Output)),
        Some(path) => {
            let file = private::create_new(path).with_context(|| path.display().to_string())?;
            Box::new(BufWriter::new(file))
        }
    };
    let db = app::open_db(config).await?;
    // First, so that the export has its own event and the head behind it.
    let mut tx = db.begin().await?;
    let detail = json!({ "format": format!("{format:?}").to_lowercase() });
    audit_append_in_tx(&mut tx, now_ms(), "cli", "audit.export", "audit", &detail).await?;
    commit(tx).await?;
    let head = match format {
        Format::Jsonl => export_lines(&db, &mut writer).await?,
        Format::Csv => export_csv(&db, &mut writer).await?,
    };
    writer.flush().context("writing the export")?;
    db.close().await;
    if out.is_some() {
        match json {
            true => outln!("{}", json!({ "head": head }))?,
            false => outln!("head {head}")?,
        }
    }
    Ok(())
}

/// Calls back with every event up to the present end, oldest first; the head as its text.
async fn each_event(db: &Db, mut take: impl FnMut(&AuditEvent) -> Result<()>) -> Result<String> {
    let end = db.audit_end().await?;
    let mut behind = 0;
    loop {
        let rows = db.audit_batch(behind, end.last).await?;
        let Some(last) = rows.last() else {
            return Ok(end.head.unwrap_or_default().to_string());
        };
        behind = last.seq;
        rows.iter().try_for_each(&mut take)?;
    }
}

async fn export_lines(db: &Db, writer: &mut dyn Write) -> Result<String> {
    let head = each_event(db, |event| {
        Ok(writeln!(writer, "{}", serde_json::to_string(event)?)?)
    })
    .await?;
    writeln!(writer, "{}", json!({ "head": head }))?;
    Ok(head)
}

async fn export_csv(db: &Db, writer: &mut dyn Write) -> Result<String> {
    let mut csv = csv::Writer::from_writer(writer);
    csv.write_record([
        "seq", "at", "time", "actor", "action", "subject", "detail", "hash",
    ])?;
    let head = each_event(db, |event| {
        let record = [
            event.seq.to_string(),
            event.at.to_string(),
            time_text(event.at),
            cell(&event.actor),
            cell(&event.action),
            cell(&event.subject),
            cell(&event.detail),
            cell(&event.hash),
        ];
        Ok(csv.write_record(record)?)
    })
    .await?;
    csv.write_record(["head", "", "", "", "", "", "", &head])?;
    csv.flush()?;
    Ok(head)
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// RFC 3339, in UTC; the number itself when it is no time.
fn time_text(at: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at).map_or_else(
        || at.to_string(),
        |time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(cell(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(cell("draft.release"), "draft.release");
    }
}

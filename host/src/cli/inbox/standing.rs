//! `rapport inbox list` and `show`: how inboxes stand, by what running hosts have put on record.

use crate::cli::common::{Common, inbox_id, say, with_store};
use crate::db::Db;
use crate::db::inbox_setup::StoredSetup;
use crate::domain::TimestampMs;
use crate::domain::inbox::{Inbox, InboxState};
use crate::telemetry::shown::shown;
use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;
use std::time::Duration;

/// An inbox, and who manages it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(flatten)]
    inbox: Inbox,
    managed_by: &'static str,
}

async fn rows(db: &Db, common: &Common) -> Result<Vec<Row>> {
    let config = common.config.load()?;
    let stored = db.inbox_setup_list().await?;
    let managed_by = |inbox: &Inbox| {
        let file = config.inboxes.iter().any(|i| i.name == inbox.name);
        let of = |setup: &&StoredSetup| setup.inbox_id == inbox.id;
        match (file, stored.iter().find(of)) {
            (true, _) => "rapport.toml",
            (false, Some(setup)) if setup.enabled => "store",
            (false, Some(_)) => "store, disabled",
            (false, None) => "nobody: kept for what was heard",
        }
    };
    let inboxes = db.inbox_list().await?.into_iter();
    let row = |mut inbox: Inbox| {
        let managed_by = managed_by(&inbox);
        // No host has taken it up yet.
        if managed_by == "store" && inbox.state == InboxState::Inactive {
            inbox.state = InboxState::Preparing;
        }
        Row { inbox, managed_by }
    };
    Ok(inboxes.map(row).collect())
}

/// All of them.
pub async fn list(common: &Common) -> Result<()> {
    with_store(&common.config.load()?, async |db| {
        let rows = rows(db, common).await?;
        let mut lines = vec![format!(
            "{:<22} {:<20} {:<15} MANAGED BY",
            "NAME", "PLUGIN", "STATE"
        )];
        for row in &rows {
            let inbox = &row.inbox;
            lines.push(format!(
                "{:<22} {:<20} {:<15} {}",
                inbox.name,
                inbox.plugin,
                inbox.state.as_str(),
                row.managed_by
            ));
            lines.extend(why(inbox).map(|why| format!("    {why}")));
        }
        say(common.json, &rows, &lines.join("\n"))
    })
    .await
}

/// One of them.
pub async fn show(name: &str, common: &Common) -> Result<()> {
    with_store(&common.config.load()?, async |db| {
        let id = inbox_id(db, name).await?;
        let mut rows = rows(db, common).await?.into_iter();
        let row = rows.find(|row| row.inbox.id == id).context("it is gone")?;
        let inbox = &row.inbox;
        let mut lines = vec![format!(
            "{} ({}), {}: {}",
            inbox.name, inbox.plugin, inbox.network, inbox.state
        )];
        lines.extend(why(inbox));
        lines.push(format!("last worked   {}", moment(inbox.last_success)));
        lines.push(format!("last message  {}", moment(inbox.last_message)));
        lines.push(format!("usual gap     {}", span(inbox.usual_gap_ms)));
        lines.push(format!("managed by    {}", row.managed_by));
        say(common.json, &row, &lines.join("\n"))
    })
    .await
}

/// Why it is not well, since when, and how often.
fn why(inbox: &Inbox) -> Option<String> {
    if inbox.state == InboxState::Silent {
        let since = moment(inbox.last_message);
        let gap = span(inbox.usual_gap_ms);
        return Some(format!(
            "no message since {since}; one came about every {gap}"
        ));
    }
    let error = shown(&inbox.last_error.as_ref()?.replace('\n', " "));
    let times = match inbox.failures {
        0 | 1 => String::new(),
        times => format!(", {times} times in a row"),
    };
    let since = inbox
        .state_since
        .map(|at| format!(" (since {}{times})", moment(Some(at))));
    Some(format!("{error}{}", since.unwrap_or_default()))
}

fn moment(at: Option<TimestampMs>) -> String {
    at.and_then(DateTime::from_timestamp_millis).map_or_else(
        || "never".to_owned(),
        |at| at.to_rfc3339_opts(SecondsFormat::Secs, true),
    )
}

/// To the minute, in the two largest units.
fn span(ms: i64) -> String {
    let minutes = Duration::from_millis(u64::try_from(ms).unwrap_or(0)).as_secs() / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

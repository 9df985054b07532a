//! `rapport outbox list | retry | drop`: works on the store, whether or not a host is running.

use super::common::{say, with_store};
use crate::app;
use crate::config::Config;
use crate::db::Db;
use crate::domain::access::InboxScope;
use crate::domain::outbound::OutboxStatus;
use crate::pipeline::outbound::override_item;
use crate::telemetry::shown::shown;
use anyhow::{Result, bail};

pub async fn list(
    config: &Config,
    status: Option<OutboxStatus>,
    limit: u32,
    as_json: bool,
) -> Result<()> {
    let db = app::open_db(config).await?;
    let page = db
        .outbox_page(&InboxScope::All, status, None, limit)
        .await?;
    db.close().await;
    if as_json {
        outln!("{}", serde_json::to_string(&page.items)?)?;
    } else if page.items.is_empty() {
        outln!("Nothing there.")?;
    } else {
        outln!("{:<36} {:<9} {:>5}  ERROR", "ID", "STATUS", "TRIES")?;
        for item in &page.items {
            let error = shown(item.last_error.as_deref().unwrap_or_default());
            outln!(
                "{:<36} {:<9} {:>5}  {error}",
                item.id,
                item.status.as_str(),
                item.attempts
            )?;
        }
        if page.next.is_some() {
            outln!("There are more; see --limit, or /api/v1/outbox.")?;
        }
    }
    Ok(())
}

pub async fn change(config: &Config, id: &str, retry: bool, as_json: bool) -> Result<()> {
    with_store(config, async |db| change_in(db, id, retry, as_json).await).await
}

async fn change_in(db: &Db, id: &str, retry: bool, as_json: bool) -> Result<()> {
    let Some(item) = db.outbox_get(id).await? else {
        bail!("no outbox item `{id}`; see: rapport outbox list");
    };
    let to = if retry {
        OutboxStatus::Queued
    } else {
        OutboxStatus::Dropped
    };
    if !override_item(db, id, to, "cli").await? {
        let can = if retry {
            "a dead item can be retried"
        } else {
            "it can't be dropped now"
        };
        bail!("the item is {}; {can}", item.status);
    }
    let item = db.outbox_get(id).await?;
    say(as_json, &item, &format!("{id} is {to}"))
}

//! What subcommands have in common: the arguments that most of them take, the store for as long as one
//! of them works, and the two ways to say what came of it.

use super::ConfigArg;
use crate::app;
use crate::config::Config;
use crate::db::Db;
use crate::domain::Id;
use anyhow::{Result, bail};
use clap::Args;
use rapport_package::nearest::nearest;
use serde::Serialize;

/// Arguments of commands that have a result.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    pub config: ConfigArg,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Opens the store for some work, and closes it whatever came of that.
pub async fn with_store<T>(config: &Config, work: impl AsyncFnOnce(&Db) -> Result<T>) -> Result<T> {
    let db = app::open_db(config).await?;
    let result = work(&db).await;
    db.close().await;
    result
}

/// Prints a result: as JSON, or as these words.
pub fn say(as_json: bool, value: &impl Serialize, words: &str) -> Result<()> {
    if as_json {
        outln!("{}", serde_json::to_string(value)?)?;
    } else {
        outln!("{words}")?;
    }
    Ok(())
}

/// The id of an inbox by its name, with a nearest name for one that is not known.
pub async fn inbox_id(db: &Db, name: &str) -> Result<Id> {
    let inboxes = db.inbox_list().await?;
    if let Some(inbox) = inboxes.iter().find(|inbox| inbox.name == name) {
        return Ok(inbox.id.clone());
    }
    let known = inboxes.iter().map(|inbox| inbox.name.as_str());
    let hint = nearest(name, known).unwrap_or_default();
    bail!(
        "no inbox `{name}`{hint}; those of rapport.toml are known once a host has started with them"
    )
}

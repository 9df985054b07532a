//! Rights of people to inboxes, by e-mail address and by the inbox's name: `rapport user grant` and
//! `revoke`. Deliberately absent: rights of teams, which the API gives.

use super::operator;
use crate::access::{people, right};
use crate::cli::common::{Common, inbox_id, say};
use crate::db::Db;
use crate::db::access::right::Holder;
use crate::domain::Id;
use crate::domain::access::{Agent, InboxRight};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;

/// What somebody may do in an inbox. Each includes those before it; but `own` not the voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Right {
    /// See what is in it.
    Read,
    /// Write answers, close cases, settle the outbox.
    #[default]
    Answer,
    /// Post on the corporate account.
    Voice,
    /// Write answers and post them on an inbox that is their own named account.
    Own,
}

impl From<Right> for InboxRight {
    fn from(right: Right) -> Self {
        Self {
            answer: right != Right::Read,
            voice: right == Right::Voice,
            own: right == Right::Own,
        }
    }
}

/// Which inboxes, and what is allowed there.
#[derive(Debug, Args)]
pub struct GivenArgs {
    /// Name of an inbox; repeatable.
    #[arg(long = "inbox", value_name = "NAME")]
    pub inboxes: Vec<String>,
    /// What they may do there.
    #[arg(long, value_enum, default_value_t, requires = "inboxes")]
    pub right: Right,
}

/// Ids of inboxes by their names; fails when one of them is unknown.
pub async fn ids_of(db: &Db, names: &[String]) -> Result<Vec<Id>> {
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        ids.push(inbox_id(db, name).await?);
    }
    Ok(ids)
}

/// Gives an agent a right to inboxes, in the place of the one that they have there; with none takes it
/// away.
pub async fn set(db: &Db, agent: &Agent, ids: &[Id], right: Option<InboxRight>) -> Result<()> {
    let holder = Holder::Agent(agent.id.clone());
    for id in ids {
        right::set(db, &operator(), id, &holder, right).await?;
    }
    Ok(())
}

/// The same by e-mail address, and says so.
pub async fn set_and_say(
    db: &Db,
    email: &str,
    inboxes: &[String],
    right: Option<Right>,
    common: &Common,
) -> Result<()> {
    let found = people::by_email(db, email).await;
    let agent = found.with_context(|| email.to_owned())?;
    let given = right.map(InboxRight::from);
    set(db, &agent, &ids_of(db, inboxes).await?, given).await?;
    let names = inboxes.join(", ");
    let email = &agent.email;
    let words = match right {
        None => format!("{email} sees no more of {names}, unless by a team or as an admin."),
        Some(Right::Read) => format!("{email} reads {names}."),
        Some(Right::Answer) => format!("{email} reads and answers {names}."),
        Some(Right::Voice) => {
            format!("{email} reads and answers {names}, and posts on the corporate account.")
        }
        Some(Right::Own) => {
            format!("{email} reads and answers {names}, and posts there under their own name.")
        }
    };
    let done = json!({ "agentId": agent.id, "inboxes": inboxes, "right": given });
    say(common.json, &done, &words)
}

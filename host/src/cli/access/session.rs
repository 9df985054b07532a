//! `rapport session`: who is logged in.

use super::{operator, or_nothing};
use crate::access::{SessionLimits, people, session};
use crate::cli::common::{Common, say, with_store};
use crate::db::Db;
use anyhow::{Result, bail};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List open sessions, the one seen last first; at most 200.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// End a session, or all of an agent's.
    Revoke {
        /// Id of a session.
        #[arg(required_unless_present = "email")]
        id: Option<String>,
        /// End all sessions of the agent with this e-mail address.
        #[arg(long, conflicts_with = "id")]
        email: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

pub async fn run(command: SessionCommand) -> Result<()> {
    let (SessionCommand::List { common } | SessionCommand::Revoke { common, .. }) = &command;
    let config = common.config.load()?;
    let limits = config.session.limits();
    with_store(&config, async |db| execute(db, &limits, &command).await).await
}

async fn execute(db: &Db, limits: &SessionLimits, command: &SessionCommand) -> Result<()> {
    match command {
        SessionCommand::List { common } => {
            let sessions = session::list(db, limits, &operator()).await?;
            let lines = sessions.iter().map(|session| {
                format!(
                    "{}  agent {}  {}",
                    session.id, session.agent_id, session.method
                )
            });
            say(common.json, &sessions, &or_nothing(lines.collect()))
        }
        SessionCommand::Revoke { id, email, common } => {
            let ended = match (id, email) {
                (Some(id), _) => {
                    session::revoke(db, &operator(), id).await?;
                    1
                }
                (None, Some(email)) => {
                    let agent = people::by_email(db, email).await?;
                    session::revoke_all(db, &operator(), &agent.id).await?
                }
                (None, None) => bail!("give the id of a session, or --email"),
            };
            let value = serde_json::json!({ "ended": ended });
            say(common.json, &value, &format!("{ended} ended"))
        }
    }
}

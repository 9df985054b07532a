//! `rapport user`: the people who log in.

use super::right::{self, GivenArgs};
use super::{operator, or_nothing, read_password};
use crate::access::people::{self, AgentChange, NewAgent};
use crate::access::second_factor;
use crate::cli::common::{Common, say, with_store};
use crate::db::Db;
use crate::domain::access::{Agent, BuiltInRole};
use crate::telemetry::shown::shown;
use anyhow::{Context, Result, bail};
use clap::Subcommand;

const PAGE: u32 = 200;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an agent. The password is asked for.
    Add {
        email: String,
        #[arg(long)]
        name: Option<String>,
        /// A role, built-in (admin, manager, agent, marketer, auditor) or custom; repeatable.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// Without a password: they log in by another way.
        #[arg(long)]
        no_password: bool,
        #[command(flatten)]
        given: GivenArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Give an agent a right to inboxes, in the place of the one that they have there.
    Grant {
        email: String,
        #[command(flatten)]
        given: GivenArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Take an agent's right to inboxes away.
    Revoke {
        email: String,
        /// Name of an inbox; repeatable.
        #[arg(long = "inbox", value_name = "NAME", required = true)]
        inboxes: Vec<String>,
        #[command(flatten)]
        common: Common,
    },
    /// List agents.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Replace an agent's roles.
    Role {
        email: String,
        /// All roles that they are to have.
        roles: Vec<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Set an agent's password; their sessions end.
    Password {
        email: String,
        #[command(flatten)]
        common: Common,
    },
    /// End the second factor of an agent who lost app and recovery codes.
    ResetSecondFactor {
        email: String,
        #[command(flatten)]
        common: Common,
    },
    /// Keep an agent out; their sessions and API tokens end. What they did stays.
    Deactivate {
        email: String,
        #[command(flatten)]
        common: Common,
    },
}

pub async fn run(command: UserCommand) -> Result<()> {
    let common = match &command {
        UserCommand::Add { common, .. }
        | UserCommand::Grant { common, .. }
        | UserCommand::Revoke { common, .. }
        | UserCommand::List { common }
        | UserCommand::Role { common, .. }
        | UserCommand::Password { common, .. }
        | UserCommand::ResetSecondFactor { common, .. }
        | UserCommand::Deactivate { common, .. } => common,
    };
    let config = common.config.load()?;
    with_store(&config, async |db| execute(db, &command).await).await
}

async fn execute(db: &Db, command: &UserCommand) -> Result<()> {
    match command {
        UserCommand::Add {
            email,
            name,
            roles,
            no_password,
            given,
            common,
        } => {
            let password = match no_password {
                true => None,
                false => Some(read_password(email)?),
            };
            let new = NewAgent {
                email: email.clone(),
                name: name.clone().unwrap_or_else(|| email.clone()),
                roles: match roles.is_empty() {
                    true => vec![BuiltInRole::Agent.as_str().to_owned()],
                    false => roles.clone(),
                },
                password,
            };
            let inboxes = right::ids_of(db, &given.inboxes).await?;
            let made = people::create(db, &operator(), new).await?;
            right::set(db, &made, &inboxes, Some(given.right.into())).await?;
            let mut words = format!("{} {}", made.id, made.email);
            let admin = made.roles.iter().any(|r| r == BuiltInRole::Admin.as_str());
            if inboxes.is_empty() && !admin {
                words +=
                    "\nNo inbox yet, so they see nothing: rapport user grant EMAIL --inbox NAME";
            }
            say(common.json, &made, &words)
        }
        UserCommand::Grant {
            email,
            given,
            common,
        } => {
            if given.inboxes.is_empty() {
                bail!("--inbox NAME: which inbox? See: rapport inbox list");
            }
            right::set_and_say(db, email, &given.inboxes, Some(given.right), common).await
        }
        UserCommand::Revoke {
            email,
            inboxes,
            common,
        } => right::set_and_say(db, email, inboxes, None, common).await,
        UserCommand::List { common } => list_agents(db, common).await,
        UserCommand::Role {
            email,
            roles,
            common,
        } => {
            let change = AgentChange {
                roles: Some(roles.clone()),
                ..AgentChange::default()
            };
            let now = change_agent(db, email, change).await?;
            let roles = now.roles.join(", ");
            say(common.json, &now, &format!("{}: {roles}", now.email))
        }
        UserCommand::Password { email, common } => {
            let change = AgentChange {
                password: Some(read_password(email)?),
                ..AgentChange::default()
            };
            let now = change_agent(db, email, change).await?;
            let words = format!("{} has a new password.", now.email);
            say(common.json, &now, &words)
        }
        UserCommand::ResetSecondFactor { email, common } => {
            let found = people::by_email(db, email)
                .await
                .with_context(|| email.to_owned())?;
            second_factor::reset(db, &operator(), &found.id).await?;
            let now = people::get(db, &found.id).await?;
            let words = format!("{} logs in with the password alone.", now.email);
            say(common.json, &now, &words)
        }
        UserCommand::Deactivate { email, common } => {
            let change = AgentChange {
                active: Some(false),
                ..AgentChange::default()
            };
            let now = change_agent(db, email, change).await?;
            say(common.json, &now, &format!("{} is kept out.", now.email))
        }
    }
}

async fn change_agent(db: &Db, email: &str, change: AgentChange) -> Result<Agent> {
    let found = people::by_email(db, email)
        .await
        .with_context(|| email.to_owned())?;
    Ok(people::change(db, &operator(), &found.id, change).await?)
}

async fn list_agents(db: &Db, common: &Common) -> Result<()> {
    let mut agents: Vec<Agent> = Vec::new();
    loop {
        let after = agents.last().map_or("", |a| a.email.as_str());
        let page = db.agent_list(after, PAGE).await?;
        let last = page.len() < PAGE as usize;
        agents.extend(page);
        if last {
            break;
        }
    }
    let lines: Vec<String> = agents
        .iter()
        .map(|agent| {
            let state = if agent.active { "active" } else { "kept out" };
            let roles = agent.roles.join(", ");
            format!(
                "{}  {:<8}  {}  {roles}",
                agent.id,
                state,
                shown(&agent.email)
            )
        })
        .collect();
    say(common.json, &agents, &or_nothing(lines))
}

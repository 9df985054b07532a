//! `rapport init | user | token | session`: who may come in. Works on the store, whether or not a host
//! is running, as the operator: whoever may read the store may do everything.
//!
//! Passwords come from the terminal without echo, from RAPPORT_PASSWORD, or from standard input when
//! that is no terminal; never from an argument, which other users of the machine can see.

use super::ConfigArg;
use crate::access::people::{self, AgentChange, NewAgent};
use crate::access::token::{self, NewToken};
use crate::access::{SessionLimits, second_factor, session, setup};
use crate::app;
use crate::db::Db;
use crate::domain::access::{Agent, BuiltInRole, Caller, Permission};
use crate::domain::now_ms;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{BufRead, IsTerminal};

const PAGE: u32 = 200;

/// Arguments that every one of these commands takes.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    config: ConfigArg,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// E-mail address of the first administrator; without it a one-time set-up link is made.
    #[arg(long)]
    email: Option<String>,
    /// Their name; the e-mail address unless given.
    #[arg(long, requires = "email")]
    name: Option<String>,
    #[command(flatten)]
    common: Common,
}

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

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make an API token; its secret is shown this once.
    Create {
        name: String,
        /// What it may do (`inbox.read`, `draft.write`, …); repeatable.
        #[arg(long = "scope", required = true)]
        scopes: Vec<Permission>,
        /// Name of an inbox that it may see; repeatable, all unless given.
        #[arg(long = "inbox")]
        inboxes: Vec<String>,
        /// Days until it expires; never unless given.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
        #[command(flatten)]
        common: Common,
    },
    /// List API tokens, newest first.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Revoke an API token, at once and for good.
    Revoke {
        id: String,
        #[command(flatten)]
        common: Common,
    },
}

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

fn operator() -> Caller {
    Caller::operator("cli")
}

/// Prints a result: as JSON, or as these words.
fn say(common: &Common, value: &impl Serialize, words: &str) -> Result<()> {
    if common.json {
        println!("{}", serde_json::to_string(value)?);
    } else {
        println!("{words}");
    }
    Ok(())
}

fn read_password(email: &str) -> Result<String> {
    if let Ok(password) = std::env::var("RAPPORT_PASSWORD") {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        let password = rpassword::prompt_password(format!("Password for {email}: "))?;
        let again = rpassword::prompt_password("Once more: ")?;
        if password != again {
            bail!("the two are not the same");
        }
        return Ok(password);
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("reading the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub async fn init(args: InitArgs) -> Result<()> {
    let config = args.common.config.load()?;
    let db = app::open_db(&config).await?;
    let result = init_in(&db, &args, &config).await;
    db.close().await;
    result
}

async fn init_in(db: &Db, args: &InitArgs, config: &crate::config::Config) -> Result<()> {
    let Some(secret) = setup::offer(db).await? else {
        bail!("there is an administrator already; see: rapport user");
    };
    let Some(email) = &args.email else {
        let base = match &config.public_url {
            Some(url) => url.0.to_string(),
            None => format!("http://{}/", config.listen),
        };
        let link = format!("{base}setup#{secret}");
        let words = format!(
            "Start the host (rapport serve), and open this link within a day; it works once:\n{link}"
        );
        return say(&args.common, &serde_json::json!({ "link": link }), &words);
    };
    let name = args.name.as_deref().unwrap_or(email);
    let password = read_password(email)?;
    let made = setup::first_admin(db, &secret, email, name, &password).await?;
    let words = format!("{} is the administrator.", made.email);
    say(&args.common, &made, &words)
}

pub async fn user(command: UserCommand) -> Result<()> {
    let common = match &command {
        UserCommand::Add { common, .. }
        | UserCommand::List { common }
        | UserCommand::Role { common, .. }
        | UserCommand::Password { common, .. }
        | UserCommand::ResetSecondFactor { common, .. }
        | UserCommand::Deactivate { common, .. } => common,
    };
    let db = app::open_db(&common.config.load()?).await?;
    let result = user_in(&db, &command).await;
    db.close().await;
    result
}

async fn user_in(db: &Db, command: &UserCommand) -> Result<()> {
    match command {
        UserCommand::Add {
            email,
            name,
            roles,
            no_password,
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
            let made = people::create(db, &operator(), new).await?;
            say(common, &made, &format!("{} {}", made.id, made.email))
        }
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
            say(common, &now, &format!("{}: {roles}", now.email))
        }
        UserCommand::Password { email, common } => {
            let change = AgentChange {
                password: Some(read_password(email)?),
                ..AgentChange::default()
            };
            let now = change_agent(db, email, change).await?;
            let words = format!("{} has a new password.", now.email);
            say(common, &now, &words)
        }
        UserCommand::ResetSecondFactor { email, common } => {
            let found = people::by_email(db, email)
                .await
                .with_context(|| email.to_owned())?;
            second_factor::reset(db, &operator(), &found.id).await?;
            let now = people::get(db, &found.id).await?;
            let words = format!("{} logs in with the password alone.", now.email);
            say(common, &now, &words)
        }
        UserCommand::Deactivate { email, common } => {
            let change = AgentChange {
                active: Some(false),
                ..AgentChange::default()
            };
            let now = change_agent(db, email, change).await?;
            say(common, &now, &format!("{} is kept out.", now.email))
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
            format!("{}  {:<8}  {}  {roles}", agent.id, state, agent.email)
        })
        .collect();
    say(common, &agents, &or_nothing(lines))
}

fn or_nothing(lines: Vec<String>) -> String {
    if lines.is_empty() {
        return "Nothing there.".to_owned();
    }
    lines.join("\n")
}

pub async fn token(command: TokenCommand) -> Result<()> {
    let common = match &command {
        TokenCommand::Create { common, .. }
        | TokenCommand::List { common }
        | TokenCommand::Revoke { common, .. } => common,
    };
    let db = app::open_db(&common.config.load()?).await?;
    let result = token_in(&db, &command).await;
    db.close().await;
    result
}

async fn token_in(db: &Db, command: &TokenCommand) -> Result<()> {
    match command {
        TokenCommand::Create {
            name,
            scopes,
            inboxes,
            days,
            common,
        } => {
            let known = db.inbox_list().await?;
            let mut limit = Vec::new();
            for name in inboxes {
                let found = known.iter().find(|inbox| inbox.name == *name);
                limit.push(
                    found
                        .with_context(|| format!("no inbox `{name}`"))?
                        .id
                        .clone(),
                );
            }
            let new = NewToken {
                name: name.clone(),
                scopes: scopes.iter().copied().collect(),
                inboxes: (!limit.is_empty()).then_some(limit),
                expires: days.map(|days| now_ms() + i64::from(days) * 86_400_000),
            };
            let (token, secret) = token::create(db, &operator(), new).await?;
            let mut value = serde_json::to_value(&token)?;
            value["secret"] = secret.clone().into();
            let words = format!(
                "{secret}\nKeep it: it is not shown again. Its id is {}.",
                token.id
            );
            say(common, &value, &words)
        }
        TokenCommand::List { common } => {
            let tokens = db.token_list().await?;
            let now = now_ms();
            let lines = tokens.iter().map(|token| {
                let state = match (token.revoked, token.expires) {
                    (Some(_), _) => "revoked",
                    (None, Some(expires)) if expires <= now => "expired",
                    _ => "valid",
                };
                let scopes: Vec<&str> = token.scopes.iter().map(|s| s.as_str()).collect();
                format!(
                    "{}  {state:<7}  {}  {}",
                    token.id,
                    token.name,
                    scopes.join(" ")
                )
            });
            say(common, &tokens, &or_nothing(lines.collect()))
        }
        TokenCommand::Revoke { id, common } => {
            token::revoke(db, &operator(), id).await?;
            let value = serde_json::json!({ "id": id, "revoked": true });
            say(common, &value, &format!("{id} is revoked"))
        }
    }
}

pub async fn session(command: SessionCommand) -> Result<()> {
    let (SessionCommand::List { common } | SessionCommand::Revoke { common, .. }) = &command;
    let config = common.config.load()?;
    let db = app::open_db(&config).await?;
    let result = session_in(&db, &config.session.limits(), &command).await;
    db.close().await;
    result
}

async fn session_in(db: &Db, limits: &SessionLimits, command: &SessionCommand) -> Result<()> {
    match command {
        SessionCommand::List { common } => {
            let sessions = session::list(db, limits, &operator()).await?;
            let lines = sessions.iter().map(|session| {
                format!(
                    "{}  agent {}  {}",
                    session.id, session.agent_id, session.method
                )
            });
            say(common, &sessions, &or_nothing(lines.collect()))
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
            say(common, &value, &format!("{ended} ended"))
        }
    }
}

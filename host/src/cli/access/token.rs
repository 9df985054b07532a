//! `rapport token`: API tokens of programs.

use super::{operator, or_nothing};
use crate::access::token::{self, NewToken};
use crate::cli::common::{Common, say, with_store};
use crate::db::Db;
use crate::domain::access::Permission;
use crate::domain::now_ms;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result};
use clap::Subcommand;

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

pub async fn run(command: TokenCommand) -> Result<()> {
    let common = match &command {
        TokenCommand::Create { common, .. }
        | TokenCommand::List { common }
        | TokenCommand::Revoke { common, .. } => common,
    };
    let config = common.config.load()?;
    with_store(&config, async |db| execute(db, &command).await).await
}

async fn execute(db: &Db, command: &TokenCommand) -> Result<()> {
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
            say(common.json, &value, &words)
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
                    shown(&token.name),
                    scopes.join(" ")
                )
            });
            say(common.json, &tokens, &or_nothing(lines.collect()))
        }
        TokenCommand::Revoke { id, common } => {
            token::revoke(db, &operator(), id).await?;
            let value = serde_json::json!({ "id": id, "revoked": true });
            say(common.json, &value, &format!("{id} is revoked"))
        }
    }
}

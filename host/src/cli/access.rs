//! `rapport init | user | token | session`: who may come in. Works on the store, whether or not a host
//! is running, as the operator: whoever may read the store may do everything.
//!
//! Passwords come from the terminal without echo, from RAPPORT_PASSWORD, or from standard input when
//! that is no terminal; never from an argument, which other users of the machine can see.

pub mod right;
pub mod session;
pub mod token;
pub mod user;

use super::common::{Common, say, with_store};
use crate::access::setup;
use crate::config::Config;
use crate::db::Db;
use crate::domain::access::Caller;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::{BufRead, IsTerminal};

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

fn operator() -> Caller {
    Caller::operator("cli")
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

fn or_nothing(lines: Vec<String>) -> String {
    if lines.is_empty() {
        return "Nothing there.".to_owned();
    }
    lines.join("\n")
}

pub async fn init(args: InitArgs) -> Result<()> {
    let config = args.common.config.load()?;
    with_store(&config, async |db| init_in(db, &args, &config).await).await
}

async fn init_in(db: &Db, args: &InitArgs, config: &Config) -> Result<()> {
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
        return say(
            args.common.json,
            &serde_json::json!({ "link": link }),
            &words,
        );
    };
    let name = args.name.as_deref().unwrap_or(email);
    let password = read_password(email)?;
    let made = setup::first_admin(db, &secret, email, name, &password).await?;
    let words = format!("{} is the administrator.", made.email);
    say(args.common.json, &made, &words)
}

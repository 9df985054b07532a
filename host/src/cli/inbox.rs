//! `rapport inbox …`: inboxes that are made while hosts run. Works on the store; a running host follows
//! within about a second. Those in rapport.toml are listed, and changed there.

mod standing;

use super::common::{Common, inbox_id, say};
use super::plugin::manage::{set, with_registry};
use crate::db::inbox_setup::StoredSetup;
use crate::domain::plugin::InboxSetup;
use crate::pipeline::plugins::inbox::{GivenSecrets, InboxSetupView};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// Who does it, on record.
const BY: &str = "cli";

#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// Make an inbox and listen to it.
    Add {
        /// Unique and stable: what is heard is kept under it.
        name: String,
        /// Id of a channel plugin.
        #[arg(long)]
        plugin: String,
        #[command(flatten)]
        setup: SetupArgs,
        #[command(flatten)]
        common: Common,
    },
    /// Change an inbox; what is left out stays.
    Change {
        name: String,
        #[command(flatten)]
        setup: SetupArgs,
        #[command(flatten)]
        common: Common,
    },
    /// List all inboxes and how they stand.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show how an inbox stands: since when, how often, and why.
    Show {
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// Stop listening for a while.
    Disable {
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// Listen again.
    Enable {
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// Listen no more and forget the secrets. What was heard stays.
    Remove {
        name: String,
        /// Forget where the channel was too: it would begin anew.
        #[arg(long)]
        forget_state: bool,
        #[command(flatten)]
        common: Common,
    },
}

/// How an inbox is set up.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// KEY=VALUE of the channel's settings; JSON, else text. Can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// NAME=FILE with a secret in it, or NAME= to take it away. `-` reads it from standard input. Can be
    /// repeated.
    #[arg(long = "secret", value_name = "NAME=FILE")]
    secrets: Vec<String>,
    /// Words to listen for, in the network's own search syntax. Can be repeated.
    #[arg(long = "monitor", value_name = "WORDS")]
    monitors: Vec<String>,
    /// host:port on this machine or in a private network that the channel may reach. Can be repeated.
    #[arg(long = "local-host", value_name = "HOST:PORT")]
    local_hosts: Vec<String>,
    /// Seconds between polls.
    #[arg(long)]
    poll_seconds: Option<u32>,
    /// At most this many answers a minute.
    #[arg(long)]
    sends_per_minute: Option<u32>,
    /// The webhook's address as the network knows it, where the network signs it.
    #[arg(long)]
    webhook_url: Option<String>,
}

impl SetupArgs {
    fn apply(&self, setup: &mut InboxSetup) -> Result<()> {
        if setup.settings.is_null() {
            setup.settings = json!({});
        }
        for pair in &self.set {
            set(&mut setup.settings, pair)?;
        }
        if !self.monitors.is_empty() {
            setup.monitors.clone_from(&self.monitors);
        }
        if !self.local_hosts.is_empty() {
            setup.local_hosts.clone_from(&self.local_hosts);
        }
        setup.poll_seconds = self.poll_seconds.unwrap_or(setup.poll_seconds);
        setup.sends_per_minute = self.sends_per_minute.or(setup.sends_per_minute);
        if self.webhook_url.is_some() {
            setup.webhook_url.clone_from(&self.webhook_url);
        }
        Ok(())
    }

    fn secrets(&self) -> Result<GivenSecrets> {
        let read = |pair: &String| {
            let (name, file) = pair
                .split_once('=')
                .with_context(|| format!("--secret {pair}: write NAME=FILE"))?;
            let text = match file {
                "" => None,
                "-" => Some(std::io::read_to_string(std::io::stdin())?),
                file => {
                    let file = PathBuf::from(file);
                    let text = std::fs::read_to_string(&file);
                    Some(text.with_context(|| file.display().to_string())?)
                }
            };
            Ok((name.to_owned(), text.map(|text| text.trim_end().to_owned())))
        };
        self.secrets.iter().map(read).collect()
    }
}

pub async fn run(command: &InboxCommand) -> Result<()> {
    match command {
        InboxCommand::Add {
            name,
            plugin,
            setup,
            common,
        } => add(name, plugin, setup, common).await,
        InboxCommand::Change {
            name,
            setup,
            common,
        } => {
            let secrets = setup.secrets()?;
            let apply = |stored: &mut StoredSetup| setup.apply(&mut stored.setup);
            change(name, common, &secrets, apply).await
        }
        InboxCommand::List { common } => standing::list(common).await,
        InboxCommand::Show { name, common } => standing::show(name, common).await,
        InboxCommand::Disable { name, common } => enable(name, common, false).await,
        InboxCommand::Enable { name, common } => enable(name, common, true).await,
        InboxCommand::Remove {
            name,
            forget_state,
            common,
        } => {
            with_registry(&common.config.load()?, async |registry, db| {
                let id = inbox_id(db, name).await?;
                registry.inbox_delete(db, BY, &id, *forget_state).await?;
                let value = json!({ "removed": name });
                say(
                    common.json,
                    &value,
                    &format!("{name} is not listened to any more."),
                )
            })
            .await
        }
    }
}

async fn add(name: &str, plugin: &str, args: &SetupArgs, common: &Common) -> Result<()> {
    let mut setup: InboxSetup = serde_json::from_value(json!({ "plugin": plugin }))?;
    args.apply(&mut setup)?;
    let secrets = args.secrets()?;
    with_registry(&common.config.load()?, async |registry, db| {
        let id = registry
            .inbox_create(db, BY, name, &setup, &secrets)
            .await?;
        shown(registry.stored(db, &id).await?, common)
    })
    .await
}

async fn enable(name: &str, common: &Common, enabled: bool) -> Result<()> {
    let apply = |stored: &mut StoredSetup| {
        stored.enabled = enabled;
        Ok(())
    };
    change(name, common, &GivenSecrets::new(), apply).await
}

async fn change(
    name: &str,
    common: &Common,
    secrets: &GivenSecrets,
    apply: impl FnOnce(&mut StoredSetup) -> Result<()>,
) -> Result<()> {
    with_registry(&common.config.load()?, async |registry, db| {
        let id = inbox_id(db, name).await?;
        let mut wanted = registry.stored(db, &id).await?;
        apply(&mut wanted)?;
        let changed = registry
            .inbox_change(db, BY, &id, |stored| *stored = wanted, secrets)
            .await?;
        shown(changed, common)
    })
    .await
}

fn shown(stored: StoredSetup, common: &Common) -> Result<()> {
    let view = InboxSetupView::from(stored);
    let state = match view.enabled {
        true => "enabled",
        false => "disabled",
    };
    let words = format!(
        "{} ({}), {state}\nsettings {}\nsecrets  {}",
        view.name,
        view.setup.plugin,
        view.setup.settings,
        view.secrets.join(", ")
    );
    say(common.json, &view, &words)
}

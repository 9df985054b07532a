//! What the subcommands do. `--json` everywhere; exit status 0 is success, 1 failure, 2 wrong usage.

#[macro_use]
pub mod out;

mod access;
mod audit;
mod backup;
mod bench;
mod common;
mod config;
mod config_check;
mod contact;
mod demo;
mod demo_summary;
mod eval;
mod inbox;
mod outbox;
mod plugin;
mod progress;
mod replay;
mod restore;
mod retention;
mod secret_key;
mod serve;
mod simulate;
mod webhooks;

use crate::config::Config;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};

/// A social CRM whose every channel, classifier and policy rule is a sandboxed plugin.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Listen on every inbox, decide, deliver, and serve the REST API.
    Serve {
        #[command(flatten)]
        config: ConfigArg,
    },
    /// Play an invented week of messages through the whole pipeline, then keep the server up.
    Demo(demo::DemoArgs),
    /// Build, list and judge plugins.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Make, change and list inboxes.
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
    /// Make the first administrator, or a one-time link for it.
    Init(access::InitArgs),
    /// Make, list and change the people who log in.
    #[command(subcommand)]
    User(access::user::UserCommand),
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    Token(access::token::TokenCommand),
    /// See who is logged in, and end it.
    #[command(subcommand)]
    Session(access::session::SessionCommand),
    /// See and settle what is on its way out.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Tell other systems of what happens: endpoints, deliveries, replays.
    #[command(subcommand)]
    Webhook(webhooks::WebhookCommand),
    /// The key that secrets are sealed under in the store: change it, make one.
    #[command(subcommand)]
    SecretKey(secret_key::SecretKeyCommand),
    /// Check the configuration, or show what is in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write everything to one verified file, while hosts run; or delete backups that have expired.
    Backup {
        /// The file to write; it must not be there yet. One SQLite file, whichever the database is.
        #[arg(required_unless_present = "prune", conflicts_with = "prune")]
        file: Option<PathBuf>,
        /// Delete the backups in this directory that have expired (see [backup] keep-days).
        #[arg(long, value_name = "DIR")]
        prune: Option<PathBuf>,
        /// With --prune: only say which.
        #[arg(long, requires = "prune")]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a backup into the configuration's database, SQLite or PostgreSQL. No host may run.
    Restore {
        /// A file that `rapport backup` wrote.
        file: PathBuf,
        /// Take the place of what is there. An SQLite file is kept aside.
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Move the configuration's SQLite store to an empty PostgreSQL database, compared row by row.
    /// No host may run. It is all there in the end, or nothing is: a run that stopped starts anew.
    MigrateTo {
        /// postgres://user:password@host/database, or an environment variable's name after `env:`.
        target: String,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// What is deleted when it is old.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// A person's own data: all of it, and its end.
    #[command(subcommand)]
    Contact(ContactCommand),
    /// See the record of changes, check that it is whole, and write it out.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Re-execute a decision from its record, and prove the answer equal to the byte.
    ///
    /// The recorded input goes alone into a fresh instance of the recorded plugin with the recorded
    /// settings. Exit status 0: the same output, the same failure if there was one, and the stored
    /// decisions are that output. Exit status 1: anything else, with the difference effect by effect.
    Replay(replay::ReplayArgs),
    /// Ask another version of a plugin, or a new one, about stored history, and say what would have come
    /// out differently. Nothing follows from it.
    Simulate(simulate::SimulateArgs),
    /// Measure how many messages a second this machine takes, and where the time goes.
    Bench(bench::BenchArgs),
    /// Print the OpenAPI document of the REST API.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum RetentionCommand {
    /// Show how long each kind of data is kept, and the latest runs.
    Show {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Delete now what the rules do not keep. A running host does this every night.
    Run {
        /// Only count.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ContactCommand {
    /// Print all that is held about a contact, as JSON.
    Export {
        /// Our id of the contact.
        id: String,
        #[command(flatten)]
        config: ConfigArg,
    },
    /// Erase a contact: names, texts, what was said of them and answered to them. It can't be undone.
    Erase {
        /// Our id of the contact.
        id: String,
        /// Why, for the audit: the number of a request, not a name.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub struct ConfigArg {
    /// Configuration file; examples/rapport.toml is one to start from.
    #[arg(long, env = "RAPPORT_CONFIG", default_value = "rapport.toml")]
    config: PathBuf,
}

impl ConfigArg {
    /// The file's configuration. No file under the default name is the default configuration.
    fn load(&self) -> Result<Config> {
        if self.config == Path::new("rapport.toml") && !self.config.exists() {
            return Ok(Config::without_file()?);
        }
        Ok(Config::load(&self.config)?)
    }
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// List outbox items, newest first.
    List {
        /// Only those with this status: queued, sending, uncertain, sent, dead, dropped,
        /// withheld.
        #[arg(long)]
        status: Option<crate::domain::outbound::OutboxStatus>,
        /// At most this many, up to 200.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Try a dead item again.
    Retry {
        id: String,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Give an item up that is dead, waiting, or uncertain.
    Drop {
        id: String,
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Find everything that is wrong before a start does: syntax, names, plugins and their settings,
    /// secrets and who may read them, addresses. Exits with 1 when something is wrong; warnings
    /// alone do not count.
    Check {
        #[command(flatten)]
        config: ConfigArg,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print every single value with where it comes from; secrets are masked.
    Show {
        #[command(flatten)]
        config: ConfigArg,
        /// Print the values as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Parses the arguments and runs the command.
pub fn run() -> Result<()> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(wrong) if wrong.use_stderr() => wrong.exit(),
        // Help, or the version.
        Err(asked) => {
            outln!("{}", asked.render().to_string().trim_end())?;
            return Ok(());
        }
    };
    let verbose = matches!(cli.command, Command::Serve { .. });
    crate::telemetry::log::start(if verbose { "info" } else { "error" });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve { config } => serve::run(&config.load()?).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Plugin(command) => plugin::run(command).await,
            Command::Inbox(command) => inbox::run(&command).await,
            Command::Init(args) => access::init(args).await,
            Command::User(command) => access::user::run(command).await,
            Command::Token(command) => access::token::run(command).await,
            Command::Session(command) => access::session::run(command).await,
            Command::Outbox(OutboxCommand::List {
                status,
                limit,
                config,
                json,
            }) => outbox::list(&config.load()?, status, limit, json).await,
            Command::Outbox(OutboxCommand::Retry { id, config, json }) => {
                outbox::change(&config.load()?, &id, true, json).await
            }
            Command::Outbox(OutboxCommand::Drop { id, config, json }) => {
                outbox::change(&config.load()?, &id, false, json).await
            }
            Command::Webhook(command) => webhooks::run(command).await,
            Command::SecretKey(command) => secret_key::run(command).await,
            Command::Config(ConfigCommand::Check { config, json }) => {
                config_check::run(&config.config, json).await
            }
            Command::Config(ConfigCommand::Show { config, json }) => {
                config::show(&config.config, &config.load()?, json)
            }
            Command::Backup {
                file,
                prune,
                dry_run,
                config,
                json,
            } => match (file, prune) {
                (_, Some(dir)) => backup::prune(&dir, dry_run, json).await,
                (Some(file), None) => backup::backup(&config.load()?, &file, json).await,
                (None, None) => Ok(()),
            },
            Command::Restore {
                file,
                replace,
                config,
                json,
            } => restore::restore(&config.load()?, &file, replace, json).await,
            Command::MigrateTo {
                target,
                config,
                json,
            } => restore::migrate_to(&config.load()?, &target, json).await,
            Command::Retention(RetentionCommand::Show { config, json }) => {
                retention::show(&config.load()?, json).await
            }
            Command::Retention(RetentionCommand::Run {
                dry_run,
                config,
                json,
            }) => retention::run(&config.load()?, dry_run, json).await,
            Command::Contact(ContactCommand::Export { id, config }) => {
                contact::export(&config.load()?, &id).await
            }
            Command::Contact(ContactCommand::Erase {
                id,
                reason,
                config,
                json,
            }) => contact::erase(&config.load()?, &id, &reason, json).await,
            Command::Audit(command) => audit::run(command).await,
            Command::Replay(args) => replay::run(args).await,
            Command::Simulate(args) => simulate::run(&args).await,
            Command::Bench(args) => bench::run(args).await,
            Command::Openapi => {
                outln!("{}", crate::http::openapi_json())?;
                Ok(())
            }
        }
    });
    // A plugin that is still being compiled holds nobody up.
    runtime.shutdown_background();
    done
}

//! What the subcommands do. `--json` everywhere; exit status 0 is success, 1 failure, 2 wrong usage.

mod demo;
mod demo_summary;
mod eval;
mod outbox;
mod plugins;
mod serve;

use crate::config::Config;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};

/// A social CRM whose every channel, classifier and policy rule is a sandboxed plugin.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
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
    Plugin(PluginCommand),
    /// See and settle what is on its way out.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Print the OpenAPI document of the REST API.
    Openapi,
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
            return Ok(Config::default());
        }
        Ok(Config::load(&self.config)?)
    }
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Build the Rust plugin in a directory into one file.
    Build {
        /// Directory with Cargo.toml and plugin.toml.
        dir: PathBuf,
        /// Where to write the file; `ID.wasm` in the current directory unless given.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the bundled and configured plugins.
    List {
        #[command(flatten)]
        config: ConfigArg,
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Judge a classifier on messages of your own: precision, recall and F1 per label.
    Eval {
        /// Id of a bundled or configured classifier, or a plugin file.
        classifier: String,
        /// CSV with the columns `text` and `label`, or JSON lines with those keys.
        #[arg(long)]
        data: PathBuf,
        /// Which of the classifier's dimensions the labels are of.
        #[arg(long)]
        dimension: Option<String>,
        #[command(flatten)]
        config: ConfigArg,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// List outbox items, newest first.
    List {
        /// Only those with this status: queued, sending, uncertain, sent, dead, dropped.
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

/// Parses the arguments and runs the command.
pub fn run() -> Result<()> {
    let cli = Cli::parse();
    start_log(matches!(cli.command, Command::Serve { .. }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve { config } => serve::run(&config.load()?).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Plugin(PluginCommand::Build { dir, out, json }) => {
                plugins::build(&dir, out.as_deref(), json)
            }
            Command::Plugin(PluginCommand::List { config, json }) => {
                plugins::list(&config.load()?, json)
            }
            Command::Plugin(PluginCommand::Eval {
                classifier,
                data,
                dimension,
                config,
                json,
            }) => {
                let options = eval::EvalOptions {
                    data,
                    dimension,
                    json,
                };
                plugins::eval(&config.load()?, &classifier, &options).await
            }
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
            Command::Openapi => {
                println!("{}", crate::http::openapi_json());
                Ok(())
            }
        }
    })
}

/// Logs go to standard error. RAPPORT_LOG filters them (`info`, `debug,sqlx=warn`, …);
/// RAPPORT_LOG_FORMAT=json makes each line a JSON object.
fn start_log(verbose: bool) {
    let default = if verbose { "info" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAPPORT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("RAPPORT_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.init();
    }
}

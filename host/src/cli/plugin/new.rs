//! `rapport plugin new`: a project that builds, passes its tests, and says where its author must think.

use crate::cli::common::say;
use anyhow::Result;
use clap::Args;
use rapport_package::Kind;
use rapport_package::new::{self, Lang};
use serde_json::json;
use std::path::PathBuf;

/// Measured with release builds on two cores: calls by `cargo bench --bench plugins`, the first use by
/// `rapport plugin eval` with nothing compiled yet.
const LANGUAGES: &str = "\
What a language costs, for the same small classifier (one machine; the ratios are what compares):
              size       first use   one message   256 messages
  rust        150 kB     0.5 s        79 µs         1.2 ms
  js          1.1 MB     1.6 s       714 µs        20 ms
  python      18 MB      24 s        4.6 ms        56 ms";

#[derive(Debug, Args)]
#[command(after_help = LANGUAGES)]
pub struct NewArgs {
    /// The plugin's id: lower-case words with hyphens.
    name: String,
    /// channel, classifier or policy.
    #[arg(long)]
    kind: Kind,
    /// rust, js or python.
    #[arg(long, default_value = "rust")]
    lang: Lang,
    /// Where to make the project; a directory of its name unless given. It must not be there yet.
    #[arg(long)]
    dir: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

pub fn run(args: &NewArgs) -> Result<()> {
    let dir = args
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(&args.name));
    let files = new::create(args.kind, args.lang, &args.name, &dir)?;
    let value = json!({ "dir": dir, "files": files });
    let words = format!(
        "{}: {} files. README.md has the commands to test, build and try it; \
         begin with: rapport plugin build {}",
        dir.display(),
        files.len(),
        dir.display()
    );
    say(args.json, &value, &words)
}

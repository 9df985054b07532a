//! `rapport secret-key rotate | generate`: another key for what is sealed in the store, while hosts run.

use super::common::{Common, say, with_store};
use crate::app;
use crate::domain::sealed::SealKey;
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum SecretKeyCommand {
    /// Seal everything in the store under a new key, while hosts run; run again, it goes on where it
    /// stopped.
    ///
    /// Hosts whose key is the file `secret-key` in their data directory get the new one by themselves.
    /// For those that have it from RAPPORT_SECRET_KEY or `secret-key` in rapport.toml, make one with
    /// `generate`, give it here with --new-key and to each host, and run this again: until every host
    /// has it, they start with either. Backups of before open with the old key only, so keep that as
    /// long as them; secrets that somebody may have read with the old key must be replaced where they
    /// are from.
    Rotate {
        /// A file with the new key: 32 bytes in base64. Unless given, one is made.
        #[arg(long, value_name = "FILE")]
        new_key: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Print a new key. Nothing uses it yet.
    Generate,
}

pub async fn run(command: SecretKeyCommand) -> Result<()> {
    let (new_key, common) = match command {
        SecretKeyCommand::Generate => {
            outln!("{}", SealKey::generate()?)?;
            return Ok(());
        }
        SecretKeyCommand::Rotate { new_key, common } => (new_key, common),
    };
    let read =
        |path: PathBuf| std::fs::read_to_string(&path).with_context(|| path.display().to_string());
    let new = new_key.map(read).transpose()?;
    let config = common.config.load()?;
    let rotated = with_store(&config, async |db| {
        app::rotate(&config, db, new.as_deref(), "cli").await
    })
    .await?;
    let resealed = rotated.resealed;
    let mut words = format!(
        "The secret key is changed; this host's is in {}. Backups of before open with the old one only.",
        rotated.place
    );
    if resealed.unreadable > 0 {
        let lost = resealed.unreadable;
        words.push_str(&format!(
            "\n{lost} sealed texts opened under neither key: they were lost before, set them again."
        ));
    }
    let value = json!({
        "rotated": true, "sealed": resealed.changed, "unreadable": resealed.unreadable,
    });
    say(common.json, &value, &words)
}

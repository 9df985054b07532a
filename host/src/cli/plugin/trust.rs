//! `rapport plugin trust …`: whom this host believes.

use crate::cli::common::{Common, say, with_store};
use crate::domain::now_ms;
use crate::pipeline::plugins::trust;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result};
use clap::Subcommand;
use rapport_publish::sign::PublicKey;
use serde_json::json;

/// Who does it, on record.
const BY: &str = "cli";

#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// Trust a key: what it signed may run, but no version of a plugin that another key signed first. A
    /// plugin that nobody has yet is its publisher's with the first file: look at who signed it.
    Add {
        /// A .pub file, or the key itself.
        key: String,
        /// Your name for whoever holds it.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// List keys, and what is revoked.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Revoke a key, or a file by its digest, for good: what it covers stops at once. A digest covers this
    /// very file: one byte changed is another file, which only its key tells. Revoke the key of who harms.
    Revoke {
        /// Id of a key (sixteen hexadecimal digits) or a file's SHA-256.
        subject: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        common: Common,
    },
}

pub async fn run(command: &TrustCommand) -> Result<()> {
    match command {
        TrustCommand::Add { key, name, common } => {
            let key = PublicKey::from_argument(key).with_context(|| key.clone())?;
            with_store(&common.config.load()?, async |db| {
                let id = trust::key_add(db, BY, name, &key.to_string()).await?;
                let value = json!({ "keyId": id });
                say(common.json, &value, &format!("{name} is trusted, key {id}"))
            })
            .await
        }
        TrustCommand::List { common } => list(common).await,
        TrustCommand::Revoke {
            subject,
            reason,
            common,
        } => {
            with_store(&common.config.load()?, async |db| {
                let digest = subject.strip_prefix("sha256:").unwrap_or(subject);
                match digest.len() {
                    64 => trust::digest_revoke(db, BY, digest, reason).await?,
                    _ => trust::key_revoke(db, BY, subject, reason).await?,
                }
                let value = json!({ "revoked": subject, "at": now_ms() });
                say(common.json, &value, &format!("{subject} is revoked."))
            })
            .await
        }
    }
}

async fn list(common: &Common) -> Result<()> {
    with_store(&common.config.load()?, async |db| {
        let store = trust::trust_store(db).await?;
        let keys = store.keys().iter().map(|key| {
            let revoked = key
                .revoked
                .as_ref()
                .map(|r| format!("; revoked: {}", shown(&r.reason)));
            format!(
                "key {} {}{}",
                key.key_id,
                shown(&key.name),
                revoked.unwrap_or_default()
            )
        });
        let files = store.revoked_digests().iter().map(|file| {
            format!(
                "file sha256:{} revoked: {}",
                file.digest,
                shown(&file.revocation.reason)
            )
        });
        let mut lines: Vec<String> = keys.chain(files).collect();
        if lines.is_empty() {
            lines.push("No key is trusted: rapport plugin trust add FILE.pub --name VENDOR".into());
        }
        say(common.json, &store, &lines.join("\n"))
    })
    .await
}

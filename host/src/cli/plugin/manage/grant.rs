//! `rapport plugin grant`: everything that a plugin asks for, or less.

use super::{BY, read_json, told, with_registry};
use crate::cli::common::Common;
use anyhow::{Result, bail};
use clap::Args;
use rapport_package::grant::Grant;
use rapport_package::manifest::is_provided;
use std::path::PathBuf;

/// What narrows by itself; a file says all.
const NARROWING: [&str; 4] = [
    "without_fields",
    "without_hosts",
    "requests_per_minute",
    "requests_at_once",
];

#[derive(Debug, Args)]
pub struct GrantArgs {
    /// Id of the plugin.
    id: String,
    /// Withhold a field that it asks for. Can be repeated.
    #[arg(long = "without-field", value_name = "FIELD")]
    without_fields: Vec<String>,
    /// Withhold an address that it asks for. Can be repeated.
    #[arg(long = "without-host", value_name = "ADDRESS")]
    without_hosts: Vec<String>,
    /// Requests a minute that it may make, of all its inboxes on one host together.
    #[arg(long, value_name = "N")]
    requests_per_minute: Option<u32>,
    /// Requests that it may have under way at the same time, likewise.
    #[arg(long, value_name = "N")]
    requests_at_once: Option<u32>,
    /// A JSON file with the grant, as `plugin info --json` shows it under `granted`, or less.
    #[arg(long, value_name = "FILE", conflicts_with_all = NARROWING)]
    file: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

pub async fn grant(args: &GrantArgs) -> Result<()> {
    with_registry(&args.common.config.load()?, async |registry, db| {
        let grant = match &args.file {
            Some(file) => read_json::<Grant>(file)?,
            None => {
                let mut grant = registry.asked(db, &args.id).await?;
                for field in &args.without_fields {
                    let before = grant.fields.len();
                    grant.fields.retain(|f| f != field);
                    if grant.fields.len() == before && is_provided(field) {
                        bail!("--without-field {field}: it does not ask for it");
                    }
                }
                for host in &args.without_hosts {
                    let before = grant.http.len();
                    grant.http.retain(|h| h.address != *host);
                    if grant.http.len() == before {
                        bail!("--without-host {host}: it does not ask for it");
                    }
                    for secret in &mut grant.secrets {
                        secret.hosts.retain(|h| h != host);
                    }
                }
                if let Some(limit) = args.requests_per_minute {
                    grant.requests_per_minute = limit;
                }
                if let Some(limit) = args.requests_at_once {
                    grant.requests_at_once = limit;
                }
                grant
            }
        };
        registry.grant(db, BY, &args.id, Some(grant)).await?;
        told(registry, db, &args.id, &args.common).await
    })
    .await
}

//! Where a plugin comes from: a file, a directory that is built, or a registry.

use super::super::oci::RegistryArgs;
use crate::app;
use crate::config::Config;
use crate::pipeline::plugins::admit::Word;
use crate::pipeline::plugins::manage::NewFile;
use anyhow::Result;
use clap::Args;
use rapport_publish::oci::{self, Reference};
use rapport_publish::sign;
use std::path::Path;

/// Where a plugin comes from.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// A plugin file, a directory to build, or oci://registry/repository:tag.
    pub source: String,
    /// Let it run without a signature that is trusted. For this one file; goes on record.
    #[arg(long)]
    allow_unsigned: bool,
    /// Let this key, one of those that signed it, be its publisher's from now on, in the stead of the one
    /// that signed it first.
    #[arg(long, value_name = "KEYID")]
    publisher_key: Option<String>,
    #[command(flatten)]
    registry: RegistryArgs,
}

impl SourceArgs {
    pub fn word(&self) -> Word {
        Word {
            allow_unsigned: self.allow_unsigned,
            publisher_key: self.publisher_key.clone(),
        }
    }

    pub async fn fetch(&self, config: &Config) -> Result<NewFile> {
        if self.source.starts_with("oci://") {
            let reference: Reference = self.source.parse()?;
            let mut options = self.registry.options(&reference)?;
            options.roots.extend(config.extra_roots()?);
            options.local_hosts = config.registries.local_hosts.clone();
            options.local_registry = false;
            let pulled = oci::pull(&reference, &options).await?;
            return Ok(NewFile {
                bytes: pulled.file,
                signatures: pulled.signatures,
                source: pulled.reference.to_string(),
            });
        }
        let path = Path::new(&self.source);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let dir = path.canonicalize()?;
            return Ok(NewFile {
                bytes: rapport_package::build::build(&dir, None)?.1,
                signatures: Vec::new(),
                source: format!("directory {name}"),
            });
        }
        Ok(NewFile {
            bytes: app::read_package(path)?.component,
            signatures: sign::read_signatures(path)?,
            source: format!("file {name}"),
        })
    }
}

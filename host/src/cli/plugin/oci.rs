//! `rapport plugin push | pull`: plugins in OCI registries, with their signatures.

use crate::app;
use crate::cli::common::say;
use crate::config::{Paths, read_roots};
use crate::telemetry::shown::shown;
use anyhow::{Context, Result, bail};
use clap::Args;
use rapport_package::Package;
use rapport_publish::oci::{self, About, Credentials, Options, Reference};
use rapport_publish::sign;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct PushArgs {
    /// The plugin file; the signatures beside it go along.
    file: PathBuf,
    /// oci://registry/repository:tag
    reference: Reference,
    /// Let the tag name this file from now on, though it names another one.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    registry: RegistryArgs,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct PullArgs {
    /// oci://registry/repository:tag, or @sha256:… for exactly one.
    reference: Reference,
    /// Where to write the file; ID.wasm in the current directory unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArgs,
    #[arg(long)]
    json: bool,
}

/// How to reach the registry. Who logs in is in RAPPORT_OCI_USERNAME and RAPPORT_OCI_PASSWORD.
#[derive(Debug, Args)]
pub(super) struct RegistryArgs {
    /// A docker config.json with the registry's credentials.
    #[arg(long, value_name = "FILE")]
    docker_config: Option<PathBuf>,
    /// Speak plain HTTP to a registry that is not on this machine.
    #[arg(long)]
    plain_http: bool,
    #[command(flatten)]
    extra: ExtraCaArgs,
}

/// Authorities that are trusted beside the system's, as by `extra-ca` in rapport.toml.
#[derive(Debug, Args)]
pub(super) struct ExtraCaArgs {
    /// PEM files with certification authorities to trust beside the system's, separated as in PATH.
    #[arg(long = "extra-ca", value_name = "FILES", env = "RAPPORT_EXTRA_CA")]
    files: Option<Paths>,
}

impl ExtraCaArgs {
    pub(super) fn roots(&self) -> Result<Vec<reqwest::Certificate>> {
        let files = self.files.iter().flat_map(|files| &files.0);
        let read: Result<Vec<_>, _> = files.map(|file| read_roots(file)).collect();
        Ok(read?.into_iter().flatten().collect())
    }
}

impl RegistryArgs {
    pub(super) fn options(&self, reference: &Reference) -> Result<Options> {
        let credentials = match &self.docker_config {
            Some(file) => Credentials::from_docker_config(file, reference.registry())?,
            None => Credentials::from_environment()?,
        };
        Ok(Options {
            credentials,
            plain_http: self.plain_http,
            roots: self.extra.roots()?,
            ..Options::default()
        })
    }
}

pub async fn push(args: &PushArgs) -> Result<()> {
    let package = app::read_package(&args.file)?;
    package
        .inspect()
        .with_context(|| args.file.display().to_string())?;
    let signatures = sign::read_signatures(&args.file)?;
    let options = args.registry.options(&args.reference)?;
    let m = &package.manifest;
    let about = About {
        id: m.id.clone(),
        version: m.version.clone(),
        publisher: m.publisher.clone(),
        licence: m.licence.clone(),
        description: m.description.clone(),
        created_s: crate::domain::now_ms() / 1000,
    };
    let pushed = oci::push(
        &args.reference,
        &package.component,
        &about,
        args.replace,
        &options,
    )
    .await?;
    let signed = match signatures.is_empty() {
        true => 0,
        false => oci::push_signatures(&pushed.reference, &signatures, &options).await?,
    };
    let value = json!({
        "reference": pushed.reference.to_string(), "manifestDigest": pushed.manifest_digest,
        "digest": package.digest, "wasThere": pushed.was_there, "signatures": signed,
    });
    let words = format!("{}\n{signed} signatures", pushed.reference);
    say(args.json, &value, &words)
}

pub async fn pull(args: &PullArgs) -> Result<()> {
    let options = args.registry.options(&args.reference)?;
    let pulled = oci::pull(&args.reference, &options).await?;
    let package = Package::read(pulled.file)
        .with_context(|| format!("{} holds no plugin", args.reference))?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.wasm", package.manifest.id)));
    if out.exists() {
        bail!("{} is there already; give another --out", out.display());
    }
    std::fs::write(&out, &package.component)
        .with_context(|| format!("writing {}", out.display()))?;
    let written = sign::write_signatures(&out, &pulled.signatures)?;
    let m = &package.manifest;
    let value = json!({
        "file": out, "reference": pulled.reference.to_string(),
        "manifestDigest": pulled.manifest_digest, "digest": package.digest,
        "id": m.id, "version": m.version, "signatures": written,
    });
    let words = format!(
        "{}  {} {} sha256:{}\n{}\n{} signatures",
        out.display(),
        m.id,
        shown(&m.version),
        package.digest,
        pulled.reference,
        written.len()
    );
    say(args.json, &value, &words)
}

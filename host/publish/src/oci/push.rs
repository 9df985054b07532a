//! Push: config, plugin file, manifest, in that order, so that a manifest never names what is not
//! there. The same file and [`About`] make the same manifest, and the same digest.
//!
//! A tag that holds this very file already is left as it is; one that holds another file is replaced
//! only when the caller says so. (Two pushes at the same moment are not told apart: registries have
//! no conditional write.)

use super::error::OciError;
use super::manifest::{Descriptor, Manifest};
use super::reference::{Digest, Reference, Target};
use super::registry::Registry;
use super::wasm::WasmConfig;
use super::{MANIFEST_TYPE, Options, WASM_CONFIG_TYPE, WASM_TYPE, within};
use bytes::Bytes;
use std::collections::BTreeMap;

/// What a registry shows of a plugin; from its manifest. Empty texts are left out.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The plugin's id; also the name of the file that other tools write, with `.wasm`.
    pub id: String,
    pub version: String,
    pub publisher: String,
    /// SPDX expression.
    pub licence: String,
    pub description: String,
    /// When it was built, in seconds since 1970 (UTC).
    pub created_s: i64,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// By digest: the address that always means this file.
    pub reference: Reference,
    pub manifest_digest: Digest,
    /// SHA-256 of the plugin file.
    pub file_digest: Digest,
    /// The tag held this file before; nothing was changed.
    pub was_there: bool,
}

/// Pushes a plugin file under a tag. Errors: a reference without tag, no component, too large, a tag
/// that holds another file (unless `replace`), and all that a registry can do wrong.
pub async fn push(
    reference: &Reference,
    file: &[u8],
    about: &About,
    replace: bool,
    options: &Options,
) -> Result<Pushed, OciError> {
    within(
        options,
        reference.registry(),
        push_now(reference, file, about, replace, options),
    )
    .await
}

async fn push_now(
    reference: &Reference,
    file: &[u8],
    about: &About,
    replace: bool,
    options: &Options,
) -> Result<Pushed, OciError> {
    let Target::Tag(tag) = reference.target() else {
        return Err(OciError::TagNeeded(reference.to_string()));
    };
    if file.len() as u64 > options.file_max_bytes {
        return Err(OciError::TooLarge {
            what: "the plugin file",
            limit_bytes: options.file_max_bytes,
        });
    }
    let file = Bytes::copy_from_slice(file);
    let (config, manifest) = compose(&file, about)?;
    let file_digest = Digest::of(&file);
    let registry = Registry::new(reference, options, true)?;
    let done = |manifest_digest: Digest, was_there| Pushed {
        reference: reference.at(&manifest_digest),
        manifest_digest,
        file_digest: file_digest.clone(),
        was_there,
    };
    let taken = || OciError::TagTaken {
        reference: reference.to_string(),
    };
    match registry.manifest(tag).await {
        Ok(Some(there))
            if there
                .manifest
                .layers
                .iter()
                .any(|l| l.digest == file_digest) =>
        {
            return Ok(done(there.digest, true));
        }
        Ok(Some(_)) | Err(OciError::NotAPlugin { .. }) if !replace => return Err(taken()),
        Ok(_) | Err(OciError::NotAPlugin { .. }) => {}
        Err(error) => return Err(error),
    }
    registry.put_blob(&config).await?;
    registry.put_blob(&file).await?;
    let digest = registry.put_manifest(&manifest, tag).await?;
    Ok(done(digest, false))
}

/// Config and manifest for a file.
fn compose(file: &Bytes, about: &About) -> Result<(Bytes, Manifest), OciError> {
    let created = chrono::DateTime::from_timestamp(about.created_s, 0)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let author = Some(about.publisher.clone()).filter(|a| !a.is_empty());
    let config = WasmConfig::of(file, created.clone(), author)?;
    let config = serde_json::to_vec(&config).map_err(|e| OciError::NotAComponent(e.to_string()))?;
    let mut layer = Descriptor::of(WASM_TYPE, file);
    // The pre-defined annotation keys of the OCI image specification.
    let key = |name: &str| format!("org.opencontainers.image.{name}");
    layer
        .annotations
        .insert(key("title"), format!("{}.wasm", about.id));
    let texts = [
        ("title", &about.id),
        ("version", &about.version),
        ("vendor", &about.publisher),
        ("licenses", &about.licence),
        ("description", &about.description),
        ("created", &created),
    ];
    let annotations: BTreeMap<_, _> = texts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (key(name), text.clone()))
        .collect();
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(MANIFEST_TYPE.to_owned()),
        artifact_type: None,
        config: Descriptor::of(WASM_CONFIG_TYPE, &config),
        layers: vec![layer],
        subject: None,
        annotations,
    };
    Ok((config.into(), manifest))
}

//! Pull: manifest, plugin file, signatures; everything checked against the manifest's digest, which
//! the host pins in its record of the installation.
//!
//! What comes back is exactly what the registry's owner stored; whether to trust it is decided by
//! its signatures.

use super::error::OciError;
use super::manifest::{Found, Manifest};
use super::reference::{Digest, Reference};
use super::registry::Registry;
use super::signatures::signatures_of;
use super::{Options, WASM_CONFIG_TYPE, WASM_TYPE, within};
use std::collections::BTreeMap;

/// A plugin file from a registry.
#[derive(Debug, Clone)]
pub struct Pulled {
    pub file: Vec<u8>,
    /// By digest: where exactly this was found.
    pub reference: Reference,
    pub manifest_digest: Digest,
    /// SHA-256 of `file`.
    pub file_digest: Digest,
    /// Texts of the `.minisig` files stored with it, unchecked; input of [`crate::trust::assess`].
    pub signatures: Vec<String>,
    /// The manifest's annotations: the pusher's words.
    pub annotations: BTreeMap<String, String>,
}

/// Fetches a plugin file with its signatures. Errors name what is wrong with reference, registry or
/// answer; a missing signature is none.
pub async fn pull(reference: &Reference, options: &Options) -> Result<Pulled, OciError> {
    within(options, reference.registry(), pull_now(reference, options)).await
}

async fn pull_now(reference: &Reference, options: &Options) -> Result<Pulled, OciError> {
    let registry = Registry::new(reference, options, false)?;
    let found = found(&registry, reference).await?;
    let Manifest {
        config,
        layers,
        annotations,
        ..
    } = found.manifest;
    let refuse = |why: String| OciError::NotAPlugin {
        reference: reference.to_string(),
        why,
    };
    if config.media_type != WASM_CONFIG_TYPE {
        return Err(refuse(format!("its config is {:.100?}", config.media_type)));
    }
    let [layer] = layers.as_slice() else {
        return Err(refuse(format!("it has {} layers, not one", layers.len())));
    };
    if layer.media_type != WASM_TYPE {
        return Err(refuse(format!("its layer is {:.100?}", layer.media_type)));
    }
    let file = registry
        .blob(layer, "the plugin file", options.file_max_bytes)
        .await?;
    Ok(Pulled {
        file,
        reference: reference.at(&found.digest),
        file_digest: layer.digest.clone(),
        signatures: signatures_of(&registry, &found.digest).await?,
        manifest_digest: found.digest,
        annotations,
    })
}

/// The manifest that a reference names; here it is an error when there is none.
pub(super) async fn found(
    registry: &Registry<'_>,
    reference: &Reference,
) -> Result<Found, OciError> {
    let found = registry.manifest(&reference.target_text()).await?;
    found.ok_or_else(|| OciError::NotFound(reference.to_string()))
}

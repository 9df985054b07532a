//! Signatures beside a plugin in a registry: one manifest under a tag made of the plugin's manifest
//! digest, a layer for each `.minisig` text.
//!
//! Adding keeps those of other keys and replaces one of the same key. Two parties who add at the same
//! moment can lose one signature, since registries have no conditional write: look, and add again.
//! Whoever may write to the repository may also remove signatures; none makes a plugin trusted, so
//! that only ever makes it less trusted.

use super::error::OciError;
use super::manifest::{Descriptor, Manifest};
use super::pull::found;
use super::reference::{Digest, Reference};
use super::registry::Registry;
use super::{EMPTY_TYPE, MANIFEST_TYPE, Options, SIGNATURE_TYPE, within};
use crate::sign::{SIGNATURE_MAX_BYTES, SIGNATURES_MAX, Signature};
use bytes::Bytes;
use std::collections::BTreeMap;

/// The empty config of the OCI image specification.
const EMPTY: &[u8] = b"{}";
/// Annotation of a layer: whose signature it is. For people; the signature itself is what counts.
const KEY_ANNOTATION: &str = "io.rapport.minisig.key-id";

fn tag_of(manifest_digest: &Digest) -> String {
    format!("sha256-{}.minisig", manifest_digest.hex())
}

/// The signatures stored with a plugin, to see whether there are new ones. Errors as for a pull.
pub async fn pull_signatures(
    reference: &Reference,
    options: &Options,
) -> Result<Vec<String>, OciError> {
    within(options, reference.registry(), async {
        let registry = Registry::new(reference, options, false)?;
        let digest = found(&registry, reference).await?.digest;
        signatures_of(&registry, &digest).await
    })
    .await
}

/// Adds signatures (texts of `.minisig` files) to a plugin that is there; how many it has then.
/// Errors: none given, one malformed, more than [`SIGNATURES_MAX`] in all, and as for a push.
pub async fn push_signatures(
    reference: &Reference,
    signatures: &[String],
    options: &Options,
) -> Result<usize, OciError> {
    within(
        options,
        reference.registry(),
        push_now(reference, signatures, options),
    )
    .await
}

async fn push_now(
    reference: &Reference,
    signatures: &[String],
    options: &Options,
) -> Result<usize, OciError> {
    if signatures.is_empty() {
        return Err(OciError::NoSignature);
    }
    let mut new = Vec::new();
    for (index, text) in signatures.iter().enumerate() {
        let parsed = Signature::parse(text).map_err(|source| OciError::Signature {
            number: index + 1,
            source,
        })?;
        new.push((parsed.key_id(), text.clone()));
    }
    let registry = Registry::new(reference, options, true)?;
    let plugin = found(&registry, reference).await?;
    let tag = tag_of(&plugin.digest);
    let mut all = Vec::new();
    for text in signatures_of(&registry, &plugin.digest).await? {
        // What does not parse helps nobody and would spoil the rest.
        if let Ok(parsed) = Signature::parse(&text) {
            all.push((parsed.key_id(), text));
        }
    }
    for (id, text) in new {
        match all.iter_mut().find(|(there, _)| *there == id) {
            Some((_, there)) => *there = text,
            None => all.push((id, text)),
        }
    }
    if all.len() > SIGNATURES_MAX {
        return Err(OciError::TooManySignatures(reference.to_string()));
    }
    registry.put_blob(&Bytes::from_static(EMPTY)).await?;
    let mut layers = Vec::new();
    for (id, text) in &all {
        let mut layer = Descriptor::of(SIGNATURE_TYPE, text.as_bytes());
        layer
            .annotations
            .insert(KEY_ANNOTATION.to_owned(), id.to_string());
        registry.put_blob(&Bytes::from(text.clone())).await?;
        layers.push(layer);
    }
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(MANIFEST_TYPE.to_owned()),
        artifact_type: Some(SIGNATURE_TYPE.to_owned()),
        config: Descriptor::of(EMPTY_TYPE, EMPTY),
        layers,
        subject: Some(Descriptor {
            media_type: MANIFEST_TYPE.to_owned(),
            digest: plugin.digest.clone(),
            size: plugin.size,
            annotations: BTreeMap::new(),
        }),
        annotations: BTreeMap::new(),
    };
    registry.put_manifest(&manifest, &tag).await?;
    Ok(all.len())
}

/// The signatures of the plugin with this manifest; none when the tag is not there. Errors when
/// something else is under the tag: that is not the same as unsigned.
pub(super) async fn signatures_of(
    registry: &Registry<'_>,
    manifest_digest: &Digest,
) -> Result<Vec<String>, OciError> {
    let tag = tag_of(manifest_digest);
    let Some(there) = registry.manifest(&tag).await? else {
        return Ok(Vec::new());
    };
    let manifest = there.manifest;
    let refuse = |why: &str| Err(registry.not_signatures(&tag, why));
    if manifest.artifact_type.as_deref() != Some(SIGNATURE_TYPE) {
        return refuse("another kind of artifact is there");
    }
    let subject = manifest.subject.map(|subject| subject.digest);
    if subject.is_some_and(|digest| digest != *manifest_digest) {
        return refuse("they are of another plugin");
    }
    if manifest.layers.len() > SIGNATURES_MAX {
        return refuse("there are too many");
    }
    let mut texts = Vec::new();
    for layer in &manifest.layers {
        if layer.media_type != SIGNATURE_TYPE {
            return refuse("a layer is no signature");
        }
        let limit = SIGNATURE_MAX_BYTES as u64;
        let bytes = registry.blob(layer, "a signature", limit).await?;
        // Bytes that are no text stay a malformed signature, and so are noticed.
        texts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(texts)
}

impl Registry<'_> {
    fn not_signatures(&self, tag: &str, why: &str) -> OciError {
        OciError::NotSignatures {
            host: self.host(),
            tag: tag.to_owned(),
            why: why.to_owned(),
        }
    }
}

//! Manifests (OCI image specification 1.1) and blobs of one repository: get and put, every byte
//! checked against its digest. Knows nothing of plugins.

use super::error::OciError;
use super::reference::Digest;
use super::registry::{Ask, Registry};
use super::{MANIFEST_MAX_BYTES, MANIFEST_TYPE};
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Other kinds are asked for too, to say what is there instead of "not found".
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// Names a blob or manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
        }
    }
}

/// An image manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub schema_version: u32,
    #[serde(default)]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a registry has under a tag or digest.
pub(super) struct Found {
    pub manifest: Manifest,
    pub digest: Digest,
    pub size: u64,
}

impl Registry<'_> {
    /// The manifest under a tag or digest, `None` when there is none. Errors: another kind of
    /// manifest, another digest than asked for, no registry.
    pub async fn manifest(&self, target: &str) -> Result<Option<Found>, OciError> {
        let ask = Ask {
            method: Method::GET,
            url: self.url(&format!("manifests/{target}"))?,
            accept: Some(ACCEPT),
            content_type: None,
            body: Bytes::new(),
            doing: "the request for a manifest",
        };
        let response = self.send(&ask).await?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            _ => return Err(self.unexpected(response, ask.doing).await),
        }
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let claimed: Option<Digest> =
            header("docker-content-digest").and_then(|text| text.parse().ok());
        let content_type = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind != MANIFEST_TYPE {
            return Err(match kind.contains("manifest") || kind.contains("index") {
                true => self.not_a_plugin(target, "another kind of manifest is there"),
                false => self.odd("a manifest without a manifest's content type"),
            });
        }
        let body = self.read(response, MANIFEST_MAX_BYTES).await?;
        let body = body.ok_or(OciError::TooLarge {
            what: "the manifest",
            limit_bytes: MANIFEST_MAX_BYTES,
        })?;
        let digest = Digest::of(&body);
        let expected = target.parse().ok().or(claimed);
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(self.mismatch("the manifest", expected));
        }
        let manifest: Manifest = serde_json::from_slice(&body)
            .map_err(|e| self.odd(format!("a manifest that can't be read: {e}")))?;
        let same_kind = manifest.media_type.as_deref().unwrap_or(MANIFEST_TYPE) == MANIFEST_TYPE;
        if manifest.schema_version != 2 || !same_kind {
            return Err(self.not_a_plugin(target, "another kind of manifest is there"));
        }
        Ok(Some(Found {
            manifest,
            digest,
            size: body.len() as u64,
        }))
    }

    /// The bytes that the descriptor names: as many as it says, at most `limit_bytes`, and with its
    /// digest.
    pub async fn blob(
        &self,
        descriptor: &Descriptor,
        what: &'static str,
        limit_bytes: u64,
    ) -> Result<Vec<u8>, OciError> {
        if descriptor.size > limit_bytes {
            return Err(OciError::TooLarge { what, limit_bytes });
        }
        let ask = Ask {
            method: Method::GET,
            url: self.url(&format!("blobs/{}", descriptor.digest))?,
            accept: None,
            content_type: None,
            body: Bytes::new(),
            doing: "the request for a blob",
        };
        let response = self.send(&ask).await?;
        match response.status().as_u16() {
            200 => {}
            404 => {
                let (host, digest) = (self.host(), &descriptor.digest);
                return Err(OciError::NotFound(format!("{what} ({digest}) on {host}")));
            }
            _ => return Err(self.unexpected(response, ask.doing).await),
        }
        let body = self.read(response, descriptor.size).await?;
        body.filter(|body| Digest::of(body) == descriptor.digest)
            .ok_or_else(|| self.mismatch(what, descriptor.digest.clone()))
    }

    /// Makes sure that the registry has these bytes, in one piece (specification, "Single POST then
    /// PUT").
    pub async fn put_blob(&self, bytes: &Bytes) -> Result<(), OciError> {
        let digest = Digest::of(bytes);
        let mut ask = Ask {
            method: Method::HEAD,
            url: self.url(&format!("blobs/{digest}"))?,
            accept: None,
            content_type: None,
            body: Bytes::new(),
            doing: "the question for a blob",
        };
        if self.send(&ask).await?.status().as_u16() == 200 {
            return Ok(());
        }
        ask.method = Method::POST;
        ask.url = self.url("blobs/uploads/")?;
        ask.doing = "the start of an upload";
        let response = self.send(&ask).await?;
        if response.status().as_u16() != 202 {
            return Err(self.unexpected(response, ask.doing).await);
        }
        let mut url = self.location(&ask.url, &response)?;
        url.query_pairs_mut()
            .append_pair("digest", &digest.to_string());
        ask.method = Method::PUT;
        ask.url = url;
        ask.content_type = Some("application/octet-stream");
        ask.body = bytes.clone();
        ask.doing = "the upload of a blob";
        let response = self.send(&ask).await?;
        match response.status().as_u16() {
            201 => Ok(()),
            _ => Err(self.unexpected(response, ask.doing).await),
        }
    }

    /// Stores a manifest under a tag; its digest.
    pub async fn put_manifest(&self, manifest: &Manifest, tag: &str) -> Result<Digest, OciError> {
        let body = serde_json::to_vec(manifest).map_err(|e| self.odd(e.to_string()))?;
        let digest = Digest::of(&body);
        let ask = Ask {
            method: Method::PUT,
            url: self.url(&format!("manifests/{tag}"))?,
            accept: None,
            content_type: Some(MANIFEST_TYPE),
            body: body.into(),
            doing: "the upload of a manifest",
        };
        let response = self.send(&ask).await?;
        if response.status().as_u16() != 201 {
            return Err(self.unexpected(response, ask.doing).await);
        }
        let claimed = response.headers().get("docker-content-digest");
        let claimed = claimed.and_then(|v| v.to_str().ok()?.parse::<Digest>().ok());
        if claimed.is_some_and(|claimed| claimed != digest) {
            return Err(self.mismatch("the stored manifest", digest));
        }
        Ok(digest)
    }

    fn mismatch(&self, what: &'static str, expected: Digest) -> OciError {
        OciError::DigestMismatch {
            host: self.host(),
            what,
            expected,
        }
    }

    pub fn not_a_plugin(&self, target: &str, why: impl Into<String>) -> OciError {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        OciError::NotAPlugin {
            reference: format!("{target} in {registry}/{repository}"),
            why: why.into(),
        }
    }
}

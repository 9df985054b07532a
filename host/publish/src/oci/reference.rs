//! `oci://registry/repository:tag` and `oci://registry/repository@sha256:…`, by the grammar of the
//! OCI distribution specification 1.1. There is no default registry and no default tag: what is
//! fetched is what was written.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const SCHEME: &str = "oci://";
const REPOSITORY_MAX_BYTES: usize = 255;
const TAG_MAX_BYTES: usize = 128;

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crate::sha256_hex(bytes))
    }

    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for Digest {
    type Err = ReferenceError;
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        match text.strip_prefix("sha256:") {
            Some(hex) if crate::is_sha256_hex(hex) => Ok(Self(hex.to_owned())),
            _ => Err(ReferenceError::Digest),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

/// What in the repository is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A name that its owner may move.
    Tag(String),
    /// Exactly this manifest.
    Digest(Digest),
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error(
        "a registry address is written oci://registry/repository:tag or oci://registry/repository@sha256:…"
    )]
    Form,
    #[error("{0:?} is no registry; write its host name, with :port if it needs one")]
    Registry(String),
    #[error("{0:?} is no repository; it has lower-case letters, digits, and . _ - / between them")]
    Repository(String),
    #[error("{0:?} is no tag; it has letters, digits, _ . - and at most {TAG_MAX_BYTES} of them")]
    Tag(String),
    #[error("no tag and no digest; add :tag or @sha256:…")]
    NoTarget,
    #[error("a digest is written sha256: and 64 lower-case hexadecimal digits")]
    Digest,
}

/// Where a plugin lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Host name or address, with `:port` if given.
    registry: String,
    repository: String,
    target: Target,
}

impl Reference {
    pub fn registry(&self) -> &str {
        &self.registry
    }

    pub fn repository(&self) -> &str {
        &self.repository
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The same repository at this digest: what an installation record pins.
    pub fn at(&self, digest: &Digest) -> Self {
        Self {
            target: Target::Digest(digest.clone()),
            ..self.clone()
        }
    }

    /// Tag or digest as it stands in a path of the interface.
    pub(super) fn target_text(&self) -> String {
        match &self.target {
            Target::Tag(tag) => tag.clone(),
            Target::Digest(digest) => digest.to_string(),
        }
    }

    /// Host and port that are really spoken to: the one well-known registry whose name differs.
    pub(super) fn api_host(&self) -> &str {
        match self.registry.as_str() {
            "docker.io" => "registry-1.docker.io",
            other => other,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.registry, self.repository)?;
        match &self.target {
            Target::Tag(tag) => write!(f, ":{tag}"),
            Target::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let rest = text.strip_prefix(SCHEME).ok_or(ReferenceError::Form)?;
        let (registry, path) = rest.split_once('/').ok_or(ReferenceError::Form)?;
        if !is_registry(registry) {
            return Err(ReferenceError::Registry(registry.to_owned()));
        }
        let (repository, target) = if let Some((repository, digest)) = path.split_once('@') {
            (repository, Target::Digest(digest.parse()?))
        } else if let Some((repository, tag)) = path.split_once(':') {
            if !is_tag(tag) {
                return Err(ReferenceError::Tag(tag.to_owned()));
            }
            (repository, Target::Tag(tag.to_owned()))
        } else {
            return Err(ReferenceError::NoTarget);
        };
        if repository.len() > REPOSITORY_MAX_BYTES || !repository.split('/').all(is_component) {
            return Err(ReferenceError::Repository(repository.to_owned()));
        }
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            target,
        })
    }
}

/// Host and optional port, and nothing else that an address may have.
fn is_registry(text: &str) -> bool {
    let fit = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    text.bytes().all(fit)
        && url::Url::parse(&format!("http://{text}/"))
            .is_ok_and(|url| url.path() == "/" && url.host_str().is_some_and(|h| !h.is_empty()))
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut separator = String::new();
    for byte in text.bytes() {
        if alphanumeric(byte) {
            separator.clear();
            continue;
        }
        separator.push(char::from(byte));
        let fit =
            matches!(separator.as_str(), "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
        if !fit {
            return false;
        }
    }
    separator.is_empty() && text.bytes().next().is_some_and(alphanumeric)
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= TAG_MAX_BYTES
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_meant() {
        let digest = Digest::of(b"x");
        for text in [
            "oci://ghcr.io/org/pack:1.0.0".to_owned(),
            "oci://127.0.0.1:5555/a__b/c-d--e.f:_x".to_owned(),
            "oci://[::1]:5000/p:latest".to_owned(),
            format!("oci://registry.example/p@{digest}"),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
        let tag: Reference = "oci://r.example/p:1".parse().unwrap();
        assert_eq!(tag.at(&digest).target(), &Target::Digest(digest));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "ghcr.io/org/pack:1",
            "https://ghcr.io/org/pack:1",
            "oci://ghcr.io",
            "oci:///p:1",
            "oci://user:password@host/p:1",
            "oci://host?x/p:1",
            "oci://host:99999/p:1",
            "oci://host/:1",
            "oci://host/Upper:1",
            "oci://host/../../v2:1",
            "oci://host/a..b:1",
            "oci://host/a/:1",
            "oci://host/-a:1",
            "oci://host/a%2fb:1",
            "oci://host/p",
            "oci://host/p:",
            "oci://host/p:a/b",
            "oci://host/p:1@sha256:00",
            "oci://host/p@sha256:00",
            "oci://host/p@md5:00",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}

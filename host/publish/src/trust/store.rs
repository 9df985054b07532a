//! The trust store: keys and digests, with who, when and why. Times are UTC milliseconds and come
//! from the caller.
//!
//! Invariants, kept by the methods and checked again when it is read back: key ids are unique, so
//! that an id always means one key; digests are lower-case SHA-256; nothing is ever un-revoked.

use crate::is_sha256_hex;
use crate::sign::{KeyId, NotAKey, PublicKey};
use serde::{Deserialize, Serialize};

/// Most keys, and most revoked digests, that a store holds.
const ENTRIES_MAX: usize = 10_000;
/// Longest name or reason, in bytes.
const TEXT_MAX_BYTES: usize = 512;

/// When and why something ceased to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    pub revoked_at_ms: i64,
    pub reason: String,
}

/// A public key that the admin took in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// The admin's name for whoever holds it.
    pub name: String,
    /// The key's own id; kept beside the key so that people can read it.
    pub key_id: KeyId,
    pub key: PublicKey,
    pub added_at_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

/// A plugin file that must not run, whoever signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokedDigest {
    /// SHA-256 of the plugin file, lower-case hexadecimal.
    pub digest: String,
    #[serde(flatten)]
    pub revocation: Revocation,
}

/// Why a change of the store was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
    #[error("key {0} is in the store already")]
    KeyThere(KeyId),
    #[error("key {0} was revoked, which is final; ask its holder for a new key")]
    KeyRevoked(KeyId),
    #[error("the store has no key {0}; list the keys to see their ids")]
    NoSuchKey(KeyId),
    #[error("not the SHA-256 of a file; it is 64 lower-case hexadecimal digits")]
    NotADigest,
    #[error("a name or reason is missing or longer than {TEXT_MAX_BYTES} bytes")]
    Text,
    #[error("the store is full ({ENTRIES_MAX} entries)")]
    Full,
    #[error("the stored key ids do not belong to the stored keys; restore the store from a backup")]
    Inconsistent,
}

/// Everything an admin trusts and distrusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct TrustStore {
    keys: Vec<TrustedKey>,
    revoked_digests: Vec<RevokedDigest>,
}

/// As it is read back, before the checks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default)]
    keys: Vec<TrustedKey>,
    #[serde(default)]
    revoked_digests: Vec<RevokedDigest>,
}

impl TryFrom<Stored> for TrustStore {
    type Error = StoreError;

    fn try_from(stored: Stored) -> Result<Self, StoreError> {
        Self::from_entries(stored.keys, stored.revoked_digests)
    }
}

impl TrustStore {
    /// Puts a store together from rows. Errors when they contradict each other.
    pub fn from_entries(
        keys: Vec<TrustedKey>,
        revoked_digests: Vec<RevokedDigest>,
    ) -> Result<Self, StoreError> {
        if keys.len().max(revoked_digests.len()) > ENTRIES_MAX {
            return Err(StoreError::Full);
        }
        let mut ids: Vec<KeyId> = keys.iter().map(|k| k.key_id).collect();
        ids.sort();
        ids.dedup();
        if ids.len() != keys.len() || keys.iter().any(|k| k.key.id() != k.key_id) {
            return Err(StoreError::Inconsistent);
        }
        if !revoked_digests.iter().all(|d| is_sha256_hex(&d.digest)) {
            return Err(StoreError::NotADigest);
        }
        Ok(Self {
            keys,
            revoked_digests,
        })
    }

    /// The keys, revoked ones too, in the order in which they were added.
    pub fn keys(&self) -> &[TrustedKey] {
        &self.keys
    }

    /// The revoked files.
    pub fn revoked_digests(&self) -> &[RevokedDigest] {
        &self.revoked_digests
    }

    /// The entry of this key.
    pub fn key(&self, id: KeyId) -> Option<&TrustedKey> {
        self.keys.iter().find(|k| k.key_id == id)
    }

    /// Why this file must not run, when that is so. For plugins that are installed already: the
    /// file's digest is enough.
    pub fn revocation_of(&self, digest: &str) -> Option<&Revocation> {
        let mut all = self.revoked_digests.iter();
        all.find(|d| d.digest.eq_ignore_ascii_case(digest))
            .map(|d| &d.revocation)
    }

    /// Trusts a key: the text of a `.pub` file or its Base64 line. Returns its id.
    pub fn add_key(
        &mut self,
        name: &str,
        key_text: &str,
        added_at_ms: i64,
    ) -> Result<KeyId, StoreError> {
        let key = PublicKey::parse(key_text)?;
        let key_id = key.id();
        match self.key(key_id) {
            Some(TrustedKey { revoked: None, .. }) => return Err(StoreError::KeyThere(key_id)),
            Some(_) => return Err(StoreError::KeyRevoked(key_id)),
            None if self.keys.len() >= ENTRIES_MAX => return Err(StoreError::Full),
            None => {}
        }
        self.keys.push(TrustedKey {
            name: checked(name)?,
            key_id,
            key,
            added_at_ms,
            revoked: None,
        });
        Ok(key_id)
    }

    /// Stops trusting a key, and so every signature of it, old ones too: whoever stole it can
    /// back-date. Revoking again changes nothing.
    pub fn revoke_key(&mut self, id: KeyId, at_ms: i64, reason: &str) -> Result<(), StoreError> {
        let reason = checked(reason)?;
        let mut all = self.keys.iter_mut();
        let key = all
            .find(|k| k.key_id == id)
            .ok_or(StoreError::NoSuchKey(id))?;
        key.revoked.get_or_insert(Revocation {
            revoked_at_ms: at_ms,
            reason,
        });
        Ok(())
    }

    /// Forbids a file by its SHA-256 (hexadecimal, with or without `sha256:`). Revoking again
    /// changes nothing.
    pub fn revoke_digest(
        &mut self,
        digest: &str,
        at_ms: i64,
        reason: &str,
    ) -> Result<(), StoreError> {
        let digest = digest.trim().to_ascii_lowercase();
        let digest = digest.strip_prefix("sha256:").unwrap_or(&digest);
        if !is_sha256_hex(digest) {
            return Err(StoreError::NotADigest);
        }
        let reason = checked(reason)?;
        if self.revocation_of(digest).is_some() {
            return Ok(());
        }
        if self.revoked_digests.len() >= ENTRIES_MAX {
            return Err(StoreError::Full);
        }
        self.revoked_digests.push(RevokedDigest {
            digest: digest.to_owned(),
            revocation: Revocation {
                revoked_at_ms: at_ms,
                reason,
            },
        });
        Ok(())
    }
}

fn checked(text: &str) -> Result<String, StoreError> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX_BYTES {
        return Err(StoreError::Text);
    }
    Ok(text.to_owned())
}

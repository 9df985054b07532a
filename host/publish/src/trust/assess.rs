//! What a trust store makes of a file and its signatures.
//!
//! It takes the file's bytes, not its SHA-256 alone: minisign signs the BLAKE2b-512 of the file. A
//! signature does not carry its key, so one of a key outside the store can't be checked; it counts
//! as untrusted, and says only which key to ask for.

use super::store::{Revocation, TrustStore};
use crate::sha256_hex;
use crate::sign::{Claims, Finding, KeyId, Malformed, Mismatch, PublicKey, examine};
use serde::{Deserialize, Serialize};

/// A trusted key that signed the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub key_id: KeyId,
    /// The admin's name for it.
    pub name: String,
    /// What the signer says of the file; its time is no proof.
    pub claims: Claims,
}

/// A revoked key that signed the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedSigner {
    pub key_id: KeyId,
    pub name: String,
    pub revocation: Revocation,
}

/// What a file is to this host. Serialised with a `state` of the variant's name in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Trust {
    /// At least one trusted key, not revoked, signed exactly these bytes; no signature disagrees.
    Signed { by: Vec<Signer> },
    /// There is no signature.
    Unsigned,
    /// Signatures, but of revoked keys (checked) or of keys that the store does not know
    /// (unchecked).
    Untrusted {
        revoked: Vec<RevokedSigner>,
        unknown: Vec<KeyId>,
    },
    /// A signature of a known key does not fit the bytes, or a signature can't be read.
    Modified {
        /// The key and the admin's name for it; absent when the signature can't be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_id: Option<KeyId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        why: Why,
    },
    /// The admin forbade this very file.
    Revoked { revocation: Revocation },
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    Mismatch(Mismatch),
    Malformed(Malformed),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Mismatch(what) => what.fmt(f),
            Why::Malformed(what) => what.fmt(f),
        }
    }
}

impl Trust {
    /// `signed`, `unsigned`, `untrusted`, `modified` or `revoked`.
    pub fn state(&self) -> &'static str {
        match self {
            Trust::Signed { .. } => "signed",
            Trust::Unsigned => "unsigned",
            Trust::Untrusted { .. } => "untrusted",
            Trust::Modified { .. } => "modified",
            Trust::Revoked { .. } => "revoked",
        }
    }
}

/// One sentence for people, with what to do.
impl std::fmt::Display for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trust::Signed { by } => {
                let by: Vec<_> = by
                    .iter()
                    .map(|s| format!("{} (key {})", s.name, s.key_id))
                    .collect();
                write!(f, "signed by {}", by.join(" and "))
            }
            Trust::Unsigned => f.write_str("unsigned; ask the publisher for a signed file"),
            Trust::Untrusted { revoked, unknown } => {
                let revoked = revoked.iter().map(|s| {
                    let (name, id, why) = (&s.name, s.key_id, &s.revocation.reason);
                    format!("{name}'s revoked key {id} ({why})")
                });
                let unknown = unknown.iter().map(|id| format!("the unknown key {id}"));
                let all: Vec<_> = revoked.chain(unknown).collect();
                write!(
                    f,
                    "signed, but only by {}; get the publisher's current key by a way you trust and add it",
                    all.join(" and ")
                )
            }
            Trust::Modified { key_id, name, why } => {
                f.write_str("modified")?;
                if let (Some(id), Some(name)) = (key_id, name) {
                    write!(f, " (signature of {name}, key {id})")?;
                }
                write!(f, ": {why}; do not use this file, get it again")
            }
            Trust::Revoked { revocation } => {
                write!(f, "revoked: {}; use another version", revocation.reason)
            }
        }
    }
}

/// Judges a file by its signatures (texts of `.minisig` files, any order). Pure; reads the file once
/// for its SHA-256 and once for each signature of a known key.
pub fn assess(file: &[u8], signatures: &[String], store: &TrustStore) -> Trust {
    if let Some(revocation) = store.revocation_of(&sha256_hex(file)) {
        let revocation = revocation.clone();
        return Trust::Revoked { revocation };
    }
    let keys: Vec<PublicKey> = store.keys().iter().map(|k| k.key).collect();
    let mut by: Vec<Signer> = Vec::new();
    let mut revoked: Vec<RevokedSigner> = Vec::new();
    let mut unknown: Vec<KeyId> = Vec::new();
    for finding in examine(file, signatures, &keys) {
        match finding {
            Finding::Valid { key, signed } => {
                let Some(entry) = store.key(key.id()) else {
                    unknown.push(key.id());
                    continue;
                };
                let (key_id, name) = (entry.key_id, entry.name.clone());
                match &entry.revoked {
                    None if by.iter().all(|s| s.key_id != key_id) => by.push(Signer {
                        key_id,
                        name,
                        claims: signed.claims,
                    }),
                    Some(why) if revoked.iter().all(|s| s.key_id != key_id) => {
                        revoked.push(RevokedSigner {
                            key_id,
                            name,
                            revocation: why.clone(),
                        });
                    }
                    _ => {}
                }
            }
            Finding::Unknown(id) => unknown.push(id),
            Finding::Mismatch { key, what } => {
                return Trust::Modified {
                    key_id: Some(key.id()),
                    name: store.key(key.id()).map(|k| k.name.clone()),
                    why: Why::Mismatch(what),
                };
            }
            Finding::Malformed(what) => {
                return Trust::Modified {
                    key_id: None,
                    name: None,
                    why: Why::Malformed(what),
                };
            }
        }
    }
    if !by.is_empty() {
        Trust::Signed { by }
    } else if revoked.is_empty() && unknown.is_empty() {
        Trust::Unsigned
    } else {
        Trust::Untrusted { revoked, unknown }
    }
}

//! All signatures of a file against a set of keys. Pure functions.
//!
//! A minisign signature does not carry its key, only the key's id. So a signature of a key that is
//! not in the set can't be checked at all: it is reported as unknown, never as valid. One bad
//! signature spoils the good ones: a file whose signatures disagree is not what somebody signed.

use super::comment::Claims;
use super::key::{KeyId, PublicKey};
use super::signature::{Malformed, Mismatch, Signature};
use super::{SIGNATURES_MAX, SignError};
use crate::sha256_hex;
use serde::{Deserialize, Serialize};

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub key_id: KeyId,
    /// The signed comment as it stands.
    pub trusted_comment: String,
    /// The same, read.
    pub claims: Claims,
}

/// What one signature turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The key of that place in the set signed the file.
    Valid { key: PublicKey, signed: Signed },
    /// Of a key that is not in the set; not checked.
    Unknown(KeyId),
    /// Of a key in the set, and it does not hold.
    Mismatch { key: PublicKey, what: Mismatch },
    /// No signature at all.
    Malformed(Malformed),
}

/// Why a file does not count as signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("unsigned; ask the publisher for FILE.minisig")]
    Unsigned,
    #[error("signed by {}, which is none of the keys given; get the publisher's public key by a way you trust", list(.0))]
    UntrustedKey(Vec<KeyId>),
    #[error(
        "the signature of key {key_id} does not fit: {what}; get file and signature again from the publisher"
    )]
    Modified { key_id: KeyId, what: Mismatch },
    #[error("{0}")]
    Malformed(#[from] Malformed),
}

fn list(ids: &[KeyId]) -> String {
    let ids: Vec<_> = ids.iter().map(KeyId::to_string).collect();
    ids.join(", ")
}

/// Looks at each signature, in order; at most [`SIGNATURES_MAX`] are checked, and one more makes a
/// finding of its own.
pub fn examine(file: &[u8], signatures: &[String], keys: &[PublicKey]) -> Vec<Finding> {
    if signatures.len() > SIGNATURES_MAX {
        return vec![Finding::Malformed(Malformed::TooMany)];
    }
    signatures
        .iter()
        .map(|text| examine_one(file, text, keys))
        .collect()
}

fn examine_one(file: &[u8], text: &str, keys: &[PublicKey]) -> Finding {
    let signature = match Signature::parse(text) {
        Ok(signature) => signature,
        Err(why) => return Finding::Malformed(why),
    };
    // Ids are not unique: whoever likes can make a key with the id of another.
    let mut worst = None;
    for key in keys.iter().filter(|k| k.id() == signature.key_id()) {
        match signature.check(file, key) {
            Ok(()) => {
                let claims = Claims::parse(signature.trusted_comment());
                if claims
                    .sha256
                    .as_ref()
                    .is_some_and(|d| *d != sha256_hex(file))
                {
                    return Finding::Malformed(Malformed::OtherDigest);
                }
                let signed = Signed {
                    key_id: key.id(),
                    trusted_comment: signature.trusted_comment().to_owned(),
                    claims,
                };
                return Finding::Valid { key: *key, signed };
            }
            Err(what) => worst = Some(Finding::Mismatch { key: *key, what }),
        }
    }
    worst.unwrap_or(Finding::Unknown(signature.key_id()))
}

/// The keys, of those given, that signed the file: at least one, each once, in the order of the
/// signatures. Signatures of other keys are skipped when one of the given keys signed.
///
/// Errors: no signature; none of these keys; a signature that does not fit or is malformed.
pub fn verify(
    file: &[u8],
    signatures: &[String],
    keys: &[PublicKey],
) -> Result<Vec<Signed>, VerifyError> {
    let mut valid: Vec<Signed> = Vec::new();
    let mut unknown = Vec::new();
    for finding in examine(file, signatures, keys) {
        match finding {
            Finding::Valid { signed, .. } => {
                if valid.iter().all(|s| s.key_id != signed.key_id) {
                    valid.push(signed);
                }
            }
            Finding::Unknown(id) => unknown.push(id),
            Finding::Mismatch { key, what } => {
                let key_id = key.id();
                return Err(VerifyError::Modified { key_id, what });
            }
            Finding::Malformed(why) => return Err(why.into()),
        }
    }
    match (valid.is_empty(), unknown.is_empty()) {
        (false, _) => Ok(valid),
        (true, false) => Err(VerifyError::UntrustedKey(unknown)),
        (true, true) => Err(VerifyError::Unsigned),
    }
}

/// Signs bytes: the text of a `.minisig` file, checked against the key's own public half.
pub(super) fn sign(
    file: &[u8],
    claims: &Claims,
    key: &super::SecretKey,
) -> Result<String, SignError> {
    let claims = Claims {
        sha256: Some(sha256_hex(file)),
        ..claims.clone()
    };
    let public = key.public_key();
    let inner = public.inner().map_err(super::key_files::crypto)?;
    let comment = claims.to_comment()?;
    let untrusted = format!("signature of key {}", public.id());
    let reader = std::io::Cursor::new(file);
    let signed = minisign::sign(
        Some(&inner),
        &key.inner,
        reader,
        Some(&comment),
        Some(&untrusted),
    );
    Ok(signed.map_err(super::key_files::crypto)?.into_string())
}

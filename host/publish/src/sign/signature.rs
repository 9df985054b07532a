//! One detached signature: four lines of text, parsed strictly, and its check against a key.
//!
//! The text comes from strangers. The cryptography crate takes a global signature of any length and
//! panics on a short one, and ignores blanks around the signed comment; so lengths and comment are
//! checked here first, and it sees only text of the exact shape.

use super::SIGNATURE_MAX_BYTES;
use super::key::{KeyId, PublicKey};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::io::Cursor;

const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";
const SIGNATURE_BYTES: usize = 74;
const GLOBAL_BYTES: usize = 64;

/// Why a text is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Malformed {
    #[error("the signature is longer than {SIGNATURE_MAX_BYTES} bytes")]
    TooLong,
    #[error("the signature is not four lines of text; get the .minisig file again")]
    Lines,
    #[error("the signature's comment lines are not minisign's; get the .minisig file again")]
    Comments,
    #[error("the signature is not Base64 of the right length; get the .minisig file again")]
    Encoding,
    #[error("a legacy signature (not prehashed); sign the file again with a current tool")]
    Legacy,
    #[error("another signature algorithm than Ed25519; sign the file again")]
    Algorithm,
    #[error("the signed comment names another SHA-256 than the file has")]
    OtherDigest,
    #[error("more signatures than are looked at")]
    TooMany,
}

/// What a signature does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mismatch {
    #[error("the file (or the signature itself) was changed after signing")]
    File,
    #[error("the trusted comment was changed after signing")]
    Comment,
    #[error("the signature is of another key")]
    Key,
}

/// A signature that has the right shape; whether it is true, only [`Signature::check`] tells.
#[derive(Clone)]
pub struct Signature {
    boxed: minisign::SignatureBox,
    key_id: KeyId,
    trusted_comment: String,
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({})", self.key_id)
    }
}

impl Signature {
    /// Reads the text of a `.minisig` file.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > SIGNATURE_MAX_BYTES {
            return Err(Malformed::TooLong);
        }
        let lines: Vec<&str> = text.trim_end_matches(['\r', '\n']).lines().collect();
        let &[untrusted, signature, trusted, global] = lines.as_slice() else {
            return Err(Malformed::Lines);
        };
        let comment = trusted.strip_prefix(TRUSTED).ok_or(Malformed::Comments)?;
        // It is shown to people, in terminals too.
        let unfit = |c: char| c.is_control() && c != '\t';
        if !untrusted.starts_with(UNTRUSTED) || comment.trim() != comment || comment.contains(unfit)
        {
            return Err(Malformed::Comments);
        }
        let bytes = BASE64
            .decode(signature.as_bytes())
            .map_err(|_| Malformed::Encoding)?;
        let global = BASE64
            .decode(global.as_bytes())
            .map_err(|_| Malformed::Encoding)?;
        if bytes.len() != SIGNATURE_BYTES || global.len() != GLOBAL_BYTES {
            return Err(Malformed::Encoding);
        }
        match &bytes[..2] {
            b"ED" => {}
            b"Ed" => return Err(Malformed::Legacy),
            _ => return Err(Malformed::Algorithm),
        }
        let mut id = [0; 8];
        id.copy_from_slice(&bytes[2..10]);
        let boxed = minisign::SignatureBox::from_string(&lines.join("\n"))
            .map_err(|_| Malformed::Encoding)?;
        Ok(Self {
            boxed,
            key_id: KeyId::from_le_bytes(id),
            trusted_comment: comment.to_owned(),
        })
    }

    /// The key that it says it is of.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The signed comment; true only after a successful [`Signature::check`].
    pub fn trusted_comment(&self) -> &str {
        &self.trusted_comment
    }

    /// Whether this key signed this file and this comment. Reads the file once, twice on failure.
    pub fn check(&self, file: &[u8], key: &PublicKey) -> Result<(), Mismatch> {
        if key.id() != self.key_id {
            return Err(Mismatch::Key);
        }
        let key = key.inner().map_err(|_| Mismatch::Key)?;
        let holds =
            |s: &_| minisign::verify(&key, s, Cursor::new(file), true, false, false).is_ok();
        if holds(&self.boxed) {
            return Ok(());
        }
        // The signature of the file alone, to tell what was changed.
        let bones = minisign::SignatureBones::from(self.boxed.clone());
        if holds(&bones.into()) {
            Err(Mismatch::Comment)
        } else {
            Err(Mismatch::File)
        }
    }
}

//! Signatures in the format of minisign: Ed25519 over the BLAKE2b-512 of the file ("prehashed"), in
//! a text file beside it, with a signed ("trusted") comment.
//!
//! More than one party may sign a file. The publisher's signature is `FILE.minisig`; the signature
//! of anybody else, say the organisation that reviewed the pack, is `FILE.KEYID.minisig`. The names
//! are for people: who signed is read from the signature, never from the name.
//!
//! Invariants: a secret key is never printed, prompted for or overwritten; a signature that does not
//! parse strictly never reaches the cryptography; only prehashed signatures count.
//!
//! Deliberately absent: which keys are trusted ([`crate::trust`]), and the legacy signatures of
//! minisign before 0.8.

mod comment;
mod files;
mod key;
mod key_files;
mod signature;
mod verify;

pub use comment::Claims;
pub use files::{Place, read_signatures, sign_file, signature_path, write_signatures};
pub use key::{KeyId, NotAKey, PublicKey};
pub use key_files::{
    KeyFiles, PASSWORD_VARIABLE, Password, SecretKey, keygen, password_from_environment,
};
pub use signature::{Malformed, Mismatch, Signature};
pub use verify::{Finding, Signed, VerifyError, examine, verify};

use std::path::PathBuf;

/// Most signatures of one file that are looked at.
pub const SIGNATURES_MAX: usize = 16;
/// Largest signature file that is read, in bytes.
pub const SIGNATURE_MAX_BYTES: usize = 16 * 1024;
/// Longest password of a secret key, in bytes (minisign's own limit).
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// Why a key pair was not made, a key not read, or a file not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("{} exists and is never overwritten; choose another name, or move it away", .0.display())]
    Exists(PathBuf),
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", path.display())]
    NotAKey { path: PathBuf, source: NotAKey },
    #[error("the secret key is protected; set {PASSWORD_VARIABLE} or type its password")]
    PasswordNeeded,
    #[error("wrong password for this secret key (or the key file is damaged)")]
    PasswordWrong,
    #[error("the password is longer than {PASSWORD_MAX_BYTES} bytes; choose a shorter one")]
    PasswordTooLong,
    #[error("{PASSWORD_VARIABLE} is not UTF-8 text")]
    PasswordNotText,
    #[error("the {0} to be signed has control characters or is longer than 256 bytes; shorten it")]
    Claim(&'static str),
    #[error(
        "{} holds the signature of key {by}; sign beside it as a counter-signature, or delete it first",
        path.display()
    )]
    SignedByAnother { path: PathBuf, by: KeyId },
    #[error("{} holds something that is no signature ({source}); move it away first", path.display())]
    PlaceTaken { path: PathBuf, source: Malformed },
    #[error("a signature that came with {} is none: {source}", path.display())]
    NoSignature { path: PathBuf, source: Malformed },
    #[error("{} has more than {SIGNATURES_MAX} signatures; remove some", .0.display())]
    TooMany(PathBuf),
    #[error("signing failed: {0}")]
    Crypto(String),
}

/// Names the file in an I/O error.
fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> SignError + '_ {
    move |source| SignError::Io {
        path: path.to_owned(),
        source,
    }
}

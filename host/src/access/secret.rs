//! Random secrets and their digests.

use sha2::{Digest, Sha256};

/// What API tokens begin with, so that scanners of leaked secrets know them.
pub const TOKEN_PREFIX: &str = "rap_";

/// 256 random bits in hexadecimal. None when the system has no randomness to give.
pub fn new_secret() -> Option<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex::encode(bytes))
}

/// As secrets are stored. They are random, so a plain digest can't be guessed back.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// What a page sends back in `X-Rapport-CSRF` to show that it read the log-in answer: derived from the
/// session's secret, and of no use as one.
pub fn csrf_token(session_secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"rapport csrf 1\0");
    hash.update(session_secret.as_bytes());
    hex::encode(hash.finalize())
}

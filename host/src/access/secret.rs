//! Random secrets and their digests.

use crate::domain::digest::sha256_hex;
use crate::domain::sealed::random_bytes;

/// What API tokens begin with, so that scanners of leaked secrets know them.
pub const TOKEN_PREFIX: &str = "rap_";

/// 256 random bits in hexadecimal. None when the system has no randomness to give.
pub fn new_secret() -> Option<String> {
    random_bytes::<32>().ok().map(hex::encode)
}

/// As secrets are stored. They are random, so a plain digest can't be guessed back.
pub fn digest(secret: &str) -> String {
    sha256_hex(secret.as_bytes())
}

/// What a page sends back in `X-Rapport-CSRF` to show that it read the log-in answer: derived from the
/// session's secret, and of no use as one.
pub fn csrf_token(session_secret: &str) -> String {
    sha256_hex(format!("rapport csrf 1\0{session_secret}").as_bytes())
}

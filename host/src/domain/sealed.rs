//! Secrets at rest: sealed under the host's key with XChaCha20-Poly1305, each bound to what it is for,
//! so that one can't be put in another's place.
//!
//! Deliberately absent: where the key comes from (`app`), and changing it: a new key opens nothing
//! that was sealed under the old one.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, BASE64_NOPAD};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Before the sealed text: what later versions may tell other ways of sealing by.
const VERSION: &str = "1.";

/// Why nothing came of it. Says nothing about the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the secret key must be {KEY_BYTES} bytes in base64")]
    Key,
    #[error("the operating system gave no random bytes")]
    Random,
    #[error("not sealed under this secret key, or for another purpose")]
    Open,
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::Random)?;
    Ok(bytes)
}

/// The host's key.
#[derive(Clone)]
pub struct SealKey(XChaCha20Poly1305);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// From base64 text, with or without padding.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim().trim_end_matches('=');
        let bytes = BASE64_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| SealError::Key)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| SealError::Key)?;
        Ok(Self(XChaCha20Poly1305::new(&Key::from(bytes))))
    }

    /// A new key, as text for a file.
    pub fn generate() -> Result<String, SealError> {
        Ok(BASE64.encode(&random_bytes::<KEY_BYTES>()?))
    }

    /// Seals bytes for a purpose, such as `totp:AGENT-ID`.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String, SealError> {
        let nonce = random_bytes::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: secret,
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Open)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{VERSION}{}", BASE64_NOPAD.encode(&bytes)))
    }

    /// Opens what was sealed under this key for this purpose.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let text = sealed.strip_prefix(VERSION).ok_or(SealError::Open)?;
        let bytes = BASE64_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| SealError::Open)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::Open)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SealError::Open)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        self.0
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealKey {
        SealKey::parse(&SealKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_only() {
        let key = key();
        let sealed = key.seal("totp:a", b"secret").unwrap();
        assert_eq!(key.open("totp:a", &sealed).unwrap(), b"secret");
        assert_ne!(sealed, key.seal("totp:a", b"secret").unwrap());
        assert_eq!(key.open("totp:b", &sealed), Err(SealError::Open));
        assert_eq!(self::key().open("totp:a", &sealed), Err(SealError::Open));
    }

    #[test]
    fn nothing_else_opens() {
        let key = key();
        let sealed = key.seal("x", b"").unwrap();
        for end in 0..sealed.len() {
            assert_eq!(key.open("x", &sealed[..end]), Err(SealError::Open));
        }
        assert_eq!(key.open("x", "2.AAAA"), Err(SealError::Open));
    }

    #[test]
    fn keys_are_32_bytes() {
        assert_eq!(SealKey::generate().unwrap().len(), 44);
        for wrong in ["", "AAAA", "not base64", &"A".repeat(44)] {
            assert_eq!(SealKey::parse(wrong).unwrap_err(), SealError::Key);
        }
        assert!(SealKey::parse(&format!("{}=\n", "A".repeat(43))).is_ok());
    }
}

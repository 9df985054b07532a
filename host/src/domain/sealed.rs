//! Secrets at rest: sealed under the host's key with XChaCha20-Poly1305, each bound to what it is for,
//! so that one can't be put in another's place.
//!
//! A key that is being changed has the other one beside it, which opens too: all that hold the key
//! share it ([`SealKey::admit`], [`SealKey::adopt`], [`SealKey::settle`]). Deliberately absent: where the
//! key comes from, and how it is changed (`app`).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, BASE64_NOPAD};
use std::sync::{Arc, PoisonError, RwLock};

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
    #[error("no secret key was given")]
    NoKey,
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

/// What each sealed text in the store is for.
pub mod purpose {
    pub fn totp(agent_id: &str) -> String {
        format!("totp:{agent_id}")
    }

    pub fn inbox_secret(inbox_id: &str, name: &str) -> String {
        format!("inbox:{inbox_id}:{name}")
    }

    pub fn webhook_secret(endpoint_id: &str) -> String {
        format!("webhook:{endpoint_id}:secret")
    }

    pub fn webhook_url(endpoint_id: &str) -> String {
        format!("webhook:{endpoint_id}:url")
    }
}

/// Whether a text looks sealed: nothing else that the store holds in such a place begins so.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(VERSION)
}

/// The host's key. Clones are the same key, also after it was changed.
#[derive(Clone)]
pub struct SealKey(Arc<RwLock<Ring>>);

struct Ring {
    seals: XChaCha20Poly1305,
    /// Opens as well, while the key is being changed.
    other: Option<XChaCha20Poly1305>,
}

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
        let ring = Ring {
            seals: XChaCha20Poly1305::new(&Key::from(bytes)),
            other: None,
        };
        Ok(Self(Arc::new(RwLock::new(ring))))
    }

    /// Opens what another key sealed, too.
    pub fn admit(&self, other: &SealKey) {
        let other = other.cipher();
        self.change(|ring| ring.other = Some(other));
    }

    /// Seals under another key from now on, and opens what was sealed under this one, too.
    pub fn adopt(&self, other: &SealKey) {
        let other = other.cipher();
        self.change(|ring| ring.other = Some(std::mem::replace(&mut ring.seals, other)));
    }

    /// Opens only what is sealed under the key that seals now.
    pub fn settle(&self) {
        self.change(|ring| ring.other = None);
    }

    /// Just the key that seals, apart from this one.
    pub fn alone(&self) -> SealKey {
        let ring = Ring {
            seals: self.cipher(),
            other: None,
        };
        Self(Arc::new(RwLock::new(ring)))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let ring = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ring.seals.clone()
    }

    fn change(&self, change: impl FnOnce(&mut Ring)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
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
            .cipher()
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
        let payload = || Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let ring = self.0.read().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&ring.seals)
            .chain(&ring.other)
            .find_map(|key| key.decrypt(&XNonce::from(nonce), payload()).ok())
            .ok_or(SealError::Open)
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
    fn a_key_that_is_changed_opens_both_until_it_settles() {
        let (shared, new) = (key(), key());
        let (old, clone) = (shared.alone(), shared.clone());
        let before = clone.seal("x", b"a").unwrap();
        shared.admit(&new);
        let admitted = clone.seal("x", b"b").unwrap();
        assert!(old.open("x", &admitted).is_ok(), "seals as before");
        assert!(clone.open("x", &new.seal("x", b"c").unwrap()).is_ok());
        shared.adopt(&new);
        let adopted = clone.seal("x", b"d").unwrap();
        assert!(new.open("x", &adopted).is_ok() && old.open("x", &adopted).is_err());
        assert!(clone.open("x", &before).is_ok());
        shared.settle();
        assert!(clone.open("x", &before).is_err() && clone.open("x", &adopted).is_ok());
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

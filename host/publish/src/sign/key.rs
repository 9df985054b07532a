//! Public keys and key ids, as minisign writes them.
//!
//! A public key is 42 bytes, `Ed`, key id, Ed25519 point, in Base64: the second line of a `.pub`
//! file, or that line alone (as one passes it on a command line). The key id is eight random bytes;
//! anybody can make a key with a given id, so an id names a key only together with the store that
//! holds it.

use super::{SignError, io};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

const KEY_BYTES: usize = 42;
/// Largest public key file that is parsed, in bytes.
const TEXT_MAX_BYTES: usize = 4096;

/// Eight bytes that name a key: sixteen upper-case hexadecimal digits, as minisign prints them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// From the bytes in a key or signature (little-endian).
    pub(super) fn from_le_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no key, or no key id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    #[error(
        "not a minisign public key ({0}); give the .pub file, or the line in it that starts with RW"
    )]
    Public(&'static str),
    #[error("not a minisign secret key ({0}); give the .key file that keygen wrote")]
    Secret(&'static str),
    #[error("not a key id; it is sixteen hexadecimal digits")]
    Id,
}

impl FromStr for KeyId {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        if text.len() != 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAKey::Id);
        }
        let number = u64::from_str_radix(text, 16).map_err(|_| NotAKey::Id)?;
        Ok(Self(number.to_le_bytes()))
    }
}

impl TryFrom<String> for KeyId {
    type Error = NotAKey;
    fn try_from(text: String) -> Result<Self, NotAKey> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> String {
        id.to_string()
    }
}

/// A key that verifies signatures. Serialised as its Base64 line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// Reads a `.pub` file's text, or the Base64 line alone. Errors say what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let fail = |why| Err(NotAKey::Public(why));
        if text.len() > TEXT_MAX_BYTES {
            return fail("too long");
        }
        let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
        let line = match lines.as_slice() {
            [line] => line,
            [comment, line] if comment.starts_with("untrusted comment:") => line,
            _ => return fail("it has one line, or a comment line and one more"),
        };
        let Ok(bytes) = BASE64.decode(line.as_bytes()) else {
            return fail("not Base64");
        };
        let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(bytes) else {
            return fail("wrong length");
        };
        if &bytes[..2] != b"Ed" {
            return fail("another algorithm than Ed25519");
        }
        Ok(Self(bytes))
    }

    /// What a person gives on a command line: the Base64 line itself, or the path of a `.pub` file.
    pub fn from_argument(argument: &str) -> Result<Self, SignError> {
        if let Ok(key) = Self::parse(argument) {
            return Ok(key);
        }
        let path = Path::new(argument);
        let not_a_key = |source| SignError::NotAKey {
            path: path.to_owned(),
            source,
        };
        if path.metadata().map_err(io(path))?.len() > TEXT_MAX_BYTES as u64 {
            return Err(not_a_key(NotAKey::Public("too long")));
        }
        let bytes = std::fs::read(path).map_err(io(path))?;
        Self::parse(&String::from_utf8_lossy(&bytes)).map_err(not_a_key)
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.0[2..10]);
        KeyId(id)
    }

    /// The two lines of a `.pub` file.
    pub fn to_file_text(&self) -> String {
        format!(
            "untrusted comment: minisign public key {}\n{self}\n",
            self.id()
        )
    }

    /// The same key for the cryptography crate; its only error is a wrong length, which can't be.
    pub(super) fn inner(&self) -> Result<minisign::PublicKey, minisign::PError> {
        minisign::PublicKey::from_bytes(&self.0)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAKey;
    fn try_from(text: String) -> Result<Self, NotAKey> {
        Self::parse(&text)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

//! Secret keys: making a pair, reading one back.
//!
//! `NAME.key` is written for its owner alone (mode 0600 where the system has modes), `NAME.pub` for
//! all; neither replaces a file. A secret key is protected by a password (scrypt, 32 MiB: a tenth of
//! a second, so keep it off an async thread) unless the caller says [`Password::Unprotected`].
//!
//! In CI the password comes from `RAPPORT_KEY_PASSWORD`. Set and empty it says "this key has no
//! password"; unset it says nothing, and the command line asks. So nothing is unprotected by
//! forgetting. Deliberately absent: prompting, and hardware keys.

use super::key::{KeyId, NotAKey, PublicKey};
use super::{PASSWORD_MAX_BYTES, SignError, io};
use data_encoding::BASE64;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Environment variable with the password of the secret key.
pub const PASSWORD_VARIABLE: &str = "RAPPORT_KEY_PASSWORD";

const SECRET_BYTES: usize = 158;
const CHECKSUM_BYTES: usize = 32;
/// Largest secret key file that is read, in bytes.
const FILE_MAX_BYTES: u64 = 4096;

/// How a secret key is protected.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// Encrypted with this password: 1 to [`PASSWORD_MAX_BYTES`] bytes.
    Protected(String),
    /// Not at all: whoever reads the file can sign. For CI, where a secret store keeps the file.
    Unprotected,
}

/// Never shows the password.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Password::Protected(_) => "Protected(…)",
            Password::Unprotected => "Unprotected",
        })
    }
}

impl Password {
    /// The environment's way of saying it: empty is unprotected.
    pub fn from_text(text: String) -> Result<Self, SignError> {
        match text.len() {
            0 => Ok(Password::Unprotected),
            1..=PASSWORD_MAX_BYTES => Ok(Password::Protected(text)),
            _ => Err(SignError::PasswordTooLong),
        }
    }
}

/// What `RAPPORT_KEY_PASSWORD` says; `None` when it is unset, and somebody has to be asked.
pub fn password_from_environment() -> Result<Option<Password>, SignError> {
    match std::env::var_os(PASSWORD_VARIABLE) {
        None => Ok(None),
        Some(text) => {
            let text = text.into_string().map_err(|_| SignError::PasswordNotText)?;
            Password::from_text(text).map(Some)
        }
    }
}

/// Where a new key pair lies.
#[derive(Debug, Clone)]
pub struct KeyFiles {
    pub secret: PathBuf,
    pub public: PathBuf,
    pub key: PublicKey,
}

/// Makes a key pair: `NAME.key` and `NAME.pub`. Errors when either exists, or can't be written; then
/// neither is left behind.
pub fn keygen(name: &Path, password: &Password) -> Result<KeyFiles, SignError> {
    let secret = with_suffix(name, ".key");
    let public = with_suffix(name, ".pub");
    for path in [&secret, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(SignError::Exists(path.clone()));
        }
    }
    let pair = match password {
        Password::Protected(text) => {
            // An empty password would be as good as none, unsaid.
            if text.is_empty() {
                return Err(SignError::PasswordNeeded);
            }
            if text.len() > PASSWORD_MAX_BYTES {
                return Err(SignError::PasswordTooLong);
            }
            minisign::KeyPair::generate_encrypted_keypair(Some(text.clone()))
        }
        Password::Unprotected => minisign::KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(crypto)?;
    let key = PublicKey::parse(&pair.pk.to_base64()).map_err(|source| SignError::NotAKey {
        path: public.clone(),
        source,
    })?;
    let comment = format!("rapport secret key {}", key.id());
    let text = pair
        .sk
        .to_box(Some(&comment))
        .map_err(crypto)?
        .into_string();
    write_new(&secret, text.as_bytes(), true)?;
    if let Err(error) = write_new(&public, key.to_file_text().as_bytes(), false) {
        // Ours, made above: a secret key without its public half is of no use.
        let _ = std::fs::remove_file(&secret);
        return Err(error);
    }
    Ok(KeyFiles {
        secret,
        public,
        key,
    })
}

/// A key that signs. It is neither printed nor serialised.
pub struct SecretKey {
    pub(super) inner: minisign::SecretKey,
    public: PublicKey,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public.id())
    }
}

impl SecretKey {
    /// Reads `NAME.key`, ours or minisign's. A password given for an unprotected key is ignored.
    pub fn load(path: &Path, password: &Password) -> Result<Self, SignError> {
        let size = path.metadata().map_err(io(path))?.len();
        let not_a_key = |source| SignError::NotAKey {
            path: path.to_owned(),
            source,
        };
        if size > FILE_MAX_BYTES {
            return Err(not_a_key(NotAKey::Secret("too long")));
        }
        let text = std::fs::read_to_string(path).map_err(io(path))?;
        let (bytes, protected) = shape(&text).map_err(not_a_key)?;
        let boxed = minisign::SecretKeyBox::from_string(&text).map_err(crypto)?;
        let inner = match (protected, password) {
            (true, Password::Unprotected) => return Err(SignError::PasswordNeeded),
            (true, Password::Protected(text)) => boxed
                .into_secret_key(Some(text.clone()))
                .map_err(|_| SignError::PasswordWrong)?,
            // minisign leaves the checksum of an unprotected key empty; damage shows in signing,
            // where every signature is checked against the key's public half.
            (false, _) if bytes.ends_with(&[0; CHECKSUM_BYTES]) => {
                minisign::SecretKey::from_bytes(&bytes).map_err(crypto)?
            }
            (false, _) => boxed
                .into_unencrypted_secret_key()
                .map_err(|_| not_a_key(NotAKey::Secret("damaged")))?,
        };
        let public = minisign::PublicKey::from_secret_key(&inner).map_err(crypto)?;
        let public = PublicKey::parse(&public.to_base64()).map_err(not_a_key)?;
        Ok(Self { inner, public })
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// The id of both halves.
    pub fn id(&self) -> KeyId {
        self.public.id()
    }
}

/// Checks the shape of a secret key file: its bytes, and whether it needs a password.
fn shape(text: &str) -> Result<(Vec<u8>, bool), NotAKey> {
    let fail = |why| Err(NotAKey::Secret(why));
    let mut lines = text.lines();
    let (Some(comment), Some(line)) = (lines.next(), lines.next()) else {
        return fail("it has two lines");
    };
    if !comment.starts_with("untrusted comment:") {
        return fail("no comment line");
    }
    let Ok(bytes) = BASE64.decode(line.as_bytes()) else {
        return fail("not Base64");
    };
    if bytes.len() != SECRET_BYTES || &bytes[..2] != b"Ed" || &bytes[4..6] != b"B2" {
        return fail("another format");
    }
    match &bytes[2..4] {
        b"Sc" => Ok((bytes, true)),
        [0, 0] => Ok((bytes, false)),
        _ => fail("another encryption"),
    }
}

fn write_new(path: &Path, bytes: &[u8], private: bool) -> Result<(), SignError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    let mut file = options.open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => SignError::Exists(path.to_owned()),
        _ => io(path)(source),
    })?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|source| {
            let _ = std::fs::remove_file(path);
            io(path)(source)
        })
}

/// `NAME` and a suffix; dots in the name stay.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn crypto(error: minisign::PError) -> SignError {
    SignError::Crypto(error.to_string())
}

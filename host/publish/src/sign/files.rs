//! Signatures as files beside the file that they sign.
//!
//! `FILE.minisig` is the publisher's, `FILE.KEYID.minisig` anybody else's. A signature of one key is
//! replaced by a newer one of the same key, never by that of another.

use super::comment::Claims;
use super::key::KeyId;
use super::key_files::{SecretKey, with_suffix};
use super::signature::Signature;
use super::{SIGNATURE_MAX_BYTES, SIGNATURES_MAX, SignError, io, verify};
use std::path::{Path, PathBuf};

/// Whose signature it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The publisher's: `FILE.minisig`.
    Publisher,
    /// Somebody else's who stands by the file: `FILE.KEYID.minisig`.
    Counter,
}

/// Where the signature of this key lies.
pub fn signature_path(file: &Path, place: Place, key: KeyId) -> PathBuf {
    match place {
        Place::Publisher => with_suffix(file, ".minisig"),
        Place::Counter => with_suffix(file, &format!(".{key}.minisig")),
    }
}

/// Signs a file and returns where the signature lies. `claims` says what the file is; its name, its
/// SHA-256 and whether this is a counter-signature are filled in.
pub fn sign_file(
    file: &Path,
    claims: &Claims,
    key: &SecretKey,
    place: Place,
) -> Result<PathBuf, SignError> {
    let bytes = std::fs::read(file).map_err(io(file))?;
    let path = signature_path(file, place, key.id());
    match std::fs::read(&path) {
        Ok(there) => {
            // Bytes that are no text are no signature either.
            let there = String::from_utf8_lossy(&there);
            let there = Signature::parse(&there).map_err(|source| SignError::PlaceTaken {
                path: path.clone(),
                source,
            })?;
            if there.key_id() != key.id() {
                let by = there.key_id();
                return Err(SignError::SignedByAnother { path, by });
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(&path)(error)),
    }
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned());
    let claims = Claims {
        file: name,
        counter: place == Place::Counter,
        ..claims.clone()
    };
    let text = verify::sign(&bytes, &claims, key)?;
    std::fs::write(&path, text).map_err(io(&path))?;
    Ok(path)
}

/// The texts of all signatures beside a file: the publisher's first, then the others by key id.
/// Errors when there are more than [`SIGNATURES_MAX`]. A text too long for a signature is cut, and so
/// found malformed later.
pub fn read_signatures(file: &Path) -> Result<Vec<String>, SignError> {
    let mut paths = Vec::new();
    let publisher = with_suffix(file, ".minisig");
    if publisher.is_file() {
        paths.push(publisher);
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut others = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io(folder))? {
        let entry = entry.map_err(io(folder))?;
        let entry_name = entry.file_name();
        let id = entry_name
            .to_str()
            .and_then(|n| n.strip_prefix(&*name)?.strip_prefix('.'))
            .and_then(|n| n.strip_suffix(".minisig"));
        if id.is_some_and(|id| id.parse::<KeyId>().is_ok()) {
            others.push(entry.path());
        }
        if others.len() > SIGNATURES_MAX {
            return Err(SignError::TooMany(file.to_owned()));
        }
    }
    others.sort();
    paths.append(&mut others);
    if paths.len() > SIGNATURES_MAX {
        return Err(SignError::TooMany(file.to_owned()));
    }
    paths.iter().map(|path| read_capped(path)).collect()
}

/// Writes signatures that came with a file from elsewhere beside it: the first as the publisher's, the
/// others by their keys. Returns where they lie. Errors when one is no signature, or a place is taken;
/// what was written before stays.
pub fn write_signatures(file: &Path, signatures: &[String]) -> Result<Vec<PathBuf>, SignError> {
    let mut written = Vec::with_capacity(signatures.len());
    for (position, text) in signatures.iter().enumerate() {
        let place = match position {
            0 => Place::Publisher,
            _ => Place::Counter,
        };
        let path = match Signature::parse(text) {
            Ok(signature) => signature_path(file, place, signature.key_id()),
            Err(source) => {
                let path = file.to_owned();
                return Err(SignError::NoSignature { path, source });
            }
        };
        if path.exists() {
            return Err(SignError::Exists(path));
        }
        std::fs::write(&path, text).map_err(io(&path))?;
        written.push(path);
    }
    Ok(written)
}

fn read_capped(path: &Path) -> Result<String, SignError> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(io(path))?;
    let mut bytes = Vec::new();
    file.take(SIGNATURE_MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(io(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

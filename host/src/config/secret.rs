//! Secrets in `rapport.toml`: where each one is, and reading it there. Never shown.

use serde::Deserialize;
use std::env::VarError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Where a secret is: in the text itself, in an environment variable, or in a file.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum SecretSource {
    Text(String),
    Elsewhere(SecretPlace),
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretPlace {
    /// Name of an environment variable.
    Env(String),
    /// Path of a file that holds nothing else.
    File(PathBuf),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretSource(…)")
    }
}

/// Longest secret, in bytes; longer ones are no secrets but files that were named by mistake.
const SECRET_MAX_BYTES: u64 = 16 * 1024;

impl SecretSource {
    /// The secret, without line breaks at its end. Errors say why it can't be had, never what it is.
    pub fn read(&self) -> Result<String, String> {
        let (place, text) = match self {
            SecretSource::Text(text) => ("it".to_owned(), text.clone()),
            SecretSource::Elsewhere(SecretPlace::Env(name)) => {
                let place = format!("the environment variable {name}");
                let text = match std::env::var(name) {
                    Ok(text) => text,
                    Err(VarError::NotPresent) => return Err(format!("{place} is not set")),
                    Err(VarError::NotUnicode(_)) => {
                        return Err(format!("{place} is no UTF-8 text"));
                    }
                };
                (place, text)
            }
            SecretSource::Elsewhere(SecretPlace::File(path)) => {
                let place = path.display().to_string();
                let text = read_file(path).map_err(|error| match error.kind() {
                    ErrorKind::InvalidData => format!("{place} is no UTF-8 text"),
                    _ => format!("{place}: {error}; let this user read it"),
                })?;
                (place, text)
            }
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.trim().is_empty() {
            return Err(format!("{place} is empty"));
        }
        if secret.len() as u64 > SECRET_MAX_BYTES {
            return Err(format!("{place} is longer than {SECRET_MAX_BYTES} bytes"));
        }
        if secret.contains('\0') {
            return Err(format!("{place} has a NUL character in it"));
        }
        Ok(secret.to_owned())
    }
}

fn read_file(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    // With room for what is found to be too long, and for line breaks at the end.
    let most = SECRET_MAX_BYTES + 16;
    File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(bytes: &[u8]) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        SecretSource::Elsewhere(SecretPlace::File(file.path().to_owned())).read()
    }

    #[test]
    fn what_can_be_no_secret_is_told_without_being_shown() {
        assert_eq!(of_file(b"geheim\r\n\n").unwrap(), "geheim");
        assert_eq!(of_file("caf\u{e9}\nb".as_bytes()).unwrap(), "caf\u{e9}\nb");
        let long = "x".repeat(20_000);
        for (bytes, part) in [
            (b"".as_slice(), "is empty"),
            (b" \n", "is empty"),
            (b"secret\0", "NUL"),
            (b"secret\xff", "no UTF-8"),
            (long.as_bytes(), "longer than 16384 bytes"),
        ] {
            let said = of_file(bytes).unwrap_err();
            assert!(
                said.contains(part) && !said.contains("secret\u{0}"),
                "{said}"
            );
            assert!(said.len() < 300, "{said}");
        }
        let env = SecretSource::Elsewhere(SecretPlace::Env("RAPPORT_NO_SUCH_SECRET".into()));
        assert!(
            env.read()
                .unwrap_err()
                .contains("RAPPORT_NO_SUCH_SECRET is not set")
        );
        let gone = SecretSource::Elsewhere(SecretPlace::File("no-such-file".into()));
        assert!(gone.read().unwrap_err().starts_with("no-such-file: "));
    }
}

//! Secrets in `rapport.toml`: where each one is, and reading it there. Never shown.

use super::ConfigError;
use serde::Deserialize;
use std::path::PathBuf;

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

impl SecretSource {
    /// The secret, without the line break at the end that files have.
    pub fn read(&self, what: &str) -> Result<String, ConfigError> {
        match self {
            SecretSource::Text(text) => Ok(text.clone()),
            SecretSource::Elsewhere(SecretPlace::Env(name)) => std::env::var(name).map_err(|_| {
                ConfigError::Wrong(format!(
                    "{what}: the environment variable {name} is not set"
                ))
            }),
            SecretSource::Elsewhere(SecretPlace::File(path)) => std::fs::read_to_string(path)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|source| ConfigError::Read {
                    path: path.display().to_string(),
                    source,
                }),
        }
    }
}

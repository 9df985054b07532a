//! Name and password for a registry, from the environment or from a docker `config.json` that the
//! caller names. Never printed, never written.
//!
//! The environment's are for the registry that the command names, whichever it is; a configuration
//! file binds them to one. Deliberately absent: credential helpers and stores (they run programs) and
//! identity tokens.

use data_encoding::BASE64;
use std::fmt;
use std::path::{Path, PathBuf};

/// Environment variables with name and password.
const USERNAME_VARIABLE: &str = "RAPPORT_OCI_USERNAME";
const PASSWORD_VARIABLE: &str = "RAPPORT_OCI_PASSWORD";
/// Largest configuration file that is read, in bytes.
const CONFIG_MAX_BYTES: u64 = 1024 * 1024;

/// Who the host is to the registry.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    #[default]
    Anonymous,
    Basic {
        username: String,
        password: String,
    },
}

/// Shows neither name nor password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::Anonymous => "Anonymous",
            Credentials::Basic { .. } => "Basic(…)",
        })
    }
}

/// Why credentials could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    #[error("set both {USERNAME_VARIABLE} and {PASSWORD_VARIABLE}, or neither")]
    Half,
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} is no docker config.json: {why}", path.display())]
    Config { path: PathBuf, why: &'static str },
    #[error("{} keeps the password for {registry} in a helper program, which is not run here; set {USERNAME_VARIABLE} and {PASSWORD_VARIABLE}", path.display())]
    Helper { path: PathBuf, registry: String },
}

impl Credentials {
    /// From `RAPPORT_OCI_USERNAME` and `RAPPORT_OCI_PASSWORD`; anonymous when both are unset or
    /// empty.
    pub fn from_environment() -> Result<Self, CredentialsError> {
        let read = |name| {
            let text = std::env::var(name).unwrap_or_default();
            (!text.is_empty()).then_some(text)
        };
        match (read(USERNAME_VARIABLE), read(PASSWORD_VARIABLE)) {
            (None, None) => Ok(Credentials::Anonymous),
            (Some(username), Some(password)) => Ok(Credentials::Basic { username, password }),
            _ => Err(CredentialsError::Half),
        }
    }

    /// What a docker configuration file says of this registry (`host[:port]`); anonymous when
    /// nothing. Errors when the file can't be read, or the password is kept by a helper.
    pub fn from_docker_config(path: &Path, registry: &str) -> Result<Self, CredentialsError> {
        let io = |source| CredentialsError::Io {
            path: path.to_owned(),
            source,
        };
        let bad = |why| CredentialsError::Config {
            path: path.to_owned(),
            why,
        };
        if path.metadata().map_err(io)?.len() > CONFIG_MAX_BYTES {
            return Err(bad("too large"));
        }
        let bytes = std::fs::read(path).map_err(io)?;
        // The parser's own message could quote a secret.
        let config: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|_| bad("not JSON"))?;
        let names = [
            registry.to_owned(),
            format!("https://{registry}"),
            format!("https://{registry}/v1/"),
            format!("https://{registry}/v2/"),
            match registry {
                "docker.io" => "https://index.docker.io/v1/".to_owned(),
                _ => registry.to_owned(),
            },
        ];
        let entry = names.iter().find_map(|name| config["auths"].get(name));
        let helper = config["credHelpers"].get(registry).is_some();
        match entry.and_then(|entry| entry["auth"].as_str()) {
            Some(encoded) if !encoded.is_empty() => {
                let text = BASE64
                    .decode(encoded.trim().as_bytes())
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok());
                let pair = text.as_deref().and_then(|t| t.split_once(':'));
                let (username, password) = pair.ok_or_else(|| bad("an unreadable auth"))?;
                Ok(Credentials::Basic {
                    username: username.to_owned(),
                    password: password.to_owned(),
                })
            }
            _ if helper || (entry.is_some() && config.get("credsStore").is_some()) => {
                Err(CredentialsError::Helper {
                    path: path.to_owned(),
                    registry: registry.to_owned(),
                })
            }
            _ => Ok(Credentials::Anonymous),
        }
    }

    /// The value of an `Authorization` header (RFC 7617).
    pub(super) fn basic(&self) -> Option<String> {
        match self {
            Credentials::Anonymous => None,
            Credentials::Basic { username, password } => {
                let pair = BASE64.encode(format!("{username}:{password}").as_bytes());
                Some(format!("Basic {pair}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docker_config_is_read_for_one_registry() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        let text = serde_json::json!({
            "auths": {
                "r.example:5000": {"auth": BASE64.encode("me:pass:word".as_bytes())},
                "https://index.docker.io/v1/": {"auth": BASE64.encode("d:p".as_bytes())},
                "kept.example": {},
            },
            "credsStore": "desktop",
            "credHelpers": {"helped.example": "gcloud"},
        });
        std::fs::write(&path, text.to_string()).unwrap();
        let read = |registry| Credentials::from_docker_config(&path, registry);
        let found = read("r.example:5000").unwrap();
        assert_eq!(
            found,
            Credentials::Basic {
                username: "me".into(),
                password: "pass:word".into()
            }
        );
        assert_eq!(format!("{found:?}"), "Basic(…)");
        assert!(read("docker.io").unwrap().basic().is_some());
        assert_eq!(read("r.example").unwrap(), Credentials::Anonymous);
        for kept in ["kept.example", "helped.example"] {
            let error = read(kept).unwrap_err();
            assert!(matches!(error, CredentialsError::Helper { .. }), "{error}");
        }
        std::fs::write(&path, "{\"auths\": \"hunter2\"").unwrap();
        assert!(
            !read("docker.io")
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}

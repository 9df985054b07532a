//! `rapport.toml`: typed, unknown keys refused with the nearest known one.
//!
//! Everything has a default, so that no file at all is a valid configuration (no inboxes). Secrets
//! may stand in the environment or in files of their own.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Shortest API token that is accepted, in bytes.
const TOKEN_MIN_BYTES: usize = 16;

/// The whole of `rapport.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Address and port of the REST API. Beyond loopback only with an `api-token`.
    pub listen: SocketAddr,
    /// Where the database and compiled plugins are; relative to the configuration file.
    pub data_dir: PathBuf,
    /// Clients send it as `Authorization: Bearer …`. The environment's RAPPORT_API_TOKEN wins.
    pub api_token: Option<SecretSource>,
    /// Classifiers and policies by id. The bundled ones are enabled unless switched off here.
    pub plugins: BTreeMap<String, PluginConfig>,
    #[serde(rename = "inbox")]
    pub inboxes: Vec<InboxConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("rapport-data"),
            api_token: None,
            plugins: BTreeMap::new(),
            inboxes: Vec::new(),
        }
    }
}

/// A plugin as the admin wants it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PluginConfig {
    pub enabled: bool,
    /// A plugin file; none for a bundled plugin.
    pub file: Option<PathBuf>,
    /// Fields that it asks for but is not to see.
    pub withhold: Vec<String>,
    /// Checked against the plugin's own schema.
    pub settings: toml::Table,
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            file: None,
            withhold: Vec::new(),
            settings: toml::Table::new(),
        }
    }
}

/// An inbox: one instance of a channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InboxConfig {
    /// Unique and stable: what was heard is kept under it.
    pub name: String,
    /// Id of a bundled channel, or of one named under `[plugins]` with its `file`.
    pub plugin: String,
    /// The network that its ids belong to; the plugin's own unless given.
    pub network: Option<String>,
    /// Seconds between polls.
    #[serde(default = "poll_seconds")]
    pub poll_seconds: u64,
    /// `host:port` on this machine or in a private network that the channel may reach.
    #[serde(default)]
    pub local_hosts: Vec<String>,
    /// Words to listen for, in the network's own search syntax.
    #[serde(default)]
    pub monitors: Vec<String>,
    #[serde(default)]
    pub settings: toml::Table,
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretSource>,
}

fn poll_seconds() -> u64 {
    30
}

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

/// What is wrong with the configuration, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {source}")]
    Read {
        path: String,
        source: std::io::Error,
    },
    #[error("{path}: {problem}")]
    Syntax { path: String, problem: String },
    #[error("{0}")]
    Wrong(String),
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

impl Config {
    /// Reads a file. Paths in it are relative to it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: name.clone(),
            source,
        })?;
        let mut config = Self::parse(&text).map_err(|problem| ConfigError::Syntax {
            path: name,
            problem,
        })?;
        let base = path.parent().unwrap_or(Path::new("."));
        config.data_dir = base.join(&config.data_dir);
        for plugin in config.plugins.values_mut() {
            plugin.file = plugin.file.as_ref().map(|file| base.join(file));
        }
        for inbox in &mut config.inboxes {
            for secret in inbox.secrets.values_mut() {
                if let SecretSource::Elsewhere(SecretPlace::File(file)) = secret {
                    *file = base.join(&file);
                }
            }
        }
        config.check()?;
        Ok(config)
    }

    /// From text; paths in it are relative to the current directory.
    pub fn from_text(text: &str) -> Result<Self, ConfigError> {
        let config = Self::parse(text).map_err(|problem| ConfigError::Syntax {
            path: "configuration".into(),
            problem,
        })?;
        config.check()?;
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| rapport_package::nearest::with_suggestion(&e.to_string()))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut names = std::collections::BTreeSet::new();
        for inbox in &self.inboxes {
            if !rapport_package::manifest::is_id(&inbox.name) {
                return Err(ConfigError::Wrong(format!(
                    "inbox `{}`: name: use lower-case words with hyphens",
                    inbox.name
                )));
            }
            if !names.insert(&inbox.name) {
                return Err(ConfigError::Wrong(format!(
                    "two inboxes are named `{}`",
                    inbox.name
                )));
            }
            if inbox.poll_seconds == 0 || inbox.poll_seconds > 86_400 {
                return Err(ConfigError::Wrong(format!(
                    "inbox `{}`: poll-seconds must be 1 to 86400",
                    inbox.name
                )));
            }
        }
        Ok(())
    }

    /// The API token: the environment's, else the configured one.
    pub fn token(&self) -> Result<Option<String>, ConfigError> {
        let token = match std::env::var("RAPPORT_API_TOKEN") {
            Ok(token) => Some(token),
            Err(_) => self
                .api_token
                .as_ref()
                .map(|t| t.read("api-token"))
                .transpose()?,
        };
        if token.as_ref().is_some_and(|t| t.len() < TOKEN_MIN_BYTES) {
            return Err(ConfigError::Wrong(format!(
                "api-token: at least {TOKEN_MIN_BYTES} characters; make one with: openssl rand -hex 32"
            )));
        }
        Ok(token)
    }

    /// Refuses to listen where others can reach it without a token.
    pub fn check_exposure(&self, token: Option<&str>) -> Result<(), ConfigError> {
        let loopback = match self.listen.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        };
        if loopback || token.is_some() {
            return Ok(());
        }
        Err(ConfigError::Wrong(format!(
            "listen = \"{}\" is reachable from outside this machine and there is no api-token; \
             set one (openssl rand -hex 32) or listen on 127.0.0.1",
            self.listen
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_the_nearest() {
        let wrong = Config::parse("lissten = \"127.0.0.1:1\"").unwrap_err();
        assert!(wrong.contains("did you mean `listen`?"), "{wrong}");
        let wrong =
            Config::parse("[[inbox]]\nname = \"x\"\nplugin = \"y\"\nmonitor = []").unwrap_err();
        assert!(wrong.contains("did you mean `monitors`?"), "{wrong}");
    }

    #[test]
    fn no_token_no_exposure() {
        let mut config = Config::parse("listen = \"0.0.0.0:8080\"").unwrap();
        let refused = config.check_exposure(None).unwrap_err().to_string();
        assert!(refused.contains("api-token"), "{refused}");
        assert!(config.check_exposure(Some("0123456789abcdef")).is_ok());
        config.listen = "[::1]:80".parse().unwrap();
        assert!(config.check_exposure(None).is_ok());
    }

    #[test]
    fn inboxes_are_checked() {
        let two =
            "[[inbox]]\nname = \"a\"\nplugin = \"x\"\n[[inbox]]\nname = \"a\"\nplugin = \"x\"";
        assert!(Config::parse(two).unwrap().check().is_err());
        let odd = "[[inbox]]\nname = \"A b\"\nplugin = \"x\"";
        assert!(
            Config::parse(odd)
                .unwrap()
                .check()
                .unwrap_err()
                .to_string()
                .contains("hyphens")
        );
    }

    #[test]
    fn secrets_do_not_show() {
        let config = Config::parse("api-token = \"very-secret-token\"").unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }
}

//! `rapport.toml`: typed, unknown keys refused with the nearest known one.
//!
//! Everything has a default, so that no file at all is a valid configuration (no inboxes). Secrets
//! may stand in the environment or in files of their own. Every single value can also be set by an
//! environment variable, which wins: see `scalar`.

mod scalar;
pub mod sections;

mod oidc;

pub use oidc::OidcConfig;

use crate::access::SessionLimits;
use crate::db::Source;
use crate::domain::retention::{Housekeeping, Retention};
pub use scalar::{SCALARS, Scalar, unknown_variables};
use sections::{LimitsConfig, TelemetryConfig};
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
    /// `postgres://user:password@host/database`; none for an SQLite file in `data-dir`.
    pub database: Option<SecretSource>,
    /// How long work that a host has taken stays its own without a word from it, in seconds (10 to
    /// 600). Several hosts on one database take over from one that is gone after this time. Longer
    /// than any channel may take for one call.
    pub lease_seconds: u64,
    /// Opens everything, as `Authorization: Bearer …`; for the operator's own programs. The
    /// environment's RAPPORT_API_TOKEN wins.
    pub api_token: Option<SecretSource>,
    /// A second address, on this machine only, for metrics and health without a token.
    pub metrics_listen: Option<SocketAddr>,
    pub limits: LimitsConfig,
    pub telemetry: TelemetryConfig,
    /// Where people reach this host, when that is behind a proxy: `https://crm.example`.
    pub public_url: Option<PublicUrl>,
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ProxyNet>,
    /// How long a log-in lasts.
    pub session: SessionConfig,
    /// 32 bytes in base64 that secrets in the store are sealed under. The environment's
    /// RAPPORT_SECRET_KEY wins; without either it is in the file `secret-key` in `data-dir`.
    pub secret_key: Option<SecretSource>,
    /// OpenID Connect providers to log in with.
    pub oidc: Vec<OidcConfig>,
    /// Classifiers and policies by id. The bundled ones are enabled unless switched off here.
    pub plugins: BTreeMap<String, PluginConfig>,
    /// How long each kind of data is kept.
    pub retention: Retention,
    pub backup: BackupConfig,
    #[serde(rename = "inbox")]
    pub inboxes: Vec<InboxConfig>,
    /// Webhooks that go out; endpoints themselves are made over the API or with `rapport webhook`.
    pub webhooks: WebhookConfig,
}

/// `[webhooks]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WebhookConfig {
    /// `host:port` on this machine or in a private network that may be called, also by plain http.
    pub local_hosts: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("rapport-data"),
            database: None,
            lease_seconds: 60,
            api_token: None,
            metrics_listen: None,
            limits: LimitsConfig::default(),
            telemetry: TelemetryConfig::default(),
            public_url: None,
            trusted_proxies: Vec::new(),
            session: SessionConfig::default(),
            secret_key: None,
            oidc: Vec::new(),
            plugins: BTreeMap::new(),
            retention: Retention::default(),
            backup: BackupConfig::default(),
            inboxes: Vec::new(),
            webhooks: WebhookConfig::default(),
        }
    }
}

/// What holds for backups that are made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BackupConfig {
    /// Days after which `rapport backup --prune` deletes them; none: never.
    pub keep_days: Option<u32>,
}

/// How long a log-in lasts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SessionConfig {
    /// Seconds without a request; 12 hours unless given.
    pub idle_seconds: u32,
    /// Seconds in all; 7 days unless given.
    pub max_seconds: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle_seconds: 12 * 3600,
            max_seconds: 7 * 24 * 3600,
        }
    }
}

impl SessionConfig {
    pub fn limits(&self) -> SessionLimits {
        SessionLimits {
            idle_ms: i64::from(self.idle_seconds) * 1000,
            max_ms: i64::from(self.max_seconds) * 1000,
        }
    }
}

/// Scheme, host and port under which people reach this host.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(pub url::Url);

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = url::Url::parse(&text).map_err(|e| format!("`{text}`: {e}"))?;
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if web && bare && url.username().is_empty() && url.password().is_none() {
            return Ok(Self(url));
        }
        Err(format!(
            "`{text}`: give scheme, host and port only, as in https://crm.example"
        ))
    }
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct ProxyNet(pub ipnet::IpNet);

impl TryFrom<String> for ProxyNet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let address = text.parse::<IpAddr>().map(ipnet::IpNet::from);
        address
            .or_else(|_| text.parse::<ipnet::IpNet>())
            .map(Self)
            .map_err(|_| format!("`{text}` is no address or network"))
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
    /// At most this many answers a minute (1 to 6000), whatever the network allows.
    pub sends_per_minute: Option<u32>,
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
    /// The address of this inbox's webhook as the network knows it, where the network signs it.
    pub webhook_url: Option<String>,
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
        let of_inboxes = config.inboxes.iter_mut();
        let of_providers = config.oidc.iter_mut();
        let secrets = of_inboxes
            .flat_map(|inbox| inbox.secrets.values_mut())
            .chain(of_providers.flat_map(|provider| &mut provider.client_secret))
            .chain(&mut config.secret_key)
            .chain(&mut config.api_token);
        for secret in secrets {
            if let SecretSource::Elsewhere(SecretPlace::File(file)) = secret {
                *file = base.join(&file);
            }
        }
        for secret in [&mut config.api_token, &mut config.database] {
            if let Some(SecretSource::Elsewhere(SecretPlace::File(file))) = secret {
                *file = base.join(&file);
            }
        }
        config.read_environment()?;
        config.check()?;
        Ok(config)
    }

    /// What holds without any file: defaults and the environment.
    pub fn without_file() -> Result<Self, ConfigError> {
        let mut config = Self::default();
        config.read_environment()?;
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

    /// What the pipeline knows of it.
    pub fn housekeeping(&self) -> Housekeeping {
        Housekeeping {
            retention: self.retention.clone(),
            backup_keep_days: self.backup.keep_days,
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !(10..=600).contains(&self.lease_seconds) {
            return Err(ConfigError::Wrong("lease-seconds must be 10 to 600".into()));
        }
        self.limits.check().map_err(ConfigError::Wrong)?;
        if let Some(address) = self.metrics_listen
            && !address.ip().is_loopback()
        {
            return Err(ConfigError::Wrong(format!(
                "metrics-listen = \"{address}\" answers without a token, so it must be of this \
                 machine, like 127.0.0.1:9464; from elsewhere ask /metrics with a token"
            )));
        }
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
            if inbox.sends_per_minute.is_some_and(|n| n == 0 || n > 6000) {
                return Err(ConfigError::Wrong(format!(
                    "inbox `{}`: sends-per-minute must be 1 to 6000",
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

    /// Where the store is: RAPPORT_DATABASE, else `database`, else a file in the data directory.
    pub fn source(&self) -> Result<Source, ConfigError> {
        let address = match std::env::var("RAPPORT_DATABASE") {
            Ok(address) if !address.is_empty() => address,
            _ => match &self.database {
                Some(source) => source.read("database")?,
                None => return Ok(Source::File(self.data_dir.join("rapport.db"))),
            },
        };
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Source::Postgres(address));
        }
        Err(ConfigError::Wrong(
            "database: must begin with postgres://; leave it out for a file in data-dir".into(),
        ))
    }

    /// The API token: the environment's, else the configured one.
    pub fn token(&self) -> Result<Option<String>, ConfigError> {
        let token = match std::env::var("RAPPORT_API_TOKEN") {
            Ok(token) if !token.is_empty() => Some(token),
            _ => self
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
    fn proxies_and_the_public_address_are_checked() {
        let parsed = Config::parse(
            "public-url = \"https://crm.example\"\ntrusted-proxies = [\"10.0.0.0/8\", \"::1\"]",
        );
        assert_eq!(parsed.unwrap().trusted_proxies.len(), 2);
        assert!(Config::parse("trusted-proxies = [\"proxy\"]").is_err());
        assert!(Config::parse("public-url = \"https://crm.example/path\"").is_err());
        assert!(Config::parse("public-url = \"ftp://crm.example\"").is_err());
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

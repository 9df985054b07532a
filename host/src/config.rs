//! `rapport.toml`: typed, unknown keys refused with the nearest known one.
//!
//! Everything has a default, so that no file at all is a valid configuration (no inboxes). Secrets
//! may stand in the environment or in files of their own. Every single value can also be set by an
//! environment variable, which wins: see `scalar`.

mod address;
mod inbox;
mod listen;
mod oidc;
mod paths;
mod roots;
mod scalar;
mod secret;
pub mod sections;

pub use address::{ProxyNet, PublicUrl, WebOrigin};
pub use inbox::{InboxConfig, PluginConfig};
pub use listen::ListenAddress;
pub use oidc::OidcConfig;
pub use paths::Paths;
pub use roots::read_roots;
pub use scalar::{SCALARS, Scalar, unknown_variables};
pub use secret::{SecretPlace, SecretSource};
pub use sections::{AuditConfig, BackupConfig, RegistryConfig, SessionConfig, WebhookConfig};

use crate::db::Source;
use crate::domain::retention::{Housekeeping, Retention};
use sections::{LimitsConfig, TelemetryConfig};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Shortest API token that is accepted, in bytes.
const TOKEN_MIN_BYTES: usize = 16;

/// The whole of `rapport.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Address, or name, and port of the REST API. A name is looked up when it is listened on.
    pub listen: ListenAddress,
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
    pub metrics_listen: Option<ListenAddress>,
    pub limits: LimitsConfig,
    pub telemetry: TelemetryConfig,
    /// Where people reach this host, when that is behind a proxy: `https://crm.example`.
    pub public_url: Option<PublicUrl>,
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ProxyNet>,
    /// Origins whose pages may use the API from a browser, with a token: `https://desk.example`. None
    /// unless named.
    pub cors_origins: Vec<WebOrigin>,
    /// PEM files with certification authorities that are trusted beside the system's by all that
    /// goes out: plugins, webhooks, OpenID Connect, registries, traces.
    pub extra_ca: Paths,
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
    /// Where the head of the audit chain goes.
    pub audit: AuditConfig,
    #[serde(rename = "inbox")]
    pub inboxes: Vec<InboxConfig>,
    /// Webhooks that go out; endpoints themselves are made over the API or with `rapport webhook`.
    pub webhooks: WebhookConfig,
    /// Where plugins are fetched from.
    pub registries: RegistryConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ListenAddress::local(8080),
            data_dir: PathBuf::from("rapport-data"),
            database: None,
            lease_seconds: 60,
            api_token: None,
            metrics_listen: None,
            limits: LimitsConfig::default(),
            telemetry: TelemetryConfig::default(),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            extra_ca: Paths::default(),
            session: SessionConfig::default(),
            secret_key: None,
            oidc: Vec::new(),
            plugins: BTreeMap::new(),
            retention: Retention::default(),
            backup: BackupConfig::default(),
            audit: AuditConfig::default(),
            inboxes: Vec::new(),
            webhooks: WebhookConfig::default(),
            registries: RegistryConfig::default(),
        }
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
    /// Everything that is wrong with the values, each with its key.
    #[error("{}", .0.join("; "))]
    Several(Vec<String>),
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
        for file in &mut config.extra_ca.0 {
            *file = base.join(&file);
        }
        config.audit.head_file = config.audit.head_file.map(|file| base.join(file));
        for plugin in config.plugins.values_mut() {
            plugin.file = plugin.file.as_ref().map(|file| base.join(file));
        }
        let of_inboxes = config.inboxes.iter_mut();
        let of_providers = config.oidc.iter_mut();
        let secrets = of_inboxes
            .flat_map(|inbox| inbox.secrets.values_mut())
            .chain(of_providers.flat_map(|provider| &mut provider.client_secret))
            .chain(&mut config.secret_key)
            .chain(&mut config.api_token)
            .chain(&mut config.database);
        for secret in secrets {
            if let SecretSource::Elsewhere(SecretPlace::File(file)) = secret {
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
            audit_heads: self.audit.heads(),
        }
    }

    /// All that is wrong with the values by themselves.
    fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        if !(10..=600).contains(&self.lease_seconds) {
            wrong.push("lease-seconds: must be 10 to 600".to_owned());
        }
        wrong.extend(self.limits.check());
        wrong.extend(self.session.check());
        wrong.extend(self.telemetry.check());
        wrong.extend(self.audit.check());
        if let Some(address) = &self.metrics_listen
            && !address.is_loopback()
        {
            wrong.push(format!(
                "metrics-listen: \"{address}\" answers without a token, so it must be of this \
                 machine, like 127.0.0.1:9464; from elsewhere ask /metrics with a token"
            ));
        }
        let mut names = BTreeSet::new();
        for inbox in &self.inboxes {
            wrong.extend(inbox.check());
            if !names.insert(&inbox.name) {
                wrong.push(format!("inbox: two inboxes are named `{}`", inbox.name));
            }
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(ConfigError::Several(wrong)),
        }
    }

    /// Where the store is: RAPPORT_DATABASE, else `database`, else a file in the data directory.
    pub fn source(&self) -> Result<Source, ConfigError> {
        let address = match std::env::var("RAPPORT_DATABASE") {
            Ok(address) if !address.is_empty() => address,
            _ => match &self.database {
                Some(source) => read(source, "database")?,
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
                .map(|token| read(token, "api-token"))
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

fn read(source: &SecretSource, key: &str) -> Result<String, ConfigError> {
    let read = source.read();
    read.map_err(|problem| ConfigError::Wrong(format!("{key}: {problem}")))
}

#[cfg(test)]
#[path = "config/example_tests.rs"]
mod example_tests;

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
    fn origins_are_named_one_by_one() {
        let read = |text: &str| Config::parse(&format!("cors-origins = [\"{text}\"]"));
        for (text, origin) in [
            ("https://desk.example", "https://desk.example"),
            ("https://Desk.Example:443/", "https://desk.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            let config = read(text).unwrap();
            assert_eq!(config.cors_origins, [WebOrigin(origin.to_owned())]);
        }
        for text in [
            "*",
            "null",
            "",
            "desk.example",
            "https://desk.example/app",
            "https://*.example",
            "https://desk.example?x",
            "https://desk.example#x",
            "https://me@desk.example",
            "ftp://desk.example",
            "file:///tmp",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
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

//! Single values by environment variable: `RAPPORT_` and the key in capitals, with underscores for
//! hyphens and dots (`limits.queued-events` is RAPPORT_LIMITS_QUEUED_EVENTS). They win over the file.
//! Paths in them are relative to the current directory; several are separated as in PATH.
//!
//! One row a key in [`SCALARS`]; whoever adds a key adds a row. Lists, tables and what belongs to a
//! plugin or inbox are for the file; their secrets name a variable of their own.

use super::{Config, ConfigError, SecretSource};
use std::path::PathBuf;

/// One key that holds one value.
pub struct Scalar {
    /// As in the file, sections before a dot.
    pub key: &'static str,
    /// Never shown.
    pub secret: bool,
    set: fn(&mut Config, &str) -> Result<(), String>,
    /// The value in force; none when not set.
    pub get: fn(&Config) -> Option<String>,
}

/// Variables with this prefix that are no keys.
const OTHERS: &[&str] = &[
    "RAPPORT_CONFIG",
    "RAPPORT_SECRET_KEY",
    "RAPPORT_LOG",
    "RAPPORT_LOG_FORMAT",
    "RAPPORT_KEY_PASSWORD",
    "RAPPORT_OCI_USERNAME",
    "RAPPORT_OCI_PASSWORD",
];

macro_rules! row {
    ($key:literal, $($field:ident).+) => {
        Scalar {
            key: $key,
            secret: false,
            set: |config, text| parsed(text).map(|value| config.$($field).+ = value),
            get: |config| Some(config.$($field).+.to_string()),
        }
    };
    ($key:literal, optional $($field:ident).+) => {
        Scalar {
            key: $key,
            secret: false,
            set: |config, text| parsed(text).map(|value| config.$($field).+ = Some(value)),
            get: |config| config.$($field).+.as_ref().map(ToString::to_string),
        }
    };
}

/// Every single value there is.
pub const SCALARS: &[Scalar] = &[
    row!("listen", listen),
    Scalar {
        key: "data-dir",
        secret: false,
        set: |config, text| {
            config.data_dir = PathBuf::from(text);
            Ok(())
        },
        get: |config| Some(config.data_dir.display().to_string()),
    },
    Scalar {
        key: "database",
        secret: true,
        set: |config, text| {
            config.database = Some(SecretSource::Text(text.to_owned()));
            Ok(())
        },
        get: |config| config.database.as_ref().map(|_| String::new()),
    },
    Scalar {
        key: "api-token",
        secret: true,
        set: |config, text| {
            config.api_token = Some(SecretSource::Text(text.to_owned()));
            Ok(())
        },
        get: |config| config.api_token.as_ref().map(|_| String::new()),
    },
    row!("lease-seconds", lease_seconds),
    row!("metrics-listen", optional metrics_listen),
    Scalar {
        key: "extra-ca",
        secret: false,
        set: |config, text| parsed(text).map(|value| config.extra_ca = value),
        get: |config| Some(config.extra_ca.to_string()).filter(|text| !text.is_empty()),
    },
    row!("telemetry.otlp-endpoint", optional telemetry.otlp_endpoint),
    row!("limits.connections", limits.connections),
    row!("limits.requests-at-once", limits.requests_at_once),
    row!("limits.requests-per-second", limits.requests_per_second),
    row!("limits.request-burst", limits.request_burst),
    row!("limits.streams-per-caller", limits.streams_per_caller),
    row!("limits.queued-events", limits.queued_events),
];

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|e: T::Err| e.to_string())
}

impl Scalar {
    /// Its environment variable.
    pub fn variable(&self) -> String {
        format!(
            "RAPPORT_{}",
            self.key.to_uppercase().replace(['-', '.'], "_")
        )
    }
}

impl Config {
    /// Takes over what the environment sets. An empty variable sets nothing.
    pub(super) fn read_environment(&mut self) -> Result<(), ConfigError> {
        for scalar in SCALARS {
            let variable = scalar.variable();
            let Some(text) = std::env::var_os(&variable).filter(|text| !text.is_empty()) else {
                continue;
            };
            let set = match text.to_str() {
                Some(text) => (scalar.set)(self, text),
                None => Err("not UTF-8".to_owned()),
            };
            set.map_err(|problem| {
                let place = format!("the environment variable {variable} ({})", scalar.key);
                ConfigError::Wrong(format!("{place}: {problem}"))
            })?;
        }
        Ok(())
    }
}

/// Variables in the environment that look like ours and set nothing, with the nearest that would.
pub fn unknown_variables() -> Vec<(String, String)> {
    let known: Vec<String> = SCALARS.iter().map(Scalar::variable).collect();
    let known: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .chain(OTHERS.iter().copied())
        .collect();
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("RAPPORT_") && !known.contains(&name.as_str()))
        .map(|name| {
            let hint = rapport_package::nearest::nearest(&name, known.iter().copied());
            (name, hint.unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_sets_what_it_gets() {
        for scalar in SCALARS {
            let text = match scalar.key {
                "listen" | "metrics-listen" => "127.0.0.1:9999",
                "data-dir" => "somewhere",
                key if key.starts_with("limits.") || key == "lease-seconds" => "17",
                _ => "text",
            };
            let mut config = Config::default();
            (scalar.set)(&mut config, text).unwrap();
            let expected = if scalar.secret { "" } else { text };
            assert_eq!(
                (scalar.get)(&config).as_deref(),
                Some(expected),
                "{}",
                scalar.key
            );
            assert!(scalar.variable().starts_with("RAPPORT_"));
        }
        let mut config = Config::default();
        assert!((SCALARS[0].set)(&mut config, "nowhere").is_err());
    }
}

//! What a component may import, by its kind and its manifest.
//!
//! A classifier or policy must give the same output for the same input, so it gets nothing that
//! differs from call to call. A channel gets what its manifest asks for. The host links no more than
//! that either; here it becomes a reason that an author understands. Deliberately absent: what a
//! component does with an import.

use crate::component::{Import, Item};
use crate::manifest::{CONTRACT, Kind, Manifest, RUNTIME_IMPORTS, parse_version};
use serde::Serialize;
use std::collections::BTreeMap;

/// What an import gives to a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The contract's types: nothing to call.
    Types,
    /// `rapport:host/log`.
    Log,
    /// `wasi:cli`, `wasi:io`: what every language's runtime wants; printed lines go to the log.
    Runtime,
    /// `rapport:host/config`, `state`, `clock`: the inbox's own.
    Inbox,
    /// References to secrets.
    Secrets,
    /// HTTP requests, to the addresses that were granted.
    Network,
    Clocks,
    Randomness,
    /// Interfaces that a language's runtime drags in, with nothing behind them.
    Empty,
}

/// What a component imports, by what it gives, and what is odd about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub imports: BTreeMap<Group, Vec<String>>,
    pub warnings: Vec<Warning>,
}

/// The manifest asks for something that the component does not use, or does not get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Key of `plugin.toml`.
    pub key: String,
    /// What is not imported; none: what the key names is not provided yet.
    pub import: Option<String>,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Warning { key, import } = self;
        match import {
            Some(import) => write!(
                f,
                "plugin.toml: {key}: the component never imports {import}; remove what it does not use"
            ),
            None => write!(
                f,
                "plugin.toml: {key}: this version of Rapport does not provide it yet; it is empty and \
                 named in `withheld`, which says nothing about the contact"
            ),
        }
    }
}

/// Why an import is refused. The text says which, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error(
        "imports {}: a {} gets nothing but its input and the log, because the same input must give \
         the same output. Rust: std's HashMap has a random seed; use BTreeMap or a fixed hasher, in \
         dependencies too, and the message's own time instead of a clock. JavaScript: componentize \
         with the features random, clocks and http disabled. Python: componentize-py with \
         --stub-wasi",
        imports.join(", "), kind.as_str()
    )]
    Impure { kind: Kind, imports: Vec<String> },
    #[error("imports {0} without a secret in plugin.toml; add [[secrets]], or don't use it")]
    SecretsUndeclared(String),
    #[error(
        "imports {0} without an address in plugin.toml; add [[permissions.http]] with the address \
         and the reason, or don't use the network"
    )]
    HttpUndeclared(String),
    #[error(
        "imports {import}, which the host leaves empty; if the language's runtime alone needs it, \
         add runtime-imports = [\"{package}\"] to plugin.toml"
    )]
    RuntimeUndeclared { import: String, package: String },
    #[error(
        "imports {import}, which no host offers{hint}; a plugin may import rapport:types, \
         rapport:host, wasi:cli and wasi:io, a channel also wasi:clocks, wasi:random and \
         wasi:http/outgoing-handler"
    )]
    Unknown { import: String, hint: String },
    #[error("imports {import}; this host has version {speaks}; build against the contract in wit/")]
    Version { import: String, speaks: String },
    #[error("imports `{0}`, which is not an interface; a plugin imports interfaces only")]
    NotAnInterface(String),
}

/// Interfaces that there are, for suggestions.
const KNOWN: &[&str] = &[
    "rapport:host/clock",
    "rapport:host/config",
    "rapport:host/log",
    "rapport:host/secrets",
    "rapport:host/state",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
];

/// `namespace:package/interface@version`, in parts.
struct Interface<'a> {
    package: &'a str,
    /// Without the version.
    path: &'a str,
    version: &'a str,
}

impl<'a> Interface<'a> {
    fn parse(import: &'a Import) -> Result<Self, ImportError> {
        let parts = || {
            let (path, version) = import.name.split_once('@').unwrap_or((&import.name, ""));
            let (package, _) = path.split_once('/')?;
            (import.item == Item::Instance && package.contains(':')).then_some(Self {
                package,
                path,
                version,
            })
        };
        parts().ok_or_else(|| ImportError::NotAnInterface(import.name.clone()))
    }

    fn group(&self) -> Option<Group> {
        Some(match (self.package, self.path) {
            ("rapport:types", _) => Group::Types,
            (_, "rapport:host/log") => Group::Log,
            (_, "rapport:host/config" | "rapport:host/state" | "rapport:host/clock") => {
                Group::Inbox
            }
            (_, "rapport:host/secrets") => Group::Secrets,
            ("wasi:cli" | "wasi:io", _) => Group::Runtime,
            (_, "wasi:http/types" | "wasi:http/outgoing-handler") => Group::Network,
            ("wasi:clocks", _) => Group::Clocks,
            ("wasi:random", _) => Group::Randomness,
            (package, _) if RUNTIME_IMPORTS.contains(&package) => Group::Empty,
            _ => return None,
        })
    }

    /// The version that the host has, if it is not this one.
    fn other_version(&self) -> Option<String> {
        let version = parse_version(self.version);
        let (major, minor, _) = CONTRACT;
        if self.package.starts_with("wasi:") {
            let fits = version.is_some_and(|v| (v.0, v.1) == (0, 2));
            (!fits).then(|| "0.2".to_owned())
        } else {
            let fits = version.is_some_and(|v| v.0 == major && v.1 <= minor);
            (!fits).then(|| format!("{major}.{minor}"))
        }
    }
}

/// Checks what a component imports against its manifest.
pub fn check(manifest: &Manifest, imports: &[Import]) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut impure = Vec::new();
    // A type's name brings nothing along.
    for import in imports.iter().filter(|import| import.item != Item::Type) {
        let interface = Interface::parse(import)?;
        let name = || import.name.clone();
        let group = interface.group().ok_or_else(|| ImportError::Unknown {
            import: name(),
            hint: crate::nearest::nearest(interface.path, KNOWN.iter().copied())
                .unwrap_or_default(),
        })?;
        if let Some(speaks) = interface.other_version() {
            let import = name();
            return Err(ImportError::Version { import, speaks });
        }
        match manifest.kind {
            Kind::Channel => check_channel(manifest, group, &import.name, interface.package)?,
            Kind::Classifier | Kind::Policy => {
                if !matches!(group, Group::Types | Group::Log | Group::Runtime) {
                    impure.push(name());
                }
            }
        }
        report.imports.entry(group).or_default().push(name());
    }
    if !impure.is_empty() {
        return Err(ImportError::Impure {
            kind: manifest.kind,
            imports: impure,
        });
    }
    report.imports.values_mut().for_each(|names| names.sort());
    report.warnings = unused(manifest, &report.imports);
    Ok(report)
}

/// What a channel imports must be in its manifest.
fn check_channel(
    manifest: &Manifest,
    group: Group,
    import: &str,
    package: &str,
) -> Result<(), ImportError> {
    let import = || import.to_owned();
    match group {
        Group::Secrets if manifest.secrets.is_empty() => {
            Err(ImportError::SecretsUndeclared(import()))
        }
        Group::Network if manifest.permissions.http.is_empty() => {
            Err(ImportError::HttpUndeclared(import()))
        }
        Group::Empty if !manifest.runtime_imports.iter().any(|p| p == package) => {
            Err(ImportError::RuntimeUndeclared {
                import: import(),
                package: package.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// What the manifest asks for and the component never imports.
fn unused(manifest: &Manifest, imports: &BTreeMap<Group, Vec<String>>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |key: &str, import: &str| {
        let (key, import) = (key.to_owned(), Some(import.to_owned()));
        warnings.push(Warning { key, import });
    };
    if !manifest.permissions.http.is_empty() && !imports.contains_key(&Group::Network) {
        warn("permissions.http", "wasi:http/outgoing-handler");
    }
    // The host keeps the secrets of [webhook] to itself.
    let mut given = manifest.secrets.iter();
    if given.any(|secret| !manifest.is_webhook_secret(&secret.name))
        && !imports.contains_key(&Group::Secrets)
    {
        warn("secrets", "rapport:host/secrets");
    }
    let empty = imports.get(&Group::Empty).map_or(&[][..], Vec::as_slice);
    for package in &manifest.runtime_imports {
        if !empty
            .iter()
            .any(|name| name.starts_with(&format!("{package}/")))
        {
            warn("runtime-imports", package);
        }
    }
    warnings.extend(manifest.not_provided().map(|field| Warning {
        key: format!("permissions.fields: {field}"),
        import: None,
    }));
    warnings
}

#[cfg(test)]
#[path = "imports_tests.rs"]
mod tests;

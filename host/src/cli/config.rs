//! `rapport config show`: every single value that is in force and where it comes from.

use crate::config::{Config, SCALARS};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Serialize)]
struct Value {
    key: &'static str,
    value: Option<String>,
    /// `environment`, `file` or `default`.
    source: &'static str,
    variable: String,
}

pub fn show(file: &Path, config: &Config, json: bool) -> Result<()> {
    let written: toml::Table = match std::fs::read_to_string(file) {
        Ok(text) => toml::from_str(&text).context("reading the configuration again")?,
        Err(_) => toml::Table::new(),
    };
    let values: Vec<Value> = SCALARS
        .iter()
        .map(|scalar| {
            let variable = scalar.variable();
            let source = if std::env::var_os(&variable).is_some_and(|v| !v.is_empty()) {
                "environment"
            } else if is_written(&written, scalar.key) {
                "file"
            } else {
                "default"
            };
            let value = (scalar.get)(config);
            Value {
                key: scalar.key,
                value: if scalar.secret {
                    value.map(|_| "(secret)".into())
                } else {
                    value
                },
                source,
                variable,
            }
        })
        .collect();
    let inboxes: Vec<&str> = config.inboxes.iter().map(|i| i.name.as_str()).collect();
    if json {
        let all = serde_json::json!({
            "file": file.display().to_string(),
            "values": values,
            "plugins": config.plugins.keys().collect::<Vec<_>>(),
            "inboxes": inboxes,
        });
        outln!("{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    for value in &values {
        let shown = value.value.as_deref().unwrap_or("(not set)");
        outln!(
            "{:<28} {shown:<28} {:<12} {}",
            value.key,
            value.source,
            value.variable
        )?;
    }
    for name in inboxes {
        outln!("inbox {name}")?;
    }
    for id in config.plugins.keys() {
        outln!("plugin {id}")?;
    }
    Ok(())
}

/// Whether the file has the key; sections stand before a dot.
fn is_written(table: &toml::Table, key: &str) -> bool {
    match key.split_once('.') {
        Some((section, rest)) => table
            .get(section)
            .and_then(toml::Value::as_table)
            .is_some_and(|inner| is_written(inner, rest)),
        None => table.contains_key(key),
    }
}

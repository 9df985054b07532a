//! The check `settings`: the defaults configure the plugin, what the schema forbids is refused before
//! the plugin sees it, and text that is no JSON object does not make the component fall.
//!
//! Here for pure plugins; channels have their own (`channel/configure`) of the same parts. The wrong
//! settings are made from the schema: a value of another type for each setting, an unknown
//! key wherever other keys are forbidden. What can't be made from it (references, alternatives) is
//! left out.

use super::loader::Loader;
use super::report::{Check, Failure};
use crate::domain::digest::sha256_hex;
use crate::plugin::pure::PurePlugin;
use crate::plugin::{PrepareError, Settings, resolve_settings};
use serde_json::{Value, json};

pub const NAME: &str = "settings";
/// Settings inside settings that are looked into.
const DEPTH: usize = 4;
/// A key that no schema has.
const UNKNOWN: &str = "no-such-setting";
/// What `configure` never gets, and must survive.
pub const NO_OBJECTS: &[&str] = &["", "not JSON", "[]", "null", "\"text\"", "{\"a\":", "{}}"];

/// A setting that must be refused: where, what, and the whole settings.
pub struct Wrong {
    pub pointer: String,
    pub what: String,
    pub settings: Value,
}

/// Of a pure plugin; with the plugin as configured, if it can be.
pub async fn check(loader: &Loader<'_>, given: Option<&Value>) -> (Check, Option<PurePlugin>) {
    let schema = &loader.package.manifest.settings;
    let (refused, mut failures) = refusals(schema);
    let settings = match loader.resolve(given.unwrap_or(&Value::Null)) {
        Ok(settings) => settings,
        Err(problems) if given.is_none() && needs_settings(schema) && failures.is_empty() => {
            let why = format!(
                "it has required settings ({}); give some with --settings FILE",
                problems.join("; ")
            );
            return (Check::skipped(NAME, &why), None);
        }
        Err(problems) => {
            failures.push(misfit(&problems, given.is_some()));
            return (Check::of(NAME, "not configured", failures), None);
        }
    };
    let plugin = match loader.load(settings).await {
        Ok(plugin) => plugin,
        Err(error) => {
            failures.push(Failure {
                what: if given.is_some() {
                    "the given settings"
                } else {
                    "the default settings"
                }
                .into(),
                expected: "`configure` takes what the schema allows".into(),
                found: error.to_string(),
                file: None,
                line: None,
                remedy:
                    "let the schema in plugin.toml and `configure` agree, and compute little in it"
                        .into(),
            });
            return (Check::of(NAME, "not configured", failures), None);
        }
    };
    for text in NO_OBJECTS {
        failures.extend(no_object(loader, text).await);
    }
    let given = if given.is_some() { "given" } else { "default" };
    let how = if plugin.is_frozen() {
        "frozen"
    } else {
        "at each call: it can't be frozen"
    };
    let detail = format!(
        "configured with the {given} settings ({how}); {refused} wrong ones refused; {} texts that \
         are no object survived",
        NO_OBJECTS.len()
    );
    let detail = if failures.is_empty() {
        detail
    } else {
        format!("configured ({how})")
    };
    (Check::of(NAME, &detail, failures), Some(plugin))
}

pub fn needs_settings(schema: &Value) -> bool {
    schema["required"].as_array().is_some_and(|r| !r.is_empty())
}

pub fn misfit(problems: &[String], given: bool) -> Failure {
    let (what, remedy) = match given {
        true => ("the given settings", "put the settings right"),
        false => (
            "the default settings",
            "let each `default` in plugin.toml satisfy its own schema",
        ),
    };
    Failure {
        what: what.into(),
        expected: "they satisfy the schema in plugin.toml".into(),
        found: problems.join("\n"),
        file: None,
        line: None,
        remedy: remedy.into(),
    }
}

/// How many wrong settings were refused, and those that were not, or not at their place.
pub fn refusals(schema: &Value) -> (usize, Vec<Failure>) {
    let wrong = wrong(schema);
    let failed = wrong.iter().filter_map(|wrong| {
        let found = match resolve_settings(schema, &wrong.settings) {
            Ok(_) => "it was accepted".to_owned(),
            Err(problems) => {
                let place = match wrong.pointer.as_str() {
                    "" => "settings:".to_owned(),
                    pointer => format!("{pointer}:"),
                };
                if problems.iter().any(|p| p.starts_with(&place)) {
                    return None;
                }
                problems.join("\n")
            }
        };
        Some(Failure {
            what: wrong.what.clone(),
            expected: format!("a refusal that names `{}`", wrong.pointer),
            found,
            file: Some("plugin.toml".into()),
            line: None,
            remedy: "put the settings' JSON Schema right".into(),
        })
    });
    let failed: Vec<Failure> = failed.collect();
    (wrong.len() - failed.len(), failed)
}

/// Settings that this schema must refuse.
pub fn wrong(schema: &Value) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    collect(schema, "", &|value| value, &mut wrong, DEPTH);
    wrong
}

/// Wrong settings of this schema. `whole` puts a value of this place into whole settings.
fn collect(
    schema: &Value,
    pointer: &str,
    whole: &dyn Fn(Value) -> Value,
    wrong: &mut Vec<Wrong>,
    depth: usize,
) {
    if schema["additionalProperties"] == false {
        wrong.push(Wrong {
            pointer: pointer.to_owned(),
            what: format!("the unknown key `{UNKNOWN}` in `{pointer}`"),
            settings: whole(json!({ UNKNOWN: 1 })),
        });
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let here = |value: Value| whole(json!({ name.as_str(): value }));
        let other = match property["type"].as_str() {
            Some("number" | "integer") => json!("seven"),
            Some(_) => json!(7),
            None => continue,
        };
        wrong.push(Wrong {
            pointer: pointer.clone(),
            what: format!("{other} for `{pointer}`"),
            settings: here(other),
        });
        if depth > 0 {
            collect(property, &pointer, &here, wrong, depth - 1);
        }
    }
}

/// Whether the component survives a text that the host never gives it.
async fn no_object(loader: &Loader<'_>, text: &str) -> Option<Failure> {
    let settings = Settings {
        value: Value::Null,
        text: text.to_owned(),
        digest: sha256_hex(text.as_bytes()),
    };
    match loader.load_live(settings, &[]).await {
        Ok(_) | Err(PrepareError::Settings(_)) => None,
        Err(error) => Some(Failure {
            what: format!("the text `{text}` for settings"),
            expected: "`configure` refuses it with a reason, or takes it".into(),
            found: error.to_string(),
            file: None,
            line: None,
            remedy:
                "in `configure`, return an error where settings can't be read; don't panic or throw"
                    .into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_made_at_every_depth() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["who"],
            "properties": {
                "who": { "type": "string" },
                "rule": { "type": "object", "additionalProperties": false, "properties": {
                    "n": { "type": "integer", "default": 1 } } },
                "any": {}
            }
        });
        // Two unknown keys; who, rule and rule/n of another type.
        let (refused, failures) = refusals(&schema);
        assert_eq!(refused, 5, "{failures:?}");
        assert!(failures.is_empty(), "{failures:?}");
    }

    #[test]
    fn a_schema_that_checks_nothing_is_found() {
        let schema = json!({ "type": "object", "properties": { "n": { "type": "whole" } } });
        assert_eq!(refusals(&schema).1.len(), 1);
    }
}

//! The manifest agrees with the code.

use rapport_package::manifest::{Fallback, Kind, Manifest};
use serde_json::{Map, Value};

use crate::rules;
use crate::settings::Settings;

const MANIFEST: &str = include_str!("../../plugin.toml");

/// The default of a schema: its own, or made of those of its properties.
fn default(schema: &Value) -> Value {
    if let Some(own) = schema.get("default") {
        return own.clone();
    }
    let properties = schema["properties"].as_object().unwrap();
    Value::Object(
        properties
            .iter()
            .map(|(name, p)| (name.clone(), default(p)))
            .collect(),
    )
}

#[test]
fn schema_rules_and_code_have_the_same_defaults() {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    assert_eq!(
        (manifest.kind, manifest.fallback),
        (Kind::Policy, Fallback::Closed)
    );
    let code = serde_json::to_value(Settings::default()).unwrap();
    assert_eq!(default(&manifest.settings), code);
    let infos = rules::infos();
    let listed: Map<String, Value> = infos
        .iter()
        .map(|i| {
            (
                i.id.clone(),
                serde_json::from_str(&i.default_settings).unwrap(),
            )
        })
        .collect();
    assert_eq!(Value::Object(listed), code);
}

#[test]
fn every_setting_is_described() {
    let manifest = Manifest::parse(MANIFEST).unwrap();
    assert_eq!(
        manifest.settings["additionalProperties"],
        Value::Bool(false)
    );
    for (rule, schema) in manifest.settings["properties"].as_object().unwrap() {
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{rule}");
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{rule}.{name}");
        }
    }
}

#[test]
fn rules_are_in_order_and_in_two_languages() {
    let infos = rules::infos();
    let ids: Vec<&str> = infos.iter().map(|i| i.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "answer-or-leave",
            "complaint-opens-case",
            "complaint-public-once",
            "no-marketing-during-complaint",
            "tone-of-voice",
            "embargo",
            "hashtags"
        ]
    );
    for info in infos {
        assert!(!info.moments.is_empty());
        for texts in [&info.title, &info.guards] {
            let languages: Vec<&str> = texts.iter().map(|t| t.language.as_str()).collect();
            assert_eq!(languages, ["nl", "en"], "{}", info.id);
        }
    }
}

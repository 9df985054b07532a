//! The pack as a whole: its settings, their defaults and its rules. What each rule does is told by the
//! scenarios in `fixtures/`.

mod effects;
mod robust;

use rapport_sdk::policy::{Effect, Moment, PolicyCase};
use rapport_sdk::social::Message;
use rapport_sdk::{Configured, Pack, fill, testing};
use serde_json::{Map, Value, json};

use crate::CarefulAnswers;
use crate::rules::{self, DEFAULTS};

/// 2 March 2026, 08:15 UTC.
const NOW: i64 = 1_772_439_300_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A public answer that is to go out.
pub fn draft(content: &str) -> PolicyCase {
    PolicyCase {
        moment: Moment::Outbound,
        now: NOW,
        draft: Some(fill::draft(content)),
        ..PolicyCase::default()
    }
}

/// A public message to us.
fn message(content: &str) -> PolicyCase {
    PolicyCase {
        now: NOW,
        message: Some(Message {
            content: content.to_owned(),
            ..Message::default()
        }),
        ..PolicyCase::default()
    }
}

fn decide(case: &PolicyCase) -> Vec<Effect> {
    let pack: CarefulAnswers = testing::configured(DEFAULTS);
    pack.decide(case).unwrap()
}

/// The default of a schema: its own, or made of those of its properties.
fn default(schema: &Value) -> Value {
    if let Some(own) = schema.get("default") {
        return own.clone();
    }
    let properties = schema["properties"].as_object().unwrap().iter();
    Value::Object(properties.map(|(n, p)| (n.clone(), default(p))).collect())
}

fn manifest() -> Value {
    let table: toml::Table = toml::from_str(include_str!("../plugin.toml")).unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn schema_and_rules_have_the_same_defaults() {
    let defaults: Value = serde_json::from_str(DEFAULTS).unwrap();
    assert_eq!(default(&manifest()["settings"]), defaults);
    let listed: Map<String, Value> = CarefulAnswers::rules()
        .into_iter()
        .map(|r| (r.id, serde_json::from_str(&r.default_settings).unwrap()))
        .collect();
    assert_eq!(Value::Object(listed), defaults);
}

#[test]
fn every_rule_and_setting_is_described() {
    let manifest = manifest();
    for info in CarefulAnswers::rules() {
        let schema = &manifest["settings"]["properties"][&info.id];
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{}.{name}", info.id);
        }
        for texts in [&info.title, &info.guards] {
            let languages: Vec<&str> = texts.iter().map(|t| t.language.as_str()).collect();
            assert_eq!(languages, ["nl", "en"], "{}", info.id);
        }
    }
}

#[test]
fn every_rule_is_switched_by_itself() {
    let mut settings: Value = serde_json::from_str(DEFAULTS).unwrap();
    let enabled = |settings: &Value| rules::enabled(&settings.to_string()).unwrap().len();
    let mut expected = enabled(&settings);
    assert_eq!(expected, CarefulAnswers::rules().len());
    for info in CarefulAnswers::rules() {
        settings[&info.id]["enabled"] = json!(false);
        expected -= 1;
        assert_eq!(enabled(&settings), expected, "{}", info.id);
    }
}

#[test]
fn wrong_settings_are_named() {
    for (pointer, wrong, expected) in [
        (
            "/fraud-report/words/nl",
            json!(["goed", " * "]),
            "fraud-report.words.nl[1]",
        ),
        (
            "/legal-or-press/press-words/en",
            json!(["a*b"]),
            "legal-or-press.press-words.en[0]",
        ),
        (
            "/required-sentences/sentences/1/nl",
            json!("?!"),
            "required-sentences.sentences[1]",
        ),
        (
            "/vulnerable-customer/quiet-days",
            json!("ten"),
            "settings: ",
        ),
    ] {
        let mut settings: Value = serde_json::from_str(DEFAULTS).unwrap();
        *settings.pointer_mut(pointer).unwrap() = wrong;
        let error = CarefulAnswers::from_settings(&settings.to_string())
            .err()
            .unwrap();
        assert!(error.starts_with(expected), "{error}");
    }
    assert!(CarefulAnswers::from_settings("[]").is_err());
}

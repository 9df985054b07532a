//! Settings: checked against the manifest's JSON Schema, defaults filled in, written in one way so
//! that equal settings have equal digests.

use super::schema::PATTERN_BYTES;
use crate::domain::digest::sha256_hex;
use jsonschema::PatternOptions;
use serde_json::{Map, Value};

/// Settings that a plugin can be configured with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub value: Value,
    /// JSON with sorted keys.
    pub text: String,
    pub digest: String,
}

/// Fills in defaults and checks. Each problem names its place and what was expected.
pub fn resolve(schema: &Value, given: &Value) -> Result<Settings, Vec<String>> {
    let mut value = given.clone();
    if value.is_null() {
        value = Value::Object(Map::new());
    }
    let itself = |problem| {
        vec![super::sanitize::text(format!(
            "the schema itself: {problem}"
        ))]
    };
    let parts = super::schema::check(schema).map_err(itself)?;
    fill_defaults(schema, &mut value);
    super::schema::check_size(parts, value.to_string().len())
        .map_err(|problem| vec![format!("settings: {problem}")])?;
    // An engine that is linear in the text, whatever the pattern: it has no look-around and no
    // back-references.
    let linear = PatternOptions::regex().size_limit(PATTERN_BYTES);
    let validator = jsonschema::options()
        .with_pattern_options(linear)
        .build(schema)
        .map_err(|e| itself(e.to_string()))?;
    let problems: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| {
            let path = error.instance_path().to_string();
            let at = if path.is_empty() {
                "settings".to_owned()
            } else {
                path
            };
            super::sanitize::text(format!("{at}: {error}"))
        })
        .take(20)
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    // serde_json keeps objects in a sorted map, so this text is canonical.
    let text = value.to_string();
    let digest = sha256_hex(text.as_bytes());
    Ok(Settings {
        value,
        text,
        digest,
    })
}

fn fill_defaults(schema: &Value, value: &mut Value) {
    let (Some(properties), Some(object)) = (
        schema.get("properties").and_then(Value::as_object),
        value.as_object_mut(),
    ) else {
        return;
    };
    for (name, property) in properties {
        if !object.contains_key(name) {
            if let Some(default) = property.get("default") {
                object.insert(name.clone(), default.clone());
            } else if property.get("properties").is_some() {
                let mut inner = Value::Object(Map::new());
                fill_defaults(property, &mut inner);
                if inner.as_object().is_some_and(|o| !o.is_empty()) {
                    object.insert(name.clone(), inner);
                }
                continue;
            }
        }
        if let Some(inner) = object.get_mut(name) {
            fill_defaults(property, inner);
        }
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["who"],
            "properties": {
                "who": {"type": "string"},
                "n": {"type": "integer", "default": 3},
                "rule": {"type": "object", "properties": {"enabled": {"type": "boolean", "default": true}}}
            }
        })
    }

    #[test]
    fn defaults_are_filled_in_at_every_depth() {
        let settings = resolve(&schema(), &json!({"who": "x"})).unwrap();
        assert_eq!(
            settings.value,
            json!({"who": "x", "n": 3, "rule": {"enabled": true}})
        );
        let same = resolve(&schema(), &json!({"n": 3, "who": "x", "rule": {}})).unwrap();
        assert_eq!(settings.digest, same.digest);
    }

    #[test]
    fn patterns_take_no_more_time_than_the_text_is_long() {
        let schema = |pattern: &str| json!({"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}});
        let evil = json!({ "a": format!("{}!", "a".repeat(50_000)) });
        for pattern in ["^(a+)+$", "^(a|aa)+$", "^([a-z]+)*$", "(.*a){20}$"] {
            let begun = std::time::Instant::now();
            assert!(resolve(&schema(pattern), &evil).is_err());
            assert!(
                begun.elapsed() < std::time::Duration::from_secs(5),
                "{pattern}"
            );
        }
        for pattern in ["^(?=a)a$", r"(a)\1"] {
            let said = resolve(&schema(pattern), &json!({"a": "a"})).unwrap_err();
            assert!(
                said[0].starts_with("the schema itself: "),
                "{pattern}: {said:?}"
            );
        }
        let many: Map<String, Value> = (0..101)
            .map(|n| (format!("p{n}"), json!({"type": "string", "pattern": "a"})))
            .collect();
        let said = resolve(&json!({"type": "object", "properties": many}), &json!({}));
        assert!(said.unwrap_err()[0].contains("100 patterns"));
    }

    #[test]
    fn large_settings_and_a_large_schema_are_too_much_together() {
        let all: Vec<Value> = (0..4_000).map(|n| json!({"not": {"const": n}})).collect();
        let schema = json!({"type": "object", "properties": {"a": {"items": {"allOf": all}}}});
        let said = resolve(&schema, &json!({"a": vec![json!({}); 100_000]})).unwrap_err();
        assert!(said[0].contains("can be checked"), "{said:?}");
        assert!(resolve(&schema, &json!({"a": [-1]})).is_ok());
    }

    #[test]
    fn problems_name_their_place() {
        let problems = resolve(&schema(), &json!({"who": "x", "n": "many"})).unwrap_err();
        assert!(problems[0].starts_with("/n:"), "{problems:?}");
        let problems = resolve(&schema(), &json!({})).unwrap_err();
        assert!(problems[0].contains("who"), "{problems:?}");
        assert!(resolve(&schema(), &json!({"who": "x", "whom": 1})).is_err());
    }
}

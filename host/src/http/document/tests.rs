//! What a validator of OpenAPI does not look at: that names are unique and are ours, that everything is
//! described, and that examples are what their schemas say.

use super::{JSON, METHODS, document};
use serde_json::Value;
use std::collections::BTreeSet;

/// Path and method, and the operation.
fn operations() -> Vec<(String, &'static Value)> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(*method) {
                found.push((format!("{method} {path}"), operation));
            }
        }
    }
    assert!(found.len() > 100, "{} operations", found.len());
    found
}

fn said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().len() > 2)
}

#[test]
fn the_document_is_of_rapport() {
    let info = &document()["info"];
    assert_eq!(info["title"], "Rapport");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["license"]["identifier"], "Apache-2.0");
    assert!(said(&info["description"]), "{info}");
    assert_eq!(document()["security"].as_array().unwrap().len(), 2);
}

#[test]
fn operations_are_named_once_and_gathered() {
    let tags = document()["tags"].as_array().unwrap().iter();
    let tags: BTreeSet<&str> = tags.map(|tag| tag["name"].as_str().unwrap()).collect();
    let (mut ids, mut used) = (BTreeSet::new(), BTreeSet::new());
    for (what, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{what}: a second `{id}`");
        let mut chars = id.chars();
        let camel = chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && chars.all(|c| c.is_ascii_alphanumeric());
        assert!(
            camel && id.chars().any(char::is_uppercase),
            "{what}: `{id}`"
        );
        assert!(said(&operation["summary"]), "{what}: no summary");
        for tag in operation["tags"].as_array().unwrap() {
            let tag = tag.as_str().unwrap();
            assert!(
                tags.contains(tag),
                "{what}: the tag `{tag}` is not described"
            );
            used.insert(tag);
        }
    }
    assert_eq!(used, tags, "every tag has operations");
    for id in [
        "listConversations",
        "getContact",
        "createDraft",
        "closeCase",
    ] {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn everything_is_described() {
    let mut silent = Vec::new();
    for (what, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            if !said(&response["description"]) {
                silent.push(format!("{what}: {status}"));
            }
        }
        let parameters = operation["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            if !said(&parameter["description"]) {
                silent.push(format!("{what}: {}", parameter["name"]));
            }
        }
    }
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        if !said(&schema["description"]) {
            silent.push(format!("schema {name}"));
        }
        for (property, schema) in properties(schema) {
            let reference = schema["$ref"].is_string() || schema["oneOf"].is_array();
            if !reference && !said(&schema["description"]) {
                silent.push(format!("schema {name}.{property}"));
            }
        }
    }
    assert!(silent.is_empty(), "not described:\n{}", silent.join("\n"));
}

fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let all = parts.chain([schema]);
    all.flat_map(|part| part["properties"].as_object().into_iter().flatten())
        .collect()
}

#[test]
fn schemas_have_names_of_what_they_are() {
    for name in document()["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        let basic = [
            "String", "Value", "Vec", "Option", "i32", "i64", "u8", "u32", "u64",
        ];
        let rust = basic.contains(&name.as_str()) || name.contains('_') || name.contains("Vec");
        let pascal = name.chars().next().unwrap().is_ascii_uppercase()
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(pascal && !rust, "a schema called {name}");
    }
}

#[test]
fn references_lead_somewhere() {
    fn check(value: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(at) = object.get("$ref").and_then(Value::as_str) {
                    let found = document().pointer(at.trim_start_matches('#'));
                    assert!(found.is_some(), "{at}");
                }
                object.values().for_each(check);
            }
            Value::Array(items) => items.iter().for_each(check),
            _ => {}
        }
    }
    check(document());
}

/// A JSON Schema of a part of the document, with what it refers to.
fn validator(schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document()["components"].clone();
    jsonschema::validator_for(&whole).expect("a JSON Schema")
}

#[test]
fn bodies_have_examples_that_are_right() {
    let mut examples = 0;
    for (what, operation) in operations() {
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers = answers.filter(|(status, _)| status.as_str() < "300");
        let bodies = answers.map(|(_, answer)| answer);
        for body in bodies.chain([&operation["requestBody"]]) {
            let Some(media) = body["content"].get(JSON) else {
                continue;
            };
            let example = media
                .get("example")
                .unwrap_or_else(|| panic!("{what}: none"));
            let wrong = validator(&media["schema"]);
            let wrong: Vec<String> = wrong
                .iter_errors(example)
                .map(|error| error.to_string())
                .collect();
            assert!(wrong.is_empty(), "{what}: {wrong:#?}\n{example:#}");
            examples += 1;
        }
    }
    assert!(examples > 100, "{examples}");
}

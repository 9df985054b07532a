//! The OpenAPI document: what the handlers say of themselves, completed in one place with what they do
//! not. That is the answers that every operation can give before it begins (see `limits`), those that
//! follow from its rule (see `rules`) or its body, the words on answers and parameters that mean the
//! same everywhere (`words`), names of schemas (`names`), and examples (`examples`). What a handler
//! says itself stays.
//!
//! `http::query` reads the document too: a query is taken as it is described here, and not otherwise.

mod examples;
mod names;
#[cfg(test)]
mod tests;
mod words;

use super::rules::{RULES, Rule};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
pub const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Statuses, and what they say.
type Answers = &'static [(&'static str, &'static str)];

/// Of operations that have a body.
const OF_BODIES: Answers = &[
    ("400", "Not JSON"),
    ("413", "Too large"),
    ("415", "Not application/json"),
    ("422", "Not as described"),
];
/// Of operations that are not for everybody.
const OF_CALLERS: Answers = &[
    ("401", "Nobody, or nobody any more"),
    (
        "403",
        "Not with these permissions, or without the CSRF token",
    ),
];
const OF_ALL: Answers = &[
    (
        "400",
        "The request is not well formed, or has a parameter that is not described here",
    ),
    ("408", "The body did not come in time"),
    ("413", "The body is too large"),
    (
        "429",
        "The caller asks too often; Retry-After says how long to wait",
    ),
    ("431", "The head of the request is too large"),
    ("503", "The store did not answer; nothing was changed"),
];

/// The whole document.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| complete(super::documented().1));
    &DOCUMENT
}

fn complete(generated: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(generated).unwrap_or_default();
    names::rename(&mut document);
    words::describe_schemas(&mut document["components"]["schemas"]);
    let schemas = document["components"]["schemas"].clone();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        let methods = item.as_object_mut().into_iter().flatten();
        for (method, operation) in methods.filter(|(name, _)| METHODS.contains(&name.as_str())) {
            let method = method.to_uppercase();
            let rule = RULES.iter().find(|(of, at, _)| *of == method && at == path);
            answers(operation, rule.map(|(_, _, rule)| *rule));
            if super::in_force::is_followed(&method, path) {
                pending(operation);
            }
            words::describe(path, operation, &schemas);
            examples::add(operation, &schemas);
        }
    }
    document["tags"] = words::tags();
    document
}

/// Adds the answers that an operation does not name itself, and gives errors their media type.
fn answers(operation: &mut Value, rule: Option<Rule>) {
    let has_body = operation.get("requestBody").is_some();
    let mut add = Vec::new();
    if let Some(Rule::Known | Rule::Person | Rule::Needs(_)) = rule {
        add.extend(OF_CALLERS);
    } else {
        operation["security"] = json!([]);
    }
    if has_body {
        add.extend(OF_BODIES);
    }
    add.extend(OF_ALL);
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, text) in add {
        // The first word on a status counts.
        responses.entry(status).or_insert_with(|| problem(text));
    }
    for (_, response) in responses.iter_mut().filter(|(s, _)| s.as_str() >= "400") {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        if let Some(content) = content
            && let Some(said) = content.remove(JSON)
        {
            content.insert(PROBLEM.to_owned(), said);
        }
    }
}

/// What was done and is not in force on every host yet (see `in_force`) has the body of what is.
fn pending(operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    let done = responses.iter().find(|(status, _)| status.as_str() < "300");
    let Some(mut pending) = done.map(|(_, answer)| answer.clone()) else {
        return;
    };
    pending["description"] = json!(
        "Stored, but not in force on every host yet; Rapport-Pending names the hosts. What is in force \
         everywhere within 30 seconds is answered with the other status."
    );
    responses.entry("202").or_insert(pending);
}

fn problem(text: &str) -> Value {
    let schema = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
    json!({"description": text, "content": {PROBLEM: schema}})
}

/// What a reference of the document leads to.
pub fn resolve<'a>(schemas: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}

/// Calls `visit` with every object in a value, itself first.
fn walk(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values_mut().for_each(|inner| walk(inner, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, visit)),
        _ => {}
    }
}

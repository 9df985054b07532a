//! Operations and their text fields, read from the OpenAPI document: so that an endpoint that is new
//! is attacked from its first day.

use reqwest::Method;
use serde_json::{Map, Value, json};

/// How deep a schema is followed.
const DEPTH: u32 = 8;

/// Where a text can be put.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Path(String),
    Query(String),
    Header(String),
    /// JSON pointer into the body.
    Body(String),
}

/// An operation with a request that is right in form.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    /// With `{name}` for parameters.
    pub path: String,
    pub body: Option<Value>,
    pub places: Vec<Place>,
}

/// Every operation that takes a text and answers with something that ends.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let Ok(method) = method.to_uppercase().parse() else {
                continue;
            };
            if operation["responses"]["200"]["content"]
                .get("text/event-stream")
                .is_none()
            {
                found.push(read(document, method, path, operation));
            }
        }
    }
    found.retain(|operation| !operation.places.is_empty());
    found
}

fn read(document: &Value, method: Method, path: &str, operation: &Value) -> Operation {
    let mut places = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(document, parameter);
        let name = parameter["name"].as_str().expect("a name").to_owned();
        let mut inside = Vec::new();
        example(document, &parameter["schema"], "", DEPTH, &mut inside);
        match parameter["in"].as_str() {
            Some("path") => places.push(Place::Path(name)),
            Some("query") if !inside.is_empty() => places.push(Place::Query(name)),
            Some("header") if !inside.is_empty() => places.push(Place::Header(name)),
            _ => {}
        }
    }
    let mut inside = Vec::new();
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = (!schema.is_null()).then(|| example(document, schema, "", DEPTH, &mut inside));
    places.extend(inside.into_iter().map(Place::Body));
    Operation {
        method,
        path: path.to_owned(),
        body,
        places,
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).expect("a schema that is there"),
        None => schema,
    }
}

/// A value that fits the schema; pointers to its free texts go into `texts`.
fn example(
    document: &Value,
    schema: &Value,
    at: &str,
    depth: u32,
    texts: &mut Vec<String>,
) -> Value {
    let schema = resolve(document, schema);
    if depth == 0 {
        return Value::Null;
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.first().cloned().unwrap_or_default();
    }
    for choice in ["oneOf", "anyOf"] {
        let options = schema[choice].as_array().into_iter().flatten();
        if let Some(option) = options.into_iter().find(|o| o["type"] != "null") {
            return example(document, option, at, depth - 1, texts);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(part) = example(document, part, at, depth - 1, texts) {
                whole.extend(part);
            }
        }
        return Value::Object(whole);
    }
    match kind(schema) {
        "string" => {
            texts.push(at.to_owned());
            json!("text")
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(false),
        "array" => {
            let item = format!("{at}/0");
            json!([example(document, &schema["items"], &item, depth - 1, texts)])
        }
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields = fields.map(|(name, field)| {
                let at = format!("{at}/{name}");
                (
                    name.clone(),
                    example(document, field, &at, depth - 1, texts),
                )
            });
            Value::Object(fields.collect())
        }
        _ => Value::Null,
    }
}

/// The type, of several the first that is not null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or_default()
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "",
    }
}

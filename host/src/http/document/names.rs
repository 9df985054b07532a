//! Names of schemas as the field has them: what the generator calls after a type of Rust gets the name
//! of what it is.

use super::walk;
use serde_json::{Map, Value, json};

/// What an alias of a basic type is called, and what it is.
const ALIASES: &[(&str, &str, &str)] = &[
    (
        "String",
        "Id",
        "An id of this host's: a UUID (version 7) in lower case.",
    ),
    (
        "i64",
        "Timestamp",
        "A moment, in milliseconds since 1970-01-01T00:00:00Z.",
    ),
    ("Value", "JsonValue", "Any JSON value."),
];

/// The name of a schema in the document.
fn name_of(generated: &str) -> String {
    if let Some((_, name, _)) = ALIASES.iter().find(|(rust, _, _)| *rust == generated) {
        return (*name).to_owned();
    }
    match generated.strip_prefix("ListPage_") {
        Some(item) => format!("{item}Page"),
        None => generated.to_owned(),
    }
}

/// Renames schemas, and everything that refers to them.
pub fn rename(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    for (rust, _, description) in ALIASES {
        if let Some(schema) = schemas.get_mut(*rust) {
            schema["description"] = json!(description);
        }
    }
    if let Some(found) = schemas.as_object_mut() {
        let renamed = std::mem::take(found).into_iter();
        let renamed = renamed.map(|(name, schema)| (name_of(&name), schema));
        *found = renamed.collect::<Map<_, _>>();
    }
    walk(document, &mut |object| {
        let Some(Value::String(at)) = object.get_mut("$ref") else {
            return;
        };
        if let Some((path, name)) = at.rsplit_once('/') {
            *at = format!("{path}/{}", name_of(name));
        }
    });
}

//! Examples of bodies, made from their schemas, so that they can't be otherwise than those say: each
//! property has the value that stands here for its name, or the simplest that its type allows. A schema
//! that brings an example of its own keeps it.

use super::{JSON, resolve};
use serde_json::{Map, Value, json};

/// Deeper than any schema of ours; one that has itself as a part ends here.
const DEPTH_MAX: u32 = 40;

/// Texts by the name of their property.
const TEXTS: &[(&str, &str)] = &[
    ("Id", "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77"),
    ("action", "draft.release"),
    ("actor", "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77"),
    ("actorExternalId", "did:plc:abc123"),
    ("altText", "A parcel before a door"),
    ("author", "Sanne"),
    ("avatarUrl", "https://social.example/lotte.png"),
    ("code", "123456"),
    (
        "content",
        "Goedemorgen Lotte, dat zoeken we meteen voor je uit. Groet, Sanne",
    ),
    ("description", "Tells the shop's own system"),
    ("detail", "There is no such message."),
    (
        "digest",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    ("dimension", "language"),
    ("displayName", "Lotte"),
    ("email", "sanne@company.example"),
    ("events", "message.received"),
    ("externalId", "at://did:plc:abc123/app.bsky.feed.post/3k2a"),
    ("handle", "lotte.example"),
    ("idempotencyKey", "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77"),
    ("inReplyTo", "at://did:plc:abc123/app.bsky.feed.post/3k29"),
    ("keep", "400d"),
    ("kind", "text"),
    ("label", "nl"),
    ("labels", "delivery"),
    ("language", "nl"),
    ("lastError", "The network did not answer."),
    ("mediaType", "image/png"),
    ("members", "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77"),
    ("monitor", "01994f2a-7c1e-7b3d-9a54-2f6d8c0b1e77"),
    ("name", "service"),
    ("network", "bluesky"),
    ("new", "five quiet words in a row"),
    ("next", "313737323433393330303030303a3031393934663261"),
    ("note", "negated"),
    ("old", "four quiet words together"),
    ("password", "four quiet words together"),
    ("plugin", "classify-language"),
    ("profileUrl", "https://social.example/lotte"),
    ("query", "zonnewind"),
    ("reason", "complaint is open"),
    ("recipient", "lotte.example"),
    ("roles", "service"),
    ("rule", "marketing-after-complaint"),
    ("secret", "shown this once"),
    ("tags", "verhuizen"),
    ("team", "service"),
    ("text", "Er is een klacht open."),
    ("title", "Pakket niet bezorgd"),
    ("type", "about:blank"),
    ("url", "https://shop.example/hooks/rapport"),
    ("userAgent", "Mozilla/5.0"),
    ("verdict", "allow"),
    ("version", "1.0.0"),
];

/// Numbers by the name of their property, or of their schema.
const NUMBERS: &[(&str, i64)] = &[
    ("Timestamp", 1_772_439_300_000),
    ("status", 404),
    ("attempts", 1),
    ("concurrency", 2),
    ("overlapHours", 24),
];

/// What is true of most.
const TRUE: &[&str] = &["active", "enabled", "read", "answer", "verified"];

/// Gives an operation's JSON bodies an example.
pub fn add(operation: &mut Value, schemas: &Value) {
    add_to_body(operation.get_mut("requestBody"), schemas);
    let answers = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    let answers = answers.into_iter().flatten();
    for (_, answer) in answers.filter(|(status, _)| status.as_str() < "300") {
        add_to_body(Some(answer), schemas);
    }
}

fn add_to_body(body: Option<&mut Value>, schemas: &Value) {
    if let Some(media) = body.and_then(|body| body.get_mut("content")?.get_mut(JSON)) {
        media["example"] = example(schemas, "", &media["schema"], 0);
    }
}

fn object(schemas: &Value, schema: &Value, depth: u32) -> Value {
    let mut made = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        made.insert(name.clone(), example(schemas, name, property, depth + 1));
    }
    Value::Object(made)
}

/// An example of a schema; `name` is its property's or its own.
fn example(schemas: &Value, name: &str, schema: &Value, depth: u32) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return given.clone();
    }
    if let Some(at) = schema["$ref"].as_str() {
        let of = at.rsplit('/').next().unwrap_or_default();
        let alias = ["Id", "Timestamp"].contains(&of);
        let name = if alias { of } else { name };
        return example(schemas, name, resolve(schemas, schema), depth + 1);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(made) = example(schemas, name, part, depth + 1) {
                whole.extend(made);
            }
        }
        return Value::Object(whole);
    }
    for or in ["oneOf", "anyOf"] {
        let mut choices = schema[or].as_array().into_iter().flatten();
        if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
            return example(schemas, name, choice, depth + 1);
        }
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null"),
        kind => Some(kind),
    };
    match kind.and_then(Value::as_str) {
        Some("string") => json!(word(TEXTS, name).unwrap_or("text")),
        Some("integer" | "number") => {
            let least = schema["minimum"].as_i64().unwrap_or(0).max(1);
            json!(word(NUMBERS, name).unwrap_or(least))
        }
        Some("boolean") => json!(TRUE.contains(&name)),
        Some("array") => json!([example(schemas, name, &schema["items"], depth + 1)]),
        Some("object") => object(schemas, schema, depth),
        _ => json!({}),
    }
}

fn word<T: Copy>(words: &[(&str, T)], name: &str) -> Option<T> {
    let found = words.iter().find(|(of, _)| *of == name);
    found.map(|(_, value)| *value)
}

//! What a new version of a plugin says otherwise of itself than the one in force: whose it is, whose
//! identities it speaks of, what can be set, what happens when it fails, how its webhooks are proved, and
//! whether it goes back. What it asks for besides is in [`crate::grant::wider`]; an admin sees both.
//!
//! Invariant: every key of the manifest counts unless it is named in [`OTHERWISE`]: one that is added to
//! the manifest later is a difference without anybody thinking of it. Pure.

use crate::Manifest;
use crate::grant::Ask;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Keys that are seen to otherwise: the same in every version, asked for by what is more in them, or the
/// vendor's own words that nothing follows from.
const OTHERWISE: &[&str] = &[
    "id",
    "kind",
    "version",
    "contract",
    "licence",
    "description",
    "permissions",
    "secrets",
    "limits",
    "runtime-imports",
];
/// Keys that have words of their own: what each says.
const TOLD: &[(&str, &str)] = &[
    ("publisher", "who it says made it"),
    ("name", "what it calls itself"),
    ("network", "the network whose identities its people have"),
    ("fallback", "what happens when it fails"),
    ("webhook", "how the network's requests are proved genuine"),
    ("settings", "what can be set, and what holds unless it is"),
];
/// Words of a setting's schema that only explain it (JSON Schema 2020-12, validation, section 9).
const ANNOTATIONS: &[&str] = &["title", "description", "examples", "$comment", "deprecated"];
/// Most differences of one key that are told one by one.
const TOLD_MAX: usize = 50;
/// Longest value that is told, in characters.
const VALUE_CHARS: usize = 200;

/// What `new` says otherwise than `old`; an earlier version first.
pub fn changes(old: &Manifest, new: &Manifest) -> Vec<Ask> {
    let mut found = Vec::new();
    if compare_versions(&new.version, &old.version) == Ordering::Less {
        found.push(Ask {
            kind: "older-version",
            what: format!("{} → {}", old.version, new.version),
            reason: "it goes back to an earlier version".to_owned(),
        });
    }
    let (was, is) = (keys(old), keys(new));
    for (key, reason) in TOLD.iter().copied() {
        let parts = match key {
            "settings" => settings(&was[key], &is[key]),
            "webhook" => members(&was[key], &is[key]),
            _ => difference(&was[key], &is[key]).into_iter().collect(),
        };
        add(&mut found, key, reason, parts);
    }
    let known = |key: &str| OTHERWISE.contains(&key) || TOLD.iter().any(|(told, _)| *told == key);
    let others: Vec<String> = union(&was, &is)
        .into_iter()
        .filter(|key| !known(key))
        .filter_map(|key| Some(format!("{key}: {}", difference(&was[&key], &is[&key])?)))
        .collect();
    add(
        &mut found,
        "manifest",
        "another key of its manifest",
        others,
    );
    found
}

fn keys(manifest: &Manifest) -> Value {
    serde_json::to_value(manifest).unwrap_or_default()
}

fn add(found: &mut Vec<Ask>, kind: &'static str, reason: &str, mut parts: Vec<String>) {
    let more = parts.len().saturating_sub(TOLD_MAX);
    parts.truncate(TOLD_MAX);
    if more > 0 {
        parts.push(format!("and {more} more; compare the two manifests"));
    }
    found.extend(parts.into_iter().map(|what| Ask {
        kind,
        what,
        reason: reason.to_owned(),
    }));
}

/// Setting by setting; and what else the schema says.
fn settings(was: &Value, is: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let (of_was, of_is) = (&was["properties"], &is["properties"]);
    for name in union(of_was, of_is) {
        let (was, is) = (&of_was[&name], &of_is[&name]);
        match (was, is) {
            (Value::Null, _) => found.push(format!("{name} is new{}", unless_given(is))),
            (_, Value::Null) => found.push(format!("{name} is gone")),
            _ => {
                let parts = members(&plain(was), &plain(is));
                found.extend(parts.into_iter().map(|part| format!("{name}.{part}")));
            }
        }
    }
    let rest = |schema: &Value| {
        let mut rest = plain(schema);
        if let Some(rest) = rest.as_object_mut() {
            rest.remove("properties");
        }
        rest
    };
    found.extend(members(&rest(was), &rest(is)));
    found
}

fn unless_given(schema: &Value) -> String {
    match &schema["default"] {
        Value::Null => String::new(),
        default => format!(", {} unless given", told(default)),
    }
}

/// A schema without the words that only explain it.
fn plain(schema: &Value) -> Value {
    let mut plain = schema.clone();
    if let Some(keys) = plain.as_object_mut() {
        keys.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()));
    }
    plain
}

/// Key by key where both are objects, as a whole where they are not.
fn members(was: &Value, is: &Value) -> Vec<String> {
    if !was.is_object() || !is.is_object() {
        return difference(was, is).into_iter().collect();
    }
    let parts = union(was, is).into_iter();
    parts
        .filter_map(|key| Some(format!("{key}: {}", difference(&was[&key], &is[&key])?)))
        .collect()
}

fn union(was: &Value, is: &Value) -> Vec<String> {
    let empty = Map::new();
    let of = |value| Value::as_object(value).unwrap_or(&empty).keys().cloned();
    let mut all: Vec<String> = of(was).chain(of(is)).collect();
    all.sort();
    all.dedup();
    all
}

fn difference(was: &Value, is: &Value) -> Option<String> {
    (was != is).then(|| format!("{} → {}", told(was), told(is)))
}

fn told(value: &Value) -> String {
    let text = match value {
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Which of two versions comes first (Semantic Versioning 2.0.0, section 11). What is no version is the
/// earliest.
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let core = |text: &str| crate::manifest::parse_version(text);
    let before = |text: &str| {
        let text = text.split('+').next().unwrap_or_default();
        text.split_once('-').map(|(_, before)| before.to_owned())
    };
    core(a)
        .cmp(&core(b))
        .then_with(|| match (before(a), before(b)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => {
                // A number comes before a word, and fewer parts before more.
                let part = |part: &str| match part.parse::<u64>() {
                    Ok(number) => (0, number, String::new()),
                    Err(_) => (1, 0, part.to_owned()),
                };
                a.split('.').map(part).cmp(b.split('.').map(part))
            }
        })
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;

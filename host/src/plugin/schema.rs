//! A settings schema is a stranger's work too. Checking a value against it may take no longer than its
//! size says, so what it refers to is part of it, and a part that is used twice counts twice: of two
//! references in each of thirty parts, one inside the other, come a thousand million checks.
//!
//! Deliberately absent: whether it is JSON Schema; the validator finds that out.

use serde_json::Value;

/// Objects and lists in a schema, what is referred to counted each time.
const PARTS: usize = 20_000;
/// Patterns in a schema; each is compiled into up to [`PATTERN_BYTES`].
const PATTERNS: usize = 100;
/// Memory of one compiled pattern, in bytes.
pub const PATTERN_BYTES: usize = 1024 * 1024;
/// Parts of a schema times bytes of the settings that are checked against it: a second or two at worst.
const WORK: usize = 500_000_000;
/// How deep they may be in one another. A schema that refers to itself has no end.
const DEPTH: usize = 128;
/// Keywords whose value has a schema under each name.
const NAMED: [&str; 5] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
];
/// Keywords whose value is data.
const DATA: [&str; 4] = ["default", "const", "enum", "examples"];
/// The version of JSON Schema that settings are in.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a schema comes to.
struct Left {
    parts: usize,
    patterns: usize,
}

/// Refuses a schema that is too large or whose references the host does not follow. How many parts it
/// has, otherwise.
pub fn check(schema: &Value) -> Result<usize, String> {
    let mut left = Left {
        parts: PARTS,
        patterns: PATTERNS,
    };
    walk(schema, schema, false, 0, &mut left)?;
    Ok(PARTS - left.parts)
}

/// Refuses settings of so many bytes if to check them against so many parts could take long.
pub fn check_size(parts: usize, settings_bytes: usize) -> Result<(), String> {
    if parts.saturating_mul(settings_bytes) <= WORK {
        return Ok(());
    }
    let most = WORK / parts.max(1);
    Err(format!(
        "{settings_bytes} bytes are more than the {most} that can be checked against its schema of \
         {parts} parts"
    ))
}

/// `named`: the part has a schema under each name, whatever the names are.
fn walk(
    root: &Value,
    part: &Value,
    named: bool,
    depth: usize,
    left: &mut Left,
) -> Result<(), String> {
    if !part.is_object() && !part.is_array() {
        return Ok(());
    }
    if depth > DEPTH {
        return Err(format!(
            "it refers to itself, or is more than {DEPTH} levels deep; write out the levels that are \
             needed"
        ));
    }
    left.parts = left.parts.checked_sub(1).ok_or_else(|| {
        format!("more than {PARTS} parts, what `$ref` refers to counted each time; make it smaller")
    })?;
    if let Value::Array(items) = part {
        return items
            .iter()
            .try_for_each(|item| walk(root, item, false, depth + 1, left));
    }
    for (name, value) in part.as_object().into_iter().flatten() {
        let patterns = match (name.as_str(), value) {
            ("pattern", Value::String(_)) if !named => 1,
            ("patternProperties", Value::Object(all)) if !named => all.len(),
            _ => 0,
        };
        left.patterns = left.patterns.checked_sub(patterns).ok_or_else(|| {
            format!("more than {PATTERNS} patterns, what `$ref` refers to counted each time")
        })?;
        match (name.as_str(), value) {
            // Counted where they are referred to.
            ("$defs", _) if depth == 0 => {}
            ("$ref", Value::String(place)) => {
                walk(root, target(root, place)?, false, depth + 1, left)?;
            }
            (data, _) if !named && DATA.contains(&data) => {}
            ("$schema", Value::String(draft)) if depth > 0 || draft != DRAFT => {
                return Err(format!("`$schema` must be {DRAFT}, or left out"));
            }
            ("$id", Value::String(_)) if depth > 0 => {
                return Err("`$id` is for the whole schema only; remove it".into());
            }
            ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                return Err(format!("`{name}` is not supported; use `$ref`"));
            }
            _ => {
                let named = !named && NAMED.contains(&name.as_str());
                walk(root, value, named, depth + 1, left)?;
            }
        }
    }
    Ok(())
}

/// What a reference leads to.
fn target<'a>(root: &'a Value, place: &str) -> Result<&'a Value, String> {
    let pointer = place.strip_prefix('#').filter(|p| !p.contains('%'));
    pointer.and_then(|p| root.pointer(p)).ok_or_else(|| {
        let place = super::sanitize::text(place.to_owned());
        format!("`$ref` {place}: must be like #/$defs/name and lead to a part of this schema")
    })
}

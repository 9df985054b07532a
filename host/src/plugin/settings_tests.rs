//! Settings and schemas of any kind: never a panic, never accepted against the schema, always an error
//! that says where. `tests/corpus/settings.json` has the cases to try first; a case that proptest finds
//! is kept under `proptest-regressions`.

use super::*;
use crate::plugin::limits;
use proptest::prelude::*;
use rapport_package::Manifest;
use serde_json::json;

/// The plugins that come with the host.
const BUNDLED: [&str; 8] = [
    include_str!("../../../plugins/channel-bluesky/plugin.toml"),
    include_str!("../../../plugins/channel-feed/plugin.toml"),
    include_str!("../../../plugins/channel-sample/plugin.toml"),
    include_str!("../../../plugins/channel-webhook/plugin.toml"),
    include_str!("../../../plugins/classify-language/plugin.toml"),
    include_str!("../../../plugins/classify-sentiment/plugin.toml"),
    include_str!("../../../plugins/classify-topic/plugin.toml"),
    include_str!("../../../plugins/policy-service/plugin.toml"),
];

fn bundled_schemas() -> Vec<Value> {
    let schema = |text: &&str| Manifest::parse(text).expect("a manifest").settings;
    BUNDLED.iter().map(schema).collect()
}

/// A second opinion: the keywords of JSON Schema that plugins mostly use, read as the standard has
/// them. A keyword that it does not know refuses nothing.
fn allows(schema: &Value, value: &Value) -> bool {
    let Some(schema) = schema.as_object() else {
        return schema.as_bool().unwrap_or(true);
    };
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let within = |size: f64, least: &str, most: &str| {
        limit(least).is_none_or(|l| size >= l) && limit(most).is_none_or(|m| size <= m)
    };
    let typed = schema.get("type").is_none_or(|ty| is_type(ty, value));
    let known = match schema.get("enum").and_then(Value::as_array) {
        Some(all) => all.iter().any(|one| same(one, value)),
        None => true,
    };
    let inside = match value {
        Value::Number(n) => within(n.as_f64().unwrap_or_default(), "minimum", "maximum"),
        Value::String(s) => within(s.chars().count() as f64, "minLength", "maxLength"),
        Value::Array(items) => {
            let of = schema.get("items").unwrap_or(&Value::Bool(true));
            within(items.len() as f64, "minItems", "maxItems")
                && items.iter().all(|item| allows(of, item))
        }
        Value::Object(object) => {
            let count = object.len() as f64;
            within(count, "minProperties", "maxProperties") && allows_object(schema, object)
        }
        Value::Null | Value::Bool(_) => true,
    };
    typed && known && inside
}

fn allows_object(schema: &Map<String, Value>, object: &Map<String, Value>) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties").unwrap_or(&Value::Null);
    required.all(|name| object.contains_key(name))
        && object.iter().all(|(name, value)| {
            let own = properties.and_then(|p| p.get(name));
            allows(own.unwrap_or(others), value)
        })
}

fn is_type(ty: &Value, value: &Value) -> bool {
    match (ty.as_str().unwrap_or_default(), value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(n)) => {
            !n.is_f64() || n.as_f64().is_some_and(|f| f.fract() == 0.0)
        }
        _ => false,
    }
}

/// Equal as JSON Schema has it: 1 and 1.0 are the same number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// What holds whatever was given. `complete`: the schema has only keywords that [`allows`] knows.
fn check(schema: &Value, given: &Value, complete: bool) -> Result<(), TestCaseError> {
    match resolve(schema, given) {
        Ok(settings) => {
            prop_assert!(
                allows(schema, &settings.value),
                "accepted: {}",
                settings.text
            );
            let read: Value = serde_json::from_str(&settings.text).expect("it is JSON");
            prop_assert_eq!(&read, &settings.value, "nothing is lost in its text");
            prop_assert_eq!(&settings.digest, &sha256_hex(settings.text.as_bytes()));
            let again = resolve(schema, &settings.value);
            prop_assert_eq!(again, Ok(settings), "resolving twice changes nothing");
        }
        Err(problems) => {
            let mut value = if given.is_null() {
                json!({})
            } else {
                given.clone()
            };
            fill_defaults(schema, &mut value);
            let itself = problems[0].starts_with("the schema itself: ");
            prop_assert!(!(complete && itself), "{problems:?}");
            prop_assert!(
                !complete || !allows(schema, &value),
                "{problems:?}: {value}"
            );
            prop_assert!((1..=20).contains(&problems.len()));
            let text = value.to_string();
            // Where names are plain, the place is one of the value; else it is cleaned, or cut.
            let plain = !text.contains(|c: char| c.is_control() || c == '\\');
            let exact = plain && !itself && !text.contains(": ") && text.len() < 256;
            for problem in &problems {
                prop_assert!(
                    problem.len() <= limits::TEXT_BYTES,
                    "{} bytes",
                    problem.len()
                );
                prop_assert!(!problem.contains(|c: char| c.is_control() && c != '\n'));
                let (at, _) = problem.split_once(": ").expect("a place and what is wrong");
                let place = if at == "settings" { "" } else { at };
                prop_assert!(!exact || value.pointer(place).is_some(), "{problem}");
            }
        }
    }
    Ok(())
}

/// Names, among them those that schemas and pointers are sensitive to.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "enabled", "words-nl", "languages"]).prop_map(String::from),
        1 => prop::sample::select(vec!["", "a/b", "~1", "$ref", "\u{202e}x", "\0", "é", "0"]).prop_map(String::from),
        1 => any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3..4i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // What is no number has no JSON and comes as null.
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![0.5, -0.0, 1.0, 1e308, f64::NAN, f64::INFINITY, 5e-324])
            .prop_map(Value::from),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => ".{0,6}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => prop::sample::select(vec!["nl", "https://example.org/", "\0\u{7f}", "\u{202e}a", "𝄞", "NaN"]).prop_map(Value::from),
        1 => (1..20_000usize).prop_map(|n| Value::from("é".repeat(n))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        text(),
        // As deep as the JSON reader lets in.
        (1..120usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!([inner]))),
        (1..120usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A schema that says what it can: each keyword in some of them, defaults that may break it.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null", "boolean", "number", "integer", "string", "array", "object"
        ])
        .prop_map(|ty| json!({ "type": ty })),
        (-3..3i32, 0..4i32)
            .prop_map(|(low, more)| json!({ "minimum": low, "maximum": low + more })),
        (0..3u32, 0..4u32).prop_map(
            |(low, more)| json!({ "type": "string", "minLength": low, "maxLength": low + more })
        ),
        prop::collection::vec(number(), 1..4).prop_map(|all| json!({ "enum": all })),
        any::<bool>().prop_map(Value::from),
        value().prop_map(|default| json!({ "default": default })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let properties = prop::collection::btree_map(name(), inner.clone(), 0..4);
        prop_oneof![
            (inner.clone(), 0..3u32).prop_map(
                |(items, least)| json!({ "type": "array", "items": items, "minItems": least })
            ),
            (
                properties,
                inner.clone(),
                prop::collection::btree_set(name(), 0..2),
                0..4u32
            )
                .prop_map(|(properties, others, required, most)| json!({
                    "type": "object",
                    "properties": properties,
                    "additionalProperties": others,
                    "required": required,
                    "maxProperties": most + 2,
                })),
            (inner, value()).prop_map(|(mut schema, default)| {
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("default".into(), default);
                }
                schema
            }),
        ]
    })
}

/// Settings that look as the schema asks, but for what is replaced by something else.
fn nearly(schema: &Value) -> BoxedStrategy<Value> {
    let fitting = match schema.get("properties").and_then(Value::as_object) {
        Some(properties) => properties
            .iter()
            .map(|(name, property)| {
                let name = name.clone();
                prop::option::of(nearly(property))
                    .prop_map(move |value| Some((name.clone(), value?)))
            })
            .collect::<Vec<_>>()
            .prop_map(|given| Value::Object(given.into_iter().flatten().collect()))
            .boxed(),
        None => match schema.get("enum").and_then(Value::as_array) {
            Some(all) => prop::sample::select(all.clone()).boxed(),
            None => Just(schema.get("default").cloned().unwrap_or_default()).boxed(),
        },
    };
    let named = (fitting.clone(), name(), value()).prop_map(|(mut fitting, name, value)| {
        if let Some(object) = fitting.as_object_mut() {
            object.insert(name, value);
        }
        fitting
    });
    prop_oneof![8 => fitting, 1 => named, 1 => value()].boxed()
}

#[test]
fn the_corpus_comes_out_as_noted() {
    let corpus = include_str!("../../../tests/corpus/settings.json");
    let cases: Vec<Value> = serde_json::from_str(corpus).unwrap();
    for case in &cases {
        let (schema, given) = (&case["schema"], &case["given"]);
        let outcome = resolve(schema, given);
        match case["at"].as_str() {
            None => assert_eq!(outcome.expect("accepted").value, case["becomes"], "{case}"),
            Some(at) => {
                let problems = outcome.expect_err("refused");
                assert!(
                    problems[0].starts_with(&format!("{at}: ")),
                    "{case}: {problems:?}"
                );
            }
        }
        check(schema, given, false).unwrap_or_else(|e| panic!("{case}: {e}"));
    }
}

#[test]
fn what_the_text_holds_twice_counts_as_it_was_read() {
    let schema = json!({ "properties": { "n": { "type": "integer" } } });
    for (text, good) in [
        (r#"{"n": "x", "n": 1}"#, true),
        (r#"{"n": 1, "n": "x"}"#, false),
    ] {
        let given: Value = serde_json::from_str(text).unwrap();
        let outcome = resolve(&schema, &given);
        assert_eq!(outcome.is_ok(), good, "{text}");
        if let Ok(settings) = outcome {
            assert_eq!(settings.text, r#"{"n":1}"#, "the plugin sees one value");
        }
    }
}

#[test]
fn any_settings_of_the_bundled_plugins() {
    for schema in bundled_schemas() {
        proptest!(ProptestConfig::with_cases(16), |(given in value())| check(&schema, &given, false)?);
        proptest!(ProptestConfig::with_cases(64), |(given in nearly(&schema))| check(&schema, &given, false)?);
    }
}

proptest! {
    #[test]
    fn any_schema_and_any_settings(schema in schema(), given in value()) {
        check(&schema, &given, true)?;
    }

    #[test]
    fn any_schema_and_settings_that_nearly_fit((schema, given) in schema().prop_flat_map(|schema| {
        let given = nearly(&schema);
        (Just(schema), given)
    })) {
        check(&schema, &given, true)?;
    }

    #[test]
    fn what_is_no_schema_accepts_nothing_or_is_harmless(schema in value(), given in value()) {
        // Keywords by chance are read as the standard has them; the second opinion knows too few.
        if let Err(problems) = resolve(&schema, &given) {
            prop_assert!(problems.iter().all(|p| p.len() <= limits::TEXT_BYTES));
        }
    }
}

/// Parts that each refer to the next one twice: a few hundred bytes, and no end of work.
#[test]
fn references_do_not_multiply() {
    let mut parts = Map::new();
    for n in 0..24 {
        let next = json!({ "$ref": format!("#/$defs/d{}", n + 1) });
        parts.insert(format!("d{n}"), json!({ "allOf": [next.clone(), next] }));
    }
    parts.insert("d24".into(), json!({ "type": "object" }));
    let schema = json!({ "$ref": "#/$defs/d0", "$defs": parts });
    let problems = resolve(&schema, &json!({})).expect_err("refused");
    assert!(
        problems[0].starts_with("the schema itself: more than"),
        "{problems:?}"
    );
}

#[test]
fn the_bundled_schemas_are_far_within_what_is_followed() {
    for schema in bundled_schemas() {
        assert!(crate::plugin::schema::check(&schema).is_ok());
    }
}

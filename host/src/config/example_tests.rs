//! examples/rapport.toml shows every key that the configuration's types know, and each parses.

use super::Config;
use std::collections::BTreeSet;
use toml::Value;

const EXAMPLE: &str = include_str!("../../../examples/rapport.toml");

/// Sections, and one with a key that nobody knows.
const SECTIONS: &[(&str, &str)] = &[
    ("", "zzz = 1"),
    ("limits", "[limits]\nzzz = 1"),
    ("telemetry", "[telemetry]\nzzz = 1"),
    ("session", "[session]\nzzz = 1"),
    ("webhooks", "[webhooks]\nzzz = 1"),
    ("registries", "[registries]\nzzz = 1"),
    ("retention", "[retention]\nzzz = \"keep\""),
    ("backup", "[backup]\nzzz = 1"),
    ("audit", "[audit]\nzzz = 1"),
    ("plugins.*", "[plugins.x]\nzzz = 1"),
    ("inbox", "[[inbox]]\nzzz = 1"),
    ("oidc", "[[oidc]]\nzzz = 1"),
];

/// The example with every key set: a `#` directly before a key or a section goes.
fn all_set() -> String {
    let line = |line: &str| {
        let key = line.strip_prefix('#').unwrap_or_default();
        let is_key = key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
        if is_key {
            key.to_owned()
        } else {
            line.to_owned()
        }
    };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The keys that the type of a section knows, by what it says of one that it does not.
fn known(wrong: &str) -> BTreeSet<String> {
    let said = toml::from_str::<Config>(wrong).unwrap_err().to_string();
    let (_, expected) = said.split_once("`zzz`, expected").expect(&said);
    let names = expected
        .lines()
        .next()
        .unwrap_or_default()
        .split('`')
        .skip(1)
        .step_by(2);
    names.map(str::to_owned).collect()
}

/// The keys that stand in a section, of all tables of that name together.
fn shown(all: &Value, section: &str) -> BTreeSet<String> {
    let mut tables = vec![all];
    for part in section.split('.').filter(|part| !part.is_empty()) {
        tables = tables
            .into_iter()
            .flat_map(|value| match (part, value) {
                ("*", Value::Table(table)) => table.values().collect(),
                (part, value) => value.get(part).into_iter().collect::<Vec<_>>(),
            })
            .flat_map(|value| match value {
                Value::Array(items) => items.iter().collect(),
                other => vec![other],
            })
            .collect();
    }
    let tables = tables.into_iter().filter_map(Value::as_table);
    tables.flat_map(|table| table.keys().cloned()).collect()
}

#[test]
fn the_example_shows_every_key_and_is_right_with_all_of_them_set() {
    Config::from_text(EXAMPLE).unwrap();
    let all_set = all_set();
    Config::from_text(&all_set).unwrap();
    let all: Value = toml::from_str(&all_set).unwrap();
    let root = known(SECTIONS[0].1);
    assert!(
        root.contains("lease-seconds") && root.len() > 15,
        "{root:?}"
    );
    for (section, wrong) in SECTIONS {
        let (known, shown) = (known(wrong), shown(&all, section));
        assert!(!known.is_empty(), "{section}");
        let missing: Vec<_> = known.difference(&shown).collect();
        assert!(
            missing.is_empty(),
            "not in [{section}] of the example: {missing:?}"
        );
    }
    // No section is forgotten here either.
    let tables = root.iter().filter(|key| {
        let value = all.get(key.as_str());
        let first = value.and_then(|v| v.get(0)).or(value);
        first.is_some_and(Value::is_table)
    });
    for table in tables {
        let listed = |(section, _): &(&str, &str)| section.split('.').next() == Some(table);
        let secret = ["api-token", "database", "secret-key"].contains(&table.as_str());
        assert!(secret || SECTIONS.iter().any(listed), "[{table}]");
    }
}

//! What the subcommands print with `--json`.

use crate::support::{rapport, share_compiled};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const DEMO_KEYS: [&str; 11] = [
    "cases",
    "classifications",
    "contacts",
    "decisions",
    "duplicates",
    "failed",
    "held",
    "messages",
    "messages_per_s",
    "seconds",
    "sent",
];

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name)
}

/// Runs a subcommand in `dir`; the one JSON value that it prints.
fn json_of(dir: &Path, arguments: &[&str]) -> Value {
    share_compiled(&dir.join("rapport-data"));
    let output = rapport(arguments).current_dir(dir).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    let printed = serde_json::from_slice(&output.stdout);
    printed.unwrap_or_else(|e| panic!("{arguments:?}: {e}: {said}"))
}

#[test]
fn lists_are_json() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        json_of(dir.path(), &["outbox", "list", "--json"]),
        json!([])
    );
    let plugins = json_of(dir.path(), &["plugin", "list", "--json"]);
    let ids: Vec<&str> = plugins
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["id"].as_str())
        .collect();
    let bundled = [
        "channel-bluesky",
        "channel-feed",
        "channel-sample",
        "channel-webhook",
        "classify-language",
        "classify-sentiment",
        "classify-topic",
        "policy-service",
    ];
    assert_eq!(ids, bundled);
    for plugin in plugins.as_array().unwrap() {
        assert_eq!(
            plugin["digest"].as_str().map(str::len),
            Some(64),
            "{plugin:#}"
        );
        assert_eq!(
            (&plugin["enabled"], &plugin["inboxes"]),
            (&json!(true), &json!([])),
            "{plugin:#}"
        );
    }
    let openapi = json_of(dir.path(), &["openapi"]);
    assert!(openapi["paths"]["/api/v1/drafts/{id}/send"]["post"].is_object());
}

#[test]
fn the_demo_prints_its_summary() {
    let dir = tempfile::tempdir().unwrap();
    share_compiled(&dir.path().join("week"));
    let demo = ["demo", "--once", "--json", "--data-dir", "week"];
    let summary = json_of(dir.path(), &demo);
    let keys: Vec<&str> = summary
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, DEMO_KEYS);
    assert_eq!(summary["failed"], 0, "{summary:#}");
    assert_eq!(summary["duplicates"], 14, "{summary:#}");
    assert_eq!(summary["messages"], 425, "{summary:#}");
    for some in [
        "contacts",
        "cases",
        "classifications",
        "decisions",
        "held",
        "sent",
    ] {
        assert!(summary[some].as_u64() > Some(0), "{some}: {summary:#}");
    }
}

#[test]
fn a_classifier_is_judged() {
    let dir = tempfile::tempdir().unwrap();
    let data = example("labelled/sentiment-nl-en.csv");
    let data = data.to_string_lossy();
    let eval = [
        "plugin",
        "eval",
        "classify-sentiment",
        "--data",
        &data,
        "--wrong",
        "2",
        "--json",
    ];
    let report = json_of(dir.path(), &eval);
    let macro_f1 = report["macro_f1"].as_f64();
    assert!(macro_f1 > Some(0.7) && macro_f1 <= Some(1.0), "{report:#}");
    let wrong = report["wrong"].as_array().unwrap();
    assert!(wrong.len() <= 2, "{report:#}");
    assert!(
        wrong.iter().all(|w| w["label"] != w["predicted"]),
        "{report:#}"
    );
    let wrong = ["plugin", "eval", "classify-sentimint", "--data", &data];
    let output = rapport(&wrong).current_dir(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("did you mean `classify-sentiment`?"),
        "{said}"
    );
    let output = rapport(&["plugin", "evil"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "wrong usage");
}

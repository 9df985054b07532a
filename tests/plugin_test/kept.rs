//! What `plugin test` keeps beside a file, and what `plugin show` tells of it and of a policy's rules.

use crate::test;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn built(dir: &Path, plugin: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(plugin);
    let (_, bytes) = rapport_package::build::build(&source, None).unwrap();
    let file = dir.join("mine.wasm");
    std::fs::write(&file, bytes).unwrap();
    file
}

/// What `plugin show` prints: for people, and as JSON.
fn show(file: &Path) -> (String, Value) {
    let ask = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        let output = command
            .args(["plugin", "show"])
            .arg(file)
            .args(more)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    (ask(&[]), serde_json::from_str(&ask(&["--json"])).unwrap())
}

#[test]
fn a_level_is_of_the_very_file_that_was_tested() {
    let dir = tempfile::tempdir().unwrap();
    let file = built(dir.path(), "examples/policy-pack");
    let kept = dir.path().join("mine.conformance.json");
    let (text, value) = show(&file);
    let again = format!("not tested; run rapport plugin test {}", file.display());
    assert!(text.contains(&again), "{text}");
    assert_eq!(value["conformance"]["state"], "untested");

    let output = test(&file, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let written: Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    assert_eq!(
        (&written["level"], &written["contract"]),
        (&"gold".into(), &"1.0.0".into())
    );
    assert_eq!(written["checks"].as_array().unwrap().len(), 5);
    assert!(written["note"].as_str().unwrap().contains("not signed"));
    let (text, value) = show(&file);
    let day = &written["tested"].as_str().unwrap()[..10];
    assert!(
        text.contains(&format!("tested here: gold, {day} (a local result")),
        "{text}"
    );
    let tested = &value["conformance"];
    assert_eq!(
        (&tested["state"], &tested["signed"]),
        (&"tested".into(), &false.into())
    );
    assert_eq!(tested["result"]["level"], "gold");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        2,
        "nothing else is left"
    );

    // The rules, from the settings alone.
    let line = "rule         fraud-report (on): Reports of phishing and fraud";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains("setting      fraud-report"), "{text}");
    let rules = value["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 8, "{rules:#?}");
    let whole = |rule: &Value| rule["description"].as_str().is_some_and(|d| !d.is_empty());
    assert!(rules.iter().all(whole), "{rules:#?}");

    // Another file in its place.
    built(dir.path(), "examples/classify-hello");
    let (text, value) = show(&file);
    assert!(
        text.contains("the result beside it is of another file"),
        "{text}"
    );
    assert!(!text.contains("gold"), "{text}");
    assert_eq!(value["conformance"]["state"], "of-another-file");

    // Anybody may write there.
    std::fs::write(&kept, "{\"level\": \"platinum\"}").unwrap();
    assert_eq!(show(&file).1["conformance"]["state"], "unreadable");
}

#[test]
fn a_result_that_can_not_be_kept_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = built(dir.path(), "examples/classify-hello");
    // Nothing can be written in its place, whoever the user is.
    std::fs::create_dir(dir.path().join("mine.conformance.json")).unwrap();
    let output = test(&file, &["--json"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("warning: the result is not kept"), "{said}");
    assert!(said.contains("mine.conformance.json"), "{said}");
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        2,
        "nothing is left"
    );
    let (text, value) = show(&file);
    assert!(text.contains("can't be read"), "{text}");
    assert_eq!(
        value["rules"].as_array().unwrap().len(),
        0,
        "a classifier has none"
    );
}

//! `rapport plugin test` on plugins of ours, on the same with an expectation that is wrong, and on a
//! channel that has every fault in its turn.

#[path = "plugin_test/channel.rs"]
mod channel;
#[path = "plugin_test/kept.rs"]
mod kept;
#[path = "plugin_test/record.rs"]
mod record;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn test(plugin: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["plugin", "test"])
        .arg(plugin)
        .args(more)
        .output()
        .unwrap()
}

fn sentiment() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/classify-sentiment")
}

#[test]
fn a_bundled_plugin_is_gold() {
    let output = test(&sentiment(), &["--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert!(output.status.success(), "{report:#}");
    assert_eq!(report["level"], "gold", "{report:#}");
    assert_eq!(report["plugin"], "classify-sentiment");
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 5);
    assert!(checks.iter().all(|c| c["status"] == "passed"), "{report:#}");
}

#[test]
fn a_wrong_expectation_is_told_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let (_, mut bytes) = rapport_package::build::build(&sentiment(), None).unwrap();
    // In the fixtures inside the file: a word of the same length, so that all else stays.
    let (right, wrong): (&[u8], &[u8]) = (b"label = \\\"positive\\\"", b"label = \\\"negative\\\"");
    let at = bytes.windows(right.len()).position(|w| w == right).unwrap();
    bytes[at..at + wrong.len()].copy_from_slice(wrong);
    let file = dir.path().join("wrong.wasm");
    std::fs::write(&file, bytes).unwrap();

    let output = test(&file, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "FAILED   cases",
        "fixtures/sentiment.toml:3: een blije klant",
        "expected sentiment = negative, score at least 0.15",
        "came     sentiment = positive",
        "remedy   change the classifier",
        "level: silver (gold needs cases)",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("failed: cases"), "{said}");
}

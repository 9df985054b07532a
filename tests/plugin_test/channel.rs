//! Channels: those that are bundled are gold; a planted fault is found by the check that is for it,
//! and told with its place.

use super::test;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Checks that may not apply; all others must have passed.
const MAY_NOT_APPLY: [&str; 5] = ["malformed", "rate-limits", "auth", "secrets", "cursor"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn report(plugin: &Path) -> (bool, Value) {
    let output = test(plugin, &["--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.success(), report)
}

fn gold(plugin: &Path) {
    let (success, report) = report(plugin);
    assert!(success, "{report:#}");
    assert_eq!(report["level"], "gold", "{report:#}");
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 10, "{report:#}");
    for check in checks {
        let name = check["name"].as_str().unwrap();
        let needless = check["applies"] == false && MAY_NOT_APPLY.contains(&name);
        assert!(check["status"] == "passed" || needless, "{check:#}");
    }
}

#[test]
fn the_bundled_channels_are_gold() {
    for name in [
        "channel-bluesky",
        "channel-feed",
        "channel-sample",
        "channel-webhook",
    ] {
        // As the host's build script made it.
        let file = Path::new(env!("OUT_DIR")).join(format!("{name}.wasm"));
        gold(&file);
    }
}

/// The faulty channel's file with other words in its fixtures, of the same length.
pub fn changed(pairs: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        let guest = root().join("tests/guests/faulty-channel");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
        let mut built = rapport_package::build::build_all(&[guest], Some(&target)).unwrap();
        built.remove(0).1
    });
    let mut bytes = bytes.clone();
    for (right, wrong) in pairs {
        assert_eq!(right.len(), wrong.len(), "so that all else stays");
        let mut count = 0;
        while let Some(at) = bytes
            .windows(right.len())
            .position(|w| w == right.as_bytes())
        {
            bytes[at..at + wrong.len()].copy_from_slice(wrong.as_bytes());
            count += 1;
        }
        assert!(count > 0, "{right}");
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("faulty.wasm");
    std::fs::write(&file, bytes).unwrap();
    (dir, file)
}

/// The faulty channel with this fault in all of its cases.
fn with_fault(fault: &str) -> (tempfile::TempDir, PathBuf) {
    let wanted = format!("fault = \\\"{fault}\\\"");
    changed(&[("fault = \\\"none\\\"", &wanted)])
}

#[test]
fn a_channel_without_a_fault_is_gold() {
    let (_dir, file) = changed(&[]);
    gold(&file);
}

#[test]
fn each_fault_is_found_by_its_check_and_told_with_its_place() {
    for (fault, check, line, part) in [
        ("trap", "malformed", 18, "host fault trap"),
        (
            "lost",
            "malformed",
            18,
            "never came, then or later: [\"1\", \"2\"]",
        ),
        ("made", "malformed", 18, "made-up"),
        ("sure", "malformed", 50, "not found"),
        ("deaf", "rate-limits", 8, "rate-limited with no delay"),
        ("mute", "auth", 1, "permanent"),
        (
            "leak",
            "secrets",
            0,
            "the secret `ticket` in its state `ticket`, as it is",
        ),
        ("dbls", "cursor", 21, "2 on page 1 and on page 2"),
        ("odds", "cursor", 11, "1: content = \"Hallo "),
        (
            "dupe",
            "idempotent",
            31,
            "nothing of the key, and find-sent says: not found",
        ),
    ] {
        let (_dir, file) = with_fault(fault);
        let (success, report) = report(&file);
        assert!(!success, "{fault}: {report:#}");
        let checks = report["checks"].as_array().unwrap();
        let found = checks.iter().find(|c| c["name"] == check).unwrap();
        assert_eq!(found["status"], "failed", "{fault}: {report:#}");
        let failures = found["failures"].as_array().unwrap();
        let told = failures
            .iter()
            .find(|f| f["found"].as_str().unwrap().contains(part));
        let told = told.unwrap_or_else(|| panic!("{fault}: `{part}` in {found:#}"));
        assert!(!told["remedy"].as_str().unwrap().is_empty());
        if line > 0 {
            assert_eq!(told["file"], "fixtures/faulty.toml", "{told:#}");
            assert_eq!(told["line"], line, "{told:#}");
        }
    }
}

#[test]
fn what_is_not_as_recorded_is_told_with_its_place() {
    for (right, wrong, part) in [
        (
            "messages?after=2\\\"",
            "messages?after=3\\\"",
            "fixtures/faulty.toml:28: the second page\n      expected GET https://api.example.org/v1/messages?after=3\n      came     GET https://api.example.org/v1/messages?after=2",
        ),
        (
            "content = \\\"Het is er!\\\"",
            "content = \\\"Het was er\\\"",
            "items[0].content = \"Het is er!\"",
        ),
        (
            "Bearer <token>",
            "Beaver <token>",
            "expected authorization: Beaver <token>\n      came     authorization: Bearer <token>",
        ),
        (
            "\\\"answers\\\": \\\"2\\\"}'",
            "\\\"answers\\\": \\\"7\\\"}'",
            "{\"answers\":\"2\",\"text\":\"Onderweg!\"}",
        ),
    ] {
        let (_dir, file) = changed(&[(right, wrong)]);
        let output = test(&file, &[]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("FAILED   cases"), "{text}");
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
}

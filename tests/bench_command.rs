//! `rapport bench` runs, prints its figures and leaves nothing behind. What the figures are worth is
//! for release builds: no time is asserted here.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn bench(dir: &Path, more: &[&str]) -> Output {
    let config = dir.join("bench.toml");
    std::fs::write(&config, "data-dir = \"data\"\n").unwrap();
    // Compiled plugins are kept between tests.
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::fs::create_dir_all(&compiled).unwrap();
    let data = dir.join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::os::unix::fs::symlink(&compiled, data.join("compiled")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args([
            "bench",
            "--messages",
            "200",
            "--conversations",
            "40",
            "--config",
        ])
        .arg(&config)
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn prints_every_key_with_a_value_that_can_be() {
    let dir = tempfile::tempdir().unwrap();
    let output = bench(
        dir.path(),
        &["--json", "--preload", "2500", "--rate", "200"],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in [
        "messages_per_s",
        "floor_messages_per_s",
        "native_messages_per_s",
        "db_ratio",
        "sandbox_ratio",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "rows_per_message",
    ] {
        let value = report[key].as_f64().unwrap_or_default();
        assert!(value.is_finite() && value > 0.0, "{key}: {report}");
    }
    assert!(report["p50_ms"].as_f64() <= report["p99_ms"].as_f64());
    assert_eq!(report["messages"], 200);
    assert_eq!(report["preloaded"], 2500);
    assert_eq!(report["database"], "sqlite");
    assert_eq!(report["plugins"].as_array().map(Vec::len), Some(4));
    assert!(report["stages_us"]["decide"].as_f64() > Some(0.0));
    // An event, a message, three classifications, an evaluation and a decision at least.
    assert!(report["rows_per_message"].as_f64() > Some(7.0), "{report}");
    if cfg!(target_os = "linux") {
        assert!(report["rss_mb"].as_f64() > Some(1.0));
    }
    let left: Vec<_> = std::fs::read_dir(dir.path().join("data"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with("bench"))
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn text_says_what_the_figures_mean() {
    let dir = tempfile::tempdir().unwrap();
    let output = bench(dir.path(), &["--rate", "200"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("messages a second"), "{text}");
    assert!(text.contains("to the event stream"), "{text}");
}

#[test]
fn refuses_a_server_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let output = bench(
        dir.path(),
        &["--database", "postgres://nobody@127.0.0.1:1/none"],
    );
    assert_eq!(output.status.code(), Some(1));
}

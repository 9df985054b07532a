//! Other settings and another build of the plugin are refused; run anyway, they prove nothing.

use crate::proof::decided;
use crate::{configure, decisions, replay_with};
use rapport_host::app;
use rapport_host::config::Config;
use serde_json::json;
use std::path::Path;

const JSON: &str = "--json";

#[tokio::test(flavor = "multi_thread")]
async fn other_settings_prove_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    drop(decided(dir).await);
    let (_, id) = &decisions(dir, "respond").await[0];
    let stricter = "[plugins.policy-service.settings.answer-or-leave]\nwithin-ms = 120000\n";
    configure(dir, "stricter.toml", stricter);

    // The store keeps the settings of then, so that the proof stands whatever is set now.
    let ended = replay_with(dir, "stricter.toml", id, &[JSON]);
    assert!(ended.success, "{}", ended.said);
    assert_eq!(ended.json()["proof"], true);

    let ended = replay_with(dir, "stricter.toml", id, &[JSON, "--anyway"]);
    let found = ended.json();
    assert!(!ended.success, "{found:#}");
    assert_eq!(
        (&found["outcome"], &found["proof"]),
        (&json!("different"), &json!(false))
    );
    assert_eq!(ended.notes(), ["settings-differ"]);
    let respond = &found["differences"][0];
    assert_eq!(respond["fields"][0], "detail", "{found:#}");
    assert_eq!(respond["now"]["detail"]["withinMs"], 120_000);
    assert_eq!(respond["recorded"]["detail"]["withinMs"], 3_600_000);
    let shown = replay_with(dir, "stricter.toml", id, &["--anyway"]).printed;
    assert!(
        shown.starts_with("No proof, and something else would come out"),
        "{shown}"
    );

    // Those of then, from a file: the proof stands. A file with others is refused as well.
    std::fs::write(dir.join("then.json"), "{}").unwrap();
    let then = dir.join("then.json").display().to_string();
    let ended = replay_with(dir, "stricter.toml", id, &[JSON, "--settings", &then]);
    assert!(ended.success, "{}", ended.said);
    assert_eq!(ended.json()["proof"], true);
    let other = json!({"answer-or-leave": {"within-ms": 180_000}}).to_string();
    std::fs::write(dir.join("other.json"), other).unwrap();
    let other = dir.join("other.json").display().to_string();
    let ended = replay_with(dir, "rapport.toml", id, &["--settings", &other]);
    assert!(
        !ended.success && ended.said.contains("other.json has sha256:"),
        "{}",
        ended.said
    );
}

/// The bundled policy as a file, and another build of it: the same code, another digest.
fn builds(dir: &Path) -> (String, String) {
    let config = Config::load(&dir.join("rapport.toml")).unwrap();
    let mut bytes = app::packages(&config).unwrap()["policy-service"]
        .component
        .clone();
    let path = |name: &str| dir.join(name).display().to_string();
    std::fs::write(path("then.wasm"), &bytes).unwrap();
    // A custom section: id 0, size, length of the name, the name.
    bytes.extend([0, 5, 4]);
    bytes.extend(b"test");
    std::fs::write(path("other.wasm"), &bytes).unwrap();
    (path("then.wasm"), path("other.wasm"))
}

#[tokio::test(flavor = "multi_thread")]
async fn another_build_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    drop(decided(dir).await);
    let (then, other) = builds(dir);
    let (_, id) = &decisions(dir, "respond").await[0];
    let digest = |file: &str| app::read_package(Path::new(file)).unwrap().digest;
    let digests = [digest(&then), digest(&other)];
    assert_ne!(digests[0], digests[1]);

    configure(
        dir,
        "other.toml",
        &format!("[plugins.policy-service]\nfile = {other:?}\n"),
    );
    for (config, more) in [
        ("other.toml", vec![]),
        ("rapport.toml", vec!["--plugin", &*other]),
    ] {
        let ended = replay_with(dir, config, id, &more);
        assert!(
            !ended.success && ended.printed.is_empty(),
            "{}",
            ended.printed
        );
        let remedies = ["--plugin FILE", "rapport plugin pull", "--anyway"];
        for part in digests.iter().map(String::as_str).chain(remedies) {
            assert!(ended.said.contains(part), "no {part} in {}", ended.said);
        }
    }

    let ended = replay_with(dir, "other.toml", id, &[JSON, "--anyway"]);
    let found = ended.json();
    assert!(ended.success, "{}", ended.said);
    assert_eq!(
        (&found["outcome"], &found["proof"]),
        (&json!("equal"), &json!(false))
    );
    assert_eq!(ended.notes(), ["plugin-differs"]);
    let shown = replay_with(dir, "other.toml", id, &["--anyway"]).printed;
    assert!(shown.starts_with("No proof, and the same"), "{shown}");

    let ended = replay_with(dir, "other.toml", id, &[JSON, "--plugin", &then]);
    assert!(ended.success, "{}", ended.said);
    assert_eq!(ended.json()["proof"], true);
}

//! Who gets in, where the host refuses to listen, what it does not understand in its configuration,
//! and how it stops.

use crate::TOWN;
use crate::support::{Host, rapport};
use reqwest::Method;
use serde_json::Value;
use std::process::Output;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn the_token_is_required_when_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("api-token = \"{TOKEN}\"\n{TOWN}");
    let mut host = Host::start(&config, dir.path()).await;
    for token in [None, Some("wrong".to_owned()), Some(format!("{TOKEN}0"))] {
        host.token = token;
        for path in ["messages", "openapi.json", "events", "messages/x"] {
            let response = host.request(Method::GET, path, None).send().await.unwrap();
            assert_eq!(response.status().as_u16(), 401, "{path}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            let problem: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
            assert_eq!(problem["status"], 401);
        }
    }
    // A load balancer and a network have no token; the network proves itself to the connector.
    assert_eq!(host.call(Method::GET, "/health", None).await.0, 200);
    assert_eq!(host.call(Method::POST, "/webhooks/town", None).await.0, 200);
    host.token = Some(TOKEN.to_owned());
    assert_eq!(host.get("messages").await["items"], serde_json::json!([]));
    assert!(!host.log_text().contains(TOKEN));
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("api-token = \"{TOKEN}\"\n{TOWN}");
    let host = Host::start_bare(&config, dir.path(), &[]).await;
    for (scheme, status) in [
        ("Bearer ", 200),
        ("bearer ", 200),
        ("BEARER ", 200),
        ("bearer  ", 200),
        ("Bearer\t", 200),
        ("", 401),
        ("Bearer", 401),
        ("Basic ", 401),
        ("Token ", 401),
    ] {
        let request = host.bare(Method::GET, "messages", None);
        let request = request.header("authorization", format!("{scheme}{TOKEN}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{scheme:?}");
    }
}

#[tokio::test]
async fn without_a_token_nobody_is_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start_bare(TOWN, dir.path(), &[]).await;
    for path in ["messages", "openapi.json", "session", "agents"] {
        let (status, problem) = host.call(Method::GET, path, None).await;
        assert_eq!(status, 401, "{path}: {problem:#}");
    }
    assert_eq!(host.call(Method::GET, "/health", None).await.0, 200);
    assert_eq!(host.call(Method::POST, "/webhooks/town", None).await.0, 200);
    assert!(host.terminate().await.success(), "SIGTERM ends well");
}

/// Runs `rapport serve`, which is to refuse this configuration.
fn refused(config: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rapport.toml");
    std::fs::write(&file, config).unwrap();
    let output = rapport(&["serve", "--config"]).arg(&file).output().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(stdout.is_empty(), "{said}");
    assert!(
        !dir.path().join("rapport-data").exists(),
        "nothing was made"
    );
    said
}

#[test]
fn a_token_that_can_be_guessed_is_refused() {
    let said = refused("api-token = \"short\"\n");
    assert!(said.contains("at least 16 characters"), "{said}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    for (config, says) in [
        ("lissten = \"127.0.0.1:0\"\n", "did you mean `listen`?"),
        (
            &format!("{TOWN}poll-second = 3\n"),
            "did you mean `poll-seconds`?",
        ),
        (
            "[plugins.policy-servise]\n",
            "did you mean `policy-service`?",
        ),
    ] {
        let said = said_at_start(config);
        assert!(said.contains(says), "{config}\n{said}");
    }
}

/// As [`refused`], for what is only found once the data directory is there.
fn said_at_start(config: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rapport.toml");
    let off: String = ["classify-language", "classify-sentiment", "classify-topic"]
        .iter()
        .map(|id| format!("[plugins.{id}]\nenabled = false\n"))
        .collect();
    std::fs::write(&file, format!("data-dir = \"data\"\n{config}{off}")).unwrap();
    crate::support::share_compiled(&dir.path().join("data"));
    let output = rapport(&["serve", "--config"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

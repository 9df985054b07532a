//! Endpoints as people make, change and lose them, over the API and on the command line.

use crate::receiver::Receiver;
use crate::support::rapport;
use crate::{add, delivery, started};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_is_refused_and_secrets_stay_secret() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let url = receiver.url("in");
    for (endpoint, named) in [
        (json!({"url": "http://hooks.example/"}), "https"),
        (json!({"url": "https://127.0.0.1/"}), "local address"),
        (
            json!({"url": format!("http://127.0.0.1:{}/", receiver.port ^ 1)}),
            "local-hosts",
        ),
        (json!({"url": "https://169.254.169.254/"}), "local address"),
        (
            json!({"url": url, "events": ["mesage"]}),
            "did you mean `message`",
        ),
        (json!({"url": url, "events": []}), "events"),
        (json!({"url": url, "inboxIds": ["x"]}), "inboxIds"),
        (json!({"url": url, "concurrency": 5}), "concurrency"),
        (json!({"url": url, "colour": "red"}), "colour"),
        (
            json!({"url": url, "description": "a\u{1b}b"}),
            "description",
        ),
    ] {
        let (status, problem) = host.post("webhook-endpoints", &endpoint).await;
        assert_eq!(status, 422, "{endpoint}");
        assert!(
            problem["detail"].as_str().unwrap().contains(named),
            "{problem:#}"
        );
    }
    let (id, secret) = add(&host, json!({"url": url, "events": ["message"]})).await;
    for path in [
        "webhook-endpoints".to_owned(),
        format!("webhook-endpoints/{id}"),
    ] {
        let shown = host.get(&path).await.to_string();
        assert!(
            !shown.contains(&secret[6..]) && !shown.contains("ecret"),
            "{shown}"
        );
    }
    assert!(!host.log_text().contains(&secret[6..]));
    let (status, changed) = host
        .call(
            Method::PATCH,
            &format!("webhook-endpoints/{id}"),
            Some(&json!({"events": ["case"]})),
        )
        .await;
    assert_eq!((status, &changed["events"]), (200, &json!(["case"])));
    for path in ["enable", "disable", "test"] {
        let (status, _) = host
            .post(&format!("webhook-endpoints/nobody/{path}"), &Value::Null)
            .await;
        assert_eq!(status, 404);
    }
    let (status, _) = host
        .call(Method::DELETE, &format!("webhook-endpoints/{id}"), None)
        .await;
    assert_eq!(status, 204);
    let (status, _) = host
        .call(Method::GET, &format!("webhook-endpoints/{id}"), None)
        .await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_it_all() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let run = |arguments: &[&str]| {
        let mut command = rapport(&["webhook"]);
        command.args(arguments).arg("--json").arg("--config");
        command.arg(dir.path().join("rapport.toml"));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.success(), json, said)
    };
    let url = receiver.url("cli");
    let (ok, made, said) = run(&["add", &url, "--event", "webhook", "--inbox", "town"]);
    assert!(ok, "{said}");
    let (id, secret) = (
        made["id"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    let (_, list, _) = run(&["list"]);
    assert_eq!(
        (list.as_array().unwrap().len(), &list[0]["id"]),
        (1, &made["id"])
    );
    assert!(run(&["test", id]).0);
    let got = receiver.wait_for("cli", |got| got.len() == 1).await;
    assert_eq!(
        (got[0].kind(), got[0].signed_with(secret)),
        ("webhook.test".to_owned(), 1)
    );
    let delivered = delivery(&host, id, "delivered").await;
    let (_, listed, _) = run(&["deliveries", id, "--tries"]);
    assert_eq!(listed[0]["id"], delivered["id"]);
    assert_eq!(listed[0]["tries"][0]["status"], 200);
    let (_, replayed, said) = run(&["replay", delivered["id"].as_str().unwrap()]);
    assert_eq!(replayed["count"], 1, "{said}");
    receiver.wait_for("cli", |got| got.len() == 2).await;
    let (_, replayed, _) = run(&["replay", id, "--from", "2026-01-01T00:00:00Z"]);
    assert!(replayed["count"].is_u64());
    assert_ne!(run(&["rotate", id]).1["secret"], made["secret"]);
    assert_eq!(run(&["disable", id]).1["disabledReason"], "by-person");
    assert!(!run(&["test", id]).0, "it is disabled");
    assert_eq!(run(&["enable", id]).1["enabled"], true);
    assert_eq!(run(&["show", id]).1["concurrency"], 1);
    assert!(run(&["delete", id]).0);
    let (ok, _, said) = run(&["show", id]);
    assert!(!ok && said.contains("rapport webhook list"), "{said}");
    let (ok, _, said) = run(&["add", &url, "--inbox", "twon"]);
    assert!(!ok && said.contains("did you mean `town`"), "{said}");
}

//! The log: everything our own code says, with nothing in it of what customers wrote or who they are,
//! and nothing of theirs that could forge a line.

use crate::SOON;
use crate::sample::{TOWN, all_there_once, message, post};
use crate::support::{Host, until};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_log_has_no_personal_data_and_one_event_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("RAPPORT_LOG", "info,rapport_host=debug"),
        ("RAPPORT_LOG_FORMAT", "json"),
    ];
    let host = Host::start_with(TOWN, dir.path(), &settings).await;
    let (text, handle, mail) = ("zeldzaamwoord7731", "handle7731", "anna7731@example.org");
    let content = format!(
        "Dit is een klacht! {text}\r\n{{\"level\":\"FORGED\"}}\u{1b}[31m {mail} bel 0612347731"
    );
    let mut complaint = message("log-1", handle, &content);
    assert_eq!(post(&host, &[complaint.clone()]).await.0, 200);
    all_there_once(&host, &["log-1".to_owned()], SOON).await;
    let id = until("it is judged", SOON, async || {
        let page = host.get("messages").await;
        let id = page["items"][0]["id"].as_str()?.to_owned();
        let message = host.get(&format!("messages/{id}")).await;
        (!message["classifications"].as_array()?.is_empty()).then_some(id)
    })
    .await;
    // An answer, refused requests, a broken line, and names that forge lines.
    let draft = json!({"messageId": id, "content": format!("Hoi {handle}, {text} {mail}"), "author": handle});
    let (_, draft) = host.post("drafts", &draft).await;
    let draft = draft["id"].as_str().unwrap();
    host.post(&format!("drafts/{draft}/send"), &Value::Null)
        .await;
    host.post(
        "drafts",
        &json!({"messageId": text, "content": mail, "wrong": handle}),
    )
    .await;
    host.call(
        Method::GET,
        &format!("messages/{handle}%0d%0aFORGED{mail}"),
        None,
    )
    .await;
    host.call(Method::POST, &format!("/webhooks/{text}%0aFORGED"), None)
        .await;
    complaint["object"]["visibility"] = json!(format!("{text} {mail}"));
    complaint["id"] = json!("create-log-2");
    post(&host, &[complaint]).await;
    post(&host, &[json!(format!("{handle} {mail}"))]).await;

    let log = host.log_text();
    assert!(log.lines().count() > 3);
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        for key in ["timestamp", "level", "target"] {
            assert!(event[key].is_string(), "{key}: {line}");
        }
        assert_ne!(event["level"], "FORGED");
    }
    for marker in ["7731", "FORGED", "\u{1b}"] {
        assert!(!log.contains(marker), "{marker} is in the log:\n{log}");
    }
}

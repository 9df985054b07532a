//! Hostile text in what a channel brings.

use crate::support::{Host, until};
use crate::{MARK, SOON, TOWN, controls, hostile};
use reqwest::Method;
use serde_json::{Value, json};

/// A message with this text in every field that takes one.
fn line(number: usize, text: &str) -> Value {
    let id = format!("{number}-{text}");
    let id: String = id.chars().filter(|c| !c.is_control()).collect();
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "context": format!("c-{id}"), "content": text, "name": text,
            "visibility": "public", "reach": "directed", "tag": [text],
            "url": format!("https://town.example/?q={number}"),
            "mention": [{"id": id, "handle": text}],
            "attachment": [{"kind": "image", "url": "https://town.example/a.png", "alt": text}],
            "attributedTo": {"id": id, "handle": text, "name": text, "kind": "person"},
        },
    })
}

fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// As content is kept: line breaks and tabs stay.
fn content(text: &str) -> String {
    let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(kept).collect()
}

#[tokio::test]
async fn what_a_channel_brings_is_given_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let texts: Vec<String> = hostile().into_iter().chain(controls()).collect();
    let lines: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| line(number, text).to_string())
        .collect();
    let request = host.request(Method::POST, "/webhooks/town", None);
    let response = request.body(lines.join("\n")).send().await.unwrap();
    let (status, answer) = (response.status().as_u16(), response.text().await.unwrap());
    assert_eq!(status, 200, "{answer}");
    let messages = until("every message is judged", SOON, async || {
        let page = host.get("messages?limit=200").await;
        let items = page["items"].as_array()?.clone();
        (items.len() == texts.len()).then_some(items)
    })
    .await;
    for (number, text) in texts.iter().enumerate() {
        let id = format!("{number}-{}", without_controls(text));
        let found = messages.iter().find(|m| m["externalId"] == id.as_str());
        let message = found.unwrap_or_else(|| panic!("no message {id}"));
        assert_eq!(message["content"], content(text).as_str(), "{message:#}");
        assert_eq!(message["title"], without_controls(text).as_str());
        assert_eq!(
            message["attributedTo"]["displayName"],
            without_controls(text).as_str()
        );
        let contact = format!("contacts/{}", message["contactId"].as_str().unwrap());
        let contact = host.get(&contact).await;
        assert_eq!(contact["displayName"], without_controls(text).as_str());
        let conversation = message["conversationId"].as_str().unwrap();
        let page = host
            .get(&format!("messages?conversationId={conversation}"))
            .await;
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
    }
    log_is_clean(&host);
    assert!(host.terminate().await.success());
}

/// Nothing of what was written, and no control character but the ends of lines.
pub fn log_is_clean(host: &Host) {
    let log = host.log_text();
    for line in log.lines() {
        assert!(!line.contains(MARK), "the log repeats: {line}");
        assert!(
            !line.chars().any(|c| c.is_control() && c != '\t'),
            "{line:?}"
        );
    }
    assert!(!log.contains("all is lost"));
}

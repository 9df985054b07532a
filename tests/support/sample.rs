//! Messages for the sample channel, and what the host answers to them.

use crate::support::{Host, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// One inbox of the sample channel.
pub const TOWN: &str = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";

/// A private message to us.
pub fn message(id: &str, who: &str, text: &str) -> Value {
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": text, "visibility": "direct", "reach": "directed",
            "attributedTo": {"id": who, "handle": who, "name": who, "kind": "person"},
        },
    })
}

/// Hands messages in, as a network would; the status, and the Retry-After of a refusal.
pub async fn post(host: &Host, messages: &[Value]) -> (u16, Option<String>) {
    let lines: Vec<String> = messages.iter().map(Value::to_string).collect();
    let request = host
        .request(Method::POST, "/webhooks/town", None)
        .body(lines.join("\n"));
    let response = request.send().await.expect("the host answers");
    let wait = response.headers().get("retry-after");
    let wait = wait
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    (response.status().as_u16(), wait)
}

/// How often each message of the network is stored, by its id there. Up to 200.
pub async fn stored(host: &Host) -> BTreeMap<String, usize> {
    let page = host.get("messages?limit=200").await;
    let mut count = BTreeMap::new();
    for item in page["items"].as_array().expect("a list") {
        let id = item["externalId"].as_str().expect("an id").to_owned();
        *count.entry(id).or_default() += 1;
    }
    count
}

/// Waits until each of these messages is stored, and sees that it is so once.
pub async fn all_there_once(host: &Host, ids: &[String], deadline: Duration) {
    until(
        "every acknowledged message is there",
        deadline,
        async || {
            let stored = stored(host).await;
            ids.iter().all(|id| stored.contains_key(id)).then_some(())
        },
    )
    .await;
    let stored = stored(host).await;
    for (id, count) in &stored {
        assert_eq!(*count, 1, "{id}");
    }
}

//! The REST API and the command line through the binary, with the sample channel for a network: what
//! comes in by webhook is read page by page, answered, held, released and delivered, and every way
//! to ask for something wrong is answered with what is wrong.

pub mod support;

#[path = "api/access.rs"]
mod access;
#[path = "api/answering.rs"]
mod answering;
#[path = "api/browsers.rs"]
mod browsers;
#[path = "api/clocks.rs"]
mod clocks;
#[path = "api/command_line.rs"]
mod command_line;
#[path = "api/filters.rs"]
mod filters;
#[path = "api/leaving.rs"]
mod leaving;
#[path = "api/outbox.rs"]
mod outbox;
#[path = "api/reading.rs"]
mod reading;
#[path = "api/refusals.rs"]
mod refusals;
#[path = "api/settled.rs"]
mod settled;
#[path = "api/shared.rs"]
mod shared;

use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use support::{Host, until};

const SOON: Duration = Duration::from_secs(60);
/// One inbox of the sample channel.
const TOWN: &str = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";

/// A message as the sample channel takes it, addressed to us in private.
fn line(id: &str, who: &str, text: &str) -> Value {
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": text, "visibility": "direct", "reach": "directed",
            "attributedTo": {"id": who, "handle": who, "name": who, "kind": "person"},
        },
    })
}

/// Hands activities to an inbox, as a network would; how many it accepted.
async fn hand_in(host: &Host, inbox: &str, lines: &[Value]) -> u64 {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let request = host
        .request(Method::POST, &format!("/webhooks/{inbox}"), None)
        .body(lines.join("\n"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    answer["accepted"].as_u64().unwrap()
}

/// Walks through a list by pages of `limit`; all of its items.
async fn all_pages(host: &Host, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut after = String::new();
    let sign = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = host.get(&format!("{path}{sign}limit={limit}{after}")).await;
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= limit);
        items.extend(found.iter().cloned());
        match page["next"].as_str() {
            Some(next) => {
                assert_eq!(found.len(), limit, "a page before the last is full");
                after = format!("&after={next}");
            }
            None => return items,
        }
    }
}

/// The message with this id on its network, with what was said of it, once it has been judged.
async fn judged(host: &Host, external_id: &str) -> Value {
    until(external_id, SOON, async || {
        let page = host.get("messages?limit=200").await;
        let items = page["items"].as_array()?;
        let found = items.iter().find(|m| m["externalId"] == external_id)?;
        let id = found["id"].as_str()?;
        let message = host.get(&format!("messages/{id}")).await;
        let classified = !message["classifications"].as_array()?.is_empty();
        classified.then_some(message)
    })
    .await
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value:#}"))
}

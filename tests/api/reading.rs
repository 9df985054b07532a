//! Reading: lists in pages, single things, monitors, live changes.

use crate::support::{Host, until};
use crate::{SOON, TOWN, all_pages, hand_in, line, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DEMO: &str = include_str!("../../examples/demo/rapport.toml");
const STREAM: &str = include_str!("../../examples/demo/stream.jsonl");
/// Activities of the sample stream; enough for several pages.
const ACTIVITIES: usize = 120;

/// Messages by the names of their inboxes and their ids on the network.
type Names = BTreeSet<(String, String)>;

/// The first activities by inbox, and the messages that they speak of.
fn stream() -> (BTreeMap<String, Vec<Value>>, Names) {
    let mut by_inbox: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut messages = BTreeSet::new();
    let lines = STREAM.lines().map(|l| serde_json::from_str(l).unwrap());
    let activities = lines.filter(|l: &Value| l["type"] == "activity");
    for line in activities.take(ACTIVITIES) {
        let (inbox, activity) = (text(&line, "inbox").to_owned(), line["activity"].clone());
        if ["Create", "Update", "Delete"].contains(&text(&activity, "type")) {
            let id = text(&activity["object"], "id").to_owned();
            messages.insert((inbox.clone(), id));
        }
        by_inbox.entry(inbox).or_default().push(activity);
    }
    (by_inbox, messages)
}

#[tokio::test]
async fn lists_are_read_in_pages_without_loss() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(DEMO, dir.path()).await;
    let (by_inbox, expected) = stream();
    for (inbox, activities) in &by_inbox {
        let accepted = hand_in(&host, inbox, activities).await;
        assert_eq!(accepted, activities.len() as u64);
    }
    let messages = until("all messages are there", SOON, async || {
        let found = all_pages(&host, "messages", 200).await;
        (found.len() == expected.len()).then_some(found)
    });
    let messages = messages.await;
    // The same again is nothing new.
    for (inbox, activities) in &by_inbox {
        hand_in(&host, inbox, activities).await;
    }
    for limit in [7, 40] {
        let again = all_pages(&host, "messages", limit).await;
        assert_eq!(ids(&again), ids(&messages), "in pages of {limit}");
    }
    let times: Vec<i64> = messages
        .iter()
        .filter_map(|m| m["effective"].as_i64())
        .collect();
    assert_eq!(times.len(), messages.len());
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
    assert_eq!(names(&host, &messages).await, expected);
    for message in &messages {
        settled(&host, text(message, "id")).await;
    }
    everything_hangs_together(&host, &messages).await;
}

fn ids(items: &[Value]) -> Vec<&str> {
    let ids: Vec<&str> = items.iter().map(|item| text(item, "id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "an item came twice");
    ids
}

/// Waits until nothing more will be said of a message.
async fn settled(host: &Host, id: &str) {
    until("a message is judged or gone", SOON, async || {
        let message = host.get(&format!("messages/{id}")).await;
        let judged = !message["classifications"].as_array()?.is_empty();
        (judged || message["deleted"].is_i64()).then_some(())
    })
    .await;
}

async fn names(host: &Host, messages: &[Value]) -> Names {
    let inboxes = host.get("inboxes").await;
    let inboxes: BTreeMap<&str, &str> = inboxes
        .as_array()
        .unwrap()
        .iter()
        .map(|inbox| (text(inbox, "id"), text(inbox, "name")))
        .collect();
    messages
        .iter()
        .map(|m| {
            (
                inboxes[text(m, "inboxId")].to_owned(),
                text(m, "externalId").to_owned(),
            )
        })
        .collect()
}

/// Conversations, contacts, cases, decisions: lists agree with each other and with single things.
async fn everything_hangs_together(host: &Host, messages: &[Value]) {
    let conversations = all_pages(host, "conversations", 9).await;
    ids(&conversations);
    let counted: u64 = conversations
        .iter()
        .filter_map(|c| c["messageCount"].as_u64())
        .sum();
    let placed = messages
        .iter()
        .filter(|m| m["conversationId"] != "")
        .count();
    assert_eq!(counted, placed as u64);
    let long = conversations
        .iter()
        .max_by_key(|c| c["messageCount"].as_u64());
    let long = text(long.unwrap(), "id");
    let inside = all_pages(host, &format!("messages?conversationId={long}"), 2).await;
    let one = host.get(&format!("conversations/{long}")).await;
    assert_eq!(one["messageCount"].as_u64(), Some(inside.len() as u64));
    assert!(inside.len() > 2, "a thread");

    let contacts = all_pages(host, "contacts", 11).await;
    ids(&contacts);
    let contact = host
        .get(&format!("contacts/{}", text(&contacts[0], "id")))
        .await;
    assert_eq!(contact["identities"], contacts[0]["identities"]);
    let theirs = all_pages(
        host,
        &format!("messages?contactId={}", text(&contact, "id")),
        3,
    )
    .await;
    assert_eq!(contact["messageCount"].as_u64(), Some(theirs.len() as u64));

    let cases = all_pages(host, "cases?status=open", 3).await;
    assert!(!ids(&cases).is_empty(), "complaints are cases");
    let case = host.get(&format!("cases/{}", text(&cases[0], "id"))).await;
    assert_eq!(case, cases[0]);

    let opened = all_pages(host, "decisions?effect=open-case", 5).await;
    assert!(opened.len() >= cases.len());
    let message = host
        .get(&format!("messages/{}", text(&opened[0], "messageId")))
        .await;
    let decisions = message["decisions"].as_array().unwrap();
    assert!(
        decisions
            .iter()
            .any(|d| d["effect"] == "open-case" && d["reason"][0]["text"] != "")
    );

    let plugins = host.get("plugins").await;
    let plugins = plugins.as_array().unwrap();
    let kinds = |kind: &str| plugins.iter().filter(|p| p["kind"] == kind).count();
    assert_eq!(
        (kinds("classifier"), kinds("policy"), kinds("channel")),
        (3, 1, 6)
    );
    assert!(plugins.iter().all(|p| p["faults"] == 0), "{plugins:#?}");
}

#[tokio::test]
async fn monitors_are_added_once_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("{TOWN}monitors = [\"zonnewind\"]\n");
    let host = Host::start(&config, dir.path()).await;
    let inbox = text(&host.get("inboxes").await[0], "id").to_owned();
    let new = json!({"inboxId": inbox, "query": " kompas thermostaat "});
    let (status, added) = host.post("monitors", &new).await;
    assert_eq!(status, 201, "{added:#}");
    assert_eq!(added["query"], "kompas thermostaat");
    let (_, again) = host.post("monitors", &new).await;
    assert_eq!(again["id"], added["id"], "the same words are one monitor");
    let list = host.get(&format!("monitors?inboxId={inbox}")).await;
    assert_eq!(list.as_array().unwrap().len(), 2, "{list:#}");
    let path = format!("monitors/{}", text(&added, "id"));
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 404);
    let list = host.get("monitors").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["query"], "zonnewind");
    let (status, problem) = host
        .post("monitors", &json!({"inboxId": "x", "query": "a"}))
        .await;
    assert_eq!(status, 404, "{problem:#}");
    let (status, _) = host
        .post("monitors", &json!({"inboxId": inbox, "query": " "}))
        .await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn changes_are_told_live() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let request = host.request(Method::GET, "events", None);
    let mut stream = request.send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    hand_in(&host, "town", &[line("m-1", "lotte", "Goedemorgen!")]).await;
    let mut told = String::new();
    let heard = tokio::time::timeout(SOON, async {
        loop {
            if let Some(event) = event(&told, "message") {
                return event;
            }
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            told.push_str(&String::from_utf8_lossy(&chunk));
        }
    });
    let heard = heard.await.expect("the message is told");
    assert_eq!(heard["kind"], "message");
    let message = host.get(&format!("messages/{}", text(&heard, "id"))).await;
    assert_eq!(message["externalId"], "m-1");
    // A listener does not keep the host from stopping; the stream ends.
    assert!(host.terminate().await.success());
    while let Ok(Some(_)) = stream.chunk().await {}
}

/// The data of the first whole event of this name.
fn event(told: &str, name: &str) -> Option<Value> {
    let whole = told.rsplit_once("\n\n")?.0;
    let event = whole
        .split("\n\n")
        .find(|e| e.lines().any(|l| l == format!("event: {name}")))?;
    let data = event.lines().find_map(|l| l.strip_prefix("data: "))?;
    serde_json::from_str(data).ok()
}

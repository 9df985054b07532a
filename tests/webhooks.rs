//! Outgoing webhooks through the running host, to a receiver on this machine: signed, tried again,
//! replayed, disabled, and delivered again when the host dies in the middle.

pub mod support;

#[path = "webhooks/failing.rs"]
mod failing;
#[path = "webhooks/managing.rs"]
mod managing;
#[path = "webhooks/receiver.rs"]
mod receiver;
#[path = "webhooks/rights.rs"]
mod rights;
#[path = "webhooks/sealed.rs"]
mod sealed;

use receiver::{Got, Receiver};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use support::{Host, until};

const SOON: Duration = Duration::from_secs(60);
const TOWN: &str = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n\
                    [[inbox]]\nname = \"village\"\nplugin = \"channel-sample\"\n";
/// Where nothing of what is judged matters.
const JUDGES_OFF: &str = "[plugins]\nclassify-language = { enabled = false }\n\
    classify-sentiment = { enabled = false }\nclassify-topic = { enabled = false }\n\
    policy-service = { enabled = false }\n";
const TEXT: &str = "Mijn factuur klopt niet en niemand reageert!";

fn line(id: &str) -> Value {
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": TEXT, "visibility": "direct", "reach": "directed",
            "attributedTo": {"id": "lotte", "handle": "lotte", "kind": "person"},
        },
    })
}

async fn hand_in(host: &Host, inbox: &str, lines: &[Value]) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let request = host.request(Method::POST, &format!("/webhooks/{inbox}"), None);
    let response = request.body(lines.join("\n")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

async fn started(receiver: &Receiver, dir: &Path) -> Host {
    Host::start(&format!("{TOWN}{}{JUDGES_OFF}", receiver.config()), dir).await
}

/// Adds an endpoint; its id and secret.
async fn add(host: &Host, endpoint: Value) -> (String, String) {
    let (status, made) = host.post("webhook-endpoints", &endpoint).await;
    assert_eq!(status, 201, "{made:#}");
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

/// The delivery that an endpoint had of an event, once it has this status, with its tries.
async fn delivery(host: &Host, endpoint: &str, status: &str) -> Value {
    until(&format!("a delivery that is {status}"), SOON, async || {
        let path = format!("webhook-endpoints/{endpoint}/deliveries?status={status}");
        let page = host.get(&path).await;
        let id = page["items"][0]["id"].as_str()?.to_owned();
        Some(host.get(&format!("webhook-deliveries/{id}")).await)
    })
    .await
}

fn ids(got: &[Got]) -> BTreeSet<String> {
    got.iter().map(|g| g.id.clone()).collect()
}

fn of_kind<'a>(got: &'a [Got], kind: &str) -> Option<&'a Got> {
    got.iter().find(|g| g.kind() == kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_without_texts() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = Host::start(&format!("{TOWN}{}", receiver.config()), dir.path()).await;
    let (_, secret) = add(&host, json!({"url": receiver.url("all"), "concurrency": 4})).await;
    let texts = json!({
        "url": receiver.url("texts"), "events": ["message.received"], "includeContent": true,
    });
    add(&host, texts).await;
    let inboxes = host.get("inboxes").await;
    let village = inboxes
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["name"] == "village");
    let village = village.unwrap()["id"].clone();
    let only = json!({"url": receiver.url("village"), "inboxIds": [village]});
    add(&host, only).await;
    hand_in(&host, "town", &[line("m-1")]).await;

    let has = |kind: &'static str| move |got: &[Got]| of_kind(got, kind).is_some();
    let got = receiver.wait_for("all", has("message.received")).await;
    let message = of_kind(&got, "message.received").unwrap().json();
    let message_id = message["data"]["id"].as_str().unwrap().to_owned();
    assert!(message["timestamp"].as_str().unwrap().ends_with('Z'));
    receiver.wait_for("all", has("decision.made")).await;
    let draft = json!({"messageId": message_id, "content": "Hallo Lotte, we kijken ernaar.", "author": "anna"});
    let (status, draft) = host.post("drafts", &draft).await;
    assert_eq!(status, 201, "{draft:#}");
    let release = format!("drafts/{}/release", draft["id"].as_str().unwrap());
    // Nobody releases their own.
    let manager = support::people::agent(&host, "manager").await;
    let town = draft["inboxId"].as_str().unwrap();
    manager.inbox(&host, town, true, true).await;
    let (status, outcome) = manager.post(&host, &release, &Value::Null).await;
    assert_eq!(
        (status, &outcome["draft"]["status"]),
        (200, &json!("queued")),
        "{outcome:#}"
    );
    for kind in [
        "draft.created",
        "draft.changed",
        "outbox.queued",
        "outbox.sent",
        "message.sent",
        "conversation.changed",
    ] {
        receiver.wait_for("all", has(kind)).await;
    }
    let deletion = json!({"id": "delete-m-1", "type": "Delete", "published": "2026-03-02T09:00:00Z", "object": {"id": "m-1"}});
    hand_in(&host, "town", &[deletion]).await;
    let got = receiver.wait_for("all", has("message.deleted")).await;
    assert_eq!(
        ids(&got).len(),
        got.len(),
        "every event has an id of its own"
    );
    for one in &got {
        assert_eq!(one.signed_with(&secret), 1, "{one:?}");
        let text = String::from_utf8(one.body.clone()).unwrap();
        assert!(
            !text.contains(TEXT) && !text.contains("Hallo Lotte"),
            "{text}"
        );
        assert!(text.contains("inboxId"), "{text}");
    }
    let texts = receiver.wait_for("texts", |got| !got.is_empty()).await;
    assert_eq!(texts[0].json()["data"]["content"], TEXT);
    assert!(texts.iter().all(|g| g.kind() == "message.received"));
    assert_eq!(receiver.got("village").len(), 0, "another inbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_and_on_record() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    receiver.answer("moody", &[(500, None)]);
    receiver.answer("busy", &[(503, Some("600"))]);
    receiver.answer("moved", &[(302, None); 5]);
    receiver.answer("gone", &[(410, None)]);
    let mut endpoints = Vec::new();
    for path in ["moody", "busy", "moved", "gone"] {
        let endpoint = json!({"url": receiver.url(path), "events": ["message.received"]});
        endpoints.push(add(&host, endpoint).await.0);
    }
    hand_in(&host, "town", &[line("m-1")]).await;

    let done = delivery(&host, &endpoints[0], "delivered").await;
    let tries = done["tries"].as_array().unwrap();
    assert_eq!(tries.len(), 2, "{done:#}");
    assert_eq!(
        (&tries[0]["status"], &tries[0]["response"]),
        (&json!(500), &json!("not now"))
    );
    assert!(tries[0]["error"].as_str().unwrap().contains("500"));
    assert_eq!(
        (&tries[1]["status"], &tries[1]["error"]),
        (&json!(200), &Value::Null)
    );
    assert_eq!(
        tries[1]["response"], "thank you",
        "control characters are left out"
    );
    let waited = tries[1]["started"].as_i64().unwrap() - tries[0]["started"].as_i64().unwrap();
    assert!(waited >= 4_000, "{waited}");
    assert_eq!(
        ids(&receiver.got("moody")).len(),
        1,
        "the same id on every try"
    );

    let wait =
        |d: &Value| d["nextAttempt"].as_i64().unwrap() - d["tries"][0]["started"].as_i64().unwrap();
    let busy = delivery(&host, &endpoints[1], "queued").await;
    assert!(wait(&busy) >= 600_000, "Retry-After: {busy:#}");
    let moved = delivery(&host, &endpoints[2], "queued").await;
    assert!(
        moved["tries"][0]["error"]
            .as_str()
            .unwrap()
            .contains("redirect")
    );
    assert_eq!(receiver.got("elsewhere").len(), 0);
    let failing = host
        .get(&format!("webhook-endpoints/{}", endpoints[2]))
        .await;
    assert!(
        failing["failingSince"].is_i64() && failing["enabled"] == true,
        "{failing:#}"
    );

    delivery(&host, &endpoints[3], "failed").await;
    let gone = host
        .get(&format!("webhook-endpoints/{}", endpoints[3]))
        .await;
    assert_eq!(
        (&gone["enabled"], &gone["disabledReason"]),
        (&json!(false), &json!("gone"))
    );
    hand_in(&host, "town", &[line("m-2")]).await;
    receiver.wait_for("moody", |got| got.len() == 3).await;
    assert_eq!(
        receiver.got("gone").len(),
        1,
        "a disabled endpoint hears nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_slows_nobody_else() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    for path in ["never-1", "never-2", "fast"] {
        let concurrency = if path == "never-2" { 2 } else { 1 };
        let endpoint = json!({
            "url": receiver.url(path), "events": ["message.received"], "concurrency": concurrency,
        });
        add(&host, endpoint).await;
    }
    let lines: Vec<Value> = (0..30).map(|i| line(&format!("m-{i}"))).collect();
    hand_in(&host, "town", &lines).await;
    let fast = receiver.wait_for("fast", |got| got.len() == 30).await;
    assert_eq!(ids(&fast).len(), 30);
    // A try at a slow one lasts up to 15 s, so at most a few can have been begun.
    assert!(receiver.got("never-1").len() <= 4);
    assert!(receiver.got("never-2").len() <= 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_recording_it_is_sent_again_under_the_same_id() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let mut host = started(&receiver, dir.path()).await;
    let endpoint = json!({"url": receiver.url("never"), "events": ["message.received"]});
    let (id, secret) = add(&host, endpoint).await;
    hand_in(&host, "town", &[line("m-1")]).await;
    let first = receiver.wait_for("never", |got| got.len() == 1).await;
    host.kill9();
    let host = started(&receiver, dir.path()).await;
    let both = receiver.wait_for("never", |got| got.len() == 2).await;
    assert_eq!(both[1].id, first[0].id);
    assert_eq!(both[1].json(), first[0].json());
    assert_eq!(both[1].signed_with(&secret), 1, "with its own time");
    let page = host
        .get(&format!("webhook-endpoints/{id}/deliveries"))
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_rotate_and_deliveries_are_replayed() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let endpoint = json!({"url": receiver.url("in"), "events": ["message.received"]});
    let (id, first) = add(&host, endpoint).await;
    hand_in(&host, "town", &[line("m-1"), line("m-2")]).await;
    let got = receiver.wait_for("in", |got| got.len() == 2).await;

    let rotate = async |hours: u32| {
        let body = json!({ "overlapHours": hours });
        let (status, made) = host
            .post(&format!("webhook-endpoints/{id}/rotate"), &body)
            .await;
        assert_eq!(status, 200, "{made:#}");
        made["secret"].as_str().unwrap().to_owned()
    };
    let second = rotate(24).await;
    let one = delivery(&host, &id, "delivered").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let replay = format!("webhook-deliveries/{one}/replay");
    let (status, again) = host.post(&replay, &Value::Null).await;
    assert_eq!(status, 200, "{again:#}");
    let got_3 = receiver.wait_for("in", |got| got.len() == 3).await;
    assert_eq!(ids(&got_3), ids(&got), "no new event");
    let replayed = &got_3[2];
    assert_eq!(
        (replayed.signed_with(&first), replayed.signed_with(&second)),
        (1, 1)
    );
    assert!(got[0].signed_with(&second) == 0 && first != second);

    let third = rotate(0).await;
    until("both settled", SOON, async || {
        let page = host
            .get(&format!(
                "webhook-endpoints/{id}/deliveries?status=delivered"
            ))
            .await;
        (page["items"].as_array()?.len() == 2).then_some(())
    })
    .await;
    let range = json!({"from": 0});
    let (status, count) = host
        .post(&format!("webhook-endpoints/{id}/replay"), &range)
        .await;
    assert_eq!((status, count), (200, json!({"count": 2})));
    let got = receiver.wait_for("in", |got| got.len() == 5).await;
    assert_eq!(ids(&got[3..]).len(), 2);
    for one in &got[3..] {
        assert_eq!((one.signed_with(&second), one.signed_with(&third)), (0, 1));
    }
    let none = json!({"from": 0, "failedOnly": true});
    let (_, count) = host
        .post(&format!("webhook-endpoints/{id}/replay"), &none)
        .await;
    assert_eq!(count["count"], 0);
}

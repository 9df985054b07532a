//! An endpoint carries the rights of whoever made it, as they are at each delivery.

use crate::receiver::Receiver;
use crate::support::people::{Person, agent};
use crate::support::{Host, until};
use crate::{SOON, add, hand_in, line, started};
use reqwest::Method;
use serde_json::{Value, json};

async fn inbox(host: &Host, name: &str) -> String {
    let inboxes = host.get("inboxes").await;
    let found = inboxes
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["name"] == name);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Somebody who may have endpoints, and reads one inbox.
async fn hooker(host: &Host, inbox: &str) -> Person {
    let role = json!({"permissions": ["inbox.read", "webhook.manage", "token.manage"]});
    host.call(Method::PUT, "roles/hooker", Some(&role)).await;
    let person = agent(host, "hooker").await;
    person.inbox(host, inbox, false, false).await;
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_hears_what_its_maker_may_read() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let (town, village) = (inbox(&host, "town").await, inbox(&host, "village").await);
    let hank = hooker(&host, &village).await;
    let new = json!({"url": receiver.url("hank"), "events": ["message", "webhook"]});
    let (status, made) = hank.post(&host, "webhook-endpoints", &new).await;
    assert_eq!(status, 201, "{made:#}");
    assert_eq!(made["madeBy"], format!("agent:{}", hank.id));
    let (all, _) = add(
        &host,
        json!({"url": receiver.url("all"), "events": ["message"]}),
    )
    .await;
    // Another's is not there; and there is no such inbox.
    let (_, list) = hank.get(&host, "webhook-endpoints").await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list:#}");
    let path = format!("webhook-endpoints/{all}");
    assert_eq!(hank.get(&host, &path).await.0, 404);
    let lead = json!({"url": receiver.url("hank")});
    for (method, path) in [
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/rotate")),
        (Method::POST, format!("{path}/test")),
        (Method::GET, format!("{path}/deliveries")),
    ] {
        let body = if path.ends_with("rotate") {
            json!({})
        } else {
            lead.clone()
        };
        let (status, said) = hank.call(&host, method, &path, Some(&body)).await;
        assert_eq!(status, 404, "{path}: {said:#}");
    }
    let narrow = json!({"url": receiver.url("x"), "inboxIds": [town]});
    assert_eq!(hank.post(&host, "webhook-endpoints", &narrow).await.0, 422);

    hand_in(&host, "town", &[line("m-1")]).await;
    hand_in(&host, "village", &[line("m-2")]).await;
    receiver.wait_for("all", |got| got.len() == 2).await;
    let got = receiver.wait_for("hank", |got| !got.is_empty()).await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json()["data"]["inboxId"], village.as_str());

    // What waits when the right is taken is not sent.
    receiver.answer("hank", &[(500, None)]);
    hand_in(&host, "village", &[line("m-3")]).await;
    receiver.wait_for("hank", |got| got.len() == 2).await;
    let right = json!({"agentId": hank.id, "read": false});
    let path = format!("inboxes/{village}/rights");
    assert_eq!(host.call(Method::PUT, &path, Some(&right)).await.0, 200);
    hand_in(&host, "village", &[line("m-4")]).await;
    receiver.wait_for("all", |got| got.len() == 4).await;
    let path = format!(
        "webhook-endpoints/{}/deliveries?status=failed",
        made["id"].as_str().unwrap()
    );
    let failed = until("it is given up", SOON, async || {
        host.get(&path).await["items"][0]["id"]
            .as_str()
            .map(str::to_owned)
    })
    .await;
    let failed = host.get(&format!("webhook-deliveries/{failed}")).await;
    let why = failed["tries"].to_string();
    assert!(why.contains("whoever made the endpoint"), "{why}");
    let replay = format!(
        "webhook-deliveries/{}/replay",
        failed["id"].as_str().unwrap()
    );
    assert_eq!(host.post(&replay, &Value::Null).await.0, 200);
    until("it is given up again", SOON, async || {
        (!host.get(&path).await["items"].as_array()?.is_empty()).then_some(())
    })
    .await;
    assert_eq!(receiver.got("hank").len(), 2, "no more than before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_takes_its_endpoints_along() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let village = inbox(&host, "village").await;
    let hank = hooker(&host, &village).await;
    let new =
        json!({"name": "t", "scopes": ["inbox.read", "webhook.manage"], "inboxes": [village]});
    let (_, token) = hank.post(&host, "tokens", &new).await;
    let bearer = format!("Bearer {}", token["secret"].as_str().unwrap());
    let new = json!({"url": receiver.url("token"), "events": ["message"]});
    let request = host.bare(Method::POST, "webhook-endpoints", Some(&new));
    let made = request
        .header("authorization", bearer)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status().as_u16(), 201);
    add(
        &host,
        json!({"url": receiver.url("all"), "events": ["message"]}),
    )
    .await;
    hand_in(&host, "village", &[line("m-1")]).await;
    receiver.wait_for("token", |got| got.len() == 1).await;
    let path = format!("tokens/{}", token["id"].as_str().unwrap());
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 204);
    hand_in(&host, "village", &[line("m-2")]).await;
    receiver.wait_for("all", |got| got.len() == 2).await;
    assert_eq!(receiver.got("token").len(), 1, "its maker is gone");
}

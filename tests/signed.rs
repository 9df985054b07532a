//! Webhooks that come in, through the running host: only what the network signed, in time, gets to
//! the connector, and a request that is sent again has no effect.

pub mod support;

use data_encoding::BASE64;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use support::hmac::hmac;
use support::{Host, until};

const SOON: Duration = Duration::from_secs(60);
const OLD: &str = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=";
const NEW: &str = "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=";

/// What is said of the messages does not matter here.
const JUDGES_OFF: &str = "[plugins]\nclassify-language = { enabled = false }\n\
    classify-sentiment = { enabled = false }\nclassify-topic = { enabled = false }\n\
    policy-service = { enabled = false }\n";

fn config(plugin: &str, secret: &str) -> String {
    format!(
        "{JUDGES_OFF}[[inbox]]\nname = \"shop\"\nplugin = \"{plugin}\"\n[inbox.secrets]\nsigning = \"{secret}\"\n"
    )
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs() as i64
}

fn body(id: &str) -> String {
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {"id": id, "content": "Is mijn bestelling al weg?", "attributedTo": {"id": "lotte"}},
    })
    .to_string()
}

fn signature(secret: &str, id: &str, at: i64, body: &str) -> String {
    let key = BASE64.decode(&secret.as_bytes()[6..]).unwrap();
    let tag = hmac(&key, format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(&tag))
}

/// Posts with these headers; the status and the problem's detail, or the whole answer.
async fn post(host: &Host, headers: &[(&str, String)], body: &str) -> (u16, Value) {
    let mut request = host.request(Method::POST, "/webhooks/shop", None);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let response = request.body(body.to_owned()).send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

fn signed(secret: &str, id: &str, at: i64, body: &str) -> Vec<(&'static str, String)> {
    vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", signature(secret, id, at, body)),
    ]
}

async fn messages(host: &Host, count: usize) -> Value {
    until(&format!("{count} messages"), SOON, async || {
        let page = host.get("messages").await;
        (page["items"].as_array()?.len() == count).then_some(page)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_signed_in_time_comes_in() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&config("channel-webhook", OLD), dir.path()).await;
    let (now, text) = (now_s(), body("m-1"));
    let good = signed(OLD, "msg-1", now, &text);
    assert_eq!(
        post(&host, &good, &text).await,
        (200, json!({"accepted": 1}))
    );
    messages(&host, 1).await;

    // Sent again as it was: taken, and nothing follows from it.
    assert_eq!(post(&host, &good, &text).await.0, 200);

    let mut refusals = vec![
        ("nothing at all", Vec::new(), text.clone()),
        ("late", signed(OLD, "a", now - 400, &text), text.clone()),
        (
            "from the future",
            signed(OLD, "a", now + 400, &text),
            text.clone(),
        ),
        ("another secret", signed(NEW, "a", now, &text), text.clone()),
        ("another body", good.clone(), body("m-2")),
    ];
    for (left_out, _) in good.iter().enumerate() {
        let mut fewer = good.clone();
        fewer.remove(left_out);
        refusals.push(("a header left out", fewer, text.clone()));
    }
    let with = |name: &str, value: &str| {
        let mut headers = good.clone();
        headers
            .iter_mut()
            .filter(|(n, _)| *n == name)
            .for_each(|(_, v)| *v = value.to_owned());
        headers
    };
    refusals.push((
        "another time",
        with("webhook-timestamp", &(now - 1).to_string()),
        text.clone(),
    ));
    refusals.push(("no time", with("webhook-timestamp", "now"), text.clone()));
    refusals.push(("another id", with("webhook-id", "msg-2"), text.clone()));
    refusals.push((
        "no signature",
        with("webhook-signature", "v1,"),
        text.clone(),
    ));
    refusals.push((
        "noise",
        with("webhook-signature", &"v1,AAAA ".repeat(1000)),
        text.clone(),
    ));
    let mut twice = good.clone();
    twice.push(good[2].clone());
    refusals.push(("two signature headers", twice, text.clone()));
    let mut details = std::collections::BTreeSet::new();
    for (what, headers, body) in &refusals {
        let (status, problem) = post(&host, headers, body).await;
        assert_eq!(status, 401, "{what}: {problem:#}");
        details.insert(problem["detail"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        details.len(),
        1,
        "which of them it was is not said: {details:?}"
    );
    let mut huge = good.clone();
    huge[2].1 = "v1,AAAA ".repeat(2500);
    assert_eq!(post(&host, &huge, &text).await.0, 431);
    let get = host
        .request(Method::GET, "/webhooks/shop", None)
        .send()
        .await;
    assert_eq!(get.unwrap().status().as_u16(), 401);

    let last = body("m-3");
    let several = format!("v1a,x v1,AAAA {}", signature(OLD, "c", now, &last));
    let mut headers = signed(OLD, "c", now, &last);
    headers[2].1 = several;
    assert_eq!(post(&host, &headers, &last).await.0, 200);
    messages(&host, 2).await;
    let log = host.log_text();
    assert!(log.contains("webhook not genuine"), "{log}");
    assert!(!log.contains(&OLD[6..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_secrets_are_good_during_a_rotation() {
    let dir = tempfile::tempdir().unwrap();
    let both = format!("{OLD}\\n{NEW}");
    let host = Host::start(&config("channel-webhook", &both), dir.path()).await;
    for (id, secret) in [("m-1", OLD), ("m-2", NEW)] {
        let text = body(id);
        let headers = signed(secret, id, now_s(), &text);
        assert_eq!(post(&host, &headers, &text).await.0, 200, "{id}");
    }
    messages(&host, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_channel_is_signed_when_it_has_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&config("channel-sample", OLD), dir.path()).await;
    let text = body("m-1");
    assert_eq!(post(&host, &[], &text).await.0, 401);
    let headers = signed(OLD, "a", now_s(), &text);
    assert_eq!(post(&host, &headers, &text).await.0, 200);
    drop(host);
    let open = "[[inbox]]\nname = \"shop\"\nplugin = \"channel-sample\"\n";
    let host = Host::start(&format!("{JUDGES_OFF}{open}"), dir.path()).await;
    assert_eq!(post(&host, &[], &body("m-2")).await.0, 200);
    messages(&host, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_inbox_without_its_secret() {
    let inboxes = [
        ("none", "", "`signing` is needed"),
        (
            "wrong",
            "[inbox.secrets]\nsigning = \"whsec_not base64\"\n",
            "secrets.signing",
        ),
        (
            "unknown",
            "[inbox.secrets]\nsinging = \"x\"\n",
            "did you mean `signing`",
        ),
    ];
    let section = |(name, rest, _): &(&str, &str, &str)| {
        format!("[[inbox]]\nname = \"{name}\"\nplugin = \"channel-webhook\"\n{rest}")
    };
    let config: String = inboxes.iter().map(section).collect();
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{JUDGES_OFF}{config}"), dir.path()).await;
    let stand = host.get("inboxes").await;
    for (name, _, said) in inboxes {
        let mut all = stand.as_array().unwrap().iter();
        let inbox = all.find(|inbox| inbox["name"] == name).unwrap();
        assert_eq!(inbox["state"], "not-ready", "{inbox:#}");
        let error = inbox["lastError"].as_str().unwrap();
        assert!(error.contains(said), "{error}");
        assert!(!error.contains("not base64\""), "the value is not repeated");
    }
}

//! Asked again as it leaves: what waited in the outbox goes by the rules and the facts of the moment at
//! which it goes, and whoever sends it off again is on record.

use crate::outbox::{dead, limited, queue};
use crate::support::people::agent;
use crate::support::{Host, store, until};
use crate::{SOON, TOWN, hand_in, judged, line, text};
use reqwest::Method;
use serde_json::{Value, json};

const QUESTION: &str = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";

async fn configure(host: &Host, settings: Value) {
    let path = "plugins/policy-service/settings";
    let body = json!({ "settings": settings });
    let (status, answer) = host.call(Method::PUT, path, Some(&body)).await;
    assert_eq!(status, 200, "in force on every host: {answer:#}");
}

/// The item once it has a status.
async fn item(host: &Host, id: &str, status: &str) -> Value {
    until(&format!("an item that is {status}"), SOON, async || {
        let item = host.get(&format!("outbox/{id}")).await;
        (item["status"] == status).then_some(item)
    })
    .await
}

fn outcomes(item: &Value) -> Vec<&str> {
    let tries = item["deliveryAttempts"].as_array().unwrap();
    tries
        .iter()
        .map(|t| t["outcome"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_item_is_retried_under_the_rules_of_now() {
    let dir = tempfile::tempdir().unwrap();
    queue(dir.path()).await;
    let host = Host::start(&limited(10), dir.path()).await;
    let items = dead(&host, 2).await;
    let id = text(&items[0], "id");
    let draft = format!("drafts/{}", text(&items[0], "draftId"));

    // An embargo comes, on a word that was allowed when it was queued.
    let embargo =
        json!({"embargo": {"terms": [{"term": "Goedemorgen", "until": "2099-01-01T00:00:00Z"}]}});
    configure(&host, embargo).await;
    let (status, answer) = host.post(&format!("outbox/{id}/retry"), &Value::Null).await;
    assert_eq!(status, 200, "{answer:#}");
    let stopped = item(&host, id, "withheld").await;
    assert_eq!(outcomes(&stopped), ["failed", "withheld"], "{stopped:#}");
    assert!(
        text(&stopped, "lastError").contains("embargo"),
        "{stopped:#}"
    );
    let kept = host.get(&draft).await;
    assert!(
        ["held", "denied"].contains(&text(&kept, "status")),
        "{kept:#}"
    );
    let decisions = host
        .get(&format!("decisions?draftId={}", text(&items[0], "draftId")))
        .await;
    assert!(decisions.to_string().contains("embargo"), "{decisions:#}");
    let (status, problem) = host.post(&format!("outbox/{id}/retry"), &Value::Null).await;
    assert_eq!(
        status, 409,
        "what policy took back is a draft again: {problem:#}"
    );
    let audit = host
        .get(&format!("audit?action=outbox.retry&subject={id}"))
        .await;
    assert_eq!(audit["items"][0]["actor"], "operator", "{audit:#}");

    // The embargo ends, and the channel takes it again; the draft is sent once more, as the same item
    // under the same key.
    configure(&host, json!({})).await;
    assert!(host.terminate().await.success());
    let host = Host::start(&limited(500), dir.path()).await;
    let (status, outcome) = host.post(&format!("{draft}/send"), &Value::Null).await;
    assert_eq!((status, &outcome["verdict"]), (200, &json!("allow")));
    assert_eq!(text(&outcome, "outboxItemId"), id);
    let sent = item(&host, id, "sent").await;
    assert_eq!(outcomes(&sent), ["failed", "withheld", "sent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_or_complained_of_meanwhile_counts() {
    let dir = tempfile::tempdir().unwrap();
    queue(dir.path()).await;
    let host = Host::start(&limited(10), dir.path()).await;
    let items = dead(&host, 2).await;
    let id = text(&items[0], "id");
    let draft = host
        .get(&format!("drafts/{}", text(&items[0], "draftId")))
        .await;
    let message = host
        .get(&format!("messages/{}", text(&draft, "messageId")))
        .await;
    let gone = json!({
        "id": "delete-1", "type": "Delete", "published": "2026-03-02T09:15:00Z",
        "object": {"id": message["externalId"]},
    });
    hand_in(&host, "town", &[gone]).await;
    until("it is deleted", SOON, async || {
        let message = host
            .get(&format!("messages/{}", text(&draft, "messageId")))
            .await;
        message["deleted"].is_i64().then_some(())
    })
    .await;
    let (status, _) = host.post(&format!("outbox/{id}/retry"), &Value::Null).await;
    assert_eq!(status, 200);
    let stopped = item(&host, id, "withheld").await;
    let error = text(&stopped, "lastError");
    assert!(error.contains("deleted at its source"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_takes_the_voice() {
    let dir = tempfile::tempdir().unwrap();
    queue(dir.path()).await;
    let host = Host::start(&limited(10), dir.path()).await;
    let items = dead(&host, 2).await;
    let (id, inbox) = (text(&items[0], "id"), text(&items[0], "inboxId"));
    let path = format!("outbox/{id}/retry");
    let sanne = agent(&host, "manager").await;
    sanne.inbox(&host, inbox, true, false).await;
    let (status, refused) = sanne.post(&host, &path, &Value::Null).await;
    assert_eq!(status, 403, "{refused:#}");
    sanne.inbox(&host, inbox, true, true).await;
    let (status, answer) = sanne.post(&host, &path, &Value::Null).await;
    assert_eq!(status, 200, "{answer:#}");
    let audit = host
        .get(&format!("audit?action=outbox.retry&subject={id}"))
        .await;
    assert_eq!(audit["items"][0]["actor"], format!("agent:{}", sanne.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_in_force_when_they_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "lotte", QUESTION)]).await;
    let message = judged(&host, "m-1").await;
    let new = json!({"messageId": message["id"], "content": "Hoi Lotte, dat kan in de ZonneBox.", "author": "Sanne"});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let check = format!("drafts/{}/check", text(&draft, "id"));
    let embargo =
        json!({"embargo": {"terms": [{"term": "ZonneBox", "until": "2099-01-01T00:00:00Z"}]}});
    for (settings, verdicts) in [(embargo, &["hold", "deny"][..]), (json!({}), &["allow"])] {
        configure(&host, settings).await;
        let (_, outcome) = host.post(&check, &Value::Null).await;
        assert!(verdicts.contains(&text(&outcome, "verdict")), "{outcome:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_host_does_not_follow_yet_is_answered_as_pending() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    // Another host of the store, which is there and gets no further.
    let store = store::open(dir.path()).await;
    let sql = "INSERT INTO host_state (host, revision, at) VALUES ('elsewhere', 0, $1)";
    let at = rapport_host::domain::now_ms();
    sqlx::query(sql).bind(at).execute(&store).await.unwrap();
    store.close().await;
    let body = json!({"settings": {"embargo": {"enabled": false}}});
    let path = "plugins/policy-service/settings";
    let request = host.request(Method::PUT, path, Some(&body));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 202);
    assert_eq!(answer.headers()["rapport-pending"], "elsewhere");
    // What changes nothing waits for nobody.
    let (status, _) = host
        .call(Method::PUT, path, Some(&json!({"settings": 1})))
        .await;
    assert_eq!(status, 422);
}

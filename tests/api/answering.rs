//! Answers: drafts are written once, checked, held with reasons, corrected, released on record, and
//! delivered.

use crate::support::people::agent;
use crate::support::{Host, store, until};
use crate::{SOON, TOWN, hand_in, judged, line, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

const QUESTION: &str = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";
const COMPLAINT: &str = "Dit is een klacht. Ik wacht al drie weken op mijn pakket en niemand \
     reageert op mijn mails. Ik vind dit echt waardeloos!";
const RUDE: &str = "HAD U ZELF KUNNEN LEZEN, SUKKEL!!!!";
const POLITE: &str = "Hoi Lotte, dat kan in de app onder Contract, Verhuizen. Groet, Sanne";

async fn write(host: &Host, message: &Value, content: &str) -> String {
    let new = json!({"messageId": message["id"], "content": content, "author": "Sanne"});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    assert_eq!(draft["status"], "draft");
    text(&draft, "id").to_owned()
}

/// Checks, sends or releases a draft; the outcome.
async fn step(host: &Host, draft: &str, step: &str, body: Value) -> Value {
    let (status, outcome) = host.post(&format!("drafts/{draft}/{step}"), &body).await;
    assert_eq!(status, 200, "{step}: {outcome:#}");
    outcome
}

/// Waits until the draft's item has gone out; the item.
async fn sent(host: &Host, item: &str) -> Value {
    until("the answer goes out", SOON, async || {
        let item = host.get(&format!("outbox/{item}")).await;
        (item["status"] == "sent").then_some(item)
    })
    .await
}

#[tokio::test]
async fn a_rude_answer_is_held_and_the_corrected_one_goes_out() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "lotte", QUESTION)]).await;
    let message = judged(&host, "m-1").await;
    let draft = write(&host, &message, RUDE).await;

    for asked in ["check", "send"] {
        let outcome = step(&host, &draft, asked, Value::Null).await;
        assert_eq!(outcome["verdict"], "hold", "{outcome:#}");
        assert_eq!(outcome["draft"]["status"], "held");
        assert_eq!(outcome["outboxItemId"], Value::Null);
        let decisions = outcome["decisions"].as_array().unwrap();
        let held = decisions.iter().filter(|d| d["effect"] == "hold");
        for decision in held {
            assert_eq!(decision["rule"], "tone-of-voice", "{decision:#}");
            let languages = decision["reason"].as_array().unwrap();
            assert!(
                languages
                    .iter()
                    .any(|r| r["language"] == "nl" && r["text"] != "")
            );
            assert!(
                languages
                    .iter()
                    .any(|r| r["language"] == "en" && r["text"] != "")
            );
        }
    }
    let reasons = host
        .get(&format!("decisions?draftId={draft}&effect=hold"))
        .await;
    assert!(
        reasons["items"]
            .to_string()
            .to_lowercase()
            .contains("sukkel"),
        "{reasons:#}"
    );
    assert_eq!(
        host.get("outbox").await["items"],
        json!([]),
        "nothing went out"
    );

    let path = format!("drafts/{draft}");
    let edit = json!({"content": POLITE});
    let (status, edited) = host.call(Method::PATCH, &path, Some(&edit)).await;
    assert_eq!((status, &edited["status"]), (200, &json!("draft")));
    let outcome = step(&host, &draft, "send", Value::Null).await;
    assert_eq!(outcome["verdict"], "allow", "{outcome:#}");
    let item = sent(&host, text(&outcome, "outboxItemId")).await;
    assert_eq!(item["idempotencyKey"], draft, "{item:#}");
    assert_eq!(item["deliveryAttempts"].as_array().unwrap().len(), 1);
    assert_eq!(host.get(&path).await["status"], "sent");

    // It is part of the conversation, and can't be sent or changed once more.
    let conversation = text(&message, "conversationId");
    let thread = host
        .get(&format!("messages?conversationId={conversation}"))
        .await;
    let ours = thread["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["direction"] == "outbound");
    assert_eq!(ours.unwrap()["content"], POLITE);
    assert_eq!(ours.unwrap()["inReplyTo"], "m-1");
    for (method, path) in [
        (Method::POST, format!("{path}/send")),
        (Method::PATCH, path),
    ] {
        let (status, problem) = host.call(method, &path, Some(&edit)).await;
        assert_eq!(status, 409, "{problem:#}");
    }
    let items = host.get("outbox").await;
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_request_twice_makes_one_draft() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "lotte", QUESTION)]).await;
    let message = judged(&host, "m-1").await;
    let new = json!({"messageId": message["id"], "content": POLITE, "author": "Sanne"});
    let mut made = Vec::new();
    for key in ["k-1", "k-1", "k-2"] {
        let request = host.request(Method::POST, "drafts", Some(&new));
        let response = request.header("idempotency-key", key).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 201);
        let draft: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        made.push(text(&draft, "id").to_owned());
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[0], made[2]);
    assert_eq!(
        host.get("drafts").await["items"].as_array().unwrap().len(),
        2
    );
    let long = "k".repeat(129);
    for wrong in ["", &long] {
        let request = host.request(Method::POST, "drafts", Some(&new));
        let response = request
            .header("idempotency-key", wrong)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let lines = [line("m-1", "lotte", QUESTION), line("m-2", "mo", QUESTION)];
    hand_in(&host, "town", &lines).await;
    let (first, second) = (judged(&host, "m-1").await, judged(&host, "m-2").await);
    let new = json!({"messageId": first["id"], "content": "Hoi Lotte,\r\n\r\nDat kan.\rGroet", "author": "Sanne"});
    let keyed = async |new: &Value| {
        let request = host.request(Method::POST, "drafts", Some(new));
        let response = request
            .header("idempotency-key", "k-1")
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        (status, answer)
    };
    let (status, draft) = keyed(&new).await;
    assert_eq!(status, 201, "{draft:#}");
    assert_eq!(
        draft["content"], "Hoi Lotte,\n\nDat kan.\nGroet",
        "CRLF and CR are line ends"
    );
    for (field, other) in [
        ("content", json!("Hoi Lotte, dat kan niet.")),
        ("messageId", second["id"].clone()),
        ("author", json!("Mo")),
        ("visibility", json!("public")),
        ("namedAccount", json!(true)),
    ] {
        let mut changed = new.clone();
        changed[field] = other;
        let (status, problem) = keyed(&changed).await;
        assert_eq!(status, 422, "{field}: {problem:#}");
        let detail = text(&problem, "detail");
        assert!(
            detail.starts_with("Idempotency-Key: used before with another request"),
            "{detail}"
        );
    }
    // The same request, written another way.
    let mut same = new.clone();
    same["content"] = json!("Hoi Lotte,\n\nDat kan.\nGroet");
    for again in [&new, &same] {
        let (status, found) = keyed(again).await;
        assert_eq!((status, &found["id"]), (201, &draft["id"]));
    }
    assert_eq!(
        host.get("drafts").await["items"].as_array().unwrap().len(),
        1
    );
    let path = format!("drafts/{}", text(&draft, "id"));
    let edit = json!({"content": "Hoi,\r\ndat kan."});
    let (status, edited) = host.call(Method::PATCH, &path, Some(&edit)).await;
    assert_eq!(
        (status, &edited["content"]),
        (200, &json!("Hoi,\ndat kan."))
    );
    for odd in ["a\u{7}b", "a\u{b}b", "\r\n"] {
        let edit = json!({ "content": odd });
        assert_eq!(
            host.call(Method::PATCH, &path, Some(&edit)).await.0,
            422,
            "{odd:?}"
        );
    }
}

#[tokio::test]
async fn a_held_answer_is_released_on_record_and_a_denied_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "lotte", QUESTION)]).await;
    let message = judged(&host, "m-1").await;
    let draft = write(&host, &message, RUDE).await;
    step(&host, &draft, "send", Value::Null).await;
    let release = |draft: &str| format!("drafts/{draft}/release");
    let (status, own) = host.post(&release(&draft), &Value::Null).await;
    assert_eq!(status, 403, "nobody releases their own: {own:#}");
    let mo = agent(&host, "manager").await;
    mo.inbox(&host, text(&message, "inboxId"), true, true).await;
    let (status, outcome) = mo.post(&host, &release(&draft), &Value::Null).await;
    assert_eq!(status, 200, "{outcome:#}");
    assert_eq!(outcome["verdict"], "hold");
    sent(&host, text(&outcome, "outboxItemId")).await;

    let long = write(&host, &message, &"Dag Lotte, ".repeat(60)).await;
    let (status, outcome) = mo.post(&host, &release(&long), &Value::Null).await;
    assert_eq!(status, 200, "{outcome:#}");
    assert_eq!(outcome["verdict"], "deny", "{outcome:#}");
    let decisions = outcome["decisions"].as_array().unwrap();
    let channel = decisions
        .iter()
        .find(|d| d["plugin"] == "channel-sample")
        .unwrap();
    assert!(
        channel["reason"]
            .to_string()
            .contains("660 characters, at most 500"),
        "{channel:#}"
    );
    assert_eq!(outcome["outboxItemId"], Value::Null);
    assert!(host.terminate().await.success());

    let records = audit(dir.path()).await;
    let mut releases = records.iter().filter(|r| r.1 == "draft.release");
    let (actor, _, subject, detail) = releases.next().unwrap();
    assert!(releases.next().is_none(), "{records:?}");
    assert_eq!(*actor, format!("agent:{}", mo.id));
    assert_eq!(*subject, draft);
    assert!(detail.contains("tone-of-voice"), "{detail}");
}

/// Who did what to what, from the store.
async fn audit(dir: &Path) -> Vec<(String, String, String, String)> {
    // What the start of the host recorded is another test's matter.
    let sql =
        "SELECT actor, action, subject, detail FROM audit_event WHERE actor <> 'host' ORDER BY seq";
    let store = store::open(dir).await;
    let records = sqlx::query_as(sql).fetch_all(&store).await.unwrap();
    store.close().await;
    records
}

#[tokio::test]
async fn marketing_waits_until_the_complaint_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "emma", COMPLAINT)]).await;
    let message = judged(&host, "m-1").await;
    let person = format!("contacts/{}", text(&message, "contactId"));
    let contact = host.get(&person).await;
    assert_eq!(contact["openCases"][0]["kind"], "complaint", "{contact:#}");
    assert_eq!(contact["suppressions"][0]["purpose"], "marketing");

    let new = json!({"messageId": message["id"], "author": "Sanne", "purpose": "marketing",
        "content": "Beste Emma, warm welkom! Breng een vriend aan en ontvang 75 euro."});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let draft = text(&draft, "id");
    let outcome = step(&host, draft, "send", Value::Null).await;
    assert_eq!(outcome["verdict"], "deny", "{outcome:#}");
    assert!(
        outcome["decisions"]
            .to_string()
            .contains("no-marketing-during-complaint")
    );

    let case = format!("cases/{}/close", text(&contact["openCases"][0], "id"));
    let (status, closed) = host.post(&case, &Value::Null).await;
    assert_eq!(
        (status, &closed["status"]),
        (200, &json!("closed")),
        "{closed:#}"
    );
    assert_eq!(host.post(&case, &Value::Null).await.0, 409);
    let contact = host.get(&person).await;
    assert_eq!(contact["openCases"], json!([]));
    assert_eq!(contact["suppressions"], json!([]), "lifted with the case");
    let outcome = step(&host, draft, "send", Value::Null).await;
    assert_eq!(outcome["verdict"], "allow", "{outcome:#}");
    sent(&host, text(&outcome, "outboxItemId")).await;
}

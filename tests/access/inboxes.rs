//! What one may not read is not there; the voice and the release are somebody's own.

use crate::support::people::{Person, agent, named};
use crate::support::{Host, until};
use crate::{HALL, QUIET, SOON, TOWN, text};
use reqwest::Method;
use serde_json::{Value, json};

const RUDE: &str = "HAD U ZELF KUNNEN LEZEN, SUKKEL!!!!";
const POLITE: &str = "Hoi Lotte, dat kan in de app onder Contract. Groet, Sanne";

/// A message in an inbox; the message as the operator sees it.
pub async fn heard(host: &Host, inbox: &str, id: &str, who: &str, words: &str) -> Value {
    let line = json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": words, "visibility": "direct", "reach": "directed",
            "attributedTo": {"id": who, "handle": who, "name": who, "kind": "person"},
        },
    });
    let request = host.bare(Method::POST, &format!("/webhooks/{inbox}"), None);
    let response = request.body(line.to_string()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    until(id, SOON, async || {
        let page = host.get("messages?limit=200").await;
        let mut items = page["items"].as_array()?.iter();
        let found = items.find(|m| m["externalId"] == id)?.clone();
        let path = format!("decisions?messageId={}", text(&found, "id"));
        let decided = !host.get(&path).await["items"].as_array()?.is_empty();
        decided.then_some(found)
    })
    .await
}

pub async fn draft(who: &Person, host: &Host, message: &Value, words: &str, own: bool) -> String {
    let new = json!({"messageId": message["id"], "content": words, "namedAccount": own});
    let (status, made) = who.post(host, "drafts", &new).await;
    assert_eq!(status, 201, "{made:#}");
    assert_eq!(text(&made, "author"), who.email, "under one's own name");
    text(&made, "id").to_owned()
}

pub async fn step(who: &Person, host: &Host, draft: &str, step: &str) -> u16 {
    let path = format!("drafts/{draft}/{step}");
    who.post(host, &path, &Value::Null).await.0
}

#[tokio::test]
async fn what_one_may_not_read_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}{HALL}"), dir.path()).await;
    let town = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let complaint = "Dit is een klacht. Ik wacht al drie weken en niemand reageert!";
    let hall = heard(&host, "hall", "h-1", "emma", complaint).await;
    let ann = agent(&host, "agent").await;
    let (_, none) = ann.get(&host, "messages").await;
    assert_eq!(none["items"], json!([]), "without rights there is nothing");
    ann.inbox(&host, text(&town, "inboxId"), false, false).await;

    let operators = json!({"messageId": hall["id"], "content": POLITE, "author": "x"});
    let (_, secret_draft) = host.post("drafts", &operators).await;
    let draft_id = text(&secret_draft, "id");
    let sent = host
        .post(&format!("drafts/{draft_id}/send"), &Value::Null)
        .await
        .1;
    let mut hidden = vec![
        format!("messages/{}", text(&hall, "id")),
        format!("conversations/{}", text(&hall, "conversationId")),
        format!("contacts/{}", text(&hall, "contactId")),
        format!("inboxes/{}", text(&hall, "inboxId")),
        format!("drafts/{draft_id}"),
    ];
    if let Some(item) = sent["outboxItemId"].as_str() {
        hidden.push(format!("outbox/{item}"));
    }
    for case in host.get("cases").await["items"].as_array().unwrap() {
        hidden.push(format!("cases/{}", text(case, "id")));
    }
    for path in &hidden {
        assert_eq!(host.call(Method::GET, path, None).await.0, 200, "{path}");
        assert_eq!(ann.get(&host, path).await.0, 404, "{path}");
    }
    for (method, path) in [
        (Method::POST, format!("drafts/{draft_id}/check")),
        (Method::POST, format!("drafts/{draft_id}/send")),
    ] {
        let (status, _) = ann.call(&host, method, &path, None).await;
        assert_eq!(status, 404, "{path}");
    }
    for list in [
        "messages",
        "conversations",
        "contacts",
        "cases",
        "tasks",
        "decisions",
        "drafts",
        "outbox",
        "inboxes",
        "monitors",
    ] {
        let (status, seen) = ann.get(&host, list).await;
        assert_eq!(status, 200, "{list}");
        for thing in [&hall, &secret_draft] {
            for key in ["id", "inboxId", "conversationId", "contactId"] {
                let id = thing[key].as_str().unwrap_or("nothing");
                assert!(!seen.to_string().contains(id), "{list}: {seen:#}");
            }
        }
    }
    let (_, seen) = ann.get(&host, "messages").await;
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    for path in [
        format!("messages/{}", text(&town, "id")),
        format!("contacts/{}", text(&town, "contactId")),
        format!("conversations/{}", text(&town, "conversationId")),
    ] {
        assert_eq!(ann.get(&host, &path).await.0, 200, "{path}");
    }
    // To read is not to answer.
    let new = json!({"messageId": town["id"], "content": POLITE});
    assert_eq!(ann.post(&host, "drafts", &new).await.0, 403);
    let new = json!({"messageId": hall["id"], "content": POLITE});
    assert_eq!(ann.post(&host, "drafts", &new).await.0, 404);
}

#[tokio::test]
async fn a_team_shares_inboxes_but_not_the_voice() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let ann = agent(&host, "agent").await;
    let inbox = text(&host.get("inboxes").await[0], "id").to_owned();
    let (status, team) = host
        .post("teams", &json!({"name": "night", "members": [ann.id]}))
        .await;
    assert_eq!(status, 201, "{team:#}");
    let path = format!("inboxes/{inbox}/rights");
    let mut right = json!({"teamId": team["id"], "read": true, "answer": true, "voice": true});
    let (status, _) = host.call(Method::PUT, &path, Some(&right)).await;
    assert_eq!(status, 422, "the voice is a person's");
    right["voice"] = json!(false);
    assert_eq!(host.call(Method::PUT, &path, Some(&right)).await.0, 200);
    assert_eq!(ann.get(&host, &format!("inboxes/{inbox}")).await.0, 200);
    let leave = json!({"members": []});
    let path = format!("teams/{}", text(&team, "id"));
    assert_eq!(host.call(Method::PATCH, &path, Some(&leave)).await.0, 200);
    assert_eq!(ann.get(&host, &format!("inboxes/{inbox}")).await.0, 404);
}

#[tokio::test]
async fn the_voice_is_given_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let town = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let inbox = text(&town, "inboxId");
    // Not even an admin holds it by their role.
    let boss = agent(&host, "admin").await;
    let theirs = draft(&boss, &host, &town, POLITE, false).await;
    assert_eq!(step(&boss, &host, &theirs, "check").await, 200);
    assert_eq!(step(&boss, &host, &theirs, "send").await, 403);
    let ann = agent(&host, "agent").await;
    ann.inbox(&host, inbox, true, false).await;
    assert_eq!(step(&ann, &host, &theirs, "send").await, 403);
    // To say that the account is one's own does not make it so.
    let claimed = draft(&ann, &host, &town, POLITE, true).await;
    let path = format!("drafts/{claimed}");
    assert_eq!(host.get(&path).await["namedAccount"], false);
    assert_eq!(step(&ann, &host, &claimed, "send").await, 403);
    let own = json!({"agentId": ann.id, "read": true, "answer": true, "own": true});
    let path = format!("inboxes/{inbox}/rights");
    assert_eq!(host.call(Method::PUT, &path, Some(&own)).await.0, 200);
    let own = draft(&ann, &host, &town, POLITE, false).await;
    assert_eq!(
        host.get(&format!("drafts/{own}")).await["namedAccount"],
        true,
        "a fact"
    );
    assert_eq!(
        step(&boss, &host, &own, "send").await,
        403,
        "not on her account"
    );
    assert_eq!(step(&ann, &host, &theirs, "send").await, 403, "not hers");
    assert_eq!(step(&ann, &host, &own, "send").await, 200);
    ann.inbox(&host, inbox, true, true).await;
    assert_eq!(step(&ann, &host, &theirs, "send").await, 200);
}

#[tokio::test]
async fn nobody_releases_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let town = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let inbox = text(&town, "inboxId");
    let mo = agent(&host, "manager").await;
    let ida = named(&host, "ida@people.example", &["manager"]).await;
    let releaser = json!({"permissions": ["inbox.read", "draft.release"]});
    host.call(Method::PUT, "roles/releaser", Some(&releaser))
        .await;
    let pat = agent(&host, "releaser").await;
    for who in [&mo, &ida, &pat] {
        who.inbox(&host, inbox, true, true).await;
    }
    let held = draft(&mo, &host, &town, RUDE, false).await;
    assert_eq!(step(&mo, &host, &held, "send").await, 200);
    assert_eq!(step(&mo, &host, &held, "release").await, 403, "written");
    assert_eq!(
        step(&pat, &host, &held, "release").await,
        403,
        "the rule names a manager"
    );
    let path = format!("drafts/{held}");
    let edit = json!({"content": format!("{RUDE}!")});
    assert_eq!(
        ida.call(&host, Method::PATCH, &path, Some(&edit)).await.0,
        200
    );
    assert_eq!(
        step(&ida, &host, &held, "release").await,
        403,
        "changed last"
    );
    let edit = json!({"content": format!("{RUDE}!!")});
    assert_eq!(
        mo.call(&host, Method::PATCH, &path, Some(&edit)).await.0,
        200
    );
    assert_eq!(
        step(&ida, &host, &held, "release").await,
        403,
        "changed before"
    );
    let jan = named(&host, "jan@people.example", &["manager"]).await;
    jan.inbox(&host, inbox, true, true).await;
    assert_eq!(step(&jan, &host, &held, "release").await, 200);
    let released = host.get(&path).await;
    assert!(
        ["queued", "sent"].contains(&text(&released, "status")),
        "{released:#}"
    );
}

#[tokio::test]
async fn live_changes_are_those_one_may_see() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}{HALL}"), dir.path()).await;
    let ann = agent(&host, "agent").await;
    let inboxes = host.get("inboxes").await;
    let town = inboxes
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["name"] == "town")
        .unwrap();
    ann.inbox(&host, text(town, "id"), false, false).await;
    let request = host
        .bare(Method::GET, "events", None)
        .header("cookie", &ann.cookie);
    let mut stream = request.send().await.unwrap();
    assert_eq!(stream.status().as_u16(), 200);
    let hidden = heard(&host, "hall", "h-1", "emma", "Hallo?").await;
    let shown = heard(&host, "town", "t-1", "lotte", "Hallo?").await;
    let mut said = String::new();
    while !said.contains(text(&shown, "id")) {
        let chunk = tokio::time::timeout(SOON, stream.chunk()).await.unwrap();
        said.push_str(&String::from_utf8_lossy(&chunk.unwrap().unwrap()));
    }
    assert!(!said.contains(text(&hidden, "id")), "{said}");
    assert!(!said.contains(text(&hidden, "conversationId")), "{said}");
}

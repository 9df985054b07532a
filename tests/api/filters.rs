//! Lists that are cut down: by inbox, by kind, and by both with pages.

use crate::support::{Host, until};
use crate::{SOON, all_pages, hand_in, judged, line, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TWO: &str = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n\
    [[inbox]]\nname = \"village\"\nplugin = \"channel-sample\"\n";
const COMPLAINT: &str =
    "Dit is een klacht! Ik wacht al drie weken op mijn pakket en niemand reageert.";
const QUESTION: &str = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";

fn external_ids(items: &[Value]) -> BTreeSet<&str> {
    items.iter().map(|item| text(item, "externalId")).collect()
}

#[tokio::test]
async fn messages_and_conversations_of_one_inbox() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TWO, dir.path()).await;
    let town: Vec<Value> = (0..5)
        .map(|n| line(&format!("t-{n}"), "lotte", QUESTION))
        .collect();
    hand_in(&host, "town", &town).await;
    hand_in(&host, "village", &[line("v-0", "mo", COMPLAINT)]).await;
    judged(&host, "v-0").await;
    until("all are there", SOON, async || {
        (host.get("messages").await["items"].as_array()?.len() == 6).then_some(())
    })
    .await;
    let inboxes = host.get("inboxes").await;
    let id = |name: &str| {
        let mut all = inboxes.as_array().unwrap().iter();
        text(all.find(|inbox| inbox["name"] == name).unwrap(), "id").to_owned()
    };
    let five = BTreeSet::from(["t-0", "t-1", "t-2", "t-3", "t-4"]);
    for list in ["messages", "conversations"] {
        for filter in [
            "inbox=town".to_owned(),
            format!("inbox={}", id("town")),
            format!("inboxId={}", id("town")),
        ] {
            let found = all_pages(&host, &format!("{list}?{filter}"), 2).await;
            assert_eq!(external_ids(&found), five, "{list}?{filter}");
            assert_eq!(found.len(), 5, "{list}?{filter}");
        }
        let found = host.get(&format!("{list}?inbox=village")).await;
        assert_eq!(
            external_ids(found["items"].as_array().unwrap()),
            BTreeSet::from(["v-0"])
        );
    }
    // Of an inbox that one may not read there is no more to see than of one that is not there.
    let scopes = json!(["inbox.read"]);
    let new = json!({"name": "town only", "scopes": scopes, "inboxes": [id("town")]});
    let (status, made) = host.post("tokens", &new).await;
    assert_eq!(status, 201, "{made:#}");
    let bearer = format!("Bearer {}", text(&made, "secret"));
    let ask = async |path: &str| {
        let request = host.bare(Method::GET, path, None);
        let response = request
            .header("authorization", &bearer)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        (status, body)
    };
    let (status, seen) = ask("messages?inbox=town").await;
    assert_eq!((status, seen["items"].as_array().unwrap().len()), (200, 5));
    for list in ["messages", "conversations"] {
        let (status, hidden) = ask(&format!("{list}?inbox=village")).await;
        assert_eq!(
            (status, text(&hidden, "detail")),
            (404, "inbox: there is no inbox `village`.")
        );
        let (status, unknown) = ask(&format!("{list}?inbox=nowhere")).await;
        assert_eq!(
            (status, text(&unknown, "detail")),
            (404, "inbox: there is no inbox `nowhere`.")
        );
    }
}

#[tokio::test]
async fn cases_of_one_kind() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TWO, dir.path()).await;
    let lead = "Wat kost een nieuwe aansluiting? Ik wil graag klant worden en een offerte.";
    let lines = [
        line("m-1", "lotte", COMPLAINT),
        line("m-2", "mo", lead),
        line("m-3", "sam", QUESTION),
    ];
    hand_in(&host, "town", &lines).await;
    for id in ["m-1", "m-2", "m-3"] {
        judged(&host, id).await;
    }
    let all = until("cases are open", SOON, async || {
        let all = all_pages(&host, "cases", 50).await;
        all.iter()
            .any(|case| case["kind"] == "complaint")
            .then_some(all)
    })
    .await;
    for kind in ["complaint", "question", "lead", "other"] {
        let of_kind: Vec<&Value> = all.iter().filter(|case| case["kind"] == kind).collect();
        let found = host.get(&format!("cases?kind={kind}&status=open")).await;
        let found: Vec<&Value> = found["items"].as_array().unwrap().iter().collect();
        assert_eq!(found, of_kind, "{kind}");
    }
    assert_eq!(
        host.get("cases?kind=complaint&status=closed").await["items"],
        json!([])
    );
}

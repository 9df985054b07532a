//! A desk with something on it, and all who may sit at it.

use crate::support::{Host, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The fuzzer is one caller and asks fast: limits have tests of their own (`operations`).
pub const CONFIG: &str = "[limits]\nrequests-per-second = 100000\nrequest-burst = 100000\n\
    [[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";
const TEXTS: [&str; 4] = [
    "Dit is een klacht! Ik wacht al drie weken op mijn pakket en niemand reageert.",
    "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?",
    "Thank you, all is well.",
    "Kan iemand me vertellen wat een aansluiting kost? #verhuizen",
];

/// Messages, a case, drafts in several states and an answer that was sent.
pub async fn fill(host: &Host) {
    let lines: Vec<String> = TEXTS
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let line = json!({
                "id": format!("create-{n}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
                "object": {"id": format!("m-{n}"), "content": text, "visibility": "direct",
                    "reach": "directed", "attributedTo": {"id": format!("p-{n}"), "name": "Lotte"}},
            });
            line.to_string()
        })
        .collect();
    let request = host.request(Method::POST, "/webhooks/town", None);
    let response = request.body(lines.join("\n")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let messages = until(
        "the messages are judged",
        Duration::from_secs(60),
        async || {
            let page = host.get("messages").await;
            let items = page["items"].as_array()?.clone();
            (items.len() == TEXTS.len()).then_some(items)
        },
    )
    .await;
    for (n, message) in messages.iter().enumerate() {
        let new = json!({"messageId": message["id"], "author": "Sanne",
            "content": "Hoi, dat zoeken we meteen voor je uit. Groet, Sanne"});
        let (status, draft) = host.post("drafts", &new).await;
        assert_eq!(status, 201, "{draft:#}");
        if n < 2 {
            let send = format!("drafts/{}/send", draft["id"].as_str().unwrap());
            assert_eq!(host.post(&send, &json!(null)).await.0, 200);
        }
    }
}

/// Who asks, with which token: the operator, nobody, and a token for each built-in role.
pub async fn callers(host: &Host) -> Vec<(String, Option<String>)> {
    let mut callers = vec![
        ("operator".to_owned(), host.token.clone()),
        ("nobody".to_owned(), None),
    ];
    let roles = host.get("roles").await;
    let built_in = |role: &&Value| role["builtIn"] == true;
    for role in roles.as_array().expect("roles").iter().filter(built_in) {
        let name = role["name"].as_str().expect("a name");
        let new = json!({"name": name, "scopes": role["permissions"]});
        let (status, made) = host.post("tokens", &new).await;
        assert_eq!(status, 201, "{made:#}");
        let secret = made["secret"].as_str().map(str::to_owned);
        callers.push((name.to_owned(), secret));
    }
    assert_eq!(callers.len(), 7, "five roles, the operator and nobody");
    callers
}

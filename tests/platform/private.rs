//! A pack as a vendor ships it says how to answer, and an answer is given that way unless its author
//! chooses another.

use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_wants_answered_in_private_is() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let pack = guests::build_packages(&["examples/policy-pack"]).remove(0);
    let file = dir.join("pack.wasm");
    std::fs::write(&file, pack.component).unwrap();
    let config = format!("[plugins.policy-careful-answers]\nfile = {file:?}\n{TOWN}");
    let host = Host::start(&config, dir).await;
    let texts = [
        ("fraud", "Ik kreeg een nepmail uit jullie naam, klopt dat?"),
        ("hours", "Tot hoe laat zijn jullie zaterdag open?"),
    ];
    for (id, text) in texts {
        let mut public = message(id, id, text);
        public["object"]["visibility"] = json!("public");
        assert_eq!(post(&host, &[public]).await.0, 200);
    }
    let expected = [("fraud", "direct"), ("hours", "public")];
    for (id, visibility) in expected {
        let (message, conversation) = until(id, SOON, async || {
            let page = host.get("messages?limit=200").await;
            let mut all = page["items"].as_array()?.iter();
            let message = all.find(|m| m["externalId"] == id)?.clone();
            let path = format!("conversations/{}", message["conversationId"].as_str()?);
            let conversation = host.get(&path).await;
            conversation["answerVisibility"].is_string().then_some(())?;
            Some((message, conversation))
        })
        .await;
        assert_eq!(
            conversation["answerVisibility"], visibility,
            "{conversation:#}"
        );
        let reply = |given: Value| {
            let mut reply = json!({ "messageId": message["id"], "content": "Dank je wel." });
            if !given.is_null() {
                reply["visibility"] = given;
            }
            reply
        };
        let (status, draft) = host.post("drafts", &reply(Value::Null)).await;
        assert_eq!((status, &draft["visibility"]), (201, &json!(visibility)));
        let (status, draft) = host.post("drafts", &reply(json!("public"))).await;
        assert_eq!((status, &draft["visibility"]), (201, &json!("public")));
    }
}

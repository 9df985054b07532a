//! What is owed and what was said: a contact's messages with our answers, a conversation of which nothing
//! is left, and its end.

use crate::support::{Host, until};
use crate::{SOON, TOWN, hand_in, judged, line, text};
use serde_json::{Value, json};

const QUESTION: &str = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";
const COMPLAINT: &str = "Dit is een klacht. Ik wacht al drie weken op mijn pakket en niemand \
     reageert op mijn mails. Ik vind dit echt waardeloos!";
const ANSWER: &str = "Hoi Lotte, dat kan in de app onder Contract, Verhuizen. Groet, Sanne";

#[tokio::test]
async fn a_contacts_messages_include_our_answers_with_their_author() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(
        &host,
        "town",
        &[
            line("m-1", "lotte", QUESTION),
            line("m-2", "emma", QUESTION),
        ],
    )
    .await;
    let message = judged(&host, "m-1").await;
    let other = judged(&host, "m-2").await;
    let new = json!({"messageId": message["id"], "content": ANSWER, "author": "Sanne"});
    let (_, draft) = host.post("drafts", &new).await;
    let sending = format!("drafts/{}/send", text(&draft, "id"));
    let (_, outcome) = host.post(&sending, &Value::Null).await;
    assert_eq!(outcome["verdict"], "allow", "{outcome:#}");
    let theirs = format!("messages?contactId={}", text(&message, "contactId"));
    let page = until("our answer is among them", SOON, async || {
        let page = host.get(&theirs).await;
        (page["items"].as_array()?.len() == 2).then_some(page)
    })
    .await;
    let [ours, question] = &page["items"].as_array().unwrap()[..] else {
        panic!("{page:#}");
    };
    assert_eq!(
        (text(ours, "direction"), text(ours, "content")),
        ("outbound", ANSWER)
    );
    assert_eq!(text(ours, "author"), "Sanne");
    assert_eq!(ours["recipientId"], message["contactId"]);
    assert_eq!(ours["contactId"], Value::Null);
    assert_eq!(question["id"], message["id"]);
    assert_eq!(question["author"], Value::Null);
    let others = host
        .get(&format!("messages?contactId={}", text(&other, "contactId")))
        .await;
    assert_eq!(
        others["items"].as_array().unwrap().len(),
        1,
        "not to somebody else"
    );
}

#[tokio::test]
async fn a_conversation_of_which_nothing_is_left_owes_nothing_and_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    hand_in(&host, "town", &[line("m-1", "lotte", COMPLAINT)]).await;
    let message = judged(&host, "m-1").await;
    let thread = format!("conversations/{}", text(&message, "conversationId"));
    let cases = format!(
        "cases?contactId={}&status=open",
        text(&message, "contactId")
    );
    let owed = host.get(&thread).await;
    assert_eq!(owed["status"], "open");
    let case = host.get(&cases).await["items"][0].clone();
    assert!(case["respondBy"].is_i64(), "{case:#}");
    let closing = format!("{thread}/close");
    let (status, problem) = host.post(&closing, &Value::Null).await;
    assert_eq!(status, 409, "{problem:#}");
    assert!(
        text(&problem, "detail").contains("open cases"),
        "{problem:#}"
    );

    let deletion = json!({"id": "delete-1", "type": "Delete", "published": "2026-03-02T10:00:00Z",
        "object": {"id": "m-1"}});
    hand_in(&host, "town", &[deletion]).await;
    let path = format!("messages/{}", text(&message, "id"));
    until("it is deleted", SOON, async || {
        host.get(&path).await["deleted"].is_i64().then_some(())
    })
    .await;
    assert_eq!(host.get(&thread).await["respondBy"], Value::Null);
    let case = host.get(&cases).await["items"][0].clone();
    assert_eq!(
        (&case["respondBy"], &case["solveBy"]),
        (&Value::Null, &Value::Null)
    );
    let (status, closed) = host
        .post(&format!("cases/{}/close", text(&case, "id")), &Value::Null)
        .await;
    assert_eq!((status, text(&closed, "status")), (200, "closed"));
    let (status, closed) = host.post(&closing, &Value::Null).await;
    assert_eq!(
        (status, text(&closed, "status")),
        (200, "closed"),
        "{closed:#}"
    );
    assert_eq!(
        host.post(&closing, &Value::Null).await.0,
        409,
        "closed already"
    );
    let open = host.get("conversations?status=open").await;
    assert_eq!(open["items"], json!([]));

    // What is said in it later opens it again.
    let mut more = line("m-2", "lotte", QUESTION);
    more["object"]["inReplyTo"] = json!("m-1");
    hand_in(&host, "town", &[more]).await;
    let more = judged(&host, "m-2").await;
    assert_eq!(more["conversationId"], message["conversationId"]);
    assert_ne!(host.get(&thread).await["status"], "closed");
}

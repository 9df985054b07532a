//! The same post in two inboxes of one network is one message with both inboxes on it, answered once;
//! what is private, or only looks the same, is not.

use crate::support::people::{Person, agent};
use crate::support::{Host, until};
use crate::{SOON, TOWN, hand_in, judged, text};
use serde_json::{Value, json};

const HALL: &str = "[[inbox]]\nname = \"hall\"\nplugin = \"channel-sample\"\n";
const ELSEWHERE: &str =
    "[[inbox]]\nname = \"elsewhere\"\nplugin = \"channel-sample\"\nnetwork = \"another\"\n";
const QUESTION: &str = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";
const ANSWER: &str = "Hoi Lotte, dat kan in de app onder Contract, Verhuizen. Groet, Sanne";

/// A public post.
fn post(id: &str, who: &str, said: &str) -> Value {
    json!({
        "id": format!("create-{id}"), "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": said, "visibility": "public", "reach": "directed",
            "attributedTo": {"id": who, "handle": who, "name": who, "kind": "person"},
        },
    })
}

async fn items(host: &Host, path: &str) -> Vec<Value> {
    let page = host.get(path).await;
    page["items"].as_array().unwrap().clone()
}

/// The messages of this id on the network, once there are so many in so many inboxes.
async fn there(host: &Host, id: &str, messages: usize, inboxes: usize) -> Vec<Value> {
    until("the post is there", SOON, async || {
        let mut found = items(host, "messages?limit=200").await;
        found.retain(|m| m["externalId"] == id);
        let known = found
            .iter()
            .filter_map(|m| Some(m["inboxIds"].as_array()?.len()));
        (found.len() == messages && known.sum::<usize>() == inboxes).then_some(found)
    })
    .await
}

async fn inbox(host: &Host, name: &str) -> String {
    let inboxes = host.get("inboxes").await;
    let mut inboxes = inboxes.as_array().unwrap().iter();
    let found = inboxes.find(|inbox| inbox["name"] == name).unwrap();
    text(found, "id").to_owned()
}

/// Somebody who reads, answers and speaks for one inbox.
async fn desk(host: &Host, role: &str, inbox: &str) -> Person {
    let person = agent(host, role).await;
    person.inbox(host, inbox, true, true).await;
    person
}

#[tokio::test]
async fn the_same_post_in_two_inboxes_is_one_message_and_answered_once() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{TOWN}{HALL}"), dir.path()).await;
    let (town, hall) = (inbox(&host, "town").await, inbox(&host, "hall").await);
    let at_town = desk(&host, "agent", &town).await;
    let at_hall = desk(&host, "manager", &hall).await;
    hand_in(&host, "town", &[post("p-1", "lotte", QUESTION)]).await;
    let message = judged(&host, "p-1").await;
    let path = format!("messages/{}", text(&message, "id"));
    let thread = format!("conversations/{}", text(&message, "conversationId"));
    assert_eq!(
        at_hall.get(&host, &path).await.0,
        404,
        "not heard there yet"
    );

    hand_in(&host, "hall", &[post("p-1", "lotte", QUESTION)]).await;
    there(&host, "p-1", 1, 2).await;
    let message = host.get(&path).await;
    assert_eq!(message["inboxIds"], json!([town, hall]));
    assert_eq!(host.get(&thread).await["inboxIds"], json!([town, hall]));
    for person in [&at_town, &at_hall] {
        for path in [&path, &thread] {
            assert_eq!(person.get(&host, path).await.0, 200, "{path}");
        }
        let (_, list) = person.get(&host, "messages").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    }
    for id in [&town, &hall] {
        let list = items(&host, &format!("conversations?inboxId={id}")).await;
        assert_eq!(list.len(), 1, "found under either");
        assert_eq!(list[0]["id"], message["conversationId"]);
    }
    let contact = host
        .get(&format!("contacts/{}", text(&message, "contactId")))
        .await;
    assert_eq!(contact["messageCount"], 1);

    // Answered through the inbox that the author has the voice for; both see it, nothing more is owed.
    let new = json!({"messageId": message["id"], "content": ANSWER});
    let (status, draft) = at_hall.post(&host, "drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    assert_eq!(draft["inboxId"], hall);
    let wrong = json!({"messageId": message["id"], "content": ANSWER, "inboxId": town});
    assert_eq!(at_hall.post(&host, "drafts", &wrong).await.0, 404);
    let sending = format!("drafts/{}/send", text(&draft, "id"));
    let (status, outcome) = at_hall.post(&host, &sending, &Value::Null).await;
    assert_eq!(
        (status, &outcome["verdict"]),
        (200, &json!("allow")),
        "{outcome:#}"
    );
    let list = format!(
        "messages?conversationId={}",
        text(&message, "conversationId")
    );
    for person in [&at_town, &at_hall] {
        until("both see the answer", SOON, async || {
            let (_, page) = person.get(&host, &list).await;
            let items = page["items"].as_array()?;
            let ours = items.iter().find(|m| m["direction"] == "outbound")?;
            assert_eq!((ours["content"].as_str(), items.len()), (Some(ANSWER), 2));
            Some(())
        })
        .await;
    }
    for id in [&town, &hall] {
        let list = items(&host, &format!("messages?inboxId={id}")).await;
        assert_eq!(
            list.len(),
            2,
            "question and answer, under either: {list:#?}"
        );
    }
    assert_eq!(host.get(&thread).await["respondBy"], Value::Null);
    assert_eq!(items(&host, "conversations").await.len(), 1);

    // A second answer, through the other inbox, is held for somebody who sees both.
    let again = json!({"messageId": message["id"], "content": ANSWER, "inboxId": town});
    let (status, draft) = at_town.post(&host, "drafts", &again).await;
    assert_eq!(status, 201, "{draft:#}");
    let sending = format!("drafts/{}/send", text(&draft, "id"));
    let (status, outcome) = at_town.post(&host, &sending, &Value::Null).await;
    assert_eq!((status, &outcome["verdict"]), (200, &json!("hold")));
    let decisions = outcome["decisions"].as_array().unwrap();
    let once = decisions.iter().find(|d| d["rule"] == "answered-once");
    assert!(once.unwrap()["reason"].to_string().contains("inbox hall"));
    assert_eq!(items(&host, "outbox").await.len(), 1);
}

#[tokio::test]
async fn what_is_private_or_only_looks_the_same_stays_apart() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{TOWN}{HALL}{ELSEWHERE}"), dir.path()).await;
    let (town, hall) = (inbox(&host, "town").await, inbox(&host, "hall").await);
    let at_hall = desk(&host, "manager", &hall).await;
    let private = crate::line("d-1", "lotte", "Mijn klantnummer is 4711.");
    for name in ["town", "hall"] {
        hand_in(&host, name, std::slice::from_ref(&private)).await;
    }
    there(&host, "d-1", 2, 2).await;
    // One id, another author; another network.
    hand_in(&host, "town", &[post("p-2", "lotte", "Van Lotte.")]).await;
    judged(&host, "p-2").await;
    hand_in(&host, "hall", &[post("p-2", "emma", "Van Emma.")]).await;
    hand_in(&host, "elsewhere", &[post("p-2", "lotte", "Van Lotte.")]).await;
    let apart = there(&host, "p-2", 3, 3).await;
    let mut texts: Vec<&str> = apart.iter().map(|m| text(m, "content")).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Van Emma.", "Van Lotte.", "Van Lotte."]);

    // Public in both, then private in the one that brought it first: the other sees it no more.
    hand_in(
        &host,
        "town",
        &[post("p-3", "lotte", "Iedereen mag dit lezen.")],
    )
    .await;
    judged(&host, "p-3").await;
    hand_in(
        &host,
        "hall",
        &[post("p-3", "lotte", "Iedereen mag dit lezen.")],
    )
    .await;
    let shared = there(&host, "p-3", 1, 2).await.remove(0);
    let path = format!("messages/{}", text(&shared, "id"));
    assert_eq!(at_hall.get(&host, &path).await.0, 200);
    let mut now_private = post("p-3", "lotte", "Dit is geheim.");
    now_private["id"] = json!("update-p-3");
    now_private["type"] = json!("Update");
    now_private["published"] = json!("2026-03-02T09:00:00Z");
    now_private["object"]["published"] = json!("2026-03-02T08:15:00Z");
    now_private["object"]["visibility"] = json!("direct");
    hand_in(&host, "town", &[now_private.clone()]).await;
    until("it is private", SOON, async || {
        (host.get(&path).await["visibility"] == "direct").then_some(())
    })
    .await;
    assert_eq!(host.get(&path).await["inboxIds"], json!([town]));
    assert_eq!(at_hall.get(&host, &path).await.0, 404);
    let (_, seen) = at_hall.get(&host, "messages?limit=200").await;
    assert!(!seen.to_string().contains("geheim"), "{seen:#}");
}

#[tokio::test]
async fn a_private_answer_to_a_shared_post_is_its_own_inboxs_alone() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{TOWN}{HALL}"), dir.path()).await;
    let (town, hall) = (inbox(&host, "town").await, inbox(&host, "hall").await);
    let at_town = desk(&host, "agent", &town).await;
    let at_hall = desk(&host, "manager", &hall).await;
    for name in ["town", "hall"] {
        hand_in(&host, name, &[post("r-1", "lotte", QUESTION)]).await;
        judged(&host, "r-1").await;
    }
    there(&host, "r-1", 1, 2).await;
    for (id, name, told) in [
        (
            "r-2",
            "hall",
            "Dit is een klacht, mijn klantnummer is 4711. Waardeloos!",
        ),
        (
            "r-3",
            "town",
            "Dit is een klacht, mijn klantnummer is 4712. Waardeloos!",
        ),
    ] {
        let mut private = crate::line(id, "lotte", told);
        private["object"]["inReplyTo"] = json!("r-1");
        hand_in(&host, name, &[private]).await;
        judged(&host, id).await;
    }
    for (person, own, others) in [(&at_town, "4712", "4711"), (&at_hall, "4711", "4712")] {
        for path in ["messages?limit=200", "conversations", "cases", "contacts"] {
            let (status, seen) = person.get(&host, path).await;
            assert_eq!(status, 200);
            assert!(!seen.to_string().contains(others), "{path}: {seen:#}");
            if path.starts_with("messages") {
                assert!(seen.to_string().contains(own), "{seen:#}");
            }
        }
        let (_, seen) = person.get(&host, "conversations").await;
        let seen = seen["items"].as_array().unwrap();
        assert_eq!(seen.len(), 2, "the shared one, and its own: {seen:#?}");
    }
}

#[tokio::test]
async fn a_post_of_a_fast_clock_is_heard_once_and_stays_as_near_to_us_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{TOWN}{HALL}"), dir.path()).await;
    let mut ahead = post("s-1", "lotte", QUESTION);
    ahead["object"]["published"] = json!("2099-01-01T00:00:00Z");
    hand_in(&host, "town", &[ahead.clone()]).await;
    let first = judged(&host, "s-1").await;
    ahead["object"]["reach"] = json!("searched");
    hand_in(&host, "hall", &[ahead]).await;
    there(&host, "s-1", 1, 2).await;
    let path = format!("messages/{}", text(&first, "id"));
    let second = host.get(&path).await;
    for field in ["reach", "effective", "classifications", "content"] {
        assert_eq!(second[field], first[field], "{field}");
    }
    // Without a time, each inbox says when it found it.
    let mut undated = post("s-2", "lotte", QUESTION);
    for (name, found) in [
        ("town", "2026-03-02T08:15:00Z"),
        ("hall", "2026-03-02T08:16:00Z"),
    ] {
        undated["published"] = json!(found);
        undated["object"]["published"] = json!(found);
        hand_in(&host, name, &[undated.clone()]).await;
        judged(&host, "s-2").await;
    }
    there(&host, "s-2", 1, 2).await;
}

#[tokio::test]
async fn a_thread_that_was_heard_in_pieces_becomes_one() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{TOWN}{HALL}"), dir.path()).await;
    let reply = |id: &str, parent: &str| {
        let mut reply = post(id, "emma", "Dat vraag ik mij ook af.");
        reply["published"] = json!("2026-03-02T08:20:00Z");
        reply["object"]["inReplyTo"] = json!(parent);
        reply
    };
    hand_in(&host, "town", &[post("q-1", "lotte", QUESTION)]).await;
    judged(&host, "q-1").await;
    // The other inbox hears the answer first, and the question after it.
    hand_in(&host, "hall", &[reply("q-2", "q-1")]).await;
    judged(&host, "q-2").await;
    assert_eq!(items(&host, "conversations").await.len(), 2);
    hand_in(&host, "hall", &[post("q-1", "lotte", QUESTION)]).await;
    there(&host, "q-1", 1, 2).await;
    let conversations = items(&host, "conversations").await;
    assert_eq!(conversations.len(), 1, "{conversations:#?}");
    assert_eq!(conversations[0]["messageCount"], 2);
    assert_eq!(conversations[0]["inboxIds"].as_array().unwrap().len(), 2);
    // A deletion that one of them hears of is one for both.
    let deletion = json!({"id": "delete-q-2", "type": "Delete", "published": "2026-03-02T10:00:00Z",
        "object": {"id": "q-2"}});
    hand_in(&host, "hall", &[deletion]).await;
    until("it is deleted", SOON, async || {
        let found = there(&host, "q-2", 1, 1).await;
        found[0]["deleted"].is_i64().then_some(())
    })
    .await;
}

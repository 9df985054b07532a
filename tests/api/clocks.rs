//! Senders' clocks are shown and not trusted: a message stands where it can have been said, its
//! deadlines run from receipt, and an answer comes after its question.

use crate::support::{Host, until};
use crate::{SOON, TOWN, hand_in, judged, line, text};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const COMPLAINT: &str = "Dit is een klacht. Ik wacht al drie weken op mijn pakket en niemand \
     reageert op mijn mails. Ik vind dit echt waardeloos!";
const HOUR_MS: i64 = 3600 * 1000;

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// A moment as the sample channel takes it.
fn rfc3339(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .unwrap()
        .to_rfc3339()
}

/// What `who` says in a thread of their own, at a time that their clock says.
fn dated(id: &str, published: &str, said: &str) -> Value {
    let mut line = line(id, &format!("who-{id}"), said);
    line["published"] = json!(published);
    line["object"]["published"] = json!(published);
    line
}

fn external_ids(items: &Value) -> Vec<&str> {
    let items = items["items"].as_array().unwrap();
    items.iter().map(|item| text(item, "externalId")).collect()
}

#[tokio::test]
async fn a_wrong_clock_decides_neither_order_nor_deadlines() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let week_ago = now_ms() - 7 * 24 * HOUR_MS;
    let before = now_ms();
    let odd = [
        ("f-2099", "2099-06-01T00:00:00Z"),
        ("f-9999", "9999-12-31T23:59:59Z"),
        ("f-epoch", "1970-01-01T00:00:00Z"),
        ("f-year-1", "0001-01-01T00:00:00Z"),
    ];
    for (id, published) in odd {
        hand_in(&host, "town", &[dated(id, published, COMPLAINT)]).await;
        judged(&host, id).await;
    }
    let old = rfc3339(week_ago);
    hand_in(&host, "town", &[dated("m-old", &old, COMPLAINT)]).await;
    judged(&host, "m-old").await;
    hand_in(
        &host,
        "town",
        &[dated("m-now", &rfc3339(now_ms()), COMPLAINT)],
    )
    .await;
    judged(&host, "m-now").await;
    let after = now_ms();

    // In the order in which they were heard, the old one where it belongs.
    let order = ["m-now", "f-year-1", "f-epoch", "f-9999", "f-2099", "m-old"];
    assert_eq!(external_ids(&host.get("messages").await), order);
    assert_eq!(external_ids(&host.get("conversations").await), order);
    let mut page = host.get("conversations?limit=2").await;
    let mut walked = external_ids(&page).len();
    while let Some(next) = page["next"].as_str() {
        page = host
            .get(&format!("conversations?limit=2&after={next}"))
            .await;
        walked += external_ids(&page).len();
    }
    assert_eq!(walked, order.len());

    for (id, published) in odd {
        let message = judged(&host, id).await;
        let said = chrono::DateTime::parse_from_rfc3339(published).unwrap();
        assert_eq!(
            message["published"],
            said.timestamp_millis(),
            "as it was said"
        );
        let effective = message["effective"].as_i64().unwrap();
        assert!((before..=after).contains(&effective), "{message:#}");
    }
    let old = judged(&host, "m-old").await;
    assert_eq!(old["effective"], week_ago);

    let cases = host.get("cases?status=open&limit=200").await;
    let cases = cases["items"].as_array().unwrap();
    assert_eq!(cases.len(), order.len(), "a complaint each");
    for case in cases {
        let opened = case["opened"].as_i64().unwrap();
        assert!((before..=after).contains(&opened), "{case:#}");
        let due = case["respondBy"].as_i64().expect("a deadline");
        assert!(due > after && due < after + 72 * HOUR_MS, "{case:#}");
    }
    let conversations = host.get("conversations").await;
    for conversation in conversations["items"].as_array().unwrap() {
        if let Some(due) = conversation["respondBy"].as_i64() {
            assert!(
                due > after && due < after + 72 * HOUR_MS,
                "{conversation:#}"
            );
        }
    }
    for contact in host.get("contacts").await["items"].as_array().unwrap() {
        let seen = contact["lastSeen"].as_i64().unwrap();
        assert!((week_ago..=after).contains(&seen), "{contact:#}");
        assert_eq!(contact["firstSeen"], seen);
    }
}

#[tokio::test]
async fn a_question_comes_before_its_answers() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let in_reply_to = |mut line: Value, parent: &str| {
        line["object"]["inReplyTo"] = json!(parent);
        line
    };
    // Its answer by somebody else is heard of first; the question's clock is a day ahead.
    let now = now_ms();
    let other = dated("m-other", &rfc3339(now - HOUR_MS), "Dat kan in de app.");
    hand_in(&host, "town", &[in_reply_to(other, "m-question")]).await;
    let other = judged(&host, "m-other").await;
    let ahead = rfc3339(now + 24 * HOUR_MS);
    let question = "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?";
    hand_in(&host, "town", &[dated("m-question", &ahead, question)]).await;
    let question = judged(&host, "m-question").await;
    assert_eq!(question["conversationId"], other["conversationId"]);

    let new = json!({"messageId": question["id"], "content": "Onder Contract, Verhuizen. Groet, Sanne",
        "author": "Sanne"});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let path = format!("drafts/{}/send", text(&draft, "id"));
    let (status, outcome) = host.post(&path, &Value::Null).await;
    assert_eq!(
        (status, &outcome["verdict"]),
        (200, &json!("allow")),
        "{outcome:#}"
    );
    let list = format!(
        "messages?conversationId={}",
        text(&question, "conversationId")
    );
    let thread = until("our answer is there", SOON, async || {
        let thread = host.get(&list).await;
        (thread["items"].as_array()?.len() == 3).then_some(thread)
    })
    .await;
    let items = thread["items"].as_array().unwrap();
    assert_eq!(items[0]["direction"], "outbound", "{thread:#}");
    assert_eq!(external_ids(&thread)[1..], ["m-other", "m-question"]);
    let times: Vec<i64> = items
        .iter()
        .filter_map(|m| m["effective"].as_i64())
        .collect();
    assert!(times[2] < times[1] && times[2] < times[0], "{times:?}");
    let conversation = host
        .get(&format!(
            "conversations/{}",
            text(&question, "conversationId")
        ))
        .await;
    assert_eq!(conversation["firstMessage"], times[2]);
    assert_eq!(conversation["lastMessage"], times[0]);
}

#[tokio::test]
async fn an_edit_by_a_wrong_clock_is_no_last_word() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let edit = |number: u32, updated: &str, said: &str| {
        let mut line = dated("m-1", &rfc3339(now_ms() - HOUR_MS), said);
        line["id"] = json!(format!("a-{number}"));
        line["type"] = json!("Update");
        line["object"]["updated"] = json!(updated);
        line
    };
    let first = dated("m-1", &rfc3339(now_ms() - HOUR_MS), "eerst");
    hand_in(&host, "town", &[first]).await;
    judged(&host, "m-1").await;
    for (number, updated, said) in [
        (1, "2099-01-01T00:00:00Z".to_owned(), "van 2099"),
        (2, String::new(), "van nu"),
        (3, "0001-01-01T00:00:00Z".to_owned(), "van het jaar 1"),
        (4, rfc3339(now_ms() + 2 * HOUR_MS), "van straks"),
        (5, "1970-01-01T00:00:00Z".to_owned(), "van nooit"),
    ] {
        // A clock's smallest step, so that the host hears of them one after the other.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let updated = match updated.as_str() {
            "" => rfc3339(now_ms()),
            updated => updated.to_owned(),
        };
        hand_in(&host, "town", &[edit(number, &updated, said)]).await;
        until(said, SOON, async || {
            (judged(&host, "m-1").await["content"] == said).then_some(())
        })
        .await;
    }
}

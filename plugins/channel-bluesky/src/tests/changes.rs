//! What comes again and what does not: posts delivered before, edited, deleted.

use std::cell::Cell;
use std::rc::Rc;

use rapport_sdk::social::{ActivityObject, Reach};
use serde_json::{Value, json};

use super::{
    LIST, ME, MENTION, POSTS, RECORD, created, first, fixture, gone, network, next, ok, settings,
};
use crate::fake::{answer, parameter};
use crate::net::{Net, Request, Response};
use crate::poll::poll;

#[test]
fn what_was_delivered_does_not_come_again() {
    let net = network(|method, request| {
        // Nothing has changed: each watched post is shown as it was.
        (method == POSTS).then(|| Ok(unchanged(request)))
    });
    let page = first(&net);
    net.requests.borrow_mut().clear();
    let page = next(&net, &page);
    assert_eq!(page.activities, []);
    assert_eq!(
        net.methods(),
        [LIST, POSTS],
        "one list, one look at the watched posts"
    );
    // A host that lost the cursor gets everything again.
    assert_eq!(first(&net).activities.len(), 7);
    assert_eq!(
        poll(&net, &settings(), Some("2026"), &[])
            .unwrap()
            .activities
            .len(),
        7
    );
}

/// All notified posts, as views.
fn unchanged(request: &Request) -> Response {
    let asked = percent_encoding::percent_decode_str(&request.url)
        .decode_utf8_lossy()
        .into_owned();
    let notifications = fixture("listNotifications")["notifications"]
        .as_array()
        .unwrap()
        .clone();
    let shown: Vec<Value> = notifications
        .into_iter()
        .filter(|n| asked.contains(n["uri"].as_str().unwrap()))
        .collect();
    ok(&json!({"posts": shown}))
}

#[test]
fn a_deleted_post_becomes_a_tombstone() {
    let hidden = Rc::new(Cell::new(false));
    let deleted = Rc::new(Cell::new(false));
    let (hide, delete) = (hidden.clone(), deleted.clone());
    let net = network(move |method, request| match method {
        POSTS => {
            let mut response = unchanged(request);
            if hide.get() {
                let mut body: Value = serde_json::from_slice(&response.body).unwrap();
                body["posts"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|p| p["uri"] != json!(MENTION));
                response = ok(&body);
            }
            Some(Ok(response))
        }
        RECORD if delete.get() => Some(Ok(gone())),
        RECORD => Some(Ok(answer(200, r#"{"uri":"at://x/y/z","value":{}}"#))),
        LIST if parameter(request, "cursor").is_none() && delete.get() => {
            Some(Ok(answer(200, r#"{"notifications":[]}"#)))
        }
        _ => None,
    });
    let page = first(&net);
    hidden.set(true);
    let page = next(&net, &page);
    assert_eq!(page.activities, [], "hidden is not deleted");
    deleted.set(true);
    let page = next(&net, &page);
    assert_eq!(page.activities.len(), 1);
    assert_eq!(page.activities[0].id, format!("{MENTION}#deleted"));
    let ActivityObject::Delete(tombstone) = &page.activities[0].object else {
        panic!()
    };
    assert_eq!(
        (tombstone.external_id.as_str(), tombstone.deleted),
        (MENTION, net.now_ms())
    );
    assert_eq!(next(&net, &page).activities, [], "once");
}

#[test]
fn an_edited_post_becomes_an_update() {
    let edited = Rc::new(Cell::new(false));
    let edit = edited.clone();
    let net = network(move |method, request| {
        (method == POSTS).then(|| {
            let mut body: Value = serde_json::from_slice(&unchanged(request).body).unwrap();
            for post in body["posts"].as_array_mut().unwrap() {
                if edit.get() && post["uri"] == json!(MENTION) {
                    post["cid"] = "bafynieuw".into();
                    post["record"]["text"] = "Gevonden, bedankt".into();
                }
            }
            Ok(ok(&body))
        })
    });
    let page = first(&net);
    edited.set(true);
    let page = next(&net, &page);
    assert_eq!(page.activities.len(), 1);
    assert_eq!(page.activities[0].id, format!("{MENTION}#bafynieuw"));
    assert!(matches!(
        page.activities[0].object,
        ActivityObject::Update(_)
    ));
    let message = created(&page.activities[0]);
    assert_eq!(
        (message.content.as_str(), message.reach),
        ("Gevonden, bedankt", Reach::Directed)
    );
    assert_eq!(message.updated, Some(net.now_ms()));
    assert_eq!(next(&net, &page).activities, []);
}

#[test]
fn our_own_posts_are_watched_too() {
    let net = network(|method, request| (method == POSTS).then(|| Ok(unchanged(request))));
    let page = first(&net);
    let own = format!("at://{ME}/app.bsky.feed.post/3kaaaaaaaaa22");
    crate::memory::note_own(&net, &own);
    let page = next(&net, &page);
    assert_eq!(page.activities.len(), 1, "{:?}", page.activities);
    assert_eq!(page.activities[0].id, format!("{own}#deleted"));
}

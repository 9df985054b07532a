//! Answers that are wrong in every place: no panic, and no page lost for one bad item.

use rapport_sdk::channel::Monitor;
use rapport_sdk::common::PluginError;
use rapport_sdk::social::ActivityObject;
use serde_json::{Value, json};

use super::{ME, MENTION, fixture, network, ok, settings};
use crate::enrich::chain;
use crate::fake::{Fake, answer};
use crate::poll::poll;

/// The JSON Pointers of everything in a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                pointers(
                    member,
                    &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn wrong_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(-1),
        json!("🙃\u{0}\u{202e}".repeat(3000)),
        json!([]),
        json!([[{}], 7]),
        json!({"$type": "app.bsky.embed.recordWithMedia#view", "media": {"$type": "app.bsky.embed.recordWithMedia"}}),
    ]
}

/// A network whose `method` answers `body`.
fn saying(method: &'static str, body: Value) -> Fake {
    network(move |name, _| name.ends_with(method).then(|| Ok(ok(&body))))
}

#[test]
fn one_wrong_value_anywhere_loses_at_most_its_item() {
    let monitors = [Monitor {
        id: "m-1".into(),
        query: "vuurtorenpost".into(),
    }];
    for method in [
        "listNotifications",
        "searchPosts",
        "getPosts",
        "getPostThread",
        "getProfiles",
    ] {
        let good = fixture(method);
        let mut places = Vec::new();
        pointers(&good, "", &mut places);
        for place in places {
            for wrong in wrong_values() {
                let mut body = good.clone();
                *body.pointer_mut(&place).unwrap() = wrong;
                let net = saying(method, body);
                let whole_list = place.matches('/').count() < 2;
                let page = match poll(&net, &settings(), None, &monitors) {
                    Ok(page) => page,
                    // No list, or one of which nothing can be read: nothing is lost, it is asked for
                    // again. A monitor's list is passed over, and keeps its position.
                    Err(PluginError::RetryAfter(_))
                        if method == "listNotifications" && whole_list =>
                    {
                        continue;
                    }
                    Err(error) => panic!("{method} {place}: {error:?}"),
                };
                let lost = 9 - page.activities.len();
                let most = match (method, whole_list) {
                    ("listNotifications" | "searchPosts", true) => 7,
                    ("listNotifications" | "searchPosts", false) => 1,
                    _ => 0,
                };
                assert!(lost <= most, "{method} {place}: {lost} lost");
                for activity in &page.activities {
                    assert!((1..=512).contains(&activity.id.len()));
                    if let ActivityObject::Create(message) = &activity.object {
                        assert!(message.content.len() <= 65_536 && message.tags.len() <= 64);
                        for span in message.mentions.iter().filter_map(|m| m.span) {
                            assert!(
                                message
                                    .content
                                    .get(span.start as usize..span.end as usize)
                                    .is_some()
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_left_out_is_logged() {
    let mut body = fixture("listNotifications");
    body["notifications"][3]["author"] = json!("nobody");
    body["notifications"][6]["uri"] = json!(12);
    let net = saying("listNotifications", body);
    let page = poll(&net, &settings(), None, &[]).unwrap();
    assert_eq!(page.activities.len(), 5);
    assert!(!page.activities.iter().any(|a| a.id == MENTION));
    assert!(
        net.logs
            .borrow()
            .iter()
            .any(|l| l.starts_with("2 items were malformed"))
    );
}

#[test]
fn spans_that_are_none_are_dropped() {
    for (start, end) in [(9, 31_000), (30, 9), (5, 12), (9, 9), (u64::MAX, u64::MAX)] {
        let mut body = fixture("listNotifications");
        body["notifications"][6]["record"]["facets"][0]["index"] =
            json!({"byteStart": start, "byteEnd": end});
        let page = poll(&saying("listNotifications", body), &settings(), None, &[]).unwrap();
        let ActivityObject::Create(message) = &page.activities[0].object else {
            panic!()
        };
        assert_eq!(message.mentions.len(), 1, "the mention stands");
        assert_eq!(message.mentions[0].span, None, "{start}..{end}");
    }
}

#[test]
fn a_record_full_of_everything_is_cut_to_size() {
    let mut body = fixture("listNotifications");
    let facet = |i: usize| {
        json!({"index": {"byteStart": 0, "byteEnd": 1}, "features": [
            {"$type": "app.bsky.richtext.facet#tag", "tag": format!("tag{i}")},
            {"$type": "app.bsky.richtext.facet#mention", "did": format!("did:plc:{i}")},
            {"$type": "app.bsky.richtext.facet#link", "uri": format!("https://example.com/{i}")},
        ]})
    };
    let record = &mut body["notifications"][6]["record"];
    record["text"] = json!("é".repeat(60_000));
    record["facets"] = (0..500).map(facet).collect();
    let page = poll(&saying("listNotifications", body), &settings(), None, &[]).unwrap();
    let ActivityObject::Create(message) = &page.activities[0].object else {
        panic!()
    };
    assert_eq!(message.content.len(), 65_536);
    assert_eq!(
        (
            message.tags.len(),
            message.mentions.len(),
            message.attachments.len()
        ),
        (64, 64, 32)
    );
}

#[test]
fn a_mention_of_us_is_kept_wherever_it_stands() {
    for place in [0, 63, 64, 65, 300, 499] {
        let mut body = fixture("listNotifications");
        let facet = |i: usize| {
            let did = if i == place {
                ME.to_owned()
            } else {
                format!("did:plc:{i}")
            };
            json!({"index": {"byteStart": 0, "byteEnd": 1},
                   "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}]})
        };
        body["notifications"][6]["record"]["facets"] = (0..500).map(facet).collect();
        let page = poll(&saying("listNotifications", body), &settings(), None, &[]).unwrap();
        let ActivityObject::Create(message) = &page.activities[0].object else {
            panic!()
        };
        let ours = message
            .mentions
            .iter()
            .filter(|m| m.actor_external_id == ME);
        assert_eq!((ours.count(), message.mentions.len()), (1, 64), "{place}");
    }
}

#[test]
fn deep_nesting_and_broken_answers_are_failures_not_panics() {
    let deep = format!(
        r#"{{"notifications":{}1{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for body in [
        deep.as_str(),
        "",
        "null",
        "[]",
        "\u{feff}{}",
        "{\"notifications\":",
    ] {
        let text = body.to_owned();
        let net = network(move |name, _| {
            name.ends_with("listNotifications")
                .then(|| Ok(answer(200, &text)))
        });
        match poll(&net, &settings(), None, &[]) {
            Ok(page) => assert!(page.activities.is_empty()),
            Err(error) => assert!(matches!(error, PluginError::RetryAfter(_))),
        }
    }
}

#[test]
fn a_long_chain_keeps_its_root_and_its_end() {
    let mut node = json!({"uri": "at://did:plc:x/app.bsky.feed.post/top", "notFound": true});
    for i in (0..90).rev() {
        let uri = format!("at://did:plc:x/app.bsky.feed.post/{i}");
        node = json!({"post": {"uri": uri}, "parent": node});
    }
    let answer = json!({"thread": {"parent": node}});
    let above = chain(&answer);
    assert_eq!(
        (above.len(), above[0].as_str()),
        (91, "at://did:plc:x/app.bsky.feed.post/top")
    );
    let mut list = fixture("listNotifications");
    let reply = &mut list["notifications"][4]["record"]["reply"];
    reply["parent"]["uri"] = json!("at://did:plc:x/app.bsky.feed.post/0");
    let root = reply["root"]["uri"].as_str().unwrap().to_owned();
    let net = network(move |name, _| match name.rsplit('.').next() {
        Some("listNotifications") => Some(Ok(ok(&list))),
        Some("getPostThread") => Some(Ok(ok(&answer))),
        _ => None,
    });
    let page = poll(&net, &settings(), None, &[]).unwrap();
    let mut chains = page.activities.iter().filter_map(|a| match &a.object {
        ActivityObject::Create(m) if m.ancestors.len() > 2 => Some(m.ancestors.clone()),
        _ => None,
    });
    let chain = chains.next_back().unwrap();
    assert_eq!((chain.len(), &chain[0]), (64, &root));
    assert_eq!(chain[63], "at://did:plc:x/app.bsky.feed.post/0");
}

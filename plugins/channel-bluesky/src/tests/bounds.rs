//! More than fits, less than hoped for: floods, many monitors, rate limits, failures.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rapport_sdk::common::PluginError;
use serde_json::json;

use super::{
    BRAM, LIST, POSTS, SEARCH, first, messages, monitor, network, next, ok, settings, usual,
};
use crate::fake::{answer, parameter};
use crate::net::{Request, Response};
use crate::poll::poll;
use crate::time;

/// Notifications of `times` (milliseconds), served as the network does: from new to old, strictly
/// below the cursor.
fn serve(times: &[i64], request: &Request) -> Response {
    let below = parameter(request, "cursor").map_or(i64::MAX, |c| time::parse_ms(&c).unwrap());
    let limit: usize = parameter(request, "limit").unwrap().parse().unwrap();
    let mut sorted: Vec<(usize, i64)> = times.iter().copied().enumerate().collect();
    sorted.sort_by_key(|(index, at)| std::cmp::Reverse((*at, *index)));
    let page: Vec<_> = sorted
        .into_iter()
        .filter(|(_, at)| *at < below)
        .take(limit)
        .collect();
    let cursor = page.last().map(|(_, at)| time::format_ms(*at));
    let notifications: Vec<_> = page
        .into_iter()
        .map(|(index, at)| {
            json!({
                "uri": format!("at://{BRAM}/app.bsky.feed.post/{index}"), "cid": format!("c{index}"),
                "author": {"did": BRAM, "handle": "bram-voorbeeld.test"}, "reason": "mention",
                "record": {"text": format!("bericht {index}"), "createdAt": time::format_ms(at)},
                "indexedAt": time::format_ms(at),
            })
        })
        .collect();
    ok(&json!({"notifications": notifications, "cursor": cursor}))
}

#[test]
fn a_flood_arrives_whole_over_several_polls() {
    let start_ms = 1_795_200_000_000;
    let times = Rc::new(RefCell::new(vec![start_ms]));
    let listed = times.clone();
    let net = network(move |method, request| {
        (method == LIST).then(|| Ok(serve(&listed.borrow(), request)))
    });
    let mut page = first(&net);
    assert_eq!(page.activities.len(), 1);
    // 730 in the same quarter of an hour, a dozen of them in one millisecond, and one that the
    // network heard late.
    times
        .borrow_mut()
        .extend((0..730_i64).map(|i| start_ms + (i - i % 12) * 1000));
    let mut ids = BTreeSet::new();
    let mut polls = 0;
    loop {
        page = next(&net, &page);
        polls += 1;
        assert!(page.activities.len() <= 500 && page.cursor.len() <= 16_384);
        ids.extend(messages(&page).iter().map(|m| m.external_id.clone()));
        if polls == 2 {
            times.borrow_mut().push(start_ms + 800_000);
            times.borrow_mut().push(start_ms + 50_000);
        }
        if !page.more {
            break;
        }
        assert!(polls < 20, "it never ends");
    }
    page = next(&net, &page);
    ids.extend(messages(&page).iter().map(|m| m.external_id.clone()));
    assert!(polls > 3);
    assert_eq!(ids.len(), 732, "the very late one too, in {polls} polls");
}

#[test]
fn many_monitors_take_turns() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = asked.clone();
    let net = network(move |method, request| {
        (method == SEARCH).then(|| {
            log.borrow_mut().push(parameter(request, "q").unwrap());
            Ok(answer(200, r#"{"posts":[]}"#))
        })
    });
    let monitors: Vec<_> = (0..23)
        .map(|i| monitor(&format!("m-{i}"), &format!("woord{i}")))
        .collect();
    let mut cursor = None;
    for (more, total) in [(true, 10), (true, 20), (false, 23), (true, 33)] {
        let page = poll(&net, &settings(), cursor.as_deref(), &monitors).unwrap();
        assert_eq!((page.more, asked.borrow().len()), (more, total));
        cursor = Some(page.cursor);
    }
    let distinct: BTreeSet<_> = asked.borrow().iter().take(23).cloned().collect();
    assert_eq!(distinct.len(), 23);
}

#[test]
fn a_rate_limit_keeps_what_came_and_waits() {
    let net = network(|method, _| {
        (method == SEARCH).then(|| {
            let mut response = answer(429, r#"{"error":"RateLimitExceeded"}"#);
            response.headers.push(("retry-after".into(), "40".into()));
            Ok(response)
        })
    });
    let monitors = [monitor("m-1", "a"), monitor("m-2", "b")];
    let page = poll(&net, &settings(), None, &monitors).unwrap();
    assert_eq!(
        (page.activities.len(), page.more, page.next_poll_ms),
        (7, false, Some(40_000))
    );
    assert_eq!(net.count(SEARCH), 1, "no further search");
    let net = network(|method, _| {
        (method == LIST).then(|| {
            let mut response = answer(429, "{}");
            response
                .headers
                .push(("ratelimit-reset".into(), "1795294860".into()));
            Ok(response)
        })
    });
    let Err(PluginError::RateLimited(delay)) = poll(&net, &settings(), None, &[]) else {
        panic!()
    };
    assert_eq!(delay.delay_ms, Some(60_000));
}

#[test]
fn an_empty_allowance_ends_the_poll() {
    let net = network(|method, request| {
        (method == LIST).then(|| {
            let mut response = usual(request);
            response
                .headers
                .push(("ratelimit-remaining".into(), "0".into()));
            response
                .headers
                .push(("ratelimit-reset".into(), "1795294890".into()));
            Ok(response)
        })
    });
    let page = poll(&net, &settings(), None, &[monitor("m-1", "a")]).unwrap();
    assert_eq!((page.next_poll_ms, page.more), (Some(90_000), false));
    assert_eq!(net.methods()[1..], [LIST], "nothing after it");
    assert_eq!(page.activities.len(), 7, "a picture less, no message less");
}

#[test]
fn a_poll_without_extras_still_delivers() {
    let net = network(|method, _| {
        matches!(
            method,
            POSTS | "app.bsky.feed.getPostThread" | "app.bsky.actor.getProfiles"
        )
        .then(|| Ok(answer(502, "bad gateway")))
    });
    let page = first(&net);
    assert_eq!(page.activities.len(), 7);
    let weekend = messages(&page)
        .into_iter()
        .find(|m| m.content.starts_with("And"))
        .unwrap()
        .clone();
    assert_eq!(
        weekend.ancestors.len(),
        2,
        "root and parent are known anyway"
    );
    assert_eq!(weekend.attributed_to.follower_count, None);
}

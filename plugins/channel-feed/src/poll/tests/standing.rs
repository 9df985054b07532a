//! Feeds that fail, ask for rest or go.

use super::*;
use crate::host::{FetchError, Response};

#[test]
fn a_broken_feed_stops_no_other() {
    let urls = [
        "https://1.example/",
        "https://2.example/",
        "https://3.example/",
        "https://4.example/",
        "https://5.example/",
        A,
    ];
    let settings = settings(&urls);
    let mut host = Script::new()
        .on(
            urls[0],
            vec![ok("<html><body>Onderhoud</body></html>", &[])],
        )
        .on(urls[1], vec![Err(FetchError::Failed("time out".into()))])
        .on(
            urls[2],
            vec![Err(FetchError::Refused("HttpRequestDenied".into()))],
        )
        .on(urls[3], vec![status(500, &[])])
        .on(urls[4], vec![ok(vec![0xff, 0x00, 0x3c], &[])])
        .on(A, vec![ok(rss(&[item("1", "een")]), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+1"]);
    assert_eq!(host.logged.len(), 5, "{:?}", host.logged);
    assert!(host.logged[0].contains("a web page, not a feed"));
}

#[test]
fn failures_back_off_and_success_forgives() {
    let settings = settings(&[A]);
    let mut host = Script::new().on(
        A,
        vec![
            status(500, &[]),
            status(500, &[]),
            status(500, &[]),
            ok(rss(&[]), &[]),
            status(404, &[]),
        ],
    );
    let mut cursor = None;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let page = poll(&settings, &mut host, cursor.as_deref(), &[]);
        let wait = i64::try_from(page.next_poll_ms.unwrap()).unwrap();
        waits.push(wait / MINUTE);
        cursor = Some(page.cursor);
        host.now_ms += wait;
    }
    assert_eq!(waits, [15, 30, 60, 15, 15]);
}

#[test]
fn a_server_that_asks_for_rest_gets_it() {
    let settings = settings(&[A, B]);
    let mut host = Script::new()
        .on(
            A,
            vec![
                status(429, &[("retry-after", "7200")]),
                ok(rss(&[item("1", "een")]), &[]),
            ],
        )
        .on(
            B,
            vec![
                status(503, &[("retry-after", "Mon, 06 May 2024 11:20:30 GMT")]),
                ok(rss(&[item("2", "twee")]), &[]),
            ],
        );
    let mut cursor = poll(&settings, &mut host, None, &[]).cursor;
    for (minutes, asked, expected) in [
        (59, 2, [""; 0].as_slice()),
        (60, 3, &["+2"]),
        (74, 3, &[]),
        (120, 5, &["+1"]),
    ] {
        host.now_ms = START + minutes * MINUTE;
        let page = poll(&settings, &mut host, Some(&cursor), &[]);
        assert_eq!(
            (told(&page).as_slice(), host.asked.len()),
            (
                expected
                    .iter()
                    .map(|s| s.to_string())
                    .collect::<Vec<_>>()
                    .as_slice(),
                asked
            ),
            "{minutes}"
        );
        cursor = page.cursor;
    }
    // Other monitors are no reason to disturb it sooner.
    host.answers
        .insert(A.into(), vec![status(429, &[("retry-after", "7200")])]);
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&cursor), &[]);
    let before = host.asked.iter().filter(|r| r.url == A).count();
    poll(
        &settings,
        &mut host,
        Some(&page.cursor),
        &[monitor("m", "een")],
    );
    assert_eq!(host.asked.iter().filter(|r| r.url == A).count(), before);
}

#[test]
fn a_feed_that_is_gone_is_left_alone_until_the_list_changes() {
    let one = settings(&[A]);
    let mut host = Script::new()
        .on(A, vec![status(410, &[]), ok(rss(&[item("1", "een")]), &[])])
        .on(B, vec![ok(rss(&[]), &[])]);
    let page = poll(&one, &mut host, None, &[]);
    assert!(host.logged[0].contains("410"));
    host.now_ms += 10 * 24 * 60 * MINUTE;
    let page = poll(&one, &mut host, Some(&page.cursor), &[]);
    assert_eq!((host.asked.len(), page.more), (1, false));
    let page = poll(&settings(&[A, B]), &mut host, Some(&page.cursor), &[]);
    assert_eq!(told(&page), ["+1"]);
}

#[test]
fn a_clock_that_was_wrong_stops_nothing() {
    let settings = settings(&[A]);
    let mut host = Script::new().on(A, vec![ok(rss(&[item("1", "een")]), &[])]);
    host.now_ms = START + 400 * 24 * 60 * MINUTE;
    let page = poll(&settings, &mut host, None, &[]);
    host.now_ms = START;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!((host.asked.len(), page.next_poll_ms), (2, Some(900_000)));
}

#[test]
fn memory_of_feeds_no_longer_listed_is_freed() {
    let mut host = Script::new()
        .on(A, vec![ok(rss(&[item("1", "een")]), &[])])
        .on(B, vec![ok(rss(&[item("2", "twee")]), &[])]);
    let page = poll(&settings(&[A, B]), &mut host, None, &[]);
    assert_eq!(host.state.len(), 5);
    poll(&settings(&[B]), &mut host, Some(&page.cursor), &[]);
    assert_eq!(host.state.len(), 3);
}

proptest::proptest! {
    #[test]
    fn no_answer_stops_a_poll(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), kind in "\\PC{0,40}", code in 100u16..600) {
        let settings = settings(&[A]);
        let headers = vec![("content-type".to_owned(), kind.clone()), ("retry-after".to_owned(), kind)];
        let mut host = Script::new().on(A, vec![Ok(Response { status: code, headers, body })]);
        let page = poll(&settings, &mut host, None, &[]);
        proptest::prop_assert!(page.activities.is_empty() || code == 200 || code == 203);
    }
}

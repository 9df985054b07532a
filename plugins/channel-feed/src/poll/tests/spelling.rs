//! The same post under another spelling of its id.

use super::*;
use crate::memory::{Content, Record, Seen};
use crate::settings::Source;

fn post(id: &str, text: &str) -> String {
    let id = id.replace('&', "&amp;");
    format!("<item><guid>{id}</guid><title>Titel</title><description>{text}</description></item>")
}

/// What a second reading brings, half an hour after the first.
fn again(first: &[String], second: &[String]) -> (Vec<String>, Vec<String>) {
    let settings = settings(&[A]);
    let mut host = Script::new().on(A, vec![ok(rss(first), &[]), ok(rss(second), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    host.now_ms += 30 * MINUTE;
    let second = poll(&settings, &mut host, Some(&page.cursor), &[]);
    (told(&page), told(&second))
}

#[test]
fn a_post_comes_once_however_its_id_is_spelled() {
    let spelled = [
        ("http://b.example/?p=1", "https://b.example/?p=1"),
        ("https://b.example/a", "https://B.EXAMPLE/a/"),
        ("https://b.example/a", "https://www.b.example:443/a#0"),
        ("https://b.example/a#1", "https://b.example/a#2"),
        (
            "https://b.example/a",
            "https://b.example/a?utm_source=rss&utm_medium=feed",
        ),
        (
            "https://b.example/a?fbclid=1&p=2",
            "https://b.example/a?p=2&gclid=3",
        ),
        ("https://b.example/caf%c3%a9", "https://b.example/café"),
    ];
    for (before, behind) in spelled {
        let (first, second) = again(&[post(before, "tekst")], &[post(behind, "tekst")]);
        assert_eq!(
            (first.len(), second.len()),
            (1, 0),
            "{before} {behind}: {second:?}"
        );
        // An edit is one of the same message.
        let (first, second) = again(&[post(before, "tekst")], &[post(behind, "nieuw")]);
        let id = first[0].strip_prefix('+').unwrap();
        assert!(
            second.len() == 1 && second[0].starts_with(&format!("~{id}#")),
            "{second:?}"
        );
    }
}

#[test]
fn another_post_comes_in() {
    for (before, behind) in [
        ("https://b.example/?p=123", "https://b.example/?p=124"),
        (
            "https://b.example/index.php?id=1",
            "https://b.example/index.php?id=2",
        ),
        (
            "https://b.example/a#comment-5",
            "https://b.example/a#comment-6",
        ),
        ("https://b.example/a", "https://b.example/a#comment-1"),
        ("https://b.example/a", "https://b.example/b"),
    ] {
        let both = [post(before, "tekst"), post(behind, "tekst")];
        assert_eq!(again(&both[..1], &both).1.len(), 1, "{before} {behind}");
        assert_eq!(again(&both, &both).0.len(), 2, "{before} {behind}");
    }
    // Within one document a bare counter tells posts apart too.
    let both = [
        post("https://b.example/a#1", "een"),
        post("https://b.example/a#2", "twee"),
    ];
    let (first, second) = again(&both, &both);
    assert_eq!((first.len(), second.len()), (2, 0));
}

#[test]
fn what_older_versions_knew_does_not_come_again() {
    let settings = settings(&[A]);
    let Source { id: feed, .. } = &settings.sources[0];
    let old = "http://b.example/post/?utm_source=rss";
    for now in [old, "https://b.example/post/?utm_source=rss"] {
        let document = |text: &str| ok(rss(&[post(now, text)]), &[]);
        let mut host = Script::new().on(
            A,
            vec![document("tekst"), document("nieuw"), document("weer")],
        );
        let mut seen = Seen::default();
        let content = crate::identity::hash64(&["Titel", "tekst"]);
        seen.note(
            &[Record {
                id: crate::identity::entry_key(old),
                content: Content::of(content),
                first_seen_s: 1_714_000_000,
            }],
            10,
        );
        crate::memory::save_seen(&mut host, feed, &seen).unwrap();
        let page = poll(&settings, &mut host, Some("1:0"), &[]);
        assert_eq!(told(&page), [""; 0], "{now}");
        for _ in 0..2 {
            host.now_ms += 30 * MINUTE;
            let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
            let told = told(&page);
            assert!(
                told.len() == 1 && told[0].starts_with(&format!("~{old}#")),
                "{told:?}"
            );
        }
    }
}

#[test]
fn posts_that_began_to_share_an_id_come_once_each() {
    let one = |n: u8, text: &str| {
        format!(
            "<item><title>Titel {n}</title><guid>https://b.example/?p=1</guid><description>{text}</description>\
            <pubDate>Mon, 0{n} Jan 2024 00:00:00 GMT</pubDate></item>"
        )
    };
    let (first, second) = again(&[one(1, "een")], &[one(1, "een"), one(2, "twee")]);
    assert_eq!((first.len(), second.len()), (1, 1), "{second:?}");
    assert!(second[0].starts_with("+sha256:"), "{second:?}");
    let both = [one(1, "een"), one(2, "twee")];
    let (first, second) = again(&both, &both[1..]);
    assert_eq!((first.len(), second.len()), (2, 0), "{second:?}");
}

#[test]
fn a_feed_whose_address_turns_to_https_is_the_same_feed() {
    let (plain, secure) = ("http://a.example/feed", A);
    let document = |ids: &[&str]| {
        let items: Vec<String> = ids.iter().map(|id| item(id, "tekst")).collect();
        ok(rss(&items), &[])
    };
    let mut host = Script::new().on(plain, vec![document(&["1"])]).on(
        secure,
        vec![document(&["1", "2"]), document(&["1", "2", "3"])],
    );
    let page = poll(&settings(&[plain]), &mut host, None, &[]);
    let feed = page.activities[0].id.split(':').next().unwrap().to_owned();
    let mut cursor = page.cursor;
    for new in ["2", "3"] {
        host.now_ms += 30 * MINUTE;
        let page = poll(&settings(&[secure]), &mut host, Some(&cursor), &[]);
        assert_eq!(page.activities.len(), 1);
        assert_eq!(page.activities[0].id, format!("{feed}:{new}"));
        cursor = page.cursor;
    }
    // Both in one list are two.
    host.now_ms += 30 * MINUTE;
    let page = poll(&settings(&[secure, plain]), &mut host, Some(&cursor), &[]);
    assert_eq!(page.activities.len(), 3);
}

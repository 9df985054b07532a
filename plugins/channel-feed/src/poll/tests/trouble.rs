//! Sources that fail, what the inbox says of them, redirects, and a host that lets us ask no more.

use rapport_sdk::problem;

use super::*;
use crate::host::{FetchError, Response};

fn problem(host: &Script) -> Option<String> {
    let bytes = host.state.get(problem::KEY)?;
    Some(String::from_utf8(bytes.clone()).unwrap())
}

fn coded(coding: &str, body: &[u8]) -> Result<Response, FetchError> {
    ok(body, &[("content-encoding", coding)])
}

#[test]
fn every_dead_source_is_reported_and_stops_no_other() {
    for (answer, expected) in [
        (
            status(301, &[("location", "https://elders.example/feed")]),
            "answers 301, moved to https://elders.example/feed",
        ),
        (status(404, &[]), "answers 404, nothing at this address"),
        (status(410, &[]), "answers 410, gone for good"),
        (status(403, &[]), "answers 403, not for us to read"),
        (status(500, &[]), "answers 500"),
        (status(503, &[]), "answers 503"),
        (
            ok("<html><body>Onderhoud</body></html>", &[]),
            "a web page, not a feed",
        ),
        (ok("", &[]), "the answer is empty"),
        (
            coded("gzip", b"\x1f\x8b\x08rommel"),
            "compression is damaged",
        ),
        (coded("zstd", b"\x28\xb5\x2f\xfd"), "compressed as `zstd`"),
        (
            Err(FetchError::Failed("ConnectionRefused".into())),
            "does not answer: ConnectionRefused",
        ),
        (
            Err(FetchError::Refused("HttpRequestDenied".into())),
            "the host refuses",
        ),
    ] {
        let good = || ok(rss(&[item("1", "een")]), &[]);
        let mut host = Script::new()
            .on(A, vec![answer.clone()])
            .on(B, vec![good()]);
        let page = poll(&settings(&[A, B]), &mut host, None, &[]);
        assert_eq!(told(&page), ["+1"]);
        let said = problem(&host).unwrap();
        assert!(
            said.starts_with("1 of 2 feeds can't be read. https://a.example/feed: "),
            "{said}"
        );
        assert!(said.contains(expected), "{said}");
        // Mended, it is one no more.
        let mut host = Script::new().on(A, vec![answer, good()]);
        let one = settings(&[A]);
        let page = poll(&one, &mut host, None, &[]);
        assert!(
            problem(&host)
                .unwrap()
                .starts_with("https://a.example/feed: ")
        );
        host.now_ms += 24 * 60 * MINUTE;
        let page = poll(&one, &mut host, Some(&page.cursor), &[]);
        let gone = problem(&host).is_some();
        assert_eq!(told(&page).is_empty(), gone);
        assert!(!gone || expected.contains("410"), "{expected}");
    }
}

#[test]
fn a_wish_for_rest_is_a_problem_when_it_goes_on() {
    let settings = settings(&[A]);
    let mut host = Script::new().on(A, vec![status(429, &[("retry-after", "60")])]);
    let mut cursor = None;
    let mut problems = Vec::new();
    for _ in 0..3 {
        cursor = Some(poll(&settings, &mut host, cursor.as_deref(), &[]).cursor);
        problems.push(problem(&host).is_some());
        host.now_ms += 24 * 60 * MINUTE;
    }
    assert_eq!(problems, [false, false, true]);
}

#[test]
fn many_problems_fit_in_what_the_host_keeps() {
    let urls: Vec<String> = (0..50)
        .map(|i| format!("https://{i}.example/{}", "lang/".repeat(40)))
        .collect();
    let refs: Vec<&str> = urls.iter().map(String::as_str).collect();
    let mut host = Script::new();
    for url in &urls {
        host.answers.insert(url.clone(), vec![status(404, &[])]);
    }
    poll(&settings(&refs), &mut host, None, &[]);
    let said = problem(&host).unwrap();
    assert!(
        said.starts_with("50 of 50 feeds can't be read. ") && said.chars().count() <= 500,
        "{said}"
    );
}

#[test]
fn a_move_for_good_on_the_same_host_is_followed_and_remembered() {
    let (plain, secure) = ("http://a.example/feed", "https://a.example/nieuw");
    let settings = settings(&[plain]);
    let document = |id: &str| ok(rss(&[item(id, "tekst")]), &[("etag", "\"v1\"")]);
    let mut host = Script::new()
        .on(plain, vec![status(301, &[("location", secure)])])
        .on(
            secure,
            vec![document("1"), status(304, &[]), status(404, &[])],
        );
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+1"]);
    assert_eq!(problem(&host), None);
    assert!(
        host.logged[0].contains("moved for good to https://a.example/nieuw"),
        "{:?}",
        host.logged
    );
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    let asked: Vec<&str> = host.asked.iter().map(|r| r.url.as_str()).collect();
    assert_eq!(asked, [plain, secure, secure]);
    assert_eq!(host.asked_header("if-none-match"), Some("\"v1\""));
    assert_eq!(host.logged.len(), 1);
    // Gone there, it is looked for at the listed address again.
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert!(
        problem(&host)
            .unwrap()
            .contains("(asked at https://a.example/nieuw)")
    );
    host.now_ms += 24 * 60 * MINUTE;
    host.answers.insert(plain.into(), vec![document("2")]);
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!((told(&page), problem(&host)), (vec!["+2".to_owned()], None));
}

#[test]
fn a_move_for_a_while_is_followed_and_not_remembered() {
    let settings = settings(&[A]);
    let other = "https://a.example/anders";
    let mut host = Script::new()
        .on(A, vec![status(302, &[("location", "/anders")])])
        .on(other, vec![ok(rss(&[item("1", "een")]), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+1"]);
    host.now_ms += 15 * MINUTE;
    poll(&settings, &mut host, Some(&page.cursor), &[]);
    let asked: Vec<&str> = host.asked.iter().map(|r| r.url.as_str()).collect();
    assert_eq!(asked, [A, other, A, other]);
    // A page that leads to itself ends.
    let mut host = Script::new().on(A, vec![status(308, &[("location", A)])]);
    poll(&settings, &mut host, None, &[]);
    assert_eq!(host.asked.len(), 6);
    assert!(
        problem(&host)
            .unwrap()
            .contains("redirects more than 5 times")
    );
}

#[test]
fn what_the_host_does_not_let_out_is_asked_later_and_nothing_is_lost() {
    let urls: Vec<String> = (0..7)
        .map(|i| format!("https://{i}.example/feed"))
        .collect();
    let refs: Vec<&str> = urls.iter().map(String::as_str).collect();
    let settings = settings(&refs);
    let quota = || {
        status(
            429,
            &[
                ("retry-after", "20"),
                ("rapport-quota", "more than 3 requests a minute"),
            ],
        )
    };
    let mut host = Script::new();
    for (i, url) in urls.iter().enumerate() {
        let answer = ok(rss(&[item(&i.to_string(), "tekst")]), &[]);
        let denied = if i == 3 || i == 6 {
            vec![quota(), answer]
        } else {
            vec![answer]
        };
        host.answers.insert(url.clone(), denied);
    }
    let mut found = Vec::new();
    let mut cursor = None;
    for expected in [Some(20_000), Some(20_000), Some(860_000)] {
        let page = poll(&settings, &mut host, cursor.as_deref(), &[]);
        assert!(!page.more);
        assert_eq!(page.next_poll_ms, expected);
        found.extend(told(&page));
        assert_eq!(problem(&host), None);
        host.now_ms += 20_000;
        cursor = Some(page.cursor);
    }
    assert_eq!(found, ["+0", "+1", "+2", "+3", "+4", "+5", "+6"]);
    assert_eq!(host.asked.len(), 9);
}

#[test]
fn compressed_documents_are_read() {
    use std::io::Write;
    let document = rss(&[item("1", "een")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(document.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(document.as_bytes()).unwrap();
    let zlib = zlib.finish().unwrap();
    for answer in [
        coded("gzip", &gzip),
        coded("deflate", &zlib),
        coded("deflate", &zlib[2..zlib.len() - 4]),
        coded("gzip", document.as_bytes()),
        ok(
            gzip.clone(),
            &[("content-type", "application/octet-stream")],
        ),
        ok(zlib.clone(), &[]),
    ] {
        let mut host = Script::new().on(A, vec![answer]);
        let page = poll(&settings(&[A]), &mut host, None, &[]);
        assert_eq!(told(&page), ["+1"]);
        assert_eq!(
            host.asked_header("accept-encoding"),
            Some("gzip, deflate, br")
        );
    }
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 9 * 1024 * 1024]).unwrap();
    let mut host = Script::new().on(A, vec![coded("gzip", &bomb.finish().unwrap())]);
    poll(&settings(&[A]), &mut host, None, &[]);
    assert!(
        problem(&host)
            .unwrap()
            .contains("unpacks to more than 8388608 bytes")
    );
}

#[test]
fn what_monitors_read_and_left_out_is_counted_once_and_told() {
    let settings = settings(&[A]);
    let first = [item("1", "Zilt's storing"), item("2", "Mooi weer")];
    let second = [
        item("3", "ex-Zilt"),
        item("4", "geziltheid"),
        item("2", "Mooi weer"),
    ];
    let mut host = Script::new().on(
        A,
        vec![
            ok(rss(&first), &[]),
            ok(rss(&second), &[]),
            ok(rss(&second), &[]),
        ],
    );
    let zilt = [monitor("m1", "zilt")];
    let page = poll(&settings, &mut host, None, &zilt);
    assert_eq!(told(&page), ["+1"]);
    let line = "monitors read 2 new entries, took 1, left out 1; since 2024-05-06 read 2, took 1 (1 for `zilt`), left out 1; left out: “Titel 2”";
    assert_eq!(host.logged, [line]);
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &zilt);
    assert_eq!(told(&page), ["+3"]);
    assert!(
        host.logged[1].contains("read 4, took 2 (2 for `zilt`), left out 2; left out: “Titel 4”"),
        "{:?}",
        host.logged
    );
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &zilt);
    assert_eq!(host.logged.len(), 2);
    // Other monitors count from the beginning.
    host.now_ms += 15 * MINUTE;
    let page = poll(
        &settings,
        &mut host,
        Some(&page.cursor),
        &[monitor("m2", "weer")],
    );
    assert_eq!(told(&page), ["+2"]);
    assert!(
        host.logged[2].contains("took 1, left out 1"),
        "{:?}",
        host.logged
    );
}

#[test]
fn a_monitor_that_can_match_nothing_is_told_once() {
    let settings = settings(&[A]);
    let document = rss(&[item("1", "Vandaag 🍕 gratis"), item("2", "Mooi weer!!!")]);
    let mut host = Script::new().on(A, vec![ok(document, &[])]);
    let monitors = [monitor("m1", "!!!"), monitor("m2", "🍕")];
    let page = poll(&settings, &mut host, None, &monitors);
    assert_eq!(told(&page), ["+1"]);
    let told_of = |host: &Script| {
        let lines = host.logged.iter();
        lines.filter(|l| l.contains("can match nothing")).count()
    };
    assert!(host.logged[0].starts_with("monitor `!!!` can match nothing: "));
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &monitors);
    assert_eq!(told_of(&host), 1);
    // Other monitors are looked at anew.
    poll(
        &settings,
        &mut host,
        Some(&page.cursor),
        &[monitor("m3", "?")],
    );
    assert_eq!(told_of(&host), 2);
}

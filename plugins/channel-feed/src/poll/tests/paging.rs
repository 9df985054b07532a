//! Pages, time and room.

use super::*;

#[test]
fn long_feeds_come_in_pages_and_lose_nothing() {
    let settings = settings(&[A, B]);
    let items: Vec<String> = (0..1200).map(|i| item(&format!("n{i}"), "tekst")).collect();
    let mut host = Script::new()
        .on(A, vec![ok(rss(&items), &[("etag", "\"v1\"")])])
        .on(B, vec![ok(rss(&[item("b", "tekst")]), &[])]);
    let mut ids = Vec::new();
    let mut cursor = None;
    let mut sizes = Vec::new();
    loop {
        let page = poll(&settings, &mut host, cursor.as_deref(), &[]);
        sizes.push(page.activities.len());
        assert_eq!(
            host.asked
                .iter()
                .filter(|r| r.headers.iter().any(|(n, _)| n == "if-none-match"))
                .count(),
            0
        );
        ids.extend(page.activities.iter().map(|a| a.id.clone()));
        cursor = Some(page.cursor);
        host.now_ms += 1000;
        if !page.more {
            break;
        }
    }
    assert_eq!(sizes, [500, 500, 201]);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1201);
}

#[test]
fn a_page_of_long_texts_ends_early() {
    let settings = settings(&[A]);
    let text = "woord ".repeat(10_000);
    let items: Vec<String> = (0..100).map(|i| item(&format!("n{i}"), &text)).collect();
    let mut host = Script::new().on(A, vec![ok(rss(&items), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    assert!(
        page.more && (60..80).contains(&page.activities.len()),
        "{}",
        page.activities.len()
    );
    let rest = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!(
        (rest.activities.len() + page.activities.len(), rest.more),
        (100, false)
    );
}

#[test]
fn more_entries_than_can_be_remembered_end_too() {
    let settings = settings(&[A]);
    let items: Vec<String> = (0..3000).map(|i| item(&format!("n{i}"), "tekst")).collect();
    let mut host = Script::new().on(A, vec![ok(rss(&items), &[])]);
    let mut page = poll(&settings, &mut host, None, &[]);
    let mut count = page.activities.len();
    for _ in 0..10 {
        if !page.more {
            break;
        }
        page = poll(&settings, &mut host, Some(&page.cursor), &[]);
        count += page.activities.len();
    }
    assert_eq!((count, page.more), (2000, false));
    assert!(
        host.logged
            .iter()
            .any(|l| l.contains("1000 oldest entries left out")),
        "{:?}",
        host.logged
    );
}

#[test]
fn slow_feeds_are_spread_over_calls() {
    let urls: Vec<String> = (0..10)
        .map(|i| format!("https://{i}.example/feed"))
        .collect();
    let refs: Vec<&str> = urls.iter().map(String::as_str).collect();
    let settings = settings(&refs);
    let mut host = Script {
        delay_ms: 6_000,
        ..Script::new()
    };
    for url in &urls {
        host.answers
            .insert(url.clone(), vec![ok(rss(&[item("1", "een")]), &[])]);
    }
    let mut cursor = None;
    let mut counts = Vec::new();
    for _ in 0..10 {
        let page = poll(&settings, &mut host, cursor.as_deref(), &[]);
        counts.push(page.activities.len());
        cursor = Some(page.cursor);
        if !page.more {
            break;
        }
    }
    assert_eq!(counts, [3, 3, 3, 1]);
}

#[test]
fn a_hundred_full_feeds_stay_within_the_state() {
    let urls: Vec<String> = (0..100)
        .map(|i| format!("https://{i}.example/feed"))
        .collect();
    let refs: Vec<&str> = urls.iter().map(String::as_str).collect();
    let settings = settings(&refs);
    let items: Vec<String> = (0..700)
        .map(|i| format!("<item><guid>{i}</guid></item>"))
        .collect();
    let mut host = Script::new();
    let etag = "e".repeat(512);
    for url in &urls {
        host.answers
            .insert(url.clone(), vec![ok(rss(&items), &[("etag", &etag)])]);
    }
    let mut page = poll(&settings, &mut host, None, &[]);
    let mut calls = 1;
    while page.more && calls < 500 {
        page = poll(&settings, &mut host, Some(&page.cursor), &[]);
        calls += 1;
    }
    assert!(!page.more, "{calls}");
    let total: usize = host.state.iter().map(|(k, v)| k.len() + v.len()).sum();
    assert!(total > 700 * 1024 && total <= 1024 * 1024, "{total}");
}

//! When nothing of the inbox can be read: said in the state, which is kept all the same.

use rapport_sdk::problem;

use super::*;
use crate::memory::load_standing;

fn is_failing(host: &Script) -> bool {
    let failing = host.state.get(problem::FAILING_KEY);
    assert!(failing.is_none_or(|text| !text.is_empty()));
    failing.is_some()
}

#[test]
fn an_inbox_of_dead_feeds_fails_and_keeps_when_to_ask_again() {
    let both = settings(&[A, B]);
    let good = || ok(rss(&[item("1", "een")]), &[("etag", "\"v1\"")]);
    let mut host = Script::new()
        .on(A, vec![status(404, &[]), status(500, &[]), good()])
        .on(B, vec![status(410, &[])]);
    let page = poll(&both, &mut host, None, &[]);
    assert!(is_failing(&host));
    let due = |host: &mut Script| load_standing(host, &both.sources[0].id).due_ms;
    assert_eq!(due(&mut host), host.now_ms + both.poll_interval_ms);
    // Before it is due nothing is asked, and nothing is better.
    host.now_ms += MINUTE;
    let page = poll(&both, &mut host, Some(&page.cursor), &[]);
    assert!(is_failing(&host) && host.asked.len() == 2);
    host.now_ms += 24 * 60 * MINUTE;
    let page = poll(&both, &mut host, Some(&page.cursor), &[]);
    assert!(is_failing(&host));
    // As soon as one works it is a problem of the other alone.
    host.now_ms += 24 * 60 * MINUTE;
    let page = poll(&both, &mut host, Some(&page.cursor), &[]);
    assert_eq!((told(&page), is_failing(&host)), (vec!["+1".into()], false));
    assert!(host.state.contains_key(problem::KEY));
    assert_eq!(
        load_standing(&mut host, &both.sources[0].id)
            .etag
            .as_deref(),
        Some("\"v1\"")
    );
}

#[test]
fn a_feed_that_works_keeps_the_inbox_from_failing() {
    let good = || ok(rss(&[item("1", "een")]), &[]);
    let mut host = Script::new()
        .on(A, vec![status(404, &[])])
        .on(B, vec![good(), status(304, &[]), good()]);
    let both = settings(&[A, B]);
    let page = poll(&both, &mut host, None, &[]);
    assert!(!is_failing(&host));
    // A feed that is not due yet still works, also under other monitors.
    host.now_ms += MINUTE;
    let page = poll(&both, &mut host, Some(&page.cursor), &[]);
    assert!(!is_failing(&host));
    host.now_ms += 14 * MINUTE;
    let page = poll(&both, &mut host, Some(&page.cursor), &[]);
    assert!(!is_failing(&host));
    // The host lets nothing out: what worked does not count as failing.
    let quota = status(429, &[("retry-after", "20"), ("rapport-quota", "none")]);
    host.answers.insert(B.into(), vec![quota]);
    host.now_ms += MINUTE;
    poll(&both, &mut host, Some(&page.cursor), &[monitor("m", "een")]);
    assert!(!is_failing(&host) && host.state.contains_key(problem::KEY));
}

#[test]
fn a_wish_for_rest_does_not_fail_the_inbox_at_once() {
    let one = settings(&[A]);
    let mut host = Script::new().on(A, vec![status(429, &[("retry-after", "60")])]);
    let (mut cursor, mut failing) = (None, Vec::new());
    for _ in 0..3 {
        cursor = Some(poll(&one, &mut host, cursor.as_deref(), &[]).cursor);
        failing.push(is_failing(&host));
        host.now_ms += 24 * 60 * MINUTE;
    }
    assert_eq!(failing, [false, false, true]);
    // Another list begins anew.
    let other = settings(&[B]);
    let mut host = host.on(B, vec![ok(rss(&[]), &[])]);
    poll(&other, &mut host, cursor.as_deref(), &[]);
    assert!(!is_failing(&host));
}

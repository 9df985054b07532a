//! Polling against a scripted network: what is handed over, and when.

use rapport_sdk::social::ActivityObject;

use super::*;
use crate::script::{
    A, B, MINUTE, START, Script, created, item, monitor, ok, rss, settings, status, told,
};

mod failing;
mod paging;
mod spelling;
mod standing;
mod trouble;

#[test]
fn conditional_requests_follow_the_activities() {
    let settings = settings(&[A]);
    let first = rss(&[item("1", "een")]);
    let second = rss(&[item("2", "twee"), item("1", "een, verbeterd")]);
    let mut host = Script::new().on(
        A,
        vec![
            ok(
                first,
                &[
                    ("etag", "\"v1\""),
                    ("last-modified", "Mon, 06 May 2024 08:00:00 GMT"),
                ],
            ),
            status(304, &[]),
            ok(second, &[("etag", "\"v2\"")]),
            status(304, &[]),
        ],
    );
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+1"]);
    assert_eq!(host.asked_header("if-none-match"), None);
    assert_eq!((page.more, page.next_poll_ms), (false, Some(900_000)));

    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!(told(&page), [""; 0]);
    assert_eq!(host.asked_header("if-none-match"), Some("\"v1\""));
    assert_eq!(
        host.asked_header("if-modified-since"),
        Some("Mon, 06 May 2024 08:00:00 GMT")
    );

    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    let told_now = told(&page);
    assert_eq!(told_now.len(), 2);
    assert_eq!(told_now[0], "+2");
    assert!(told_now[1].starts_with("~1#"), "{told_now:?}");
    assert_eq!(created(&page, 1).content, "een, verbeterd");
    assert_eq!(created(&page, 1).updated, Some(host.now_ms));

    host.now_ms += 15 * MINUTE;
    assert_eq!(
        told(&poll(&settings, &mut host, Some(&page.cursor), &[])),
        [""; 0]
    );
    assert_eq!(host.asked_header("if-none-match"), Some("\"v2\""));
    assert_eq!(host.asked_header("if-modified-since"), None);
}

#[test]
fn before_it_is_due_a_feed_is_not_asked() {
    let settings = settings(&[A]);
    let mut host = Script::new().on(A, vec![ok(rss(&[item("1", "een")]), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    host.now_ms += 10 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!((host.asked.len(), page.next_poll_ms), (1, Some(300_000)));
}

#[test]
fn state_that_was_not_committed_loses_nothing() {
    let settings = settings(&[A]);
    let answer = ok(rss(&[item("1", "een")]), &[("etag", "\"v1\"")]);
    let mut host = Script::new().on(A, vec![answer]);
    let first = poll(&settings, &mut host, None, &[]);
    // The call failed in the host: its changes are gone.
    host.state.clear();
    let again = poll(&settings, &mut host, None, &[]);
    assert_eq!(first.activities, again.activities);
    assert_eq!(host.asked_header("if-none-match"), None);
}

#[test]
fn without_a_cursor_everything_comes_again_with_the_same_ids() {
    let settings = settings(&[A]);
    let undated = "<item><guid>u</guid><title>Zonder datum</title></item>".to_owned();
    let answer = ok(rss(&[item("1", "een"), undated]), &[("etag", "\"v1\"")]);
    let mut host = Script::new().on(A, vec![answer]);
    let first = poll(&settings, &mut host, None, &[]);
    host.now_ms += 60 * MINUTE;
    let again = poll(&settings, &mut host, None, &[]);
    assert_eq!(first.activities, again.activities);
    assert_eq!(again.activities.len(), 2);
}

#[test]
fn dates_are_made_sane_and_stay_so() {
    let settings = settings(&[A]);
    let dated = |id: &str, date: &str, text: &str| {
        format!(
            "<item><guid>{id}</guid><description>{text}</description><pubDate>{date}</pubDate></item>"
        )
    };
    let document = |text: &str| {
        rss(&[
            dated("future", "Mon, 06 May 2030 08:00:00 GMT", text),
            dated("broken", "volgende week", text),
            dated("unset", "Mon, 01 Jan 0001 00:00:00 +0000", text),
            dated("fine", "zo, 05 mei 2024 08:00:00 +0200", text),
        ])
    };
    let mut host = Script::new().on(A, vec![ok(document("a"), &[]), ok(document("b"), &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+fine", "+unset", "+broken", "+future"]);
    assert_eq!(page.activities[0].published, 1_714_888_800_000);
    assert!(page.activities[1..].iter().all(|a| a.published == START));

    host.now_ms += 30 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    let published: Vec<i64> = (0..4).map(|i| created(&page, i).published).collect();
    assert!(
        published.iter().filter(|p| **p == START).count() == 3,
        "{published:?}"
    );
    assert!(page.activities.iter().all(|a| a.published == host.now_ms));
}

#[test]
fn two_feeds_never_collide_and_one_edit_has_one_id() {
    let settings = settings(&[A, B]);
    let (old, new) = (rss(&[item("1", "een")]), rss(&[item("1", "twee")]));
    let answers = vec![ok(old, &[]), ok(new, &[])];
    let mut host = Script::new().on(A, answers.clone()).on(B, answers);
    let first = poll(&settings, &mut host, None, &[]);
    assert_eq!(first.activities.len(), 2);
    assert_ne!(first.activities[0].id, first.activities[1].id);
    host.now_ms += 15 * MINUTE;
    let edits = poll(&settings, &mut host, Some(&first.cursor), &[]);
    assert_eq!(edits.activities.len(), 2);
    host.now_ms += 15 * MINUTE;
    let nothing = poll(&settings, &mut host, Some(&edits.cursor), &[]);
    assert_eq!(nothing.activities.len(), 0);
}

#[test]
fn monitors_choose_and_new_ones_look_again() {
    let settings = settings(&[A]);
    let document = rss(&[
        item("1", "Mijn fiets heeft een lege accu"),
        item("2", "Mooi weer"),
    ]);
    let mut host = Script::new().on(A, vec![ok(document, &[("etag", "\"v1\"")])]);
    let fiets = monitor("m-fiets", "FIETS \"lege accu\"");
    let page = poll(&settings, &mut host, None, std::slice::from_ref(&fiets));
    assert_eq!(told(&page), ["+1"]);
    assert_eq!(created(&page, 0).monitor.as_deref(), Some("m-fiets"));

    let weer = monitor("m-weer", "weer");
    let page = poll(&settings, &mut host, Some(&page.cursor), &[fiets, weer]);
    assert_eq!(told(&page), ["+2"]);
    assert_eq!(host.asked_header("if-none-match"), None);
    assert_eq!(created(&page, 0).monitor.as_deref(), Some("m-weer"));

    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!(told(&page), [""; 0]);
}

#[test]
fn a_cut_off_document_is_asked_for_again() {
    let settings = settings(&[A]);
    let whole = rss(&[item("1", "een"), item("22", "twee")]);
    let half = whole[..whole.find("22</guid>").unwrap() + 1].to_owned();
    let mut host = Script::new().on(
        A,
        vec![
            ok(half, &[("etag", "\"v1\"")]),
            ok(whole, &[("etag", "\"v1\"")]),
        ],
    );
    let page = poll(&settings, &mut host, None, &[]);
    assert_eq!(told(&page), ["+1"]);
    assert!(host.logged[0].contains("breaks off"));
    host.now_ms += 15 * MINUTE;
    let page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!(host.asked_header("if-none-match"), None);
    assert_eq!(told(&page), ["+22"]);
}

#[test]
fn answers_find_their_post_in_another_feed() {
    let posts = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>tag:a,1</id><title>Post</title>\
        <link href='https://a.example/post'/><updated>2024-05-06T08:00:00Z</updated></entry></feed>";
    let answers = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'>\
        <entry><id>tag:a,2</id><title>Antwoord</title><updated>2024-05-06T09:00:00Z</updated>\
        <thr:in-reply-to ref='tag:a,1' href='https://a.example/post'/></entry>\
        <entry><id>tag:a,3</id><title>Weerwoord</title><updated>2024-05-06T09:30:00Z</updated>\
        <thr:in-reply-to ref='tag:a,2'/></entry></feed>";
    let settings = settings(&[A, B]);
    let mut host = Script::new()
        .on(A, vec![ok(posts, &[])])
        .on(B, vec![ok(answers, &[])]);
    let page = poll(&settings, &mut host, None, &[]);
    let (post, answer, retort) = (created(&page, 0), created(&page, 1), created(&page, 2));
    assert_eq!(answer.in_reply_to.as_ref(), Some(&post.external_id));
    assert_eq!(retort.in_reply_to.as_ref(), Some(&answer.external_id));
    assert_eq!(
        retort.ancestors,
        [post.external_id.clone(), answer.external_id.clone()]
    );
    assert_eq!(
        answer.conversation_external_id,
        post.conversation_external_id
    );
    assert_eq!(
        retort.conversation_external_id,
        post.conversation_external_id
    );
}

#[test]
fn withdrawn_entries_are_deleted_once() {
    let document = |inner: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>{inner}</feed>"
        )
    };
    let entry =
        "<entry><id>tag:a,1</id><title>Post</title><updated>2024-05-06T08:00:00Z</updated></entry>";
    let stone = "<at:deleted-entry ref='tag:a,1' when='2024-05-06T09:00:00Z'/><at:deleted-entry ref='tag:a,9'/>";
    let settings = settings(&[A]);
    let mut host = Script::new().on(A, vec![ok(document(entry), &[]), ok(document(stone), &[])]);
    let mut page = poll(&settings, &mut host, None, &[]);
    let id = page.activities[0].id.clone();
    host.now_ms += 15 * MINUTE;
    page = poll(&settings, &mut host, Some(&page.cursor), &[]);
    assert_eq!(page.activities.len(), 1);
    let ActivityObject::Delete(stone) = &page.activities[0].object else {
        panic!()
    };
    assert_eq!(stone.external_id, id);
    host.now_ms += 15 * MINUTE;
    assert_eq!(
        poll(&settings, &mut host, Some(&page.cursor), &[])
            .activities
            .len(),
        0
    );
}

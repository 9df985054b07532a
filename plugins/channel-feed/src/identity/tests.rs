//! Ids of entries, authors and conversations.

use super::*;
use crate::feed::ReplyTarget;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn entry(id: Option<&str>, link: Option<&str>) -> Entry {
    Entry {
        id: id.map(str::to_owned),
        link: link.map(url),
        ..Entry::default()
    }
}

fn ids_of(feed: &Feed) -> Vec<String> {
    let ids = entry_ids(feed, &mut Habits::default());
    ids.into_iter().map(|id| id.id).collect()
}

fn titled(id: &str, title: &str, published: i64) -> Entry {
    Entry {
        title: Some(title.into()),
        content: title.into(),
        published: Some(published),
        ..entry(Some(id), Some(id).filter(|id| id.starts_with("http")))
    }
}

#[test]
fn entries_go_by_id_then_link_then_hash() {
    let feed = Feed {
        entries: vec![
            entry(Some("a"), Some("https://x.example/1")),
            entry(None, Some("https://x.example/2")),
            Entry {
                title: Some("Een".into()),
                ..Entry::default()
            },
            Entry {
                title: Some("Twee".into()),
                ..Entry::default()
            },
        ],
        ..Feed::default()
    };
    let ids = ids_of(&feed);
    assert_eq!(ids[..2], ["a", "https://x.example/2"]);
    assert!(ids[2].starts_with("sha256:") && ids[2] != ids[3]);
    assert_eq!(ids, ids_of(&feed));
}

#[test]
fn an_id_for_everything_is_no_id() {
    let feed = Feed {
        entries: vec![
            entry(Some("same"), Some("https://x.example/1")),
            entry(Some("same"), Some("https://x.example/2")),
            entry(Some("twice"), Some("https://x.example/3")),
            entry(Some("twice"), Some("https://x.example/3")),
        ],
        ..Feed::default()
    };
    assert_eq!(
        ids_of(&feed),
        [
            "https://x.example/1",
            "https://x.example/2",
            "twice",
            "twice"
        ]
    );
}

#[test]
fn ids_stay_within_the_contract() {
    let id = message_id("0123456789ab", &"é".repeat(400));
    assert!(
        id.len() <= 512 && id.starts_with("0123456789ab:sha256:"),
        "{id}"
    );
    assert_ne!(id, message_id("0123456789ab", &"é".repeat(401)));
    assert_eq!(message_id("0123456789ab", "tag:x"), "0123456789ab:tag:x");
}

#[test]
fn authors_are_told_apart_by_what_is_theirs() {
    let site = url("https://blog.example/");
    let person = |name: &str, email: Option<&str>, page: Option<&str>| Person {
        name: (!name.is_empty()).then(|| name.to_owned()),
        email: email.map(str::to_owned),
        url: page.map(url),
        avatar: None,
    };
    let id = |p: Person| author_id(&p, &site);
    assert_eq!(
        id(person("An", None, Some("https://an.example/"))),
        "https://an.example"
    );
    assert_eq!(
        id(person("An", None, Some("https://blog.example/"))),
        "blog.example/an"
    );
    assert_eq!(
        id(person("An", None, Some("https://blog.example/author/an"))),
        "https://blog.example/author/an"
    );
    assert_eq!(id(person("", None, None)), "blog.example");
    let hashed = id(person("An", Some("an@x.example"), None));
    assert!(hashed.starts_with("email-sha256:") && !hashed.contains("an@"));
}

#[test]
fn pages_of_threads() {
    for (link, page) in [
        (
            "https://b.example/post/#comment-12",
            "https://b.example/post/",
        ),
        (
            "https://b.example/post/#comments",
            "https://b.example/post/",
        ),
        (
            "https://b.example/changes#v1.2",
            "https://b.example/changes#v1.2",
        ),
        ("https://b.example/faq#c", "https://b.example/faq#c"),
        (
            "https://f.example/viewtopic.php?f=3&t=12&p=345#p345",
            "https://f.example/viewtopic.php?t=12",
        ),
        (
            "https://d.example/t/het-onderwerp/812/4",
            "https://d.example/t/het-onderwerp/812",
        ),
        (
            "https://d.example/t/het-onderwerp/812",
            "https://d.example/t/het-onderwerp/812",
        ),
        (
            "https://g.example/p.html?showComment=1700#c99",
            "https://g.example/p.html",
        ),
    ] {
        assert_eq!(thread_page(&url(link)).as_str(), page);
    }
}

#[test]
fn a_post_and_its_answers_are_one_conversation() {
    let base = url("https://b.example/feed");
    let answer = |id: &str, to: &str, page: Option<&str>| Entry {
        in_reply_to: Some(ReplyTarget {
            id: Some(to.into()),
            link: page.map(url),
        }),
        ..entry(Some(id), None)
    };
    let feed = Feed {
        entries: vec![
            entry(Some("tag:b,1"), Some("https://b.example/post")),
            answer("tag:b,2", "tag:b,1", None),
            answer("tag:b,3", "tag:b,2", None),
            answer(
                "tag:b,4",
                "tag:elsewhere",
                Some("https://b.example/post#comment-3"),
            ),
            answer("tag:b,5", "tag:elsewhere", None),
            Entry {
                comments: Some(url("https://b.example/post#comments")),
                ..entry(None, Some("https://other.example/x"))
            },
            entry(Some("x"), Some("https://other.example/y")),
            answer("loop", "loop", None),
        ],
        ..Feed::default()
    };
    let ids = entry_ids(&feed, &mut Habits::default());
    let found = conversation_ids(&feed, &ids, &base);
    let post = Some("https://b.example/post".to_owned());
    assert_eq!(
        found[..4],
        [post.clone(), post.clone(), post.clone(), post.clone()]
    );
    assert_eq!(found[4].as_deref(), Some("tag:elsewhere"));
    assert_eq!(found[5..], [post, None, None]);
}

#[test]
fn one_page_for_all_entries_is_nobodys_conversation() {
    let base = url("https://s.example/feed");
    let feed = Feed {
        entries: vec![
            entry(Some("1"), Some("https://s.example/status")),
            entry(Some("2"), Some("https://s.example/status")),
            entry(Some("3"), Some("https://s.example/")),
        ],
        ..Feed::default()
    };
    assert_eq!(
        conversation_ids(&feed, &entry_ids(&feed, &mut Habits::default()), &base),
        [None, None, None]
    );
}

#[test]
fn an_id_without_a_link_of_its_own_that_two_posts_share_is_no_id() {
    let id = "https://f.example/?p=1";
    let mut habits = Habits::default();
    let both = Feed {
        entries: vec![titled(id, "Eerste", 1000), titled(id, "Tweede", 2000)],
        ..Feed::default()
    };
    let ids = entry_ids(&both, &mut habits);
    assert!(
        ids[0].id.starts_with("sha256:") && ids[0].id != ids[1].id,
        "{ids:?}"
    );
    // Alone it keeps the id that it has among others.
    let one = Feed {
        entries: vec![titled(id, "Tweede", 2000)],
        ..Feed::default()
    };
    assert_eq!(entry_ids(&one, &mut habits)[0], ids[1]);
    // The same post twice is one post, also when only its date is another.
    let twice = Feed {
        entries: vec![titled(id, "Eerste", 1000), titled(id, "Eerste", 2000)],
        ..Feed::default()
    };
    assert_eq!(ids_of(&twice), [id, id]);
}

#[test]
fn only_texts_tell_some_posts_of_one_id_apart() {
    let post = |id: Option<&str>, link: Option<&str>, title: Option<&str>, text: &str| Entry {
        title: title.map(str::to_owned),
        content: text.into(),
        ..entry(id, link)
    };
    let front = Some("https://f.example/");
    for (id, link, title) in [
        (Some("same"), None, None),
        (Some("same"), None, Some("Storing")),
        (Some("same"), front, None),
        (Some("https://f.example/status"), None, Some("Status")),
        (None, front, Some("Storing")),
        (None, Some("https://f.example/status"), None),
    ] {
        let make = |text: &str| post(id, link, title, text);
        let mut habits = Habits::default();
        let all = |texts: &[&str]| Feed {
            entries: texts.iter().map(|text| make(text)).collect(),
            ..Feed::default()
        };
        let ids = entry_ids(&all(&["een", "twee", "drie"]), &mut habits);
        let unique: std::collections::BTreeSet<_> = ids.iter().map(|id| &id.id).collect();
        assert_eq!(unique.len(), 3, "{id:?} {link:?} {title:?}");
        // Later alone, or beside another, it is the same; twice the same text is one post.
        assert_eq!(entry_ids(&all(&["twee"]), &mut habits)[0], ids[1]);
        let next = entry_ids(&all(&["vier", "drie", "drie"]), &mut habits);
        assert_eq!((&next[1], &next[2]), (&ids[2], &ids[2]));
    }
    // One link for one post: an edit is no other post.
    let link = Some("https://f.example/post");
    let edited = Feed {
        entries: vec![
            post(Some("tag:1"), link, Some("Een"), "kort"),
            post(Some("tag:1"), link, Some("Een"), "lang"),
        ],
        ..Feed::default()
    };
    assert_eq!(ids_of(&edited), ["tag:1", "tag:1"]);
}

#[test]
fn what_alone_tells_posts_apart_stays_in_their_ids() {
    let feed = |ids: &[&str]| Feed {
        entries: ids.iter().map(|id| titled(id, id, 1000)).collect(),
        ..Feed::default()
    };
    // A counter behind one address, and marks behind another.
    let alone = feed(&["https://n.example/a#1", "https://n.example/b#1"]);
    assert_eq!(
        ids_of(&alone),
        ["https://n.example/a", "https://n.example/b"]
    );
    let page = [
        "https://n.example/a#een",
        "http://n.example/a#twee",
        "https://n.example/b?ref=rss",
    ];
    assert_eq!(
        ids_of(&feed(&page)),
        [
            "https://n.example/a#een",
            "https://n.example/a#twee",
            "https://n.example/b"
        ]
    );
    // Three of them make a habit of the feed.
    let mut habits = Habits::default();
    let page = [
        "https://n.example/a#1",
        "https://n.example/a#2",
        "https://n.example/a#3",
    ];
    assert_eq!(entry_ids(&feed(&page), &mut habits)[2].id, page[2]);
    let next = feed(&["https://n.example/a#4"]);
    assert_eq!(entry_ids(&next, &mut habits)[0].id, "https://n.example/a#4");
    assert_eq!(ids_of(&next), ["https://n.example/a"]);
}

//! Polling: what the recordings become, and that nothing is lost on the way.

use rapport_sdk::common::Span;
use rapport_sdk::social::{ActivityObject, AttachmentKind, Reach, Visibility};
use serde_json::json;

use super::{
    ANNA, BRAM, ME, MENTION, OWN_POST, SEARCH, created, first, fixture, messages, monitor, network,
    ok, refusal, settings, with,
};
use crate::fake::parameter;
use crate::poll::poll;
use crate::time;

#[test]
fn a_mention_becomes_a_message() {
    let net = network(|_, _| None);
    let page = first(&net);
    assert!(!page.more && page.next_poll_ms.is_none());
    assert!(page.activities.is_sorted_by_key(|a| a.published));
    assert_eq!(page.activities[0].id, MENTION);
    let m = created(&page.activities[0]);
    let text =
        "Hoi 👋 @voorbeeldwinkel.test mijn pakket is kwijt #bezorging https://example.com/pakket";
    assert_eq!(
        (m.content.as_str(), m.language.as_deref()),
        (text, Some("nl"))
    );
    assert_eq!(
        (m.reach, m.visibility),
        (Reach::Directed, Visibility::Public)
    );
    assert_eq!(m.tags, ["bezorging", "klacht"]);
    assert_eq!(m.mentions[0].actor_external_id, ME);
    assert_eq!(
        m.mentions[0].handle.as_deref(),
        Some("voorbeeldwinkel.test")
    );
    assert_eq!(m.mentions[0].span, Some(Span { start: 9, end: 30 }));
    assert_eq!(&text[9..30], "@voorbeeldwinkel.test");
    assert_eq!(m.attachments[0].kind, AttachmentKind::Image);
    assert!(
        m.attachments[0]
            .url
            .starts_with("https://cdn.example.com/img/feed_fullsize/")
    );
    assert_eq!(
        m.attachments[0].alt_text.as_deref(),
        Some("De lege brievenbus")
    );
    assert_eq!(m.attachments[1].url, "https://example.com/pakket");
    assert_eq!(
        m.url.as_deref(),
        Some("https://bsky.app/profile/anna-voorbeeld.test/post/3n2tyceqsy222")
    );
    assert_eq!((m.in_reply_to.as_deref(), m.ancestors.len()), (None, 0));
    assert_eq!(m.conversation_external_id.as_deref(), Some(MENTION));
    let author = &m.attributed_to;
    assert_eq!(
        (author.external_id.as_str(), author.display_name.as_deref()),
        (ANNA, Some("Anna Voorbeeld"))
    );
    assert_eq!(
        author.profile_url.as_deref(),
        Some("https://bsky.app/profile/anna-voorbeeld.test")
    );
    assert_eq!(author.follower_count, Some(1));
    assert_eq!(
        m.published,
        time::parse_ms("2026-11-21T20:54:21.907Z").unwrap()
    );
}

#[test]
fn replies_quotes_and_reactions() {
    let net = network(|_, _| None);
    let page = first(&net);
    let all = messages(&page);
    assert_eq!(page.activities.len(), 7);
    let fine = all.iter().find(|m| m.content == "Fijn!").unwrap();
    assert_eq!(fine.ancestors, [OWN_POST]);
    assert_eq!(fine.in_reply_to.as_deref(), Some(OWN_POST));
    assert_eq!(fine.conversation_external_id.as_deref(), Some(OWN_POST));
    let weekend = all
        .iter()
        .find(|m| m.content == "And at the weekend?")
        .unwrap();
    assert_eq!(weekend.ancestors, [OWN_POST, fine.external_id.as_str()]);
    assert_eq!(
        (weekend.reach, weekend.language.as_deref()),
        (Reach::Directed, Some("en"))
    );
    assert_eq!(
        weekend.attachments[0].title.as_deref(),
        Some("Openingstijden")
    );
    let quote = all
        .iter()
        .find(|m| m.content == "Dat is mooi nieuws")
        .unwrap();
    assert_eq!(quote.reach, Reach::ThirdParty);
    assert!(
        quote
            .extra
            .contains(&("quoted".to_owned(), OWN_POST.to_owned()))
    );
    let reactions: Vec<_> = page
        .activities
        .iter()
        .filter_map(|a| match &a.object {
            ActivityObject::Like(r) => Some((
                "like",
                r.attributed_to.external_id.as_str(),
                r.object.as_str(),
            )),
            ActivityObject::Announce(r) => Some((
                "repost",
                r.attributed_to.external_id.as_str(),
                r.object.as_str(),
            )),
            ActivityObject::Follow(actor) => Some(("follow", actor.external_id.as_str(), "")),
            _ => None,
        })
        .collect();
    assert_eq!(
        reactions,
        [
            ("like", ANNA, OWN_POST),
            ("repost", BRAM, OWN_POST),
            ("follow", BRAM, "")
        ]
    );
    let quiet = with(
        r#"{"identifier":"voorbeeldwinkel.test","service":"https://pds.test","reactions":false}"#,
    );
    let page = poll(&network(|_, _| None), &quiet, None, &[]).unwrap();
    assert_eq!(page.activities.len(), 4);
}

#[test]
fn monitors_find_what_others_say() {
    let net = network(|_, request| {
        (parameter(request, "q").as_deref() == Some("bad\""))
            .then(|| Ok(refusal(400, "BadQueryString", "could not parse")))
    });
    let monitors = [monitor("m-bad", "bad\""), monitor("m-1", "vuurtorenpost")];
    let page = poll(&net, &settings(), None, &monitors).unwrap();
    let hits: Vec<_> = messages(&page)
        .into_iter()
        .filter(|m| m.monitor.is_some())
        .collect();
    assert_eq!(hits.len(), 2, "our own post is left out");
    assert!(
        hits.iter()
            .all(|m| m.reach == Reach::Searched && m.monitor.as_deref() == Some("m-1"))
    );
    assert!(
        net.logs.borrow().iter().any(|l| l.contains("m-bad")),
        "{:?}",
        net.logs.borrow()
    );
    let problem = problem_of(&net).unwrap();
    assert!(
        problem.contains("m-bad") && !problem.contains("m-1"),
        "{problem}"
    );
    // It is over as soon as the search works again, or is not wanted any more.
    poll(&net, &settings(), Some(&page.cursor), &monitors[1..]).unwrap();
    assert_eq!(problem_of(&net), None);
    let dutch = with(
        r#"{"identifier":"voorbeeldwinkel.test","service":"https://pds.test","languages":["nl"]}"#,
    );
    let page = poll(&network(|_, _| None), &dutch, None, &monitors[1..]).unwrap();
    let hits: Vec<_> = messages(&page)
        .into_iter()
        .filter(|m| m.monitor.is_some())
        .collect();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].content, "De vuurtorenpost heeft weer vertraging");
}

fn problem_of(net: &crate::fake::Fake) -> Option<String> {
    let state = net.state.borrow();
    let text = state.get(rapport_sdk::problem::KEY)?;
    Some(String::from_utf8(text.clone()).unwrap())
}

#[test]
fn a_hit_that_addresses_us_is_directed_and_comes_once() {
    let net = network(|method, _| {
        (method == SEARCH).then(|| {
            let mut body = fixture("searchPosts");
            body["posts"][1]["record"]["reply"] =
                json!({"root": {"uri": OWN_POST, "cid": "x"}, "parent": {"uri": OWN_POST, "cid": "x"}});
            body["posts"][2] = fixture("getPosts")["posts"][0].clone();
            Ok(ok(&body))
        })
    });
    let page = poll(&net, &settings(), None, &[monitor("m-1", "pakket")]).unwrap();
    assert_eq!(
        page.activities.iter().filter(|a| a.id == MENTION).count(),
        1
    );
    let reply = messages(&page)
        .into_iter()
        .find(|m| m.monitor.is_some())
        .unwrap()
        .clone();
    assert_eq!(
        (reply.reach, reply.ancestors),
        (Reach::Directed, vec![OWN_POST.to_owned()])
    );
}

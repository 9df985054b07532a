//! What the network heard late: posts of a slow clock, of a schedule, of a bridge from another network
//! stand in the lists at the time that they state, hours or days below what was read before.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rapport_sdk::channel::{Monitor, Page};
use serde_json::{Value, json};

use super::{BRAM, LIST, OWN_POST, SEARCH, messages, monitor, network, ok, settings};
use crate::fake::{Fake, answer, parameter};
use crate::net::{Request, Response};
use crate::poll::poll;
use crate::reading::Reading;
use crate::scan::SWEEP_MS;
use crate::time;

const START_MS: i64 = 1_795_200_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A list of the network, which tests add to.
type List = Rc<RefCell<Vec<(i64, Value)>>>;

fn post(name: &str, reason: &str, at_ms: i64) -> (i64, Value) {
    let at = time::format_ms(at_ms);
    let mut record = json!({"text": name, "createdAt": at});
    if reason == "reply" {
        let ours = json!({"uri": OWN_POST, "cid": "x"});
        record["reply"] = json!({"root": ours, "parent": ours});
    }
    let view = json!({
        "uri": format!("at://{BRAM}/app.bsky.feed.post/{name}"), "cid": format!("c-{name}"),
        "author": {"did": BRAM, "handle": "bram-voorbeeld.test"}, "reason": reason,
        "record": record, "indexedAt": at,
    });
    (at_ms, view)
}

/// From new to old, strictly below the cursor, as the network does it.
fn serve(list: &List, name: &str, request: &Request) -> Response {
    let below = parameter(request, "cursor").map_or(i64::MAX, |c| time::parse_ms(&c).unwrap());
    let limit: usize = parameter(request, "limit").unwrap().parse().unwrap();
    let mut sorted = list.borrow().clone();
    sorted.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let page = sorted.into_iter().filter(|(at, _)| *at < below);
    let page: Vec<_> = page.take(limit).collect();
    let cursor = page.last().map(|(at, _)| time::format_ms(*at));
    let views: Vec<_> = page.into_iter().map(|(_, view)| view).collect();
    ok(&json!({name: views, "cursor": cursor}))
}

struct Account {
    net: Fake,
    notifications: List,
    hits: List,
    monitors: Vec<Monitor>,
    page: Option<Page>,
}

impl Account {
    fn new(notifications: Vec<(i64, Value)>, hits: Vec<(i64, Value)>) -> Self {
        let notifications: List = Rc::new(RefCell::new(notifications));
        let hits: List = Rc::new(RefCell::new(hits));
        let (listed, found) = (notifications.clone(), hits.clone());
        let net = network(move |method, request| match method {
            LIST => Some(Ok(serve(&listed, "notifications", request))),
            SEARCH => Some(Ok(serve(&found, "posts", request))),
            // Nothing has changed.
            _ => Some(Ok(answer(502, ""))).filter(|_| method.ends_with("getPosts")),
        });
        let monitors = vec![monitor("m-1", "zonnewind")];
        Self {
            net,
            notifications,
            hits,
            monitors,
            page: None,
        }
    }

    /// What polls bring until nothing is waiting.
    fn poll(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        for _ in 0..50 {
            let cursor = self.page.as_ref().map(|page| page.cursor.as_str());
            let page = poll(&self.net, &settings(), cursor, &self.monitors).unwrap();
            found.extend(messages(&page).iter().map(|m| m.content.clone()));
            let more = page.more;
            self.page = Some(page);
            if !more {
                return found;
            }
        }
        panic!("it never ends");
    }
}

#[test]
fn whatever_stands_in_a_page_that_is_read_is_taken() {
    let mentions = (0..30_i64).map(|i| post(&format!("n{i}"), "mention", START_MS + i * 60_000));
    let hits = (0..30_i64).map(|i| post(&format!("h{i}"), "", START_MS + i * 60_000));
    let mut account = Account::new(mentions.collect(), hits.collect());
    assert_eq!(account.poll().len(), 60);
    let lists = [account.notifications.clone(), account.hits.clone()];
    for (index, age_ms) in [11 * 60_000, HOUR_MS, 26 * HOUR_MS, 400 * 24 * HOUR_MS]
        .into_iter()
        .enumerate()
    {
        for (list, reason) in [(0, "mention"), (0, "reply"), (0, "quote"), (1, "")] {
            let name = format!("late-{index}-{list}{reason}");
            let at_ms = START_MS + 29 * 60_000 - age_ms + i64::from(reason == "reply");
            lists[list].borrow_mut().push(post(&name, reason, at_ms));
            assert_eq!(account.poll(), [name], "in the page, hours below");
            assert_eq!(account.poll(), [""; 0], "once");
        }
    }
    // Among news, and when the list has grown beyond what one poll reads.
    for i in 0..350 {
        let at_ms = START_MS + HOUR_MS + i * 1000;
        lists[0]
            .borrow_mut()
            .push(post(&format!("new{i}"), "mention", at_ms));
    }
    let late = post("late", "mention", START_MS + 20 * 60_000 + 1);
    lists[0].borrow_mut().push(late);
    let found: BTreeSet<_> = account.poll().into_iter().collect();
    assert_eq!(found.len(), 351);
    assert!(found.contains("late"));
}

#[test]
fn behind_a_page_of_likes_a_sweep_finds_it() {
    let likes = (0..240_i64).map(|i| post(&format!("n{i}"), "mention", START_MS + i * 60_000));
    let mut account = Account::new(likes.collect(), Vec::new());
    account.poll();
    let late = post("late", "mention", START_MS + 60 * 60_000 + 1);
    account.notifications.borrow_mut().push(late);
    account.net.now_ms.set(account.net.now_ms.get() + SWEEP_MS);
    assert_eq!(account.poll(), ["late"]);
    account.net.now_ms.set(account.net.now_ms.get() + SWEEP_MS);
    assert_eq!(account.poll(), [""; 0]);
}

#[test]
fn what_was_there_before_the_first_poll_stays_away() {
    let old = (0..900_i64).map(|i| post(&format!("n{i}"), "mention", START_MS + i * 60_000));
    let mut account = Account::new(old.collect(), Vec::new());
    assert_eq!(
        account.poll().len(),
        199,
        "two pages that share their border"
    );
    for i in 0..250 {
        let at_ms = START_MS + 901 * 60_000 + i * 60_000;
        let new = post(&format!("new{i}"), "mention", at_ms);
        account.notifications.borrow_mut().push(new);
        if i % 10 == 0 {
            account.net.now_ms.set(account.net.now_ms.get() + SWEEP_MS);
            let found = account.poll();
            assert!(
                found.iter().all(|name| name.starts_with("new")),
                "{found:?}"
            );
        }
    }
}

#[test]
fn lists_do_not_know_for_each_other() {
    // All that the first search shows was found by another one, which was asked first.
    let posts: Vec<_> = (0..150_i64)
        .map(|i| post(&format!("h{i}"), "", START_MS + i * 60_000))
        .collect();
    let mut account = Account::new(Vec::new(), vec![posts[0].clone()]);
    account.monitors.push(monitor("m-2", "stroom"));
    account.poll();
    account.hits.borrow_mut().extend(posts[1..].to_vec());
    // Both see the same list here; each reads it to its own end, and each post comes once.
    let found = account.poll();
    let distinct: BTreeSet<_> = found.iter().collect();
    assert_eq!((found.len(), distinct.len()), (149, 149));
    let key = crate::cursor::monitor_key(&account.monitors[1]);
    let kept = || Reading::load(&account.net, &key);
    assert!(kept().is_some());
    let only = &account.monitors[..1];
    let cursor = account.page.as_ref().map(|page| page.cursor.as_str());
    poll(&account.net, &settings(), cursor, only).unwrap();
    assert_eq!(kept(), None, "what was read for a monitor goes with it");
}

#[test]
fn an_item_that_could_not_be_read_comes_once_it_can() {
    let mut broken = post("mended", "mention", START_MS);
    broken.1["author"] = json!("?");
    let mut account = Account::new(vec![broken, post("n", "mention", START_MS + 1)], Vec::new());
    assert_eq!(account.poll(), ["n"]);
    let malformed = |net: &Fake| {
        let logs = net.logs.borrow();
        logs.iter().filter(|l| l.contains("malformed")).count()
    };
    assert_eq!(malformed(&account.net), 1);
    assert_eq!(account.poll(), [""; 0]);
    assert_eq!(malformed(&account.net), 1, "told once");
    account.notifications.borrow_mut()[0] = post("mended", "mention", START_MS);
    assert_eq!(account.poll(), ["mended"]);
}

#[test]
fn what_is_remembered_fits_in_the_inboxs_state() {
    let many = |name: &str| {
        let posts =
            (0..700_i64).map(|i| post(&format!("{name}{i}"), "mention", START_MS + i * 60_000));
        posts.collect::<Vec<_>>()
    };
    let mut account = Account::new(many("n"), many("h"));
    account.monitors = (0..60)
        .map(|i| monitor(&format!("m-{i}"), "zonnewind"))
        .collect();
    account.poll();
    account.notifications.borrow_mut().extend(many("more"));
    account.poll();
    let size: usize = account
        .net
        .state
        .borrow()
        .iter()
        .map(|(k, v)| k.len() + v.len())
        .sum();
    assert!(size < 600_000, "{size} bytes of 1 MiB");
}

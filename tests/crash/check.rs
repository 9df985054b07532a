//! What must hold after every crash: the ledger against the store and the recorder.

use crate::ledger::{Book, Key, Report};
use crate::support::store::{self, Store};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Figures for the test's last line.
#[derive(Debug, Default)]
pub struct Found {
    pub events: i64,
    pub acknowledged: usize,
    pub messages: usize,
    pub evaluations: usize,
    pub ordered: usize,
    pub sent: usize,
    pub uncertain: usize,
    pub dead: usize,
}

/// What waits or is under way: kind, status and count.
pub async fn waiting(store: &Store) -> Vec<(String, String, i64)> {
    let sql = "SELECT 'event', status, COUNT(*) FROM inbound_event
            WHERE status IN ('queued', 'leased') GROUP BY status
        UNION ALL SELECT 'answer', status, COUNT(*) FROM outbox_item
            WHERE status IN ('queued', 'sending', 'uncertain') GROUP BY status";
    sqlx::query_as(sql).fetch_all(store).await.unwrap()
}

/// How many entries of feeds have come in.
pub async fn polled(store: &Store) -> i64 {
    let sql = "SELECT COUNT(*) FROM inbound_event e JOIN inbox i ON i.id = e.inbox_id
        WHERE i.name LIKE 'feed-%'";
    sqlx::query_scalar(sql).fetch_one(store).await.unwrap()
}

/// Checks everything; what is wrong, at most some lines of each kind.
pub async fn check(
    store: &Store,
    book: &Book,
    arrivals: &BTreeMap<String, usize>,
) -> Result<Found, String> {
    let mut found = Found::default();
    let mut wrong = Vec::new();
    events(store, book, &mut found, &mut wrong).await;
    messages(store, book, &mut found, &mut wrong).await;
    let first = evaluations(store, &mut found, &mut wrong).await;
    order(book, &first, &mut found, &mut wrong);
    outbox(store, book, arrivals, &mut found, &mut wrong).await;
    match wrong.is_empty() {
        true => Ok(found),
        false => {
            let count = wrong.len();
            wrong.truncate(40);
            Err(format!("{count} things are wrong:\n{}", wrong.join("\n")))
        }
    }
}

/// Which made-up faults [`check`] does not see; to be none.
pub async fn blind(
    store: &Store,
    book: &Book,
    arrivals: &BTreeMap<String, usize>,
) -> Vec<&'static str> {
    let mut blind = Vec::new();
    let mut lost = book.clone();
    let report = Report {
        id: "create-lost".to_owned(),
        content: String::new(),
        acknowledged: true,
    };
    let key = ("town".to_owned(), "lost".to_owned());
    lost.messages.insert(key, vec![report]);
    let mut doubled = arrivals.clone();
    if let Some(count) = doubled.values_mut().next() {
        *count += 1;
    }
    let mut swapped = book.clone();
    for messages in swapped.orders.values_mut() {
        messages.reverse();
    }
    let cases = [
        ("an event that is lost", &lost, arrivals),
        ("an answer that was sent twice", book, &doubled),
        ("a conversation in disorder", &swapped, arrivals),
    ];
    for (what, book, arrivals) in cases {
        if check(store, book, arrivals).await.is_ok() {
            blind.push(what);
        }
    }
    blind
}

/// Every acknowledged event is there, done, and none is held by anybody.
async fn events(store: &Store, book: &Book, found: &mut Found, wrong: &mut Vec<String>) {
    let sql = "SELECT i.name, e.external_id, e.status FROM inbound_event e
        JOIN inbox i ON i.id = e.inbox_id";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(store).await.unwrap();
    found.events = rows.len() as i64;
    let mut stored = BTreeSet::new();
    for (inbox, id, status) in rows {
        if status != "done" {
            wrong.push(format!("event {id} is {status}"));
        }
        if !stored.insert((inbox, id.clone())) {
            wrong.push(format!("event {id} is there twice"));
        }
    }
    for ((inbox, _), reports) in &book.messages {
        for report in reports.iter().filter(|report| report.acknowledged) {
            found.acknowledged += 1;
            if !stored.contains(&(inbox.clone(), report.id.clone())) {
                wrong.push(format!("{} was acknowledged and is lost", report.id));
            }
        }
    }
}

/// Every message reads as the last acknowledged report says, or one after it.
async fn messages(store: &Store, book: &Book, found: &mut Found, wrong: &mut Vec<String>) {
    let sql = "SELECT i.name, m.external_id, m.content FROM message m
        JOIN inbox i ON i.id = m.inbox_id WHERE m.direction = 'inbound'";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(store).await.unwrap();
    found.messages = rows.len();
    let mut stored: BTreeMap<Key, String> = BTreeMap::new();
    for (inbox, id, content) in rows {
        if stored.insert((inbox, id.clone()), content).is_some() {
            wrong.push(format!("message {id} is there twice"));
        }
    }
    for (key, reports) in &book.messages {
        let Some(last) = reports.iter().rposition(|report| report.acknowledged) else {
            continue;
        };
        let allowed = |content: &String| {
            reports[last..]
                .iter()
                .any(|r: &Report| r.content == *content)
        };
        match stored.get(key) {
            None => wrong.push(format!("message {} is lost", key.1)),
            Some(content) if !allowed(content) => {
                wrong.push(format!("message {} reads {content:?}", key.1));
            }
            Some(_) => {}
        }
    }
    for key in stored
        .keys()
        .filter(|key| !book.messages.contains_key(*key))
    {
        wrong.push(format!("nobody wrote message {}", key.1));
    }
}

/// Each reading of a message was judged once by each policy, its last one surely. When each message
/// was first judged.
async fn evaluations(
    store: &Store,
    found: &mut Found,
    wrong: &mut Vec<String>,
) -> BTreeMap<Key, i64> {
    let sql = "SELECT i.name, m.external_id, m.content, e.plugin || ' ' || e.version, e.input, e.evaluated
        FROM evaluation e JOIN message m ON m.id = e.message_id JOIN inbox i ON i.id = m.inbox_id
        WHERE e.moment = 'inbound'";
    let rows: Vec<(String, String, String, String, String, i64)> =
        sqlx::query_as(sql).fetch_all(store).await.unwrap();
    found.evaluations = rows.len();
    let mut judged = BTreeSet::new();
    let mut last = BTreeSet::new();
    let mut first: BTreeMap<Key, i64> = BTreeMap::new();
    for (inbox, id, now, policy, input, evaluated) in rows {
        let input: Value = serde_json::from_str(&input).expect("the input is JSON");
        let content = content_of(&input).expect("the input has the message's text");
        let key = (inbox, id.clone());
        if content == now {
            last.insert((key.clone(), policy.clone()));
        }
        if !judged.insert((key.clone(), policy.clone(), content)) {
            wrong.push(format!("{policy} judged {id} twice as it reads"));
        }
        let first = first.entry(key).or_insert(evaluated);
        *first = evaluated.min(*first);
    }
    let policies: BTreeSet<&String> = judged.iter().map(|(_, policy, _)| policy).collect();
    let sql = "SELECT i.name, m.external_id FROM message m JOIN inbox i ON i.id = m.inbox_id
        WHERE m.direction = 'inbound' AND m.deleted IS NULL";
    let rows: Vec<Key> = sqlx::query_as(sql).fetch_all(store).await.unwrap();
    for key in rows {
        for policy in &policies {
            if !last.contains(&(key.clone(), (*policy).clone())) {
                wrong.push(format!("{policy} never judged {} as it reads", key.1));
            }
        }
    }
    let stray = "SELECT COUNT(*) FROM decision d
        WHERE NOT EXISTS (SELECT 1 FROM evaluation e WHERE e.id = d.evaluation_id)";
    if store::count(store, stray).await > 0 {
        wrong.push("decisions without an evaluation".to_owned());
    }
    first
}

/// The text of the message in a policy's input, wherever the record has it.
fn content_of(input: &Value) -> Option<String> {
    let message = input.get("message")?;
    message.get("content")?.as_str().map(str::to_owned)
}

/// Messages of one conversation that were never edited were judged in the order in which they came.
fn order(book: &Book, first: &BTreeMap<Key, i64>, found: &mut Found, wrong: &mut Vec<String>) {
    for ((inbox, conversation), messages) in &book.orders {
        let judged = messages.iter().filter_map(|id| {
            let key = (inbox.clone(), id.clone());
            let plain = book
                .messages
                .get(&key)
                .is_some_and(|reports| reports.len() == 1);
            plain.then(|| Some((id, *first.get(&key)?))).flatten()
        });
        let judged: Vec<_> = judged.collect();
        found.ordered += judged.len();
        for pair in judged.windows(2) {
            if pair[0].1 > pair[1].1 {
                let (late, early) = (pair[0].0, pair[1].0);
                wrong.push(format!(
                    "in {conversation}, {early} was judged before {late}"
                ));
            }
        }
    }
}

/// What was to go out arrived once, or stands visibly uncertain.
async fn outbox(
    store: &Store,
    book: &Book,
    arrivals: &BTreeMap<String, usize>,
    found: &mut Found,
    wrong: &mut Vec<String>,
) {
    let sql = "SELECT draft_id, idempotency_key, status FROM outbox_item";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(store).await.unwrap();
    let drafts: BTreeSet<&String> = rows.iter().map(|(draft, _, _)| draft).collect();
    for draft in book.queued.iter().filter(|draft| !drafts.contains(draft)) {
        wrong.push(format!(
            "draft {draft} was acknowledged and is not in the outbox"
        ));
    }
    for (draft, key, status) in &rows {
        let arrived = arrivals.get(key).copied().unwrap_or(0);
        let (allowed, count) = match status.as_str() {
            "sent" => (arrived == 1, &mut found.sent),
            "uncertain" => (arrived <= 1, &mut found.uncertain),
            "dead" => (arrived == 0, &mut found.dead),
            _ => (false, &mut found.dead),
        };
        *count += 1;
        if !allowed {
            wrong.push(format!(
                "the answer {draft} is {status} and arrived {arrived} times"
            ));
        }
    }
    let keys: BTreeSet<&String> = rows.iter().map(|(_, key, _)| key).collect();
    for key in arrivals.keys().filter(|key| !keys.contains(key)) {
        wrong.push(format!("{key} arrived and is not in the outbox"));
    }
}

//! A network answers 500 to everything that is sent to it, for an hour.
//!
//! The host's wall clock, which says when the next try is due, is moved from each due time to the
//! next: so the hour takes seconds, and no try is missed or late. Time limits of calls are measured by
//! the other clock and are what they always are.

use crate::SOON;
use crate::clock::Clock;
use crate::network::{Network, Sends};
use crate::support::{Host, until};
use serde_json::{Value, json};
use std::path::Path;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// The first wait at the least; then it doubles, until it is [`LONG_MS`]. None is longer than twice that.
const SHORT_MS: i64 = 1_000;
const LONG_MS: i64 = 450_000;
/// Between the moment that a wait is counted from and the end of the try on record, at the most.
const SLACK_MS: i64 = 500;
/// Tries in the hour, at the most, with the shortest waits.
const TRIES_MAX: usize = 18;
/// From being queued to its first try, for an answer that nothing holds up.
const PROMPT_MS: i64 = 10_000;
const ANSWER: &str = "Hoi, dat zoeken we meteen voor je uit. Groet, Sanne";

/// Two inboxes of the connector `recorded-channel`. Whenever a send fails it asks to be called again
/// in half a second.
pub fn config(dir: &Path, inboxes: [(&str, &Network); 2]) -> String {
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests/recorded-channel");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    let (_, bytes) = rapport_package::build::build(&guest, Some(&target)).expect("it builds");
    let file = dir.join("recorded-channel.rapport");
    std::fs::write(&file, bytes).expect("it is written");
    let mut config = format!("[plugins.recorded-channel]\nfile = {file:?}\n");
    for (name, Network { host, .. }) in inboxes {
        config += &format!(
            "[[inbox]]\nname = \"{name}\"\nplugin = \"recorded-channel\"\npoll-seconds = 1\n\
             local-hosts = [\"{host}\"]\n\
             settings = {{ address = \"http://{host}\", feed = \"{name}\" }}\n"
        );
    }
    config
}

/// Somebody writes on a network and is answered; the outbox item.
pub async fn answered(host: &Host, network: &Network, id: &str) -> String {
    network.publish(id);
    let message = until("the message is there", SOON, async || {
        let page = host.get("messages?limit=200").await;
        let items = page["items"].as_array()?;
        items.iter().find(|m| m["externalId"] == id).cloned()
    })
    .await;
    let new = json!({"messageId": message["id"], "content": ANSWER, "author": "Sanne"});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let path = format!("drafts/{}/send", draft["id"].as_str().unwrap());
    let (status, outcome) = host.post(&path, &Value::Null).await;
    assert_eq!(status, 200, "{outcome:#}");
    let item = outcome["outboxItemId"].as_str();
    item.unwrap_or_else(|| panic!("{outcome:#}")).to_owned()
}

/// An outbox item as the API shows it.
#[derive(Debug)]
pub struct Item {
    pub status: String,
    pub key: String,
    created: i64,
    next: i64,
    attempts: usize,
    tries: Vec<Value>,
}

impl Item {
    pub async fn get(host: &Host, id: &str) -> Self {
        let item = host.get(&format!("outbox/{id}")).await;
        let text = |name: &str| item[name].as_str().expect("a text").to_owned();
        let number = |name: &str| item[name].as_i64().expect("a number");
        Self {
            status: text("status"),
            key: text("idempotencyKey"),
            created: number("created"),
            next: number("nextAttempt"),
            attempts: number("attempts") as usize,
            tries: item["deliveryAttempts"].as_array().expect("tries").clone(),
        }
    }

    /// Once so many tries are over, and none is under way.
    async fn tried(host: &Host, id: &str, tries: usize) -> Self {
        until(&format!("try {tries}"), SOON, async || {
            let item = Self::get(host, id).await;
            // Item and tries are read one after the other.
            let settled = item.status != "sending" && item.attempts == item.tries.len();
            (settled && item.tries.len() >= tries).then_some(item)
        })
        .await
    }

    fn time(&self, n: usize, name: &str) -> i64 {
        self.tries[n][name].as_i64().expect("a time")
    }

    /// It waits for its next try, not too long; every one so far failed, was recorded, and was the
    /// network's 500.
    fn waits(&self) {
        assert_eq!(self.status, "queued", "{self:#?}");
        for tried in &self.tries {
            assert_eq!(tried["outcome"], "retry", "{self:#?}");
            let error = tried["error"].as_str().unwrap_or_default();
            assert!(error.contains("500"), "{tried:#}");
        }
        let wait = self.next - self.time(self.tries.len() - 1, "finished");
        assert!(wait <= 2 * LONG_MS, "{self:#?}");
    }

    /// The waits between its tries: at first short, and each time twice as long.
    fn grew(&self) -> Vec<i64> {
        let between = |n| self.time(n + 1, "started") - self.time(n, "finished");
        let waits: Vec<i64> = (0..self.tries.len() - 1).map(between).collect();
        for (n, wait) in waits.iter().enumerate() {
            let least = LONG_MS.min(SHORT_MS << n) - SLACK_MS;
            assert!(*wait >= least, "wait {n} of {waits:?}");
        }
        waits
    }

    /// It was delivered, in its last try, once.
    fn went_out(&self, network: &Network) {
        assert_eq!(self.status, "sent", "{self:#?}");
        let (last, before) = self.tries.split_last().expect("a try");
        assert_eq!(last["outcome"], "sent", "{self:#?}");
        assert!(before.iter().all(|tried| tried["outcome"] == "retry"));
        let sends = Sends {
            refused: before.len(),
            taken: 1,
        };
        assert_eq!(network.sends(&self.key), sends);
    }

    fn was_prompt(&self) {
        let after = self.time(0, "started") - self.created;
        assert!(after < PROMPT_MS, "first tried after {after} ms");
    }
}

/// An answer in the other inbox goes out at once.
pub async fn other_is_prompt(host: &Host, network: &Network, n: usize) {
    let id = answered(host, network, &format!("well-{n}")).await;
    let item = Item::tried(host, &id, 1).await;
    item.went_out(network);
    item.was_prompt();
}

/// The host's clock, and how far it is ahead of ours.
struct Ahead(Clock, i64);

impl Ahead {
    /// Moves it on to this moment, unless that is past.
    fn go_to(&mut self, moment: i64) {
        self.1 = self.1.max(moment - rapport_host::domain::now_ms());
        self.0.set(&format!("{:+.3}", self.1 as f64 / 1000.0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_out_of_order_for_an_hour_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut clock = Ahead(Clock::new(dir.path()), 0);
    let (ill, well) = (Network::start().await, Network::start().await);
    ill.set_broken(true);
    let config = config(dir.path(), [("ill", &ill), ("well", &well)]);
    let host = Host::start_with(&config, dir.path(), &clock.0.environment()).await;

    let id = answered(&host, &ill, "ill-1").await;
    let mut item = Item::tried(&host, &id, 1).await;
    let end = item.time(0, "started") + HOUR_MS;
    let mut second = None;
    let mut others = 0;
    loop {
        item.waits();
        let tries = item.tries.len();
        if tries >= 5 && second.is_none() {
            // Another conversation there does not wait for this one's turn.
            let id = answered(&host, &ill, "ill-2").await;
            let item = Item::tried(&host, &id, 1).await;
            item.waits();
            item.was_prompt();
            second = Some(id);
        }
        others += 1;
        other_is_prompt(&host, &well, others).await;
        if item.next >= end {
            break;
        }
        let due = item.next;
        clock.go_to(due);
        item = Item::tried(&host, &id, tries + 1).await;
        assert!(item.time(tries, "started") >= due, "tried too early");
    }
    let (waits, tries) = (item.grew(), item.tries.len());
    assert!(tries <= TRIES_MAX, "{tries} tries");
    // The network knows of no others.
    let refused = Sends {
        refused: tries,
        taken: 0,
    };
    assert_eq!(ill.sends(&item.key), refused);

    let second = second.expect("the hour has five tries");
    let other = Item::tried(&host, &second, 2).await;
    other.waits();
    ill.set_broken(false);
    clock.go_to(item.next.max(other.next));
    for id in [&id, &second] {
        until("it goes out", SOON, async || {
            let item = Item::get(&host, id).await;
            (item.status == "sent").then_some(())
        })
        .await;
    }
    // And that is all, also long after.
    clock.go_to(end + 2 * HOUR_MS);
    others += 1;
    other_is_prompt(&host, &well, others).await;
    for id in [&id, &second] {
        Item::get(&host, id).await.went_out(&ill);
    }
    assert_eq!(ill.taken(), 2);
    let page = host.get("messages?limit=200").await;
    let items = page["items"].as_array().unwrap();
    let ours = items.iter().filter(|m| m["direction"] == "outbound");
    assert_eq!(ours.count(), 2 + others);
    println!("{tries} tries in the hour, after {waits:?} ms");
}

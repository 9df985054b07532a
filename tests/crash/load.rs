//! The load: writers that hand in messages, edits and repetitions at webhooks as impatient networks
//! do, an author whose posts are polled, and agents who answer. All of them go on through every
//! crash until they are told to stop, and note in the [`Ledger`] what was acknowledged.

use crate::ledger::Ledger;
use crate::recorder::{FIRST_MS, Recorder};
use crate::support::{Host, client};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Conversations of one writer.
const CONVERSATIONS: u32 = 6;
const TEXTS: [&str; 4] = [
    "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?",
    "Dit is een klacht: ik wacht al drie weken op mijn pakket!",
    "Thank you for the quick reply, all is well.",
    "Waar blijft de monteur? Ik sta al een uur te wachten.",
];
const ANSWER: &str = "Hoi, dat zoeken we meteen voor je uit. Groet, Sanne";

/// Where the hosts are at the moment: none for one that is down.
#[derive(Default)]
pub struct Doors(Mutex<Vec<Option<Door>>>);

#[derive(Clone)]
struct Door {
    address: String,
    token: Option<String>,
}

impl Doors {
    pub fn set(&self, number: usize, host: Option<&Host>) {
        let door = host.map(|host| Door {
            address: host.address.clone(),
            token: host.token.clone(),
        });
        let mut doors = self.0.lock().expect("nobody panicked");
        if doors.len() <= number {
            doors.resize(number + 1, None);
        }
        doors[number] = door;
    }

    fn any(&self) -> Option<Door> {
        let doors = self.0.lock().expect("nobody panicked");
        let up: Vec<_> = doors.iter().flatten().collect();
        fastrand::choice(up).cloned()
    }
}

/// What all who make load share.
pub struct Load {
    pub doors: Doors,
    pub ledger: Ledger,
    pub recorder: Recorder,
    stop: AtomicBool,
    client: Client,
}

impl Load {
    pub fn new(recorder: Recorder) -> Arc<Self> {
        Arc::new(Self {
            doors: Doors::default(),
            ledger: Ledger::default(),
            recorder,
            stop: AtomicBool::new(false),
            client: client(),
        })
    }

    /// Starts everybody: two writers for each of these webhooks, an author for each of these feeds,
    /// two agents.
    pub fn start(self: &Arc<Self>, webhooks: &[&str], feeds: &[&str]) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (n, inbox) in webhooks.iter().cycle().take(2 * webhooks.len()).enumerate() {
            let writer = Writer::new(self, inbox, n);
            tasks.push(tokio::spawn(writer.run()));
        }
        for feed in feeds {
            tasks.push(tokio::spawn(author(Arc::clone(self), (*feed).to_owned())));
        }
        for _ in 0..2 {
            tasks.push(tokio::spawn(agent(Arc::clone(self))));
        }
        tasks
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Asks any host; none when there was no whole answer.
    async fn ask(&self, method: Method, path: &str, body: String) -> Option<(u16, Value)> {
        let answer = self.try_ask(method, path, body).await;
        let status = answer.as_ref().map_or(0, |(status, _)| *status);
        self.ledger.answered(status);
        answer
    }

    async fn try_ask(&self, method: Method, path: &str, body: String) -> Option<(u16, Value)> {
        let Door { address, token } = self.doors.any()?;
        let mut request = self.client.request(method, format!("{address}{path}"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}

/// Somebody at work.
pub type Task = tokio::task::JoinHandle<()>;

async fn pause(ms: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ms))).await;
}

/// A line for the sample channel, and what it reports.
#[derive(Clone)]
struct Line {
    message: String,
    activity: String,
    text: String,
}

/// Hands in at one webhook. Only it writes in its conversations.
struct Writer {
    load: Arc<Load>,
    inbox: String,
    name: String,
    count: u32,
    /// What was acknowledged: messages with their conversations, and whole requests.
    known: Vec<(String, u32)>,
    before: Vec<Vec<Line>>,
}

impl Writer {
    fn new(load: &Arc<Load>, inbox: &str, number: usize) -> Self {
        Self {
            load: Arc::clone(load),
            inbox: inbox.to_owned(),
            name: format!("{inbox}-{number}"),
            count: 0,
            known: Vec::new(),
            before: Vec::new(),
        }
    }

    async fn run(mut self) {
        while !self.load.stopped() {
            match fastrand::u32(0..20) {
                0 | 1 if !self.before.is_empty() => self.repeat().await,
                2..6 if !self.known.is_empty() => self.edit().await,
                _ => self.write().await,
            }
            pause(0..40).await;
        }
    }

    /// Some new messages in one request, at most one a conversation.
    async fn write(&mut self) {
        let first = fastrand::u32(0..CONVERSATIONS);
        let conversations: Vec<u32> = (0..fastrand::u32(1..=CONVERSATIONS))
            .map(|n| (first + n) % CONVERSATIONS)
            .collect();
        let lines: Vec<Line> = conversations
            .iter()
            .map(|conversation| {
                self.count += 1;
                let message = format!("{}-m{}", self.name, self.count);
                let activity = format!("create-{message}");
                self.line(message, activity, "Create", *conversation)
            })
            .collect();
        if self.hand_in(&lines).await {
            for (line, conversation) in lines.iter().zip(conversations) {
                let place = self.conversation(conversation);
                let ledger = &self.load.ledger;
                ledger.in_order(&self.inbox, &place, &line.message);
                self.known.push((line.message.clone(), conversation));
            }
            self.before.push(lines);
        }
    }

    async fn edit(&mut self) {
        let (message, conversation) = fastrand::choice(&self.known).cloned().expect("one");
        self.count += 1;
        let activity = format!("update-{}-{message}", self.count);
        let line = self.line(message, activity, "Update", conversation);
        self.hand_in(&[line]).await;
    }

    /// What was handed in before, once more, and sometimes twice at the same time.
    async fn repeat(&self) {
        let lines = fastrand::choice(&self.before).expect("one");
        if fastrand::bool() {
            tokio::join!(self.post(lines), self.post(lines));
        } else {
            self.post(lines).await;
        }
    }

    fn conversation(&self, number: u32) -> String {
        format!("{}-c{number}", self.name)
    }

    fn line(&self, message: String, activity: String, kind: &str, conversation: u32) -> Line {
        let content = format!("{} ({activity})", TEXTS[self.count as usize % TEXTS.len()]);
        let at = chrono::DateTime::from_timestamp_millis(FIRST_MS + i64::from(self.count) * 1000)
            .expect("a time")
            .to_rfc3339();
        let who = format!("{}-p{conversation}", self.name);
        let text = json!({
            "id": activity, "type": kind, "published": at,
            "object": {
                "id": message, "content": content, "visibility": "direct", "reach": "directed",
                "context": self.conversation(conversation), "attributedTo": {"id": who},
            },
        });
        let ledger = &self.load.ledger;
        ledger.handed_in(&self.inbox, &message, &activity, &content);
        Line {
            message,
            activity,
            text: text.to_string(),
        }
    }

    /// Until it is acknowledged; sometimes it is given up. Whether it was acknowledged.
    async fn hand_in(&self, lines: &[Line]) -> bool {
        while !self.post(lines).await {
            if self.load.stopped() || fastrand::u32(0..6) == 0 {
                return false;
            }
            pause(30..200).await;
        }
        true
    }

    async fn post(&self, lines: &[Line]) -> bool {
        let body: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let path = format!("/webhooks/{}", self.inbox);
        let answer = self.load.ask(Method::POST, &path, body.join("\n")).await;
        let acknowledged = matches!(answer, Some((200..=299, _)));
        if acknowledged {
            let reports: Vec<_> = lines
                .iter()
                .map(|line| (line.message.clone(), line.activity.clone()))
                .collect();
            self.load.ledger.acknowledged(&self.inbox, &reports);
        }
        acknowledged
    }
}

/// Posts where a feed is polled: the network keeps it, so it counts as acknowledged.
async fn author(load: Arc<Load>, feed: String) {
    let mut count = 0;
    while !load.stopped() {
        count += 1;
        let id = format!("{feed}-{count}");
        let activity = format!("create-{id}");
        let content = format!("{} ({activity})", TEXTS[count % TEXTS.len()]);
        let conversation = format!("{feed}-c{}", count % 20);
        load.ledger.handed_in(&feed, &id, &activity, &content);
        load.ledger.acknowledged(&feed, &[(id.clone(), activity)]);
        load.ledger.in_order(&feed, &conversation, &id);
        let entry = json!({"id": id, "conversation": conversation, "content": content,
            "author": format!("{conversation}-author"), "published": FIRST_MS + count as i64 * 1000});
        load.recorder.publish(&feed, entry);
        pause(20..100).await;
    }
}

/// Answers what came from a feed.
async fn agent(load: Arc<Load>) {
    while !load.stopped() {
        pause(20..150).await;
        let listed = load.ask(Method::GET, "/api/v1/messages?limit=100", String::new());
        let Some((200, page)) = listed.await else {
            continue;
        };
        let messages = page["items"].as_array().expect("a list");
        let from_feed = |m: &&Value| {
            m["direction"] == "inbound" && m["externalId"].as_str().is_some_and(is_from_feed)
        };
        let messages: Vec<_> = messages.iter().filter(from_feed).collect();
        if let Some(message) = fastrand::choice(messages) {
            answer(&load, message).await;
        }
    }
}

fn is_from_feed(external_id: &str) -> bool {
    external_id.starts_with("feed")
}

async fn answer(load: &Load, message: &Value) {
    let new = json!({"messageId": message["id"], "content": ANSWER, "author": "Sanne"});
    let written = load.ask(Method::POST, "/api/v1/drafts", new.to_string());
    let Some((201, draft)) = written.await else {
        return;
    };
    let id = draft["id"].as_str().expect("an id");
    let path = format!("/api/v1/drafts/{id}/send");
    loop {
        match load.ask(Method::POST, &path, "null".into()).await {
            Some((200, outcome)) => {
                if outcome["outboxItemId"].is_string() {
                    load.ledger.queued(id);
                }
                return;
            }
            // Already on its way: the answer to the first try was lost.
            Some((409, _)) => {
                load.ledger.queued(id);
                return;
            }
            _ if load.stopped() => return,
            _ => pause(30..200).await,
        }
    }
}

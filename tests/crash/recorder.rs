//! A network of one server: it has feeds to poll, takes what is sent, and keeps a record of both. It
//! helps nobody: what is sent twice is recorded twice.
//!
//! It is as bad as networks are: by chance it answers late, loses the answer to what it took, or is
//! overloaded; told to, it is gone altogether.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When the first message was written: milliseconds since 1970.
pub const FIRST_MS: i64 = 1_770_000_000_000;
/// Entries in one page of a feed.
const PAGE: usize = 50;

#[derive(Default)]
struct Book {
    feeds: BTreeMap<String, Vec<Value>>,
    /// What was sent, by idempotency key; more than one is a fault of the host's.
    sent: BTreeMap<String, Vec<String>>,
}

#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    gone: AtomicBool,
    /// No bad luck from here on.
    calm: AtomicBool,
    polls: AtomicU32,
    polling: Mutex<BTreeMap<String, u32>>,
    overlaps: AtomicU32,
}

/// The server; it stops with the test's runtime.
#[derive(Clone)]
pub struct Recorder {
    /// `127.0.0.1:port`.
    pub host: String,
    shared: Arc<Shared>,
}

impl Recorder {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/feed/{feed}", get(feed))
            .route("/send", post(send))
            .route("/sent/{key}", get(sent))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, shared }
    }

    /// Puts an entry at the end of a feed.
    pub fn publish(&self, feed: &str, entry: Value) {
        let mut book = self.shared.book.lock().unwrap();
        book.feeds.entry(feed.to_owned()).or_default().push(entry);
    }

    /// How often each key arrived.
    pub fn arrivals(&self) -> BTreeMap<String, usize> {
        let book = self.shared.book.lock().unwrap();
        let count = |(key, sent): (&String, &Vec<String>)| (key.clone(), sent.len());
        book.sent.iter().map(count).collect()
    }

    /// Gone: connections break, nothing is taken.
    pub fn set_gone(&self, gone: bool) {
        self.shared.gone.store(gone, Ordering::SeqCst);
    }

    /// Back, and from here on without bad luck.
    pub fn calm_down(&self) {
        self.shared.calm.store(true, Ordering::SeqCst);
        self.set_gone(false);
    }

    /// How many polls there were, and how many began while another of the same feed was under way.
    pub fn polls(&self) -> (u32, u32) {
        let (polls, overlaps) = (&self.shared.polls, &self.shared.overlaps);
        (
            polls.load(Ordering::SeqCst),
            overlaps.load(Ordering::SeqCst),
        )
    }
}

/// An entry of a feed, in a conversation of its own.
pub fn entry(id: &str) -> Value {
    json!({"id": id, "conversation": format!("{id}-c"), "author": "lotte",
        "content": "Waar blijft de monteur?", "published": FIRST_MS})
}

/// Counts a poll for as long as it lasts, also when its client leaves.
struct Polling(Arc<Shared>, String);

impl Polling {
    fn begin(shared: &Arc<Shared>, feed: &str) -> Self {
        shared.polls.fetch_add(1, Ordering::SeqCst);
        let mut polling = shared.polling.lock().unwrap();
        let open = polling.entry(feed.to_owned()).or_default();
        if *open > 0 {
            shared.overlaps.fetch_add(1, Ordering::SeqCst);
        }
        *open += 1;
        Self(Arc::clone(shared), feed.to_owned())
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        if let Some(open) = self.0.polling.lock().unwrap().get_mut(&self.1) {
            *open -= 1;
        }
    }
}

impl Shared {
    fn gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    /// True one time in `n`, unless calm.
    fn unlucky(&self, n: u32) -> bool {
        !self.calm.load(Ordering::SeqCst) && fastrand::u32(0..n) == 0
    }
}

/// An answer that breaks off.
fn broken() -> Response {
    let cut = stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("gone")) });
    Body::from_stream(cut).into_response()
}

async fn feed(
    State(shared): State<Arc<Shared>>,
    Path(feed): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if shared.gone() {
        return broken();
    }
    let _polling = Polling::begin(&shared, &feed);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let after: usize = query["after"].parse().unwrap();
    let page = {
        let book = shared.book.lock().unwrap();
        let entries = book.feeds.get(&feed).map_or(&[][..], Vec::as_slice);
        let rest = entries.get(after..).unwrap_or_default();
        let entries = &rest[..rest.len().min(PAGE)];
        let more = rest.len() > PAGE;
        json!({ "entries": entries, "cursor": after + entries.len(), "more": more })
    };
    axum::Json(page).into_response()
}

fn receipt(key: &str) -> Response {
    axum::Json(json!({ "id": format!("sent-{key}"), "published": FIRST_MS })).into_response()
}

async fn send(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    if shared.gone() {
        return broken();
    }
    if shared.unlucky(20) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    {
        let mut book = shared.book.lock().unwrap();
        book.sent.entry(key.clone()).or_default().push(body);
    }
    if shared.unlucky(3) {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(20..400))).await;
    }
    if shared.unlucky(10) {
        return broken();
    }
    receipt(&key)
}

async fn sent(State(shared): State<Arc<Shared>>, Path(key): Path<String>) -> Response {
    if shared.gone() || shared.unlucky(10) {
        return broken();
    }
    let known = shared.book.lock().unwrap().sent.contains_key(&key);
    match known {
        true => receipt(&key),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

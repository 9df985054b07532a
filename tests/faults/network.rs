//! A network of one server, for the guest `recorded-channel`: it has a feed to poll, takes what is sent
//! and counts it. While it is out of order it answers every send with 500; while it is silent it takes
//! what is asked and answers nothing at all.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// When its messages were written: milliseconds since 1970.
const WRITTEN_MS: i64 = 1_770_000_000_000;

/// Sends of one idempotency key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sends {
    pub refused: usize,
    pub taken: usize,
}

#[derive(Default)]
struct Book {
    broken: bool,
    silent: bool,
    entries: Vec<Value>,
    sends: BTreeMap<String, Sends>,
}

/// The server; it stops with the test's runtime.
pub struct Network {
    /// `127.0.0.1:port`.
    pub host: String,
    book: Shared,
}

type Shared = Arc<Mutex<Book>>;

fn open(book: &Shared) -> MutexGuard<'_, Book> {
    book.lock().expect("nobody panicked")
}

impl Network {
    pub async fn start() -> Self {
        let book = Shared::default();
        let router = Router::new()
            .route("/feed/{feed}", get(feed))
            .route("/send", post(send))
            .route("/sent/{key}", get(sent))
            .with_state(Arc::clone(&book));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, book }
    }

    /// Somebody writes, in a conversation of its own.
    pub fn publish(&self, id: &str) {
        let entry = json!({"id": id, "conversation": format!("{id}-c"), "author": format!("{id}-a"),
            "content": "Waar blijft de monteur?", "published": WRITTEN_MS});
        open(&self.book).entries.push(entry);
    }

    pub fn set_broken(&self, broken: bool) {
        open(&self.book).broken = broken;
    }

    pub fn set_silent(&self, silent: bool) {
        open(&self.book).silent = silent;
    }

    /// What became of the sends with this key.
    pub fn sends(&self, key: &str) -> Sends {
        open(&self.book).sends.get(key).copied().unwrap_or_default()
    }

    /// Of all keys together.
    pub fn taken(&self) -> usize {
        open(&self.book).sends.values().map(|s| s.taken).sum()
    }
}

/// Keeps who asks waiting, longer than anybody does.
async fn silence(book: &Shared) {
    let silent = open(book).silent;
    if silent {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}

async fn feed(
    State(book): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
) -> axum::Json<Value> {
    let after: usize = query["after"].parse().expect("a number");
    silence(&book).await;
    let book = open(&book);
    let entries = &book.entries[after..];
    axum::Json(json!({"entries": entries, "cursor": book.entries.len(), "more": false}))
}

fn receipt(key: &str) -> Response {
    axum::Json(json!({"id": format!("sent-{key}"), "published": WRITTEN_MS})).into_response()
}

async fn send(State(book): State<Shared>, headers: HeaderMap) -> Response {
    let key = headers["idempotency-key"].to_str().unwrap();
    {
        let mut book = open(&book);
        let broken = book.broken;
        let sends = book.sends.entry(key.to_owned()).or_default();
        if broken {
            sends.refused += 1;
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        sends.taken += 1;
    }
    silence(&book).await;
    receipt(key)
}

async fn sent(State(book): State<Shared>, Path(key): Path<String>) -> Response {
    silence(&book).await;
    let book = open(&book);
    match book.sends.get(&key) {
        _ if book.broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(sends) if sends.taken > 0 => receipt(&key),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

//! A line between host and network that can be cut at the worst moment: when the host creates a
//! record, just before the network hears of it, or just before the host hears that it was done.

use crate::support;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

const BODY_BYTES: usize = 16 << 20;

/// Where the line is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The request never arrives.
    BeforeRequest,
    /// It has been done; the answer never arrives.
    BeforeAnswer,
}

struct Shared {
    service: String,
    client: reqwest::Client,
    cut: Mutex<Option<Cut>>,
    is_cut: Notify,
    created: AtomicUsize,
}

/// The line; it ends with the test's runtime.
pub struct Proxy {
    /// `127.0.0.1:port`.
    pub host: String,
    shared: Arc<Shared>,
}

impl Proxy {
    pub async fn start(service: &str) -> Self {
        let shared = Arc::new(Shared {
            service: service.to_owned(),
            client: support::client(),
            cut: Mutex::new(None),
            is_cut: Notify::new(),
            created: AtomicUsize::new(0),
        });
        let router = axum::Router::new()
            .fallback(forward)
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, shared }
    }

    /// Cuts the next creation of a record, once.
    pub fn cut_next(&self, cut: Cut) {
        *self.shared.cut.lock().unwrap() = Some(cut);
    }

    /// Waits until the line is cut. The host gets no answer to that request, ever.
    pub async fn until_cut(&self) {
        tokio::time::timeout(Duration::from_secs(20), self.shared.is_cut.notified())
            .await
            .expect("the host creates a record");
    }

    /// Records that the network created at the host's request.
    pub fn created(&self) -> usize {
        self.shared.created.load(Ordering::SeqCst)
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let creates = request.uri().path() == "/xrpc/com.atproto.repo.createRecord";
    let cut = if creates {
        shared.cut.lock().unwrap().take()
    } else {
        None
    };
    if cut == Some(Cut::BeforeRequest) {
        return hang(&shared).await;
    }
    let Ok((status, headers, body)) = pass(&shared, request).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if creates && status.is_success() {
        shared.created.fetch_add(1, Ordering::SeqCst);
    }
    if cut == Some(Cut::BeforeAnswer) {
        assert!(status.is_success(), "the network refuses: {body:?}");
        return hang(&shared).await;
    }
    (status, headers, body).into_response()
}

/// The host is told nothing, and the test that it is so.
async fn hang(shared: &Shared) -> Response {
    shared.is_cut.notify_one();
    std::future::pending().await
}

type Answer = (StatusCode, HeaderMap, Bytes);

/// The request as it is, to the network, and its answer.
async fn pass(shared: &Shared, request: Request) -> Result<Answer, reqwest::Error> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = to_bytes(Body::new(body), BODY_BYTES)
        .await
        .unwrap_or_default();
    let response = shared
        .client
        .request(parts.method, format!("{}{path}", shared.service))
        .headers(end_to_end(parts.headers))
        .body(body)
        .send()
        .await?;
    let status = response.status();
    let headers = end_to_end(response.headers().clone());
    Ok((status, headers, response.bytes().await?))
}

/// Without what belongs to one connection.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in [
        header::HOST,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
    ] {
        headers.remove(name);
    }
    headers
}

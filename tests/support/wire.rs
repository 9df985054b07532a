//! A web server on this machine that treats its clients badly, by path, and remembers what it was
//! asked.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What `/login` hands out.
pub const SESSION: &str = "a-session-of-the-server-0123";
/// Largest request body that is read, in bytes.
const BODY_BYTES: usize = 32 << 20;

/// What a client asked: the first line without the version, and the headers as text.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

#[derive(Default)]
struct Shared {
    asked: Mutex<Vec<Asked>>,
    sent_bytes: AtomicU64,
    open: AtomicUsize,
    redirect_to: Mutex<String>,
}

/// The server; it stops with the test's runtime.
pub struct Server {
    /// `127.0.0.1:port`.
    pub host: String,
    shared: Arc<Shared>,
}

/// Counts an answer in progress.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Server {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = axum::Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, shared }
    }

    /// `http://127.0.0.1:port`.
    pub fn address(&self) -> String {
        format!("http://{}", self.host)
    }

    pub fn redirect_to(&self, address: &str) {
        *self.shared.redirect_to.lock().unwrap() = address.to_owned();
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Bytes of endless answers handed to the network so far.
    pub fn sent_bytes(&self) -> u64 {
        self.shared.sent_bytes.load(Ordering::SeqCst)
    }

    /// Waits until every client of a slow or endless answer is gone; panics when one stays.
    pub async fn until_left_or_fail(&self) {
        let left = async {
            while self.shared.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), left)
            .await
            .expect("the client leaves");
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(n, v)| (n.to_string(), text(v)))
        .collect();
    let asked = Asked {
        line: format!("{} {}", parts.method, parts.uri),
        headers,
    };
    let authorization = asked.header("authorization").unwrap_or_default().to_owned();
    let session = asked.header("x-session").unwrap_or_default().to_owned();
    shared.asked.lock().unwrap().push(asked);
    if to_bytes(body, BODY_BYTES).await.is_err() {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match parts.uri.path() {
        "/redirect" => {
            let to = shared.redirect_to.lock().unwrap().clone();
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        "/huge" => Body::from_stream(endless(shared)).into_response(),
        "/slow-drip" => Body::from_stream(drip(shared)).into_response(),
        "/stall" => {
            let _open = Open::new(&shared);
            std::future::pending().await
        }
        "/echo" => ([("x-echo", authorization.clone())], authorization).into_response(),
        "/login" => {
            let body = format!(r#"{{"session": "{SESSION}", "note": "keep {SESSION} safe"}}"#);
            let headers = [(header::SET_COOKIE, "sid=1"), (header::LOCATION, SESSION)];
            (headers, body).into_response()
        }
        "/session" => session.into_response(),
        // As long as a captured value may be, and as bad to look for as can be.
        "/login-long" => format!(r#"{{"session": "{}b"}}"#, "a".repeat(8191)).into_response(),
        "/login-huge" => format!(r#"{{"session": "{}"}}"#, "a".repeat(2 << 20)).into_response(),
        "/seven-mib" => vec![b'a'; 7 << 20].into_response(),
        "/four-mib" => vec![b'x'; 4 << 20].into_response(),
        _ => "ok".into_response(),
    }
}

type Chunk = Result<Bytes, std::convert::Infallible>;

fn endless(shared: Arc<Shared>) -> impl futures_util::Stream<Item = Chunk> + Send {
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    stream::unfold(Open::new(&shared), move |open| {
        open.0
            .sent_bytes
            .fetch_add(chunk.len() as u64, Ordering::SeqCst);
        std::future::ready(Some((Ok(chunk.clone()), open)))
    })
}

/// A byte a second.
fn drip(shared: Arc<Shared>) -> impl futures_util::Stream<Item = Chunk> + Send {
    stream::unfold(Open::new(&shared), |open| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok(Bytes::from_static(b".")), open))
    })
}

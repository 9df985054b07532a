//! A receiver of webhooks on this machine: it remembers what it was sent, and answers as its path
//! says. Signatures are checked with the tests' own HMAC.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::hmac::hmac;
use crate::support::until;

const SOON: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub id: String,
    pub timestamp: String,
    pub signatures: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// How many of the signatures were made with this secret.
    pub fn signed_with(&self, secret: &str) -> usize {
        let key = secret.strip_prefix("whsec_").expect("whsec_");
        let key = BASE64.decode(key.as_bytes());
        let mut signed = format!("{}.{}.", self.id, self.timestamp).into_bytes();
        signed.extend_from_slice(&self.body);
        let expected = hmac(&key.expect("base64"), &signed);
        let expected = format!("v1,{}", BASE64.encode(&expected));
        self.signatures
            .split(' ')
            .filter(|s| *s == expected)
            .count()
    }
}

/// A status, and the `Retry-After` that goes with it.
type Answer = (u16, Option<String>);

#[derive(Default)]
struct Shared {
    got: Mutex<Vec<Got>>,
    /// Answers that a path still has to give before it says 200: status and `Retry-After`.
    script: Mutex<BTreeMap<String, Vec<Answer>>>,
}

/// The server; it stops with the test's runtime.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Receiver {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let routes = Router::new()
            .route("/{path}", axum::routing::post(answer))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { port, shared }
    }

    /// `[webhooks]` of a host that may call it.
    pub fn config(&self) -> String {
        format!("[webhooks]\nlocal-hosts = [\"127.0.0.1:{}\"]\n", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The next answers at a path.
    pub fn answer(&self, path: &str, answers: &[(u16, Option<&str>)]) {
        let owned = answers.iter().map(|(s, r)| (*s, r.map(str::to_owned)));
        let mut script = self.shared.script.lock().unwrap();
        script.insert(path.to_owned(), owned.collect());
    }

    /// What came at a path so far.
    pub fn got(&self, path: &str) -> Vec<Got> {
        let got = self.shared.got.lock().unwrap();
        got.iter().filter(|g| g.path == path).cloned().collect()
    }

    /// Waits until so much has come that `enough` is content with it.
    pub async fn wait_for(&self, path: &str, enough: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        until(&format!("webhooks at /{path}"), SOON, async || {
            let got = self.got(path);
            enough(&got).then_some(got)
        })
        .await
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    shared.got.lock().unwrap().push(Got {
        path: path.clone(),
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signatures: text("webhook-signature"),
        body: body.to_vec(),
    });
    if path.starts_with("never") {
        return std::future::pending().await;
    }
    let scripted = {
        let mut script = shared.script.lock().unwrap();
        let answers = script.get_mut(&path);
        answers.and_then(|a| (!a.is_empty()).then(|| a.remove(0)))
    };
    let Some((status, retry_after)) = scripted else {
        return "thank you\u{7}".into_response();
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), "not now").into_response();
    if let Some(value) = retry_after {
        response
            .headers_mut()
            .insert("retry-after", value.parse().unwrap());
    }
    if (300..400).contains(&status) {
        response
            .headers_mut()
            .insert("location", "/elsewhere".parse().unwrap());
    }
    response
}

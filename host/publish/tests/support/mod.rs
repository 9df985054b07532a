//! A registry on loopback that answers as a test says and remembers what it was asked.
#![allow(dead_code)] // each test file uses its part

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};
use rapport_publish::oci::{Digest, OciError, Options, Reference, pull};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request, as far as the tests look.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub authorization: Option<String>,
    pub host: String,
}

pub type Answer = Response<Body>;

pub struct Server {
    /// `127.0.0.1:port`.
    pub host: String,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server; it ends with the test's runtime. The answerer gets the request, the number
    /// of earlier requests, and the server's own host.
    pub async fn start(
        answer: impl Fn(&Seen, usize, &str) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (seen.clone(), host.clone());
        let app = axum::Router::new().fallback(move |request: Request| {
            let header = |name| {
                let value = request.headers().get(name)?;
                value.to_str().ok().map(str::to_owned)
            };
            let now = Seen {
                method: request.method().to_string(),
                path: request.uri().to_string(),
                authorization: header(header::AUTHORIZATION),
                host: header(header::HOST).unwrap_or_default(),
            };
            let mut log = log.lock().unwrap();
            let response = answer(&now, log.len(), &own);
            log.push(now);
            async move { response }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { host, seen }
    }

    pub fn reference(&self, target: &str) -> Reference {
        format!("oci://{}/team/pack{target}", self.host)
            .parse()
            .unwrap()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Short enough for a test that hangs to fail soon.
pub fn options() -> Options {
    Options {
        deadline: Duration::from_secs(20),
        ..Options::default()
    }
}

pub fn answer(status: u16, content_type: &str, body: impl Into<Body>) -> Answer {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

pub fn leading_to(status: u16, location: &str) -> Answer {
    Response::builder()
        .status(status)
        .header(header::LOCATION, location)
        .body(Body::empty())
        .unwrap()
}

pub fn missing() -> Answer {
    let text = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}"#;
    answer(404, "application/json", text)
}

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const FILE: &[u8] = b"as good as a component: a pull does not look inside";

/// A good manifest for [`FILE`], with one part changed.
pub fn manifest(change: impl Fn(&mut serde_json::Value)) -> String {
    let mut value = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.wasm.config.v0+json",
            "digest": Digest::of(b"{}"),
            "size": 2,
        },
        "layers": [{
            "mediaType": "application/wasm",
            "digest": Digest::of(FILE),
            "size": FILE.len(),
        }],
    });
    change(&mut value);
    value.to_string()
}

/// What a good registry answers that holds [`FILE`], unsigned.
pub fn good(seen: &Seen) -> Answer {
    if seen.path.contains(".minisig") {
        missing()
    } else if seen.path.contains("/manifests/") {
        answer(200, MANIFEST, manifest(|_| {}))
    } else if seen.path.ends_with(&Digest::of(FILE).to_string()) {
        answer(200, "application/octet-stream", FILE)
    } else {
        missing()
    }
}

/// The smallest component.
pub fn component() -> Vec<u8> {
    wasm_encoder::Component::new().finish()
}

/// A component of about this many bytes.
pub fn component_of(size_bytes: usize) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    component.section(&wasm_encoder::CustomSection {
        name: "filler".into(),
        data: vec![7; size_bytes].into(),
    });
    component.finish()
}

/// What is wrong with the tag `1`.
pub async fn pull_error(server: &Server) -> OciError {
    pull(&server.reference(":1"), &options()).await.unwrap_err()
}

/// A registry that is good but for its manifest.
pub async fn with_manifest(body: String, content_type: &'static str) -> Server {
    Server::start(move |seen, _, _| match seen.path.contains("/manifests/1") {
        true => answer(200, content_type, body.clone()),
        false => good(seen),
    })
    .await
}

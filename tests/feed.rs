//! The feed connector through a running host, against feeds of many generators on a web server of the
//! test's own: what it brings in, what it asks the second time, what an edit becomes, and what it
//! does not do.
//!
//! A feed is asked once a minute at most; the test lets the minute pass by turning the clock in the
//! connector's memory back while the host is stopped.

pub mod support;

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use support::{Host, store, until};

const SOON: Duration = Duration::from_secs(60);
const LAST_MODIFIED: &str = "Mon, 06 May 2024 12:00:00 GMT";

/// A document as the server has it.
#[derive(Debug, Clone)]
struct Document {
    body: Vec<u8>,
    etag: String,
}

/// A request as the server saw it.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    file: String,
    if_none_match: Option<String>,
    if_modified_since: Option<String>,
    answer: u16,
}

#[derive(Debug, Default)]
struct Site {
    documents: BTreeMap<String, Document>,
    asked: Vec<Asked>,
}

/// A web server with feeds.
#[derive(Clone, Default)]
struct Web(Arc<Mutex<Site>>);

impl Web {
    fn site(&self) -> MutexGuard<'_, Site> {
        self.0.lock().unwrap()
    }

    /// Serves until the test's runtime ends; the port.
    async fn serve(&self) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let routes = Router::new()
            .route("/{file}", get(document))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        port
    }

    fn put(&self, file: &str, etag: &str, body: Vec<u8>) {
        let etag = etag.to_owned();
        let document = Document { body, etag };
        self.site().documents.insert(file.to_owned(), document);
    }

    /// What was asked since the last time.
    fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.site().asked)
    }
}

async fn document(
    State(web): State<Web>,
    UrlPath(file): UrlPath<String>,
    headers: HeaderMap,
) -> Response {
    let text = |name: header::HeaderName| {
        let value = headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let mut site = web.site();
    let found = site.documents.get(&file).cloned();
    let mut asked = Asked {
        file: file.clone(),
        if_none_match: text(header::IF_NONE_MATCH),
        if_modified_since: text(header::IF_MODIFIED_SINCE),
        answer: 404,
    };
    let response = match found {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(found) if asked.if_none_match.as_deref() == Some(&found.etag) => {
            asked.answer = 304;
            StatusCode::NOT_MODIFIED.into_response()
        }
        Some(found) => {
            asked.answer = 200;
            let kind = match file.ends_with("json") {
                true => "application/feed+json",
                false => "application/xml",
            };
            let headers = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::ETAG, found.etag),
                (header::LAST_MODIFIED, LAST_MODIFIED.to_owned()),
            ];
            (headers, found.body).into_response()
        }
    };
    site.asked.push(asked);
    response
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/channel-feed/tests/fixtures");
    let mut files = Vec::new();
    for dir in [root.clone(), root.join("generated")] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "xml" || e == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn config(port: u16, files: &[String], local_hosts: &str) -> String {
    let feeds: Vec<String> = files
        .iter()
        .map(|file| format!("http://127.0.0.1:{port}/{file}"))
        .collect();
    format!(
        "[[inbox]]\nname = \"blogs\"\nplugin = \"channel-feed\"\npoll-seconds = 1\n\
         local-hosts = {local_hosts}\n[inbox.settings]\nfeeds = {}\npoll-minutes = 1\n",
        json!(feeds)
    )
}

/// All messages, by page.
async fn messages(host: &Host) -> Vec<Value> {
    let page = host.get("messages?limit=200").await;
    assert_eq!(page["next"], Value::Null, "more than a page");
    page["items"].as_array().unwrap().clone()
}

fn with_text(messages: &[Value], text: &str) -> Option<Value> {
    let has = |m: &&Value| m["content"].as_str().is_some_and(|c| c.contains(text));
    messages.iter().find(has).cloned()
}

/// Waits until every feed was asked; what was asked.
async fn asked_for_all(web: &Web, files: &[String]) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    let asked = until("every feed is asked", SOON, async || {
        all.extend(web.take_asked());
        let seen: BTreeSet<&str> = all.iter().map(|a| a.file.as_str()).collect();
        (seen.len() == files.len()).then(|| all.clone())
    });
    asked.await
}

/// Lets the time until the next poll, and the next request to each feed, pass.
async fn let_time_pass(dir: &Path) {
    let store = store::open(dir).await;
    let sql = "SELECT inbox_id, key, value FROM inbox_state WHERE key LIKE 'feed/%'";
    let rows: Vec<(String, String, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&store).await.unwrap();
    assert!(!rows.is_empty());
    for (inbox, key, value) in rows {
        let mut value: Value = serde_json::from_slice(&value).unwrap();
        value["due_ms"] = json!(0);
        sqlx::query("UPDATE inbox_state SET value = $1 WHERE inbox_id = $2 AND key = $3")
            .bind(value.to_string().into_bytes())
            .bind(inbox)
            .bind(key)
            .execute(&store)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE inbox SET next_poll = 0")
        .execute(&store)
        .await
        .unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_are_read_once_and_again_when_they_change() {
    let web = Web::default();
    let port = web.serve().await;
    let mut files = Vec::new();
    for path in fixtures() {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        web.put(
            &file,
            &format!("\"{file}-1\""),
            std::fs::read(path).unwrap(),
        );
        files.push(file);
    }
    assert!(files.len() >= 20, "{files:?}");
    let dir = tempfile::tempdir().unwrap();
    let config = config(port, &files, &format!("[\"127.0.0.1:{port}\"]"));

    let host = Host::start(&config, dir.path()).await;
    let first = asked_for_all(&web, &files).await;
    assert!(
        first
            .iter()
            .all(|a| a.if_none_match.is_none() && a.answer == 200)
    );
    let before = everything_arrives(&host).await;
    replies_are_refused(&host, &before).await;
    assert!(host.terminate().await.success());

    let_time_pass(dir.path()).await;
    let host = Host::start(&config, dir.path()).await;
    let second = asked_for_all(&web, &files).await;
    for asked in &second {
        let etag = format!("\"{}-1\"", asked.file);
        // Of a feed that breaks off nothing is kept: it is asked for anew.
        if asked.file == "broken.xml" {
            assert_eq!((&asked.if_none_match, asked.answer), (&None, 200));
            continue;
        }
        assert_eq!(asked.if_none_match, Some(etag), "{asked:?}");
        assert_eq!(asked.if_modified_since.as_deref(), Some(LAST_MODIFIED));
        assert_eq!(asked.answer, 304);
    }
    assert!(host.terminate().await.success());

    let_time_pass(dir.path()).await;
    let path = fixtures()
        .into_iter()
        .find(|p| p.ends_with("wordpress.xml"));
    let text = std::fs::read_to_string(path.unwrap()).unwrap();
    let edited = text.replace("drie uur stil", "vijf uur stil");
    assert_ne!(text, edited);
    web.put("wordpress.xml", "\"wordpress.xml-2\"", edited.into_bytes());
    let host = Host::start(&config, dir.path()).await;
    let old = with_text(&before, "drie uur stil").unwrap();
    let id = old["id"].as_str().unwrap();
    let changed = until("the edit arrives", SOON, async || {
        let message = host.get(&format!("messages/{id}")).await;
        let text = message["content"].as_str()?.contains("vijf uur stil");
        text.then_some(message)
    });
    let changed = changed.await;
    assert!(changed["updated"].is_i64(), "{changed:#}");
    assert_eq!(changed["externalId"], old["externalId"]);
    assert_eq!(messages(&host).await.len(), before.len(), "nothing twice");
}

/// Messages of each kind of feed, on others' ground, as safe text.
async fn everything_arrives(host: &Host) -> Vec<Value> {
    let texts = [
        "drie uur stil",                // RSS of WordPress
        "Sinds versie 3 crasht de app", // RSS of a forum
        "The hose I bought from Acme",  // Atom of Blogger
        "1 < 2 & dat is zo.",           // JSON Feed
    ];
    let all = until("messages of every feed arrive", SOON, async || {
        let all = messages(host).await;
        texts
            .iter()
            .all(|text| with_text(&all, text).is_some())
            .then_some(all)
    });
    let all = all.await;
    for message in &all {
        assert_eq!(message["reach"], "third-party", "{message:#}");
        let content = message["content"].as_str().unwrap();
        assert!(!content.contains("<script"), "{content}");
    }
    let post = with_text(&all, "drie uur stil").unwrap();
    assert_eq!(post["attributedTo"]["displayName"], "Marloes");
    assert_eq!(post["url"], "https://reisblog.example/2024/05/vertraging/");
    let inbox = &host.get("inboxes").await[0];
    assert_eq!(inbox["lastError"], Value::Null, "{inbox:#}");
    assert_eq!(inbox["network"], "web");
    all
}

async fn replies_are_refused(host: &Host, messages: &[Value]) {
    let post = with_text(messages, "drie uur stil").unwrap();
    let new = json!({"messageId": post["id"], "content": "Wat vervelend, Marloes!", "author": "Sanne",
        "namedAccount": true});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let id = draft["id"].as_str().unwrap();
    for step in ["check", "send"] {
        let (status, outcome) = host
            .post(&format!("drafts/{id}/{step}"), &Value::Null)
            .await;
        assert_eq!(status, 200, "{outcome:#}");
        assert_eq!(outcome["verdict"], "deny", "{outcome:#}");
        assert_eq!(outcome["draft"]["status"], "denied");
        assert_eq!(outcome["outboxItemId"], Value::Null);
        let decisions = outcome["decisions"].as_array().unwrap();
        let channel = decisions.iter().find(|d| d["plugin"] == "channel-feed");
        let reasons = channel.unwrap()["reason"].to_string();
        assert!(reasons.contains("feeds are read-only: answer on the page itself"));
    }
    assert_eq!(host.get("outbox").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_host_that_the_admin_did_not_name_is_not_asked() {
    let web = Web::default();
    let port = web.serve().await;
    web.put(
        "feed.xml",
        "\"1\"",
        b"<rss><channel></channel></rss>".to_vec(),
    );
    let dir = tempfile::tempdir().unwrap();
    let config = config(port, &["feed.xml".to_owned()], "[]");
    let host = Host::start(&config, dir.path()).await;
    let origin = format!("127.0.0.1:{port}");
    until("the denial is logged by the host", SOON, async || {
        let log = host.log_text();
        let denied = |line: &str| line.contains("egress denied") && line.contains(&origin);
        log.lines().any(denied).then_some(())
    })
    .await;
    let inbox = &host.get("inboxes").await[0];
    let check = format!("inboxes/{}/check", inbox["id"].as_str().unwrap());
    let (status, problem) = host.post(&check, &Value::Null).await;
    assert_eq!(status, 409, "{problem:#}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("egress-denied"), "{detail}");
    assert!(detail.contains(&origin), "{detail}");
    assert_eq!(web.take_asked(), [], "nothing left the host");
}

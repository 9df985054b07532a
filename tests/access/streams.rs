//! Open streams of live changes: over at once when what they were opened with is taken, and counted by who
//! listens.

use crate::support::people::{PASSWORD, Person, agent, log_in};
use crate::support::{Host, rapport};
use crate::{QUIET, SOON, TOWN, text};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Far less than the time after which rights are looked at anyway; a busy machine has some, too.
const AT_ONCE: Duration = Duration::from_secs(3);

async fn opened(request: RequestBuilder) -> Response {
    let stream = request.send().await.unwrap();
    assert_eq!(stream.status().as_u16(), 200);
    // It stands: what it asked at first is answered.
    tokio::time::sleep(Duration::from_millis(300)).await;
    stream
}

async fn of(host: &Host, who: &Person) -> Response {
    let request = host.bare(Method::GET, "events", None);
    opened(request.header("cookie", &who.cookie)).await
}

/// Reads to the end; how long that took.
async fn ends(mut stream: Response) -> Duration {
    let start = Instant::now();
    let read = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(SOON, read).await.expect("it ends");
    start.elapsed()
}

#[tokio::test]
async fn what_is_taken_ends_streams_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let inbox = text(&host.get("inboxes").await[0], "id").to_owned();
    let ann = agent(&host, "agent").await;
    ann.inbox(&host, &inbox, true, false).await;
    let boss = agent(&host, "admin").await;
    let by_boss = async |method: Method, path: &str, body: &Value| {
        let (status, said) = host.call(method, path, Some(body)).await;
        assert!(status < 300, "{path}: {said:#}");
    };
    let rights = format!("inboxes/{inbox}/rights");
    let path = format!("agents/{}", ann.id);
    let changes = [
        (
            Method::PUT,
            &rights,
            json!({"agentId": ann.id, "read": true}),
        ),
        (Method::PATCH, &path, json!({"roles": ["auditor"]})),
        (Method::PATCH, &path, json!({"password": PASSWORD})),
    ];
    for (method, path, body) in changes {
        let ann = log_in(&host, &ann.email, PASSWORD).await;
        let (stream, other) = (of(&host, &ann).await, of(&host, &boss).await);
        by_boss(method, path, &body).await;
        let took = ends(stream).await;
        assert!(took < AT_ONCE, "{body}: {took:?}");
        drop(other);
    }
    let ann = log_in(&host, &ann.email, PASSWORD).await;
    let stream = of(&host, &ann).await;
    let (_, out) = ann.call(&host, Method::DELETE, "session", None).await;
    assert_eq!(out, Value::Null);
    assert!(ends(stream).await < AT_ONCE, "logged out");

    let new = json!({"name": "t", "scopes": ["inbox.read", "token.manage"]});
    let (_, token) = boss.post(&host, "tokens", &new).await;
    let bearer = format!("Bearer {}", text(&token, "secret"));
    let request = host.bare(Method::GET, "events", None);
    let stream = opened(request.header("authorization", bearer)).await;
    let path = format!("tokens/{}", text(&token, "id"));
    by_boss(Method::DELETE, &path, &Value::Null).await;
    assert!(ends(stream).await < AT_ONCE, "revoked");

    // On the command line: another process.
    let ann = log_in(&host, &ann.email, PASSWORD).await;
    let stream = of(&host, &ann).await;
    let mut command = rapport(&["user", "revoke", &ann.email, "--inbox", "town", "--config"]);
    let done = command.arg(dir.path().join("rapport.toml")).output();
    let done = done.unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(ends(stream).await < AT_ONCE, "by command");
}

#[tokio::test]
async fn streams_are_counted_by_who_listens() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("{QUIET}[limits]\nstreams-per-caller = 2\n");
    let host = Host::start(&config, dir.path()).await;
    let ann = agent(&host, "agent").await;
    let again = log_in(&host, &ann.email, PASSWORD).await;
    let ask = async |cookie: String| {
        let request = host.bare(Method::GET, "events", None);
        request.header("cookie", cookie).send().await.unwrap()
    };
    let first = ask(ann.cookie.clone()).await;
    let second = ask(format!("{}; seen=1", again.cookie)).await;
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 200)
    );
    for cookie in [
        ann.cookie.clone(),
        again.cookie.clone(),
        format!("theme=dark; {}", ann.cookie),
        format!("{}; x=2", again.cookie),
    ] {
        assert_eq!(ask(cookie).await.status().as_u16(), 429);
    }
    let other = agent(&host, "manager").await;
    assert_eq!(ask(other.cookie.clone()).await.status().as_u16(), 200);
}

//! What is wrong is said, as a problem document; and the OpenAPI document names every route.

use crate::support::Host;
use crate::{TOWN, hand_in, judged, line, text};
use reqwest::Method;
use serde_json::{Value, json};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Method, path, content type, body; the status and a part of the detail that must come.
type Case<'a> = (&'a Method, &'a str, &'a str, Vec<u8>, u16, &'a str);

/// Sends a request; the problem that it is answered with.
async fn problem(host: &Host, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Value {
    let request = host.request(method.clone(), path, None);
    let response = request.header("content-type", kind).body(body).send().await;
    let response = response.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").cloned();
    let problem: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let what = format!("{method} {path}: {status} {problem:#}");
    assert_eq!(content_type.unwrap(), "application/problem+json", "{what}");
    assert_eq!(problem["status"], status, "{what}");
    assert!(!text(&problem, "title").is_empty(), "{what}");
    assert!(!text(&problem, "detail").is_empty(), "{what}");
    problem
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    let json = "application/json";
    let none = Vec::new;
    let draft = |text: &str| {
        json!({"messageId": NOBODY, "content": text, "author": "Sanne"})
            .to_string()
            .into_bytes()
    };
    let large = draft(&"a".repeat(1024 * 1024));
    let unknown = br#"{"messageId": "x", "content": "a", "author": "b", "contents": ""}"#.to_vec();
    let cases: Vec<Case<'_>> = vec![
        (&get, "messages/x", json, none(), 404, "message"),
        (&get, "drafts/x", json, none(), 404, "draft"),
        (&post, "cases/x/close", json, none(), 404, "case"),
        (&post, "inboxes/x/check", json, none(), 404, "inbox"),
        (&get, "messages?after=zz", json, none(), 400, "after"),
        (&get, "messages?limit=0", json, none(), 400, "limit"),
        (&get, "messages?limit=201", json, none(), 400, "limit"),
        (&get, "messages?limit=many", json, none(), 400, "limit"),
        (
            &get,
            "conversations?status=odd",
            json,
            none(),
            400,
            "status",
        ),
        (
            &get,
            "cases?knid=lead",
            json,
            none(),
            400,
            "did you mean `kind`?",
        ),
        (
            &get,
            "cases?kind=complain",
            json,
            none(),
            400,
            "complaint, question",
        ),
        (&get, "tasks?status=open", json, none(), 400, "`status`"),
        (&get, "contacts?name=x", json, none(), 400, "`name`"),
        (&get, "agents?limit=5", json, none(), 400, "`limit`"),
        (&get, "teams?page=2", json, none(), 400, "`page`"),
        (&get, "messages/x?expand=1", json, none(), 400, "`expand`"),
        (&get, "events?since=1", json, none(), 400, "`since`"),
        (
            &get,
            "messages?limit=1&limit=2",
            json,
            none(),
            400,
            "limit: given more than once",
        ),
        (
            &get,
            "messages?inbox=twon",
            json,
            none(),
            404,
            "did you mean `town`?",
        ),
        (
            &get,
            "conversations?inboxId=x",
            json,
            none(),
            404,
            "no inbox `x`",
        ),
        (
            &get,
            "conversations?inbox=a&inboxId=b",
            json,
            none(),
            400,
            "one of them",
        ),
        (
            &post,
            "drafts?dryRun=true",
            json,
            draft("a"),
            400,
            "`dryRun`",
        ),
        (&post, "drafts", json, b"{".to_vec(), 400, "JSON"),
        (&post, "drafts", json, b"{}".to_vec(), 422, "messageId"),
        (&post, "drafts", json, unknown, 422, "contents"),
        (
            &post,
            "drafts",
            "text/plain",
            draft("a"),
            415,
            "application/json",
        ),
        (&post, "drafts", json, draft("a"), 404, "message"),
        (&post, "drafts", json, draft(" "), 422, "content"),
        (&post, "drafts", json, draft("a\u{0}b"), 422, "NUL"),
        (&post, "drafts", json, large, 413, "1048576 bytes"),
        (&get, "nothing", json, none(), 404, "openapi.json"),
        (&get, "/elsewhere", json, none(), 404, "openapi.json"),
        (&delete, "messages", json, none(), 405, "method"),
        (&post, "/webhooks/nowhere", json, none(), 404, "inbox"),
    ];
    for (method, path, kind, body, status, says) in cases {
        let problem = problem(&host, method.clone(), path, kind, body).await;
        assert_eq!(problem["status"], status, "{method} {path}: {problem:#}");
        let detail = text(&problem, "detail");
        assert!(detail.contains(says), "{method} {path}: {detail}");
    }
}

#[tokio::test]
async fn a_webhook_is_taken_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let hook = "/webhooks/town";
    let good = line("m-1", "lotte", "Goedemorgen!").to_string();
    let body = format!("{good}\n{{\"id\": 1}}\n").into_bytes();
    let refused = problem(&host, Method::POST, hook, "application/x-ndjson", body).await;
    assert_eq!(refused["status"], 400, "{refused:#}");
    assert_eq!(refused["line"], 2, "{refused:#}");
    let body = vec![b' '; 1024 * 1024 + 1];
    let refused = problem(&host, Method::POST, hook, "application/x-ndjson", body).await;
    assert_eq!(refused["status"], 413, "{refused:#}");
    let refused = problem(&host, Method::GET, hook, "text/plain", Vec::new()).await;
    assert_eq!(refused["status"], 405, "{refused:#}");
    assert_eq!(host.get("messages").await["items"], json!([]));
}

#[tokio::test]
async fn a_webhook_that_can_not_be_stored_is_refused_with_field_and_rule() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let good = line("m-1", "lotte", "Goedemorgen!");
    let cases = [
        ("id", "id"),
        ("object/id", "object.id"),
        ("object/context", "object.context"),
        ("object/inReplyTo", "object.inReplyTo"),
        ("object/attributedTo/id", "object.attributedTo.id"),
    ];
    // More often than the circuit breaker would take for a plugin that is broken.
    for odd in ["a\u{0}b", "a\u{7}b", "a\nb", "a\u{85}b"] {
        for (at, field) in cases {
            let mut bad = line("m-2", "mo", "Hallo");
            match at.rsplit_once('/') {
                Some((parent, key)) => {
                    bad.pointer_mut(&format!("/{parent}")).unwrap()[key] = odd.into();
                }
                None => bad[at] = odd.into(),
            }
            let body = format!("{good}\n\n{bad}\n{}", line("m-3", "mo", "Dag")).into_bytes();
            let kind = "application/x-ndjson";
            let refused = problem(&host, Method::POST, "/webhooks/town", kind, body).await;
            assert_eq!(refused["status"], 400, "{refused:#}");
            assert_eq!(
                (&refused["element"], &refused["field"]),
                (&json!(2), &json!(field))
            );
            assert!(
                text(&refused, "rule").contains("no control characters"),
                "{refused:#}"
            );
        }
    }
    assert_eq!(
        host.get("messages").await["items"],
        json!([]),
        "nothing of it is stored"
    );
    // What may stand in a text is taken, what may not is left out of it; the inbox works on.
    let mut said = line("m-4", "lotte\u{7}", "één\r\ntwee\u{0} \u{202e}drie\rvier");
    said["object"]["attributedTo"]["id"] = "lotte".into();
    said["object"]["published"] = "0000-01-01T00:00:00Z".into();
    said["object"]["attachment"] =
        json!([{"kind": "image", "url": "https://a.example/\u{7}x.png"}]);
    let mut far = line("m-5", "lotte", "Straks");
    far["published"] = "9999-12-31T23:59:59Z".into();
    assert_eq!(hand_in(&host, "town", &[good, said, far]).await, 3);
    let said = judged(&host, "m-4").await;
    assert_eq!(said["content"], "één\ntwee \u{202e}drie\nvier");
    assert_eq!(said["attributedTo"]["handle"], "lotte");
    judged(&host, "m-5").await;
}

#[tokio::test]
async fn the_openapi_document_names_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let document = host.get("openapi.json").await;
    assert!(text(&document, "openapi").starts_with("3."), "{document:#}");
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/v1/"), "{path}");
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let asked = path
                .replace("{id}", NOBODY)
                .replace("{provider}", "nowhere");
            assert!(!asked.contains('{'), "{path}: an unknown parameter");
            answers(&host, &method, &asked, operation).await;
        }
    }
    assert!(operations >= 28, "only {operations} operations");
}

/// Something answers at this route, with a status that the document has.
async fn answers(host: &Host, method: &Method, path: &str, operation: &Value) {
    let body = operation["requestBody"].is_object().then(|| json!({}));
    let mut response = host
        .request(method.clone(), path, body.as_ref())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let what = format!("{method} {path}: {status}");
    if path.ends_with("/events") {
        assert_eq!(status, 200, "{what}");
        return;
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    // 204 has no body.
    let answer: Value = match bytes.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&bytes).unwrap(),
    };
    assert_ne!(status, 405, "{what}");
    let detail = answer["detail"].as_str().unwrap_or_default();
    assert!(!detail.contains("nothing here"), "{what}: {detail}");
    let documented = &operation["responses"][status.to_string()];
    assert!(
        documented.is_object(),
        "{what} is not documented: {answer:#}"
    );
}

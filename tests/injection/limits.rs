//! Too large, too many and too deep is refused, and the next request is served.

use crate::TOWN;
use crate::support::Host;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn bodies_headers_and_nesting_have_limits() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let post = |path: &str, body: String| {
        let request = host.request(Method::POST, path, None);
        request
            .header("content-type", "application/json")
            .body(body)
    };
    let large =
        json!({"messageId": "m", "author": "a", "content": "x".repeat(2 << 20)}).to_string();
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000));
    let attempts = [
        ("a large body", post("drafts", large.clone()), vec![413]),
        ("a large webhook", post("/webhooks/town", large), vec![413]),
        ("a deep body", post("drafts", deep.clone()), vec![400, 422]),
        ("a deep webhook", post("/webhooks/town", deep), vec![400]),
        (
            "a body of many fields",
            post("drafts", many),
            vec![400, 422],
        ),
        ("no JSON", post("drafts", "content=x".into()), vec![400]),
        (
            "not UTF-8",
            host.request(Method::POST, "drafts", None)
                .header("content-type", "application/json")
                .body(vec![b'"', 0xff, b'"']),
            vec![400, 422],
        ),
        (
            "a long path",
            host.request(
                Method::GET,
                &format!("messages/{}", "x".repeat(50_000)),
                None,
            ),
            vec![404, 414, 431],
        ),
        (
            "a long query",
            host.request(
                Method::GET,
                &format!("messages?after={}", "x".repeat(50_000)),
                None,
            ),
            vec![400, 414, 422, 431],
        ),
        (
            "a long header",
            host.request(Method::GET, "messages", None)
                .header("x-long", "x".repeat(500_000)),
            vec![400, 431],
        ),
        (
            "many headers",
            (0..2000).fold(host.request(Method::GET, "messages", None), |request, n| {
                request.header(format!("x-{n}"), "1")
            }),
            vec![400, 431],
        ),
        (
            "a webhook of many headers",
            (0..90).fold(
                host.request(Method::POST, "/webhooks/town", None),
                |request, n| request.header(format!("x-{n}"), "1"),
            ),
            vec![431],
        ),
        (
            "a page of millions",
            host.request(Method::GET, "messages?limit=4000000", None),
            vec![400, 422],
        ),
    ];
    for (what, request, expected) in attempts {
        // A host that ends the connection early may be gone before the request is written.
        if let Ok(response) = request.send().await {
            let status = response.status().as_u16();
            assert!(
                expected.contains(&status),
                "{what} is answered {status}, not {expected:?}"
            );
        }
        assert_eq!(
            host.call(Method::GET, "messages", None).await.0,
            200,
            "after {what}"
        );
    }
    assert!(host.terminate().await.success());
}

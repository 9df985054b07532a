//! Pages of other origins in a browser: those that are named may use the API with a token, nobody else,
//! and never with a cookie.

use crate::TOWN;
use crate::support::Host;
use reqwest::Method;
use reqwest::header::HeaderMap;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const DESK: &str = "https://desk.example";

fn config(origins: &str) -> String {
    format!("api-token = \"{TOKEN}\"\n{origins}\n{TOWN}")
}

/// Status and headers of an answer to a page of this origin.
async fn asked(
    host: &Host,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, HeaderMap) {
    let mut request = host.bare(method, path, None);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.headers().clone())
}

fn preflight<'a>(origin: &'a str, method: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("origin", origin),
        ("access-control-request-method", method),
        (
            "access-control-request-headers",
            "authorization,content-type,idempotency-key",
        ),
    ]
}

#[tokio::test]
async fn a_named_origin_may_use_the_api_with_a_token() {
    let dir = tempfile::tempdir().unwrap();
    let origins = format!("cors-origins = [\"{DESK}\", \"http://localhost:5173\"]");
    let host = Host::start_bare(&config(&origins), dir.path(), &[]).await;
    let bearer = format!("Bearer {TOKEN}");
    for path in [
        "/api/v1/messages",
        "/api/v1/drafts/x/send",
        "/api/v1/events",
    ] {
        let (status, headers) = asked(&host, Method::OPTIONS, path, &preflight(DESK, "POST")).await;
        assert_eq!(status, 200, "{path}: a preflight brings no token");
        assert_eq!(headers["access-control-allow-origin"], DESK, "{path}");
        let methods = headers["access-control-allow-methods"].to_str().unwrap();
        assert!(methods.contains("PATCH"), "{methods}");
        let taken = headers["access-control-allow-headers"].to_str().unwrap();
        assert!(
            taken.contains("authorization") && taken.contains("idempotency-key"),
            "{taken}"
        );
        assert!(!headers.contains_key("access-control-allow-credentials"));
    }
    for path in ["/api/v1/messages", "/api/v1/events"] {
        let with = [("origin", DESK), ("authorization", bearer.as_str())];
        let (status, headers) = asked(&host, Method::GET, path, &with).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(headers["access-control-allow-origin"], DESK, "{path}");
        let vary = headers
            .get_all("vary")
            .iter()
            .any(|v| v.to_str().unwrap().contains("origin"));
        assert!(vary, "{path}: {headers:?}");
    }
    // A page can read why it was refused.
    let (status, headers) =
        asked(&host, Method::GET, "/api/v1/messages", &[("origin", DESK)]).await;
    assert_eq!(status, 401);
    assert_eq!(headers["access-control-allow-origin"], DESK);
    for origin in [
        "https://evil.example",
        "null",
        "https://desk.example.evil.example",
        "http://desk.example",
    ] {
        let (_, headers) = asked(
            &host,
            Method::OPTIONS,
            "/api/v1/messages",
            &preflight(origin, "GET"),
        )
        .await;
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{origin}: {headers:?}"
        );
        let with = [("origin", origin), ("authorization", bearer.as_str())];
        let (_, headers) = asked(&host, Method::GET, "/api/v1/messages", &with).await;
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{origin}: {headers:?}"
        );
    }
    // What is no API is the same for every page.
    for path in ["/health", "/webhooks/town"] {
        let (_, headers) = asked(&host, Method::POST, path, &[("origin", DESK)]).await;
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
    // Logging in from there would set a cookie.
    let (status, _) = asked(&host, Method::POST, "/api/v1/session", &[("origin", DESK)]).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn no_origin_is_named_unless_one_is() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start_bare(&config(""), dir.path(), &[]).await;
    let (status, headers) = asked(
        &host,
        Method::OPTIONS,
        "/api/v1/messages",
        &preflight(DESK, "GET"),
    )
    .await;
    assert_eq!(status, 405);
    assert!(
        !headers.contains_key("access-control-allow-origin"),
        "{headers:?}"
    );
}

//! Log-in, cookies, CSRF, sessions, and the headers of every answer.

use crate::support::people::{PASSWORD, agent, log_in, try_log_in};
use crate::support::{Host, until};
use crate::{QUIET, SOON, text};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn wrong_is_wrong_whatever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let ann = agent(&host, "agent").await;
    let mut answers = Vec::new();
    for (email, password) in [
        (ann.email.as_str(), "correct horse batter"),
        ("nobody@people.example", PASSWORD),
        ("", ""),
    ] {
        let response = try_log_in(&host, email, password, None).await;
        assert_eq!(response.status().as_u16(), 401, "{email}");
        assert!(response.headers().get("set-cookie").is_none());
        answers.push(response.bytes().await.unwrap());
    }
    assert_eq!(answers[0], answers[1], "an account can't be found out");
    let (status, me) = ann.get(&host, "session").await;
    assert_eq!(status, 200);
    assert_eq!(
        (text(&me, "kind"), text(&me, "agentId")),
        ("session", ann.id.as_str())
    );
    assert_eq!(text(&me, "csrf"), ann.csrf);
    assert!(!host.log_text().contains(PASSWORD));
    assert!(
        !host.log_text().contains(&ann.email),
        "no personal data in the log"
    );
}

#[tokio::test]
async fn cookies_are_for_us_alone_and_a_page_must_prove_itself() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let ann = agent(&host, "agent").await;
    let again = try_log_in(&host, &ann.email, PASSWORD, None).await;
    let set = again.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        set.starts_with("rapport=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{set}"
    );

    let change = json!({"old": PASSWORD, "new": "another good password"});
    let put = || {
        host.bare(Method::PUT, "session/password", Some(&change))
            .header("cookie", &ann.cookie)
    };
    let without = put().send().await.unwrap();
    assert_eq!(without.status().as_u16(), 403);
    let wrong = put()
        .header("x-rapport-csrf", "0".repeat(64))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status().as_u16(), 403);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let crossed = put()
            .header("x-rapport-csrf", &ann.csrf)
            .header(name, value);
        assert_eq!(
            crossed.send().await.unwrap().status().as_u16(),
            403,
            "{name}: {value}"
        );
        let body = json!({"email": ann.email, "password": PASSWORD});
        let forced = host
            .bare(Method::POST, "session", Some(&body))
            .header(name, value);
        assert_eq!(
            forced.send().await.unwrap().status().as_u16(),
            403,
            "{name}: {value}"
        );
    }
    let right = put()
        .header("x-rapport-csrf", &ann.csrf)
        .header("origin", &host.address)
        .header("sec-fetch-site", "same-origin");
    assert_eq!(right.send().await.unwrap().status().as_u16(), 204);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_every_answer_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("public-url = \"https://crm.example\"\n{QUIET}");
    let host = Host::start(&config, dir.path()).await;
    let ann = agent(&host, "agent").await;
    assert!(ann.cookie.starts_with("__Host-rapport="), "{}", ann.cookie);
    for path in [
        "session",
        "nothing",
        "/health",
        "/elsewhere",
        "openapi.json",
    ] {
        let response = host.request(Method::GET, path, None).send().await.unwrap();
        let headers = response.headers();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(headers.contains_key("strict-transport-security"), "{path}");
    }
    let set = try_log_in(&host, &ann.email, PASSWORD, None).await;
    let set = set.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.contains("; Secure"), "{set}");
}

#[tokio::test]
async fn sessions_are_listed_and_end() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let ann = agent(&host, "agent").await;
    let second = log_in(&host, &ann.email, PASSWORD).await;
    let third = log_in(&host, &ann.email, PASSWORD).await;
    let max = agent(&host, "manager").await;
    let (_, mine) = ann.get(&host, "sessions").await;
    assert_eq!(mine.as_array().unwrap().len(), 3, "{mine:#}");
    assert!(!mine.to_string().contains("ecret"), "{mine:#}");
    let all = host.get("sessions").await;
    assert_eq!(all.as_array().unwrap().len(), 4);
    // Somebody else's is not even there.
    let id = text(&mine[0], "id").to_owned();
    let path = format!("sessions/{id}");
    assert_eq!(max.call(&host, Method::DELETE, &path, None).await.0, 404);

    let out = second.call(&host, Method::DELETE, "session", None).await;
    assert_eq!(out.0, 204);
    assert_eq!(second.get(&host, "session").await.0, 401);
    let change = json!({"old": "wrong password", "new": "another good password"});
    let (status, _) = ann
        .call(&host, Method::PUT, "session/password", Some(&change))
        .await;
    assert_eq!(status, 403);
    let change = json!({"old": PASSWORD, "new": "another good password"});
    let (status, said) = ann
        .call(&host, Method::PUT, "session/password", Some(&change))
        .await;
    assert_eq!(status, 204, "{said:#}");
    assert_eq!(third.get(&host, "session").await.0, 401, "others end");
    assert_eq!(ann.get(&host, "session").await.0, 200);
    let (_, mine) = ann.get(&host, "sessions").await;
    let path = format!("sessions/{}", text(&mine[0], "id"));
    assert_eq!(ann.call(&host, Method::DELETE, &path, None).await.0, 204);
    assert_eq!(ann.get(&host, "session").await.0, 401);

    let ann = log_in(&host, &ann.email, "another good password").await;
    let off = json!({"active": false});
    let path = format!("agents/{}", ann.id);
    assert_eq!(host.call(Method::PATCH, &path, Some(&off)).await.0, 200);
    assert_eq!(ann.get(&host, "session").await.0, 401);
    let refused = try_log_in(&host, &ann.email, "another good password", None).await;
    assert_eq!(refused.status().as_u16(), 401);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("session = {{ idle-seconds = 3600, max-seconds = 2 }}\n{QUIET}");
    let host = Host::start(&config, dir.path()).await;
    let ann = agent(&host, "agent").await;
    until("the session is over", SOON, async || {
        let (status, problem): (u16, Value) = ann.get(&host, "session").await;
        (status == 401).then_some(problem)
    })
    .await;
    assert_eq!(host.get("sessions").await, json!([]));
}

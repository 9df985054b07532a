//! Guessing is slow, and locks nobody else out. The test's proxy is believed, so that one machine can
//! be many.

use crate::QUIET;
use crate::support::Host;
use crate::support::people::{PASSWORD, agent, try_log_in};
use reqwest::{Method, Response};
use serde_json::json;
use std::time::{Duration, Instant};

const PROXY: &str = "trusted-proxies = [\"127.0.0.1\"]\n";

async fn status(host: &Host, email: &str, password: &str, from: &str) -> u16 {
    let response = try_log_in(host, email, password, Some(from)).await;
    let status = response.status().as_u16();
    let wait = response.headers().get("retry-after");
    assert_eq!(status == 429, wait.is_some(), "{status}");
    status
}

#[tokio::test]
async fn a_guesser_waits_and_others_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{PROXY}{QUIET}"), dir.path()).await;
    let ann = agent(&host, "agent").await;
    let mut refused = 0;
    for _ in 0..12 {
        match status(&host, &ann.email, "a wrong password", "192.0.2.1").await {
            401 => {}
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(refused >= 3, "only {refused} of 12 refused");
    // The right password does not help there now, and does elsewhere.
    assert_eq!(status(&host, &ann.email, PASSWORD, "192.0.2.1").await, 429);
    assert_eq!(status(&host, &ann.email, PASSWORD, "192.0.2.2").await, 200);
    assert_eq!(ann.get(&host, "session").await.0, 200, "a session goes on");
    // Nor does an account that is not there tell itself apart.
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(
            status(
                &host,
                "nobody@people.example",
                "a wrong password",
                "192.0.2.3",
            )
            .await,
        );
    }
    assert_eq!(answers, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn nobody_is_locked_out_by_what_happens_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{PROXY}{QUIET}"), dir.path()).await;
    let ann = agent(&host, "agent").await;
    assert_eq!(
        status(&host, &ann.email, PASSWORD, "198.51.100.7").await,
        200
    );
    // From many addresses, until a new one must wait.
    let mut slowed = false;
    for n in 1..=120 {
        let from = format!("192.0.2.{n}");
        slowed |= status(&host, &ann.email, "a wrong password", &from).await == 429;
    }
    assert!(slowed);
    assert_eq!(
        status(&host, &ann.email, PASSWORD, "198.51.100.7").await,
        200
    );
    // Her networks are known, IPv6 ones by their /64; an address in a header of a stranger is not.
    assert_eq!(
        status(
            &host,
            "bob@people.example",
            "x",
            "203.0.113.1, 198.51.100.7"
        )
        .await,
        401
    );
}

/// The device's cookie, as a browser would send it again.
fn device(response: &Response) -> String {
    let all = response.headers().get_all("set-cookie").iter();
    let mut texts = all.map(|value| value.to_str().unwrap());
    let set = texts.find(|text| text.starts_with("rapport-device="));
    let set = set.expect("a log-in makes the device known");
    assert!(
        set.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age="),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

async fn with_device(host: &Host, email: &str, password: &str, from: &str, cookie: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    let request = host.bare(Method::POST, "session", Some(&body));
    let request = request
        .header("x-forwarded-for", from)
        .header("cookie", cookie);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_known_device_is_let_in_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{PROXY}{QUIET}"), dir.path()).await;
    let ann = agent(&host, "agent").await;
    let first = try_log_in(&host, &ann.email, PASSWORD, Some("198.51.100.7")).await;
    let cookie = device(&first);
    // Four clients who know her address, at it until one from elsewhere must wait; one of them sits
    // where she will be.
    let there = "192.0.2.4";
    for round in 0..8 {
        for n in 1..=4 {
            let from = format!("192.0.2.{n}");
            let status = status(&host, &ann.email, "a wrong password", &from).await;
            assert!(status == 429 || (status == 401 && round < 6), "{status}");
        }
    }
    assert_eq!(
        status(&host, &ann.email, PASSWORD, "203.0.113.9").await,
        429
    );
    let invented = format!("rapport-device={}", "ab".repeat(32));
    for other in [invented.as_str(), "rapport-device=", "rapport-device=x"] {
        let status = with_device(&host, &ann.email, PASSWORD, "203.0.113.9", other).await;
        assert_eq!(status, 429, "{other}");
    }
    for from in ["203.0.113.9", there] {
        let status = with_device(&host, &ann.email, PASSWORD, from, &cookie).await;
        assert_eq!(status, 200, "{from}");
    }
    // Hers is nobody else's, and it is no way to guess without end.
    let bob = crate::support::people::named(&host, "bob@people.example", &["agent"]).await;
    let mut guesses = Vec::new();
    for _ in 0..8 {
        let wrong = "a wrong password";
        guesses.push(with_device(&host, &bob.email, wrong, there, &cookie).await);
        guesses.push(with_device(&host, &ann.email, wrong, "203.0.113.50", &cookie).await);
    }
    assert!(
        guesses.iter().all(|status| [401, 429].contains(status)),
        "{guesses:?}"
    );
    assert_eq!(guesses[15], 429, "the device waits too");
    let other = try_log_in(&host, &ann.email, PASSWORD, Some("198.51.100.7")).await;
    assert_eq!(other.status().as_u16(), 200, "where she was before");
    assert_ne!(device(&other), cookie);
    // Neither secret can be read from the store.
    let secret = cookie.strip_prefix("rapport-device=").unwrap();
    assert!(!host.log_text().contains(secret));
    for file in std::fs::read_dir(dir.path().join("data")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

/// Many log-ins at once keep nobody waiting who is known, and no network; what is too many is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_the_door_keeps_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let host = std::sync::Arc::new(Host::start(&format!("{PROXY}{QUIET}"), dir.path()).await);
    let ann = agent(&host, "agent").await;
    let cookie = device(&try_log_in(&host, &ann.email, PASSWORD, Some("198.51.100.7")).await);
    let mut crowd = Vec::new();
    for n in 0..300 {
        let (host, email) = (
            std::sync::Arc::clone(&host),
            format!("nobody-{n}@people.example"),
        );
        // A third of them from one address.
        let from = match n % 3 {
            0 => "192.0.2.1".to_owned(),
            _ => format!("192.0.2.{}", n % 250),
        };
        crowd.push(tokio::spawn(async move {
            status_of_one(&host, &email, &from).await
        }));
    }
    let begun = Instant::now();
    let mut asked = 0;
    while crowd.iter().any(|one| !one.is_finished()) {
        asked += 1;
        assert_eq!(ann.get(&host, "session").await.0, 200);
        let webhook = host.bare(Method::POST, "/webhooks/nowhere", Some(&json!({})));
        assert_eq!(
            webhook.send().await.unwrap().status().as_u16(),
            404,
            "not busy"
        );
        let status = with_device(&host, &ann.email, PASSWORD, "203.0.113.9", &cookie).await;
        assert_eq!(status, 200, "after {:?}", begun.elapsed());
    }
    assert!(asked > 0);
    let mut refused = 0;
    for one in crowd {
        match one.await.unwrap() {
            401 => {}
            503 | 429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    println!("{asked} log-ins of somebody known meanwhile, {refused} of 300 refused");
    assert!(refused >= 300 / 3 - 40, "only {refused} refused");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

async fn status_of_one(host: &Host, email: &str, from: &str) -> u16 {
    let response = try_log_in(host, email, "a wrong password", Some(from)).await;
    response.status().as_u16()
}

#[tokio::test]
async fn a_session_left_open_does_not_guess_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let ann = agent(&host, "agent").await;
    let guess = json!({"old": "a wrong password", "new": "another good password"});
    let mut tries = 0;
    loop {
        let path = "session/password";
        let (status, said) = ann.call(&host, Method::PUT, path, Some(&guess)).await;
        tries += 1;
        match status {
            403 => assert!(tries < 12, "never throttled"),
            429 => break,
            _ => panic!("{said:#}"),
        }
    }
    assert!(tries > 5, "{tries}");
    // Logging in is another matter.
    assert_eq!(status(&host, &ann.email, PASSWORD, "192.0.2.1").await, 200);
}

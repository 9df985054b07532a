//! Guessing is slow, and locks nobody else out. The test's proxy is believed, so that one machine can
//! be many.

use crate::QUIET;
use crate::support::Host;
use crate::support::people::{PASSWORD, agent, try_log_in};
use reqwest::Method;
use serde_json::json;

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

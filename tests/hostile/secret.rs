//! Connectors that want to see their secret, or to send it elsewhere.

use super::wire::{SESSION, Server};
use super::{Setup, TOKEN, beside_honest, connector, fault, load, poll};
use rapport_host::plugin::{CallError, PluginError};
use serde_json::Value;
use std::time::{Duration, Instant};

const REFERENCE: &str = "rapport-secret:token:";

#[tokio::test]
async fn only_the_server_sees_the_secret() {
    let server = Server::start().await;
    let address = server.address();
    let hostile = connector(Setup {
        act: "echo",
        address: &address,
        ..Setup::default()
    })
    .await;
    let page = beside_honest(poll(&hostile)).await.unwrap().value;
    let seen: Value = serde_json::from_str(&page.cursor).unwrap();
    let sent = seen["sent"].as_str().unwrap();
    assert!(sent.starts_with(&format!("Bearer {REFERENCE}")), "{sent}");
    assert_eq!(
        seen["body"], sent,
        "the echo in the body is a reference again"
    );
    assert_eq!(seen["echoed"], sent, "and so is the one in a header");
    assert!(!page.cursor.contains(TOKEN));
    let asked = &server.asked()[0];
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[tokio::test]
async fn the_secret_goes_to_no_other_host() {
    let (server, other) = (Server::start().await, Server::start().await);
    let (address, elsewhere) = (server.address(), other.address());
    let setup = Setup {
        act: "secret-out",
        address: &address,
        other: &elsewhere,
        ..Setup::default()
    };
    let said = fault(beside_honest(poll(&connector(setup).await)).await).to_string();
    assert!(
        said.starts_with("egress-denied") && said.contains("`token`"),
        "{said}"
    );
    assert!(!said.contains(TOKEN));
    assert!(other.asked().is_empty() && server.asked().is_empty());
}

#[tokio::test]
async fn the_secret_stands_only_where_the_manifest_says() {
    let server = Server::start().await;
    let address = server.address();
    let hostile = connector(Setup {
        act: "secret-body",
        address: &address,
        ..Setup::default()
    })
    .await;
    assert_eq!(
        fault(beside_honest(poll(&hostile)).await).name(),
        "egress-denied"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_reference_in_an_address_stays_a_reference() {
    let other = Server::start().await;
    let elsewhere = other.address();
    let hostile = connector(Setup {
        act: "secret-url",
        other: &elsewhere,
        ..Setup::default()
    })
    .await;
    beside_honest(poll(&hostile)).await.unwrap();
    let asked = other.asked();
    assert!(asked[0].line.contains(REFERENCE), "{}", asked[0].line);
    assert!(!format!("{asked:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_secret_with_a_line_break_smuggles_no_header() {
    let server = Server::start().await;
    let address = server.address();
    let token = "value\r\nx-evil: 1";
    let setup = Setup {
        act: "echo",
        address: &address,
        token,
        ..Setup::default()
    };
    let refused = load(setup).await.err().expect("it does not load");
    let said = refused.to_string();
    assert!(
        said.contains("secrets.token") && !said.contains("x-evil"),
        "{said}"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_is_captured_never_reaches_the_guest() {
    let server = Server::start().await;
    let address = server.address();
    let hostile = connector(Setup {
        act: "session",
        address: &address,
        ..Setup::default()
    })
    .await;
    let page = beside_honest(poll(&hostile)).await.unwrap().value;
    assert!(!page.cursor.contains(SESSION), "{}", page.cursor);
    let seen: Value = serde_json::from_str(&page.cursor).unwrap();
    assert_eq!(seen["cookie"], Value::Null);
    let reference = seen["reference"].as_str().unwrap();
    assert_eq!(
        seen["again"]["body"], reference,
        "it was sent and came back"
    );
    assert_eq!(seen["answer"]["location"], reference);
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /login", "in one spelling");
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
    assert_eq!(asked[1].header("x-session"), Some(SESSION));
}

#[tokio::test]
async fn a_secret_stands_in_no_other_header_and_is_not_multiplied() {
    let server = Server::start().await;
    let address = server.address();
    for (act, word) in [("secret-header", "x-title"), ("secret-flood", "bytes")] {
        let setup = Setup {
            act,
            address: &address,
            ..Setup::default()
        };
        let said = fault(poll(&connector(setup).await).await).to_string();
        assert!(
            said.contains("egress-denied") && said.contains(word),
            "{act}: {said}"
        );
    }
    assert!(server.asked().is_empty());
}

/// The longest time in which nothing else of this thread got its turn.
async fn longest_gap(work: impl Future<Output = ()>) -> Duration {
    let mut longest = Duration::ZERO;
    let ticks = async {
        let mut last = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
    };
    tokio::select! {
        () = work => {}
        () = ticks => {}
    }
    longest
}

#[tokio::test]
async fn no_server_keeps_the_host_from_its_other_work() {
    let server = Server::start().await;
    let address = server.address();
    let setup = |act| Setup {
        act,
        address: &address,
        time_ms: 60_000,
        ..Setup::default()
    };
    let (long, huge) = (setup("session-long"), setup("session-huge"));
    let (long, huge) = (connector(long).await, connector(huge).await);
    let gap = longest_gap(async {
        let page = poll(&long).await.unwrap().value;
        let seen: Value = serde_json::from_str(&page.cursor).unwrap();
        assert_eq!(seen["size_bytes"], 7 << 20);
        match poll(&huge).await {
            Err(CallError::Plugin(PluginError::Permanent(said))) => {
                assert!(!said.contains("aaaa"), "withheld");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
    assert!(gap < Duration::from_secs(5), "{gap:?}");
}

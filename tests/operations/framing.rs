//! Requests whose end two readers could see in different places are refused, and nothing behind them is
//! read; heads have the size that is stated.

use crate::SOON;
use crate::sample::TOWN;
use crate::support::Host;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// All that the host answers to these bytes, until it closes the connection or says nothing for a while.
async fn answers(host: &Host, text: &str) -> String {
    let address = host.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The host may close before all is written.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut bytes = Vec::new();
    // Nor is a reset anything but an end.
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the host closes it");
    String::from_utf8_lossy(&bytes).into_owned()
}

const BEHIND: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn two_ends_are_no_request() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let chunked = "0\r\n\r\n";
    for (headers, body) in [
        (
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            chunked,
        ),
        (
            "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
            chunked,
        ),
        (
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
            chunked,
        ),
        ("transfer-encoding: gzip, chunked\r\n", chunked),
        ("transfer-encoding: chunked, chunked\r\n", chunked),
        (
            "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n",
            chunked,
        ),
        ("transfer-encoding: xchunked\r\n", chunked),
        ("transfer-encoding: chunked, identity\r\n", chunked),
        ("transfer-encoding: \"chunked\"\r\n", chunked),
        ("transfer-encoding: chunked;q=1\r\n", chunked),
        ("content-length: 5\r\ncontent-length: 5\r\n", "hello"),
        ("content-length: 5\r\ncontent-length: 6\r\n", "hello"),
        ("content-length: 5, 5\r\n", "hello"),
        ("content-length: +5\r\n", "hello"),
        ("transfer-encoding : chunked\r\n", chunked),
    ] {
        for path in [
            "/webhooks/town",
            "/health/live",
            "/api/v1/session",
            "/nothing",
        ] {
            let text = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n{body}{BEHIND}");
            let said = answers(&host, &text).await;
            let heads = said.matches("HTTP/1.1 ").count();
            assert!(
                said.starts_with("HTTP/1.1 400"),
                "{headers:?} {path}: {said}"
            );
            assert_eq!(heads, 1, "{headers:?} {path}: {said}");
        }
    }
    // As it should be, they are taken; behind a length there may be another.
    let right = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}{BEHIND}"
    );
    let said = answers(&host, &right).await;
    assert!(
        said.starts_with("HTTP/1.1 4") && !said.starts_with("HTTP/1.1 400"),
        "{said}"
    );
    assert!(said.contains("HTTP/1.1 200"), "{said}");
    let right = "POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let said = answers(&host, &format!("{right}{BEHIND}")).await;
    assert!(said.starts_with("HTTP/1.1 422"), "{said}");
    assert_eq!(
        said.matches("HTTP/1.1 ").count(),
        1,
        "its answer is the last: {said}"
    );
}

#[tokio::test]
async fn heads_have_the_size_that_is_stated() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let head = |size: usize| {
        let end = "\r\nconnection: close\r\n\r\n";
        let begin = "GET /health/live HTTP/1.1\r\nhost: x\r\nx: ";
        let filling = "a".repeat(size - begin.len() - end.len());
        format!("{begin}{filling}{end}")
    };
    let most = 32 * 1024;
    assert!(
        answers(&host, &head(most))
            .await
            .starts_with("HTTP/1.1 200")
    );
    for size in [most + 1, most + 100, 40_000, 64_000] {
        let said = answers(&host, &head(size)).await;
        let refused = said.is_empty() || said.starts_with("HTTP/1.1 431");
        assert!(refused, "{size}: {said}");
    }
}

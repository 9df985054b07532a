//! Overload and bad manners are answered early, and nobody else notices.

use crate::SOON;
use crate::sample::{TOWN, all_there_once, message, post};
use crate::support::{Host, until};
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection of our own.
async fn connect(host: &Host) -> TcpStream {
    let address = host.address.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// What comes until the other side closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut bytes)).await;
    // A reset is an end too.
    let _ = read.expect("the host ends it");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn slow_and_greedy_senders_are_ended_and_others_served() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let begun = Instant::now();

    let mut silent = connect(&host).await;
    silent
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n")
        .await
        .unwrap();
    let mut drip = connect(&host).await;
    let head = "POST /webhooks/town HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{";
    drip.write_all(head.as_bytes()).await.unwrap();

    // Meanwhile others are served.
    assert_eq!(post(&host, &[message("l-1", "ann", "Hoi")]).await.0, 200);

    let mut greedy = connect(&host).await;
    let head = "POST /webhooks/town HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9999999\r\n\r\n";
    greedy.write_all(head.as_bytes()).await.unwrap();
    assert!(rest_head(greedy).await.starts_with("HTTP/1.1 413"));

    let mut many = connect(&host).await;
    let mut head = "GET /health HTTP/1.1\r\nhost: localhost\r\n".to_owned();
    for i in 0..100 {
        head.push_str(&format!("x-{i}: 1\r\n"));
    }
    many.write_all(format!("{head}\r\n").as_bytes())
        .await
        .unwrap();
    assert!(rest(many).await.starts_with("HTTP/1.1 431"));

    let mut large = connect(&host).await;
    let head = format!(
        "GET /health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    // The host may have closed before all is written.
    let _ = large.write_all(head.as_bytes()).await;
    let answer = rest(large).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );

    let answer = rest(silent).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert!(begun.elapsed() >= Duration::from_secs(8));
    assert!(rest_head(drip).await.starts_with("HTTP/1.1 408"));
}

/// The head of an answer on a connection that may stay open.
async fn rest_head(mut stream: TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let read = tokio::time::timeout(SOON, stream.read(&mut bytes)).await;
    let length = read.expect("the host answers").unwrap_or(0);
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn too_much_is_answered_with_when_to_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let limits = "[limits]\nrequests-per-second = 1\nrequest-burst = 20\nstreams-per-caller = 2\n";
    let host = Host::start(&format!("{limits}{TOWN}"), dir.path()).await;

    let streams: Vec<_> = [1, 2, 3]
        .map(|_| host.request(Method::GET, "events", None).send())
        .into();
    let mut open = Vec::new();
    for stream in streams {
        open.push(stream.await.unwrap());
    }
    let status: Vec<u16> = open.iter().map(|r| r.status().as_u16()).collect();
    assert_eq!(status, [200, 200, 429]);

    // An unknown nesting depth is the sender's mistake.
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let request = host.request(Method::POST, "drafts", None);
    let request = request
        .header("content-type", "application/json")
        .body(deep);
    let status = request.send().await.unwrap().status().as_u16();
    assert!((400..500).contains(&status), "{status}");

    let refused = until("a caller is told to wait", SOON, async || {
        let response = host
            .request(Method::GET, "messages", None)
            .send()
            .await
            .unwrap();
        (response.status().as_u16() != 200).then_some(response)
    })
    .await;
    assert_eq!(refused.status().as_u16(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(wait >= 1);
    let problem: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["status"], 429);
    // Health has no such limit, and neither have networks.
    assert_eq!(host.call(Method::GET, "/health/ready", None).await.0, 200);
    assert_eq!(post(&host, &[message("l-2", "ann", "Hoi")]).await.0, 200);
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("[limits]\nconnections = 3\n{TOWN}"), dir.path()).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&host).await;
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        held.push(stream);
    }
    let said = rest(connect(&host).await).await;
    assert!(
        said.starts_with("HTTP/1.1 503") && said.contains("retry-after"),
        "{said}"
    );
    drop(held);
    until("there is room again", SOON, async || {
        let mut stream = connect(&host).await;
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .ok()?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.ok()?;
        (&answer == b"HTTP/1.1 200").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_takes_no_more_until_what_it_took_is_handled() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(
        &format!("[limits]\nqueued-events = 100\n{TOWN}"),
        dir.path(),
    )
    .await;
    let ids: Vec<String> = (0..150).map(|i| format!("q-{i}")).collect();
    let many: Vec<Value> = ids
        .iter()
        .map(|id| message(id, "ann", "Waar blijft mijn pakket?"))
        .collect();
    assert_eq!(post(&host, &many).await.0, 200);
    let (status, wait) = post(&host, &[message("q-more", "ann", "Hoi")]).await;
    assert_eq!((status, wait.is_some()), (503, true));
    all_there_once(&host, &ids, SOON).await;
    until("it takes messages again", SOON, async || {
        (post(&host, &[message("q-more", "ann", "Hoi")]).await.0 == 200).then_some(())
    })
    .await;
}

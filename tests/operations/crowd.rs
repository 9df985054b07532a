//! One address that opens everything it can and sends half of everything: others are served meanwhile,
//! and so is whoever behaves at the same address.

use crate::SOON;
use crate::sample::{TOWN, message, post};
use crate::support::{Host, until};
use reqwest::Method;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

/// A connection from an address of this machine, with something sent on it.
async fn open(host: &Host, from: Ipv4Addr, text: &str) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let to = host.address.strip_prefix("http://").unwrap();
    let mut stream = socket.connect(to.parse().unwrap()).await.ok()?;
    // The host may have closed it already.
    stream.write_all(text.as_bytes()).await.ok()?;
    Some(stream)
}

fn client(from: Ipv4Addr) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .local_address(Some(from.into()))
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

/// Everything that is asked of a host is answered: by networks, by those who are known, by strangers.
async fn serves(host: &Host, id: &str, from: Ipv4Addr) {
    assert_eq!(
        post(host, &[message(id, "ann", "Hoi")]).await.0,
        200,
        "{id}"
    );
    let (status, _) = host.call(Method::GET, "messages", None).await;
    assert_eq!(status, 200, "{id}");
    let (status, _) = host
        .call(Method::POST, "drafts", Some(&serde_json::json!({})))
        .await;
    assert_eq!(status, 422, "{id}");
    let client = client(from);
    let health = client.get(format!("{}/health/live", host.address));
    assert_eq!(health.send().await.unwrap().status(), 200, "{id}");
    let log_in = client
        .post(format!("{}/api/v1/session", host.address))
        .header("content-type", "application/json")
        // Each time another account, so that only the crowd could be in the way.
        .body(format!(
            "{{\"email\": \"{id}@b.example\", \"password\": \"wrong wrong wrong\"}}"
        ));
    assert_eq!(log_in.send().await.unwrap().status(), 401, "{id}");
}

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const THERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 7);

#[tokio::test]
async fn half_open_heads_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let limits = "[limits]\nconnections = 64\n";
    let host = Host::start(&format!("{limits}{TOWN}"), dir.path()).await;
    for (round, head) in ["", "G", "POST /webhooks/town HTTP/1.1\r\nhost: x\r\n"]
        .iter()
        .enumerate()
    {
        let mut held = Vec::new();
        for n in 0..200 {
            // From one address and from several.
            let from = Ipv4Addr::new(127, 0, 0, if n % 2 == 0 { 1 } else { 20 + (n % 9) as u8 });
            held.extend(open(&host, from, head).await);
        }
        serves(&host, &format!("head-{round}"), THERE).await;
        serves(&host, &format!("head-{round}-here"), HERE).await;
        drop(held);
    }
}

#[tokio::test]
async fn half_sent_bodies_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let limits = "[limits]\nconnections = 400\n";
    let host = Host::start(&format!("{limits}{TOWN}"), dir.path()).await;
    // The first is known, by an operator's token: what it announces is not what it takes.
    let token = host.token.clone().unwrap();
    let known = format!("authorization: Bearer {token}\r\n");
    let part = "x".repeat(2048);
    for (round, (path, announced, more)) in [
        ("/webhooks/town", 1_000_000, ""),
        ("/webhooks/nowhere", 1_000_000, ""),
        ("/api/v1/session", 16_000, ""),
        ("/api/v1/setup", 16_000, ""),
        ("/api/v1/plugins", 40_000_000, ""),
        ("/api/v1/plugins", 40_000_000, known.as_str()),
        ("/nothing", 40_000_000, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-type: application/json\r\n\
             content-length: {announced}\r\n\r\n{part}"
        );
        let mut held = Vec::new();
        for _ in 0..80 {
            held.extend(open(&host, HERE, &head).await);
        }
        serves(&host, &format!("body-{round}"), THERE).await;
        drop(held);
    }
    until("all is as before", SOON, async || {
        let (status, _) = host.call(Method::GET, "/health/ready", None).await;
        (status == 200).then_some(())
    })
    .await;
}

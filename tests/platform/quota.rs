//! A channel with a grant of few requests: its inboxes share them, and what they ask is counted.

use crate::*;
use axum::Router;
use axum::routing::get;

/// Reads everything there is at a path until it is refused.
const CHANNEL: &str = "hostile-channel";

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_are_granted_to_a_channel_and_its_inboxes_share_them() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let routes = Router::new().route("/many", get(async || "12345678"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let file = dir.join("channel.wasm");
    let package = guests::build_packages(&["tests/guests/hostile-channel"]).remove(0);
    std::fs::write(&file, &package.component).unwrap();
    let host = Host::start("", dir).await;
    done(
        dir,
        &[
            "plugin",
            "install",
            file.to_str().unwrap(),
            "--allow-unsigned",
        ],
    );
    let grant = ["plugin", "grant", CHANNEL, "--requests-per-minute"];
    refused(
        dir,
        &[&grant[..], &["0"]].concat(),
        "requests-per-minute: must be 1 to 1200",
    );
    let granted = done(dir, &[&grant[..], &["3"]].concat());
    assert_eq!(granted["granted"]["requests-per-minute"], 3, "{granted:#}");
    done(dir, &["plugin", "enable", CHANNEL]);

    let local = server.to_string();
    for name in ["one", "two"] {
        let setup = json!({
            "plugin": CHANNEL, "localHosts": [local], "pollSeconds": 1,
            "settings": { "do": "many", "address": format!("http://{local}") },
        });
        let secrets = json!({ "token": "0123456789abcdef" });
        let new = json!({ "name": name, "setup": setup, "secrets": secrets });
        let (status, made) = host.post("inboxes", &new).await;
        assert_eq!(status, 201, "{made:#}");
    }
    let told = "rate limited: the host lets it make no more than 3 requests a minute";
    until("both inboxes are told", SOON, async || {
        let inboxes = done(dir, &["inbox", "list"]).to_string();
        (inboxes.matches(told).count() == 2).then_some(())
    })
    .await;
    let request = host.request(Method::GET, "/metrics", None);
    let text = request.send().await.unwrap().text().await.unwrap();
    let counted = |name: &str| -> u64 {
        let start = format!("rapport_plugin_egress_{name}_total{{plugin=\"{CHANNEL}\"}} ");
        let found = text.lines().find_map(|line| line.strip_prefix(&start));
        found
            .unwrap_or_else(|| panic!("{name}: {text}"))
            .parse()
            .unwrap()
    };
    let requests = counted("requests");
    assert!(
        (3..=6).contains(&requests),
        "a token comes back every 20 s: {requests}"
    );
    assert_eq!(counted("received_bytes"), requests * 8);
    assert_eq!(counted("sent_bytes"), 0);
    assert!(counted("denials") >= 2);
    let health = done(dir, &["plugin", "health"]);
    for row in health.as_array().unwrap() {
        assert_eq!(row["breakerOpen"], false, "{health:#}");
    }
}

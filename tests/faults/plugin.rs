//! A plugin that never gives an answer.

use crate::sample::{TOWN, all_there_once};
use crate::support::{Host, until};
use crate::{SOON, Sender};
use reqwest::Method;
use std::path::Path;

#[tokio::test]
async fn a_plugin_that_hangs_stops_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests/fickle-classifier");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    let (_, bytes) = rapport_package::build::build(&source, Some(&target)).expect("it builds");
    std::fs::write(dir.path().join("fickle.wasm"), bytes).unwrap();
    let config = format!(
        "[plugins.fickle-classifier]\nfile = \"fickle.wasm\"\nsettings = {{ do = \"loop\" }}\n{TOWN}"
    );
    let host = Host::start(&config, dir.path()).await;
    let mut sender = Sender::default();
    for _ in 0..8 {
        assert!(sender.send(&host).await);
    }
    all_there_once(&host, &sender.acknowledged, SOON).await;
    let page = host.get("messages").await;
    for item in page["items"].as_array().unwrap() {
        let id = item["id"].as_str().unwrap();
        until("the others' word on it", SOON, async || {
            let message = host.get(&format!("messages/{id}")).await;
            (!message["classifications"].as_array()?.is_empty()).then_some(())
        })
        .await;
    }
    until("it is left alone", SOON, async || {
        sender.send(&host).await;
        let text = host
            .request(Method::GET, "/metrics", None)
            .send()
            .await
            .ok()?;
        let text = text.text().await.ok()?;
        let open = "rapport_plugin_breaker_open{plugin=\"fickle-classifier\"} 1";
        text.contains(open).then_some(())
    })
    .await;
    let (status, _) = host.call(Method::GET, "/health/ready", None).await;
    assert_eq!(status, 200);
}

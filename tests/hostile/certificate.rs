//! Servers whose certificate is of an authority that only the admin trusts, or of nobody's.

use super::tls::Authority;
use super::{TOKEN, packages};
use axum::Router;
use axum::routing::get;
use rapport_host::config::read_roots;
use rapport_host::plugin::connector::{Connector, ConnectorOptions};
use rapport_host::plugin::{CallError, Engines, PluginError, resolve_settings};
use reqwest::Certificate;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The hostile connector, which asks `https://localhost:port` once a poll, under engines that trust
/// these authorities too.
async fn connector(port: u16, roots: Vec<Certificate>) -> Connector {
    let package = &packages().channel;
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let engines = Arc::new(Engines::new(&compiled).unwrap().trusting(roots));
    let given = json!({ "do": "local", "address": format!("https://localhost:{port}") });
    let options = ConnectorOptions {
        inbox_id: "inbox".into(),
        settings: resolve_settings(&package.manifest.settings, &given).unwrap(),
        secrets: BTreeMap::from([("token".to_owned(), TOKEN.to_owned())]),
        local_hosts: vec![format!("localhost:{port}")],
        webhook_url: None,
    };
    Connector::load(&engines, package, options).await.unwrap()
}

/// What one poll came to: the status that the connector was answered, or what it was told.
async fn poll(port: u16, roots: Vec<Certificate>) -> Result<u64, String> {
    let connector = connector(port, roots).await;
    match connector.poll(&BTreeMap::new(), None, &[]).await {
        Ok(answer) => {
            let seen: Value = serde_json::from_str(&answer.value.cursor).unwrap();
            Ok(seen["status"].as_u64().unwrap())
        }
        Err(CallError::Plugin(PluginError::Permanent(said))) => Err(said),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_connector_reaches_a_server_of_the_companys_own_authority() {
    let (authority, other) = (Authority::new(), Authority::new());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("company-ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let roots = read_roots(&file).unwrap();
    let routes = Router::new().route("/local", get(|| async { "here" }));
    let port = authority.serve("localhost", routes.clone()).await;
    let refused = poll(port, Vec::new()).await.unwrap_err();
    assert!(refused.contains("TlsCertificateError"), "{refused}");
    assert_eq!(poll(port, roots.clone()).await, Ok(200));

    let misnamed = authority.serve("elsewhere.example", routes.clone()).await;
    let refused = poll(misnamed, roots.clone()).await.unwrap_err();
    assert!(refused.contains("TlsCertificateError"), "{refused}");

    let strange = other.serve("localhost", routes).await;
    assert!(poll(strange, roots).await.is_err(), "another authority");
}

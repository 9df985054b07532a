//! `extra-ca`: servers with certificates of a company's own authority are reached by webhooks, log-ins
//! and traces when the admin names the authority, and by nobody otherwise. The servers are real TLS
//! servers on this machine. Deliberately absent: connectors (see `hostile`), and registries, which have
//! no TLS on loopback.

pub mod support;

#[path = "support/sample.rs"]
pub mod sample;
#[path = "support/tls.rs"]
mod tls;

use axum::Router;
use axum::routing::{get, post};
use reqwest::Method;
use sample::{TOWN, message, post as hand_in};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use support::{Host, until};
use tls::Authority;

const SOON: Duration = Duration::from_secs(60);
/// Where nothing of what is judged matters.
const JUDGES_OFF: &str = "[plugins]\nclassify-language = { enabled = false }\n\
    classify-sentiment = { enabled = false }\nclassify-topic = { enabled = false }\n\
    policy-service = { enabled = false }\n";

/// The authority's certificate in a file.
fn pem(authority: &Authority, dir: &Path) -> PathBuf {
    let file = dir.join("company-ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    file
}

/// What a host's first try at `https://localhost:port/` came to: its status and error.
async fn webhook(port: u16, config: &str, dir: &Path) -> (Value, Value) {
    let local = format!("[webhooks]\nlocal-hosts = [\"localhost:{port}\"]\n");
    let host = Host::start(&format!("{config}{local}{JUDGES_OFF}"), dir).await;
    let url = format!("https://localhost:{port}/in");
    let (status, made) = host.post("webhook-endpoints", &json!({ "url": url })).await;
    assert_eq!(status, 201, "{made:#}");
    let id = made["id"].as_str().unwrap();
    let (status, _) = host
        .post(&format!("webhook-endpoints/{id}/test"), &Value::Null)
        .await;
    assert!((200..300).contains(&status), "{status}");
    let attempt = until("a try", SOON, async || {
        let page = host
            .get(&format!("webhook-endpoints/{id}/deliveries"))
            .await;
        let id = page["items"][0]["id"].as_str()?.to_owned();
        let delivery = host.get(&format!("webhook-deliveries/{id}")).await;
        delivery["tries"].get(0).cloned()
    })
    .await;
    (attempt["status"].clone(), attempt["error"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_reach_it_and_a_wrong_name_is_refused() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    pem(&authority, dir.path());
    let routes = Router::new().route("/in", post(|| async {}));
    let port = authority.serve("localhost", routes.clone()).await;
    let without = tempfile::tempdir().unwrap();
    let (_, error) = webhook(port, "", without.path()).await;
    let error = error.as_str().unwrap();
    assert!(
        error.contains("certificate") && error.contains("extra-ca"),
        "{error}"
    );

    let config = "extra-ca = [\"company-ca.pem\"]\n";
    let (status, error) = webhook(port, config, dir.path()).await;
    assert_eq!((status, error), (json!(200), Value::Null));

    let misnamed = authority.serve("elsewhere.example", routes).await;
    let again = tempfile::tempdir().unwrap();
    pem(&authority, again.path());
    let (_, error) = webhook(misnamed, config, again.path()).await;
    let error = error.as_str().unwrap();
    assert!(error.contains("not valid for name"), "{error}");
}

/// The status of the beginning of a log-in at `https://localhost:port`.
async fn login(port: u16, dir: &Path, environment: &[(&str, &str)]) -> u16 {
    let config = format!(
        "public-url = \"https://crm.example\"\n[[oidc]]\nname = \"company\"\n\
         issuer = \"https://localhost:{port}\"\nclient-id = \"rapport\"\n{JUDGES_OFF}"
    );
    let host = Host::start_with(&config, dir, environment).await;
    let (status, _) = host
        .call(Method::GET, "/api/v1/oidc/company/start", None)
        .await;
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_reaches_its_provider() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    let file = pem(&authority, dir.path());
    let issuer = Arc::new(OnceLock::<String>::new());
    let told = Arc::clone(&issuer);
    let discovery = get(async move || {
        let issuer = told.get().cloned().unwrap_or_default();
        axum::Json(json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }))
    });
    let routes = Router::new()
        .route("/.well-known/openid-configuration", discovery)
        .route("/keys", get(async || axum::Json(json!({ "keys": [] }))));
    let port = authority.serve("localhost", routes).await;
    issuer.set(format!("https://localhost:{port}")).unwrap();
    let without = tempfile::tempdir().unwrap();
    assert_eq!(login(port, without.path(), &[]).await, 502);
    let file = file.to_str().unwrap();
    let environment = [("RAPPORT_EXTRA_CA", file)];
    assert_eq!(login(port, dir.path(), &environment).await, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_reach_their_collector() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    pem(&authority, dir.path());
    let (collected, mut collecting) = tokio::sync::watch::channel(0);
    let collect = post(async move |body: axum::body::Bytes| {
        collected.send_modify(|bytes| *bytes += body.len());
    });
    let routes = Router::new().route("/v1/traces", collect);
    let port = authority.serve("localhost", routes).await;
    let config = format!(
        "extra-ca = [\"company-ca.pem\"]\n[telemetry]\notlp-endpoint = \"https://localhost:{port}\"\n\
         {JUDGES_OFF}{TOWN}"
    );
    let often = [("OTEL_BSP_SCHEDULE_DELAY", "200")];
    let host = Host::start_with(&config, dir.path(), &often).await;
    let sent = [message("m-1", "ada", "Hallo")];
    assert_eq!(hand_in(&host, &sent).await.0, 200);
    let arrived = collecting.wait_for(|bytes| *bytes > 0);
    tokio::time::timeout(SOON, arrived).await.unwrap().unwrap();
}

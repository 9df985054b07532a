//! Secrets of endpoints, and keys in their addresses, at rest: neither the store nor a backup has them,
//! and what an earlier version stored plain is sealed by the next start. A changed secret key changes
//! nothing for receivers.

use crate::receiver::Receiver;
use crate::support::{Host, rapport, store};
use crate::{add, started};
use rapport_host::domain::sealed::{SealKey, purpose};
use serde_json::{Value, json};
use sqlx::Row;
use std::path::Path;

const KEY: &str = "T0000-B0000-a8s7d6f5g4h3j2k1";

/// What stands in the store of one endpoint: address, secret, the one before.
async fn stored(dir: &Path, id: &str) -> Vec<Option<String>> {
    let store = store::open(dir).await;
    let sql = "SELECT url, secret, previous_secret FROM webhook_endpoint WHERE id = $1";
    let row = sqlx::query(sql).bind(id).fetch_one(&store).await.unwrap();
    store.close().await;
    (0..3).map(|n| row.try_get(n).unwrap()).collect()
}

fn run(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = rapport(arguments);
    let output = command
        .arg("--config")
        .arg(dir.join("rapport.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

fn holds(file: &Path, needle: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes
        .windows(needle.len())
        .any(|part| part == needle.as_bytes())
}

async fn test_arrives(host: &Host, receiver: &Receiver, id: &str, secrets: &[&str], nth: usize) {
    let (status, _) = host
        .post(&format!("webhook-endpoints/{id}/test"), &Value::Null)
        .await;
    assert!((200..300).contains(&status), "{status}");
    let got = receiver.wait_for(KEY, |got| got.len() == nth).await;
    for secret in secrets {
        assert_eq!(got[nth - 1].signed_with(secret), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_store_nor_backup_has_a_receivers_secrets() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let url = receiver.url(KEY);
    let (id, first) = add(&host, json!({ "url": url, "events": ["webhook.test"] })).await;
    let path = format!("webhook-endpoints/{id}/rotate");
    let rotate = json!({ "overlapHours": 24 });
    let (_, rotated) = host.post(&path, &rotate).await;
    let second = rotated["secret"].as_str().unwrap_or_default().to_owned();
    assert!(
        second.starts_with("whsec_") && second != first,
        "{rotated:#}"
    );

    let shown = host.get(&format!("webhook-endpoints/{id}")).await;
    assert_eq!(shown["url"], url, "who may see it sees it");
    for text in stored(dir.path(), &id).await.iter().flatten() {
        assert!(text.starts_with("1."), "{text}");
    }
    let backup = dir.path().join("backup.db");
    let (ok, said) = run(dir.path(), &["backup", backup.to_str().unwrap()]);
    assert!(ok, "{said}");
    for secret in [&first, &second, KEY] {
        assert!(!holds(&backup, secret));
    }
    test_arrives(&host, &receiver, &id, &[&first, &second], 1).await;

    // Another key, while the host runs: nothing opens with the old one, and receivers notice nothing.
    let file = dir.path().join("data/secret-key");
    let old = SealKey::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let before = stored(dir.path(), &id).await;
    let (ok, said) = run(dir.path(), &["secret-key", "rotate"]);
    assert!(ok, "{said}");
    let new = SealKey::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let after = stored(dir.path(), &id).await;
    let purposes = [
        purpose::webhook_url(&id),
        purpose::webhook_secret(&id),
        purpose::webhook_secret(&id),
    ];
    for ((before, after), purpose) in before.iter().zip(&after).zip(&purposes) {
        let (before, after) = (before.as_ref().unwrap(), after.as_ref().unwrap());
        assert!(old.open(purpose, after).is_err() && new.open(purpose, before).is_err());
        assert_eq!(old.open(purpose, before), new.open(purpose, after));
    }
    test_arrives(&host, &receiver, &id, &[&first, &second], 2).await;
    assert!(host.terminate().await.success());
    let host = started(&receiver, dir.path()).await;
    test_arrives(&host, &receiver, &id, &[&first, &second], 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stood_plain_is_sealed_by_the_next_start() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let host = started(&receiver, dir.path()).await;
    let url = receiver.url(KEY);
    let (id, _) = add(&host, json!({ "url": url, "events": ["webhook.test"] })).await;
    assert!(host.terminate().await.success());
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let store = store::open(dir.path()).await;
    let sql =
        "UPDATE webhook_endpoint SET url = $2, secret = $3, previous_secret = $3 WHERE id = $1";
    let plain = sqlx::query(sql).bind(&id).bind(&url).bind(secret);
    plain.execute(&store).await.unwrap();
    store.close().await;

    let host = started(&receiver, dir.path()).await;
    for text in stored(dir.path(), &id).await.iter().flatten() {
        assert!(text.starts_with("1."), "{text}");
    }
    test_arrives(&host, &receiver, &id, &[secret], 1).await;
}

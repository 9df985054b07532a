//! Heads of the chain that went out, signed: beside them a chain that was written anew or cut no longer
//! passes, and without them it is said that it would.

use crate::support::{Host, rapport, store};
use crate::{ROWS, audit, chain, report, tamper};
use rapport_host::domain::digest::chain_hash;
use serde_json::{Value, json};
use sqlx::Row;
use std::path::Path;

/// The chain written anew with one row changed, as whoever can write the store can.
async fn write_anew(dir: &Path) {
    let store = store::open(dir).await;
    let sql = "SELECT seq, at, actor, action, subject, detail FROM audit_event ORDER BY seq";
    let rows = sqlx::query(sql).fetch_all(&store).await.unwrap();
    let mut hash = String::new();
    for row in &rows {
        let seq: i64 = row.try_get(0).unwrap();
        let at: i64 = row.try_get(1).unwrap();
        let texts: Vec<String> = (2..6).map(|n| row.try_get(n).unwrap()).collect();
        let (at, [action, subject, detail]) = (at.to_string(), [&texts[1], &texts[2], &texts[3]]);
        let actor = if seq == 3 { "somebody-else" } else { &texts[0] };
        let fields: [&str; 5] = [&at, actor, action, subject, detail];
        hash = chain_hash(&hash, &fields);
        let sql = "UPDATE audit_event SET actor = $2, hash = $3 WHERE seq = $1";
        let changed = sqlx::query(sql).bind(seq).bind(actor).bind(&hash);
        changed.execute(&store).await.unwrap();
    }
    let sql = "UPDATE audit_head SET hash = $1";
    sqlx::query(sql).bind(&hash).execute(&store).await.unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_went_out_find_what_the_store_alone_does_not_show() {
    let dir = tempfile::tempdir().unwrap();
    chain(dir.path()).await;
    let config = dir.path().join("rapport.toml");
    let plain = std::fs::read_to_string(&config).unwrap();
    let heads = dir.path().join("heads.jsonl");
    std::fs::write(
        &config,
        format!("{plain}[audit]\nhead-file = \"heads.jsonl\"\n"),
    )
    .unwrap();
    let (sent, said) = audit(dir.path(), &["head", "--json"]);
    assert!(sent, "{said}");
    let kept = std::fs::read_to_string(&heads).unwrap();
    assert_eq!(
        kept.trim(),
        said.trim(),
        "what is told is what is in the file"
    );
    let (whole, found) = report(dir.path(), &[]);
    assert!(whole && found["headsCompared"] == 1, "{found:#}");
    let rotate = rapport(&["secret-key", "rotate", "--config"])
        .arg(&config)
        .output();
    assert!(rotate.unwrap().status.success());
    let (whole, found) = report(dir.path(), &[]);
    assert!(
        whole && found["headsCompared"] == 1,
        "signed anew: {found:#}"
    );
    let kept = std::fs::read_to_string(&heads).unwrap();
    let kept = kept.lines().last().unwrap().to_owned() + "\n";

    write_anew(dir.path()).await;
    let (whole, found) = report(dir.path(), &[]);
    assert!(!whole);
    assert_eq!(found["findings"][0]["kind"], "changed", "{found:#}");
    assert_eq!(found["findings"][0]["seq"], ROWS);
    // Without a head from elsewhere it passes, which is said.
    std::fs::write(&config, &plain).unwrap();
    let (whole, found) = report(dir.path(), &[]);
    assert!(whole && found["headsCompared"] == 0, "{found:#}");
    // A log, or what a webhook got, is as good as the file.
    let log = dir.path().join("host.log");
    std::fs::write(
        &log,
        format!("10:00 INFO audit head: {kept}10:01 INFO else\n"),
    )
    .unwrap();
    let (whole, found) = report(dir.path(), &["--heads", log.to_str().unwrap()]);
    assert!(!whole && found["headsRefused"] == 1, "{found:#}");

    // A head that fits the new chain can't be made without the key.
    let seq_hash = found["head"]["hash"].as_str().unwrap();
    let mut forged: Value = serde_json::from_str(&kept).unwrap();
    forged["hash"] = json!(seq_hash);
    std::fs::write(&heads, forged.to_string()).unwrap();
    let (_, found) = report(dir.path(), &["--heads", heads.to_str().unwrap()]);
    assert_eq!(
        (&found["headsCompared"], &found["headsRefused"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_host_compares_with_the_heads_it_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("[audit]\nhead-file = \"heads.jsonl\"\n", dir.path()).await;
    let (sent, said) = audit(dir.path(), &["head"]);
    assert!(sent, "{said}");
    let found = host.get("audit/verify").await;
    assert_eq!(
        (&found["intact"], &found["headsCompared"]),
        (&json!(true), &json!(1))
    );
    let cut = ["DELETE FROM audit_event", "DELETE FROM audit_head"];
    tamper(dir.path(), &cut).await;
    let found = host.get("audit/verify").await;
    assert_eq!(found["intact"], false, "cut at its beginning: {found:#}");
}

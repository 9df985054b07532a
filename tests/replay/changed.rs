//! A record that was changed or emptied afterwards does not pass: each sort of change is found, and named.

use crate::proof::decided;
use crate::support::store;
use crate::{decisions, replay_with, replayed, tamper};
use rapport_host::domain::digest::sha256_hex;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    drop(decided(dir).await);
    let cases = decisions(dir, "open-case").await;

    // The output's digest.
    let (_, id) = &cases[0];
    let sql = "UPDATE evaluation SET output_digest = $2 WHERE id = $1";
    tamper(dir, sql, id, &"0".repeat(64)).await;
    let ended = replayed(dir, id);
    assert!(!ended.success);
    assert_eq!(ended.json()["outcome"], "different");
    assert_eq!(ended.notes(), ["record-changed", "neighbours"]);
    assert!(
        ended.printed.contains("digest is not theirs"),
        "{}",
        ended.printed
    );
    assert_eq!(ended.json()["together"]["asRecorded"], false);
    assert!(
        ended.said.contains("does not come out as it stands"),
        "{}",
        ended.said
    );

    // What a decision says.
    let (decision, id) = &cases[1];
    let sql = "UPDATE decision SET reason = $2 WHERE id = $1";
    tamper(
        dir,
        sql,
        decision,
        r#"[{"language":"en","text":"Because."}]"#,
    )
    .await;
    let ended = replayed(dir, id);
    let found = ended.json();
    assert!(
        !ended.success && found["outcome"] == "different",
        "{found:#}"
    );
    assert_eq!(
        found["recorded"]["outputDigest"],
        found["now"]["outputDigest"]
    );
    let differences = found["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{found:#}");
    assert_eq!(differences[0]["fields"], json!(["reason"]));
    assert_eq!(differences[0]["recorded"]["decisionId"], json!(decision));
    assert_eq!(differences[0]["recorded"]["reason"][0]["text"], "Because.");
    assert_ne!(
        differences[0]["now"]["reason"],
        differences[0]["recorded"]["reason"]
    );
    assert_eq!(ended.notes(), ["record-changed"]);
    let shown = replay_with(dir, "rapport.toml", id, &[]).printed;
    for part in [
        "DIFFERENT",
        "differs in reason",
        "recorded: complaint-",
        "Because.",
    ] {
        assert!(shown.contains(part), "no {part} in {shown}");
    }

    // A decision that is gone, and one that never was.
    let (decision, id) = &cases[2];
    tamper(
        dir,
        "DELETE FROM decision WHERE id = $1 AND $2 = ''",
        decision,
        "",
    )
    .await;
    let found = replayed(dir, id).json();
    assert_eq!(found["differences"][0]["change"], "only-now", "{found:#}");
    let (decision, id) = &cases[3];
    tamper(
        dir,
        "UPDATE decision SET effect = $2 WHERE id = $1",
        decision,
        "deny",
    )
    .await;
    let ended = replayed(dir, id);
    let found = ended.json();
    let changes: Vec<&Value> = found["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| &difference["change"])
        .collect();
    assert!(!ended.success);
    assert_eq!(changes, ["only-recorded", "only-now"], "{found:#}");

    // The input together with its digest: another input has another output.
    let (_, id) = &cases[6];
    let store = store::open(dir).await;
    let sql = "SELECT input FROM evaluation WHERE id = $1";
    let input: String = sqlx::query_scalar(sql)
        .bind(id)
        .fetch_one(&store)
        .await
        .unwrap();
    store.close().await;
    let forged = input.replace("\"label\":\"complaint\"", "\"label\":\"compliment\"");
    assert_ne!(forged, input);
    tamper(
        dir,
        "UPDATE evaluation SET input = $2 WHERE id = $1",
        id,
        &forged,
    )
    .await;
    let sql = "UPDATE evaluation SET input_digest = $2 WHERE id = $1";
    tamper(dir, sql, id, &sha256_hex(forged.as_bytes())).await;
    let ended = replayed(dir, id);
    let found = ended.json();
    assert!(!ended.success && found["proof"] == true, "{found:#}");
    assert_eq!(found["outcome"], "different");
    let lost = |d: &Value| d["change"] == "only-recorded" && d["recorded"]["effect"] == "open-case";
    assert!(
        found["differences"].as_array().unwrap().iter().any(lost),
        "{found:#}"
    );

    // The input alone; and one that retention or erasure removed.
    let (_, id) = &cases[4];
    let sql = "UPDATE evaluation SET input = replace(input, $2, 'vijf') WHERE id = $1";
    tamper(dir, sql, id, "drie").await;
    let ended = replayed(dir, id);
    assert!(
        !ended.success && ended.printed.is_empty(),
        "{}",
        ended.printed
    );
    assert!(
        ended.said.contains("the record was changed: its input"),
        "{}",
        ended.said
    );
    let (_, id) = &cases[5];
    tamper(
        dir,
        "UPDATE evaluation SET input = $2 WHERE id = $1",
        id,
        "",
    )
    .await;
    let ended = replayed(dir, id);
    assert!(
        !ended.success && ended.printed.is_empty(),
        "{}",
        ended.printed
    );
    assert!(
        ended.said.contains("its input is gone: retention"),
        "{}",
        ended.said
    );
    let ended = replayed(dir, "0198-nothing");
    assert!(
        !ended.success && ended.said.contains("no decision or evaluation"),
        "{}",
        ended.said
    );
}

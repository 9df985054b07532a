//! Backups of a file and their way back.

use crate::rows::{dump_file, fill, open, tables};
use crate::{command, configured, json_of, open_file, refused, store_file};
use rapport_host::db::audit::audit_append_in_tx;
use rapport_host::db::{Db, commit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// A store with a row in every table and three audit events.
pub async fn full_store(dir: &Path) {
    let db = open_file(dir).await;
    for n in 0..3 {
        audit(&db, n).await;
    }
    db.close().await;
    fill(&store_file(dir)).await;
}

pub async fn audit(db: &Db, n: i64) {
    let mut tx = db.begin().await.unwrap();
    let detail = json!({"n": n});
    audit_append_in_tx(&mut tx, n, "test", "test.run", "x", &detail)
        .await
        .unwrap();
    commit(tx).await.unwrap();
}

/// Rows by table, as a command printed them.
pub fn counts(printed: &Value) -> BTreeMap<String, u64> {
    let tables = printed["tables"].as_array().unwrap().iter();
    tables
        .map(|t| {
            (
                t["table"].as_str().unwrap().to_owned(),
                t["rows"].as_u64().unwrap(),
            )
        })
        .collect()
}

/// Without what the commands themselves put on record.
pub fn without_audit(mut dump: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    dump.retain(|table, _| !table.starts_with("audit"));
    dump
}

#[tokio::test]
async fn every_table_goes_into_a_backup_and_comes_back() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    configured(here.path(), "[backup]\nkeep-days = 30\n");
    full_store(here.path()).await;
    let printed = json_of(here.path(), &["backup", "one.backup", "--json"]);
    let store = open(&store_file(here.path())).await;
    let known = tables(&store).await;
    store.close().await;
    let counted = counts(&printed);
    for table in &known {
        assert!(counted[table] > 0, "{table} is not in the backup");
    }
    assert_eq!(counted.len(), known.len());
    let kept = printed["expires"].as_i64().unwrap() - printed["created"].as_i64().unwrap();
    assert_eq!(kept, 30 * 24 * 60 * 60 * 1000);
    assert!(printed["audit"]["events"].as_u64().unwrap() >= 4);
    let file = here.path().join("one.backup");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = std::fs::read_dir(here.path()).unwrap().flatten().collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let said = refused(here.path(), &["backup", "one.backup"]);
    assert!(said.contains("there already"), "{said}");

    configured(there.path(), "");
    let file = file.to_str().unwrap();
    json_of(there.path(), &["restore", file, "--json"]);
    let (left, right) = (store_file(here.path()), store_file(there.path()));
    assert_eq!(
        without_audit(dump_file(&left).await),
        without_audit(dump_file(&right).await)
    );
}

#[tokio::test]
async fn a_backup_is_one_moment_while_others_write() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    let db = open_file(dir.path()).await;
    let stop = flag();
    let writer = {
        let (db, stop) = (db.clone(), stop.clone());
        tokio::spawn(async move {
            let mut n = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                audit(&db, n).await;
                n += 1;
            }
            n
        })
    };
    let mut seen = 0;
    for n in 0..3 {
        let at = dir.path().to_owned();
        let name = format!("{n}.backup");
        let printed =
            tokio::task::spawn_blocking(move || json_of(&at, &["backup", &name, "--json"]))
                .await
                .unwrap();
        // The chain is whole: the backup says so, and fails otherwise.
        let events = printed["audit"]["events"].as_u64().unwrap();
        assert!(events > seen);
        assert_eq!(counts(&printed)["audit_event"], events);
        seen = events;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.await.unwrap() > 0);
    db.close().await;
}

fn flag() -> std::sync::Arc<std::sync::atomic::AtomicBool> {
    std::sync::Arc::default()
}

#[tokio::test]
async fn a_damaged_backup_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    full_store(dir.path()).await;
    json_of(dir.path(), &["backup", "good", "--json"]);
    let before = dump_file(&store_file(dir.path())).await;

    // One letter of a text: SQLite's own check does not see it.
    let mut bytes = std::fs::read(dir.path().join("good")).unwrap();
    let word = b"monitor.query";
    let at = bytes.windows(word.len()).position(|w| w == word).unwrap();
    bytes[at] = b'M';
    std::fs::write(dir.path().join("bad"), &bytes).unwrap();
    let said = refused(dir.path(), &["restore", "bad", "--replace"]);
    assert!(said.contains("monitor"), "{said}");
    std::fs::write(dir.path().join("half"), &bytes[..bytes.len() / 2]).unwrap();
    refused(dir.path(), &["restore", "half", "--replace"]);
    std::fs::write(dir.path().join("none"), "no backup at all").unwrap();
    refused(dir.path(), &["restore", "none", "--replace"]);
    refused(dir.path(), &["restore", "data/rapport.db", "--replace"]);

    assert_eq!(dump_file(&store_file(dir.path())).await, before);
    let left: Vec<_> = std::fs::read_dir(dir.path().join("data"))
        .unwrap()
        .flatten()
        .collect();
    let names: Vec<_> = left.iter().map(|e| e.file_name()).collect();
    assert!(
        names
            .iter()
            .all(|n| !n.to_string_lossy().contains("restoring")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_restore_needs_the_store_to_itself_and_keeps_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    full_store(dir.path()).await;
    json_of(dir.path(), &["backup", "good", "--json"]);
    let said = refused(dir.path(), &["restore", "good"]);
    assert!(said.contains("--replace"), "{said}");

    let lock = std::fs::File::create(dir.path().join("data/rapport.lock")).unwrap();
    lock.lock().unwrap();
    let said = refused(dir.path(), &["restore", "good", "--replace"]);
    assert!(said.contains("in use"), "{said}");
    drop(lock);

    let db = open_file(dir.path()).await;
    audit(&db, 77).await;
    db.close().await;
    let printed = json_of(dir.path(), &["restore", "good", "--replace", "--json"]);
    let aside = dir.path().join(printed["aside"].as_str().unwrap());
    let old = dump_file(&aside).await;
    assert!(
        old["audit_event"]
            .iter()
            .any(|line| line.contains("{\\\"n\\\":77}"))
    );
    let new = dump_file(&store_file(dir.path())).await;
    assert!(
        !new["audit_event"]
            .iter()
            .any(|line| line.contains("{\\\"n\\\":77}"))
    );
    assert!(
        new["audit_event"]
            .iter()
            .any(|line| line.contains("backup.restore"))
    );
}

#[tokio::test]
async fn expired_backups_are_pruned_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "[backup]\nkeep-days = 0\n");
    full_store(dir.path()).await;
    std::fs::create_dir(dir.path().join("kept")).unwrap();
    json_of(dir.path(), &["backup", "kept/old", "--json"]);
    configured(dir.path(), "[backup]\nkeep-days = 1\n");
    json_of(dir.path(), &["backup", "kept/young", "--json"]);
    std::fs::write(dir.path().join("kept/note.txt"), "mine").unwrap();
    std::fs::copy(store_file(dir.path()), dir.path().join("kept/some.db")).unwrap();
    let printed = json_of(
        dir.path(),
        &["backup", "--prune", "kept", "--dry-run", "--json"],
    );
    assert_eq!(printed["expired"], json!(["kept/old"]));
    assert!(dir.path().join("kept/old").exists());
    json_of(dir.path(), &["backup", "--prune", "kept", "--json"]);
    let mut left: Vec<_> = std::fs::read_dir(dir.path().join("kept"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["note.txt", "some.db", "young"]);
    let usage = command(dir.path(), &["backup"]);
    assert_eq!(usage.status.code(), Some(2));
}

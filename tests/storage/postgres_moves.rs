//! From a file to PostgreSQL, out of PostgreSQL into a backup, and back to either.

use crate::backup::{audit, counts, full_store, without_audit};
use crate::postgres::{psql, shared};
use crate::rows::{dump, dump_file};
use crate::{configured, json_of, open_file, refused, store_file};
use rapport_host::db::{Db, Source};
use std::collections::BTreeMap;
use std::path::Path;

async fn dump_postgres(url: &str, like: &Path) -> BTreeMap<String, Vec<String>> {
    let tables: Vec<String> = dump_file(like).await.into_keys().collect();
    dump(url, &tables).await
}

#[tokio::test]
async fn a_store_moves_to_postgres_whole() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    full_store(dir.path()).await;
    let file = store_file(dir.path());
    let url = shared().create_database();
    let printed = json_of(dir.path(), &["migrate-to", &url, "--json"]);
    assert!(counts(&printed).values().all(|rows| *rows > 0), "{printed}");
    let before = dump_file(&file).await;
    let after = dump_postgres(&url, &file).await;
    assert_eq!(without_audit(before.clone()), without_audit(after));
    assert!(!printed.to_string().contains("rapport@"), "{printed}");

    // Numbers go on behind the largest that was ever given out.
    let db = Db::open(&Source::Postgres(url.clone())).await.unwrap();
    audit(&db, 9).await;
    db.close().await;
    let seqs = psql(&url, "SELECT seq FROM audit_event ORDER BY seq");
    assert_eq!(
        seqs.split_whitespace().collect::<Vec<_>>(),
        ["1", "2", "3", "4", "5"]
    );

    let said = refused(dir.path(), &["migrate-to", &url]);
    assert!(said.contains("not empty"), "{said}");
    // With a host, or anybody, connected.
    let other = shared().create_database();
    let company = Db::open(&Source::Postgres(other.clone())).await.unwrap();
    let said = refused(dir.path(), &["migrate-to", &other]);
    assert!(said.contains("connections"), "{said}");
    company.close().await;
    json_of(dir.path(), &["migrate-to", &other, "--json"]);
}

#[tokio::test]
async fn what_postgres_cannot_hold_is_named_and_nothing_is_left_there() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    full_store(dir.path()).await;
    let store = crate::rows::open(&store_file(dir.path())).await;
    sqlx::query("UPDATE monitor SET id = 'key-1', query = 'a' || char(0) || 'b'")
        .execute(&store)
        .await
        .unwrap();
    store.close().await;
    let url = shared().create_database();
    let said = refused(dir.path(), &["migrate-to", &url]);
    assert!(said.contains("monitor") && said.contains("key-1"), "{said}");
    assert_eq!(psql(&url, "SELECT COUNT(*) FROM inbox").trim(), "0");
    // The next try begins anew.
    let store = crate::rows::open(&store_file(dir.path())).await;
    sqlx::query("UPDATE monitor SET query = 'ab'")
        .execute(&store)
        .await
        .unwrap();
    store.close().await;
    json_of(dir.path(), &["migrate-to", &url, "--json"]);
}

#[tokio::test]
async fn a_backup_of_postgres_restores_to_either() {
    let (dir, other, third) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    configured(dir.path(), "");
    full_store(dir.path()).await;
    let file = store_file(dir.path());
    let url = shared().create_database();
    json_of(dir.path(), &["migrate-to", &url, "--json"]);
    configured(dir.path(), &format!("database = \"{url}\"\n"));
    let printed = json_of(dir.path(), &["backup", "of-postgres", "--json"]);
    assert_eq!(printed["source"], "postgres");
    let backup = dir.path().join("of-postgres");
    let backup = backup.to_str().unwrap();

    configured(other.path(), "");
    json_of(other.path(), &["restore", backup, "--json"]);
    let expected = without_audit(dump_file(&file).await);
    let restored = dump_file(&store_file(other.path())).await;
    assert_eq!(expected, without_audit(restored));
    let db = open_file(other.path()).await;
    audit(&db, 10).await;
    db.close().await;

    let second = shared().create_database();
    configured(third.path(), &format!("database = \"{second}\"\n"));
    json_of(third.path(), &["restore", backup, "--json"]);
    let restored = dump_postgres(&second, &file).await;
    assert_eq!(expected, without_audit(restored));
    let said = refused(third.path(), &["restore", backup]);
    assert!(said.contains("not empty"), "{said}");
    psql(&second, "DELETE FROM monitor");
    json_of(third.path(), &["restore", backup, "--replace", "--json"]);
    assert_eq!(psql(&second, "SELECT COUNT(*) FROM monitor").trim(), "1");
}

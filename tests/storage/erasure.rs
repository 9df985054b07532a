//! A contact's data: all of it for them, and its end.

use crate::postgres::shared;
use crate::rows::{columns, dump, dump_file, open};
use crate::seed::{answer, brought, case, found, hear, inbox, judged, said};
use crate::support::{Host, until};
use crate::{configured, json_of, open_file, store_file};
use rapport_host::db::places::is_listed;
use rapport_host::db::{Db, Source};
use rapport_host::domain::retention::Housekeeping;
use rapport_host::pipeline::erasure;
use reqwest::Method;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// In everything that is about the one who is erased.
const MARK: &str = "zanzibar";

/// Zanzibar has a conversation of their own and part in one of Bob's; then is erased. The id.
async fn erase_on(db: &Db) -> String {
    let town = inbox(db).await;
    let told = [
        said("zanzibar", "zanzibar-1", None, "zanzibar is angry", 1000),
        said(
            "zanzibar",
            "zanzibar-2",
            Some("zanzibar-1"),
            "zanzibar again",
            2000,
        ),
        said("bob", "bob-1", None, "bob asks", 1000),
        said(
            "zanzibar",
            "zanzibar-3",
            Some("bob-1"),
            "zanzibar knows",
            2000,
        ),
    ];
    assert_eq!(hear(db, &town, &told).await, told.len());
    let first = found(db, &town, "zanzibar-1").await;
    let shared_thread = found(db, &town, "zanzibar-3").await;
    for message in [&first, &shared_thread] {
        judged(db, message, "zanzibar said so").await;
        case(db, message, "zanzibar complains", None).await;
        answer(db, message, "dear zanzibar", "sent", Some("sent")).await;
    }
    answer(db, &first, "held for zanzibar", "held", None).await;
    answer(db, &first, "zanzibar, wait", "queued", Some("queued")).await;
    let bob = found(db, &town, "bob-1").await;
    answer(db, &bob, "dear bob", "held", None).await;
    // What a connector remembers, and what waits to be processed.
    let state = [
        ("profile:id-zanzibar".to_owned(), Some(b"{}".to_vec())),
        ("seen".to_owned(), Some(b"[\"id-zanzibar\"]".to_vec())),
        ("cursor".to_owned(), Some(b"42".to_vec())),
    ];
    let waiting = said(
        "zanzibar",
        "zanzibar-4",
        None,
        "zanzibar is not heard yet",
        3000,
    );
    let state = state.into_iter().collect();
    brought(db, &town, &[waiting], state, 1).await;

    let id = first.contact_id.clone().unwrap();
    let export = erasure::export(db, &id, "test").await.unwrap().unwrap();
    let data = serde_json::to_value(&export).unwrap()["data"].clone();
    for table in [
        "identity",
        "contact",
        "message",
        "classification",
        "evaluation",
        "decision",
        "customer_case",
        "task",
        "draft",
        "outbox_item",
        "delivery_attempt",
        "conversation",
    ] {
        let rows = data[table].to_string();
        assert!(rows.contains(MARK), "{table}: {rows}");
        assert!(!rows.contains("dear bob"), "{table}: {rows}");
    }
    let keeping = Housekeeping::default();
    let report = erasure::erase(db, &keeping, &id, "request 17", "test")
        .await
        .unwrap();
    assert!(report.swept);
    assert_eq!(report.rows["message"], 3);
    assert_eq!(report.rows["inbound_event"], 4);
    assert_eq!(report.rows["inbox_state"], 2);
    assert!(report.remains.iter().any(|r| r.place == "backups"));

    // The network tells it all again, and something new.
    let again = hear(db, &town, &told).await;
    assert_eq!(again, 0, "nothing of it is stored again");
    let edited = serde_json::to_string(&told[0])
        .unwrap()
        .replace("create-", "edit-");
    let edited = serde_json::from_str(&edited).unwrap();
    assert_eq!(hear(db, &town, &[edited]).await, 0);
    assert_eq!(found(db, &town, "bob-1").await.content, "bob asks");
    id
}

/// Rows that hold the mark.
async fn marked(rows: std::collections::BTreeMap<String, Vec<String>>) -> Vec<String> {
    let all = rows.into_iter().flat_map(|(table, lines)| {
        lines
            .into_iter()
            .map(move |line| format!("{table}: {line}"))
    });
    all.filter(|line| line.to_lowercase().contains(MARK))
        .collect()
}

fn files_with_the_mark(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            if bytes.windows(MARK.len()).any(|w| w == MARK.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_contact_is_erased_from_every_file() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    let db = open_file(dir.path()).await;
    // Enough beside it that pages are split and freed.
    let town = inbox(&db).await;
    let crowd: Vec<_> = (0..300)
        .map(|n| {
            let who = if n % 10 == 0 {
                "zanzibar".to_owned()
            } else {
                format!("p{n}")
            };
            said(
                &who,
                &format!("{who}-c{n}"),
                None,
                &format!("{who} ").repeat(1 + n % 90),
                500,
            )
        })
        .collect();
    hear(&db, &town, &crowd).await;
    let first = found(&db, &town, "zanzibar-c0").await.contact_id.unwrap();
    assert!(!files_with_the_mark(&dir.path().join("data")).is_empty());
    let keeping = Housekeeping::default();
    erasure::erase(&db, &keeping, &first, "request 16", "test")
        .await
        .unwrap();
    assert_eq!(files_with_the_mark(&dir.path().join("data")), [""; 0]);
    // They write again, as somebody new, and are erased again.
    let second = erase_on(&db).await;
    assert_ne!(first, second);
    assert_eq!(
        marked(dump_file(&store_file(dir.path())).await).await,
        [""; 0]
    );
    db.erased_sweep().await.unwrap();
    assert_eq!(files_with_the_mark(&dir.path().join("data")), [""; 0]);
    db.close().await;
    let audit = dump_file(&store_file(dir.path()))
        .await
        .remove("audit_event")
        .unwrap();
    assert!(audit.iter().any(|line| line.contains("contact.erase")));
    assert!(audit.iter().any(|line| line.contains("contact.export")));
}

#[tokio::test]
async fn a_contact_is_erased_from_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let model = open_file(dir.path()).await;
    model.close().await;
    let url = shared().create_database();
    let db = Db::open(&Source::Postgres(url.clone())).await.unwrap();
    erase_on(&db).await;
    db.close().await;
    let tables: Vec<String> = dump_file(&store_file(dir.path()))
        .await
        .into_keys()
        .collect();
    assert_eq!(marked(dump(&url, &tables).await).await, [""; 0]);
}

#[tokio::test]
async fn a_restored_backup_does_not_bring_an_erased_contact_back() {
    let dir = tempfile::tempdir().unwrap();
    configured(dir.path(), "");
    let db = open_file(dir.path()).await;
    let town = inbox(&db).await;
    let told = [
        said("zanzibar", "zanzibar-1", None, "zanzibar is here", 1000),
        said("bob", "bob-1", None, "so is bob", 1000),
    ];
    hear(&db, &town, &told).await;
    let contact = found(&db, &town, "zanzibar-1").await.contact_id.unwrap();
    db.close().await;
    json_of(dir.path(), &["backup", "before", "--json"]);
    let report = json_of(
        dir.path(),
        &[
            "contact",
            "erase",
            &contact,
            "--reason",
            "request 18",
            "--json",
        ],
    );
    assert_eq!(report["rows"]["message"], 1);
    let printed = json_of(dir.path(), &["restore", "before", "--replace", "--json"]);
    assert_eq!(printed["erasedAgain"], 1);
    let rows = dump_file(&store_file(dir.path())).await;
    assert_eq!(marked(rows.clone()).await, [""; 0]);
    assert!(
        rows["message"]
            .iter()
            .any(|line| line.contains("so is bob"))
    );
}

#[tokio::test]
async fn every_text_column_is_on_the_list() {
    let dir = tempfile::tempdir().unwrap();
    open_file(dir.path()).await.close().await;
    let store = open(&store_file(dir.path())).await;
    let missing: Vec<String> = columns(&store)
        .await
        .into_iter()
        .filter(|(_, _, kind)| kind == "TEXT" || kind == "BLOB")
        .filter(|(table, column, _)| !is_listed(table, column))
        .map(|(table, column, _)| format!("{table}.{column}"))
        .collect();
    assert_eq!(
        missing, [""; 0],
        "say in db/places.rs what erasing a contact does to them"
    );
}

#[tokio::test]
async fn the_api_exports_and_erases() {
    let dir = tempfile::tempdir().unwrap();
    let config =
        "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n[backup]\nkeep-days = 35\n";
    let host = Host::start(config, dir.path()).await;
    let line = json!({
        "id": "create-1", "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": "zanzibar-1", "content": "zanzibar calls", "visibility": "direct",
            "reach": "directed",
            "attributedTo": {"id": "id-zanzibar", "handle": "zanzibar", "name": "Zanzibar", "kind": "person"},
        },
    });
    let request = host.request(Method::POST, "/webhooks/town", None);
    let sent = request.body(line.to_string()).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 200);
    let id = until("the contact", Duration::from_secs(60), async || {
        let page = host.get("contacts").await;
        Some(page["items"][0]["id"].as_str()?.to_owned())
    })
    .await;
    let export = host.get(&format!("contacts/{id}/export")).await;
    assert!(export["data"]["identity"].to_string().contains("Zanzibar"));
    let path = format!("contacts/{id}");
    let (status, _) = host.call(Method::DELETE, &path, None).await;
    assert_eq!(status, 400, "no reason");
    let (status, _) = host
        .call(Method::DELETE, &format!("{path}?reason=%20"), None)
        .await;
    assert_eq!(status, 422);
    let erase = format!("{path}?reason=request-19");
    let report = until(
        "nothing of theirs is in work",
        Duration::from_secs(60),
        async || {
            let (status, report) = host.call(Method::DELETE, &erase, None).await;
            assert!(matches!(status, 200 | 409), "{status} {report}");
            (status == 200).then_some(report)
        },
    )
    .await;
    assert!(
        report["remains"].to_string().contains("35 days"),
        "{report}"
    );
    assert_eq!(files_with_the_mark(&dir.path().join("data")), [""; 0]);
    let (status, _) = host
        .call(Method::DELETE, "contacts/nobody?reason=x", None)
        .await;
    assert_eq!(status, 404);
    let (status, _) = host.call(Method::GET, "contacts/nobody/export", None).await;
    assert_eq!(status, 404);
    let rules = host.get("retention").await;
    assert_eq!(rules["rules"][0]["keep"], "keep");
    let (status, run) = host.post("retention/run", &json!({"dryRun": true})).await;
    assert_eq!((status, &run["id"]), (200, &json!(null)));
    let (status, run) = host.post("retention/run", &json!({})).await;
    assert_eq!(status, 200);
    assert!(run["finished"].is_i64());
    assert!(!host.log_text().to_lowercase().contains(MARK));
    assert!(host.terminate().await.success());
}

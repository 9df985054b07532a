//! What is old goes, what is needed stays; scheduled work is done once.

use crate::postgres::shared;
use crate::seed::{answer, case, found, hear_at, inbox, judged, said};
use crate::{configured, json_of, open_file};
use rapport_host::db::{Db, Source};
use rapport_host::domain::now_ms;
use rapport_host::domain::retention::{DataKind, Retention};
use rapport_host::pipeline::retention;

fn rules(list: &[(DataKind, &str)]) -> Retention {
    let list = list
        .iter()
        .map(|(kind, keep)| (*kind, keep.parse().unwrap()));
    Retention::new(list.collect()).unwrap()
}

async fn retention_on(db: &Db) {
    let town = inbox(db).await;
    let (old, young) = (1_500_000_000_000, now_ms());
    let told = [
        said("ann", "old", None, "old", old),
        said("ann", "old-answer", Some("old"), "old too", old + 1000),
        said("bob", "case", None, "open case", old),
        said("cas", "held", None, "held answer", old),
        said("dia", "unsure", None, "uncertain answer", old),
        said("fay", "half-old", None, "old root", old),
        // Heard long ago, whatever its sender's clock said.
        said("gus", "dated-2099", None, "old as well", 4_070_908_800_000),
    ];
    assert_eq!(hear_at(db, &town, &told, old + 5000).await, told.len());
    let new = [
        said("eva", "young", None, "young", young),
        said("fay", "half-young", Some("half-old"), "young answer", young),
        said(
            "hal",
            "dated-year-1",
            None,
            "just heard",
            -62_135_596_800_000,
        ),
    ];
    assert_eq!(hear_at(db, &town, &new, young).await, new.len());
    let old = found(db, &town, "old").await;
    judged(db, &old, "because").await;
    case(db, &old, "closed long ago", Some(1500)).await;
    let sent = answer(db, &old, "sent", "sent", Some("sent")).await;
    let open = case(db, &found(db, &town, "case").await, "still open", None).await;
    answer(db, &found(db, &town, "held").await, "held", "held", None).await;
    let unsure = found(db, &town, "unsure").await;
    answer(db, &unsure, "unsure", "queued", Some("uncertain")).await;

    let kept = rules(&[(DataKind::Messages, "keep")]);
    let nothing = retention::run(db, &kept, "schedule").await.unwrap();
    assert!(nothing.counts.is_empty() || !nothing.counts.contains_key(&DataKind::Messages));

    let all = rules(&[
        (DataKind::Messages, "1d"),
        (DataKind::ClosedCases, "1d"),
        (DataKind::Decisions, "1d"),
        (DataKind::InboundEvents, "1d"),
        (DataKind::Contacts, "1d"),
    ]);
    let foreseen = retention::dry_run(db, &all, "test").await.unwrap();
    let run = retention::run(db, &all, "test").await.unwrap();
    assert_eq!(run.counts[&DataKind::Messages], 4, "{run:?}");
    assert_eq!(
        run.counts[&DataKind::Messages],
        foreseen.counts[&DataKind::Messages]
    );
    assert_eq!(run.counts[&DataKind::ClosedCases], 1);
    assert_eq!(run.counts[&DataKind::InboundEvents], told.len() as u64);
    // Gus wrote nothing else, nor did Ann; but her task is open, so she stays.
    assert_eq!(run.counts[&DataKind::Contacts], 1, "{run:?}");

    for gone in ["old", "old-answer", "half-old", "dated-2099"] {
        assert!(
            db.message_find(&town, gone).await.unwrap().is_none(),
            "{gone}"
        );
    }
    for stays in [
        "case",
        "held",
        "unsure",
        "young",
        "half-young",
        "dated-year-1",
    ] {
        found(db, &town, stays).await;
    }
    assert!(
        db.conversation_get(&old.conversation_id)
            .await
            .unwrap()
            .is_some(),
        "its task is open"
    );
    assert!(db.draft_get(&sent).await.unwrap().is_none());
    assert!(db.case_get(&open).await.unwrap().is_some());
    let half = found(db, &town, "half-young").await;
    let half = db
        .conversation_get(&half.conversation_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((half.message_count, half.first_message), (1, young));
    let again = retention::run(db, &all, "schedule").await.unwrap();
    assert!(again.counts.is_empty(), "{again:?}");
    let runs = db.retention_run_list(10).await.unwrap();
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[1].counts, run.counts);
    assert!(
        runs.iter()
            .all(|run| run.finished.is_some() && run.error.is_none())
    );
}

#[tokio::test]
async fn what_is_old_goes_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let db = open_file(dir.path()).await;
    retention_on(&db).await;
    db.close().await;
    // The command line sees the same rules and runs.
    configured(
        dir.path(),
        "[retention]\nmessages = \"1w\"\ninbound-events = \"1w\"\n",
    );
    let shown = json_of(dir.path(), &["retention", "show", "--json"]);
    assert_eq!(shown["rules"][0]["keep"], "7d");
    assert_eq!(shown["runs"].as_array().unwrap().len(), 3);
    let run = json_of(dir.path(), &["retention", "run", "--dry-run", "--json"]);
    assert_eq!(run["counts"], serde_json::json!({}));
    configured(dir.path(), "[retention]\naudit = \"1w\"\n");
    let said = crate::refused(dir.path(), &["retention", "show"]);
    assert!(said.contains("audit"), "{said}");
}

#[tokio::test]
async fn what_is_old_goes_from_postgres() {
    let db = Db::open(&Source::Postgres(shared().create_database()))
        .await
        .unwrap();
    retention_on(&db).await;
    db.close().await;
}

async fn schedule_on(hosts: &[Db]) {
    for db in hosts {
        db.schedule_ensure("work", 100).await.unwrap();
    }
    let all_claim = async |now: i64, until: i64| {
        let claims = hosts.iter().enumerate().map(|(n, db)| async move {
            let holder = format!("host-{n}");
            let got = db
                .schedule_claim("work", &holder, now, until)
                .await
                .unwrap();
            got.then_some(holder)
        });
        let won: Vec<String> = futures_util::future::join_all(claims)
            .await
            .into_iter()
            .flatten()
            .collect();
        won
    };
    assert_eq!(all_claim(99, 200).await, [""; 0], "too early");
    let won = all_claim(100, 200).await;
    assert_eq!(won.len(), 1, "{won:?}");
    assert_eq!(all_claim(150, 250).await, [""; 0], "held");
    assert!(
        hosts[0]
            .schedule_extend("work", &won[0], 300)
            .await
            .unwrap()
    );
    assert_eq!(all_claim(250, 350).await, [""; 0], "held for longer");
    // Its host is gone: after the lease another one has it, and the first one's word counts no more.
    let next = all_claim(301, 400).await;
    assert_eq!(next.len(), 1);
    if next != won {
        assert!(
            !hosts[0]
                .schedule_extend("work", &won[0], 500)
                .await
                .unwrap()
        );
        assert!(
            !hosts[0]
                .schedule_finish("work", &won[0], 310, 900, None)
                .await
                .unwrap()
        );
    }
    assert!(
        hosts[0]
            .schedule_finish("work", &next[0], 320, 1000, Some("why"))
            .await
            .unwrap()
    );
    assert_eq!(all_claim(999, 1100).await, [""; 0], "not due");
    let stands = hosts[0].schedule_get("work").await.unwrap().unwrap();
    assert_eq!((stands.next_run, stands.last_run), (1000, Some(320)));
    assert_eq!(stands.last_error.as_deref(), Some("why"));
    assert_eq!(
        all_claim(5000, 5100).await.len(),
        1,
        "missed often, done once"
    );
}

#[tokio::test]
async fn scheduled_work_is_done_once() {
    let dir = tempfile::tempdir().unwrap();
    let one = open_file(dir.path()).await;
    schedule_on(&[one.clone(), open_file(dir.path()).await, one]).await;
    let source = Source::Postgres(shared().create_database());
    let mut hosts = Vec::new();
    for _ in 0..4 {
        hosts.push(Db::open(&source).await.unwrap());
    }
    schedule_on(&hosts).await;
    for host in hosts {
        host.close().await;
    }
}

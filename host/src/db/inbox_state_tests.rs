use super::*;
use crate::db::Source;
use crate::domain::inbox::Inbox;
use crate::domain::now_ms;

const DAY: i64 = 24 * 3600 * 1000;

async fn store() -> (tempfile::TempDir, Db, String) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&Source::File(dir.path().join("x.db")))
        .await
        .unwrap();
    let row = ("town".into(), "channel-sample".into(), "net".into(), vec![]);
    let inbox = db.inbox_sync(&[row]).await.unwrap().remove(0);
    assert_eq!(inbox.state, InboxState::Preparing, "until a host has it");
    db.inbox_ready(&inbox.id).await.unwrap();
    (dir, db, inbox.id)
}

async fn seen(db: &Db, id: &str) -> Inbox {
    db.inbox_get(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn trouble_is_counted_since_it_began_and_ends_with_the_first_success() {
    let (_dir, db, id) = store().await;
    let now = now_ms();
    for (at, why) in [(now, "404"), (now + 1, "500"), (now + 2, "410")] {
        db.inbox_stands(&id, at, Standing::failing(why))
            .await
            .unwrap();
    }
    let inbox = seen(&db, &id).await;
    assert_eq!((inbox.state, inbox.failures), (InboxState::Failing, 3));
    assert_eq!(inbox.last_error.as_deref(), Some("410"));
    assert_eq!((inbox.state_since, inbox.last_success), (Some(now), None));

    let trouble = Some((InboxState::PartlyFailing, "one of two feeds: 404"));
    db.inbox_stands(&id, now + 3, Standing { trouble })
        .await
        .unwrap();
    let inbox = seen(&db, &id).await;
    assert_eq!(
        (inbox.state, inbox.failures),
        (InboxState::PartlyFailing, 1)
    );
    assert_eq!(
        inbox.state_since,
        Some(now + 3),
        "another trouble, from its own beginning"
    );
    assert_eq!(inbox.last_success, Some(now + 3));
    // Only what was not ready becomes ready by being loaded.
    db.inbox_ready(&id).await.unwrap();
    assert_eq!(seen(&db, &id).await.state, InboxState::PartlyFailing);

    db.inbox_stands(&id, now + 4, Standing::default())
        .await
        .unwrap();
    let inbox = seen(&db, &id).await;
    assert_eq!((inbox.state, inbox.failures), (InboxState::Ready, 0));
    assert_eq!((inbox.last_error, inbox.state_since), (None, None));
}

#[tokio::test]
async fn the_usual_gap_is_the_inboxs_own_and_silence_follows_from_it() {
    let (_dir, db, id) = store().await;
    assert_eq!(
        seen(&db, &id).await.state,
        InboxState::Ready,
        "nothing yet is no silence"
    );
    let last = now_ms() - 3 * DAY;
    // Twenty messages, two hours apart, each with others a minute later.
    for n in (0..20).rev() {
        let at = last - n * 2 * 3600 * 1000;
        db.inbox_heard(&id, at).await.unwrap();
        db.inbox_heard(&id, at + 60_000).await.unwrap();
    }
    let inbox = seen(&db, &id).await;
    let hours = inbox.usual_gap_ms / (3600 * 1000);
    assert_eq!(hours, 2, "{inbox:?}");
    assert_eq!(inbox.state, InboxState::Silent);
    assert_eq!(inbox.state_since, Some(last + 60_000));
    db.inbox_heard(&id, now_ms()).await.unwrap();
    assert_eq!(seen(&db, &id).await.state, InboxState::Ready);
}

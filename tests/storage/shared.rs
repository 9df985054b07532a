//! The same post in two inboxes, brought one after the other and at the same moment, on both databases.

use crate::open_file;
use crate::postgres::shared;
use crate::seed::{hear_at, said};
use rapport_host::db::{Db, Source};
use rapport_host::domain::access::InboxScope;
use rapport_host::domain::now_ms;
use rapport_host::domain::social::Message;

const SAID: i64 = 1_772_439_300_000;
const HEARD: i64 = SAID + 60_000;

/// Ids of two inboxes of one channel and network.
async fn inboxes(db: &Db) -> [String; 2] {
    let town = |name: &str| {
        let (plugin, network) = ("channel-sample".to_owned(), "town".to_owned());
        (name.to_owned(), plugin, network, Vec::new())
    };
    let known = db.inbox_sync(&[town("one"), town("two")]).await.unwrap();
    ["one", "two"].map(|name| {
        let found = known.iter().find(|inbox| inbox.name == name);
        found.unwrap().id.clone()
    })
}

async fn all(db: &Db) -> Vec<Message> {
    let page = db
        .message_page(&InboxScope::All, None, None, None, None, 200)
        .await;
    page.unwrap().items
}

async fn shared_on(db: &Db, other: &Db) {
    let [one, two] = inboxes(db).await;
    let post = said("ann", "post", None, "hello", SAID);
    assert_eq!(
        hear_at(db, &one, std::slice::from_ref(&post), HEARD).await,
        1
    );
    let again = hear_at(db, &two, &[post], HEARD).await;
    assert_eq!(again, 0, "it is judged once");
    let messages = all(db).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].inbox_ids, [one.clone(), two.clone()]);
    for inbox in [&one, &two] {
        let scope = InboxScope::Only(vec![inbox.clone()]);
        let seen = db
            .message_page(&scope, None, None, None, None, 200)
            .await
            .unwrap();
        assert_eq!(seen.items.len(), 1);
    }

    // Two hosts bring the same posts at the same moment, in opposite order.
    let posts: Vec<_> = (0..20)
        .map(|n| said("bob", &format!("race-{n}"), None, "hello", SAID))
        .collect();
    let backwards: Vec<_> = posts.iter().rev().cloned().collect();
    tokio::join!(bring(db, &one, &posts), bring(other, &two, &backwards));
    let messages = all(db).await;
    assert_eq!(messages.len(), 1 + posts.len());
    assert!(messages.iter().all(|message| message.inbox_ids.len() == 2));
    assert_eq!(db.event_counts().await.unwrap(), (0, 0));
}

/// Queues activities and works until nothing is left, as a host does.
async fn bring(db: &Db, inbox: &str, activities: &[rapport_host::domain::social::Activity]) {
    use rapport_host::db::commit;
    use rapport_host::db::event::{event_insert_in_tx, events_done_in_tx};
    use rapport_host::pipeline::changes::Changes;
    use rapport_host::pipeline::identify;
    let mut tx = db.begin().await.unwrap();
    event_insert_in_tx(&mut tx, inbox, activities, &[], HEARD)
        .await
        .unwrap();
    commit(tx).await.unwrap();
    while db.event_counts().await.unwrap().0 > 0 {
        let now = now_ms();
        let events = db.event_lease(5, now, now + 60_000).await.unwrap();
        match identify::run(db, &Changes::default(), &events).await {
            Ok(judgeable) => {
                let mut tx = db.begin().await.unwrap();
                let leases: Vec<_> = judgeable.iter().map(|j| (j.seq, j.attempts)).collect();
                events_done_in_tx(&mut tx, &leases, now).await.unwrap();
                commit(tx).await.unwrap();
            }
            Err(error) => {
                assert!(error.is_conflict(), "{error}");
                for event in &events {
                    db.event_release(event, Some(0), "again").await.unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn a_post_in_two_inboxes_is_one_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let db = open_file(dir.path()).await;
    let other = open_file(dir.path()).await;
    shared_on(&db, &other).await;
}

#[tokio::test]
async fn a_post_in_two_inboxes_is_one_on_postgres() {
    let source = Source::Postgres(shared().create_database());
    let db = Db::open(&source).await.unwrap();
    let other = Db::open(&source).await.unwrap();
    shared_on(&db, &other).await;
}

//! A database that falls silent in the middle of a commit: whoever waits for it is told so by a
//! deadline, long before anybody knows whether the database comes back, and so is whoever waits behind.

use crate::support::postgres::Postgres;
use crate::support::store::open_source;
use rapport_host::db::{Db, Source};
use rapport_host::domain::now_ms;
use rapport_host::domain::social::{Activity, ActivityObject};
use rapport_host::pipeline::ingest::{Brought, Ingest, IngestError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A commit's deadline, the wait for a connection behind it, and a little.
const LONGEST: Duration = Duration::from_secs(30);
/// Calls at the same time.
const CALLS: usize = 16;
/// The wait for a connection to the database.
const CONNECTION: Duration = Duration::from_secs(5);
/// How long it goes well before.
const WELL: Duration = Duration::from_secs(2);

fn brought(inbox_id: &str, id: String) -> Brought {
    let gone = ActivityObject::Delete {
        external_id: id.clone(),
        deleted: now_ms(),
    };
    let activity = Activity {
        id,
        published: now_ms(),
        object: gone,
    };
    Brought::pushed(inbox_id, vec![activity])
}

/// Stores one after the other until that fails; how many went well, how long the failing one took, and
/// why it failed.
async fn store(
    db: Db,
    ingest: Ingest,
    inbox: String,
    who: usize,
) -> (usize, Duration, IngestError) {
    for n in 0.. {
        let begun = Instant::now();
        let stored = ingest.store(&db, brought(&inbox, format!("{who}-{n}")));
        if let Err(error) = stored.await {
            return (n, begun.elapsed(), error);
        }
    }
    unreachable!("it goes on until it fails")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_hears_nothing_ends_at_its_deadline() {
    let server = Postgres::start();
    let source = Source::Postgres(server.create_database());
    let db = Db::open(&source).await.expect("it opens");
    let [name, plugin, network] = ["town", "channel-sample", "sample"].map(str::to_owned);
    let inbox = [(name, plugin, network, Vec::new())];
    let inbox = db.inbox_sync(&inbox).await.expect("an inbox").remove(0).id;
    let (ingest, mut calls) = (Ingest::default(), JoinSet::new());
    for who in 0..CALLS {
        calls.spawn(store(db.clone(), ingest.clone(), inbox.clone(), who));
    }
    tokio::time::sleep(WELL).await;
    // Somebody is kept in the middle of a commit while the server goes.
    let other = open_source(&source).await;
    let mut lock = other.begin().await.expect("it begins");
    sqlx::query("LOCK TABLE inbound_event IN EXCLUSIVE MODE")
        .execute(&mut *lock)
        .await
        .expect("the lock");
    tokio::time::sleep(WELL / 4).await;
    server.pause();
    let paused = Instant::now();
    let (mut well, mut longest) = (0, Duration::ZERO);
    while let Some(call) = calls.join_next().await {
        let (stored, took, error) = call.expect("no panic");
        println!("{stored} stored, then {took:?}: {error}");
        assert!(took < LONGEST, "{took:?}: {error}");
        well += stored;
        longest = longest.max(took);
    }
    assert!(paused.elapsed() < LONGEST, "nobody waits longer");
    assert!(well > CALLS, "it went well before");
    // In the middle of a commit, for more than a connection.
    assert!(longest > CONNECTION * 2, "{longest:?}");
    server.resume();
    drop(lock);
}

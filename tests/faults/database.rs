//! PostgreSQL is gone for half a minute under load: it has crashed and refuses connections, or it
//! hangs and answers nothing. The host stays up, says so, and goes on by itself.

use crate::SOON;
use crate::check;
use crate::ledger::Ledger;
use crate::sample::TOWN;
use crate::support::postgres::{Postgres, Stop};
use crate::support::store::open_source;
use crate::support::{Host, until};
use rapport_host::db::Source;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const GONE: Duration = Duration::from_secs(30);
/// The host's own for every request, and a little for the way there and back.
const DEADLINE: Duration = Duration::from_secs(65);
/// For what is refused because the database is gone: it waits for connections, no longer.
const REFUSAL: Duration = Duration::from_secs(15);
const WRITERS: usize = 16;
/// What is to be acknowledged before and after, at the least.
const ENOUGH: usize = 300;

/// One request, answered.
#[derive(Debug, Clone, Copy)]
struct Call {
    begun: Instant,
    ended: Instant,
    status: u16,
    says_when: bool,
}

/// A request that is not answered at all, or with anything else, is a failure.
async fn call(request: reqwest::RequestBuilder) -> Call {
    let begun = Instant::now();
    let answer = request.timeout(2 * DEADLINE).send().await;
    let response = answer.expect("the host answers");
    let call = Call {
        begun,
        ended: Instant::now(),
        status: response.status().as_u16(),
        says_when: response.headers().contains_key("retry-after"),
    };
    assert!(call.took() < DEADLINE, "{call:?}");
    let refused = call.status == 503 && call.says_when;
    assert!(refused || matches!(call.status, 200 | 201), "{call:?}");
    call
}

impl Call {
    fn took(&self) -> Duration {
        self.ended - self.begun
    }
}

/// A message for the sample channel: its activity's id, and the line.
fn line(conversation: &str, id: &str, content: &str) -> (String, String) {
    let activity = format!("create-{id}");
    let line = json!({
        "id": activity, "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": id, "content": content, "visibility": "direct", "reach": "directed",
            "context": conversation, "attributedTo": {"id": format!("{conversation}-author")},
        },
    });
    (activity, line.to_string())
}

/// The load, and what it was told.
struct Load {
    host: Host,
    ledger: Ledger,
    calls: Mutex<Vec<Call>>,
    stop: AtomicBool,
}

impl Load {
    fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no writer panicked").clone()
    }

    /// How many that begun after this moment were acknowledged.
    fn acknowledged(&self, since: Instant) -> usize {
        let calls = self.calls();
        let late = calls.iter().filter(|call| call.begun >= since);
        late.filter(|call| call.status == 200).count()
    }

    fn webhook(&self, line: &str) -> reqwest::RequestBuilder {
        let request = self.host.request(Method::POST, "/webhooks/town", None);
        request.body(line.to_owned())
    }

    /// Hands in message after message of one conversation; each until it is acknowledged.
    async fn write(self: Arc<Self>, who: usize) {
        let conversation = format!("c{who}");
        for n in 0.. {
            let id = format!("m{who}-{n}");
            let content = format!("Waar blijft mijn pakket? ({id})");
            let (activity, line) = line(&conversation, &id, &content);
            self.ledger.handed_in("town", &id, &activity, &content);
            loop {
                if self.stop.load(Ordering::SeqCst) {
                    return;
                }
                let call = call(self.webhook(&line)).await;
                self.calls.lock().expect("no writer panicked").push(call);
                tokio::time::sleep(Duration::from_millis(10)).await;
                if call.status == 200 {
                    break;
                }
            }
            let known = [(id.clone(), activity)];
            self.ledger.acknowledged("town", &known);
            self.ledger.in_order("town", &conversation, &id);
        }
    }

    async fn until_enough(&self, since: Instant) {
        until("the load is accepted", SOON, async || {
            (self.acknowledged(since) >= ENOUGH).then_some(())
        })
        .await;
    }

    /// While the database is gone: it lives, is not ready, and refuses what it cannot do.
    async fn says_that_it_waits(&self, message: &str) {
        let begun = Instant::now();
        let get = |path: &str| self.host.request(Method::GET, path, None);
        let (activity, line) = line("stranger", "late", "Is daar iemand?");
        self.ledger
            .handed_in("town", "late", &activity, "Is daar iemand?");
        while begun.elapsed() < GONE {
            let live = call(get("/health/live")).await;
            assert_eq!(live.status, 200);
            assert!(live.took() < Duration::from_secs(5), "{live:?}");
            let new = json!({"messageId": message, "content": "Hoi.", "author": "Sanne"});
            let (ready, heard, read, written) = tokio::join!(
                call(get("/health/ready")),
                call(self.webhook(&line)),
                call(get("messages?limit=1")),
                call(self.host.request(Method::POST, "drafts", Some(&new))),
            );
            for call in [ready, heard, read, written] {
                assert_eq!(call.status, 503, "{call:?}");
                assert!(call.took() < REFUSAL, "{call:?}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the writers were told: those whose requests were under way when it went waited no longer
    /// than so; nothing was acknowledged while the database was gone.
    fn judge(&self, gone: Instant, back: Instant, ready: Instant, caught_longest: Duration) {
        let calls = self.calls();
        let longest = |calls: &[Call]| calls.iter().map(Call::took).max().expect("calls");
        let select = |wanted: &dyn Fn(&Call) -> bool| -> Vec<Call> {
            calls.iter().copied().filter(|call| wanted(call)).collect()
        };
        let before = select(&|c| c.ended < gone);
        let caught = select(&|c| c.begun < gone && c.ended >= gone);
        let during = select(&|c| c.begun >= gone && c.ended < back);
        let after = select(&|c| c.begun >= ready);
        for call in &caught {
            assert!(call.took() < caught_longest, "{call:?}");
        }
        for call in &during {
            assert_eq!(call.status, 503, "{call:?}");
        }
        for call in calls.iter().filter(|c| c.begun >= gone && c.begun < back) {
            assert!(call.took() < REFUSAL, "{call:?}");
        }
        for call in &after {
            assert_eq!(call.status, 200, "{call:?}");
        }
        for (name, calls) in [
            ("before", before),
            ("caught", caught),
            ("during", during),
            ("after", after),
        ] {
            if !calls.is_empty() {
                let stored = calls.iter().filter(|c| c.status == 200).count();
                println!(
                    "{name}: {} calls, {stored} stored, the longest {:?}",
                    calls.len(),
                    longest(&calls)
                );
            }
        }
        println!("ready {:?} after the database was back", ready - back);
    }
}

/// A host on a database of its own under load, which goes away and comes back. What was under way
/// waits for it no longer than so.
async fn survives(
    go: impl FnOnce(&mut Postgres),
    come: impl FnOnce(&mut Postgres),
    caught_longest: Duration,
) {
    let mut server = Postgres::start();
    let database = server.create_database();
    let dir = tempfile::tempdir().unwrap();
    let config = format!("database = \"{database}\"\nlease-seconds = 10\n{TOWN}");
    let load = Arc::new(Load {
        host: Host::start(&config, dir.path()).await,
        ledger: Ledger::default(),
        calls: Mutex::default(),
        stop: AtomicBool::new(false),
    });
    let writers: Vec<_> = (0..WRITERS)
        .map(|who| tokio::spawn(Arc::clone(&load).write(who)))
        .collect();
    load.until_enough(Instant::now()).await;
    let message = until("a message", SOON, async || {
        let page = load.host.get("messages?limit=1").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;

    go(&mut server);
    let gone = Instant::now();
    load.says_that_it_waits(&message).await;
    let back = Instant::now();
    come(&mut server);
    until("the host is ready again", SOON, async || {
        let (status, _) = load.host.call(Method::GET, "/health/ready", None).await;
        (status == 200).then_some(())
    })
    .await;
    let ready = Instant::now();
    load.until_enough(ready).await;
    load.stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.expect("no writer panics");
    }
    load.judge(gone, back, ready, caught_longest);

    let store = open_source(&Source::Postgres(database)).await;
    until("all is done", SOON, async || {
        check::waiting(&store).await.is_empty().then_some(())
    })
    .await;
    let book = load.ledger.book().clone();
    let nothing_sent = BTreeMap::new();
    let found = check::check(&store, &book, &nothing_sent).await;
    let found = found.unwrap_or_else(|wrong| panic!("{wrong}"));
    println!("{found:?}");
    assert!(found.acknowledged >= 2 * ENOUGH && found.ordered >= 2 * ENOUGH);
    // This load has no answers, so there is none to double.
    let blind = check::blind(&store, &book, &nothing_sent).await;
    assert_eq!(blind, ["an answer that was sent twice"]);
    store.close().await;
    let load = Arc::into_inner(load).expect("nobody else has it");
    assert!(load.host.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashed_is_waited_for() {
    let crash = |server: &mut Postgres| server.stop(Stop::Immediate);
    survives(crash, Postgres::start_again, REFUSAL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_waited_for() {
    let pause = |server: &mut Postgres| {
        server.pause();
        // Those of its processes that were just being born.
        server.pause();
    };
    // What it had been asked already it may still do when it goes on.
    survives(pause, |server| server.resume(), DEADLINE).await;
}

//! Hosts under load, a network that records, and the reckoning at the end.

use crate::check::{self, Found};
use crate::load::{Load, Task};
use crate::recorder::Recorder;
use crate::support::store::Store;
use crate::support::{Host, rapport};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long the hosts may take in the end without finishing anything of what was acknowledged. A host
/// that was killed keeps its leases for as long as they last.
const STANDSTILL: Duration = Duration::from_secs(120);
/// The key that hosts of one database share.
const KEY: &str = "Y3Jhc2gtdGVzdHMtb25seS0wMTIzNDU2Nzg5YWJjZGU=";
/// Inboxes that are called, and inboxes that are polled.
const WEBHOOKS: [&str; 3] = ["town", "village", "harbour"];
const FEEDS: [&str; 2] = ["feed-one", "feed-two"];

/// The connector to the recorder, built once.
fn connector() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests/recorded-channel");
        let target = scratch.join("guests");
        let (_, bytes) = rapport_package::build::build(&guest, Some(&target)).expect("it builds");
        let file = scratch.join("recorded-channel.rapport");
        std::fs::write(&file, bytes).expect("it is written");
        file
    })
}

fn config(recorder: &Recorder, database: Option<&str>) -> String {
    let mut config = match database {
        Some(address) => format!("database = \"{address}\"\nsecret-key = \"{KEY}\"\n"),
        None => String::new(),
    };
    // The shortest: what a killed host held is soon free.
    config += "lease-seconds = 10\n";
    config += &format!("[plugins.recorded-channel]\nfile = {:?}\n", connector());
    for inbox in WEBHOOKS {
        config += &format!("[[inbox]]\nname = \"{inbox}\"\nplugin = \"channel-sample\"\n");
    }
    for feed in FEEDS {
        let host = &recorder.host;
        config += &format!(
            "[[inbox]]\nname = \"{feed}\"\nplugin = \"recorded-channel\"\npoll-seconds = 1\n\
             local-hosts = [\"{host}\"]\n\
             settings = {{ address = \"http://{host}\", feed = \"{feed}\" }}\n"
        );
    }
    config
}

/// Hosts of one store, each with a data directory of its own.
pub struct Scene {
    pub recorder: Recorder,
    pub load: Arc<Load>,
    pub hosts: Vec<Host>,
    pub dirs: Vec<TempDir>,
    config: String,
    tasks: Vec<Task>,
    start: Instant,
}

impl Scene {
    /// Starts so many hosts. Several share the database at this address.
    pub async fn start(hosts: usize, database: Option<&str>) -> Self {
        let recorder = Recorder::start().await;
        let config = config(&recorder, database);
        let mut scene = Self {
            load: Load::new(recorder.clone()),
            recorder,
            hosts: Vec::new(),
            dirs: Vec::new(),
            config,
            tasks: Vec::new(),
            start: Instant::now(),
        };
        for n in 0..hosts {
            let dir = tempfile::tempdir().expect("a directory");
            let host = Host::start(&scene.config, dir.path()).await;
            scene.load.doors.set(n, Some(&host));
            scene.hosts.push(host);
            scene.dirs.push(dir);
        }
        scene
    }

    /// Everybody starts to write, publish and answer.
    pub fn begin(&mut self) {
        self.tasks = self.load.start(&WEBHOOKS, &FEEDS);
        self.start = Instant::now();
    }

    /// SIGKILL to one host.
    pub fn kill(&mut self, n: usize) {
        self.load.doors.set(n, None);
        self.hosts[n].kill9();
    }

    /// Starts a killed host again and kills it while it starts.
    pub async fn start_and_kill(&self, n: usize, after: Duration) {
        let mut early = Host::spawn(&self.config, self.dirs[n].path(), &[]);
        tokio::time::sleep(after).await;
        early.kill9();
    }

    /// Starts a killed host again.
    pub async fn restart(&mut self, n: usize) {
        self.hosts[n] = Host::start(&self.config, self.dirs[n].path()).await;
        self.load.doors.set(n, Some(&self.hosts[n]));
    }

    /// Lets the hosts finish, and compares what there is with what was acknowledged.
    pub async fn reckon(self, store: Store) -> Found {
        self.load.stop();
        self.recorder.calm_down();
        for task in self.tasks {
            task.await.expect("nobody who makes load panics");
        }
        let feeds = self.load.ledger.book().entries();
        drained(&store, feeds).await;
        for host in self.hosts {
            assert!(host.terminate().await.success());
        }
        let file = self.dirs[0].path().join("rapport.toml");
        let audit = rapport(&["audit", "verify", "--config"]).arg(file).output();
        let audit = audit.expect("the binary runs");
        assert!(audit.status.success(), "the record is whole: {audit:?}");
        let (polls, overlaps) = self.recorder.polls();
        assert_eq!(overlaps, 0, "two polls of one feed at a time, of {polls}");
        let book = self.load.ledger.book().clone();
        let arrivals = self.recorder.arrivals();
        println!("answers {}", answers(&book.answers));
        let found = match check::check(&store, &book, &arrivals).await {
            Ok(found) => found,
            Err(wrong) => panic!("{wrong}"),
        };
        println!("{found:?}, {polls} polls, in {:?}", self.start.elapsed());
        let blind = check::blind(&store, &book, &arrivals).await;
        assert!(
            blind.is_empty(),
            "faults that the check did not see: {blind:?}"
        );
        let busy = found.acknowledged > 50 && found.sent > 3 && found.ordered > 20;
        assert!(busy, "too little load");
        store.close().await;
        found
    }
}

/// Statuses with their counts; an answer that no crash excuses is a failure.
fn answers(answers: &BTreeMap<u16, u32>) -> String {
    for status in answers.keys() {
        let expected = matches!(status, 0 | 200 | 201 | 404 | 409 | 429 | 503);
        assert!(expected, "a host answered {status}: {answers:?}");
    }
    format!("{answers:?}")
}

/// Waits until nothing of what was acknowledged waits, the `feeds` entries that are still to be polled
/// included; how much that is depends on how long the run was.
async fn drained(store: &Store, feeds: i64) {
    let mut least = i64::MAX;
    let mut moved = Instant::now();
    loop {
        let mut waiting = check::waiting(store).await;
        let unpolled = feeds - check::polled(store).await;
        waiting.push(("entry".to_owned(), "not polled".to_owned(), unpolled));
        let count: i64 = waiting.iter().map(|(_, _, count)| count).sum();
        if count == 0 {
            return;
        }
        if count < least {
            (least, moved) = (count, Instant::now());
        }
        let still = moved.elapsed() < STANDSTILL;
        assert!(still, "nothing moved in {STANDSTILL:?}: {waiting:#?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

//! A PostgreSQL of the tests' own: made in a temporary directory with Debian's programs, on a free
//! port of 127.0.0.1, with fsync on as in earnest, and gone with its data when the test is.
//!
//! A test that harms its server starts one with [`Postgres::start`]; the others share one server for
//! their process ([`shared`]) and have a database each. A keeper process waits for the end of the
//! test, however it comes (a panic, SIGKILL), and then ends the server and removes the data: values
//! in statics are never dropped. Deliberately absent: passwords and TLS (any local user may
//! connect for as long as the test runs), and a cluster of the machine's own.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a start or an orderly end may take: recovery after a crash included.
const PATIENCE: Duration = Duration::from_secs(120);
/// More than all hosts of a test open together.
const SETTINGS: &str = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n\
    max_connections = 300\nfsync = on\nlog_min_messages = warning\n";
const USER: &str = "rapport";

/// How a server is told to stop (the three modes of PostgreSQL's own `pg_ctl stop`, less `smart`,
/// which waits for clients), or not told at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Open transactions are rolled back, then it stops in order.
    Fast,
    /// It stops at once and recovers at the next start: a crash.
    Immediate,
    /// SIGKILL to every process of it: a power cut.
    Kill,
}

/// A running server, or one that a test has stopped.
pub struct Postgres {
    bin: PathBuf,
    dir: TempDir,
    port: u16,
    server: Option<Child>,
    /// Ends the server when this process ends.
    keeper: Child,
}

impl Postgres {
    /// Makes a cluster and starts it; panics when PostgreSQL is not installed.
    pub fn start() -> Self {
        let bin = programs();
        let dir = tempfile::Builder::new()
            .prefix("rapport-postgres-")
            .tempdir()
            .expect("a temporary directory");
        if let Some((uid, gid)) = unprivileged() {
            std::os::unix::fs::chown(dir.path(), Some(uid), Some(gid)).expect("it is given away");
        }
        let made = command(&bin.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--username", USER, "--pgdata"])
            .arg(dir.path().join("data"))
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {made:?}");
        let settings = dir.path().join("data/postgresql.auto.conf");
        std::fs::write(settings, SETTINGS).expect("its settings are written");
        let keeper = keep(dir.path());
        let mut postgres = Self {
            bin,
            dir,
            port: 0,
            server: None,
            keeper,
        };
        // A port that is free now can be taken before the server has it: then another one.
        while postgres.server.is_none() {
            postgres.port = free_port();
            postgres.run();
        }
        postgres
    }

    /// `postgres://…` of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database; its `postgres://…`.
    pub fn create_database(&self) -> String {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("rapport_{number}");
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// What `psql` prints for a statement: a line a row, columns apart by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        psql(&self.url(database), sql)
    }

    /// Stops the server. Its data stay for [`Postgres::start_again`].
    pub fn stop(&mut self, how: Stop) {
        let mut server = self.server.take().expect("it runs");
        let pid = server.id();
        match how {
            Stop::Fast => signal("INT", &[pid]),
            Stop::Immediate => signal("QUIT", &[pid]),
            Stop::Kill => signal("KILL", &family(pid)),
        }
        let start = Instant::now();
        while server.try_wait().expect("a child").is_none() {
            assert!(start.elapsed() < PATIENCE, "PostgreSQL does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again where it was, and waits until it has recovered.
    pub fn start_again(&mut self) {
        assert!(self.server.is_none(), "it runs");
        self.run();
        assert!(self.server.is_some(), "its port was taken meanwhile");
    }

    /// SIGSTOP to every process of it: connections stay open, and nothing answers.
    pub fn pause(&self) {
        signal("STOP", &family(self.pid()));
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        signal("CONT", &family(self.pid()));
    }

    fn pid(&self) -> u32 {
        self.server.as_ref().expect("it runs").id()
    }

    /// Starts the server; none when its port is not free.
    fn run(&mut self) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .expect("a log");
        let mut server = command(&self.bin.join("postgres"))
            .args(["-p", &self.port.to_string(), "-D"])
            .arg(self.dir.path().join("data"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        let start = Instant::now();
        loop {
            if server.try_wait().expect("a child").is_some() {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                assert!(log.contains("Address already in use"), "postgres:\n{log}");
                return;
            }
            let ready = Command::new(self.bin.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .expect("pg_isready runs");
            if ready.success() {
                self.server = Some(server);
                return;
            }
            assert!(start.elapsed() < PATIENCE, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The keeper ends the server when its input ends.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        if let Some(mut server) = self.server.take() {
            let _ = server.wait();
        }
    }
}

/// Whether the hosts of this run keep their data in PostgreSQL: RAPPORT_TEST_DATABASE=postgres.
pub fn wanted() -> bool {
    match std::env::var("RAPPORT_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("RAPPORT_TEST_DATABASE={other}: say postgres or sqlite"),
    }
}

/// The server that the tests of this process share.
pub fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(Postgres::start)
}

/// The database of the shared server for hosts in this directory: empty at first, the same later.
pub fn url_for(dir: &Path) -> String {
    static URLS: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    let mut urls = URLS.lock().expect("no test panicked here");
    let url = urls.entry(dir.to_owned());
    url.or_insert_with(|| shared().create_database()).clone()
}

/// What `psql` prints for a statement in the database at `url`; panics when it fails.
pub fn psql(url: &str, sql: &str) -> String {
    let done = Command::new(programs().join("psql"))
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
            url,
        ])
        .output()
        .expect("psql runs");
    assert!(done.status.success(), "{sql}: {done:?}");
    String::from_utf8(done.stdout).expect("text")
}

/// The directory of PostgreSQL's programs: the newest of Debian's, else where PATH has `initdb`.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = versions.flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let mut debian: Vec<_> = debian
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let elsewhere = std::env::split_paths(&path)
        .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists());
    let found = debian.pop().map(|(_, bin)| bin).or(elsewhere);
    found.expect("PostgreSQL is not installed; on Debian: apt-get install postgresql")
}

/// Whom PostgreSQL runs as when we are root, whom it refuses.
fn unprivileged() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    let found = ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((number(&["-u", user])?, number(&["-g", user])?)));
    Some(found.expect("a user postgres or nobody"))
}

/// A program of PostgreSQL's, run as the user whom it accepts.
fn command(program: &Path) -> Command {
    let mut command = match unprivileged() {
        None => Command::new(program),
        Some((uid, gid)) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", &uid.to_string(), "--regid", &gid.to_string()])
                .args(["--clear-groups", "--"])
                .arg(program);
            command
        }
    };
    // Messages are looked for in the log.
    command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .current_dir("/");
    command
}

/// A process that waits until our end of its input is closed, then ends the server that is in this
/// directory and removes it.
fn keep(dir: &Path) -> Child {
    let script = "cat >/dev/null
        pid=$(head -n 1 \"$1/data/postmaster.pid\" 2>/dev/null) && {
            pkill -CONT -P \"$pid\"; kill -CONT \"$pid\"; kill -QUIT \"$pid\"
            while kill -0 \"$pid\" && [ -e \"$1/data/postmaster.pid\" ]; do sleep 0.05; done
        } 2>/dev/null
        rm -rf \"$1\"";
    Command::new("sh")
        .args(["-c", script, "keeper"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a keeper")
}

/// A process and its children.
fn family(parent: u32) -> Vec<u32> {
    let mut all = vec![parent];
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let pid: Option<u32> = entry.file_name().to_str().and_then(|n| n.parse().ok());
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // pid (name) state ppid …; a name may hold spaces and brackets.
        let ppid = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1));
        if let (Some(pid), Some(true)) = (pid, ppid.map(|p| p == parent.to_string())) {
            all.push(pid);
        }
    }
    all
}

fn signal(name: &str, pids: &[u32]) {
    let pids = pids.iter().map(u32::to_string);
    // A child that is gone already is no failure.
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .args(pids)
        .stderr(Stdio::null())
        .status()
        .expect("kill runs");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

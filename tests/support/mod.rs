//! The binary under test: started with a configuration in a directory of the test's own, asked over
//! its API, ended with SIGTERM, or killed.
//!
//! Use it as `pub mod support;`. With RAPPORT_TEST_DATABASE=postgres in the environment its hosts keep
//! their data in PostgreSQL, a database for each directory (see [`postgres`]). A host is killed when it is dropped; what it logged is shown when it
//! does not start. Conditions are waited for until a deadline; no request is made a second time
//! because it failed.

pub mod hmac;
pub mod people;
pub mod postgres;
pub mod sqlite;
pub mod store;

use reqwest::{Client, Method};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a start may take: the first one in a directory compiles the plugins.
const START: Duration = Duration::from_secs(180);
/// How long a host may take to finish what it holds.
const STOP: Duration = Duration::from_secs(60);

/// `rapport` with these arguments, logging at level info to standard error.
pub fn rapport(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command
        .args(arguments)
        .env("RAPPORT_LOG", "info")
        .env_remove("RAPPORT_API_TOKEN")
        .env_remove("RAPPORT_TEST_ATPROTO")
        .env_remove("RAPPORT_TEST_SCHEMATHESIS")
        .env_remove("RAPPORT_TEST_DATABASE")
        .stdin(Stdio::null());
    command
}

/// A client without proxies or redirects.
pub fn client() -> Client {
    // A second installation is refused and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client")
}

/// Asks again and again until there is an answer; panics with `what` at the deadline.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < deadline, "not in {deadline:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The api-token of hosts that are given none.
pub const OPERATOR: &str = "operator-0123456789abcdef0123456789abcdef";

/// A running host.
pub struct Host {
    child: Child,
    client: Client,
    /// `http://127.0.0.1:port`.
    pub address: String,
    /// Sent with every request when set.
    pub token: Option<String>,
    /// Where its log is.
    pub log: PathBuf,
    said: Arc<Said>,
}

/// What the host printed when it started.
#[derive(Default)]
struct Said {
    address: OnceLock<String>,
    setup: OnceLock<String>,
}

impl Host {
    /// Starts `rapport serve` with this configuration, on a free port and with its data in
    /// `dir/data`, and waits until it answers. The data of an earlier host in `dir` are kept.
    /// Requests are the operator's: an api-token is configured and sent.
    /// Unless the configuration names a database, it is the one that the run is about.
    pub async fn start(config: &str, dir: &Path) -> Self {
        Self::start_with(config, dir, &[]).await
    }

    /// The same with these environment variables.
    pub async fn start_with(config: &str, dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::spawn(config, dir, environment).ready().await
    }

    /// As [`Self::start`], with the configuration as it is, and nobody's requests.
    pub async fn start_bare(config: &str, dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::spawn_bare(config, dir, environment).ready().await
    }

    /// As [`Self::start_with`], but does not wait: it has no address yet.
    pub fn spawn(config: &str, dir: &Path, environment: &[(&str, &str)]) -> Self {
        if config.contains("api-token") {
            return Self::spawn_bare(config, dir, environment);
        }
        let config = format!("api-token = \"{OPERATOR}\"\n{config}");
        Self::spawn_bare(&config, dir, environment)
    }

    fn spawn_bare(config: &str, dir: &Path, environment: &[(&str, &str)]) -> Self {
        let file = dir.join("rapport.toml");
        let mut ours = "listen = \"127.0.0.1:0\"\ndata-dir = \"data\"\n".to_owned();
        let named = config.lines().any(|line| line.starts_with("database"));
        if postgres::wanted() && !named {
            ours += &format!("database = \"{}\"\n", postgres::url_for(dir));
        }
        std::fs::write(&file, format!("{ours}{config}")).expect("the configuration is written");
        share_compiled(&dir.join("data"));
        let log = dir.join("host.log");
        let log_file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log");
        let mut child = rapport(&["serve", "--config"])
            .arg(&file)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .expect("the binary starts");
        let said = listen_to(&mut child);
        Self {
            child,
            client: client(),
            address: String::new(),
            token: config.contains(OPERATOR).then(|| OPERATOR.to_owned()),
            log,
            said,
        }
    }

    /// Waits until it answers.
    pub async fn ready(mut self) -> Self {
        let start = Instant::now();
        loop {
            if let Some(address) = self.said.address.get() {
                self.address = address.clone();
                return self;
            }
            let ended = self.child.try_wait().expect("a child");
            if ended.is_some() || start.elapsed() > START {
                let log = self.log_text();
                panic!("the host does not start ({ended:?}):\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The secret of the set-up link that it printed, once it did.
    pub async fn setup_secret(&self) -> String {
        until("a set-up link", START, async || {
            self.said.setup.get().cloned()
        })
        .await
    }

    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Any request: the status and the JSON of the answer, null when it has none. Paths without a
    /// leading slash are under /api/v1.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = self.request(method, path, body);
        let response = request.send().await.expect("the host answers");
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("a whole answer");
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// A request to add to.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::RequestBuilder {
        let request = self.bare(method, path, body);
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    /// As [`Self::request`], from nobody.
    pub fn bare(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::RequestBuilder {
        let path = match path.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None => format!("api/v1/{path}"),
        };
        let request = self
            .client
            .request(method, format!("{}/{path}", self.address));
        match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        }
    }

    /// The JSON of a path under /api/v1; panics when the answer is not 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "GET {path}: {body:#}");
        body
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// SIGKILL; returns when the process is gone.
    pub fn kill9(&mut self) {
        self.child.kill().expect("the host is killed");
        self.child.wait().expect("the host is gone");
    }

    /// SIGTERM, and how the host ended.
    pub async fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.expect("kill runs").success());
        until("the host ends after SIGTERM", STOP, async || {
            self.child.try_wait().expect("a child")
        })
        .await
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Gone already in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps compiled plugins where the next test finds them.
pub fn share_compiled(data_dir: &Path) {
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::fs::create_dir_all(&shared).expect("a directory for compiled plugins");
    std::fs::create_dir_all(data_dir).expect("a data directory");
    let link = data_dir.join("compiled");
    if !link.exists() {
        std::os::unix::fs::symlink(&shared, &link).expect("a link");
    }
}

/// Reads the host's output to its end, and keeps what it names.
fn listen_to(child: &mut Child) -> Arc<Said> {
    let output = child.stdout.take().expect("its output");
    let said = Arc::new(Said::default());
    let heard = Arc::clone(&said);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let address = line
                .strip_prefix("Rapport listens on ")
                .and_then(|rest| rest.split_once("/api/v1"));
            if let Some((address, _)) = address {
                let _ = heard.address.set(address.to_owned());
            }
            if let Some((_, secret)) = line.split_once("setup#") {
                let _ = heard.setup.set(secret.to_owned());
            }
        }
    });
    said
}

//! The OpenAPI document is true: a generic fuzzer (schemathesis) asks the running host everything that
//! the document allows, and much that it does not, with the token of each role. No answer may be a
//! failure, have a status, type or form that the document does not name, or pass what it forbids.
//!
//! Needs the program at RAPPORT_TEST_SCHEMATHESIS (`.ci/run` installs it); without it the test says
//! so and passes, in CI it fails. RAPPORT_TEST_EXAMPLES is how many requests an operation gets at
//! most (15 unless given). What is not checked, and why, stands in `openapi/schemathesis.toml`.

pub mod support;

#[path = "openapi/desk.rs"]
mod desk;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use support::Host;

const PROGRAM: &str = "RAPPORT_TEST_SCHEMATHESIS";
/// Callers that ask at the same time.
const LANES: usize = 2;

/// The fuzzer; none when it is not installed.
fn program() -> Option<PathBuf> {
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    match std::env::var_os(PROGRAM) {
        Some(path) => Some(path.into()),
        None if in_ci => panic!("{PROGRAM} is not set"),
        None => {
            println!("not tested: {PROGRAM} is not set, see .ci/run");
            None
        }
    }
}

/// Lets the fuzzer loose with one token; what it has against the host. It reads the document from a
/// file, for not everybody may read it at the host.
fn fuzz(
    program: &Path,
    host: &Host,
    document: &Path,
    who: &str,
    token: Option<&str>,
) -> Result<String, String> {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/openapi/schemathesis.toml");
    let examples = std::env::var("RAPPORT_TEST_EXAMPLES").unwrap_or_else(|_| "15".to_owned());
    // It keeps what it found in the current directory.
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let scratch = scratch.join("schemathesis").join(who);
    std::fs::create_dir_all(&scratch).expect("a directory");
    let mut command = Command::new(program);
    command
        .arg("--config-file")
        .arg(settings)
        .args(["run", "--no-color", "--max-examples", &examples])
        .args(["--generation-database", "none"])
        .args(["--url", &host.address])
        .arg(document)
        .current_dir(scratch);
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let done = command.output().expect("schemathesis runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    match done.status.success() {
        true => Ok(said.lines().rev().take(12).collect::<Vec<_>>().join("\n")),
        false => Err(format!(
            "as {who}:\n{said}\n{}",
            String::from_utf8_lossy(&done.stderr)
        )),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_document_says() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(desk::CONFIG, dir.path()).await;
    desk::fill(&host).await;
    let document = dir.path().join("openapi.json");
    std::fs::write(&document, host.get("openapi.json").await.to_string()).unwrap();
    let callers = Mutex::new(desk::callers(&host).await);
    let next = || callers.lock().unwrap().pop();
    let wrong = Mutex::new(Vec::new());
    let lane = || {
        while let Some((who, token)) = next() {
            match fuzz(&program, &host, &document, &who, token.as_deref()) {
                Ok(said) => println!("as {who}: {said}"),
                Err(problem) => wrong.lock().unwrap().push(problem),
            }
        }
    };
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for _ in 0..LANES {
                scope.spawn(lane);
            }
        });
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let log = host.log_text();
    let failed = log
        .lines()
        .filter(|line| line.contains("panicked") || line.contains("ERROR"));
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(host.terminate().await.success());
}

//! Compiling in a process of its own, which has limits on its memory and its processor time: what the
//! compiler makes of a stranger's code ends that process and not the host.
//!
//! The process is this program again. It reads a job and a component from its standard input, writes
//! the machine code to the job's file and says on its standard output how it went. Deliberately absent:
//! anything of the kind in other programs than `rapport` (tests, benchmarks); they compile where they are.

use super::PrepareError;
use super::compile::Job;
use crate::plugin::engine::Engines;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;

/// The only argument of the process.
const ARGUMENT: &str = "compile-plugin";
/// Memory of the process, in MiB, beside four times what the plugin may have: its memory is part of
/// what is compiled, as it was and as it comes out. (Python's interpreter takes a third of it.)
const MEMORY_MB: u64 = 3072;
/// Processor time of the process, in seconds. (Python's interpreter takes 20.)
const CPU_S: u64 = 300;
/// Largest job without the component, in bytes: settings have far fewer.
const JOB_BYTES: u64 = 64 << 20;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on components are compiled by this program, which is the one that runs.
pub fn compile_apart(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

pub(super) fn program() -> Option<&'static Path> {
    PROGRAM.get().map(PathBuf::as_path)
}

/// Has a job done. Waits for it: not for the threads of the event loop.
pub(super) fn run(program: &Path, job: &Job, component: &[u8]) -> Result<bool, PrepareError> {
    let failed = |problem: String| PrepareError::Load(format!("the compiler {problem}"));
    let head = serde_json::to_vec(job).map_err(|e| failed(e.to_string()))?;
    let mut child = Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| failed(format!("can't be started ({}): {e}", program.display())))?;
    if let Some(mut input) = child.stdin.take() {
        // When it ends early, its status says why.
        let _ = input
            .write_all(&(head.len() as u64).to_le_bytes())
            .and_then(|()| input.write_all(&head))
            .and_then(|()| input.write_all(component));
    }
    let output = child.wait_with_output();
    let output = output.map_err(|e| failed(format!("was lost: {e}")))?;
    match serde_json::from_slice(&output.stdout) {
        Ok(outcome) => outcome,
        // Freezing a large memory that is full of small pieces takes the most.
        Err(_) => match job.unfrozen() {
            Some(plain) => run(program, &plain, component),
            None => Err(failed(ended(output.status, job))),
        },
    }
}

fn ended(status: ExitStatus, job: &Job) -> String {
    format!(
        "broke off ({status}): it takes more than {} MiB of memory or {CPU_S} s of processor time, or it \
         can't make sense of the code; make the plugin smaller",
        memory_mb(job)
    )
}

fn memory_mb(job: &Job) -> u64 {
    MEMORY_MB + 4 * u64::from(job.memory_mb)
}

/// The whole life of the process, if this is one.
pub fn compiler() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let ours = arguments.next().is_some_and(|a| a == ARGUMENT) && arguments.next().is_none();
    ours.then(|| match work() {
        Ok(outcome) => {
            let said = serde_json::to_vec(&outcome).unwrap_or_default();
            match std::io::stdout().write_all(&said) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(_) => ExitCode::FAILURE,
    })
}

fn work() -> anyhow::Result<Result<bool, PrepareError>> {
    let mut input = std::io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    anyhow::ensure!(length <= JOB_BYTES);
    let mut head = Vec::new();
    (&mut input).take(length).read_to_end(&mut head)?;
    let job: Job = serde_json::from_slice(&head)?;
    limit(memory_mb(&job) << 20);
    let mut component = Vec::new();
    let most = rapport_package::limits::FILE_BYTES as u64;
    input.take(most).read_to_end(&mut component)?;
    let engines = Engines::looking_at(Path::new(""))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(job.run(&engines, &component)))
}

/// Limits this process. Data alone counts: the engines reserve far more address space than they use.
#[cfg(unix)]
fn limit(memory_bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [
        (Resource::Data, memory_bytes),
        (Resource::Cpu, CPU_S),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // Refused where a lower one is in force already.
        let _ = setrlimit(resource, limit);
    }
    // Where memory runs out all the same, this process is the one to go.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

#[cfg(not(unix))]
fn limit(_: u64) {}

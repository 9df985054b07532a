//! What hundreds of faults leave behind in the host's memory: 200, or as many as RAPPORT_TEST_FAULTS
//! says. Measured in a process of its own, so that other tests don't count.

use super::guests::message;
use super::{Setup, classifier, connector, fault, poll};

/// Set in the process that measures.
const CHILD: &str = "RAPPORT_HOSTILE_MEMORY";
/// Growth that is allowed after a first round of faults, in bytes. One leaked guest memory would be
/// 160 MiB, one leaked answer 10 MiB.
const GROWTH_BYTES: u64 = 48 << 20;
/// The most at any time, in bytes: one guest of 160 MiB, what it has copied out, the engines.
const PEAK_BYTES: u64 = 512 << 20;
fn faults() -> usize {
    let given = std::env::var("RAPPORT_TEST_FAULTS").ok();
    given.map_or(200, |n| n.parse().expect("RAPPORT_TEST_FAULTS is a number"))
}

/// A line of `/proc/self/status` in bytes, see proc_pid_status(5).
fn status_bytes(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .expect("a line of it");
    let kib: u64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    kib * 1024
}

async fn misbehave(faults: usize) {
    let hostile = classifier("as-told").await;
    let acts = [
        "panic", "memory", "stack", "million", "hundred", "amplify", "flood", "nan", "streams",
    ];
    for n in 0..faults {
        let batch = hostile.classify(&[message(acts[n % acts.len()])]).await;
        fault(batch.items.into_iter().next().unwrap());
        // An answer in between keeps the breaker closed.
        let batch = hostile.classify(&[message("an honest text")]).await;
        assert_eq!(batch.items[0].as_ref().unwrap()[0].label, "14");
    }
}

/// Ever new, very long keys, for as long as the call lasts.
async fn flood_state() {
    let setup = Setup {
        act: "state-flood",
        time_ms: 1500,
        ..Setup::default()
    };
    assert_eq!(fault(poll(&connector(setup).await).await).name(), "timeout");
}

async fn measure() {
    misbehave(18).await;
    flood_state().await;
    let before = status_bytes("VmRSS:");
    misbehave(faults()).await;
    let after_faults = status_bytes("VmRSS:");
    flood_state().await;
    let after_flood = status_bytes("VmRSS:");
    for (what, after) in [("faults", after_faults), ("state flood", after_flood)] {
        let grown = after.saturating_sub(before);
        assert!(
            grown <= GROWTH_BYTES,
            "{what}: grown from {before} by {grown} bytes"
        );
    }
    let peak = status_bytes("VmHWM:");
    assert!(peak <= PEAK_BYTES, "at its highest {peak} bytes");
    println!("resident: {before} bytes, then {after_faults}, then {after_flood}; at most {peak}");
}

#[cfg(target_os = "linux")]
#[test]
fn faults_leave_nothing_behind() {
    if std::env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(measure());
        return;
    }
    // Built here, so that the child only loads it.
    super::packages();
    let name = "memory::faults_leave_nothing_behind";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    println!("{said}");
}

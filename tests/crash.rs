//! Hosts are killed with SIGKILL again and again while messages come in and answers go out. What
//! they acknowledged must be there once, judged once and in order, and what went out must have gone
//! out once.
//!
//! RAPPORT_TEST_KILLS says how often (8 unless given), RAPPORT_TEST_SEED when: a run prints its seed,
//! which decides when it kills, not how the machine shares its time.

pub mod support;

#[path = "crash/check.rs"]
mod check;
#[path = "crash/cluster.rs"]
mod cluster;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "crash/load.rs"]
mod load;
#[path = "crash/recorder.rs"]
mod recorder;
#[path = "crash/scene.rs"]
mod scene;
#[path = "crash/single.rs"]
mod single;

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text}: not a number")),
        Err(_) => otherwise,
    }
}

/// When to kill: the same for the same seed.
fn chance() -> fastrand::Rng {
    let seed = number("RAPPORT_TEST_SEED", fastrand::u64(..1 << 32));
    println!("RAPPORT_TEST_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

//! What lies below gives way: the disk is full, the database cannot be written, is locked or is gone,
//! the clock jumps, a plugin hangs, a network is out of order or silent. In every case nobody is told
//! "stored" of what is not, everything that was acknowledged is there afterwards, once, and the host
//! recovers by itself.
//!
//! Needs root for the disk that is full and the file that is read-only, and Debian's `faketime` and
//! `postgresql`.

pub mod support;

#[path = "faults/channel.rs"]
mod channel;
#[path = "crash/check.rs"]
pub mod check;
#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/commit.rs"]
mod commit;
#[path = "faults/database.rs"]
mod database;
#[path = "faults/disk.rs"]
mod disk;
#[path = "crash/ledger.rs"]
pub mod ledger;
#[path = "faults/network.rs"]
mod network;
#[path = "faults/plugin.rs"]
mod plugin;
#[path = "support/sample.rs"]
mod sample;
#[path = "faults/silence.rs"]
mod silence;

use sample::{message, post};
use std::time::Duration;
use support::Host;

const SOON: Duration = Duration::from_secs(90);

/// Messages that were handed in one by one, and which of them the host acknowledged.
#[derive(Default)]
struct Sender {
    sent: usize,
    acknowledged: Vec<String>,
    refused: usize,
}

impl Sender {
    /// Hands in one more; whether it was acknowledged. A refusal must say when to try again.
    async fn send(&mut self, host: &Host) -> bool {
        let id = format!("f-{}", self.sent);
        self.sent += 1;
        let text = format!(
            "Waar blijft mijn pakket? {}",
            "Ik wacht al weken. ".repeat(200)
        );
        let (status, wait) = post(host, &[message(&id, "ann", &text)]).await;
        match status {
            200 => self.acknowledged.push(id),
            503 => {
                assert!(wait.is_some(), "a refusal without Retry-After");
                self.refused += 1;
            }
            other => panic!("{other} for {id}"),
        }
        status == 200
    }

    /// Sends until the host takes messages again.
    async fn send_until_taken(&mut self, host: &Host) {
        let start = std::time::Instant::now();
        while !self.send(host).await {
            assert!(start.elapsed() < SOON, "the host does not recover");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

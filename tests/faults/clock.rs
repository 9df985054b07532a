//! The machine's clock jumps: a year ahead, and back behind where it began.

use crate::sample::{TOWN, all_there_once};
use crate::support::Host;
use crate::{SOON, Sender};
use std::path::{Path, PathBuf};

/// Debian's libfaketime, for programs with threads.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("/usr/lib");
    let mut found = folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .filter(|file| file.exists());
    found.next().expect("apt-get install faketime")
}

/// A host's wall clock, to be set. Only that one: the clock that counts steadily never jumps.
pub struct Clock {
    file: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Clock {
    /// The right time at first; it is set through a file in `dir`.
    pub fn new(dir: &Path) -> Self {
        let file = dir.join("time");
        let text = |path: &Path| path.to_str().expect("text").to_owned();
        let environment = vec![
            ("LD_PRELOAD", text(&library())),
            ("FAKETIME_TIMESTAMP_FILE", text(&file)),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ];
        let clock = Self { file, environment };
        clock.set("+0");
        clock
    }

    /// For the host whose clock it is.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        let pairs = self.environment.iter();
        pairs.map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// So far from the right time, as libfaketime writes it.
    pub fn set(&self, offset: &str) {
        // The host reads it all the time, and is never to find half of it.
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{offset}\n")).expect("the time is written");
        std::fs::rename(&new, &self.file).expect("the time is set");
    }
}

#[tokio::test]
async fn work_goes_on_when_the_clock_jumps() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::new(dir.path());
    let host = Host::start_with(TOWN, dir.path(), &clock.environment()).await;
    let mut sender = Sender::default();
    for jump in ["+0", "+365d", "-30d", "+1d", "-365d", "+0"] {
        clock.set(jump);
        for _ in 0..3 {
            assert!(sender.send(&host).await, "{jump}");
        }
        all_there_once(&host, &sender.acknowledged, SOON).await;
        let (status, ready) = host.call(reqwest::Method::GET, "/health/ready", None).await;
        assert_eq!(status, 200, "{jump}: {ready:#}");
    }
}

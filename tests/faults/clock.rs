//! The machine's clock jumps: a year ahead, and back behind where it began.

use crate::sample::{TOWN, all_there_once};
use crate::support::Host;
use crate::{SOON, Sender};
use std::path::PathBuf;

/// Debian's libfaketime, for programs with threads.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("/usr/lib");
    let mut found = folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .filter(|file| file.exists());
    found.next().expect("apt-get install faketime")
}

#[tokio::test]
async fn work_goes_on_when_the_clock_jumps() {
    let dir = tempfile::tempdir().unwrap();
    let time = dir.path().join("time");
    std::fs::write(&time, "+0\n").unwrap();
    let (library, file) = (library(), time.to_str().unwrap().to_owned());
    // Only the wall clock: the one that counts steadily never jumps.
    let settings = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("NO_FAKE_STAT", "1"),
    ];
    let host = Host::start_with(TOWN, dir.path(), &settings).await;
    let mut sender = Sender::default();
    for jump in ["+0\n", "+365d\n", "-30d\n", "+1d\n", "-365d\n", "+0\n"] {
        std::fs::write(&time, jump).unwrap();
        for _ in 0..3 {
            assert!(sender.send(&host).await, "{jump}");
        }
        all_there_once(&host, &sender.acknowledged, SOON).await;
        let (status, ready) = host.call(reqwest::Method::GET, "/health/ready", None).await;
        assert_eq!(status, 200, "{jump}: {ready:#}");
    }
}

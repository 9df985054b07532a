//! The disk and the database file.

use crate::sample::{TOWN, all_there_once};
use crate::support::{Host, sqlite};
use crate::{SOON, Sender};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Something mounted, until dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(arguments: &[&str], on: &Path) -> Self {
        let done = Command::new("mount").args(arguments).arg(on).status();
        assert!(done.expect("mount runs").success(), "mounting needs root");
        Self(on.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let _disk = Mount::new(&["-t", "tmpfs", "-o", "size=8m", "tmpfs"], &data);
    // What was under way when the disk was full stays leased for so long.
    let config = format!("lease-seconds = 10\n{TOWN}");
    let host = Host::start(&config, dir.path()).await;
    let mut sender = Sender::default();
    for _ in 0..5 {
        assert!(sender.send(&host).await);
    }
    let ballast = data.join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    // The write-ahead log may have room of its own; then none.
    while sender.send(&host).await {
        assert!(sender.sent < 2000, "the disk does not fill");
    }
    // As long as it is so, every one is refused.
    for _ in 0..3 {
        assert!(!sender.send(&host).await, "acknowledged on a full disk");
    }
    assert_eq!(sender.refused, 4);
    let (status, _) = host.call(reqwest::Method::GET, "/health/live", None).await;
    assert_eq!(status, 200);
    drop(file);
    std::fs::remove_file(&ballast).unwrap();
    sender.send_until_taken(&host).await;
    let last = sender.acknowledged.len().min(150);
    let ids = sender
        .acknowledged
        .split_off(sender.acknowledged.len() - last);
    all_there_once(&host, &ids, SOON).await;
    // And it holds after a restart.
    assert!(host.terminate().await.success());
    let host = Host::start(&config, dir.path()).await;
    all_there_once(&host, &ids, SOON).await;
}

#[tokio::test]
async fn a_database_locked_by_another_process_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let mut sender = Sender::default();
    assert!(sender.send(&host).await);
    let holder = sqlite::hold(&dir.path().join("data/rapport.db")).await;
    let (waited, ()) = tokio::join!(
        async {
            let taken = sender.send(&host).await;
            sender.send_until_taken(&host).await;
            taken
        },
        async {
            // As long as a careless backup tool: longer than the host waits for a lock.
            tokio::time::sleep(Duration::from_secs(15)).await;
            holder.release().await;
        }
    );
    assert!(!waited, "acknowledged what could not be written");
    all_there_once(&host, &sender.acknowledged, SOON).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut sender = Sender::default();
    let host = Host::start(TOWN, dir.path()).await;
    assert!(sender.send(&host).await);
    all_there_once(&host, &sender.acknowledged, SOON).await;
    assert!(host.terminate().await.success());

    let file = dir.path().join("data/rapport.db");
    let text = file.to_str().unwrap().to_owned();
    let bound = Mount::new(&["--bind", &text], &file);
    let readonly = Command::new("mount")
        .args(["-o", "remount,ro,bind"])
        .arg(&file)
        .status();
    assert!(readonly.unwrap().success());
    let log = dir.path().join("host.log");
    let begins = std::fs::read_to_string(&log).unwrap().len();
    let (host, ()) = tokio::join!(Host::start(TOWN, dir.path()), async {
        crate::support::until("the host says that it waits", SOON, async || {
            let said = std::fs::read_to_string(&log).ok()?;
            said[begins..]
                .contains("the store can't be had yet")
                .then_some(())
        })
        .await;
        drop(bound);
    });
    sender.send_until_taken(&host).await;
    all_there_once(&host, &sender.acknowledged, SOON).await;
}

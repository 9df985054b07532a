//! The store as a whole: backups, restoring, moving to PostgreSQL, the deleting of what is old, and
//! erasure of a contact, on both databases and through the binary.

pub mod support;

#[path = "storage/backup.rs"]
mod backup;
#[path = "storage/erasure.rs"]
mod erasure;
#[path = "storage/postgres_moves.rs"]
mod postgres_moves;
#[path = "storage/retention.rs"]
mod retention;
#[path = "storage/rows.rs"]
mod rows;
#[path = "storage/seed.rs"]
mod seed;
#[path = "storage/shared.rs"]
mod shared;

use rapport_host::db::{Db, Source};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{postgres, rapport};

/// A configuration in `dir` with its data in `dir/data`, and `more`.
fn configured(dir: &Path, more: &str) -> PathBuf {
    let file = dir.join("rapport.toml");
    std::fs::create_dir_all(dir.join("data")).unwrap();
    std::fs::write(&file, format!("data-dir = \"data\"\n{more}")).unwrap();
    file
}

fn store_file(dir: &Path) -> PathBuf {
    dir.join("data/rapport.db")
}

async fn open_file(dir: &Path) -> Db {
    std::fs::create_dir_all(dir.join("data")).unwrap();
    Db::open(&Source::File(store_file(dir))).await.unwrap()
}

/// Runs a command of the binary with the configuration in `dir`.
fn command(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = rapport(arguments);
    command.env("RAPPORT_CONFIG", dir.join("rapport.toml"));
    command.current_dir(dir).output().unwrap()
}

/// The JSON that a command prints.
fn json_of(dir: &Path, arguments: &[&str]) -> Value {
    let output = command(dir, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a command that must fail says.
fn refused(dir: &Path, arguments: &[&str]) -> String {
    let output = command(dir, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    said
}

//! `rapport backup FILE` and `rapport backup --prune DIR`: a verified copy of everything in one file,
//! while hosts run.
//!
//! A file is there under its name only when it is whole, verified and on the disk. Deliberately
//! absent: the configuration, plugins and secrets, which are files of the admin's own.

use super::progress;
use crate::app;
use crate::config::Config;
use crate::db::audit::audit_append_in_tx;
use crate::db::backup::{BackupTimes, Manifest, backup_read, backup_write};
use crate::db::commit;
use crate::db::copy::row_count;
use crate::db::private;
use crate::domain::now_ms;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A file in the making, which goes unless it is kept.
pub struct Partial {
    pub path: PathBuf,
    kept: bool,
}

impl Partial {
    /// An empty file that only its owner can read.
    pub fn new(path: PathBuf) -> Result<Self> {
        private::create_new(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, kept: false })
    }

    /// Puts it on the disk, and there in the place of `target`.
    pub fn persist(mut self, target: &Path) -> Result<()> {
        let place = || target.display().to_string();
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .with_context(place)?;
        std::fs::rename(&self.path, target).with_context(place)?;
        self.kept = true;
        sync_dir(target)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        for ending in ["", "-wal", "-shm", "-journal"] {
            // Not all of them are there.
            let _ = std::fs::remove_file(beside(&self.path, ending));
        }
    }
}

/// `path` with something behind its name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Puts names in a file's directory on the disk.
pub fn sync_dir(file: &Path) -> Result<()> {
    let dir = match file.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .with_context(|| dir.display().to_string())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    size_bytes: u64,
    sha256: String,
    #[serde(flatten)]
    manifest: &'a Manifest,
}

pub async fn backup(config: &Config, file: &Path, as_json: bool) -> Result<()> {
    if file.exists() {
        bail!("{} is there already; give another name", file.display());
    }
    let source = config.source()?;
    let created = now_ms();
    let times = BackupTimes {
        created,
        expires: config
            .backup
            .keep_days
            .map(|days| created + i64::from(days) * DAY_MS),
    };
    record(config, file).await?;
    let partial = Partial::new(beside(file, &format!(".partial-{}", std::process::id())))?;
    let bar = progress::rows(row_count(&source).await?);
    let mut tick = |table: &str, rows: u64| progress::tick(&bar, table, rows);
    let manifest = backup_write(&source, &partial.path, times, &mut tick).await;
    bar.finish_and_clear();
    let manifest = manifest.context("nothing was written")?;
    let (size_bytes, sha256) = file_digest(&partial.path)?;
    if file.exists() {
        bail!(
            "{} has come up meanwhile; give another name",
            file.display()
        );
    }
    partial.persist(file)?;
    let written = Written {
        file,
        size_bytes,
        sha256,
        manifest: &manifest,
    };
    if as_json {
        outln!("{}", serde_json::to_string(&written)?)?;
        return Ok(());
    }
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    outln!(
        "{}: {rows} rows, {size_bytes} bytes, verified",
        file.display()
    )?;
    outln!("sha256 {}", written.sha256)?;
    outln!(
        "audit chain ends at event {} with {}",
        manifest.audit.seq,
        manifest.audit.hash
    )?;
    match config.backup.keep_days {
        Some(days) => outln!("It expires in {days} days; see rapport backup --prune.")?,
        None => outln!("It does not expire; set [backup] keep-days.")?,
    }
    Ok(())
}

/// A backup is a way out for everything: it goes on record, in the backup too.
async fn record(config: &Config, file: &Path) -> Result<()> {
    let db = app::open_db(config).await?;
    let mut tx = db.begin().await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let detail = serde_json::json!({});
    audit_append_in_tx(&mut tx, now_ms(), "cli", "backup.create", &name, &detail).await?;
    commit(tx).await?;
    db.close().await;
    Ok(())
}

/// Size in bytes and SHA-256.
fn file_digest(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, hex::encode(hasher.finalize())));
        }
        size += read as u64;
        hasher.update(&buffer[..read]);
    }
}

/// Deletes the backups in a directory that have expired; other files are left alone.
pub async fn prune(dir: &Path, dry_run: bool, as_json: bool) -> Result<()> {
    let now = now_ms();
    let mut expired = Vec::new();
    let entries = std::fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if !is_database(&path) {
            continue;
        }
        // A database of somebody else's is no backup.
        let Ok(Some(manifest)) = backup_read(&path).await else {
            continue;
        };
        if manifest.expires.is_some_and(|expires| expires <= now) {
            expired.push(path);
        }
    }
    expired.sort();
    if !dry_run {
        for path in &expired {
            std::fs::remove_file(path).with_context(|| path.display().to_string())?;
        }
    }
    if as_json {
        outln!(
            "{}",
            serde_json::json!({"expired": expired, "deleted": !dry_run})
        )?;
    } else if expired.is_empty() {
        outln!("No backup in {} has expired.", dir.display())?;
    } else {
        for path in &expired {
            let what = if dry_run { "expired" } else { "deleted" };
            outln!("{what} {}", path.display())?;
        }
    }
    Ok(())
}

/// A regular file that begins as SQLite's do.
fn is_database(path: &Path) -> bool {
    let mut head = [0; 16];
    let regular = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    regular
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok())
        && &head == b"SQLite format 3\0"
}

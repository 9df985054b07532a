//! `rapport plugin dev DIR`: builds a plugin, puts it to work in the running host, and does so again at
//! every change of its files; prints what it logs meanwhile. For an author's own machine: it is allowed
//! to run unsigned and granted whatever it asks for, and both go on record.
//!
//! The host swaps it between two batches, so that no event is lost or handled by half a plugin. A version
//! that does not build, or that the host refuses, leaves the one before at work.

use super::manage::with_registry;
use crate::cli::ConfigArg;
use crate::db::Db;
use crate::domain::digest::sha256_hex;
use crate::pipeline::plugins::Registry;
use crate::pipeline::plugins::admit::Word;
use crate::pipeline::plugins::manage::NewFile;
use crate::pipeline::plugins::upgrade::UpgradeOptions;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Who does it, on record.
const BY: &str = "cli plugin dev";
/// Between looks at the files and the log.
const LOOK: Duration = Duration::from_millis(500);
/// Directories that a build fills.
const BUILT: &[&str] = &["target", "node_modules", "dist", "__pycache__", "build"];
/// Files that are looked at; a project has fewer.
const FILES_MAX: usize = 10_000;

#[derive(Debug, Args)]
pub struct DevArgs {
    /// Directory of the plugin.
    dir: PathBuf,
    /// Build and swap once, then end.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    config: ConfigArg,
}

pub async fn run(args: &DevArgs) -> Result<()> {
    let dir = args
        .dir
        .canonicalize()
        .with_context(|| args.dir.display().to_string())?;
    with_registry(&args.config.load()?, async |registry, db| {
        let mut seen = None;
        let mut log: Option<String> = None;
        let mut id: Option<String> = None;
        loop {
            let now = newest(&dir)?;
            if seen != Some(now) {
                seen = Some(now);
                match swap(registry, db, &dir).await {
                    Ok((swapped, said)) => {
                        outln!("{said}")?;
                        id = Some(swapped);
                    }
                    Err(error) if args.once => return Err(error),
                    Err(error) => errln!("not swapped: {error:#}"),
                }
            }
            if let Some(id) = &id {
                for line in db.plugin_log_list(id, log.as_deref(), 500).await? {
                    outln!("  {:<5} {}", line.level, shown(&line.text))?;
                    log = Some(line.id);
                }
            }
            if args.once {
                return Ok(());
            }
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    })
    .await
}

/// Builds, and brings it in or up to date; its id, and what happened in words.
async fn swap(registry: &Registry, db: &Db, dir: &Path) -> Result<(String, String)> {
    let (manifest, bytes) = rapport_package::build::build(dir, None)?;
    let id = manifest.id;
    let digest = sha256_hex(&bytes);
    let file = NewFile {
        bytes,
        signatures: Vec::new(),
        source: "plugin dev".to_owned(),
    };
    let word = Word {
        allow_unsigned: true,
        publisher_key: None,
    };
    let known = registry.plugin_ids(db).await?.contains(&id);
    if !known {
        registry.install(db, BY, file, &word).await?;
        registry.grant(db, BY, &id, None).await?;
        registry.enable(db, BY, &id, true).await?;
        let said = format!("{id} {} is at work", manifest.version);
        return Ok((id, said));
    }
    if registry.detail(db, &id).await?.version.digest == digest {
        let said = format!("{id} is installed as it is");
        return Ok((id, said));
    }
    let options = UpgradeOptions {
        word,
        ..UpgradeOptions::default()
    };
    let upgraded = registry.upgrade(db, BY, &id, file, options).await?;
    if upgraded.plugin.candidate.is_some() {
        registry.approve(db, BY, &id, None).await?;
    }
    let said = format!("{id} {} is at work, swapped", manifest.version);
    Ok((id, said))
}

/// When the newest of the project's own files was changed.
fn newest(dir: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting = vec![dir.to_owned()];
    let mut files = 0;
    while let Some(dir) = waiting.pop() {
        let entries = std::fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if name.starts_with('.') || BUILT.contains(&name.as_ref()) {
                continue;
            }
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() && files < FILES_MAX {
                files += 1;
                // A file that has just gone is no change to wait for.
                let changed = entry.metadata().and_then(|m| m.modified());
                newest = newest.max(changed.unwrap_or(newest));
            }
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_writes_is_no_change() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("src")).unwrap();
        std::fs::create_dir_all(dir.path().join("target/debug")).unwrap();
        std::fs::write(dir.path().join("src/lib.rs"), "1").unwrap();
        let before = newest(dir.path()).unwrap();
        let later = SystemTime::now() + Duration::from_secs(60);
        let touch = |name: &str| {
            let file = std::fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(later).unwrap();
        };
        touch("target/debug/x.wasm");
        touch(".hidden");
        assert_eq!(newest(dir.path()).unwrap(), before);
        touch("src/lib.rs");
        assert!(newest(dir.path()).unwrap() > before);
    }
}

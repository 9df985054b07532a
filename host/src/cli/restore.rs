//! `rapport restore FILE` and `rapport migrate-to URL`: a store from a backup, or from the SQLite file
//! of the configuration. No host may run; what was there before stays until what takes its place is
//! verified.

use super::backup::{Partial, beside, sync_dir};
use super::progress;
use super::serve::lock;
use crate::config::Config;
use crate::db::audit::audit_append_in_tx;
use crate::db::backup::{Manifest, backup_adopt, backup_verify};
use crate::db::copy::{TableSum, copy_into_postgres, row_count};
use crate::db::erase::erasures_after;
use crate::db::{Db, Source, commit};
use crate::domain::now_ms;
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Into a file that is there, whose rights stay as they are: `std::fs::copy` takes over the other's.
fn copy_into(from: &Path, into: &Path) -> std::io::Result<()> {
    let mut into = std::fs::OpenOptions::new().write(true).open(into)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut into)?;
    into.sync_all()
}

/// Puts what a backup holds into the store of the configuration.
pub async fn restore(config: &Config, file: &Path, replace: bool, as_json: bool) -> Result<()> {
    let _lock = lock(config)?;
    let source = config.source()?;
    if let Source::File(path) = &source
        && path.exists()
        && !replace
    {
        bail!(
            "{} is there; with --replace the backup takes its place and the old file is kept aside",
            path.display()
        );
    }
    if !file.is_file() {
        bail!("{} is not a file", file.display());
    }
    let working = Partial::new(
        config
            .data_dir
            .join(format!("restoring-{}.db", std::process::id())),
    )?;
    copy_into(file, &working.path).with_context(|| file.display().to_string())?;
    let bar = progress::rows(row_count(&Source::File(working.path.clone())).await?);
    let mut tick = |table: &str, rows: u64| progress::tick(&bar, table, rows);
    let verified = backup_verify(&working.path, &mut tick).await;
    bar.finish_and_clear();
    let manifest = verified.with_context(|| file.display().to_string())?;
    backup_adopt(&working.path, &manifest)
        .await
        .with_context(|| file.display().to_string())?;
    let again = match replace {
        true => erase_again(&source, &working.path, &manifest).await?,
        false => 0,
    };
    let detail = json!({"created": manifest.created, "auditSeq": manifest.audit.seq});
    let aside = match &source {
        Source::File(path) => {
            record(
                &Source::File(working.path.clone()),
                "backup.restore",
                &detail,
            )
            .await?;
            put_in_place(working, path).await?
        }
        Source::Postgres(address) => {
            fill(config, &working.path, address, replace).await?;
            record(&source, "backup.restore", &detail).await?;
            None
        }
    };
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    if as_json {
        let answer = json!({
            "restored": source.to_string(), "rows": rows, "created": manifest.created,
            "auditSeq": manifest.audit.seq, "auditHash": manifest.audit.hash,
            "erasedAgain": again, "aside": aside,
        });
        outln!("{answer}")?;
        return Ok(());
    }
    outln!("{source}: {rows} rows restored and verified")?;
    if again > 0 {
        outln!("{again} contacts that were erased after the backup are erased again.")?;
    }
    if let Some(aside) = aside {
        outln!(
            "The old store is {}; delete it when you are sure.",
            aside.display()
        )?;
    }
    Ok(())
}

/// Erases in a restored file who was erased in the present store since the backup was made. How many.
async fn erase_again(present: &Source, restored: &Path, manifest: &Manifest) -> Result<usize> {
    if let Source::File(path) = present
        && !path.exists()
    {
        return Ok(0);
    }
    let erased = match erasures_after(present, manifest.created).await {
        Ok(erased) => erased,
        Err(error) => {
            // A store that cannot be read is a reason to restore one.
            errln!("rapport: erasures since the backup are not known: {error}");
            return Ok(0);
        }
    };
    if erased.is_empty() {
        return Ok(0);
    }
    let db = Db::open(&Source::File(restored.to_owned())).await?;
    let contacts = db.contacts_erased(&erased).await?;
    for id in &contacts {
        db.contact_erase(
            id,
            "erased before this backup was restored",
            "cli",
            now_ms(),
        )
        .await?;
    }
    db.erased_sweep().await?;
    db.close().await;
    Ok(contacts.len())
}

/// Sets a finished file in the place of the present one; where that one is now.
async fn put_in_place(working: Partial, path: &Path) -> Result<Option<PathBuf>> {
    if !path.exists() {
        working.persist(path)?;
        return Ok(None);
    }
    // Closing it empties its log. One that is too damaged for that keeps its log beside it.
    if let Ok(old) = Db::open(&Source::File(path.to_owned())).await {
        old.close().await;
    }
    let aside = beside(path, &format!(".replaced-{}", now_ms()));
    std::fs::hard_link(path, &aside)
        .or_else(|_| std::fs::copy(path, &aside).map(|_| ()))
        .with_context(|| aside.display().to_string())?;
    for ending in ["-wal", "-shm"] {
        let log = beside(path, ending);
        if log.exists() {
            std::fs::rename(&log, beside(&aside, ending))
                .with_context(|| log.display().to_string())?;
        }
    }
    sync_dir(&aside)?;
    working.persist(path)?;
    Ok(Some(aside))
}

async fn record(store: &Source, action: &str, detail: &Value) -> Result<()> {
    let db = Db::open(store).await?;
    let mut tx = db.begin().await?;
    audit_append_in_tx(&mut tx, now_ms(), "cli", action, "", detail).await?;
    commit(tx).await?;
    db.close().await;
    Ok(())
}

/// Copies an SQLite file into PostgreSQL, with a bar over both passes: copying and comparing.
async fn fill(config: &Config, file: &Path, address: &str, replace: bool) -> Result<Vec<TableSum>> {
    let scratch = Partial::new(
        config
            .data_dir
            .join(format!("empty-{}.db", std::process::id())),
    )?;
    let rows = row_count(&Source::File(file.to_owned())).await?;
    let bar: ProgressBar = progress::rows(2 * rows);
    let mut tick = |table: &str, rows: u64| progress::tick(&bar, table, rows);
    let done = copy_into_postgres(file, &scratch.path, address, replace, &mut tick).await;
    bar.finish_and_clear();
    done.context("nothing was changed in the target")
}

/// Moves the SQLite store of the configuration to PostgreSQL.
pub async fn migrate_to(config: &Config, target: &str, as_json: bool) -> Result<()> {
    // A password on the command line can be seen by every user of the machine.
    let address = match target.strip_prefix("env:") {
        Some(name) => std::env::var(name).with_context(|| format!("the variable {name}"))?,
        None => target.to_owned(),
    };
    let address = address.as_str();
    let Source::File(path) = config.source()? else {
        bail!("the configuration's database is PostgreSQL already");
    };
    if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
        bail!("give the target as postgres://user:password@host/database");
    }
    if !path.exists() {
        bail!("there is no {}", path.display());
    }
    let _lock = lock(config)?;
    // Brings its tables up to date, and its log into the file.
    Db::open(&Source::File(path.clone())).await?.close().await;
    let sums = fill(config, &path, address, false).await?;
    let target = Source::Postgres(address.to_owned());
    let rows: u64 = sums.iter().map(|table| table.rows).sum();
    record(&target, "store.migrate", &json!({"rows": rows})).await?;
    if as_json {
        outln!(
            "{}",
            json!({"target": target.to_string(), "rows": rows, "tables": sums})
        )?;
        return Ok(());
    }
    outln!(
        "{target}: {rows} rows of {} tables, each compared",
        sums.len()
    )?;
    outln!(
        "Now set `database` in the configuration to it. {} is as it was; delete it when you are sure.",
        path.display()
    )?;
    Ok(())
}

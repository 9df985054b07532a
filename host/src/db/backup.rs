//! Backups: one SQLite file, whichever the database is, that holds every row and a description of
//! itself (the manifest): what was in each table, by count and digest, where the audit chain ended,
//! and when the backup expires.
//!
//! SQLite writes it itself (VACUUM INTO: one snapshot, while others write); of PostgreSQL it is a copy
//! row by row within one repeatable-read snapshot, compared in that snapshot. Deliberately absent:
//! file names, permissions, renaming (cli/backup.rs), and encryption: a backup is as readable as the
//! database.

use super::cell::Cell;
use super::copy::{CopyError, Side, TableSum, Tick, common_tables, copy_all, table_sum};
use super::open::Source;
use super::schema::schema_sqlite;
use super::{Db, Dialect};
use crate::domain::TimestampMs;
use crate::domain::digest::chain_hash;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::path::Path;

/// The form of backups that this version writes.
const FORMAT: u32 = 1;

type Result<T> = std::result::Result<T, CopyError>;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub source: String,
    pub created: TimestampMs,
    /// When it is to be deleted; none: never by us.
    pub expires: Option<TimestampMs>,
    /// Numbers of the migrations that its tables have.
    pub migrations: Vec<i64>,
    pub audit: AuditEnd,
    pub tables: Vec<TableSum>,
}

/// Where the audit chain ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEnd {
    pub events: u64,
    /// 0 when there are no events.
    pub seq: i64,
    pub hash: String,
}

/// When a backup is made, and when it is to go.
#[derive(Debug, Clone, Copy)]
pub struct BackupTimes {
    pub created: TimestampMs,
    pub expires: Option<TimestampMs>,
}

fn refused<T>(problem: impl Into<String>) -> Result<T> {
    Err(CopyError::Refused(problem.into()))
}

/// Writes a backup to `file`, which is empty or not there, and verifies it. The file is closed but
/// not yet synced.
pub async fn backup_write(
    source: &Source,
    file: &Path,
    times: BackupTimes,
    tick: Tick<'_>,
) -> Result<Manifest> {
    let kind = match source {
        Source::File(path) => {
            if !path.exists() {
                return refused(format!("{} is not there", path.display()));
            }
            let mut from = Side::open(source, "ro").await?;
            sqlx::query("VACUUM INTO $1")
                .bind(file.to_string_lossy().into_owned())
                .execute(&mut from.connection)
                .await?;
            from.close().await?;
            "sqlite"
        }
        Source::Postgres(_) => {
            snapshot_postgres(source, file, tick).await?;
            "postgres"
        }
    };
    let mut side = Side::open(&Source::File(file.to_owned()), "rw").await?;
    side.run("PRAGMA journal_mode = DELETE").await?;
    check_file(&mut side).await?;
    let tables = tables_sum(&mut side, tick).await?;
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: kind.to_owned(),
        created: times.created,
        expires: times.expires,
        migrations: migrations(&mut side).await?,
        audit: audit_end(&mut side).await?,
        tables,
    };
    side.run("CREATE TABLE backup_manifest (manifest TEXT NOT NULL)")
        .await?;
    sqlx::query("INSERT INTO backup_manifest (manifest) VALUES ($1)")
        .bind(super::row::json_text(&manifest))
        .execute(&mut side.connection)
        .await?;
    side.close().await?;
    Ok(manifest)
}

/// Copies a PostgreSQL database as it stands at one moment, and compares at that moment.
async fn snapshot_postgres(source: &Source, file: &Path, tick: Tick<'_>) -> Result<()> {
    let target = Source::File(file.to_owned());
    Db::open(&target).await?.close().await;
    let mut from = Side::open(source, "").await?;
    let mut to = Side::open(&target, "rw").await?;
    from.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await?;
    let tables = common_tables(&mut to, &mut from).await?;
    to.run("BEGIN").await?;
    for table in tables.iter().rev() {
        to.run(&format!("DELETE FROM {}", super::cell::quoted(&table.name)))
            .await?;
    }
    copy_all(&tables, &mut from, &mut to, tick).await?;
    to.run("COMMIT").await?;
    from.run("COMMIT").await?;
    from.close().await?;
    to.close().await
}

/// SQLite's own checks, and every reference.
async fn check_file(side: &mut Side) -> Result<()> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut side.connection)
        .await?;
    if found != ["ok"] {
        return refused(format!("the file is damaged: {}", found.join("; ")));
    }
    let broken = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut side.connection)
        .await?;
    match broken.first() {
        None => Ok(()),
        Some(row) => refused(format!(
            "a row of {} refers to one that is not there",
            Cell::read(row, 0)?
        )),
    }
}

async fn tables_sum(side: &mut Side, tick: Tick<'_>) -> Result<Vec<TableSum>> {
    let mut sums = Vec::new();
    for table in schema_sqlite(&mut side.connection).await? {
        sums.push(table_sum(&table, side, tick).await?);
    }
    sums.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(sums)
}

async fn migrations(side: &mut Side) -> Result<Vec<i64>> {
    Ok(
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&mut side.connection)
            .await?,
    )
}

/// Walks the audit chain to its end.
async fn audit_end(side: &mut Side) -> Result<AuditEnd> {
    let mut end = AuditEnd::default();
    let mut rows = sqlx::query(
        "SELECT seq, at, actor, action, subject, detail, hash FROM audit_event ORDER BY seq",
    )
    .fetch(&mut side.connection);
    while let Some(row) = rows.try_next().await? {
        let text = |column: &str| row.try_get::<String, _>(column);
        let at = row.try_get::<i64, _>("at")?.to_string();
        let (actor, action) = (text("actor")?, text("action")?);
        let (subject, detail) = (text("subject")?, text("detail")?);
        let seq: i64 = row.try_get("seq")?;
        let expected = chain_hash(&end.hash, &[&at, &actor, &action, &subject, &detail]);
        if text("hash")? != expected {
            return refused(format!("the audit chain is broken at event {seq}"));
        }
        end = AuditEnd {
            events: end.events + 1,
            seq,
            hash: expected,
        };
    }
    Ok(end)
}

/// What a file says of itself; none when it is no backup.
pub async fn backup_read(file: &Path) -> Result<Option<Manifest>> {
    // Nobody writes a backup; so nothing is put beside it, or beside what turns out to be none.
    let mut side = Side::open(&Source::File(file.to_owned()), "ro&immutable=true").await?;
    let found: std::result::Result<String, _> =
        sqlx::query_scalar("SELECT manifest FROM backup_manifest")
            .fetch_one(&mut side.connection)
            .await;
    side.close().await?;
    Ok(found.ok().and_then(|text| serde_json::from_str(&text).ok()))
}

/// Checks a backup against its manifest: the file, each table, the audit chain.
pub async fn backup_verify(file: &Path, tick: Tick<'_>) -> Result<Manifest> {
    let Some(manifest) = backup_read(file).await? else {
        return refused("this is not a backup, or its manifest is damaged");
    };
    if manifest.format != FORMAT {
        return refused(format!(
            "the backup is of form {}; this version reads form {FORMAT}",
            manifest.format
        ));
    }
    let mut side = Side::open(&Source::File(file.to_owned()), "ro").await?;
    check_file(&mut side).await?;
    let found = tables_sum(&mut side, tick).await?;
    for table in &manifest.tables {
        if !found.contains(table) {
            return refused(format!("table {} is not as it was backed up", table.table));
        }
    }
    if found.len() != manifest.tables.len() || migrations(&mut side).await? != manifest.migrations {
        return refused("the backup does not have the tables of its manifest");
    }
    if audit_end(&mut side).await? != manifest.audit {
        return refused("the audit chain does not end as it did when it was backed up");
    }
    side.close().await?;
    Ok(manifest)
}

/// Makes a copy of a verified backup a store: without the manifest, with the tables of this version.
pub async fn backup_adopt(file: &Path, manifest: &Manifest) -> Result<()> {
    let known = super::open::known_migrations(Dialect::Sqlite);
    if let Some(newer) = manifest.migrations.iter().find(|n| !known.contains(n)) {
        return refused(format!(
            "the backup was made by a newer version ({}): it has migration {newer}, which this one does not know",
            manifest.version
        ));
    }
    let source = Source::File(file.to_owned());
    let mut side = Side::open(&source, "rw").await?;
    side.run("DROP TABLE backup_manifest").await?;
    side.close().await?;
    Db::open(&source).await?.close().await;
    Ok(())
}

//! All SQL. SQLite (WAL) is the embedded default; the dialect is kept to what PostgreSQL shares.
//!
//! Writes go through one connection, so that none waits for another inside the database; reads have
//! their own. Functions are named noun_verb; those that end in `_in_tx` are part of a caller's
//! transaction. Deliberately absent: rules. What may follow from what is decided elsewhere.

mod row;

pub mod annotation;
pub mod audit;
pub mod casework;
pub mod conversation;
pub mod event;
pub mod inbox;
pub mod message;
pub mod outbound;
pub mod people;
pub mod query;
pub mod situation;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::path::Path;
use std::time::Duration;

/// A transaction that writes.
pub type Tx<'a> = Transaction<'a, Sqlite>;

/// What goes wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("database: migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("database: column {column}: {problem}")]
    Corrupt { column: String, problem: String },
}

pub type Result<T> = std::result::Result<T, DbError>;

/// The store.
#[derive(Clone)]
pub struct Db {
    read: SqlitePool,
    write: SqlitePool,
}

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the file, making it if it is not there, and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit that was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .optimize_on_close(true, None)
            // What was deleted at its source is not to be read from freed pages.
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-65536");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { read, write })
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Tx<'static>> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Waits for what is under way and closes the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Commits, in this module's error.
pub async fn commit(tx: Tx<'_>) -> Result<()> {
    Ok(tx.commit().await?)
}

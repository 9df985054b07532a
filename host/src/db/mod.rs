//! All SQL, written once for SQLite (WAL; the embedded default) and PostgreSQL. What must differ
//! asks for the [`Dialect`].
//!
//! On SQLite writes go through one connection, so that none waits for another inside the database;
//! reads have their own. Functions are named noun_verb; those that end in `_in_tx` are part of a
//! caller's transaction. Deliberately absent: rules. What may follow from what is decided elsewhere.

mod bulk;
mod cell;
mod open;
mod row;
mod schema;
mod statement;

pub mod access;
pub mod annotation;
pub mod arrival;
pub mod audit;
pub mod backup;
pub mod casework;
pub mod conversation;
pub mod copy;
pub mod erase;
pub mod event;
mod export;
pub mod health;
pub mod history;
pub mod host_state;
pub mod inbox;
pub mod inbox_setup;
pub mod inbox_state;
pub mod measure;
pub mod message;
pub mod notify;
pub mod oidc;
pub mod outbound;
pub mod people;
pub mod places;
pub mod plugin;
pub mod plugin_watch;
pub mod private;
pub mod query;
pub mod retention;
pub mod schedule;
pub mod sealed;
pub mod second_factor;
pub mod situation;
pub mod webhook;
pub mod webhook_delivery;

pub use open::Source;

use crate::domain::sealed::{SealError, SealKey};
use sqlx::{Any, AnyPool, Transaction};
use std::sync::{Arc, OnceLock};

/// A transaction that writes.
pub type Tx<'a> = Transaction<'a, Any>;

/// What goes wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("database: migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("database: column {column}: {problem}")]
    Corrupt { column: String, problem: String },
    /// Another host stored the same thing first; nothing of this transaction may be kept.
    #[error("database: another host was first")]
    Overtaken,
    /// Something sealed can't be stored or read.
    #[error("database: {0}")]
    Seal(#[from] SealError),
    /// No answer in time; what was asked may or may not have been done.
    #[error("database: no answer in time")]
    Silent,
}

impl DbError {
    /// Whether waiting may help: the store is away, busy, full or not to be written now.
    pub fn may_pass(&self) -> bool {
        match self {
            DbError::Sql(error) => may_pass(error),
            DbError::Migration(sqlx::migrate::MigrateError::Execute(error)) => may_pass(error),
            DbError::Overtaken | DbError::Silent => true,
            DbError::Migration(_) | DbError::Corrupt { .. } | DbError::Seal(_) => false,
        }
    }
}

fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // PostgreSQL: connection, deadlock, resources, operator intervention (SQLSTATE classes).
            Some(state) if state.len() == 5 => {
                ["08", "40", "53", "55", "57", "58"].contains(&&state[..2])
            }
            // SQLite: busy, locked, read-only, I/O, full, can't open (result codes, low byte).
            Some(code) => code
                .parse::<u32>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)),
            None => false,
        },
        _ => false,
    }
}

pub type Result<T> = std::result::Result<T, DbError>;

impl DbError {
    /// Two transactions were in each other's way: done again, it may well work.
    pub fn is_conflict(&self) -> bool {
        let error = match self {
            DbError::Overtaken => return true,
            DbError::Sql(sqlx::Error::Database(error)) => error,
            _ => return false,
        };
        // Deadlock, serialization failure; unique: somebody else made the row first.
        matches!(error.code().as_deref(), Some("40P01" | "40001"))
            || error.is_unique_violation()
            || error.is_foreign_key_violation()
    }
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Behind a SELECT of rows to be leased: passes over those that another host is leasing just now.
    /// SQLite has one writer at a time.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// Behind a SELECT of a row that is to be changed by what it says: nobody else changes it meanwhile.
/// SQLite has one writer at a time.
fn for_update(tx: &Tx<'_>) -> &'static str {
    match tx.backend_name() {
        "PostgreSQL" => " FOR UPDATE",
        _ => "",
    }
}

/// The store.
#[derive(Clone)]
pub struct Db {
    read: AnyPool,
    write: AnyPool,
    pub dialect: Dialect,
    source: Source,
    key: Arc<OnceLock<SealKey>>,
}

impl Db {
    /// Begins a transaction that writes. Its commit is durable.
    pub async fn begin(&self) -> Result<Tx<'static>> {
        Ok(match self.dialect {
            Dialect::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.write.begin().await?,
        })
    }

    /// Begins a transaction whose commit need not wait for the disk: a power cut may undo it, with all
    /// that was committed behind it, and what it did is done again from what stands before it. The next
    /// durable commit makes it durable too, so nothing that leaves this host can be ahead of it. Only
    /// for the stages of inbound events.
    pub async fn begin_redoable(&self) -> Result<Tx<'static>> {
        let begin = match self.dialect {
            // Durable again when the connection is next taken.
            Dialect::Sqlite => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN; SET LOCAL synchronous_commit = off",
        };
        Ok(self.write.begin_with(begin).await?)
    }

    /// Seals under this key from now on what the store seals itself; the first one given counts.
    pub fn seal_with(&self, key: &SealKey) -> SealKey {
        self.key.get_or_init(|| key.clone()).clone()
    }

    /// The key that was given.
    pub fn seal_key(&self) -> Result<&SealKey> {
        Ok(self.key.get().ok_or(SealError::NoKey)?)
    }

    /// Waits for what is under way and closes the connections.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Commits, in this module's error.
pub async fn commit(tx: Tx<'_>) -> Result<()> {
    let started = std::time::Instant::now();
    tx.commit().await?;
    crate::telemetry::metrics::commit(started.elapsed());
    Ok(())
}

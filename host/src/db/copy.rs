//! Everything from one database to another, and the proof that it is the same: every row of every
//! table, value by value, in the order of keys.
//!
//! One side is always an SQLite file, whose schema is the model. A copy into PostgreSQL is one
//! transaction that ends only after the comparison: until then the target is as it was, so there is
//! nothing half-filled to mark or to resume; a copy that stopped is started again from the beginning.

mod compare;
mod fill;

pub use compare::TableSum;
pub(super) use compare::table_sum;

use super::cell::{Cell, quoted};
use super::open::Source;
use super::schema::{Table, schema_postgres, schema_sqlite, sequence_list, sequence_restore};
use super::{Db, DbError, Dialect};
use compare::table_compare;
use fill::table_copy;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use std::path::Path;
use std::time::Duration;

/// How often others are looked for before they are believed to stay.
const COMPANY_LOOKS: u32 = 30;

/// Why a copy is not one.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{table} {key}: {problem}")]
    Row {
        table: String,
        key: String,
        problem: String,
    },
    #[error("{0}")]
    Refused(String),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        CopyError::Db(error.into())
    }
}

type Result<T> = std::result::Result<T, CopyError>;

/// Told about work that is done: what is being done, and rows more.
pub type Tick<'a> = &'a mut (dyn FnMut(&str, u64) + Send);

/// One side of a copy.
pub(super) struct Side {
    pub connection: AnyConnection,
    pub dialect: Dialect,
}

impl Side {
    /// A connection of its own, without limits of time.
    pub async fn open(source: &Source, mode: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let (address, dialect, settings) = match source {
            Source::File(path) => (
                super::open::sqlite_address(path, mode)?,
                Dialect::Sqlite,
                // References are checked in the end, all at once.
                "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF; PRAGMA secure_delete = ON;",
            ),
            Source::Postgres(address) => (
                address.clone(),
                Dialect::Postgres,
                "SET statement_timeout = 0; SET lock_timeout = '30s';",
            ),
        };
        let mut connection = AnyConnection::connect(&address).await?;
        connection.execute(settings).await?;
        Ok(Self {
            connection,
            dialect,
        })
    }

    pub async fn run(&mut self, sql: &str) -> Result<()> {
        self.connection
            .execute(AssertSqlSafe(sql.to_owned()))
            .await?;
        Ok(())
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

/// The tables of `model`, an SQLite file, with the kinds of `postgres`; refused when the two do not
/// have the same tables and columns.
pub(super) async fn common_tables(model: &mut Side, postgres: &mut Side) -> Result<Vec<Table>> {
    let mut tables = schema_sqlite(&mut model.connection).await?;
    let mut theirs = schema_postgres(&mut postgres.connection).await?;
    for table in &mut tables {
        let mut columns = theirs
            .remove(&table.name)
            .ok_or_else(|| CopyError::Refused(format!("PostgreSQL has no table {}", table.name)))?;
        for column in &mut table.columns {
            column.kind = columns.remove(&column.name).ok_or_else(|| {
                let place = format!("{}.{}", table.name, column.name);
                CopyError::Refused(format!("PostgreSQL has no column {place}"))
            })?;
        }
        if let Some((column, _)) = columns.pop_first() {
            let place = format!("{}.{column}", table.name);
            return Err(CopyError::Refused(format!("SQLite has no column {place}")));
        }
    }
    match theirs.pop_first() {
        None => Ok(tables),
        Some((table, _)) => Err(CopyError::Refused(format!("SQLite has no table {table}"))),
    }
}

fn key_of(table: &Table, row: &[Cell]) -> String {
    let key: Vec<String> = table.key().iter().map(|i| row[*i].to_string()).collect();
    key.join(" / ")
}

/// Rows in a database by the tables' own count: for a progress bar.
pub async fn row_count(source: &Source) -> Result<u64> {
    let mut side = Side::open(source, "ro").await?;
    let names = match side.dialect {
        Dialect::Sqlite => {
            let tables = schema_sqlite(&mut side.connection).await?;
            tables.into_iter().map(|t| t.name).collect::<Vec<_>>()
        }
        Dialect::Postgres => {
            let tables = schema_postgres(&mut side.connection).await?;
            tables.into_keys().collect()
        }
    };
    let mut total = 0;
    for name in names {
        let sql = format!("SELECT COUNT(*) FROM {}", quoted(&name));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut side.connection)
            .await?;
        total += count as u64;
    }
    side.close().await?;
    Ok(total)
}

/// Fills a PostgreSQL database from an SQLite file that nobody writes, and proves it, in one
/// transaction. The target must hold nothing but what its migrations made, unless `replace`: then
/// what it holds goes with the same commit. Refused while anybody else is connected to it.
pub async fn copy_into_postgres(
    file: &Path,
    scratch: &Path,
    address: &str,
    replace: bool,
    tick: Tick<'_>,
) -> Result<Vec<TableSum>> {
    let target = Source::Postgres(address.to_owned());
    Db::open(&target).await?.close().await;
    let mut to = Side::open(&target, "").await?;
    refuse_company(&mut to).await?;
    let mut from = Side::open(&Source::File(file.to_owned()), "ro").await?;
    from.run("BEGIN").await?;
    let tables = common_tables(&mut from, &mut to).await?;
    let names: Vec<String> = tables.iter().map(|t| quoted(&t.name)).collect();
    let names = names.join(", ");
    to.run("BEGIN").await?;
    to.run(&format!("LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        .await?;
    if !replace {
        refuse_content(scratch, &tables, &mut to).await?;
    }
    to.run(&format!("TRUNCATE {names}")).await?;
    let sums = copy_all(&tables, &mut from, &mut to, tick).await?;
    to.run("COMMIT").await?;
    to.close().await?;
    from.close().await?;
    Ok(sums)
}

/// Copies all tables into empty ones, sets automatic numbers, and compares.
pub(super) async fn copy_all(
    tables: &[Table],
    from: &mut Side,
    to: &mut Side,
    tick: Tick<'_>,
) -> Result<Vec<TableSum>> {
    for table in tables {
        table_copy(table, from, to, tick).await?;
    }
    let positions = sequence_list(&mut from.connection, from.dialect).await?;
    sequence_restore(&mut to.connection, to.dialect, &positions).await?;
    let mut sums = Vec::with_capacity(tables.len());
    for table in tables {
        sums.push(table_compare(table, from, to, tick).await?);
    }
    Ok(sums)
}

/// A host that is connected would go on with what it remembers.
async fn refuse_company(to: &mut Side) -> Result<()> {
    let mut others: i64 = 0;
    // Connections that were just closed, ours among them, are seen for a moment.
    for _ in 0..COMPANY_LOOKS {
        others = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
                 AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        .fetch_one(&mut to.connection)
        .await?;
        if others == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(CopyError::Refused(format!(
        "{others} other connections to the target are open; stop its hosts and close other clients"
    )))
}

/// Empty is: as its migrations left it.
async fn refuse_content(scratch: &Path, tables: &[Table], to: &mut Side) -> Result<()> {
    let fresh = Source::File(scratch.to_owned());
    Db::open(&fresh).await?.close().await;
    let mut fresh = Side::open(&fresh, "ro").await?;
    for table in tables {
        let compared = table_compare(table, &mut fresh, to, &mut |_, _| ()).await;
        if let Err(CopyError::Row { table, .. }) = &compared {
            return Err(CopyError::Refused(format!(
                "the target is not empty: {table} holds rows; give an empty database"
            )));
        }
        compared?;
    }
    fresh.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parents_come_first() {
        let dir = tempfile::tempdir().unwrap();
        let source = Source::File(dir.path().join("a.db"));
        Db::open(&source).await.unwrap().close().await;
        let mut side = Side::open(&source, "ro").await.unwrap();
        let tables = schema_sqlite(&mut side.connection).await.unwrap();
        for (at, table) in tables.iter().enumerate() {
            assert!(
                !table.key().is_empty(),
                "{} has no key to compare by",
                table.name
            );
            for (parent, _) in table.columns.iter().filter_map(|c| c.parent.as_ref()) {
                let before = tables[..=at].iter().any(|t| t.name == *parent);
                assert!(before, "{} comes before {parent}", table.name);
            }
        }
    }
}

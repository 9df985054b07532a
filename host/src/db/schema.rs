//! Which tables there are, read from the database itself: what is copied, compared and backed up
//! follows from the schema, so that a new table cannot be forgotten.
//!
//! SQLite is the model: it tells keys and references. PostgreSQL is asked for names and types, which
//! must be the same tables and columns.

use super::{Dialect, Result};
use sqlx::{AnyConnection, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that are no data of ours: the record of migrations, and a backup's description of itself.
const NOT_DATA: &[&str] = &["_sqlx_migrations", "backup_manifest"];

/// How a column's values are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
    Blob,
    /// PostgreSQL only; SQLite keeps flags as numbers.
    Flag,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Place in the primary key from 1; 0 when it is not part of it.
    pub key: i64,
    /// The table and column that it refers to.
    pub parent: Option<(String, String)>,
}

/// A table with its columns by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

impl Table {
    /// The primary key's columns in its order, as places in `columns`.
    pub fn key(&self) -> Vec<usize> {
        let mut key: Vec<usize> = (0..self.columns.len())
            .filter(|i| self.columns[*i].key > 0)
            .collect();
        key.sort_by_key(|i| self.columns[*i].key);
        key
    }

    fn parents(&self) -> impl Iterator<Item = &str> {
        let all = self.columns.iter().filter_map(|c| c.parent.as_ref());
        all.map(|(table, _)| table.as_str())
            .filter(|parent| *parent != self.name)
    }
}

/// The tables of an SQLite file, each behind those that it refers to.
pub async fn schema_sqlite(connection: &mut AnyConnection) -> Result<Vec<Table>> {
    let columns = sqlx::query(
        "SELECT m.name AS table_name, c.name AS column_name, c.type AS type, c.pk AS pk
         FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let references = sqlx::query(
        "SELECT m.name AS table_name, f.\"from\" AS column_name, f.\"table\" AS parent, f.\"to\" AS target
         FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut parents = BTreeMap::new();
    for row in &references {
        let column: (String, String) = (row.try_get("table_name")?, row.try_get("column_name")?);
        let target: Option<String> = row.try_get("target")?;
        let parent: String = row.try_get("parent")?;
        parents.insert(column, (parent, target.unwrap_or_else(|| "id".to_owned())));
    }
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in &columns {
        let table: String = row.try_get("table_name")?;
        let name: String = row.try_get("column_name")?;
        let column = Column {
            kind: kind_of(&row.try_get::<String, _>("type")?),
            key: row.try_get("pk")?,
            parent: parents.remove(&(table.clone(), name.clone())),
            name,
        };
        if !NOT_DATA.contains(&table.as_str()) {
            tables.entry(table).or_default().push(column);
        }
    }
    let tables = tables.into_iter();
    Ok(in_order(
        tables
            .map(|(name, columns)| Table { name, columns })
            .collect(),
    ))
}

/// The kinds of every column of a PostgreSQL database, by table and column.
pub async fn schema_postgres(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<String, BTreeMap<String, Kind>>> {
    let rows = sqlx::query(
        "SELECT c.table_name::TEXT AS table_name, c.column_name::TEXT AS column_name, c.data_type::TEXT AS type
         FROM information_schema.columns c JOIN information_schema.tables t
             ON t.table_schema = c.table_schema AND t.table_name = c.table_name
         WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'",
    )
    .fetch_all(connection)
    .await?;
    let mut tables: BTreeMap<String, BTreeMap<String, Kind>> = BTreeMap::new();
    for row in &rows {
        let table: String = row.try_get("table_name")?;
        if !NOT_DATA.contains(&table.as_str()) {
            let kind = kind_of(&row.try_get::<String, _>("type")?);
            tables
                .entry(table)
                .or_default()
                .insert(row.try_get("column_name")?, kind);
        }
    }
    Ok(tables)
}

fn kind_of(declared: &str) -> Kind {
    match declared.to_ascii_uppercase().as_str() {
        "BOOLEAN" => Kind::Flag,
        "INTEGER" | "BIGINT" | "SMALLINT" => Kind::Int,
        "DOUBLE PRECISION" | "REAL" => Kind::Real,
        "BLOB" | "BYTEA" => Kind::Blob,
        _ => Kind::Text,
    }
}

/// Parents first. Tables that refer to each other in a circle come last, by name.
fn in_order(mut waiting: Vec<Table>) -> Vec<Table> {
    let mut ordered = Vec::with_capacity(waiting.len());
    let mut placed: BTreeSet<String> = BTreeSet::new();
    while !waiting.is_empty() {
        let (ready, rest): (Vec<Table>, Vec<Table>) = waiting
            .into_iter()
            .partition(|table| table.parents().all(|parent| placed.contains(parent)));
        waiting = rest;
        if ready.is_empty() {
            ordered.append(&mut waiting);
        }
        placed.extend(ready.iter().map(|table| table.name.clone()));
        ordered.extend(ready);
    }
    ordered
}

/// Where an automatic number stands: what it gave out last. SQLite's by table.
pub async fn sequence_list(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<BTreeMap<String, i64>> {
    let mut found = BTreeMap::new();
    if dialect == Dialect::Sqlite {
        let rows = sqlx::query("SELECT name, seq FROM sqlite_sequence")
            .fetch_all(connection)
            .await?;
        for row in &rows {
            found.insert(row.try_get("name")?, row.try_get("seq")?);
        }
        return Ok(found);
    }
    for (table, column) in identity_columns(connection).await? {
        let name: String = sqlx::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
            .bind(&table)
            .bind(&column)
            .fetch_one(&mut *connection)
            .await?;
        let sql = format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}");
        let last: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await?;
        found.insert(table, last);
    }
    Ok(found)
}

/// Sets automatic numbers so that none that was given out is given out again.
pub async fn sequence_restore(
    connection: &mut AnyConnection,
    dialect: Dialect,
    positions: &BTreeMap<String, i64>,
) -> Result<()> {
    if dialect == Dialect::Sqlite {
        for (table, position) in positions {
            sqlx::query("DELETE FROM sqlite_sequence WHERE name = $1")
                .bind(table)
                .execute(&mut *connection)
                .await?;
            sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                .bind(table)
                .bind(position)
                .execute(&mut *connection)
                .await?;
        }
        return Ok(());
    }
    for (table, column) in identity_columns(connection).await? {
        let position = positions.get(&table).copied().unwrap_or(0);
        sqlx::query("SELECT setval(pg_get_serial_sequence($1, $2), $3, $4)")
            .bind(&table)
            .bind(&column)
            .bind(position.max(1))
            .bind(position > 0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn identity_columns(connection: &mut AnyConnection) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query(
        "SELECT table_name::TEXT AS table_name, column_name::TEXT AS column_name
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND is_identity = 'YES' ORDER BY table_name",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("table_name")?, row.try_get("column_name")?)))
        .collect()
}

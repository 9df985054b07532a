//! The rows of one table into an empty one, many in a statement. Deliberately absent: the proof that
//! they are there (`compare.rs`).

use super::super::Dialect;
use super::super::cell::{Cell, cell_rows, quoted};
use super::super::schema::Table;
use super::super::statement::placeholders;
use super::{CopyError, Result, Side, Tick, key_of};
use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;

/// Rows of one INSERT at most.
const ROWS_MAX: usize = 500;
/// Values of one INSERT at most; SQLite takes 32 766, PostgreSQL 65 535.
const VALUES_MAX: usize = 30_000;
/// Texts of one INSERT at most, in bytes, but for a single row.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Copies a table into an empty one.
pub(super) async fn table_copy(
    table: &Table,
    from: &mut Side,
    to: &mut Side,
    tick: Tick<'_>,
) -> Result<()> {
    let width = table.columns.len();
    let most = ROWS_MAX.min(VALUES_MAX / width).max(1);
    let dialect = from.dialect;
    let mut rows = cell_rows(&mut from.connection, dialect, table);
    let mut batch: Vec<Vec<Cell>> = Vec::with_capacity(most);
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        let holds_nul = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains('\0'));
        if to.dialect == Dialect::Postgres && row.iter().any(holds_nul) {
            return Err(CopyError::Row {
                table: table.name.clone(),
                key: key_of(table, &row),
                problem: "a text holds a NUL character, which PostgreSQL cannot store".to_owned(),
            });
        }
        bytes += row.iter().map(Cell::size_bytes).sum::<usize>();
        batch.push(row);
        if batch.len() == most || bytes > BYTES_MAX {
            rows_insert(table, to, std::mem::take(&mut batch), tick).await?;
            bytes = 0;
        }
    }
    drop(rows);
    rows_insert(table, to, batch, tick).await
}

async fn rows_insert(
    table: &Table,
    to: &mut Side,
    rows: Vec<Vec<Cell>>,
    tick: Tick<'_>,
) -> Result<()> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let first = key_of(table, first);
    let width = table.columns.len();
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let values: Vec<String> = (0..rows.len())
        .map(|i| format!("({})", placeholders(i * width + 1, width)))
        .collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        quoted(&table.name),
        columns.join(", "),
        values.join(", ")
    );
    let count = rows.len() as u64;
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        for (cell, column) in row.into_iter().zip(&table.columns) {
            query = cell.bind(query, column.kind);
        }
    }
    let done = query.execute(&mut to.connection).await;
    done.map_err(|error| CopyError::Row {
        table: table.name.clone(),
        key: format!("{first} and the {} rows behind it", count - 1),
        problem: error.to_string(),
    })?;
    tick(&table.name, count);
    Ok(())
}

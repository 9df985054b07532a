//! One table in two databases, row by row; and the digest of what it holds. Both sides are read in
//! the order of keys, so that no table needs to be held in memory. Deliberately absent: repair.

use super::super::cell::{Cell, RowDigest, cell_rows};
use super::super::schema::Table;
use super::{CopyError, Result, Side, Tick, key_of};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    pub table: String,
    pub rows: u64,
    /// SHA-256 over its rows in the order of their keys.
    pub sha256: String,
}

/// Compares a table in two databases, row by row; what both hold.
pub(super) async fn table_compare(
    table: &Table,
    left: &mut Side,
    right: &mut Side,
    tick: Tick<'_>,
) -> Result<TableSum> {
    let (left_dialect, right_dialect) = (left.dialect, right.dialect);
    let mut lefts = cell_rows(&mut left.connection, left_dialect, table);
    let mut rights = cell_rows(&mut right.connection, right_dialect, table);
    let mut digest = RowDigest::default();
    let mut rows = 0;
    loop {
        let (a, b) = (lefts.try_next().await?, rights.try_next().await?);
        let (key, problem) = match (a, b) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {
                digest.add(&a);
                rows += 1;
                tick(&table.name, 1);
                continue;
            }
            (Some(a), Some(b)) => match differing(table, &a, &b) {
                Some(column) => (key_of(table, &a), format!("the two differ in {column}")),
                None => (
                    key_of(table, &a),
                    format!("stands where the copy has {}", key_of(table, &b)),
                ),
            },
            (Some(a), None) => (key_of(table, &a), "is missing in the copy".to_owned()),
            (None, Some(b)) => (key_of(table, &b), "is only in the copy".to_owned()),
        };
        return Err(CopyError::Row {
            table: table.name.clone(),
            key,
            problem,
        });
    }
    Ok(TableSum {
        table: table.name.clone(),
        rows,
        sha256: digest.finish(),
    })
}

/// The first column in which two rows of one key differ; none when their keys do.
fn differing<'t>(table: &'t Table, a: &[Cell], b: &[Cell]) -> Option<&'t str> {
    if table.key().iter().any(|i| a[*i] != b[*i]) {
        return None;
    }
    let first = a.iter().zip(b).position(|(a, b)| a != b)?;
    Some(&table.columns[first].name)
}

/// What a table holds, and its digest.
pub(in crate::db) async fn table_sum(
    table: &Table,
    side: &mut Side,
    tick: Tick<'_>,
) -> Result<TableSum> {
    let dialect = side.dialect;
    let mut rows = cell_rows(&mut side.connection, dialect, table);
    let mut digest = RowDigest::default();
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        digest.add(&row);
        count += 1;
        tick(&table.name, 1);
    }
    Ok(TableSum {
        table: table.name.clone(),
        rows: count,
        sha256: digest.finish(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::Db;
    use super::super::super::open::Source;
    use super::super::super::schema::schema_sqlite;
    use super::*;

    /// Two stores with the same three schedules, the second one changed by `change`; what is found.
    async fn found_after(change: &str) -> std::result::Result<u64, String> {
        let dir = tempfile::tempdir().unwrap();
        let mut sides = Vec::new();
        for name in ["a.db", "b.db"] {
            let source = Source::File(dir.path().join(name));
            Db::open(&source).await.unwrap().close().await;
            let mut side = Side::open(&source, "rw").await.unwrap();
            side.run("INSERT INTO schedule (name, next_run) VALUES ('x', 1), ('y', 2), ('Z', 3)")
                .await
                .unwrap();
            sides.push(side);
        }
        let (mut right, mut left) = (sides.pop().unwrap(), sides.pop().unwrap());
        right.run(change).await.unwrap();
        let tables = schema_sqlite(&mut left.connection).await.unwrap();
        let table = tables.iter().find(|t| t.name == "schedule").unwrap();
        let compared = table_compare(table, &mut left, &mut right, &mut |_, _| ()).await;
        compared.map(|sum| sum.rows).map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn a_difference_is_named_by_table_and_key() {
        assert_eq!(found_after("SELECT 1").await, Ok(3));
        for (change, named) in [
            (
                "UPDATE schedule SET next_run = 9 WHERE name = 'y'",
                "schedule y: the two differ in next_run",
            ),
            (
                "UPDATE schedule SET holder = '' WHERE name = 'x'",
                "schedule x: the two differ in holder",
            ),
            (
                "DELETE FROM schedule WHERE name = 'y'",
                "schedule y: is missing in the copy",
            ),
            (
                "DELETE FROM schedule WHERE name = 'Z'",
                "schedule Z: stands where the copy has x",
            ),
            (
                "INSERT INTO schedule (name, next_run) VALUES ('z', 4)",
                "schedule z: is only in the copy",
            ),
        ] {
            assert_eq!(found_after(change).await, Err(named.to_owned()));
        }
    }
}

//! Many rows of one table in few statements. How many rows a statement inserts, and how many values a
//! list has, is one of a few numbers, so that the database knows each statement already.

use super::statement::{Statement, Value};
use super::{Result, Tx};

/// Rows in one statement, the largest number that fits first.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];
/// Values in one statement; both databases take more.
const VALUES_MAX: usize = 2_000;

/// Inserts rows. `tail` follows the values: an ON CONFLICT clause, or nothing. Table, columns and
/// tail are ours, never a client's. Returns how many rows were inserted or changed.
pub(super) async fn rows_insert_in_tx(
    tx: &mut Tx<'_>,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    tail: &str,
) -> Result<u64> {
    let head = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    let mut inserted = 0;
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        let fits = |chunk: &&usize| **chunk <= left && **chunk * columns.len() <= VALUES_MAX;
        let chunk = *CHUNKS.iter().find(fits).unwrap_or(&1);
        let mut statement = Statement::new(&head);
        for (position, row) in rows.by_ref().take(chunk).enumerate() {
            if position > 0 {
                statement.push(", ");
            }
            statement.list(row);
        }
        statement.push(tail);
        inserted += statement.execute(&mut **tx).await?;
        left -= chunk;
    }
    Ok(inserted)
}

/// Lengths of lists.
const LISTS: [usize; 5] = [1, 8, 32, 128, 512];

/// Values, the last one repeated up to one of a few lengths.
pub(super) fn padded<V: Clone>(values: impl IntoIterator<Item = V>) -> Vec<V> {
    let mut values: Vec<V> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        let length = LISTS.iter().find(|length| **length >= values.len());
        values.resize(length.copied().unwrap_or(values.len()), last);
    }
    values
}

/// Pushes a list of values, padded. For `IN` only.
pub(super) fn list_padded<V: Into<Value> + Clone>(
    statement: &mut Statement,
    values: impl IntoIterator<Item = V>,
) {
    statement.list(padded(values));
}

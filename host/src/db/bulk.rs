//! Many rows of one table in few statements. Rows go in as one JSON value, and lists have one of a few
//! lengths, so that the database knows each statement already.

use super::statement::{Statement, Value};
use super::{Result, Tx};
use serde_json::{Map, Value as Json};

/// Rows in one statement.
const ROWS_MAX: usize = 256;

/// Inserts rows. `tail` follows the values: an ON CONFLICT clause, or nothing. Table, columns and
/// tail are ours, never a client's. Returns how many rows were inserted or changed.
pub(super) async fn rows_insert_in_tx(
    tx: &mut Tx<'_>,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    tail: &str,
) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let names = columns.join(", ");
    let sql = match tx.backend_name() {
        "PostgreSQL" => format!(
            "INSERT INTO {table} ({names})
             SELECT {names} FROM json_populate_recordset(NULL::{table}, CAST($1 AS json)) {tail}"
        ),
        // Without a WHERE, SQLite would take an ON CONFLICT for a join's.
        _ => {
            let values: Vec<String> = columns.iter().map(|c| format!("value ->> '{c}'")).collect();
            format!(
                "INSERT INTO {table} ({names}) SELECT {} FROM jsonb_each($1) WHERE TRUE {tail}",
                values.join(", ")
            )
        }
    };
    let mut inserted = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows
            .by_ref()
            .take(ROWS_MAX)
            .map(|row| json_row(columns, row));
        let mut statement = Statement::new(&sql);
        statement.value(Json::Array(some.collect()).to_string());
        inserted += statement.execute(&mut **tx).await?;
    }
    Ok(inserted)
}

fn json_row(columns: &[&str], row: Vec<Value>) -> Json {
    let mut object = Map::with_capacity(columns.len());
    for (column, value) in columns.iter().zip(row) {
        let value = match value {
            Value::Text(text) => text.into(),
            Value::Int(number) => number.into(),
            Value::Float(number) => number.into(),
            Value::Flag(flag) => flag.into(),
        };
        object.insert((*column).to_owned(), value);
    }
    Json::Object(object)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, Source};
    use sqlx::Row;

    #[tokio::test]
    async fn rows_come_back_as_they_went_in() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&Source::File(dir.path().join("x.db")))
            .await
            .unwrap();
        let mut tx = db.begin().await.unwrap();
        sqlx::query("CREATE TABLE x (id BIGINT PRIMARY KEY, text TEXT, number BIGINT, score DOUBLE PRECISION)")
            .execute(&mut *tx)
            .await
            .unwrap();
        let texts = [
            Some("'\"\\ {}[]:,\u{1}\n\u{2028}é🙂"),
            Some(""),
            Some("null"),
            Some("1.0"),
            None,
        ];
        let numbers = [i64::MAX, i64::MIN, 0, -1, 1 << 53];
        let mut rng = fastrand::Rng::with_seed(7);
        let scores: Vec<f64> = (0..2 * ROWS_MAX).map(|_| rng.f64()).collect();
        let rows = (0..scores.len()).map(|n| {
            let text: Option<String> = texts[n % texts.len()].map(str::to_owned);
            let number = numbers[n % numbers.len()];
            vec![
                (n as i64).into(),
                text.into(),
                number.into(),
                scores[n].into(),
            ]
        });
        let columns = ["id", "text", "number", "score"];
        let inserted = rows_insert_in_tx(&mut tx, "x", &columns, rows.collect(), "")
            .await
            .unwrap();
        assert_eq!(inserted, scores.len() as u64);
        let found = sqlx::query("SELECT * FROM x ORDER BY id")
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        for (n, row) in found.iter().enumerate() {
            assert_eq!(
                row.get::<Option<String>, _>("text").as_deref(),
                texts[n % texts.len()]
            );
            assert_eq!(row.get::<i64, _>("number"), numbers[n % numbers.len()]);
            assert_eq!(row.get::<f64, _>("score"), scores[n], "of {n}");
        }
        let again = vec![vec![
            0_i64.into(),
            Some("other".to_owned()).into(),
            1_i64.into(),
            0.5.into(),
        ]];
        let tail = "ON CONFLICT (id) DO NOTHING";
        let none = rows_insert_in_tx(&mut tx, "x", &columns, again, tail)
            .await
            .unwrap();
        assert_eq!(none, 0);
    }
}

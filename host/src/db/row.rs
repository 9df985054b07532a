//! From rows to records: enumerations and JSON in text columns.

use super::{DbError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::str::FromStr;

pub fn corrupt(column: &str, problem: impl ToString) -> DbError {
    DbError::Corrupt {
        column: column.to_owned(),
        problem: problem.to_string(),
    }
}

/// A text column that holds one value of an enumeration.
pub fn enum_of<T: FromStr<Err = String>>(row: &AnyRow, column: &str) -> Result<T> {
    row.try_get::<String, _>(column)?
        .parse()
        .map_err(|e| corrupt(column, e))
}

/// The same, of a column that may be empty.
pub fn optional_enum_of<T: FromStr<Err = String>>(row: &AnyRow, column: &str) -> Result<Option<T>> {
    let text: Option<String> = row.try_get(column)?;
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|e| corrupt(column, e))
}

/// A text column that holds JSON.
pub fn json_of<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T> {
    serde_json::from_str(&row.try_get::<String, _>(column)?).map_err(|e| corrupt(column, e))
}

/// A flag: SQLite keeps it as a number.
pub fn bool_of(row: &AnyRow, column: &str) -> Result<bool> {
    Ok(match row.try_get::<bool, _>(column) {
        Ok(flag) => flag,
        Err(_) => row.try_get::<i64, _>(column)? != 0,
    })
}

/// A count or size column.
pub fn count_of(row: &AnyRow, column: &str) -> Result<u32> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(|e| corrupt(column, e))
}

/// JSON text for a column. Our records always have one.
pub fn json_text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

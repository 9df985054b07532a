//! All that the store holds about a contact, for the contact to see. It goes by the same list as
//! erasure (`places.rs`): what is erased is what is exported.

use super::cell::Cell;
use super::places::{How, PLACES};
use super::{Db, Result};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Column, Row};

/// Columns whose text is JSON.
const JSON: &[&str] = &[
    "ancestors",
    "attachments",
    "attributed_to",
    "detail",
    "evidence",
    "extra",
    "input",
    "labels",
    "mentions",
    "payload",
    "tags",
    "withheld",
];

impl Db {
    /// Rows by table, each by column; none when there is no such contact. Holds all of it in memory.
    pub async fn contact_export(&self, id: &str) -> Result<Option<Map<String, Value>>> {
        if self.contact_get(id).await?.is_none() {
            return Ok(None);
        }
        let mut tables: Map<String, Value> = Map::new();
        for place in PLACES.iter().filter(|p| !matches!(p.how, How::Purge)) {
            let sql = format!("SELECT * FROM {} WHERE {}", place.table, place.rows);
            let rows = sqlx::query(AssertSqlSafe(sql))
                .bind(id)
                .fetch_all(&self.read)
                .await?;
            let rows = rows.iter().map(record).collect::<Result<Vec<_>>>()?;
            let known = tables
                .entry(place.table)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(known) = known {
                known.extend(rows);
            }
        }
        let events = sqlx::query(
            "SELECT at, actor, action, detail FROM audit_event WHERE subject = $1 ORDER BY seq",
        )
        .bind(id)
        .fetch_all(&self.read)
        .await?;
        let events = events.iter().map(record).collect::<Result<Vec<_>>>()?;
        tables.insert("audit_event".to_owned(), Value::Array(events));
        Ok(Some(tables))
    }
}

fn record(row: &AnyRow) -> Result<Value> {
    let mut record = Map::new();
    for (index, column) in row.columns().iter().enumerate() {
        let name = column.name();
        let value = match Cell::read(row, index)? {
            Cell::Null => Value::Null,
            Cell::Int(number) => number.into(),
            Cell::Real(number) => number.into(),
            Cell::Blob(bytes) => hex::encode(bytes).into(),
            Cell::Text(text) if JSON.contains(&name) => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            Cell::Text(text) => text.into(),
        };
        record.insert(name.to_owned(), value);
    }
    Ok(Value::Object(record))
}

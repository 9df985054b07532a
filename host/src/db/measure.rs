//! For `rapport bench`: what the pipeline stored, to be stored once more without any processing.
//! Nothing else may use this.

use super::bulk::rows_insert_in_tx;
use super::row::json_text;
use super::statement::{Statement, Value};
use super::{Db, Result, Tx};
use crate::domain::social::Activity;
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{Column, Row, ValueRef};
use std::collections::{BTreeSet, HashMap};

/// Ids in one question.
const IDS: usize = 500;

/// Rows of one table.
#[derive(Debug, Clone, Default)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// What one commit stored, table by table, in an order that references allow.
#[derive(Debug, Default)]
pub struct Stored(Vec<(&'static str, Table)>);

impl Stored {
    /// How many rows.
    pub fn row_count(&self) -> usize {
        self.0.iter().map(|(_, table)| table.rows.len()).sum()
    }
}

/// Finds what commits stored, each row once.
#[derive(Default)]
pub struct Finder {
    seen: BTreeSet<(&'static str, String)>,
}

impl Finder {
    /// What receiving these activities stored.
    pub async fn received(&mut self, db: &Db, activities: &[Activity]) -> Result<Stored> {
        let ids: Vec<&str> = activities.iter().map(|a| a.id.as_str()).collect();
        let mut events = self.rows(db, "inbound_event", "external_id", &ids).await?;
        let payloads: HashMap<&str, String> = activities
            .iter()
            .map(|a| (a.id.as_str(), json_text(a)))
            .collect();
        let at = |name: &str| events.columns.iter().position(|column| column == name);
        if let (Some(id), Some(payload)) = (at("external_id"), at("payload")) {
            for row in &mut events.rows {
                let text = text_of(&row[id]).and_then(|id| payloads.get(id)).cloned();
                row[payload] = Value::Text(text);
            }
        }
        // Its number is the database's to give.
        if let Some(seq) = at("seq") {
            events.columns.remove(seq);
            for row in &mut events.rows {
                row.remove(seq);
            }
        }
        Ok(renamed(vec![("inbound_event", events)]))
    }

    /// What identifying these messages stored.
    pub async fn identified(&mut self, db: &Db, external_ids: &[String]) -> Result<Stored> {
        let messages = self
            .rows(db, "message", "external_id", external_ids)
            .await?;
        let (ids, contacts, conversations) = (
            messages.texts("id"),
            messages.texts("contact_id"),
            messages.texts("conversation_id"),
        );
        let tables = vec![
            ("contact", self.rows(db, "contact", "id", &contacts).await?),
            (
                "identity",
                self.rows(db, "identity", "contact_id", &contacts).await?,
            ),
            (
                "conversation",
                self.rows(db, "conversation", "id", &conversations).await?,
            ),
            ("message", messages),
            (
                "message_tag",
                self.rows(db, "message_tag", "message_id", &ids).await?,
            ),
        ];
        Ok(renamed(tables))
    }

    /// What deciding these messages stored; each with its contact and conversation.
    pub async fn decided(&mut self, db: &Db, messages: &[[String; 3]]) -> Result<Stored> {
        let ids: Vec<&str> = messages.iter().map(|m| m[0].as_str()).collect();
        let contacts: Vec<&str> = messages.iter().map(|m| m[1].as_str()).collect();
        let conversations: Vec<&str> = messages.iter().map(|m| m[2].as_str()).collect();
        let mut tables = Vec::new();
        for (table, column, keys) in [
            ("classification", "message_id", &ids),
            ("evaluation", "message_id", &ids),
            ("decision", "message_id", &ids),
            ("customer_case", "message_id", &ids),
            ("suppression", "contact_id", &contacts),
            ("task", "conversation_id", &conversations),
        ] {
            tables.push((table, self.rows(db, table, column, keys).await?));
        }
        Ok(renamed(tables))
    }

    async fn rows<K: AsRef<str>>(
        &mut self,
        db: &Db,
        table: &'static str,
        column: &str,
        keys: &[K],
    ) -> Result<Table> {
        let mut found = Table::default();
        for keys in keys.chunks(IDS) {
            let mut statement = Statement::new("SELECT * FROM ");
            statement.push(table).push(" WHERE ").push(column);
            statement.push(" IN ").list(keys.iter().map(AsRef::as_ref));
            for row in statement.fetch_all(&db.read).await? {
                if found.columns.is_empty() {
                    let columns = row.columns().iter();
                    found.columns = columns.map(|c| c.name().to_owned()).collect();
                }
                let values = values_of(&row)?;
                let key = match table {
                    "classification" | "message_tag" => values.iter().take(3).map(key_of).collect(),
                    _ => values.first().map(key_of).unwrap_or_default(),
                };
                if self.seen.insert((table, key)) {
                    found.rows.push(values);
                }
            }
        }
        Ok(found)
    }
}

impl Table {
    fn texts(&self, column: &str) -> Vec<String> {
        let Some(at) = self.columns.iter().position(|c| c == column) else {
            return Vec::new();
        };
        let texts = self.rows.iter().filter_map(|row| text_of(&row[at]));
        let distinct: BTreeSet<&str> = texts.collect();
        distinct.into_iter().map(str::to_owned).collect()
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => text.as_deref(),
        _ => None,
    }
}

fn key_of(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{} ", text.as_deref().unwrap_or_default()),
        Value::Int(number) => format!("{} ", number.unwrap_or_default()),
        Value::Float(_) | Value::Flag(_) => String::new(),
    }
}

fn values_of(row: &AnyRow) -> Result<Vec<Value>> {
    (0..row.columns().len())
        .map(|index| {
            let raw = row.try_get_raw(index)?;
            let kind = match (raw.type_info().kind(), raw.is_null()) {
                // Of a value that is not there SQLite knows no type; the column's will do.
                (AnyTypeInfoKind::Null, _) | (_, true) => row.column(index).type_info().kind(),
                (kind, _) => kind,
            };
            Ok(match kind {
                AnyTypeInfoKind::Bool => Value::Flag(row.try_get(index)?),
                AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                    Value::Int(row.try_get(index)?)
                }
                AnyTypeInfoKind::Real | AnyTypeInfoKind::Double => {
                    Value::Float(row.try_get(index)?)
                }
                _ => Value::Text(row.try_get(index)?),
            })
        })
        .collect()
}

/// The same rows under other ids, of the same length and sorted behind those that are there.
fn renamed(mut tables: Vec<(&'static str, Table)>) -> Stored {
    for (_, table) in &mut tables {
        for (at, column) in table.columns.iter().enumerate() {
            let is_id = column == "id" || (column.ends_with("_id") && column != "inbox_id");
            if !is_id {
                continue;
            }
            for row in &mut table.rows {
                if let Value::Text(Some(text)) = &mut row[at]
                    && text.is_char_boundary(1)
                {
                    text.replace_range(..1, "f");
                }
            }
        }
    }
    tables.retain(|(_, table)| !table.rows.is_empty());
    Stored(tables)
}

/// Stores rows, and does nothing else.
pub async fn stored_insert_in_tx(tx: &mut Tx<'_>, stored: Stored) -> Result<()> {
    for (name, table) in stored.0 {
        let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        rows_insert_in_tx(tx, name, &columns, table.rows, "").await?;
    }
    Ok(())
}

impl Db {
    /// Whether anything was ever received here.
    pub async fn is_empty(&self) -> Result<bool> {
        let any = sqlx::query("SELECT 1 FROM inbox LIMIT 1")
            .fetch_optional(&self.read)
            .await?;
        Ok(any.is_none())
    }

    /// Lets the database count its rows, as it does by itself from time to time.
    pub async fn analyze(&self) -> Result<()> {
        sqlx::query("ANALYZE").execute(&self.write).await?;
        Ok(())
    }
}

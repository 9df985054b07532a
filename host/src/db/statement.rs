//! Statements whose text depends on what is asked: filters, lists of ids, rows to insert. Values are
//! always bound, as `$1`, `$2`, …; what is pushed as text is ours.

use super::Result;
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow};
use sqlx::{Any, AssertSqlSafe, Executor, Row};

/// A value to bind.
#[derive(Debug, Clone)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Float(f64),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(Some(value.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(Some(value.clone()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(Some(value))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Value::Text(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Value::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Flag(value)
    }
}

/// `$first, …`: `count` placeholders for a list of values.
pub fn placeholders(first: usize, count: usize) -> String {
    let list: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    list.join(", ")
}

/// Text and values, put together from left to right.
#[derive(Debug)]
pub struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    pub fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// A placeholder for one value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    /// The next value, for a placeholder that the text already has.
    pub fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self
    }

    /// Placeholders for several values, in parentheses. An empty list holds nothing.
    pub fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let marks = self.marks(values);
        self.sql.push('(');
        self.sql.push_str(&marks);
        self.sql.push(')');
        self
    }

    /// Placeholders for several values, for text that is pushed later and may name them repeatedly.
    pub fn marks<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> String {
        let first = self.values.len() + 1;
        self.values.extend(values.into_iter().map(Into::into));
        match self.values.len() + 1 - first {
            0 => "NULL".to_owned(),
            count => placeholders(first, count),
        }
    }

    /// Placeholders for rows of values: one list for each, between commas.
    pub fn rows<R>(&mut self, rows: impl IntoIterator<Item = R>) -> &mut Self
    where
        R: IntoIterator<Item: Into<Value>>,
    {
        for (position, row) in rows.into_iter().enumerate() {
            self.push(if position == 0 { "" } else { ", " }).list(row);
        }
        self
    }

    fn query(self) -> sqlx::query::Query<'static, Any, AnyArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.sql));
        for value in self.values {
            query = match value {
                Value::Text(value) => query.bind(value),
                Value::Int(value) => query.bind(value),
                Value::Float(value) => query.bind(value),
                Value::Flag(value) => query.bind(value),
            };
        }
        query
    }

    pub async fn fetch_all<'e>(
        self,
        executor: impl Executor<'e, Database = Any>,
    ) -> Result<Vec<AnyRow>> {
        Ok(self.query().fetch_all(executor).await?)
    }

    /// How many rows it touched.
    pub async fn execute<'e>(self, executor: impl Executor<'e, Database = Any>) -> Result<u64> {
        let done: AnyQueryResult = self.query().execute(executor).await?;
        Ok(done.rows_affected())
    }
}

/// The values of one integer column.
pub fn integers(rows: &[AnyRow], column: &str) -> Result<Vec<i64>> {
    rows.iter().map(|row| Ok(row.try_get(column)?)).collect()
}

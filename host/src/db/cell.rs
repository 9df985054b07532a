//! Rows of any table as plain values, the same from both databases: to copy, to compare and to
//! digest. A flag is the number 0 or 1.

use super::schema::{Kind, Table};
use super::{Dialect, Result};
use futures_util::{Stream, TryStreamExt};
use sha2::{Digest, Sha256};
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfoKind};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row, ValueRef};

/// One value.
#[derive(Debug, Clone)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl PartialEq for Cell {
    /// Two reals are the same when their bits are.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Cell::Null, Cell::Null) => true,
            (Cell::Int(a), Cell::Int(b)) => a == b,
            (Cell::Real(a), Cell::Real(b)) => a.to_bits() == b.to_bits(),
            (Cell::Text(a), Cell::Text(b)) => a == b,
            (Cell::Blob(a), Cell::Blob(b)) => a == b,
            _ => false,
        }
    }
}

impl Cell {
    pub fn read(row: &AnyRow, index: usize) -> Result<Cell> {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        let kind = raw.type_info().kind();
        Ok(match kind {
            AnyTypeInfoKind::Null => Cell::Null,
            AnyTypeInfoKind::Bool => Cell::Int(i64::from(row.try_get::<bool, _>(index)?)),
            AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                Cell::Int(row.try_get(index)?)
            }
            AnyTypeInfoKind::Real | AnyTypeInfoKind::Double => Cell::Real(row.try_get(index)?),
            AnyTypeInfoKind::Text => Cell::Text(row.try_get(index)?),
            AnyTypeInfoKind::Blob => Cell::Blob(row.try_get(index)?),
        })
    }

    /// Adds the value to a digest: its kind, its length and its bytes, so that no two different rows
    /// give the same bytes.
    fn digest(&self, hasher: &mut Sha256) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Cell::Null => (0, &[]),
            Cell::Int(n) => (1, &n.to_be_bytes()),
            Cell::Real(n) => (2, &n.to_bits().to_be_bytes()),
            Cell::Text(text) => (3, text.as_bytes()),
            Cell::Blob(bytes) => (4, bytes),
        };
        hasher.update([tag]);
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    }

    /// About how much memory it takes, in bytes.
    pub fn size_bytes(&self) -> usize {
        match self {
            Cell::Text(text) => text.len(),
            Cell::Blob(bytes) => bytes.len(),
            _ => 8,
        }
    }

    /// Binds it as a column of this kind takes it.
    pub fn bind(
        self,
        query: Query<'_, Any, AnyArguments>,
        kind: Kind,
    ) -> Query<'_, Any, AnyArguments> {
        match (self, kind) {
            (Cell::Int(n), Kind::Flag) => query.bind(n != 0),
            (Cell::Int(n), _) => query.bind(n),
            (Cell::Real(n), _) => query.bind(n),
            (Cell::Text(text), _) => query.bind(text),
            (Cell::Blob(bytes), _) => query.bind(bytes),
            (Cell::Null, Kind::Int) => query.bind(None::<i64>),
            (Cell::Null, Kind::Real) => query.bind(None::<f64>),
            (Cell::Null, Kind::Text) => query.bind(None::<String>),
            (Cell::Null, Kind::Blob) => query.bind(None::<Vec<u8>>),
            (Cell::Null, Kind::Flag) => query.bind(None::<bool>),
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cell::Null => f.write_str("null"),
            Cell::Int(n) => write!(f, "{n}"),
            Cell::Real(n) => write!(f, "{n}"),
            Cell::Text(text) => f.write_str(text),
            Cell::Blob(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

/// Every row of a table, in the order of its key: the same order from both databases.
pub fn cell_rows<'c>(
    connection: &'c mut AnyConnection,
    dialect: Dialect,
    table: &Table,
) -> impl Stream<Item = Result<Vec<Cell>>> + Unpin + Send + 'c {
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let order: Vec<String> = table
        .key()
        .iter()
        .map(|i| {
            let column = &table.columns[*i];
            let plain = dialect == Dialect::Sqlite || column.kind != Kind::Text;
            format!(
                "{}{}",
                quoted(&column.name),
                if plain { "" } else { " COLLATE \"C\"" }
            )
        })
        .collect();
    let sql = format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        quoted(&table.name),
        order.join(", ")
    );
    let width = columns.len();
    sqlx::query(AssertSqlSafe(sql))
        .fetch(connection)
        .map_err(Into::into)
        .and_then(move |row| std::future::ready((0..width).map(|i| Cell::read(&row, i)).collect()))
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A digest over rows in order.
#[derive(Default)]
pub struct RowDigest(Sha256);

impl RowDigest {
    pub fn add(&mut self, row: &[Cell]) {
        self.0.update((row.len() as u64).to_be_bytes());
        for cell in row {
            cell.digest(&mut self.0);
        }
    }

    /// Lower-case hexadecimal.
    pub fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

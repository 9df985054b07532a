//! Every table there is, by the database's own word: filled, and read out as text.

use sqlx::any::{AnyRow, install_default_drivers};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AnyConnection, AssertSqlSafe, Column, Connection, Row};
use std::collections::BTreeMap;
use std::path::Path;

/// What is not data.
const NOT_DATA: &[&str] = &["_sqlx_migrations", "backup_manifest"];

pub async fn open(file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(file);
    SqlitePool::connect_with(options).await.unwrap()
}

pub async fn tables(store: &SqlitePool) -> Vec<String> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )
    .fetch_all(store)
    .await
    .unwrap();
    names
        .into_iter()
        .filter(|name| !NOT_DATA.contains(&name.as_str()))
        .collect()
}

/// Columns of every table: table, column, declared type.
pub async fn columns(store: &SqlitePool) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for table in tables(store).await {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(store)
                .await
                .unwrap();
        for (column, kind) in columns {
            found.push((table.clone(), column, kind));
        }
    }
    found
}

/// Puts one row into every table that has none: in each column a value that names it, and in a
/// column that refers to another table that one's value.
pub async fn fill(file: &Path) {
    let store = open(file).await;
    let mut connection = store.acquire().await.unwrap();
    sqlx::query("PRAGMA foreign_keys = OFF")
        .execute(&mut *connection)
        .await
        .unwrap();
    for table in tables(&store).await {
        let sql = format!("SELECT COUNT(*) FROM \"{table}\"");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if rows > 0 {
            continue;
        }
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        let parents: Vec<(String, String, String)> =
            sqlx::query_as("SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list($1)")
                .bind(&table)
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        let mut names = Vec::new();
        let mut values = Vec::new();
        for (column, kind) in columns {
            let parent = parents.iter().find(|(from, _, _)| *from == column);
            let (of, named) = parent.map_or((&table, &column), |(_, of, to)| (of, to));
            let value = match kind.as_str() {
                "INTEGER" | "BIGINT" => "1".to_owned(),
                "DOUBLE PRECISION" => "0.1".to_owned(),
                "BLOB" => "x'00ff80'".to_owned(),
                _ => format!("'{of}.{named} é😀 ''\"\\'"),
            };
            names.push(format!("\"{column}\""));
            values.push(value);
        }
        let (names, values) = (names.join(", "), values.join(", "));
        let sql = format!("INSERT INTO \"{table}\" ({names}) VALUES ({values})");
        let done = sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await;
        done.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    let broken = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    assert!(broken.is_empty());
    drop(connection);
    store.close().await;
}

/// Every row of every table as text, by table; of either database.
pub async fn dump(address: &str, tables: &[String]) -> BTreeMap<String, Vec<String>> {
    install_default_drivers();
    let mut connection = AnyConnection::connect(address).await.unwrap();
    let mut found = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT * FROM \"{table}\"");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.sort();
        found.insert(table.clone(), lines);
    }
    connection.close().await.unwrap();
    found
}

pub async fn dump_file(file: &Path) -> BTreeMap<String, Vec<String>> {
    let store = open(file).await;
    let tables = tables(&store).await;
    store.close().await;
    dump(&format!("sqlite://{}", file.display()), &tables).await
}

fn line(row: &AnyRow) -> String {
    let mut cells: Vec<String> = Vec::new();
    for column in row.columns() {
        let name = column.name();
        let text = if let Ok(value) = row.try_get::<Option<String>, _>(name) {
            format!("{value:?}")
        } else if let Ok(value) = row.try_get::<Option<bool>, _>(name) {
            format!("{:?}", value.map(i64::from))
        } else if let Ok(value) = row.try_get::<Option<i64>, _>(name) {
            format!("{value:?}")
        } else if let Ok(value) = row.try_get::<Option<f64>, _>(name) {
            format!("{value:?}")
        } else {
            let bytes: Option<Vec<u8>> = row.try_get(name).unwrap();
            format!(
                "{:?}",
                bytes.map(|b| String::from_utf8_lossy(&b).into_owned())
            )
        };
        let text = if text == "None" { "null" } else { &text };
        cells.push(format!("{name}={text}"));
    }
    cells.sort();
    cells.join(" ")
}

//! Another process that holds the database's write lock, as a backup tool might: this one.

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::path::Path;

/// The lock, until released.
pub struct Holder(SqliteConnection);

/// Takes the write lock of a database file.
pub async fn hold(file: &Path) -> Holder {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(std::time::Duration::from_secs(30));
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .expect("the file opens");
    sqlx::query("BEGIN EXCLUSIVE")
        .execute(&mut connection)
        .await
        .expect("the lock");
    Holder(connection)
}

impl Holder {
    pub async fn release(mut self) {
        sqlx::query("ROLLBACK")
            .execute(&mut self.0)
            .await
            .expect("the lock is given up");
        self.0.close().await.expect("closed");
    }
}

/// Changes a database file that no host has open.
pub async fn change(file: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .expect("the file opens");
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .expect("changed");
    connection.close().await.expect("closed");
}

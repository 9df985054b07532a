//! What is in a host's store, for tests that look behind the API: in the file in its data directory,
//! or in the PostgreSQL database that the run has for it.

use super::postgres;
use rapport_host::db::Source;
use std::path::Path;

/// Connections to a store.
pub type Store = sqlx::AnyPool;

/// Where the store of the tests in `dir` is: in this file of it, unless the run is about PostgreSQL.
pub fn source(dir: &Path, file: &str) -> Source {
    match postgres::wanted() {
        true => Source::Postgres(postgres::url_for(dir)),
        false => Source::File(dir.join(file)),
    }
}

/// Opens the store of the hosts in `dir`.
pub async fn open(dir: &Path) -> Store {
    open_source(&source(dir, "data/rapport.db")).await
}

/// Opens a store that is there.
pub async fn open_source(source: &Source) -> Store {
    sqlx::any::install_default_drivers();
    let address = match source {
        Source::File(path) => format!("sqlite://{}?mode=rw", path.display()),
        Source::Postgres(address) => address.clone(),
    };
    Store::connect(&address).await.expect("the store opens")
}

/// A single number.
pub async fn count(store: &Store, sql: &'static str) -> i64 {
    let found = sqlx::query_scalar(sql).fetch_one(store).await;
    found.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

//! Opening the store: a file, or a PostgreSQL server by its address. Brings the tables up to date.
//!
//! Migrations only add, and a host ignores those that it does not know: so the old and the new version
//! can work side by side for the length of a deployment.

use super::{Db, Dialect, Result, private};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, AssertSqlSafe, Connection, Executor};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// An SQLite file, made if it is not there.
    File(PathBuf),
    /// `postgres://user:password@host:port/database?sslmode=…`
    Postgres(String),
}

impl std::fmt::Debug for Source {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_string())
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Postgres(address) => match url::Url::parse(address) {
                Ok(url) => write!(
                    f,
                    "postgres://{}{}",
                    url.host_str().unwrap_or("localhost"),
                    url.path()
                ),
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

const SQLITE_TABLES: Migrator = sqlx::migrate!("migrations/sqlite");
const POSTGRES_TABLES: Migrator = sqlx::migrate!("migrations/postgres");

/// The migrations that this version knows.
pub(super) fn known_migrations(dialect: Dialect) -> Vec<i64> {
    let tables = match dialect {
        Dialect::Sqlite => SQLITE_TABLES,
        Dialect::Postgres => POSTGRES_TABLES,
    };
    tables.iter().map(|migration| migration.version).collect()
}

/// Connections that read an SQLite file.
const READERS: u32 = 4;
/// Memory for pages of an SQLite file, of the connection that writes and of each that reads. What does
/// not fit is likely to be in the system's own cache.
const WRITER_CACHE_KIB: u32 = 64 * 1024;
const READER_CACHE_KIB: u32 = 16 * 1024;
/// Connections of one host to PostgreSQL.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// For every connection to SQLite: a commit that was acknowledged survives a power cut, and what was
/// deleted at its source is not to be read from freed pages.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON";
/// Every commit waits for the disk, unless a transaction says otherwise for itself.
const DURABLE: &str = "PRAGMA synchronous = FULL";
/// For every connection to PostgreSQL: nobody waits for ever.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s'";

/// For a connection to PostgreSQL that only looks.
const READ_ONLY: &str = "SET default_transaction_read_only = on; SET statement_timeout = '10s'";

impl Db {
    /// Opens the store and brings its tables up to date.
    pub async fn open(source: &Source) -> Result<Self> {
        sqlx::any::install_default_drivers();
        match source {
            Source::File(path) => open_file(path).await,
            Source::Postgres(address) => open_postgres(address).await,
        }
    }
}

impl Db {
    /// Opens the store only to look at it: nothing is made, brought up to date or written. None when
    /// there is no file.
    pub async fn look(source: &Source) -> Result<Option<Self>> {
        sqlx::any::install_default_drivers();
        let (dialect, pool) = match source {
            Source::File(path) if !path.exists() => return Ok(None),
            Source::File(path) => {
                let pool = sqlite_pool(1, READER_CACHE_KIB);
                let pool = pool.connect(&sqlite_address(path, "ro")?).await?;
                (Dialect::Sqlite, pool)
            }
            Source::Postgres(address) => {
                let pool = AnyPoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .after_connect(|connection, _| {
                        Box::pin(async move {
                            connection.execute(READ_ONLY).await?;
                            Ok(())
                        })
                    });
                (Dialect::Postgres, pool.connect(address).await?)
            }
        };
        Ok(Some(Db {
            read: pool.clone(),
            write: pool,
            dialect,
            source: source.clone(),
            key: Default::default(),
        }))
    }
}

async fn open_file(path: &Path) -> Result<Db> {
    // What SQLite puts beside the store gets the store's own rights.
    match private::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let mut file = path.as_os_str().to_owned();
                file.push(ending);
                private::tighten(Path::new(&file));
            }
        }
        made => drop(made.map_err(sqlx::Error::Io)?),
    }
    let address = sqlite_address(path, "rwc")?;
    // A full disk ends a transaction in SQLite, and the driver does not notice: such a connection would
    // refuse for ever.
    let write = sqlite_pool(1, WRITER_CACHE_KIB).before_acquire(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                return Ok(false);
            }
            connection.execute(DURABLE).await?;
            Ok(true)
        })
    });
    let write = write.connect(&address).await?;
    // A property of the file: set once, by the connection that may write.
    sqlx::query("PRAGMA journal_mode = WAL")
        .execute(&write)
        .await?;
    let turn = MigrationTurn::wait(path).await?;
    migrate(SQLITE_TABLES, &write).await?;
    turn.end();
    Ok(Db {
        read: sqlite_pool(READERS, READER_CACHE_KIB)
            .connect(&sqlite_address(path, "ro")?)
            .await?,
        write,
        dialect: Dialect::Sqlite,
        source: Source::File(path.to_owned()),
        key: Default::default(),
    })
}

/// The turn to bring a file's tables up to date. PostgreSQL sees to that by itself; in SQLite two
/// processes that open a new file at the same moment would both make its tables.
struct MigrationTurn {
    /// Not the store's own: closing that would give up the locks that SQLite has on it.
    path: PathBuf,
    lock: std::fs::File,
}

impl MigrationTurn {
    async fn wait(store: &Path) -> Result<Self> {
        let mut path = store.as_os_str().to_owned();
        path.push("-migrate");
        let path = PathBuf::from(path);
        let turn = tokio::task::spawn_blocking(move || {
            let mut options = std::fs::OpenOptions::new();
            let lock = options.create(true).append(true).open(&path)?;
            lock.lock()?;
            Ok(Self { path, lock })
        });
        let turn = turn.await.unwrap_or_else(|e| Err(std::io::Error::other(e)));
        Ok(turn.map_err(sqlx::Error::Io)?)
    }

    /// Whoever still waits for the file that goes away here finds the tables made.
    fn end(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "not removed");
        }
        drop(self.lock);
    }
}

/// The address of a file, as sqlx takes it. `mode` is one of SQLite's: ro, rw, rwc.
pub(super) fn sqlite_address(path: &Path, mode: &str) -> Result<String> {
    let mut url =
        url::Url::from_str("sqlite://").map_err(|e| sqlx::Error::Configuration(e.into()))?;
    url.set_path(&path.to_string_lossy());
    // A relative path has no slash in front.
    let path = if path.is_absolute() {
        url.path().to_owned()
    } else {
        url.path().trim_start_matches('/').to_owned()
    };
    Ok(format!("sqlite://{path}?mode={mode}"))
}

fn sqlite_pool(connections: u32, cache_kib: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT * 2)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                let cache = format!("PRAGMA cache_size = -{cache_kib}");
                connection.execute(SQLITE_SETTINGS).await?;
                connection.execute(DURABLE).await?;
                connection.execute(AssertSqlSafe(cache)).await?;
                Ok(())
            })
        })
}

async fn open_postgres(address: &str) -> Result<Db> {
    let options = AnyConnectOptions::from_str(address)?;
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(POSTGRES_SETTINGS).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    migrate(POSTGRES_TABLES, &pool).await?;
    Ok(Db {
        read: pool.clone(),
        write: pool,
        dialect: Dialect::Postgres,
        source: Source::Postgres(address.to_owned()),
        key: Default::default(),
    })
}

async fn migrate(mut tables: Migrator, pool: &AnyPool) -> Result<()> {
    // A newer host may have added tables already.
    tables.set_ignore_missing(true);
    Ok(tables.run(pool).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_new_file_may_be_opened_by_many_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let source = Source::File(dir.path().join("x.db"));
        let open = |_| {
            let source = source.clone();
            tokio::spawn(async move { Db::open(&source).await })
        };
        let all: Vec<_> = (0..8).map(open).collect();
        for opened in all {
            let db = opened.await.unwrap().unwrap();
            assert!(db.is_empty().await.unwrap());
            db.close().await;
        }
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
        let left: Vec<_> = left.iter().map(std::fs::DirEntry::file_name).collect();
        assert!(!left.contains(&"x.db-migrate".into()), "{left:?}");
    }
}

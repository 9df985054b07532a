//! Word from host to host: LISTEN and NOTIFY of PostgreSQL. With SQLite there is one host and nothing
//! to pass on. A word that is lost costs little: whoever waits for it also looks from time to time.

use super::{Db, Dialect, Result, Source};
use sqlx::postgres::PgListener;

/// The channel that hosts of one database talk on.
const CHANNEL: &str = "rapport";

/// Hears what other hosts and this one say.
pub struct Listener(PgListener);

impl Listener {
    /// The next word. None after the connection was lost and made again: some may have been missed.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let word = self.0.try_recv().await?;
        Ok(word.map(|word| word.payload().to_owned()))
    }
}

impl Db {
    /// Says something to all hosts, this one included. At most 8000 bytes.
    pub async fn notify(&self, word: &str) -> Result<()> {
        if self.dialect == Dialect::Postgres {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(word)
                .execute(&self.write)
                .await?;
        }
        Ok(())
    }

    /// A connection that hears; none with SQLite.
    pub async fn listen(&self) -> Result<Option<Listener>> {
        let Source::Postgres(address) = &self.source else {
            return Ok(None);
        };
        let mut listener = PgListener::connect(address).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Listener(listener)))
    }
}

//! Whether what was changed is in force: every host says how far it follows the store, and whoever
//! changes something waits for all that are there, for a while.

use crate::db::{Db, DbError};
use crate::domain::{Id, now_ms};
use std::time::{Duration, Instant};

/// How long a change is waited for: preparing a plugin anew takes some seconds.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// The revision of what hosts follow, to compare with after a change.
pub async fn stored_revision(db: &Db) -> Result<i64, DbError> {
    db.plugin_revision().await
}

/// Waits until every host follows what was changed since a revision; the hosts that still do not when
/// patience ends. None at all where nothing was changed or no host is running.
pub async fn hosts_pending(db: &Db, before: i64) -> Result<Vec<Id>, DbError> {
    let revision = db.plugin_revision().await?;
    if revision == before {
        return Ok(Vec::new());
    }
    let began = Instant::now();
    loop {
        let behind = db.hosts_behind(revision, now_ms()).await?;
        if behind.is_empty() || began.elapsed() > PATIENCE {
            return Ok(behind);
        }
        tokio::time::sleep(LOOK).await;
    }
}

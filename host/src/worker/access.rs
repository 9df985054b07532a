//! Notices that somebody's access was changed, whoever did it and on whichever host: each such change is on
//! record in the transaction that makes it, so the audit is what is looked at. Open streams then ask again
//! what their callers may see. Deliberately absent: what the change was.

use super::rest;
use crate::db::DbError;
use crate::pipeline::Pipeline;
use crate::pipeline::changes::ACCESS;
use crate::pipeline::wake::Wake;
use crate::telemetry::heart::Heart;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How soon a change that nobody told of is noticed: one made on the command line.
const EVERY: Duration = Duration::from_millis(250);

pub(super) async fn run(pipeline: Arc<Pipeline>, wake: Arc<Wake>, stop: CancellationToken) {
    let heart = Heart::start("access");
    let mut seen = None;
    while rest(&stop, &wake.access, EVERY).await {
        heart.beat();
        // Those who ask the store for something see it too, and say so.
        if let Err(error) = look(&pipeline, &mut seen).await {
            tracing::debug!(%error, "the audit was not looked at");
        }
    }
}

/// `seen` is the last event that was looked at; who listens from before the first look asks by itself.
async fn look(pipeline: &Pipeline, seen: &mut Option<i64>) -> Result<(), DbError> {
    let db = &pipeline.db;
    let since = match *seen {
        Some(since) => since,
        None => *seen.insert(db.audit_end().await?.last),
    };
    let (last, changed) = db.audit_access_since(since).await?;
    *seen = Some(last);
    if changed {
        pipeline.changes.tell(ACCESS, "");
    }
    Ok(())
}

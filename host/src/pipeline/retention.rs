//! Deletes what the rules do not keep: kind by kind, in small batches with a pause between, so that
//! nothing else waits; on record, and in the audit chain with counts.
//!
//! A run that is cut off leaves a record without an end; the next run goes on from what is there.

use crate::db::{Db, DbError, Result};
use crate::domain::retention::{DataKind, Retention, RetentionRun};
use crate::domain::{TimestampMs, new_id, now_ms};
use std::collections::BTreeMap;
use std::time::Duration;

/// Name of its schedule.
pub const SCHEDULE: &str = "retention";
/// Rows of one transaction.
const BATCH: usize = 200;
/// For the others, between two transactions.
const PAUSE: Duration = Duration::from_millis(10);

/// Deletes; `actor` is who asked for it, or `schedule`.
pub async fn run(db: &Db, rules: &Retention, actor: &str) -> Result<RetentionRun> {
    let now = now_ms();
    let mut run = RetentionRun {
        id: Some(new_id()),
        started: now,
        finished: None,
        actor: actor.to_owned(),
        counts: BTreeMap::new(),
        error: None,
    };
    db.retention_begin(&run).await?;
    let outcome = delete(db, rules, now, &mut run.counts).await;
    run.finished = Some(now_ms());
    // What the client and the record see: the details are in the log.
    run.error = outcome
        .as_ref()
        .err()
        .map(|_| "the store failed".to_owned());
    db.retention_end(&run).await?;
    outcome.map(|()| run)
}

async fn delete(
    db: &Db,
    rules: &Retention,
    now: TimestampMs,
    counts: &mut BTreeMap<DataKind, u64>,
) -> std::result::Result<(), DbError> {
    for kind in DataKind::ALL {
        let Some(cutoff) = rules.cutoff(*kind, now) else {
            continue;
        };
        let mut after = None;
        while let Some(batch) = db
            .retention_batch(*kind, cutoff, after.as_ref(), BATCH)
            .await?
        {
            if batch.rows > 0 {
                *counts.entry(*kind).or_default() += batch.rows;
            }
            after = Some(batch.last);
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Counts what a run would delete now. What is deleted along with something else is not counted.
pub async fn dry_run(db: &Db, rules: &Retention, actor: &str) -> Result<RetentionRun> {
    let now = now_ms();
    let mut counts = BTreeMap::new();
    for kind in DataKind::ALL {
        if let Some(cutoff) = rules.cutoff(*kind, now) {
            let rows = db.retention_count(*kind, cutoff).await?;
            if rows > 0 {
                counts.insert(*kind, rows);
            }
        }
    }
    Ok(RetentionRun {
        id: None,
        started: now,
        finished: Some(now_ms()),
        actor: actor.to_owned(),
        counts,
        error: None,
    })
}

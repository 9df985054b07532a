//! Work at set times, once among all hosts: looks for what is due, claims it, does it, and says when
//! it is due next. A new kind of work is a new [`Job`].

use super::{PAUSE, rest};
use crate::db::{Db, DbError};
use crate::domain::{TimestampMs, now_ms};
use crate::pipeline::Pipeline;
use crate::pipeline::heads::{self, HeadError};
use crate::pipeline::retention;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often a host looks whether something is due.
const LOOK: Duration = Duration::from_secs(30);
/// How long a claim lasts unless it is prolonged.
const LEASE: Duration = Duration::from_secs(120);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Retention runs at three at night, UTC.
const RETENTION_AT_MS: i64 = 3 * 60 * 60 * 1000;

/// Scheduled work.
#[derive(Debug, Clone, Copy)]
enum Job {
    Retention,
    AuditHead,
}

const JOBS: &[Job] = &[Job::Retention, Job::AuditHead];

impl Job {
    fn name(self) -> &'static str {
        match self {
            Job::Retention => retention::SCHEDULE,
            Job::AuditHead => heads::SCHEDULE,
        }
    }

    /// The first time after `now`. Heads go out so many minutes apart.
    fn next(self, now: TimestampMs, head_minutes: u32) -> TimestampMs {
        match self {
            Job::AuditHead => now + i64::from(head_minutes) * 60_000,
            Job::Retention => {
                let today = now.div_euclid(DAY_MS) * DAY_MS + RETENTION_AT_MS;
                if today > now { today } else { today + DAY_MS }
            }
        }
    }

    async fn run(self, pipeline: &Pipeline) -> Result<(), DbError> {
        match self {
            Job::Retention => {
                let run =
                    retention::run(&pipeline.db, &pipeline.housekeeping.retention, "schedule")
                        .await?;
                tracing::info!(counts = ?run.counts, "retention ran");
                Ok(())
            }
            Job::AuditHead => {
                let file = pipeline.housekeeping.audit_heads.file.as_deref();
                match heads::publish(&pipeline.db, file).await {
                    Ok(_) => Ok(()),
                    Err(HeadError::Db(error)) => Err(error),
                    Err(error @ HeadError::File { .. }) => {
                        tracing::error!(%error, "the audit's head did not get into its file");
                        Ok(())
                    }
                }
            }
        }
    }
}

pub(super) async fn run(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    let nobody = Notify::new();
    loop {
        for job in JOBS {
            let work = step(&pipeline, *job);
            // Batches are transactions of their own: what is cut off is taken up again by the next run.
            let done = tokio::select! {
                done = work => done,
                () = stop.cancelled() => return,
            };
            if let Err(error) = done {
                tracing::error!(job = job.name(), %error, "scheduled work failed");
                if !rest(&stop, &nobody, PAUSE).await {
                    return;
                }
            }
        }
        if !rest(&stop, &nobody, LOOK).await {
            return;
        }
    }
}

/// Does one piece of work if it is due and free. True: it was done here.
async fn step(pipeline: &Pipeline, job: Job) -> Result<bool, DbError> {
    let (db, name, holder) = (&pipeline.db, job.name(), pipeline.host.as_str());
    let minutes = pipeline.housekeeping.audit_heads.every_minutes;
    db.schedule_ensure(name, job.next(now_ms(), minutes))
        .await?;
    let now = now_ms();
    if !db.schedule_claim(name, holder, now, lease_end(now)).await? {
        return Ok(false);
    }
    let outcome = tokio::select! {
        outcome = job.run(pipeline) => outcome,
        lost = hold(db, name, holder) => match lost {
            // Another host has it now, and records how it goes.
            Ok(()) => return Ok(false),
            Err(error) => Err(error),
        },
    };
    let now = now_ms();
    let error = outcome.as_ref().err().map(ToString::to_string);
    db.schedule_finish(name, holder, now, job.next(now, minutes), error.as_deref())
        .await?;
    outcome.map(|()| true)
}

/// Prolongs the lease for as long as it is polled; returns when it is lost.
async fn hold(db: &Db, name: &str, holder: &str) -> Result<(), DbError> {
    loop {
        tokio::time::sleep(LEASE / 4).await;
        let until = lease_end(now_ms());
        if !db.schedule_extend(name, holder, until).await? {
            return Ok(());
        }
    }
}

fn lease_end(now: TimestampMs) -> TimestampMs {
    now + LEASE.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_ahead() {
        let night = RETENTION_AT_MS;
        let next = |now| Job::Retention.next(now, 60);
        assert_eq!(next(0), night);
        assert_eq!(next(night), night + DAY_MS);
        assert_eq!(next(night + 1), night + DAY_MS);
        assert_eq!(next(DAY_MS - 1), night + DAY_MS);
        assert_eq!(Job::AuditHead.next(7, 60), 3_600_007);
    }
}

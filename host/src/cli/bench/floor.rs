//! The floor: the rows that the pipeline stored, stored once more in the same commits through the same
//! connection, with nothing else done. What must be read and renamed for that is not measured.

use super::saturate::Commit;
use crate::db::measure::{Finder, Stored, stored_insert_in_tx};
use crate::db::{Db, commit};
use anyhow::Result;
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Floor {
    finder: Finder,
    pub elapsed: Duration,
    pub rows: usize,
    pub commits: usize,
}

impl Floor {
    pub async fn replay(&mut self, db: &Db, commits: Vec<Commit>) -> Result<()> {
        let mut all: Vec<Stored> = Vec::with_capacity(commits.len());
        for commit in &commits {
            let stored = match commit {
                Commit::Received(activities) => self.finder.received(db, activities).await?,
                Commit::Identified(ids) => self.finder.identified(db, ids).await?,
                Commit::Decided(messages) => self.finder.decided(db, messages).await?,
            };
            self.rows += stored.row_count();
            all.push(stored);
        }
        self.commits += all.len();
        let start = Instant::now();
        for stored in all {
            let mut tx = db.begin().await?;
            stored_insert_in_tx(&mut tx, stored).await?;
            commit(tx).await?;
        }
        self.elapsed += start.elapsed();
        Ok(())
    }
}

//! How inboxes stand: what their channels' calls came to, and when messages came in.
//!
//! Of several hosts the one that says something last is right. Deliberately absent: what follows from it
//! (`domain::inbox`).

use super::{Db, Result};
use crate::domain::TimestampMs;
use crate::domain::inbox::InboxState;

/// Arrivals within less than this are one, in milliseconds.
const ARRIVAL_MS: i64 = 3600 * 1000;

/// What a call of a channel came to: worked, or what is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Not-ready, failing or partly-failing, and why.
    pub trouble: Option<(InboxState, &'a str)>,
}

impl<'a> Standing<'a> {
    pub fn failing(why: &'a str) -> Self {
        Self {
            trouble: Some((InboxState::Failing, why)),
        }
    }

    fn word(&self) -> Option<&'static str> {
        self.trouble.map(|(state, _)| state.as_str())
    }

    fn why(&self) -> Option<&'a str> {
        self.trouble.map(|(_, why)| why)
    }

    /// Whether the channel itself worked.
    fn works(&self) -> bool {
        !matches!(
            self.trouble,
            Some((InboxState::NotReady | InboxState::Failing, _))
        )
    }
}

/// `$1` is the inbox, `$2` the time, `$3` and `$4` what is wrong and why, `$5` whether the channel worked.
macro_rules! stands {
    () => {
        "last_error = CAST($4 AS TEXT), trouble = CAST($3 AS TEXT),
         trouble_since = CASE WHEN CAST($3 AS TEXT) IS NULL THEN NULL
             WHEN trouble = CAST($3 AS TEXT) THEN COALESCE(trouble_since, $2) ELSE $2 END,
         trouble_count = CASE WHEN CAST($3 AS TEXT) IS NULL THEN 0
             WHEN trouble = CAST($3 AS TEXT) THEN trouble_count + 1 ELSE 1 END,
         last_success = CASE WHEN $5 = 1 THEN $2 ELSE last_success END"
    };
}

impl Db {
    /// Records how a poll went and when the next is due, and ends the turn.
    pub async fn inbox_polled(
        &self,
        id: &str,
        host: &str,
        at: TimestampMs,
        next: TimestampMs,
        standing: Standing<'_>,
    ) -> Result<()> {
        sqlx::query(concat!(
            "UPDATE inbox SET last_polled = $2, next_poll = $6, poll_until = 0, ",
            stands!(),
            " WHERE id = $1 AND poll_owner = $7"
        ))
        .bind(id)
        .bind(at)
        .bind(standing.word())
        .bind(standing.why())
        .bind(i64::from(standing.works()))
        .bind(next)
        .bind(host)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Records how an inbox stands, apart from polls.
    pub async fn inbox_stands(
        &self,
        id: &str,
        at: TimestampMs,
        standing: Standing<'_>,
    ) -> Result<()> {
        sqlx::query(concat!("UPDATE inbox SET ", stands!(), " WHERE id = $1"))
            .bind(id)
            .bind(at)
            .bind(standing.word())
            .bind(standing.why())
            .bind(i64::from(standing.works()))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// An inbox that was not ready, or new, is ready: what was wrong with it is over.
    pub async fn inbox_ready(&self, id: &str) -> Result<()> {
        sqlx::query(
            "UPDATE inbox SET trouble = NULL, trouble_since = NULL, trouble_count = 0, last_error = NULL
             WHERE id = $1 AND trouble IN ($2, $3)",
        )
        .bind(id)
        .bind(InboxState::NotReady.as_str())
        .bind(InboxState::Preparing.as_str())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Records that messages came in.
    pub async fn inbox_heard(&self, id: &str, at: TimestampMs) -> Result<()> {
        sqlx::query(
            "UPDATE inbox SET last_message = $2,
                 usual_gap = CASE WHEN $2 - gap_from >= $3 THEN (usual_gap * 4 + $2 - gap_from) / 5
                     ELSE usual_gap END,
                 gap_from = CASE WHEN gap_from IS NULL OR $2 - gap_from >= $3 THEN $2 ELSE gap_from END
             WHERE id = $1",
        )
        .bind(id)
        .bind(at)
        .bind(ARRIVAL_MS)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "inbox_state_tests.rs"]
mod tests;

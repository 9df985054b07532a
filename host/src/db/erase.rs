//! Erasing a contact: `search` finds what names them, `known` keeps what must not come back.
//!
//! What happens to which row is in `places.rs`. Left behind are rows without a name or a text (so
//! that counts stay true), and salted hashes of the network's ids of the erased messages and events.
//! After the commit the text is in no file of the store any more: SQLite overwrites what it frees
//! and its log is emptied; PostgreSQL's old row versions are vacuumed away.
//! Deliberately absent: what others wrote about the contact stays theirs.

mod known;
mod search;

pub use known::{ErasedAccounts, erasures_after, events_erased_in_tx};

use super::access::scope::{Held, contact_held_on};
use super::audit::audit_append_in_tx;
use super::inbox::state_changed_in_tx;
use super::places::{DRAFTS, How, PLACES, Place};
use super::{Db, Dialect, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::access::InboxScope;
use known::{remember_in_tx, salt_in_tx};
use search::NamedEvent;
use sqlx::{AssertSqlSafe, Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often SQLite's log is tried to be emptied while readers hold on to it.
const CHECKPOINTS: u32 = 100;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// Rows by table.
    Done(BTreeMap<&'static str, u64>),
    NoContact,
    /// Something of them lies in inboxes beyond the scope.
    Elsewhere,
    /// An answer to them is being delivered, or an event of theirs processed, at this moment.
    Busy,
}

/// Marks an event of something erased as done, and takes the network's ids out of it.
pub async fn event_forget_in_tx(tx: &mut Tx<'_>, seq: i64, now: TimestampMs) -> Result<()> {
    sqlx::query(
        "UPDATE inbound_event SET status = 'done', done = $2, payload = '', error = NULL,
             external_id = 'erased:' || id, order_key = '' WHERE seq = $1",
    )
    .bind(seq)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Db {
    /// Erases a contact. `reason` goes into the audit event, which names nobody.
    pub async fn contact_erase(
        &self,
        id: &str,
        reason: &str,
        actor: &str,
        now: TimestampMs,
    ) -> Result<Erasure> {
        let all = InboxScope::All;
        self.contact_erase_within(id, &all, reason, actor, now)
            .await
    }

    /// The same, if all of the contact lies in the inboxes of a scope.
    pub async fn contact_erase_within(
        &self,
        id: &str,
        scope: &InboxScope,
        reason: &str,
        actor: &str,
        now: TimestampMs,
    ) -> Result<Erasure> {
        let unseen = self.contact_held(id, scope).await? == Held::Nothing;
        if unseen || self.contact_get(id).await?.is_none() {
            return Ok(Erasure::NoContact);
        }
        // The long search first, outside of the transaction; events that come later carry a new
        // message, and are found by its hash.
        let needles = self.needles(id).await?;
        let events = self.events_naming(&needles).await?;
        let states = self.states_naming(&needles).await?;
        if !events.iter().all(|event| scope.contains(&event.inbox_id)) {
            return Ok(Erasure::Elsewhere);
        }
        let mut tx = self.begin().await?;
        if contact_held_on(&mut tx, id, scope).await? != Held::All {
            return Ok(Erasure::Elsewhere);
        }
        if is_busy_in_tx(&mut tx, id, &events, now).await? {
            return Ok(Erasure::Busy);
        }
        let salt = salt_in_tx(&mut tx).await?;
        remember_in_tx(&mut tx, id, &salt, &events, now).await?;
        let mut counts = BTreeMap::new();
        for place in PLACES {
            let Place { table, rows, .. } = place;
            let sql = match &place.how {
                How::Delete | How::Purge => format!("DELETE FROM {table} WHERE {rows}"),
                How::Empty(columns) => {
                    let set: Vec<String> = columns
                        .iter()
                        .map(|(c, value)| format!("{c} = {value}"))
                        .collect();
                    format!("UPDATE {table} SET {} WHERE {rows}", set.join(", "))
                }
            };
            let done = sqlx::query(AssertSqlSafe(sql))
                .bind(id)
                .execute(&mut *tx)
                .await?;
            *counts.entry(*table).or_default() += done.rows_affected();
        }
        for event in &events {
            event_forget_in_tx(&mut tx, event.seq, now).await?;
        }
        for (inbox_id, key) in &states {
            let forget = BTreeMap::from([(key.clone(), None)]);
            state_changed_in_tx(&mut tx, inbox_id, &forget).await?;
        }
        counts.insert("inbound_event", events.len() as u64);
        counts.insert("inbox_state", states.len() as u64);
        counts.retain(|_, count| *count > 0);
        let detail = serde_json::json!({"reason": reason, "rows": counts});
        audit_append_in_tx(&mut tx, now, actor, "contact.erase", id, &detail).await?;
        super::commit(tx).await?;
        Ok(Erasure::Done(counts))
    }

    /// Makes what was erased unreadable in the store's files. False when a reader kept SQLite's log
    /// from being emptied: it is at the next checkpoint.
    pub async fn erased_sweep(&self) -> Result<bool> {
        match self.dialect {
            Dialect::Sqlite => {
                for _ in 0..CHECKPOINTS {
                    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                        .fetch_one(&self.write)
                        .await?;
                    if row.try_get::<i64, _>(0)? == 0 {
                        return Ok(true);
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(false)
            }
            Dialect::Postgres => {
                let mut tables: BTreeSet<&str> = PLACES.iter().map(|p| p.table).collect();
                tables.extend(["inbound_event", "inbox_state"]);
                let mut connection = self.write.acquire().await?.detach();
                sqlx::query("SET statement_timeout = 0")
                    .execute(&mut connection)
                    .await?;
                for table in tables {
                    sqlx::query(AssertSqlSafe(format!("VACUUM {table}")))
                        .execute(&mut connection)
                        .await?;
                }
                connection.close().await?;
                Ok(true)
            }
        }
    }
}

/// Something of theirs is in other hands at this moment.
async fn is_busy_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    events: &[NamedEvent],
    now: TimestampMs,
) -> Result<bool> {
    let sql = format!(
        "SELECT COUNT(*) FROM outbox_item WHERE status = 'sending' AND lease_until > $2 AND draft_id IN ({DRAFTS})"
    );
    let sending: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(id)
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
    if sending > 0 {
        return Ok(true);
    }
    let leased: Vec<i64> = sqlx::query_scalar(
        "SELECT seq FROM inbound_event WHERE status = 'leased' AND lease_until > $1",
    )
    .bind(now)
    .fetch_all(&mut **tx)
    .await?;
    Ok(events.iter().any(|event| leased.contains(&event.seq)))
}

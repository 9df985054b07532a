//! Writes what a connector brought, once, with its cursor and memory, in one commit. Only then is a
//! webhook answered or a cursor moved.

use crate::db::event::event_insert_in_tx;
use crate::db::inbox::{cursor_store_in_tx, state_store_in_tx};
use crate::db::{Db, DbError, commit};
use crate::domain::TimestampMs;
use crate::domain::social::Activity;
use crate::plugin::connector::StateChanges;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    pub new: usize,
    pub duplicates: usize,
}

pub async fn run(
    db: &Db,
    inbox_id: &str,
    activities: &[Activity],
    cursor: Option<&str>,
    state: &StateChanges,
    now: TimestampMs,
) -> Result<Ingested, DbError> {
    let mut tx = db.begin().await?;
    let new = event_insert_in_tx(&mut tx, inbox_id, activities, now).await?;
    state_store_in_tx(&mut tx, inbox_id, state).await?;
    if let Some(cursor) = cursor {
        cursor_store_in_tx(&mut tx, inbox_id, cursor).await?;
    }
    commit(tx).await?;
    Ok(Ingested {
        new,
        duplicates: activities.len() - new,
    })
}

//! Export and erasure of a contact, at a person's word: what is done, and what remains where.

use crate::db::access::scope::Held;
use crate::db::audit::audit_append_in_tx;
use crate::db::erase::Erasure;
use crate::db::{Db, Result, commit};
use crate::domain::access::InboxScope;
use crate::domain::retention::Housekeeping;
use crate::domain::{Id, TimestampMs, now_ms};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// All that is held about a contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactExport {
    pub contact: Id,
    pub exported: TimestampMs,
    /// Rows by table of the store, each with its columns.
    #[schema(value_type = BTreeMap<String, Vec<Object>>)]
    pub data: Map<String, Value>,
}

/// What an erasure did, and what it could not do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReport {
    pub contact: Id,
    pub erased: TimestampMs,
    /// Rows that were emptied or deleted, by table.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub rows: BTreeMap<&'static str, u64>,
    /// False when a reader kept the database's log from being emptied just now: it is soon.
    pub swept: bool,
    /// Where something may remain, and until when.
    pub remains: Vec<Remainder>,
}

/// Something that an erasure leaves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Remainder {
    pub place: &'static str,
    pub note: String,
}

/// Why there was no erasure, or no export.
#[derive(Debug)]
pub enum NotErased {
    NoContact,
    /// There is more of them in inboxes beyond the scope.
    Elsewhere,
    Busy,
    Db(crate::db::DbError),
}

impl From<crate::db::DbError> for NotErased {
    fn from(error: crate::db::DbError) -> Self {
        NotErased::Db(error)
    }
}

/// Reads all that there is; that it was read goes on record.
pub async fn export(db: &Db, id: &str, actor: &str) -> Result<Option<ContactExport>> {
    match export_within(db, id, &InboxScope::All, actor).await {
        Ok(export) => Ok(Some(export)),
        Err(NotErased::Db(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The same, if all of the contact lies in the inboxes of a scope.
pub async fn export_within(
    db: &Db,
    id: &str,
    scope: &InboxScope,
    actor: &str,
) -> std::result::Result<ContactExport, NotErased> {
    if db.contact_held(id, scope).await? == Held::Nothing {
        return Err(NotErased::NoContact);
    }
    let data = db.contact_export(id).await?;
    let data = data.ok_or(NotErased::NoContact)?;
    // Behind the reading: what was read was there by now.
    if db.contact_held(id, scope).await? != Held::All {
        return Err(NotErased::Elsewhere);
    }
    let now = now_ms();
    let mut tx = db.begin().await?;
    let detail = serde_json::json!({});
    audit_append_in_tx(&mut tx, now, actor, "contact.export", id, &detail).await?;
    commit(tx).await?;
    Ok(ContactExport {
        contact: id.to_owned(),
        exported: now,
        data,
    })
}

/// Erases, and then makes the old text unreadable in the store's files.
pub async fn erase(
    db: &Db,
    housekeeping: &Housekeeping,
    id: &str,
    reason: &str,
    actor: &str,
) -> std::result::Result<ErasureReport, NotErased> {
    erase_within(db, housekeeping, id, &InboxScope::All, reason, actor).await
}

/// The same, if all of the contact lies in the inboxes of a scope.
pub async fn erase_within(
    db: &Db,
    housekeeping: &Housekeeping,
    id: &str,
    scope: &InboxScope,
    reason: &str,
    actor: &str,
) -> std::result::Result<ErasureReport, NotErased> {
    let now = now_ms();
    let erased = db.contact_erase_within(id, scope, reason, actor, now);
    let rows = match erased.await? {
        Erasure::Done(rows) => rows,
        Erasure::Elsewhere => return Err(NotErased::Elsewhere),
        Erasure::NoContact => return Err(NotErased::NoContact),
        Erasure::Busy => return Err(NotErased::Busy),
    };
    // It is erased: what is left to do is no reason to say otherwise.
    let swept = db.erased_sweep().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "sweep after an erasure");
        false
    });
    Ok(ErasureReport {
        contact: id.to_owned(),
        erased: now,
        rows,
        swept,
        remains: remains(housekeeping),
    })
}

fn remains(housekeeping: &Housekeeping) -> Vec<Remainder> {
    let backups = match housekeeping.backup_keep_days {
        Some(days) => format!(
            "those made until now hold it until they expire, {days} days after they were made, \
             and are deleted by `rapport backup --prune`"
        ),
        None => "those made until now hold it; set [backup] keep-days, or delete them".to_owned(),
    };
    let remainder = |place, note: &str| Remainder {
        place,
        note: note.to_owned(),
    };
    vec![
        remainder("backups", &backups),
        remainder("networks", "what was published there is not ours to delete"),
        remainder("messages of others", "may name or quote the contact"),
        remainder(
            "webhook receivers and exports",
            "what they were sent is theirs",
        ),
        remainder("logs", "hold ids, no names and no texts"),
    ]
}

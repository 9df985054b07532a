//! Messages and reactions. Any order of reports of one message ends in one state
//! (`domain::versions`); `order` puts answers behind what they answer, `read`
//! reads.

mod order;
mod read;
mod sent;
mod shared;

pub(super) use order::answers_order_in_tx;
pub(super) use read::{MESSAGES, inboxes_of, message_of};
pub use sent::message_sent_in_tx;
pub use shared::Heard;
pub(super) use shared::conversation_link_in_tx;

use super::conversation::{
    conversation_join_in_tx, conversation_owes_in_tx, conversation_place_in_tx,
    conversation_recount_in_tx,
};
use super::row::{enum_of, json_text};
use super::{Result, Tx, for_update};
use crate::domain::effective_time::effective_time;
use crate::domain::social::{Reach, ReactionKind, SourceMessage, Visibility};
use crate::domain::versions::{Step, Stored, Version, step};
use crate::domain::{Id, TimestampMs, new_id};
use shared::{message_link_in_tx, message_of_report_in_tx, message_unshare_in_tx, shared_as_in_tx};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// Where a message came to stand.
#[derive(Debug, Clone)]
pub struct Placed {
    pub message_id: Id,
    pub conversation_id: Id,
    /// This very report is what stands now: it is to be judged.
    pub stands: bool,
    /// It was known from another inbox, and is news to this one.
    pub linked: bool,
}

/// Stores a report of a message; see `domain::versions` for which of several stands, and `shared` for
/// what another inbox brought before.
pub async fn message_put_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    contact_id: &str,
    message: &SourceMessage,
    version: &Version,
) -> Result<Placed> {
    let row = message_of_report_in_tx(tx, heard, contact_id, message).await?;
    let known = row.as_ref().map(Known::of).transpose()?;
    let (message_id, first_received) = match &known {
        Some(known) => (known.id.clone(), known.received),
        None => (new_id(), heard.received),
    };
    let effective = effective_time(message.published, first_received);
    let placed = known.as_ref().and_then(|k| k.conversation_id.clone());
    let is_new = placed.is_none();
    let conversation_id = match placed {
        Some(id) => id,
        None => conversation_place_in_tx(tx, heard, message, effective).await?,
    };
    let elsewhere = known.as_ref().filter(|k| k.inbox_id != heard.inbox_id);
    let linked = elsewhere.is_some() && message_link_in_tx(tx, &message_id, heard.inbox_id).await?;
    if linked {
        conversation_link_in_tx(tx, &conversation_id, heard.inbox_id).await?;
        conversation_join_in_tx(tx, heard, message, &conversation_id).await?;
    }
    let stored = known.as_ref().map_or(&Stored::Nothing, |k| &k.stored);
    let step = match elsewhere {
        Some(known) => known.step_elsewhere(message, version),
        None => step(stored, version),
    };
    let stands = match step {
        Step::Insert | Step::Replace => true,
        Step::Place => false,
        // It stood before, and was not judged to the end. What is linked just now stood by another's word.
        Step::Keep => {
            !linked && !elsewhere.is_some_and(|k| k.ours) && *stored == Stored::At(version.clone())
        }
    };
    match step {
        Step::Insert => {
            let shared_as = shared_as_in_tx(tx, heard, message).await?;
            message_insert_in_tx(tx, &message_id, heard, &message.external_id, shared_as).await?;
            message_fill_in_tx(tx, &message_id, message, version, effective).await?;
        }
        Step::Replace => message_fill_in_tx(tx, &message_id, message, version, effective).await?,
        Step::Place => message_place_in_tx(tx, &message_id, message, version, effective).await?,
        Step::Keep => {}
    }
    if is_new {
        sqlx::query("UPDATE message SET conversation_id = $2, contact_id = $3 WHERE id = $1")
            .bind(&message_id)
            .bind(&conversation_id)
            .bind(contact_id)
            .execute(&mut **tx)
            .await?;
    }
    if is_new || step != Step::Keep {
        conversation_recount_in_tx(tx, &conversation_id).await?;
        answers_order_in_tx(tx, [&message_id]).await?;
    }
    let seen = effective_time(message.published, heard.received);
    super::people::contact_seen_in_tx(tx, contact_id, seen, is_new).await?;
    Ok(Placed {
        message_id,
        conversation_id,
        stands,
        linked,
    })
}

/// What is stored of a message that a report is of.
struct Known {
    id: Id,
    /// The inbox that brought it first.
    inbox_id: Id,
    conversation_id: Option<Id>,
    received: TimestampMs,
    reach: Reach,
    /// We said it.
    ours: bool,
    stored: Stored,
}

impl Known {
    fn of(row: &AnyRow) -> Result<Self> {
        let version = Version {
            at: row.try_get("version_at")?,
            activity_id: row.try_get("version_id")?,
        };
        Ok(Self {
            id: row.try_get("id")?,
            inbox_id: row.try_get("inbox_id")?,
            conversation_id: row.try_get("conversation_id")?,
            received: row.try_get("received")?,
            reach: enum_of(row, "reach")?,
            ours: row.try_get::<&str, _>("direction")? == "outbound",
            stored: match row.try_get::<Option<i64>, _>("deleted")? {
                Some(_) => Stored::Deleted(version),
                None => Stored::At(version),
            },
        })
    }

    /// What another inbox says of it is news if it was edited, or is more directed at us than was known:
    /// found by its words here, addressed to the account of that inbox there.
    fn step_elsewhere(&self, message: &SourceMessage, version: &Version) -> Step {
        match &self.stored {
            // Heard back, it is no news.
            _ if self.ours => Step::Keep,
            // Only an edit is later: a clock that runs ahead, or none at all, is bounded by each receipt.
            Stored::At(stored) if message.updated.is_some() && version.at > stored.at => {
                Step::Replace
            }
            Stored::At(stored) if version.at >= stored.at && message.reach < self.reach => {
                Step::Replace
            }
            Stored::Deleted(stored) if version.at > stored.at => Step::Place,
            _ => Step::Keep,
        }
    }
}

/// What a tombstone takes over of a report.
async fn message_place_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    message: &SourceMessage,
    version: &Version,
    effective: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "UPDATE message SET published = $2, visibility = $3, reach = $4, version_at = $5, version_id = $6,
             effective = $7 WHERE id = $1",
    )
    .bind(id)
    .bind(message.published)
    .bind(message.visibility.as_str())
    .bind(message.reach.as_str())
    .bind(version.at)
    .bind(&version.activity_id)
    .bind(effective)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An empty row, to be filled.
async fn message_insert_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    heard: &Heard<'_>,
    external_id: &str,
    shared_as: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO message (id, inbox_id, external_id, direction, published, received, effective,
             content, visibility, reach, ancestors, tags, mentions, attachments, version_at, version_id,
             shared_as)
         VALUES ($1, $2, $3, 'inbound', 0, $4, $4, '', 'public', 'searched', '[]', '[]', '[]', '[]', $5, '',
             $6)",
    )
    .bind(id)
    .bind(heard.inbox_id)
    .bind(external_id)
    .bind(heard.received)
    .bind(TimestampMs::MIN)
    .bind(shared_as)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn message_fill_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    message: &SourceMessage,
    version: &Version,
    effective: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "UPDATE message SET in_reply_to = $2, attributed_to = $3, published = $4, updated = $5,
             title = $6, content = $7, language = $8, url = $9, visibility = $10, reach = $11,
             ancestors = $12, tags = $13, mentions = $14, attachments = $15, monitor = $16,
             version_at = $17, version_id = $18, effective = $19 WHERE id = $1",
    )
    .bind(id)
    .bind(&message.in_reply_to)
    .bind(json_text(&message.attributed_to))
    .bind(message.published)
    .bind(message.updated)
    .bind(&message.title)
    .bind(&message.content)
    .bind(&message.language)
    .bind(&message.url)
    .bind(message.visibility.as_str())
    .bind(message.reach.as_str())
    .bind(json_text(&message.ancestors))
    .bind(json_text(&message.tags))
    .bind(json_text(&message.mentions))
    .bind(json_text(&message.attachments))
    .bind(&message.monitor)
    .bind(version.at)
    .bind(&version.activity_id)
    .bind(effective)
    .execute(&mut **tx)
    .await?;
    if message.visibility != Visibility::Public {
        message_unshare_in_tx(tx, id).await?;
    }
    sqlx::query("DELETE FROM message_tag WHERE message_id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    for tag in &message.tags {
        sqlx::query(
            "INSERT INTO message_tag (message_id, tag, published) VALUES ($1, $2, $3)
             ON CONFLICT (message_id, tag) DO NOTHING",
        )
        .bind(id)
        .bind(tag.to_lowercase())
        .bind(effective)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Turns a message into a tombstone, or leaves one for a message that we have not heard of yet. All
/// that repeats its text goes too.
pub async fn message_delete_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    external_id: &str,
    deleted: TimestampMs,
) -> Result<Id> {
    let lock = for_update(tx);
    let sql = format!(
        "SELECT id, conversation_id FROM message
         WHERE external_id = $2 AND (inbox_id = $1 OR (shared_as = $3 AND EXISTS (
             SELECT 1 FROM message_inbox x WHERE x.message_id = message.id AND x.inbox_id = $1)))
         ORDER BY CASE WHEN inbox_id = $1 THEN 0 ELSE 1 END LIMIT 1{lock}"
    );
    let known = sqlx::query(AssertSqlSafe(sql))
        .bind(heard.inbox_id)
        .bind(external_id)
        .bind(heard.ground)
        .fetch_optional(&mut **tx)
        .await?;
    let (id, conversation): (Id, Option<Id>) = match known {
        Some(row) => (row.try_get("id")?, row.try_get("conversation_id")?),
        None => {
            let id = new_id();
            message_insert_in_tx(tx, &id, heard, external_id, None).await?;
            (id, None)
        }
    };
    sqlx::query(
        "UPDATE message SET deleted = CASE WHEN deleted < $2 THEN deleted ELSE $2 END, content = '',
             title = NULL, language = NULL, attributed_to = NULL, in_reply_to = NULL, updated = NULL,
             url = NULL, ancestors = '[]', tags = '[]', mentions = '[]', attachments = '[]',
             monitor = NULL WHERE id = $1",
    )
    .bind(&id)
    .bind(deleted)
    .execute(&mut **tx)
    .await?;
    for sql in [
        "DELETE FROM message_tag WHERE message_id = $1",
        "DELETE FROM classification WHERE message_id = $1",
        "UPDATE evaluation SET input = '' WHERE message_id = $1",
        "UPDATE decision SET detail = 'null', evidence = '[]' WHERE message_id = $1 AND moment = 'inbound'",
        "UPDATE customer_case SET title = '' WHERE message_id = $1",
    ] {
        sqlx::query(sql).bind(&id).execute(&mut **tx).await?;
    }
    answers_order_in_tx(tx, [&id]).await?;
    if let Some(conversation) = conversation {
        conversation_owes_in_tx(tx, &conversation).await?;
    }
    Ok(id)
}

pub async fn reaction_put_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    kind: ReactionKind,
    object: &str,
    contact_id: &str,
    published: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO reaction (inbox_id, kind, object, contact_id, published) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (inbox_id, kind, object, contact_id) DO UPDATE SET published =
             CASE WHEN excluded.published < reaction.published THEN excluded.published ELSE reaction.published END",
    )
    .bind(inbox_id)
    .bind(kind.as_str())
    .bind(object)
    .bind(contact_id)
    .bind(published)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

//! Messages and reactions. Any order of reports of one message ends in one state
//! (`domain::versions`); `order` puts answers behind what they answer, `read`
//! reads.

mod order;
mod read;

pub(super) use order::answers_order_in_tx;
pub(super) use read::message_of;

use super::conversation::{
    conversation_owes_in_tx, conversation_place_in_tx, conversation_recount_in_tx,
};
use super::row::json_text;
use super::{Result, Tx};
use crate::domain::effective_time::effective_time;
use crate::domain::outbound::{OutboundMessage, OutboxItem, Receipt};
use crate::domain::social::{Reach, ReactionKind, SourceMessage};
use crate::domain::versions::{Step, Stored, Version, step};
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;

/// Where a message came to stand.
#[derive(Debug, Clone)]
pub struct Placed {
    pub message_id: Id,
    pub conversation_id: Id,
    /// This very report is what stands now: it is to be judged.
    pub stands: bool,
}

/// Stores a report of a message; see `domain::versions` for which of several stands.
pub async fn message_put_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    network: &str,
    contact_id: &str,
    message: &SourceMessage,
    version: &Version,
    received: TimestampMs,
) -> Result<Placed> {
    let row = sqlx::query(
        "SELECT id, conversation_id, received, deleted, version_at, version_id FROM message
         WHERE inbox_id = $1 AND external_id = $2",
    )
    .bind(inbox_id)
    .bind(&message.external_id)
    .fetch_optional(&mut **tx)
    .await?;
    let stored = match &row {
        None => Stored::Nothing,
        Some(row) => {
            let version = Version {
                at: row.try_get("version_at")?,
                activity_id: row.try_get("version_id")?,
            };
            match row.try_get::<Option<i64>, _>("deleted")? {
                Some(_) => Stored::Deleted(version),
                None => Stored::At(version),
            }
        }
    };
    let placed: Option<String> = match &row {
        Some(row) => row.try_get("conversation_id")?,
        None => None,
    };
    let is_new = placed.is_none();
    let (message_id, first_received) = match &row {
        Some(row) => (row.try_get("id")?, row.try_get("received")?),
        None => (new_id(), received),
    };
    let effective = effective_time(message.published, first_received);
    let conversation_id = match placed {
        Some(id) => id,
        None => conversation_place_in_tx(tx, inbox_id, network, message, effective).await?,
    };
    let step = step(&stored, version);
    let stands = match step {
        Step::Insert | Step::Replace => true,
        Step::Place => false,
        Step::Keep => stored == Stored::At(version.clone()),
    };
    match step {
        Step::Insert => {
            message_insert_in_tx(tx, &message_id, inbox_id, &message.external_id, received).await?;
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
        answers_order_in_tx(tx, inbox_id, [message.external_id.as_str()]).await?;
    }
    let seen = effective_time(message.published, received);
    super::people::contact_seen_in_tx(tx, contact_id, seen, is_new).await?;
    Ok(Placed {
        message_id,
        conversation_id,
        stands,
    })
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
    inbox_id: &str,
    external_id: &str,
    received: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO message (id, inbox_id, external_id, direction, published, received, effective,
             content, visibility, reach, ancestors, tags, mentions, attachments, version_at, version_id)
         VALUES ($1, $2, $3, 'inbound', 0, $4, $4, '', 'public', 'searched', '[]', '[]', '[]', '[]', $5, '')",
    )
    .bind(id)
    .bind(inbox_id)
    .bind(external_id)
    .bind(received)
    .bind(TimestampMs::MIN)
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
    inbox_id: &str,
    external_id: &str,
    deleted: TimestampMs,
    received: TimestampMs,
) -> Result<Id> {
    let known = sqlx::query(
        "SELECT id, conversation_id FROM message WHERE inbox_id = $1 AND external_id = $2",
    )
    .bind(inbox_id)
    .bind(external_id)
    .fetch_optional(&mut **tx)
    .await?;
    let (id, conversation): (Id, Option<Id>) = match known {
        Some(row) => (row.try_get("id")?, row.try_get("conversation_id")?),
        None => {
            let id = new_id();
            message_insert_in_tx(tx, &id, inbox_id, external_id, received).await?;
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

/// What we said, once the network has it, as we learned at `received`; its id when it is new here. Hearing
/// our own message back later changes nothing.
pub async fn message_sent_in_tx(
    tx: &mut Tx<'_>,
    item: &OutboxItem,
    payload: &OutboundMessage,
    receipt: &Receipt,
    received: TimestampMs,
) -> Result<Option<Id>> {
    let id = sqlx::query_scalar(
        "INSERT INTO message (id, inbox_id, conversation_id, external_id, direction, in_reply_to, published,
             received, effective, content, url, visibility, reach, ancestors, tags, mentions, attachments,
             version_at, version_id, author, recipient_id)
         VALUES ($1, $2, $3, $4, 'outbound', $5, $6, $7, $8, $9, $10, $11, $12, '[]', '[]', '[]', '[]',
             $8, $4, (SELECT author FROM draft WHERE id = $13),
             (SELECT m.contact_id FROM draft d JOIN message m ON m.id = d.message_id WHERE d.id = $13))
         ON CONFLICT (inbox_id, external_id) DO NOTHING RETURNING id",
    )
    .bind(new_id())
    .bind(&item.inbox_id)
    .bind(&item.conversation_id)
    .bind(&receipt.external_id)
    .bind(&payload.in_reply_to)
    .bind(receipt.published)
    .bind(received)
    .bind(effective_time(receipt.published, received))
    .bind(&payload.content)
    .bind(&receipt.url)
    .bind(payload.visibility.as_str())
    .bind(Reach::Directed.as_str())
    .bind(&item.draft_id)
    .fetch_optional(&mut **tx)
    .await?;
    conversation_recount_in_tx(tx, &item.conversation_id).await?;
    answers_order_in_tx(tx, &item.inbox_id, [receipt.external_id.as_str()]).await?;
    Ok(id)
}

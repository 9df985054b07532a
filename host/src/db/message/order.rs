//! An answer comes after what it answers, whichever of the two was heard of first and whatever their
//! senders' clocks said (`domain::effective_time`).
//!
//! The time of a message is its own, or one millisecond after its parent's where that is later. It is
//! computed from what stands, so that no order of arrival, edits and deletions shows in it. Of a
//! tombstone is known when it was said, no longer what it answered; of one whose message was never
//! heard, not even that, and nothing comes after it.

use super::super::bulk::list_padded;
use super::super::conversation::conversation_recount_in_tx;
use super::super::statement::Statement;
use super::super::{Result, Tx};
use crate::domain::Id;
use crate::domain::effective_time::EARLIEST;
use sqlx::Row;
use std::collections::BTreeSet;

/// Longest chain of answers that is moved at a time: connectors name as many ancestors. Messages that
/// claim to answer each other in a circle end here, too.
const CHAIN_MAX: usize = 64;

/// Puts these messages, and the answers to them, where they belong.
pub(in crate::db) async fn answers_order_in_tx(
    tx: &mut Tx<'_>,
    ids: impl IntoIterator<Item = &Id>,
) -> Result<()> {
    let mut looked_at: BTreeSet<Id> = ids.into_iter().cloned().collect();
    let mut conversations: BTreeSet<Id> = BTreeSet::new();
    for _ in 0..CHAIN_MAX {
        if looked_at.is_empty() {
            break;
        }
        let mut moved = BTreeSet::new();
        for row in step(&looked_at).fetch_all(&mut **tx).await? {
            moved.insert(row.try_get("id")?);
            conversations.extend(row.try_get::<Option<Id>, _>("conversation_id")?);
        }
        if !moved.is_empty() {
            tags_move(&moved).execute(&mut **tx).await?;
        }
        looked_at = moved;
    }
    for id in conversations {
        conversation_recount_in_tx(tx, &id).await?;
    }
    Ok(())
}

/// Moves messages, and their answers, one step of the chain; those that moved.
fn step(ids: &BTreeSet<Id>) -> Statement {
    let mut update = Statement::new("WITH looked_at AS (SELECT m.id FROM message m WHERE m.id IN ");
    list_padded(&mut update, ids);
    update.push(
        " UNION SELECT a.id FROM message p JOIN message a ON a.in_reply_to = p.external_id
             AND (a.inbox_id = p.inbox_id OR a.shared_as = p.shared_as)
         WHERE p.id IN ",
    );
    list_padded(&mut update, ids);
    update.push(
        "), due AS (SELECT a.id,
             CASE WHEN a.published >= ",
    );
    update.bind(EARLIEST).push(
        " AND a.published <= a.received THEN a.published ELSE a.received END AS own,
             MAX(p.effective) AS parent
         FROM message a LEFT JOIN message p ON p.external_id = a.in_reply_to
             AND (p.inbox_id = a.inbox_id OR p.shared_as = a.shared_as) AND p.id <> a.id
             AND (p.deleted IS NULL OR p.conversation_id IS NOT NULL)
         WHERE a.id IN (SELECT id FROM looked_at) GROUP BY a.id)
         UPDATE message SET effective = CASE WHEN parent >= own THEN parent + 1 ELSE own END
         FROM due WHERE due.id = message.id
             AND message.effective <> CASE WHEN parent >= own THEN parent + 1 ELSE own END
         RETURNING message.id, message.conversation_id",
    );
    update
}

/// A tag's time is its message's.
fn tags_move(ids: &BTreeSet<Id>) -> Statement {
    let mut update = Statement::new(
        "UPDATE message_tag SET published =
             (SELECT m.effective FROM message m WHERE m.id = message_tag.message_id)
         WHERE message_id IN ",
    );
    list_padded(&mut update, ids);
    update
}

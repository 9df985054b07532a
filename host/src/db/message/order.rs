//! An answer comes after what it answers, whichever of the two was heard of first and whatever their
//! senders' clocks said (`domain::effective_time`).
//!
//! Answers are moved until each is later than its parent, which is the same whatever the order of
//! arrival. Deliberately absent: tombstones, which no longer say what they answered; they stay where
//! they are.

use super::super::bulk::list_padded;
use super::super::conversation::conversation_recount_in_tx;
use super::super::statement::Statement;
use super::super::{Result, Tx};
use crate::domain::Id;
use sqlx::Row;
use std::collections::BTreeSet;

/// Longest chain of answers that is moved at a time: connectors name as many ancestors. Messages that
/// claim to answer each other in a circle end here, too.
const CHAIN_MAX: usize = 64;

/// Moves those of these messages, and of their answers, that are not later than their parents.
pub(in crate::db) async fn answers_order_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    external_ids: impl IntoIterator<Item = &str>,
) -> Result<()> {
    let mut looked_at: BTreeSet<String> = external_ids.into_iter().map(str::to_owned).collect();
    let mut conversations: BTreeSet<Id> = BTreeSet::new();
    for _ in 0..CHAIN_MAX {
        if looked_at.is_empty() {
            break;
        }
        let mut moved = BTreeSet::new();
        for row in step(inbox_id, &looked_at).fetch_all(&mut **tx).await? {
            moved.insert(row.try_get("external_id")?);
            conversations.extend(row.try_get::<Option<Id>, _>("conversation_id")?);
        }
        looked_at = moved;
    }
    for id in conversations {
        conversation_recount_in_tx(tx, &id).await?;
    }
    Ok(())
}

/// Moves messages behind their parents, and their answers behind them, one step of the chain.
fn step(inbox_id: &str, external_ids: &BTreeSet<String>) -> Statement {
    let mut update = Statement::new(
        "UPDATE message SET effective = 1 + (SELECT MAX(p.effective) FROM message p
             WHERE p.external_id = message.in_reply_to
                 AND (p.inbox_id = message.inbox_id OR p.shared_as = message.shared_as))
         WHERE id IN (
             SELECT a.id FROM message a JOIN message p ON p.external_id = a.in_reply_to
                 AND (p.inbox_id = a.inbox_id OR p.shared_as = a.shared_as)
                 AND p.effective >= a.effective AND p.id <> a.id
             WHERE a.inbox_id = ",
    );
    update.bind(inbox_id).push(" AND a.external_id IN ");
    list_padded(&mut update, external_ids);
    update.push(
        " UNION SELECT a.id FROM message p JOIN message a ON a.in_reply_to = p.external_id
                 AND (a.inbox_id = p.inbox_id OR a.shared_as = p.shared_as)
                 AND a.effective <= p.effective AND a.id <> p.id
             WHERE p.inbox_id = ",
    );
    update.bind(inbox_id).push(" AND p.external_id IN ");
    list_padded(&mut update, external_ids);
    update.push(") RETURNING external_id, conversation_id");
    update
}

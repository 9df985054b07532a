//! The same post in several inboxes is one message, which belongs to the inbox that brought it first;
//! the others are noted beside it (`message_inbox`, `conversation_inbox`). Whoever may read one of them
//! may read it.
//!
//! The same is: the same channel and network (`shared_as`), id and author, and public in each report
//! (not the time: of what has none, or one that can't be, each inbox says when it found it). What is
//! private stays where it was heard, whatever its id, and in conversations that are that inbox's alone; a
//! message that becomes private is the first inbox's alone again. A deletion counts for an inbox that
//! heard of the message: whoever only knows an id deletes nothing elsewhere. Two hosts that bring the same
//! post at the same moment are told apart by a unique index: one of them tries again, and finds it.

use super::super::{Result, Tx, for_update};
use crate::domain::social::{SourceMessage, Visibility};
use crate::domain::{Id, TimestampMs};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

/// Where and when a report was heard.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub inbox_id: &'a str,
    pub network: &'a str,
    /// The channel and the network, among whose inboxes public messages are shared.
    pub ground: &'a str,
    pub received: TimestampMs,
}

impl<'a> Heard<'a> {
    /// What a message is shared as; none for a private one.
    pub fn shared_as(&self, message: &SourceMessage) -> Option<&'a str> {
        (message.visibility == Visibility::Public).then_some(self.ground)
    }
}

/// The message that a report is of: the inbox's own, else one that it shares.
pub(super) async fn message_of_report_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    contact_id: &str,
    message: &SourceMessage,
) -> Result<Option<AnyRow>> {
    let lock = for_update(tx);
    let sql = format!(
        "SELECT id, inbox_id, conversation_id, received, direction, deleted, reach, version_at, version_id FROM message
         WHERE external_id = $2 AND (inbox_id = $1 OR (shared_as = $3
             AND (direction = 'outbound' OR contact_id = $4) AND (conversation_id IS NULL OR EXISTS (
                 SELECT 1 FROM conversation c
                 WHERE c.id = message.conversation_id AND c.visibility = 'public'))))
         ORDER BY CASE WHEN inbox_id = $1 THEN 0 ELSE 1 END LIMIT 1{lock}"
    );
    Ok(sqlx::query(AssertSqlSafe(sql))
        .bind(heard.inbox_id)
        .bind(&message.external_id)
        .bind(heard.shared_as(message))
        .bind(contact_id)
        .fetch_optional(&mut **tx)
        .await?)
}

/// As what a new message is shared: not at all where another one has its id.
pub(super) async fn shared_as_in_tx<'a>(
    tx: &mut Tx<'_>,
    heard: &Heard<'a>,
    message: &SourceMessage,
) -> Result<Option<&'a str>> {
    let Some(shared_as) = heard.shared_as(message) else {
        return Ok(None);
    };
    let taken: Option<Id> =
        sqlx::query_scalar("SELECT id FROM message WHERE shared_as = $1 AND external_id = $2")
            .bind(shared_as)
            .bind(&message.external_id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(taken.is_none().then_some(shared_as))
}

/// Another inbox brought a message too. True when that is new.
pub(super) async fn message_link_in_tx(
    tx: &mut Tx<'_>,
    message_id: &str,
    inbox_id: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO message_inbox (inbox_id, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(inbox_id)
    .bind(message_id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Something of an inbox stands in a conversation: it is seen there, too.
pub(in crate::db) async fn conversation_link_in_tx(
    tx: &mut Tx<'_>,
    conversation_id: &str,
    inbox_id: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO conversation_inbox (inbox_id, conversation_id)
         SELECT $1, id FROM conversation WHERE id = $2 AND inbox_id <> $1 ON CONFLICT DO NOTHING",
    )
    .bind(inbox_id)
    .bind(conversation_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A message that is private now is no longer shared, nor is a conversation of which nothing else is.
pub(super) async fn message_unshare_in_tx(tx: &mut Tx<'_>, message_id: &str) -> Result<()> {
    for sql in [
        "DELETE FROM message_inbox WHERE message_id = $1",
        "DELETE FROM conversation_inbox
         WHERE conversation_id = (SELECT conversation_id FROM message WHERE id = $1)
             AND NOT EXISTS (SELECT 1 FROM message m
                 WHERE m.conversation_id = conversation_inbox.conversation_id
                     AND (m.inbox_id = conversation_inbox.inbox_id OR EXISTS (
                         SELECT 1 FROM message_inbox x WHERE x.message_id = m.id
                             AND x.inbox_id = conversation_inbox.inbox_id)))",
        "UPDATE message SET shared_as = NULL WHERE id = $1",
    ] {
        sqlx::query(sql).bind(message_id).execute(&mut **tx).await?;
    }
    Ok(())
}

/// What we answered in public is seen in every inbox of its conversation.
pub(super) async fn answer_link_in_tx(
    tx: &mut Tx<'_>,
    message_id: &str,
    conversation_id: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO message_inbox (inbox_id, message_id)
         SELECT x.inbox_id, m.id FROM message m JOIN (
             SELECT inbox_id FROM conversation WHERE id = $2
             UNION SELECT inbox_id FROM conversation_inbox WHERE conversation_id = $2) x
             ON x.inbox_id <> m.inbox_id
         WHERE m.id = $1 AND m.visibility = 'public' ON CONFLICT DO NOTHING",
    )
    .bind(message_id)
    .bind(conversation_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

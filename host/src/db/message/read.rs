//! Messages as they are read. Deliberately absent: lists for people (`db/query.rs`).

use super::super::row::{corrupt, enum_of, json_of};
use super::super::{Db, Result};
use crate::domain::social::Message;
use crate::domain::{Id, TimestampMs};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// What [`message_of`] reads.
pub(in crate::db) const MESSAGES: &str =
    "SELECT message.*, COALESCE((SELECT string_agg(x.inbox_id, ' ')
    FROM message_inbox x WHERE x.message_id = message.id), '') AS also_in FROM message";

/// The inboxes that a thing is in, its own first.
pub(in crate::db) fn inboxes_of(row: &AnyRow) -> Result<Vec<Id>> {
    let own: Id = row.try_get("inbox_id")?;
    let others: String = row.try_get("also_in")?;
    let mut others: Vec<Id> = others.split_whitespace().map(str::to_owned).collect();
    others.sort_unstable();
    others.insert(0, own);
    Ok(others)
}

pub(in crate::db) fn message_of(row: &AnyRow) -> Result<Message> {
    let attributed_to: Option<String> = row.try_get("attributed_to")?;
    Ok(Message {
        id: row.try_get("id")?,
        inbox_id: row.try_get("inbox_id")?,
        inbox_ids: inboxes_of(row)?,
        conversation_id: row
            .try_get::<Option<String>, _>("conversation_id")?
            .unwrap_or_default(),
        contact_id: row.try_get("contact_id")?,
        recipient_id: row.try_get("recipient_id")?,
        author: row.try_get("author")?,
        external_id: row.try_get("external_id")?,
        direction: enum_of(row, "direction")?,
        in_reply_to: row.try_get("in_reply_to")?,
        attributed_to: attributed_to
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|e| corrupt("attributed_to", e))?,
        published: row.try_get("published")?,
        updated: row.try_get("updated")?,
        deleted: row.try_get("deleted")?,
        received: row.try_get("received")?,
        effective: row.try_get("effective")?,
        title: row.try_get("title")?,
        content: row.try_get("content")?,
        language: row.try_get("language")?,
        url: row.try_get("url")?,
        visibility: enum_of(row, "visibility")?,
        reach: enum_of(row, "reach")?,
        tags: json_of(row, "tags")?,
        mentions: json_of(row, "mentions")?,
        attachments: json_of(row, "attachments")?,
        monitor: row.try_get("monitor")?,
    })
}

impl Db {
    pub async fn message_get(&self, id: &str) -> Result<Option<Message>> {
        let row = sqlx::query(AssertSqlSafe(format!("{MESSAGES} WHERE id = $1")))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(message_of).transpose()
    }

    /// What people wrote to us that was received from a moment on and is still there, in the order of
    /// its ids, behind `after`.
    pub async fn message_history(
        &self,
        since: TimestampMs,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let sql = format!(
            "{MESSAGES} WHERE received >= $1 AND id > $2 AND direction = 'inbound'
                 AND deleted IS NULL ORDER BY id LIMIT $3"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(since)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(message_of).collect()
    }

    /// By the network's id, in the inbox that brought it first.
    pub async fn message_find(&self, inbox_id: &str, external_id: &str) -> Result<Option<Message>> {
        let row = sqlx::query(AssertSqlSafe(format!(
            "{MESSAGES} WHERE inbox_id = $1 AND external_id = $2"
        )))
        .bind(inbox_id)
        .bind(external_id)
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(message_of).transpose()
    }
}

//! Conversations: which one a message belongs to, and what follows when that turns out late. The same
//! messages end in the same conversations, whatever the order in which we hear of them.

use super::casework::{ConversationChange, conversation_change_in_tx};
use super::message::{Heard, conversation_link_in_tx, inboxes_of};
use super::row::{count_of, enum_of, json_of, optional_enum_of};
use super::{Db, Result, Tx};
use crate::domain::inbox::{Conversation, ConversationStatus};
use crate::domain::social::{SourceMessage, Visibility};
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// The conversation a message belongs to, made when unknown, with the message counted in.
pub(super) async fn conversation_place_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    message: &SourceMessage,
    effective: TimestampMs,
) -> Result<Id> {
    let named = message.conversation_key().unwrap_or(&message.external_id);
    let public = message.visibility == Visibility::Public;
    let known = conversation_known_in_tx(tx, heard, named, public).await?;
    let name = match public || !conversation_is_shared_in_tx(tx, heard.inbox_id, named).await? {
        true => named,
        false => &message.external_id,
    };
    let id = match known {
        Some(id) => {
            let sql = "UPDATE conversation SET status = 'open' WHERE id = $1 AND status = 'closed'";
            sqlx::query(sql).bind(&id).execute(&mut **tx).await?;
            id
        }
        None => sqlx::query_scalar(
            "INSERT INTO conversation (id, inbox_id, external_id, network, reach, visibility, status,
                 priority, labels, first_message, last_message, message_count)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', 'normal', '[]', $7, $7, 0)
             ON CONFLICT (inbox_id, external_id) DO UPDATE SET external_id = excluded.external_id
             RETURNING id",
        )
        .bind(new_id())
        .bind(heard.inbox_id)
        .bind(name)
        .bind(heard.network)
        .bind(message.reach.as_str())
        .bind(message.visibility.as_str())
        .bind(effective)
        .fetch_one(&mut **tx)
        .await?,
    };
    conversation_link_in_tx(tx, &id, heard.inbox_id).await?;
    let answers = conversation_named_in_tx(tx, heard.inbox_id, &message.external_id).await?;
    if let Some(answers) = answers
        && conversation_may_join_in_tx(tx, &answers, &id).await?
    {
        conversation_adopt_in_tx(tx, &answers, &id).await?;
    }
    Ok(id)
}

/// What an inbox has of the thread of a message that another inbox brought before joins what that one
/// has of it, if both are public.
pub(super) async fn conversation_join_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    message: &SourceMessage,
    into: &str,
) -> Result<()> {
    let named = message.conversation_key().unwrap_or(&message.external_id);
    let thread = conversation_known_in_tx(tx, heard, named, true).await?;
    let answers = conversation_named_in_tx(tx, heard.inbox_id, &message.external_id).await?;
    for own in [thread, answers].into_iter().flatten() {
        if conversation_may_join_in_tx(tx, &own, into).await? {
            conversation_adopt_in_tx(tx, &own, into).await?;
        }
    }
    Ok(())
}

/// The conversation that is called so in an inbox: after a message that stands in it, for a thread is
/// often named after a message, which may be known to stand in another thread; or by its name. For what
/// is not `public`, only one that no other inbox has part in.
async fn conversation_known_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    named: &str,
    public: bool,
) -> Result<Option<Id>> {
    let of_message: Option<Id> = sqlx::query_scalar(
        "SELECT conversation_id FROM message WHERE external_id = $2 AND conversation_id IS NOT NULL
             AND (inbox_id = $1 OR (shared_as = $3 AND EXISTS (
                 SELECT 1 FROM message_inbox x WHERE x.message_id = message.id AND x.inbox_id = $1)))
         ORDER BY CASE WHEN inbox_id = $1 THEN 0 ELSE 1 END LIMIT 1",
    )
    .bind(heard.inbox_id)
    .bind(named)
    .bind(heard.ground)
    .fetch_optional(&mut **tx)
    .await?;
    let known = match of_message {
        Some(id) => Some(id),
        None => conversation_named_in_tx(tx, heard.inbox_id, named).await?,
    };
    match known {
        Some(id) if !public && conversation_is_shared_in_tx(tx, heard.inbox_id, &id).await? => {
            Ok(None)
        }
        known => Ok(known),
    }
}

/// Whether another inbox has part in a conversation that is called so, or has this id: what is private
/// does not belong there.
async fn conversation_is_shared_in_tx(tx: &mut Tx<'_>, inbox_id: &str, of: &str) -> Result<bool> {
    let shared: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM conversation c
         WHERE (c.id = $2 OR (c.inbox_id = $1 AND c.external_id = $2))
             AND (c.inbox_id <> $1 OR EXISTS (
                 SELECT 1 FROM conversation_inbox x WHERE x.conversation_id = c.id))",
    )
    .bind(inbox_id)
    .bind(of)
    .fetch_one(&mut **tx)
    .await?;
    Ok(shared > 0)
}

/// Whether one conversation may become part of another: both are public, or both the same inbox's alone.
async fn conversation_may_join_in_tx(tx: &mut Tx<'_>, one: &str, into: &str) -> Result<bool> {
    let may: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM conversation a JOIN conversation b ON b.id = $2
         WHERE a.id = $1 AND ((a.visibility = 'public' AND b.visibility = 'public')
             OR (a.inbox_id = b.inbox_id AND NOT EXISTS (
                 SELECT 1 FROM conversation_inbox x WHERE x.conversation_id IN (a.id, b.id))))",
    )
    .bind(one)
    .bind(into)
    .fetch_one(&mut **tx)
    .await?;
    Ok(may > 0)
}

/// The conversation of this name in an inbox, its own before one that it shares.
async fn conversation_named_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    named: &str,
) -> Result<Option<Id>> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM (
             SELECT id, 0 AS place FROM conversation WHERE inbox_id = $1 AND external_id = $2
             UNION ALL SELECT c.id, 1 AS place FROM conversation c JOIN conversation_inbox x
                 ON x.conversation_id = c.id AND x.inbox_id = $1 WHERE c.external_id = $2) AS named
         ORDER BY place, id LIMIT 1",
    )
    .bind(inbox_id)
    .bind(named)
    .fetch_optional(&mut **tx)
    .await?)
}

/// Answers to a message may have come before the message: they stand in a conversation that is named
/// after it, which now turns out to be part of another.
async fn conversation_adopt_in_tx(tx: &mut Tx<'_>, orphan: &str, into: &str) -> Result<()> {
    if orphan == into {
        return Ok(());
    }
    conversation_inherit_in_tx(tx, orphan, into).await?;
    for table in ["message", "customer_case", "task", "draft", "outbox_item"] {
        let sql = format!("UPDATE {table} SET conversation_id = $2 WHERE conversation_id = $1");
        sqlx::query(AssertSqlSafe(sql))
            .bind(orphan)
            .bind(into)
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query(
        "INSERT INTO conversation_inbox (inbox_id, conversation_id)
         SELECT x.inbox_id, c.id FROM conversation c JOIN (
             SELECT inbox_id FROM conversation WHERE id = $1
             UNION SELECT inbox_id FROM conversation_inbox WHERE conversation_id = $1) x
             ON x.inbox_id <> c.inbox_id
         WHERE c.id = $2 ON CONFLICT DO NOTHING",
    )
    .bind(orphan)
    .bind(into)
    .execute(&mut **tx)
    .await?;
    for sql in [
        "DELETE FROM conversation_inbox WHERE conversation_id = $1",
        "DELETE FROM conversation WHERE id = $1",
    ] {
        sqlx::query(sql).bind(orphan).execute(&mut **tx).await?;
    }
    conversation_recount_in_tx(tx, into).await
}

/// What was decided of a conversation holds for the one that it becomes part of.
async fn conversation_inherit_in_tx(tx: &mut Tx<'_>, from: &str, into: &str) -> Result<()> {
    let mut both = Vec::new();
    for id in [from, into] {
        let row = sqlx::query(AssertSqlSafe(format!("{CONVERSATIONS} WHERE id = $1")))
            .bind(id)
            .fetch_one(&mut **tx)
            .await?;
        both.push(conversation_of(&row)?);
    }
    let [from, into] = both.as_slice() else {
        return Ok(());
    };
    let open = from.status == ConversationStatus::Open;
    let change = ConversationChange {
        status: open.then_some(ConversationStatus::Open),
        priority: Some(from.priority),
        team: into.team.clone().or_else(|| from.team.clone()),
        answer_visibility: from.answer_visibility,
        respond_by: from.respond_by,
        labels: from.labels.clone(),
    };
    conversation_change_in_tx(tx, &into.id, &change).await
}

/// Figures of a conversation from its messages: the same whatever the order they came in.
pub(super) async fn conversation_recount_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    sqlx::query(
        "UPDATE conversation SET
             message_count = (SELECT COUNT(*) FROM message WHERE conversation_id = $1),
             first_message = (SELECT MIN(effective) FROM message WHERE conversation_id = $1),
             last_message = (SELECT MAX(effective) FROM message WHERE conversation_id = $1),
             reach = (SELECT reach FROM message WHERE conversation_id = $1 AND direction = 'inbound'
                 ORDER BY CASE reach WHEN 'directed' THEN 0 WHEN 'searched' THEN 1 ELSE 2 END LIMIT 1),
             visibility = (SELECT visibility FROM message WHERE conversation_id = $1 AND direction = 'inbound'
                 ORDER BY CASE visibility WHEN 'direct' THEN 0 WHEN 'semi-private' THEN 1 ELSE 2 END LIMIT 1)
         WHERE id = $1",
    )
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Nobody is owed an answer in a conversation of which everything that was said to us is deleted: its
/// deadlines end, and those of its cases.
pub(super) async fn conversation_owes_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let standing: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM message
         WHERE conversation_id = $1 AND direction = 'inbound' AND deleted IS NULL",
    )
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    if standing > 0 {
        return Ok(());
    }
    for sql in [
        "UPDATE conversation SET respond_by = NULL WHERE id = $1",
        "UPDATE customer_case SET respond_by = NULL, solve_by = NULL
         WHERE conversation_id = $1 AND status = 'open'",
    ] {
        sqlx::query(sql).bind(id).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Why a conversation was not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClosed {
    /// It is closed already, or gone.
    Already,
    OpenCases,
}

/// Closes a conversation: no answer is owed any more. What is said in it later opens it again.
pub async fn conversation_close_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
) -> Result<std::result::Result<(), NotClosed>> {
    let open: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM customer_case WHERE conversation_id = $1 AND status = 'open'",
    )
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    if open > 0 {
        return Ok(Err(NotClosed::OpenCases));
    }
    let done = sqlx::query(
        "UPDATE conversation SET status = 'closed', respond_by = NULL
         WHERE id = $1 AND status <> 'closed'",
    )
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(match done.rows_affected() {
        1 => Ok(()),
        _ => Err(NotClosed::Already),
    })
}

/// What [`conversation_of`] reads.
pub(super) const CONVERSATIONS: &str = "SELECT conversation.*, COALESCE((SELECT string_agg(x.inbox_id, ' ')
    FROM conversation_inbox x WHERE x.conversation_id = conversation.id), '') AS also_in FROM conversation";

pub(super) fn conversation_of(row: &AnyRow) -> Result<Conversation> {
    Ok(Conversation {
        id: row.try_get("id")?,
        inbox_id: row.try_get("inbox_id")?,
        inbox_ids: inboxes_of(row)?,
        external_id: row.try_get("external_id")?,
        network: row.try_get("network")?,
        reach: enum_of(row, "reach")?,
        visibility: enum_of(row, "visibility")?,
        status: enum_of(row, "status")?,
        priority: enum_of(row, "priority")?,
        team: row.try_get("team")?,
        answer_visibility: optional_enum_of(row, "answer_visibility")?,
        respond_by: row.try_get("respond_by")?,
        labels: json_of(row, "labels")?,
        first_message: row.try_get("first_message")?,
        last_message: row.try_get("last_message")?,
        message_count: count_of(row, "message_count")?,
    })
}

impl Db {
    pub async fn conversation_get(&self, id: &str) -> Result<Option<Conversation>> {
        let row = sqlx::query(AssertSqlSafe(format!("{CONVERSATIONS} WHERE id = $1")))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(conversation_of).transpose()
    }
}

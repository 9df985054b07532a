//! Drafts: what somebody wants to say, until it is on its way. What is queued or sent does not change.
//! Deliberately absent: whether it may be said (`pipeline/outbound.rs`).

use super::super::row::{bool_of, enum_of};
use super::super::{Db, Result, Tx};
use crate::domain::outbound::{Draft, DraftStatus};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Drafts of one conversation that are compared with one that is released.
const SIBLINGS_MAX: i64 = 100;

/// A client's key for a request that it may send twice, and a digest of what the request says.
#[derive(Debug, Clone, Copy)]
pub struct ClientKey<'a> {
    pub key: &'a str,
    pub request: &'a str,
}

/// Stores a draft and returns its id; with a client's key that was used before, the id of the draft
/// that it made then. None, and nothing stored, when the key was used for another request.
pub async fn draft_insert_in_tx(
    tx: &mut Tx<'_>,
    d: &Draft,
    client: Option<ClientKey<'_>>,
) -> Result<Option<Id>> {
    let row = sqlx::query(
        "INSERT INTO draft (id, conversation_id, inbox_id, message_id, purpose, content, language,
             visibility, author, named_account, status, created, updated, client_key, client_request)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (client_key) DO UPDATE SET client_key = excluded.client_key
         RETURNING id, client_request",
    )
    .bind(&d.id)
    .bind(&d.conversation_id)
    .bind(&d.inbox_id)
    .bind(&d.message_id)
    .bind(d.purpose.as_str())
    .bind(&d.content)
    .bind(&d.language)
    .bind(d.visibility.as_str())
    .bind(&d.author)
    .bind(d.named_account)
    .bind(d.status.as_str())
    .bind(d.created)
    .bind(d.updated)
    .bind(client.map(|client| client.key))
    .bind(client.map(|client| client.request))
    .fetch_one(&mut **tx)
    .await?;
    // None for keys of before requests were remembered.
    let first: Option<String> = row.try_get("client_request")?;
    let same = first.is_none_or(|first| client.is_some_and(|client| client.request == first));
    Ok(same.then_some(row.try_get("id")?))
}

/// Changes a draft's text while it is not on its way yet. False when it is, or is gone.
pub async fn draft_edit_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    content: &str,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE draft SET content = $2, status = 'draft', updated = $3
         WHERE id = $1 AND status NOT IN ('queued', 'sent')",
    )
    .bind(id)
    .bind(content)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records who wrote a draft, once.
pub async fn draft_author_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<()> {
    sqlx::query("UPDATE draft SET author_actor = $2 WHERE id = $1 AND author_actor IS NULL")
        .bind(id)
        .bind(actor)
        .execute(&mut **tx)
        .await?;
    hand_insert_in_tx(tx, id, actor).await
}

/// Records who changed a draft.
pub async fn draft_editor_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<()> {
    sqlx::query("UPDATE draft SET edited_by = $2 WHERE id = $1")
        .bind(id)
        .bind(actor)
        .execute(&mut **tx)
        .await?;
    hand_insert_in_tx(tx, id, actor).await
}

async fn hand_insert_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO draft_hand (draft_id, actor) VALUES ($1, $2)
         ON CONFLICT (draft_id, actor) DO NOTHING",
    )
    .bind(id)
    .bind(actor)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A draft's text as it is now.
pub async fn draft_content_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<String> {
    Ok(
        sqlx::query_scalar("SELECT content FROM draft WHERE id = $1")
            .bind(id)
            .fetch_one(&mut **tx)
            .await?,
    )
}

/// Whether somebody (an actor) wrote any of a draft's text.
pub async fn draft_is_by_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<bool> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT actor FROM draft_hand WHERE draft_id = $1 AND actor = $2")
            .bind(id)
            .bind(actor)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.is_some())
}

/// Texts of the other drafts in a draft's conversation of which somebody wrote some, the latest first.
pub async fn draft_siblings_in_tx(tx: &mut Tx<'_>, id: &str, actor: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT d.content FROM draft d JOIN draft_hand h ON h.draft_id = d.id
         WHERE h.actor = $2 AND d.id <> $1
             AND d.conversation_id = (SELECT x.conversation_id FROM draft x WHERE x.id = $1)
         ORDER BY d.created DESC LIMIT $3",
    )
    .bind(id)
    .bind(actor)
    .bind(SIBLINGS_MAX)
    .fetch_all(&mut **tx)
    .await?)
}

/// Sets a draft's status while it is not on its way yet. False when it is, or is gone.
pub async fn draft_status_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    status: DraftStatus,
    now: TimestampMs,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE draft SET status = $2, updated = $3 WHERE id = $1 AND status NOT IN ('queued', 'sent')",
    )
    .bind(id)
    .bind(status.as_str())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::db) fn draft_of(row: &AnyRow) -> Result<Draft> {
    Ok(Draft {
        id: row.try_get("id")?,
        conversation_id: row.try_get("conversation_id")?,
        inbox_id: row.try_get("inbox_id")?,
        message_id: row.try_get("message_id")?,
        purpose: enum_of(row, "purpose")?,
        content: row.try_get("content")?,
        language: row.try_get("language")?,
        visibility: enum_of(row, "visibility")?,
        author: row.try_get("author")?,
        named_account: bool_of(row, "named_account")?,
        status: enum_of(row, "status")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
}

impl Db {
    pub async fn draft_get(&self, id: &str) -> Result<Option<Draft>> {
        let row = sqlx::query("SELECT * FROM draft WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(draft_of).transpose()
    }

    /// Who wrote a draft, as an actor.
    pub async fn draft_author(&self, id: &str) -> Result<Option<String>> {
        let found: Option<Option<String>> =
            sqlx::query_scalar("SELECT author_actor FROM draft WHERE id = $1")
                .bind(id)
                .fetch_optional(&self.read)
                .await?;
        Ok(found.flatten())
    }

    /// Whether a draft goes out on an account that is its writer's own, as rights are now.
    pub async fn draft_on_own_account(&self, id: &str) -> Result<bool> {
        let found: Option<String> = sqlx::query_scalar(
            "SELECT r.holder_id FROM draft d
             JOIN inbox_right r ON r.inbox_id = d.inbox_id AND r.holder_kind = 'agent' AND r.own
                 AND d.author_actor = 'agent:' || r.holder_id
             WHERE d.id = $1",
        )
        .bind(id)
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }
}

//! What we said.

use super::super::conversation::conversation_recount_in_tx;
use super::super::{Db, Result, Tx};
use super::order::answers_order_in_tx;
use super::shared::answer_link_in_tx;
use crate::domain::effective_time::effective_time;
use crate::domain::outbound::{OutboundMessage, OutboxItem, Receipt};
use crate::domain::social::Reach;
use crate::domain::{Id, TimestampMs, new_id};

/// What we said, once the network has it, as we learned at `received`; its id when it is new here. Hearing
/// our own message back later changes nothing.
pub async fn message_sent_in_tx(
    tx: &mut Tx<'_>,
    item: &OutboxItem,
    payload: &OutboundMessage,
    receipt: &Receipt,
    received: TimestampMs,
) -> Result<Option<Id>> {
    let id: Option<Id> = sqlx::query_scalar(
        "INSERT INTO message (id, inbox_id, conversation_id, external_id, direction, in_reply_to, published,
             received, effective, content, url, visibility, reach, ancestors, tags, mentions, attachments,
             version_at, version_id, author, recipient_id, shared_as)
         VALUES ($1, $2, $3, $4, 'outbound', $5, $6, $7, $8, $9, $10, $11, $12, '[]', '[]', '[]', '[]',
             $8, $4, (SELECT author FROM draft WHERE id = $13),
             (SELECT m.contact_id FROM draft d JOIN message m ON m.id = d.message_id WHERE d.id = $13),
             (SELECT x.plugin || ' ' || x.network FROM inbox x WHERE x.id = $2 AND $11 = 'public'
                 AND NOT EXISTS (SELECT 1 FROM message o WHERE o.external_id = $4
                     AND o.shared_as = x.plugin || ' ' || x.network)))
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
    if let Some(id) = &id {
        answer_link_in_tx(tx, id, &item.conversation_id).await?;
    }
    conversation_recount_in_tx(tx, &item.conversation_id).await?;
    answers_order_in_tx(tx, &id).await?;
    Ok(id)
}

impl Db {
    /// The name of an inbox, other than this one, through which a message was answered or is about to be.
    pub async fn answered_through(
        &self,
        message_id: &str,
        inbox_id: &str,
    ) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(
            "SELECT x.name FROM draft d JOIN outbox_item o ON o.draft_id = d.id
                 JOIN inbox x ON x.id = o.inbox_id
             WHERE d.message_id = $1 AND o.inbox_id <> $2 AND o.status NOT IN ('dead', 'dropped', 'withheld')
             ORDER BY o.created, o.id LIMIT 1",
        )
        .bind(message_id)
        .bind(inbox_id)
        .fetch_optional(&self.read)
        .await?)
    }
}

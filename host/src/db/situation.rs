//! The facts around messages that policies are shown, for a whole batch at once.

use super::casework::{case_of, suppression_of};
use super::conversation::conversation_of;
use super::people::{contact_of, identity_of};
use super::row::{count_of, enum_of};
use super::{Db, Result};
use crate::domain::case::{Case, Suppression};
use crate::domain::contact::Contact;
use crate::domain::inbox::Conversation;
use crate::domain::policy::Turn;
use crate::domain::{Id, TimestampMs};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::collections::{BTreeMap, BTreeSet};

/// Turns of a conversation that a policy sees.
const TURNS: usize = 20;

/// What the store knows around a batch of messages.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub contacts: BTreeMap<Id, Contact>,
    /// What the classifiers found of a contact's language, most often first.
    pub languages: BTreeMap<Id, String>,
    pub conversations: BTreeMap<Id, ConversationFacts>,
    pub open_cases: BTreeMap<Id, Vec<Case>>,
    pub suppressions: BTreeMap<Id, Vec<Suppression>>,
}

#[derive(Debug, Clone)]
pub struct ConversationFacts {
    pub conversation: Conversation,
    pub participant_count: u32,
    pub involves_us: bool,
    pub public_answer_count: u32,
    /// Oldest first.
    pub turns: Vec<Turn>,
}

/// `SELECT … WHERE column IN (…)` for a set of ids.
fn select_in<'a>(head: &'a str, ids: &'a BTreeSet<Id>, tail: &'a str) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(head);
    query.push(" (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.clone());
    }
    query.push(") ");
    query.push(tail);
    query
}

impl Db {
    /// Facts around these contacts and conversations, as they are now.
    pub async fn facts_load(
        &self,
        contacts: &BTreeSet<Id>,
        conversations: &BTreeSet<Id>,
    ) -> Result<Facts> {
        let mut facts = Facts::default();
        if !contacts.is_empty() {
            self.load_contacts(contacts, &mut facts).await?;
        }
        if !conversations.is_empty() {
            self.load_conversations(conversations, &mut facts).await?;
        }
        Ok(facts)
    }

    async fn rows(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<SqliteRow>> {
        Ok(query.build().fetch_all(&self.read).await?)
    }

    async fn load_contacts(&self, ids: &BTreeSet<Id>, facts: &mut Facts) -> Result<()> {
        let mut identities: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let query = select_in(
            "SELECT * FROM identity WHERE contact_id IN",
            ids,
            "ORDER BY id",
        );
        for row in self.rows(query).await? {
            let contact_id: String = row.try_get("contact_id")?;
            identities
                .entry(contact_id)
                .or_default()
                .push(identity_of(&row)?);
        }
        for row in self
            .rows(select_in("SELECT * FROM contact WHERE id IN", ids, ""))
            .await?
        {
            let id: String = row.try_get("id")?;
            let known = identities.remove(&id).unwrap_or_default();
            facts.contacts.insert(id, contact_of(&row, known)?);
        }
        let query = select_in(
            "SELECT * FROM customer_case WHERE status = 'open' AND contact_id IN",
            ids,
            "ORDER BY opened, id",
        );
        for row in self.rows(query).await? {
            let case = case_of(&row)?;
            facts
                .open_cases
                .entry(case.contact_id.clone())
                .or_default()
                .push(case);
        }
        let query = select_in(
            "SELECT * FROM suppression WHERE lifted IS NULL AND contact_id IN",
            ids,
            "ORDER BY since, id",
        );
        for row in self.rows(query).await? {
            let suppression = suppression_of(&row)?;
            let of = suppression.contact_id.clone();
            facts.suppressions.entry(of).or_default().push(suppression);
        }
        Ok(())
    }

    async fn load_conversations(&self, ids: &BTreeSet<Id>, facts: &mut Facts) -> Result<()> {
        for row in self
            .rows(select_in("SELECT * FROM conversation WHERE id IN", ids, ""))
            .await?
        {
            let conversation = conversation_of(&row)?;
            facts.conversations.insert(
                conversation.id.clone(),
                ConversationFacts {
                    conversation,
                    participant_count: 0,
                    involves_us: false,
                    public_answer_count: 0,
                    turns: Vec::new(),
                },
            );
        }
        let query = select_in(
            "SELECT conversation_id, COUNT(DISTINCT contact_id) AS participants,
                 MAX(CASE WHEN direction = 'outbound' OR reach = 'directed' THEN 1 ELSE 0 END) AS involves_us,
                 SUM(CASE WHEN direction = 'outbound' AND visibility = 'public' THEN 1 ELSE 0 END) AS answers
             FROM message WHERE conversation_id IN",
            ids,
            "GROUP BY conversation_id",
        );
        for row in self.rows(query).await? {
            if let Some(known) = facts
                .conversations
                .get_mut(row.try_get::<&str, _>("conversation_id")?)
            {
                known.participant_count = count_of(&row, "participants")?;
                known.involves_us = row.try_get::<i64, _>("involves_us")? != 0;
                known.public_answer_count = count_of(&row, "answers")?;
            }
        }
        for (id, known) in &mut facts.conversations {
            let rows = sqlx::query(
                "SELECT direction, visibility, published, contact_id FROM message
                 WHERE conversation_id = $1 ORDER BY published DESC, id DESC LIMIT $2",
            )
            .bind(id)
            .bind(TURNS as i64)
            .fetch_all(&self.read)
            .await?;
            for row in rows.iter().rev() {
                known.turns.push(Turn {
                    ours: row.try_get::<&str, _>("direction")? == "outbound",
                    visibility: enum_of(row, "visibility")?,
                    published: row.try_get("published")?,
                    attributed_to: row
                        .try_get::<Option<String>, _>("contact_id")?
                        .unwrap_or_default(),
                });
            }
        }
        Ok(())
    }

    /// How often each tag (lower case) was heard in the window that ends at `until`.
    pub async fn hashtag_counts(
        &self,
        tags: &BTreeSet<String>,
        from: TimestampMs,
        until: TimestampMs,
    ) -> Result<BTreeMap<String, u32>> {
        let mut counts = BTreeMap::new();
        for tag in tags {
            let count: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM message_tag WHERE tag = $1 AND published > $2 AND published <= $3",
            )
            .bind(tag)
            .bind(from)
            .bind(until)
            .fetch_one(&self.read)
            .await?;
            counts.insert(tag.clone(), u32::try_from(count).unwrap_or(u32::MAX));
        }
        Ok(counts)
    }
}

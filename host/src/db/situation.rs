//! The facts around messages that policies are shown, for a whole batch at once.

use super::bulk::{list_padded, padded};
use super::casework::{case_of, suppression_of};
use super::conversation::{CONVERSATIONS, conversation_of};
use super::people::{contact_of, identity_of};
use super::row::{count_of, enum_of};
use super::statement::Statement;
use super::{Db, Result};
use crate::domain::case::{Case, Suppression};
use crate::domain::contact::Contact;
use crate::domain::inbox::Conversation;
use crate::domain::policy::Turn;
use crate::domain::social::{Reach, Visibility};
use crate::domain::{Id, TimestampMs};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat_n;

/// Turns of a conversation that a policy sees.
const TURNS: usize = 20;
/// Conversations whose turns are asked for in one statement.
const TURN_QUERIES: usize = 32;
/// Windows whose hashtags are counted in one statement.
const TAG_QUERIES: usize = 32;

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
fn select_in(head: &str, ids: &BTreeSet<Id>, tail: &str) -> Statement {
    let mut query = Statement::new(head);
    query.push(" ");
    list_padded(&mut query, ids);
    query.push(" ").push(tail);
    query
}

impl Db {
    /// Facts around these contacts and conversations, as they are now. What does not hang together is
    /// asked for side by side.
    pub async fn facts_load(
        &self,
        contacts: &BTreeSet<Id>,
        conversations: &BTreeSet<Id>,
    ) -> Result<Facts> {
        let (mut facts, conversations) = tokio::try_join!(
            self.load_contacts(contacts),
            self.load_conversations(conversations)
        )?;
        facts.conversations = conversations;
        Ok(facts)
    }

    async fn rows(&self, query: Statement) -> Result<Vec<AnyRow>> {
        query.fetch_all(&self.read).await
    }

    async fn load_contacts(&self, ids: &BTreeSet<Id>) -> Result<Facts> {
        let mut facts = Facts::default();
        if ids.is_empty() {
            return Ok(facts);
        }
        let of_them = |head, tail| self.rows(select_in(head, ids, tail));
        let (identity_rows, contacts, cases, suppressions) = tokio::try_join!(
            of_them("SELECT * FROM identity WHERE contact_id IN", "ORDER BY id"),
            of_them("SELECT * FROM contact WHERE id IN", ""),
            of_them(
                "SELECT * FROM customer_case WHERE status = 'open' AND contact_id IN",
                ""
            ),
            of_them(
                "SELECT * FROM suppression WHERE lifted IS NULL AND contact_id IN",
                "ORDER BY since, id"
            ),
        )?;
        let mut identities: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for row in &identity_rows {
            let contact_id: String = row.try_get("contact_id")?;
            let of = identities.entry(contact_id).or_default();
            of.push(identity_of(row)?);
        }
        for row in &contacts {
            let id: String = row.try_get("id")?;
            let known = identities.remove(&id).unwrap_or_default();
            facts.contacts.insert(id, contact_of(row, known)?);
        }
        for row in &cases {
            let case = case_of(row)?;
            let of = facts.open_cases.entry(case.contact_id.clone());
            of.or_default().push(case);
        }
        // Sorted here: asked to sort, SQLite would read all open cases in order.
        for cases in facts.open_cases.values_mut() {
            cases.sort_by(|a, b| (a.opened, &a.id).cmp(&(b.opened, &b.id)));
        }
        for row in &suppressions {
            let suppression = suppression_of(row)?;
            let of = suppression.contact_id.clone();
            facts.suppressions.entry(of).or_default().push(suppression);
        }
        Ok(facts)
    }

    async fn load_conversations(
        &self,
        ids: &BTreeSet<Id>,
    ) -> Result<BTreeMap<Id, ConversationFacts>> {
        let mut conversations = BTreeMap::new();
        if ids.is_empty() {
            return Ok(conversations);
        }
        let query = select_in(&format!("{CONVERSATIONS} WHERE id IN"), ids, "");
        for row in self.rows(query).await? {
            let conversation = conversation_of(&row)?;
            conversations.insert(
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
        self.load_turns(&mut conversations).await?;
        for known in conversations.values_mut() {
            if known.conversation.message_count as usize > TURNS {
                self.load_figures(known).await?;
            }
        }
        Ok(conversations)
    }

    /// The latest turns; of a conversation that has no more, its figures too.
    async fn load_turns(&self, of: &mut BTreeMap<Id, ConversationFacts>) -> Result<()> {
        let ids: Vec<Id> = of.keys().cloned().collect();
        for chunk in ids.chunks(TURN_QUERIES) {
            let mut query = Statement::new("");
            // An empty id finds nothing; what repeats would be found twice.
            let empty = padded(chunk).len() - chunk.len();
            let asked = chunk.iter().map(String::as_str);
            for (position, id) in asked.chain(repeat_n("", empty)).enumerate() {
                if position > 0 {
                    query.push(" UNION ALL ");
                }
                query.push(
                    "SELECT * FROM (SELECT conversation_id, direction, visibility, reach, effective,
                         contact_id, id FROM message WHERE conversation_id = ",
                );
                query.bind(id);
                query.push(" ORDER BY effective DESC, id DESC LIMIT ");
                query.bind(TURNS as i64).push(") AS latest");
            }
            let mut participants: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
            let mut rows = Vec::new();
            for row in self.rows(query).await? {
                let at: TimestampMs = row.try_get("effective")?;
                rows.push((at, row.try_get::<Id, _>("id")?, row));
            }
            rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            for (at, _, row) in &rows {
                let id: Id = row.try_get("conversation_id")?;
                let contact_id: Option<Id> = row.try_get("contact_id")?;
                let Some(known) = of.get_mut(&id) else {
                    continue;
                };
                let visibility = enum_of(row, "visibility")?;
                let ours = row.try_get::<&str, _>("direction")? == "outbound";
                let reach: Reach = enum_of(row, "reach")?;
                known.involves_us |= ours || reach == Reach::Directed;
                known.public_answer_count += u32::from(ours && visibility == Visibility::Public);
                let participants = participants.entry(id).or_default();
                participants.extend(contact_id.clone());
                known.participant_count = participants.len() as u32;
                known.turns.push(Turn {
                    ours,
                    visibility,
                    published: *at,
                    attributed_to: contact_id.unwrap_or_default(),
                });
            }
        }
        Ok(())
    }

    /// Figures of a long conversation, without reading all of it: who takes part is looked up from
    /// one person to the next, and our own messages have an index.
    async fn load_figures(&self, known: &mut ConversationFacts) -> Result<()> {
        let row = sqlx::query(
            "WITH RECURSIVE person (id) AS (
                 SELECT MIN(contact_id) FROM message WHERE conversation_id = $1
                 UNION ALL
                 SELECT (SELECT MIN(m.contact_id) FROM message m
                         WHERE m.conversation_id = $1 AND m.contact_id > person.id)
                 FROM person WHERE person.id IS NOT NULL)
             SELECT (SELECT COUNT(id) FROM person) AS participants,
                 (SELECT COUNT(*) FROM message
                  WHERE conversation_id = $1 AND direction = 'outbound') AS ours,
                 (SELECT COUNT(*) FROM message
                  WHERE conversation_id = $1 AND direction = 'outbound'
                      AND visibility = 'public') AS answers",
        )
        .bind(&known.conversation.id)
        .fetch_one(&self.read)
        .await?;
        known.participant_count = count_of(&row, "participants")?;
        known.involves_us =
            count_of(&row, "ours")? > 0 || known.conversation.reach == Reach::Directed;
        known.public_answer_count = count_of(&row, "answers")?;
        Ok(())
    }

    /// How often tags (lower case) were heard in windows of one length, each with its end. In order.
    pub async fn hashtag_counts(
        &self,
        windows: &[(String, TimestampMs)],
        length_ms: i64,
    ) -> Result<Vec<u32>> {
        let mut counts = Vec::with_capacity(windows.len());
        for some in windows.chunks(TAG_QUERIES) {
            let mut query = Statement::new("");
            for (position, (tag, until)) in padded(some).into_iter().enumerate() {
                query.push(if position > 0 { " UNION ALL " } else { "" });
                query.push("SELECT ").bind(position as i64);
                query.push(" AS position, COUNT(*) AS heard FROM message_tag WHERE tag = ");
                query
                    .bind(tag)
                    .push(" AND published > ")
                    .bind(until.saturating_sub(length_ms));
                query.push(" AND published <= ").bind(*until);
            }
            let mut heard = vec![0; some.len()];
            for row in self.rows(query).await? {
                let position: i64 = row.try_get("position")?;
                if let Some(heard) = heard.get_mut(position as usize) {
                    *heard = count_of(&row, "heard")?;
                }
            }
            counts.extend(heard);
        }
        Ok(counts)
    }
}

//! Lists for people: filters and keyset pages, newest first. Every page has a limit.

use super::access::scope::condition;
use super::annotation::decision_of;
use super::bulk::list_padded;
use super::casework::{case_of, task_of};
use super::conversation::{CONVERSATIONS, conversation_of};
use super::message::{MESSAGES, message_of};
use super::outbound::{draft_of, item_of};
use super::people::{contact_of, identity_of};
use super::row::corrupt;
use super::statement::Statement;
use super::{Db, Result};
use crate::domain::access::InboxScope;
use crate::domain::annotation::Decision;
use crate::domain::case::{Case, CaseKind, CaseStatus, Task};
use crate::domain::contact::Contact;
use crate::domain::inbox::{Conversation, ConversationStatus};
use crate::domain::outbound::{Draft, OutboxItem, OutboxStatus};
use crate::domain::social::Message;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;

/// Most rows of one page.
pub const PAGE_MAX: u32 = 200;

/// Where a page begins: behind this sort value and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    pub at: i64,
    pub id: String,
}

impl Keyset {
    /// Opaque text for clients.
    pub fn encode(&self) -> String {
        hex::encode(format!("{}:{}", self.at, self.id))
    }

    pub fn decode(text: &str) -> Option<Self> {
        let plain = String::from_utf8(hex::decode(text).ok()?).ok()?;
        let (at, id) = plain.split_once(':')?;
        Some(Self {
            at: at.parse().ok()?,
            id: id.to_owned(),
        })
    }
}

/// One page, and where the next begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Keyset>,
}

/// Conditions, with `{}` where the value goes; none leaves it out.
pub type Filters<'a> = &'a [(&'static str, Option<String>)];

impl Db {
    /// Newest first by `sort` and `id`, of the rows that `scope` shows.
    pub(super) async fn page<T>(
        &self,
        (table, sort): (&'static str, &'static str),
        filters: Filters<'_>,
        scope: &InboxScope,
        after: Option<&Keyset>,
        limit: u32,
        of: impl Fn(&AnyRow) -> Result<T>,
    ) -> Result<Page<T>> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut query = match table {
            "message" => Statement::new(MESSAGES),
            "conversation" => Statement::new(CONVERSATIONS),
            table => Statement::new(&format!("SELECT * FROM {table}")),
        };
        query.push(" WHERE TRUE");
        if let InboxScope::Only(inboxes) = scope {
            let list = query.marks(inboxes);
            let seen = condition(table, &list);
            query.push(" AND ").push(&seen);
        }
        for (condition, value) in filters {
            if let Some(value) = value {
                let mark = query.marks([value]);
                query.push(" AND (").push(&condition.replace("{}", &mark));
                query.push(")");
            }
        }
        if let Some(after) = after {
            query
                .push(" AND (")
                .push(sort)
                .push(", id) < (")
                .bind(after.at)
                .push(", ");
            query.bind(&after.id).push(")");
        }
        query
            .push(" ORDER BY ")
            .push(sort)
            .push(" DESC, id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.fetch_all(&self.read).await?;
        let next = if rows.len() > limit as usize {
            let last = &rows[limit as usize - 1];
            Some(Keyset {
                at: last.try_get(sort)?,
                id: last.try_get("id")?,
            })
        } else {
            None
        };
        let items = rows
            .iter()
            .take(limit as usize)
            .map(of)
            .collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    pub async fn conversation_page(
        &self,
        scope: &InboxScope,
        inbox_id: Option<String>,
        status: Option<ConversationStatus>,
        team: Option<String>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Conversation>> {
        let status = status.map(|s| s.as_str().to_owned());
        let of_inbox = match self
            .inbox_shares("conversation_inbox", inbox_id.as_deref())
            .await?
        {
            false => "inbox_id = {}",
            true => {
                "inbox_id = {} OR id IN
                     (SELECT conversation_id FROM conversation_inbox x WHERE x.inbox_id = {})"
            }
        };
        let filters = [
            (of_inbox, inbox_id),
            ("status = {}", status),
            ("team = {}", team),
        ];
        self.page(
            ("conversation", "last_message"),
            &filters,
            scope,
            after,
            limit,
            conversation_of,
        )
        .await
    }

    /// Whether an inbox has part in what belongs to others (`message_inbox`, `conversation_inbox`). Most
    /// have none: then an index has the order of a list.
    async fn inbox_shares(&self, links: &str, inbox_id: Option<&str>) -> Result<bool> {
        let Some(inbox_id) = inbox_id else {
            return Ok(false);
        };
        let sql = format!("SELECT inbox_id FROM {links} WHERE inbox_id = $1 LIMIT 1");
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(inbox_id)
            .fetch_optional(&self.read)
            .await?;
        Ok(found.is_some())
    }

    /// Those of a contact are what they said and what we answered.
    pub async fn message_page(
        &self,
        scope: &InboxScope,
        inbox_id: Option<String>,
        conversation_id: Option<String>,
        contact_id: Option<String>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Message>> {
        let of_inbox = match self
            .inbox_shares("message_inbox", inbox_id.as_deref())
            .await?
        {
            false => "inbox_id = {}",
            true => {
                "inbox_id = {} OR id IN
                     (SELECT message_id FROM message_inbox x WHERE x.inbox_id = {})"
            }
        };
        let filters = [
            (of_inbox, inbox_id),
            ("conversation_id = {}", conversation_id),
            ("contact_id = {} OR recipient_id = {}", contact_id),
        ];
        self.page(
            ("message", "effective"),
            &filters,
            scope,
            after,
            limit,
            message_of,
        )
        .await
    }

    pub async fn contact_page(
        &self,
        scope: &InboxScope,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Contact>> {
        let mut page = self
            .page(("contact", "last_seen"), &[], scope, after, limit, |row| {
                contact_of(row, Vec::new())
            })
            .await?;
        let mut query = Statement::new("SELECT * FROM identity WHERE contact_id IN ");
        list_padded(&mut query, page.items.iter().map(|contact| &contact.id));
        query.push(" ORDER BY id");
        let mut identities: HashMap<String, Vec<_>> = HashMap::new();
        for row in query.fetch_all(&self.read).await? {
            let of = identities.entry(row.try_get("contact_id")?).or_default();
            of.push(identity_of(&row)?);
        }
        for contact in &mut page.items {
            contact.identities = identities.remove(&contact.id).unwrap_or_default();
        }
        self.contacts_narrow(&mut page.items, scope).await?;
        Ok(page)
    }

    pub async fn case_page(
        &self,
        scope: &InboxScope,
        contact_id: Option<String>,
        kind: Option<CaseKind>,
        status: Option<CaseStatus>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Case>> {
        let kind = kind.map(|k| k.as_str().to_owned());
        let status = status.map(|s| s.as_str().to_owned());
        let filters = [
            ("contact_id = {}", contact_id),
            ("kind = {}", kind),
            ("status = {}", status),
        ];
        self.page(
            ("customer_case", "opened"),
            &filters,
            scope,
            after,
            limit,
            case_of,
        )
        .await
    }

    pub async fn case_get(&self, id: &str) -> Result<Option<Case>> {
        let row = sqlx::query("SELECT * FROM customer_case WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(case_of).transpose()
    }

    pub async fn task_page(
        &self,
        scope: &InboxScope,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Task>> {
        self.page(("task", "created"), &[], scope, after, limit, task_of)
            .await
    }

    pub async fn draft_page(
        &self,
        scope: &InboxScope,
        conversation_id: Option<String>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Draft>> {
        let filters = [("conversation_id = {}", conversation_id)];
        self.page(
            ("draft", "created"),
            &filters,
            scope,
            after,
            limit,
            draft_of,
        )
        .await
    }

    pub async fn outbox_page(
        &self,
        scope: &InboxScope,
        status: Option<OutboxStatus>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<OutboxItem>> {
        let filters = [("status = {}", status.map(|s| s.as_str().to_owned()))];
        self.page(
            ("outbox_item", "created"),
            &filters,
            scope,
            after,
            limit,
            item_of,
        )
        .await
    }

    pub async fn decision_page(
        &self,
        scope: &InboxScope,
        message_id: Option<String>,
        draft_id: Option<String>,
        effect: Option<String>,
        after: Option<&Keyset>,
        limit: u32,
    ) -> Result<Page<Decision>> {
        let filters = [
            ("message_id = {}", message_id),
            ("draft_id = {}", draft_id),
            ("effect = {}", effect),
        ];
        self.page(
            ("decision", "decided"),
            &filters,
            scope,
            after,
            limit,
            decision_of,
        )
        .await
    }

    /// Rows by the values of a column, for summaries. `table` and `column` are ours, not a client's.
    pub async fn count_by(
        &self,
        table: &'static str,
        column: &'static str,
        condition: &'static str,
    ) -> Result<Vec<(String, u64)>> {
        let mut query = Statement::new("SELECT ");
        query
            .push(column)
            .push(" AS value, COUNT(*) AS n FROM ")
            .push(table);
        query
            .push(" WHERE ")
            .push(condition)
            .push(" GROUP BY ")
            .push(column);
        query.push(" ORDER BY n DESC, value");
        let rows = query.fetch_all(&self.read).await?;
        rows.iter()
            .map(|row| {
                let n = u64::try_from(row.try_get::<i64, _>("n")?).map_err(|e| corrupt("n", e))?;
                Ok((row.try_get("value")?, n))
            })
            .collect()
    }
}

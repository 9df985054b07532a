//! Cases, suppressions, tasks, and what decisions do to a conversation.

use super::bulk::list_padded;
use super::row::{bool_of, enum_of, json_of, json_text};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::case::{Case, Suppression, Task};
use crate::domain::inbox::{ConversationStatus, Priority};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

pub async fn case_insert_in_tx(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    sqlx::query(
        "INSERT INTO customer_case (id, contact_id, conversation_id, message_id, kind, title, priority,
             status, team, opened, respond_by, solve_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&case.id)
    .bind(&case.contact_id)
    .bind(&case.conversation_id)
    .bind(&case.message_id)
    .bind(case.kind.as_str())
    .bind(&case.title)
    .bind(case.priority.as_str())
    .bind(case.status.as_str())
    .bind(&case.team)
    .bind(case.opened)
    .bind(case.respond_by)
    .bind(case.solve_by)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Closes a case; lifts what was to last until the contact has no open complaint. False when it was
/// not open.
pub async fn case_close_in_tx(tx: &mut Tx<'_>, id: &str, now: TimestampMs) -> Result<bool> {
    let contact: Option<String> = sqlx::query_scalar(
        "UPDATE customer_case SET status = 'closed', closed = $2
         WHERE id = $1 AND status = 'open' RETURNING contact_id",
    )
    .bind(id)
    .bind(now)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(contact) = contact else {
        return Ok(false);
    };
    sqlx::query(
        "UPDATE suppression SET lifted = $2 WHERE contact_id = $1 AND lifted IS NULL
             AND until_cases_closed AND NOT EXISTS (
                 SELECT 1 FROM customer_case
                 WHERE contact_id = $1 AND status = 'open' AND kind = 'complaint')",
    )
    .bind(&contact)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// Raises open cases of a conversation to a priority; never lowers.
pub async fn case_raise_in_tx(
    tx: &mut Tx<'_>,
    conversation_id: &str,
    priority: Priority,
) -> Result<()> {
    for lower in Priority::ALL.iter().filter(|p| **p < priority) {
        sqlx::query(
            "UPDATE customer_case SET priority = $3
             WHERE conversation_id = $1 AND status = 'open' AND priority = $2",
        )
        .bind(conversation_id)
        .bind(lower.as_str())
        .bind(priority.as_str())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Stops the response clock of the conversation's cases.
pub async fn case_responded_in_tx(
    tx: &mut Tx<'_>,
    conversation_id: &str,
    at: TimestampMs,
) -> Result<()> {
    sqlx::query(
        "UPDATE customer_case SET responded = $2
         WHERE conversation_id = $1 AND status = 'open' AND responded IS NULL",
    )
    .bind(conversation_id)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE conversation SET respond_by = NULL WHERE id = $1")
        .bind(conversation_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// One suppression at a time for the same contact, purpose and channel that ends the same way.
pub async fn suppression_insert_in_tx(tx: &mut Tx<'_>, s: &Suppression) -> Result<()> {
    sqlx::query(
        "INSERT INTO suppression (id, contact_id, purpose, channel, reason, since, until, until_cases_closed)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (
             SELECT 1 FROM suppression WHERE contact_id = $2 AND purpose = $3
                 AND COALESCE(channel, '') = COALESCE($4, '') AND until_cases_closed = $8
                 AND COALESCE(until, 0) = COALESCE($7, 0) AND lifted IS NULL)",
    )
    .bind(&s.id)
    .bind(&s.contact_id)
    .bind(s.purpose.as_str())
    .bind(&s.channel)
    .bind(&s.reason)
    .bind(s.since)
    .bind(s.until)
    .bind(s.until_cases_closed)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn task_insert_in_tx(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    sqlx::query(
        "INSERT INTO task (id, conversation_id, contact_id, title, team, due, status, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&task.id)
    .bind(&task.conversation_id)
    .bind(&task.contact_id)
    .bind(&task.title)
    .bind(&task.team)
    .bind(task.due)
    .bind(task.status.as_str())
    .bind(task.created)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What decisions change in a conversation; none leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationChange {
    pub status: Option<ConversationStatus>,
    /// Raises, never lowers.
    pub priority: Option<Priority>,
    pub team: Option<String>,
    /// An earlier deadline stands.
    pub respond_by: Option<TimestampMs>,
    pub labels: Vec<String>,
}

pub async fn conversation_change_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    change: &ConversationChange,
) -> Result<()> {
    conversations_change_in_tx(tx, &[(id, change)]).await
}

/// Changes of several conversations, each once. Those that come to the same take one statement.
pub async fn conversations_change_in_tx(
    tx: &mut Tx<'_>,
    changes: &[(&str, &ConversationChange)],
) -> Result<()> {
    let nothing = ConversationChange::default();
    let changes: BTreeMap<&str, &ConversationChange> = changes
        .iter()
        .copied()
        .filter(|(_, change)| **change != nothing)
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    let mut query = Statement::new(
        "SELECT id, status, priority, team, respond_by, labels FROM conversation WHERE id IN ",
    );
    list_padded(&mut query, changes.keys().copied());
    let mut alike: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in query.fetch_all(&mut **tx).await? {
        let id: String = row.try_get("id")?;
        let Some(change) = changes.get(id.as_str()) else {
            continue;
        };
        let status: ConversationStatus = enum_of(&row, "status")?;
        let priority: Priority = enum_of(&row, "priority")?;
        let team: Option<String> = row.try_get("team")?;
        let respond_by: Option<TimestampMs> = row.try_get("respond_by")?;
        let text: String = row.try_get("labels")?;
        let mut labels: Vec<String> = json_of(&row, "labels")?;
        for label in &change.labels {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        let before = (status, priority, team.clone(), respond_by, text);
        let after = (
            change.status.unwrap_or(status),
            change.priority.unwrap_or(priority).max(priority),
            change.team.clone().or(team),
            match (change.respond_by, respond_by) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => b.or(a),
            },
            json_text(&labels),
        );
        if after != before {
            alike.entry(after).or_default().push(id);
        }
    }
    for ((status, priority, team, respond_by, labels), ids) in alike {
        let mut update = Statement::new("UPDATE conversation SET status = ");
        update.bind(status.as_str()).push(", priority = ");
        update.bind(priority.as_str()).push(", team = ");
        update.bind(team).push(", respond_by = ");
        update.bind(respond_by).push(", labels = ");
        update.bind(labels).push(" WHERE id IN ");
        list_padded(&mut update, &ids);
        update.execute(&mut **tx).await?;
    }
    Ok(())
}

pub(super) fn case_of(row: &AnyRow) -> Result<Case> {
    Ok(Case {
        id: row.try_get("id")?,
        contact_id: row.try_get("contact_id")?,
        conversation_id: row.try_get("conversation_id")?,
        message_id: row.try_get("message_id")?,
        kind: enum_of(row, "kind")?,
        title: row.try_get("title")?,
        priority: enum_of(row, "priority")?,
        status: enum_of(row, "status")?,
        team: row.try_get("team")?,
        opened: row.try_get("opened")?,
        respond_by: row.try_get("respond_by")?,
        solve_by: row.try_get("solve_by")?,
        responded: row.try_get("responded")?,
        closed: row.try_get("closed")?,
    })
}

pub(super) fn suppression_of(row: &AnyRow) -> Result<Suppression> {
    Ok(Suppression {
        id: row.try_get("id")?,
        contact_id: row.try_get("contact_id")?,
        purpose: enum_of(row, "purpose")?,
        channel: row.try_get("channel")?,
        reason: row.try_get("reason")?,
        since: row.try_get("since")?,
        until: row.try_get("until")?,
        until_cases_closed: bool_of(row, "until_cases_closed")?,
        lifted: row.try_get("lifted")?,
    })
}

pub(super) fn task_of(row: &AnyRow) -> Result<Task> {
    Ok(Task {
        id: row.try_get("id")?,
        conversation_id: row.try_get("conversation_id")?,
        contact_id: row.try_get("contact_id")?,
        title: row.try_get("title")?,
        team: row.try_get("team")?,
        due: row.try_get("due")?,
        status: enum_of(row, "status")?,
        created: row.try_get("created")?,
    })
}

impl Db {
    /// A contact's open cases, and suppressions that are not lifted.
    pub async fn case_open_list(&self, contact_id: &str) -> Result<Vec<Case>> {
        let rows = sqlx::query(
            "SELECT * FROM customer_case WHERE contact_id = $1 AND status = 'open' ORDER BY opened, id",
        )
        .bind(contact_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(case_of).collect()
    }

    pub async fn suppression_list(&self, contact_id: &str) -> Result<Vec<Suppression>> {
        let rows = sqlx::query(
            "SELECT * FROM suppression WHERE contact_id = $1 AND lifted IS NULL ORDER BY since, id",
        )
        .bind(contact_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(suppression_of).collect()
    }
}

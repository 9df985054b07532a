//! Cases, suppressions, tasks, and what decisions do to a conversation.

use super::bulk::{list_padded, rows_insert_in_tx};
use super::row::{bool_of, enum_of, json_of, json_text, optional_enum_of};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::case::{Case, Suppression, Task};
use crate::domain::inbox::{ConversationStatus, Priority};
use crate::domain::social::Visibility;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};

pub async fn cases_insert_in_tx(
    tx: &mut Tx<'_>,
    cases: impl IntoIterator<Item = &Case>,
) -> Result<()> {
    let rows = cases.into_iter().map(|case| {
        vec![
            (&case.id).into(),
            (&case.contact_id).into(),
            case.conversation_id.clone().into(),
            case.message_id.clone().into(),
            case.kind.as_str().into(),
            (&case.title).into(),
            case.priority.as_str().into(),
            case.status.as_str().into(),
            case.team.clone().into(),
            case.opened.into(),
            case.respond_by.into(),
            case.solve_by.into(),
        ]
    });
    let columns = [
        "id",
        "contact_id",
        "conversation_id",
        "message_id",
        "kind",
        "title",
        "priority",
        "status",
        "team",
        "opened",
        "respond_by",
        "solve_by",
    ];
    rows_insert_in_tx(tx, "customer_case", &columns, rows.collect(), "").await?;
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

/// Raises open cases of conversations to a priority each; never lowers.
pub async fn cases_raise_in_tx<'a>(
    tx: &mut Tx<'_>,
    raised: impl IntoIterator<Item = (&'a str, Priority)>,
) -> Result<()> {
    let mut conversations: BTreeMap<Priority, Vec<&str>> = BTreeMap::new();
    for (conversation_id, priority) in raised {
        let of = conversations.entry(priority).or_default();
        of.push(conversation_id);
    }
    for (priority, conversations) in conversations {
        let lower = Priority::ALL.iter().filter(|p| **p < priority);
        let mut raise = Statement::new("UPDATE customer_case SET priority = ");
        raise.bind(priority.as_str());
        raise.push(" WHERE status = 'open' AND priority IN ");
        raise.list(lower.map(|p| p.as_str()));
        raise.push(" AND conversation_id IN ");
        list_padded(&mut raise, conversations);
        raise.execute(&mut **tx).await?;
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
pub async fn suppressions_insert_in_tx(
    tx: &mut Tx<'_>,
    suppressions: impl IntoIterator<Item = &Suppression>,
) -> Result<()> {
    let wanted: Vec<&Suppression> = suppressions.into_iter().collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let contacts: BTreeSet<&str> = wanted.iter().map(|s| s.contact_id.as_str()).collect();
    let mut query =
        Statement::new("SELECT * FROM suppression WHERE lifted IS NULL AND contact_id IN ");
    list_padded(&mut query, contacts);
    let rows = query.fetch_all(&mut **tx).await?;
    let known: Vec<Suppression> = rows.iter().map(suppression_of).collect::<Result<_>>()?;
    let mut new: Vec<&Suppression> = Vec::new();
    for s in wanted {
        let alike = |other: &Suppression| {
            (&other.contact_id, other.purpose, &other.channel)
                == (&s.contact_id, s.purpose, &s.channel)
                && (other.until, other.until_cases_closed) == (s.until, s.until_cases_closed)
        };
        if !known.iter().any(alike) && !new.iter().any(|other| alike(other)) {
            new.push(s);
        }
    }
    let rows = new.into_iter().map(|s| {
        vec![
            (&s.id).into(),
            (&s.contact_id).into(),
            s.purpose.as_str().into(),
            s.channel.clone().into(),
            (&s.reason).into(),
            s.since.into(),
            s.until.into(),
            s.until_cases_closed.into(),
        ]
    });
    let columns = [
        "id",
        "contact_id",
        "purpose",
        "channel",
        "reason",
        "since",
        "until",
        "until_cases_closed",
    ];
    rows_insert_in_tx(tx, "suppression", &columns, rows.collect(), "").await?;
    Ok(())
}

pub async fn tasks_insert_in_tx(
    tx: &mut Tx<'_>,
    tasks: impl IntoIterator<Item = &Task>,
) -> Result<()> {
    let rows = tasks.into_iter().map(|task| {
        vec![
            (&task.id).into(),
            task.conversation_id.clone().into(),
            task.contact_id.clone().into(),
            (&task.title).into(),
            task.team.clone().into(),
            task.due.into(),
            task.status.as_str().into(),
            task.created.into(),
        ]
    });
    let columns = [
        "id",
        "conversation_id",
        "contact_id",
        "title",
        "team",
        "due",
        "status",
        "created",
    ];
    rows_insert_in_tx(tx, "task", &columns, rows.collect(), "").await?;
    Ok(())
}

/// What decisions change in a conversation; none leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationChange {
    pub status: Option<ConversationStatus>,
    /// Raises, never lowers.
    pub priority: Option<Priority>,
    pub team: Option<String>,
    /// A more private one stands.
    pub answer_visibility: Option<Visibility>,
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
        "SELECT id, status, priority, team, answer_visibility, respond_by, labels FROM conversation
         WHERE id IN ",
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
        let visibility: Option<Visibility> = optional_enum_of(&row, "answer_visibility")?;
        let respond_by: Option<TimestampMs> = row.try_get("respond_by")?;
        let text: String = row.try_get("labels")?;
        let mut labels: Vec<String> = json_of(&row, "labels")?;
        for label in &change.labels {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        let before = (status, priority, team.clone(), visibility, respond_by, text);
        let after = (
            change.status.unwrap_or(status),
            change.priority.unwrap_or(priority).max(priority),
            change.team.clone().or(team),
            change.answer_visibility.max(visibility),
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
    for ((status, priority, team, visibility, respond_by, labels), ids) in alike {
        let mut update = Statement::new("UPDATE conversation SET status = ");
        update.bind(status.as_str()).push(", priority = ");
        update.bind(priority.as_str()).push(", team = ");
        update.bind(team).push(", answer_visibility = ");
        let visibility = visibility.map(|visibility| visibility.to_string());
        update.bind(visibility).push(", respond_by = ");
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

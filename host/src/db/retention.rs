//! The deleting of what is old: for each kind of data, which rows are to go, and what goes with them
//! in which order. Outgoing webhooks are not here: their worker clears them, as their rule says.
//!
//! Never deleted: open cases, drafts that are not sent, outbox items that are not settled (uncertain
//! and dead ones too), events that are not processed, and whatever these refer to. A batch is one
//! transaction; on a foreign key that came up meanwhile it is rolled back as a whole.

use super::audit::audit_append_in_tx;
use super::conversation::conversation_recount_in_tx;
use super::row::{json_of, json_text};
use super::statement::Statement;
use super::{Db, Result, Tx};
use crate::domain::TimestampMs;
use crate::domain::retention::{DataKind, RetentionRun};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// Runs that stay on record.
const RUNS_MAX: i64 = 400;

/// Which rows of a table are old enough, and what is done with them.
struct Rule {
    kind: DataKind,
    table: &'static str,
    id: &'static str,
    at: &'static str,
    /// Rows `t` that may go. `$1` is the time before which they are old.
    when: &'static str,
    /// In order. `{ids}` is the list of rows.
    then: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        kind: DataKind::Messages,
        table: "message",
        id: "id",
        at: "effective",
        when: "NOT EXISTS (SELECT 1 FROM customer_case c WHERE c.status = 'open'
                 AND c.conversation_id = t.conversation_id)
             AND NOT EXISTS (SELECT 1 FROM customer_case c WHERE c.status = 'open' AND c.message_id = t.id)
             AND NOT EXISTS (SELECT 1 FROM customer_case c WHERE c.status = 'open' AND c.contact_id = t.contact_id)
             AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = t.conversation_id
                 AND d.status IN ('draft', 'held', 'denied', 'queued') AND d.updated >= $1)
             AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = t.conversation_id
                 AND d.status = 'held')
             AND NOT EXISTS (SELECT 1 FROM outbox_item o WHERE o.conversation_id = t.conversation_id
                 AND o.status NOT IN ('sent', 'dropped', 'withheld'))",
        then: &[
            "DELETE FROM delivery_attempt WHERE item_id IN (SELECT o.id FROM outbox_item o
                 JOIN draft d ON d.id = o.draft_id WHERE d.message_id IN ({ids}))",
            "DELETE FROM outbox_item WHERE draft_id IN (SELECT id FROM draft WHERE message_id IN ({ids}))",
            "DELETE FROM decision WHERE evaluation_id IN (SELECT e.id FROM evaluation e
                 JOIN draft d ON d.id = e.draft_id WHERE d.message_id IN ({ids}))",
            "DELETE FROM evaluation WHERE draft_id IN (SELECT id FROM draft WHERE message_id IN ({ids}))",
            "DELETE FROM draft_hand WHERE draft_id IN (SELECT id FROM draft WHERE message_id IN ({ids}))",
            "DELETE FROM draft WHERE message_id IN ({ids})",
            "DELETE FROM decision WHERE evaluation_id IN (SELECT id FROM evaluation WHERE message_id IN ({ids}))",
            "DELETE FROM decision WHERE message_id IN ({ids})",
            "DELETE FROM evaluation WHERE message_id IN ({ids})",
            "DELETE FROM classification WHERE message_id IN ({ids})",
            "DELETE FROM message_tag WHERE message_id IN ({ids})",
            "DELETE FROM message_inbox WHERE message_id IN ({ids})",
            "UPDATE customer_case SET message_id = NULL WHERE message_id IN ({ids})",
            "UPDATE contact SET message_count = message_count - (SELECT COUNT(*) FROM message m
                 WHERE m.contact_id = contact.id AND m.id IN ({ids}))
             WHERE id IN (SELECT contact_id FROM message WHERE id IN ({ids}))",
            "DELETE FROM message WHERE id IN ({ids})",
        ],
    },
    Rule {
        kind: DataKind::ClosedCases,
        table: "customer_case",
        id: "id",
        at: "closed",
        when: "t.status = 'closed'",
        then: &["DELETE FROM customer_case WHERE id IN ({ids})"],
    },
    Rule {
        kind: DataKind::Decisions,
        table: "evaluation",
        id: "id",
        at: "evaluated",
        when: "NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = t.draft_id AND d.status <> 'sent')
             AND NOT EXISTS (SELECT 1 FROM customer_case c WHERE c.message_id = t.message_id
                 AND c.status = 'open')",
        then: &[
            "DELETE FROM decision WHERE evaluation_id IN ({ids})",
            "DELETE FROM evaluation WHERE id IN ({ids})",
        ],
    },
    Rule {
        kind: DataKind::EvaluationInputs,
        table: "evaluation",
        id: "id",
        at: "evaluated",
        when: "t.input <> ''",
        then: &["UPDATE evaluation SET input = '' WHERE id IN ({ids})"],
    },
    Rule {
        kind: DataKind::InboundEvents,
        table: "inbound_event",
        id: "id",
        at: "received",
        when: "t.status IN ('done', 'failed')",
        then: &["DELETE FROM inbound_event WHERE id IN ({ids})"],
    },
    Rule {
        kind: DataKind::DeliveryAttempts,
        table: "delivery_attempt",
        id: "id",
        at: "finished",
        when: "EXISTS (SELECT 1 FROM outbox_item o WHERE o.id = t.item_id
                 AND o.status IN ('sent', 'dropped', 'withheld'))",
        then: &["DELETE FROM delivery_attempt WHERE id IN ({ids})"],
    },
    Rule {
        kind: DataKind::Sessions,
        table: "session",
        id: "id",
        at: "expires",
        when: "TRUE",
        then: &["DELETE FROM session WHERE id IN ({ids})"],
    },
    Rule {
        kind: DataKind::LoginAttempts,
        table: "login_throttle",
        id: "key",
        at: "last_failure",
        when: "TRUE",
        then: &["DELETE FROM login_throttle WHERE key IN ({ids})"],
    },
    Rule {
        kind: DataKind::Contacts,
        table: "contact",
        id: "id",
        at: "last_seen",
        when: "NOT EXISTS (SELECT 1 FROM message m WHERE m.contact_id = t.id)
             AND NOT EXISTS (SELECT 1 FROM customer_case c WHERE c.contact_id = t.id)
             AND NOT EXISTS (SELECT 1 FROM task k WHERE k.contact_id = t.id AND k.status = 'open')
             AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.contact_id = t.id
                 AND s.lifted IS NULL AND (s.until IS NULL OR s.until >= $1))",
        then: &[
            "UPDATE message SET recipient_id = NULL WHERE recipient_id IN ({ids})",
            "DELETE FROM reaction WHERE contact_id IN ({ids})",
            "DELETE FROM suppression WHERE contact_id IN ({ids})",
            "DELETE FROM task WHERE contact_id IN ({ids})",
            "DELETE FROM identity WHERE contact_id IN ({ids})",
            "DELETE FROM contact WHERE id IN ({ids})",
        ],
    },
];

/// The last row of a batch: the next one begins behind it.
#[derive(Debug, Clone)]
pub struct Place {
    at: i64,
    id: String,
}

/// A batch that is gone.
#[derive(Debug)]
pub struct Batch {
    pub rows: u64,
    pub last: Place,
}

fn rules_of(kind: DataKind) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.kind == kind)
}

impl Db {
    /// Deletes the next rows of a kind that are older than `cutoff`; none when there are no more.
    pub async fn retention_batch(
        &self,
        kind: DataKind,
        cutoff: TimestampMs,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Option<Batch>> {
        let Some(rule) = rules_of(kind).next() else {
            return Ok(None);
        };
        let Rule {
            table,
            id,
            at,
            when,
            ..
        } = rule;
        // What is to go is looked up outside of the transaction that deletes it: the search may be
        // long. It is asked again inside, for these rows only.
        let sql = format!(
            "SELECT t.{id} AS id, t.{at} AS at FROM {table} t WHERE t.{at} < $1 AND ({when})
                 AND (t.{at} > $2 OR (t.{at} = $2 AND t.{id} > $3))
             ORDER BY t.{at}, t.{id} LIMIT $4"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(cutoff)
            .bind(after.map_or(i64::MIN, |place| place.at))
            .bind(after.map_or("", |place| place.id.as_str()))
            .bind(limit as i64)
            .fetch_all(&self.read)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        let last = Place {
            at: last.try_get("at")?,
            id: last.try_get("id")?,
        };
        let found = ids_of(&rows)?;
        let mut tx = self.begin().await?;
        let head = format!("SELECT t.{id} AS id FROM {table} t WHERE t.{at} < ");
        let mut query = Statement::new(&head);
        query.bind(cutoff);
        query.push(&format!(" AND ({when}) AND t.{id} IN "));
        query.list(&found);
        let ids = ids_of(&query.fetch_all(&mut *tx).await?)?;
        if !ids.is_empty() {
            rows_delete_in_tx(&mut tx, rule, &ids).await?;
        }
        super::commit(tx).await?;
        Ok(Some(Batch {
            rows: ids.len() as u64,
            last,
        }))
    }

    /// How many rows of a kind are older than `cutoff` and may go.
    pub async fn retention_count(&self, kind: DataKind, cutoff: TimestampMs) -> Result<u64> {
        let mut total = 0;
        for Rule {
            table, at, when, ..
        } in rules_of(kind)
        {
            let sql = format!("SELECT COUNT(*) FROM {table} t WHERE t.{at} < $1 AND ({when})");
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(cutoff)
                .fetch_one(&self.read)
                .await?;
            total += count as u64;
        }
        Ok(total)
    }

    /// Puts a run on record.
    pub async fn retention_begin(&self, run: &RetentionRun) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "DELETE FROM retention_run WHERE id NOT IN
                 (SELECT id FROM retention_run ORDER BY id DESC LIMIT $1)",
        )
        .bind(RUNS_MAX)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO retention_run (id, started, actor, counts) VALUES ($1, $2, $3, '{}')",
        )
        .bind(&run.id)
        .bind(run.started)
        .bind(&run.actor)
        .execute(&mut *tx)
        .await?;
        super::commit(tx).await
    }

    /// Records how a run ended; an audit event when it deleted something or a person asked for it.
    pub async fn retention_end(&self, run: &RetentionRun) -> Result<()> {
        let mut tx = self.begin().await?;
        let finished = run.finished.unwrap_or(run.started);
        let counts = json_text(&run.counts);
        sqlx::query(
            "UPDATE retention_run SET finished = $2, counts = $3, error = $4 WHERE id = $1",
        )
        .bind(&run.id)
        .bind(finished)
        .bind(counts)
        .bind(&run.error)
        .execute(&mut *tx)
        .await?;
        let id = run.id.as_deref().unwrap_or_default();
        if !run.counts.is_empty() || run.actor != "schedule" {
            let detail = serde_json::json!({"counts": run.counts, "failed": run.error.is_some()});
            audit_append_in_tx(&mut tx, finished, &run.actor, "retention.run", id, &detail).await?;
        }
        super::commit(tx).await
    }

    /// The latest runs, newest first.
    pub async fn retention_run_list(&self, limit: u32) -> Result<Vec<RetentionRun>> {
        let rows = sqlx::query("SELECT * FROM retention_run ORDER BY id DESC LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(RetentionRun {
                    id: row.try_get("id")?,
                    started: row.try_get("started")?,
                    finished: row.try_get("finished")?,
                    actor: row.try_get("actor")?,
                    counts: json_of(row, "counts")?,
                    error: row.try_get("error")?,
                })
            })
            .collect()
    }
}

fn ids_of(rows: &[AnyRow]) -> Result<Vec<String>> {
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

async fn rows_delete_in_tx(tx: &mut Tx<'_>, rule: &Rule, ids: &[String]) -> Result<()> {
    let conversations = match rule.kind {
        DataKind::Messages => {
            let mut query = Statement::new(
                "SELECT DISTINCT conversation_id AS id FROM message
                 WHERE conversation_id IS NOT NULL AND id IN ",
            );
            query.list(ids);
            ids_of(&query.fetch_all(&mut **tx).await?)?
        }
        _ => Vec::new(),
    };
    for statement in rule.then {
        let mut query = Statement::new("");
        let list = query.marks(ids);
        query.push(&statement.replace("{ids}", &list));
        query.execute(&mut **tx).await?;
    }
    for conversation in &conversations {
        conversation_shrink_in_tx(tx, conversation).await?;
    }
    Ok(())
}

/// A conversation that lost messages: counted anew, or gone with its last one unless something else
/// still belongs to it.
async fn conversation_shrink_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM message WHERE conversation_id = $1")
        .bind(id)
        .fetch_one(&mut **tx)
        .await?;
    if left > 0 {
        return conversation_recount_in_tx(tx, id).await;
    }
    let kept: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM conversation WHERE id = $1 AND (
             EXISTS (SELECT 1 FROM customer_case WHERE conversation_id = $1)
             OR EXISTS (SELECT 1 FROM task WHERE conversation_id = $1)
             OR EXISTS (SELECT 1 FROM draft WHERE conversation_id = $1)
             OR EXISTS (SELECT 1 FROM outbox_item WHERE conversation_id = $1))",
    )
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    let change: &[&str] = match kept > 0 {
        true => &["UPDATE conversation SET message_count = 0 WHERE id = $1"],
        false => &[
            "DELETE FROM conversation_inbox WHERE conversation_id = $1",
            "DELETE FROM conversation WHERE id = $1",
        ],
    };
    for sql in change {
        sqlx::query(*sql).bind(id).execute(&mut **tx).await?;
    }
    Ok(())
}

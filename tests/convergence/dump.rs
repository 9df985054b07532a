//! What is in a store, in an order and with names that do not depend on when we heard of it.

use crate::store::{Store, open_source};
use proptest::test_runner::TestCaseError;
use rapport_host::db::Source;
use sqlx::AssertSqlSafe;

/// The content of a store, as lines of JSON.
#[derive(Debug, PartialEq)]
pub struct Dump {
    state: Vec<String>,
    judgement: Vec<String>,
    tombstones_with_text: Vec<String>,
}

const STATE: &[&str] = &[
    "SELECT json_array('message', m.external_id, c.external_id, i.external_id, m.direction,
         m.in_reply_to, m.attributed_to, m.published, m.effective, m.updated, m.deleted, m.title, m.content,
         m.language, m.url, m.visibility, m.reach, m.ancestors, m.tags, m.mentions, m.attachments,
         m.monitor)
     FROM message m LEFT JOIN conversation c ON c.id = m.conversation_id
         LEFT JOIN identity i ON i.contact_id = m.contact_id",
    "SELECT json_array('tag', m.external_id, t.tag, t.published)
     FROM message_tag t JOIN message m ON m.id = t.message_id",
    "SELECT json_array('conversation', external_id, network, reach, visibility, first_message,
         last_message, message_count) FROM conversation",
    "SELECT json_array('contact', i.network, i.external_id, i.handle, i.display_name,
         i.follower_count, i.verified, c.display_name, c.first_seen, c.last_seen, c.message_count)
     FROM identity i JOIN contact c ON c.id = i.contact_id",
    "SELECT json_array('contacts', COUNT(*)) FROM contact",
    "SELECT json_array('reaction', r.kind, r.object, i.external_id, r.published)
     FROM reaction r JOIN identity i ON i.contact_id = r.contact_id",
    "SELECT json_array('event', external_id, status, payload, error) FROM inbound_event",
];

const JUDGEMENT: &[&str] = &[
    "SELECT json_array('classification', m.external_id, k.plugin, k.position, k.dimension, k.label,
         k.score, k.evidence)
     FROM classification k JOIN message m ON m.id = k.message_id",
    "SELECT json_array('complaints', i.external_id, COUNT(*))
     FROM customer_case k JOIN identity i ON i.contact_id = k.contact_id
     WHERE k.kind = 'complaint' AND k.status = 'open' GROUP BY i.external_id",
    "SELECT json_array('suppressed', i.external_id, s.purpose)
     FROM suppression s JOIN identity i ON i.contact_id = s.contact_id",
];

const TOMBSTONES_WITH_TEXT: &[&str] = &[
    "SELECT external_id FROM message WHERE deleted IS NOT NULL AND (content <> '' OR title IS NOT NULL
         OR url IS NOT NULL OR attributed_to IS NOT NULL OR in_reply_to IS NOT NULL OR tags <> '[]'
         OR ancestors <> '[]' OR mentions <> '[]' OR attachments <> '[]')",
    "SELECT m.external_id FROM message m JOIN message_tag t ON t.message_id = m.id
     WHERE m.deleted IS NOT NULL",
    "SELECT m.external_id FROM message m JOIN classification k ON k.message_id = m.id
     WHERE m.deleted IS NOT NULL",
    "SELECT m.external_id FROM message m JOIN evaluation e ON e.message_id = m.id
     WHERE m.deleted IS NOT NULL AND e.input <> ''",
    "SELECT m.external_id FROM message m JOIN customer_case k ON k.message_id = m.id
     WHERE m.deleted IS NOT NULL AND k.title <> ''",
];

pub async fn dump(source: &Source) -> Dump {
    let store = open_source(source).await;
    let on_postgres = matches!(source, Source::Postgres(_));
    let dump = Dump {
        state: lines(&store, on_postgres, STATE).await,
        judgement: lines(&store, on_postgres, JUDGEMENT).await,
        tombstones_with_text: lines(&store, on_postgres, TOMBSTONES_WITH_TEXT).await,
    };
    store.close().await;
    dump
}

async fn lines(store: &Store, on_postgres: bool, queries: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for query in queries {
        let query = match on_postgres && query.contains("json_array") {
            true => {
                let query = query.replace("json_array", "json_build_array");
                format!("SELECT CAST(lines.json_build_array AS TEXT) FROM ({query}) AS lines")
            }
            false => (*query).to_owned(),
        };
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(store)
            .await
            .unwrap();
        lines.extend(found);
    }
    lines.sort();
    lines
}

impl Dump {
    pub fn same_state(&self, other: &Self) -> Result<(), TestCaseError> {
        same(&self.state, &other.state)
    }

    pub fn same_judgement(&self, other: &Self) -> Result<(), TestCaseError> {
        same(&self.judgement, &other.judgement)
    }

    /// How many people have an open complaint.
    pub fn complaints(&self) -> usize {
        let one = |line: &&String| line.starts_with("[\"complaints\"");
        self.judgement.iter().filter(one).count()
    }

    pub fn tombstones_are_empty(&self) -> Result<(), TestCaseError> {
        same(&[], &self.tombstones_with_text)
    }
}

/// Fails with the lines that only one of the two has.
fn same(ours: &[String], theirs: &[String]) -> Result<(), TestCaseError> {
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|line| !b.contains(line)).cloned().collect()
    };
    if ours == theirs {
        return Ok(());
    }
    Err(TestCaseError::fail(format!(
        "in order:\n  {}\nshuffled:\n  {}",
        only(ours, theirs).join("\n  "),
        only(theirs, ours).join("\n  ")
    )))
}

//! What names a contact where no column says so: events, and what connectors remember, are looked
//! through for the ids by which networks know them. Deliberately absent: transactions, for it takes
//! long, and changes.

use super::super::{Db, Result};
use crate::domain::social::{Activity, ActivityObject};
use sqlx::Row;
use std::collections::BTreeSet;

/// Shortest id of a network that is looked for in texts, in bytes: shorter ones are in everything.
const NEEDLE_MIN_BYTES: usize = 4;
/// Events that are looked through at a time.
const PAGE: i64 = 2000;

/// How networks know a contact.
pub(super) struct Needles {
    /// External ids of their accounts.
    accounts: BTreeSet<String>,
    /// External ids of their messages.
    messages: BTreeSet<String>,
    handles: BTreeSet<String>,
}

/// An event of theirs.
pub(super) struct NamedEvent {
    pub seq: i64,
    pub inbox_id: String,
    pub external_id: String,
}

/// Whether a word stands in a text, not as a part of a longer one.
fn names(text: &str, word: &str) -> bool {
    word.len() >= NEEDLE_MIN_BYTES
        && text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !inner(before) && !inner(after)
        })
}

impl Needles {
    fn ids(&self) -> impl Iterator<Item = &String> {
        self.accounts.iter().chain(&self.messages)
    }

    /// Whether an event is theirs. One that is done has only its id left, which on many networks is
    /// made of the account's or the message's, and the key of its order, which names a message; of one
    /// that waits its author is known, and someone else's that merely names them is left alone.
    fn have_done(&self, status: &str, external_id: &str, order_key: &str, payload: &str) -> bool {
        if status == "done" {
            return self.messages.contains(external_id)
                || self
                    .ids()
                    .any(|id| names(external_id, id) || names(order_key, id));
        }
        let Ok(activity) = serde_json::from_str::<Activity>(payload) else {
            return self.ids().any(|id| names(external_id, id));
        };
        match &activity.object {
            ActivityObject::Delete { external_id, .. } => self.messages.contains(external_id),
            _ => {
                let actor = activity.actor();
                actor.is_some_and(|actor| self.accounts.contains(&actor.external_id))
            }
        }
    }
}

impl Db {
    pub(super) async fn needles(&self, id: &str) -> Result<Needles> {
        let mut sets = Vec::new();
        for sql in [
            "SELECT external_id FROM identity WHERE contact_id = $1",
            "SELECT external_id FROM message WHERE contact_id = $1",
            "SELECT handle FROM identity WHERE contact_id = $1 AND handle IS NOT NULL",
        ] {
            let found: Vec<String> = sqlx::query_scalar(sql)
                .bind(id)
                .fetch_all(&self.read)
                .await?;
            sets.push(found.into_iter().collect());
        }
        let handles = sets.pop().unwrap_or_default();
        let messages = sets.pop().unwrap_or_default();
        let accounts = sets.pop().unwrap_or_default();
        Ok(Needles {
            accounts,
            messages,
            handles,
        })
    }

    /// Their events, of all that there are.
    pub(super) async fn events_naming(&self, needles: &Needles) -> Result<Vec<NamedEvent>> {
        let mut found = Vec::new();
        let mut after = 0_i64;
        loop {
            let rows = sqlx::query(
                "SELECT seq, inbox_id, external_id, order_key, status, payload FROM inbound_event
                 WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.read)
            .await?;
            let Some(last) = rows.last() else {
                return Ok(found);
            };
            after = last.try_get("seq")?;
            for row in &rows {
                let external_id: String = row.try_get("external_id")?;
                let payload: String = row.try_get("payload")?;
                let order_key: String = row.try_get("order_key")?;
                let status: String = row.try_get("status")?;
                if needles.have_done(&status, &external_id, &order_key, &payload) {
                    found.push(NamedEvent {
                        seq: row.try_get("seq")?,
                        inbox_id: row.try_get("inbox_id")?,
                        external_id,
                    });
                }
            }
        }
    }

    /// What connectors remember that names one of the ids. What they forget they ask for again; what
    /// they then bring is known.
    pub(super) async fn states_naming(&self, needles: &Needles) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query("SELECT inbox_id, key, value FROM inbox_state")
            .fetch_all(&self.read)
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let key: String = row.try_get("key")?;
            let value: Vec<u8> = row.try_get("value")?;
            let value = String::from_utf8_lossy(&value);
            let mut words = needles.ids().chain(&needles.handles);
            if words.any(|word| names(&key, word) || names(&value, word)) {
                found.push((row.try_get("inbox_id")?, key));
            }
        }
        Ok(found)
    }
}

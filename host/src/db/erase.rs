//! Erasing a contact, and knowing what was erased when a network sends it again.
//!
//! What happens to which row is in `places.rs`. Left behind are rows without a name or a text (so
//! that counts stay true), and salted hashes of the network's ids of the erased messages and events.
//! After the commit the text is in no file of the store any more: SQLite overwrites what it frees
//! and its log is emptied; PostgreSQL's old row versions are vacuumed away.
//! Deliberately absent: what others wrote about the contact stays theirs.

use super::audit::audit_append_in_tx;
use super::copy::{CopyError, Side};
use super::inbox::state_changed_in_tx;
use super::open::Source;
use super::places::{ANSWERS, DRAFTS, How, PLACES, Place};
use super::{Db, Dialect, Result, Tx};
use crate::domain::digest::{chain_hash, sha256_hex};
use crate::domain::social::{Activity, ActivityObject};
use crate::domain::{Id, TimestampMs, new_id};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Shortest id of a network that is looked for in texts, in bytes: shorter ones are in everything.
const NEEDLE_MIN_BYTES: usize = 4;
/// Events that are looked through at a time.
const PAGE: i64 = 2000;
/// How often SQLite's log is tried to be emptied while readers hold on to it.
const CHECKPOINTS: u32 = 100;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// Rows by table.
    Done(BTreeMap<&'static str, u64>),
    NoContact,
    /// An answer to them is being delivered, or an event of theirs processed, at this moment.
    Busy,
}

/// How networks know a contact.
struct Needles {
    /// External ids of their accounts.
    accounts: BTreeSet<String>,
    /// External ids of their messages.
    messages: BTreeSet<String>,
    handles: BTreeSet<String>,
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
    /// made of the account's or the message's, and the key of its order, which names a message; of one that waits its author is known, and someone
    /// else's that merely names them is left alone.
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

fn erased_hash(salt: &str, kind: &str, inbox_id: &str, external_id: &str) -> String {
    chain_hash(salt, &[kind, inbox_id, external_id])
}

/// Knows what was erased, for one batch of events.
pub struct ErasedCheck {
    salt: Option<String>,
}

/// Reads what [`ErasedCheck`] needs. Costs one look-up while nothing was ever erased.
pub async fn erased_check_in_tx(tx: &mut Tx<'_>) -> Result<ErasedCheck> {
    let salt = sqlx::query_scalar("SELECT salt FROM erasure_salt WHERE id = 1")
        .fetch_optional(&mut **tx)
        .await?;
    Ok(ErasedCheck { salt })
}

impl ErasedCheck {
    /// Whether an activity, or the message that it is about, was erased: it is not to be stored.
    pub async fn knows_in_tx(
        &self,
        tx: &mut Tx<'_>,
        inbox_id: &str,
        activity: &Activity,
    ) -> Result<bool> {
        let Some(salt) = &self.salt else {
            return Ok(false);
        };
        let message = match &activity.object {
            ActivityObject::Create(m) | ActivityObject::Update(m) => Some(&m.external_id),
            ActivityObject::Delete { external_id, .. } => Some(external_id),
            _ => None,
        };
        let event = erased_hash(salt, "event", inbox_id, &activity.id);
        let message = message.map(|id| erased_hash(salt, "message", inbox_id, id));
        let found: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM erased WHERE (kind = 'event' AND hash = $1) OR (kind = 'message' AND hash = $2)",
        )
        .bind(&event)
        .bind(message.unwrap_or_default())
        .fetch_one(&mut **tx)
        .await?;
        Ok(found > 0)
    }
}

/// Marks an event of something erased as done, and takes the network's ids out of it.
pub async fn event_forget_in_tx(tx: &mut Tx<'_>, seq: i64, now: TimestampMs) -> Result<()> {
    sqlx::query(
        "UPDATE inbound_event SET status = 'done', done = $2, payload = '', error = NULL,
             external_id = 'erased:' || id, order_key = '' WHERE seq = $1",
    )
    .bind(seq)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Accounts that were erased: hashes, and the salt that they were made with.
#[derive(Debug, Default)]
pub struct ErasedAccounts {
    salt: String,
    hashes: BTreeSet<String>,
}

impl ErasedAccounts {
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

/// Who was erased in a store after a moment. Changes nothing in it, not even its tables.
pub async fn erasures_after(
    source: &Source,
    at: TimestampMs,
) -> std::result::Result<ErasedAccounts, CopyError> {
    let mut side = Side::open(source, "ro").await?;
    let salt: Option<String> = sqlx::query_scalar("SELECT salt FROM erasure_salt WHERE id = 1")
        .fetch_optional(&mut side.connection)
        .await?;
    let hashes: Vec<String> =
        sqlx::query_scalar("SELECT hash FROM erased WHERE kind = 'account' AND at >= $1")
            .bind(at)
            .fetch_all(&mut side.connection)
            .await?;
    side.close().await?;
    Ok(ErasedAccounts {
        salt: salt.unwrap_or_default(),
        hashes: hashes.into_iter().collect(),
    })
}

impl Db {
    /// Contacts with an account that was erased elsewhere.
    pub async fn contacts_erased(&self, erased: &ErasedAccounts) -> Result<Vec<Id>> {
        let mut found = BTreeSet::new();
        let mut rows =
            sqlx::query("SELECT contact_id, network, external_id FROM identity").fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            let (network, external_id): (String, String) =
                (row.try_get("network")?, row.try_get("external_id")?);
            let hash = erased_hash(&erased.salt, "account", &network, &external_id);
            if erased.hashes.contains(&hash) {
                found.insert(row.try_get("contact_id")?);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Erases a contact. `reason` goes into the audit event, which names nobody.
    pub async fn contact_erase(
        &self,
        id: &str,
        reason: &str,
        actor: &str,
        now: TimestampMs,
    ) -> Result<Erasure> {
        if self.contact_get(id).await?.is_none() {
            return Ok(Erasure::NoContact);
        }
        // The long search first, outside of the transaction; events that come later carry a new
        // message, and are found by its hash.
        let needles = self.needles(id).await?;
        let events = self.events_naming(&needles).await?;
        let states = self.states_naming(&needles).await?;
        let mut tx = self.begin().await?;
        if is_busy_in_tx(&mut tx, id, &events, now).await? {
            return Ok(Erasure::Busy);
        }
        let salt = salt_in_tx(&mut tx).await?;
        remember_in_tx(&mut tx, id, &salt, &events, now).await?;
        let mut counts = BTreeMap::new();
        for place in PLACES {
            let Place { table, rows, .. } = place;
            let sql = match &place.how {
                How::Delete => format!("DELETE FROM {table} WHERE {rows}"),
                How::Empty(columns) => {
                    let set: Vec<String> = columns
                        .iter()
                        .map(|(c, value)| format!("{c} = {value}"))
                        .collect();
                    format!("UPDATE {table} SET {} WHERE {rows}", set.join(", "))
                }
            };
            let done = sqlx::query(AssertSqlSafe(sql))
                .bind(id)
                .execute(&mut *tx)
                .await?;
            *counts.entry(*table).or_default() += done.rows_affected();
        }
        for event in &events {
            event_forget_in_tx(&mut tx, event.seq, now).await?;
        }
        for (inbox_id, key) in &states {
            let forget = BTreeMap::from([(key.clone(), None)]);
            state_changed_in_tx(&mut tx, inbox_id, &forget).await?;
        }
        counts.insert("inbound_event", events.len() as u64);
        counts.insert("inbox_state", states.len() as u64);
        counts.retain(|_, count| *count > 0);
        let detail = serde_json::json!({"reason": reason, "rows": counts});
        audit_append_in_tx(&mut tx, now, actor, "contact.erase", id, &detail).await?;
        super::commit(tx).await?;
        Ok(Erasure::Done(counts))
    }

    /// Makes what was erased unreadable in the store's files. False when a reader kept SQLite's log
    /// from being emptied: it is at the next checkpoint.
    pub async fn erased_sweep(&self) -> Result<bool> {
        match self.dialect {
            Dialect::Sqlite => {
                for _ in 0..CHECKPOINTS {
                    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                        .fetch_one(&self.write)
                        .await?;
                    if row.try_get::<i64, _>(0)? == 0 {
                        return Ok(true);
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(false)
            }
            Dialect::Postgres => {
                let mut tables: BTreeSet<&str> = PLACES.iter().map(|p| p.table).collect();
                tables.extend(["inbound_event", "inbox_state"]);
                let mut connection = self.write.acquire().await?.detach();
                sqlx::query("SET statement_timeout = 0")
                    .execute(&mut connection)
                    .await?;
                for table in tables {
                    sqlx::query(AssertSqlSafe(format!("VACUUM {table}")))
                        .execute(&mut connection)
                        .await?;
                }
                connection.close().await?;
                Ok(true)
            }
        }
    }

    async fn needles(&self, id: &str) -> Result<Needles> {
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
    async fn events_naming(&self, needles: &Needles) -> Result<Vec<NamedEvent>> {
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
    async fn states_naming(&self, needles: &Needles) -> Result<Vec<(String, String)>> {
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

struct NamedEvent {
    seq: i64,
    inbox_id: String,
    external_id: String,
}

/// Something of theirs is in other hands at this moment.
async fn is_busy_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    events: &[NamedEvent],
    now: TimestampMs,
) -> Result<bool> {
    let sql = format!(
        "SELECT COUNT(*) FROM outbox_item WHERE status = 'sending' AND lease_until > $2 AND draft_id IN ({DRAFTS})"
    );
    let sending: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(id)
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
    if sending > 0 {
        return Ok(true);
    }
    let leased: Vec<i64> = sqlx::query_scalar(
        "SELECT seq FROM inbound_event WHERE status = 'leased' AND lease_until > $1",
    )
    .bind(now)
    .fetch_all(&mut **tx)
    .await?;
    Ok(events.iter().any(|event| leased.contains(&event.seq)))
}

/// The store's salt, made at the first erasure.
async fn salt_in_tx(tx: &mut Tx<'_>) -> Result<String> {
    // 74 random bits each.
    let new = sha256_hex(format!("{}{}{}", new_id(), new_id(), new_id()).as_bytes());
    Ok(sqlx::query_scalar(
        "INSERT INTO erasure_salt (id, salt) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET salt = erasure_salt.salt RETURNING salt",
    )
    .bind(new)
    .fetch_one(&mut **tx)
    .await?)
}

/// Keeps hashes of the network's ids of what is erased.
async fn remember_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    salt: &str,
    events: &[NamedEvent],
    now: TimestampMs,
) -> Result<()> {
    let sql = format!(
        "SELECT inbox_id, external_id FROM message WHERE contact_id = $1 OR id IN ({ANSWERS})"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    let mut hashes = BTreeSet::new();
    for row in &rows {
        let (inbox_id, external_id): (String, String) =
            (row.try_get("inbox_id")?, row.try_get("external_id")?);
        hashes.insert((
            "message",
            erased_hash(salt, "message", &inbox_id, &external_id),
        ));
    }
    let accounts = sqlx::query("SELECT network, external_id FROM identity WHERE contact_id = $1")
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    for row in &accounts {
        let (network, external_id): (String, String) =
            (row.try_get("network")?, row.try_get("external_id")?);
        hashes.insert((
            "account",
            erased_hash(salt, "account", &network, &external_id),
        ));
    }
    for event in events {
        let hash = erased_hash(salt, "event", &event.inbox_id, &event.external_id);
        hashes.insert(("event", hash));
    }
    for (kind, hash) in hashes {
        sqlx::query(
            "INSERT INTO erased (kind, hash, at) VALUES ($1, $2, $3) ON CONFLICT (kind, hash) DO NOTHING",
        )
        .bind(kind)
        .bind(hash)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

//! Knowing what was erased: salted hashes of the network's ids of accounts, messages and events. The
//! salt is the store's own. Deliberately absent: the ids themselves.

use super::super::bulk::list_padded;
use super::super::copy::{CopyError, Side};
use super::super::event::Event;
use super::super::open::Source;
use super::super::places::ANSWERS;
use super::super::statement::Statement;
use super::super::{Db, Result, Tx};
use super::search::NamedEvent;
use crate::domain::digest::{chain_hash, sha256_hex};
use crate::domain::social::ActivityObject;
use crate::domain::{Id, TimestampMs, new_id};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeSet;

fn erased_hash(salt: &str, kind: &str, inbox_id: &str, external_id: &str) -> String {
    chain_hash(salt, &[kind, inbox_id, external_id])
}

/// Those of a batch of events that were erased, or whose message was: they are not to be stored.
/// Costs one look-up while nothing was ever erased.
pub async fn events_erased_in_tx(tx: &mut Tx<'_>, events: &[Event]) -> Result<BTreeSet<i64>> {
    let salt: Option<String> = sqlx::query_scalar("SELECT salt FROM erasure_salt WHERE id = 1")
        .fetch_optional(&mut **tx)
        .await?;
    let Some(salt) = salt else {
        return Ok(BTreeSet::new());
    };
    let mut hashes = Vec::with_capacity(3 * events.len());
    for event in events {
        let (inbox_id, activity) = (&event.inbox_id, &event.activity);
        let message = match &activity.object {
            ActivityObject::Create(m) | ActivityObject::Update(m) => Some(&m.external_id),
            ActivityObject::Delete { external_id, .. } => Some(external_id),
            _ => None,
        };
        let named = erased_hash(&salt, "event", inbox_id, &activity.id);
        hashes.push((named, event.seq));
        // Public ones are known in all inboxes that would share them.
        for place in [inbox_id, &event.ground] {
            let hash = message.map(|id| erased_hash(&salt, "message", place, id));
            hashes.extend(hash.map(|hash| (hash, event.seq)));
        }
    }
    // The kind is in the hash, too; here it is for the index.
    let mut query =
        Statement::new("SELECT hash FROM erased WHERE kind IN ('event', 'message') AND hash IN ");
    list_padded(&mut query, hashes.iter().map(|(hash, _)| hash));
    let rows = query.fetch_all(&mut **tx).await?;
    let known: BTreeSet<String> = rows
        .iter()
        .map(|row| Ok(row.try_get("hash")?))
        .collect::<Result<_>>()?;
    hashes.retain(|(hash, _)| known.contains(hash));
    Ok(hashes.into_iter().map(|(_, seq)| seq).collect())
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
}

/// The store's salt, made at the first erasure.
pub(super) async fn salt_in_tx(tx: &mut Tx<'_>) -> Result<String> {
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
pub(super) async fn remember_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    salt: &str,
    events: &[NamedEvent],
    now: TimestampMs,
) -> Result<()> {
    let sql = format!(
        "SELECT inbox_id AS place, external_id FROM message WHERE contact_id = $1 OR id IN ({ANSWERS})
         UNION SELECT shared_as AS place, external_id FROM message
             WHERE shared_as IS NOT NULL AND (contact_id = $1 OR id IN ({ANSWERS}))"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(&mut **tx)
        .await?;
    let mut hashes = BTreeSet::new();
    for row in &rows {
        let (place, external_id): (String, String) =
            (row.try_get("place")?, row.try_get("external_id")?);
        hashes.insert((
            "message",
            erased_hash(salt, "message", &place, &external_id),
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

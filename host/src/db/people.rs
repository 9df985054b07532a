//! Contacts and identities.

use super::row::{bool_of, count_of};
use super::{Db, Result, Tx};
use crate::domain::contact::{Contact, Identity};
use crate::domain::social::Actor;
use crate::domain::versions::Version;
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;
use sqlx::any::AnyRow;

/// The contact behind an actor; made when unknown, and then first seen at `seen`. The latest report
/// of the identity stands.
pub async fn identity_upsert_in_tx(
    tx: &mut Tx<'_>,
    network: &str,
    actor: &Actor,
    version: &Version,
    seen: TimestampMs,
) -> Result<Id> {
    let known = sqlx::query(
        "SELECT id, contact_id, version_at, version_id FROM identity WHERE network = $1 AND external_id = $2",
    )
    .bind(network)
    .bind(&actor.external_id)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(known) = known else {
        return identity_insert_in_tx(tx, network, actor, version, seen).await;
    };
    let contact_id: String = known.try_get("contact_id")?;
    let stored = Version {
        at: known.try_get("version_at")?,
        activity_id: known.try_get("version_id")?,
    };
    if *version > stored {
        sqlx::query(
            "UPDATE identity SET handle = $2, display_name = $3, profile_url = $4, avatar_url = $5,
                 follower_count = $6, verified = $7, version_at = $8, version_id = $9 WHERE id = $1",
        )
        .bind(known.try_get::<String, _>("id")?)
        .bind(&actor.handle)
        .bind(&actor.display_name)
        .bind(&actor.profile_url)
        .bind(&actor.avatar_url)
        .bind(followers(actor))
        .bind(actor.verified)
        .bind(version.at)
        .bind(&version.activity_id)
        .execute(&mut **tx)
        .await?;
        sqlx::query("UPDATE contact SET display_name = $2 WHERE id = $1")
            .bind(&contact_id)
            .bind(name_of(actor))
            .execute(&mut **tx)
            .await?;
    }
    Ok(contact_id)
}

async fn identity_insert_in_tx(
    tx: &mut Tx<'_>,
    network: &str,
    actor: &Actor,
    version: &Version,
    seen: TimestampMs,
) -> Result<Id> {
    let contact_id = new_id();
    sqlx::query(
        "INSERT INTO contact (id, display_name, first_seen, last_seen, message_count) VALUES ($1, $2, $3, $3, 0)",
    )
    .bind(&contact_id)
    .bind(name_of(actor))
    .bind(seen)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO identity (id, contact_id, network, external_id, handle, display_name, profile_url,
             avatar_url, follower_count, verified, version_at, version_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(new_id())
    .bind(&contact_id)
    .bind(network)
    .bind(&actor.external_id)
    .bind(&actor.handle)
    .bind(&actor.display_name)
    .bind(&actor.profile_url)
    .bind(&actor.avatar_url)
    .bind(followers(actor))
    .bind(actor.verified)
    .bind(version.at)
    .bind(&version.activity_id)
    .execute(&mut **tx)
    .await?;
    Ok(contact_id)
}

pub(super) fn followers(actor: &Actor) -> Option<i64> {
    actor
        .follower_count
        .map(|n| i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) fn name_of(actor: &Actor) -> Option<&str> {
    actor.display_name.as_deref().or(actor.handle.as_deref())
}

/// Widens the span in which the contact was seen, and counts a message when it is a new one.
pub async fn contact_seen_in_tx(
    tx: &mut Tx<'_>,
    contact_id: &str,
    at: TimestampMs,
    new_message: bool,
) -> Result<()> {
    sqlx::query(
        "UPDATE contact SET
             first_seen = CASE WHEN $2 < first_seen THEN $2 ELSE first_seen END,
             last_seen = CASE WHEN $2 > last_seen THEN $2 ELSE last_seen END,
             message_count = message_count + $3
         WHERE id = $1",
    )
    .bind(contact_id)
    .bind(at)
    .bind(i64::from(new_message))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn identity_of(row: &AnyRow) -> Result<Identity> {
    Ok(Identity {
        network: row.try_get("network")?,
        external_id: row.try_get("external_id")?,
        handle: row.try_get("handle")?,
        display_name: row.try_get("display_name")?,
        profile_url: row.try_get("profile_url")?,
        avatar_url: row.try_get("avatar_url")?,
        follower_count: row
            .try_get::<Option<i64>, _>("follower_count")?
            .map(|n| n as u64),
        verified: bool_of(row, "verified")?,
    })
}

pub(super) fn contact_of(row: &AnyRow, identities: Vec<Identity>) -> Result<Contact> {
    Ok(Contact {
        id: row.try_get("id")?,
        display_name: row.try_get("display_name")?,
        first_seen: row.try_get("first_seen")?,
        last_seen: row.try_get("last_seen")?,
        message_count: count_of(row, "message_count")?,
        identities,
    })
}

impl Db {
    pub async fn contact_get(&self, id: &str) -> Result<Option<Contact>> {
        let Some(row) = sqlx::query("SELECT * FROM contact WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?
        else {
            return Ok(None);
        };
        let identities = sqlx::query("SELECT * FROM identity WHERE contact_id = $1 ORDER BY id")
            .bind(id)
            .fetch_all(&self.read)
            .await?;
        let identities = identities.iter().map(identity_of).collect::<Result<_>>()?;
        contact_of(&row, identities).map(Some)
    }
}

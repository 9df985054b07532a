//! Who wrote the new messages of a batch: contacts and identities, a few statements for all of them.

use super::Arrival;
use crate::db::bulk::{list_padded, rows_insert_in_tx};
use crate::db::people::{followers, name_of};
use crate::db::statement::{Statement, Value};
use crate::db::{DbError, Result, Tx};
use crate::domain::social::Actor;
use crate::domain::versions::Version;
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;
use std::collections::{BTreeMap, HashMap};

/// What a batch says of one person.
struct Person<'a> {
    actor: &'a Actor,
    version: Version,
    first: TimestampMs,
    last: TimestampMs,
    count: i64,
}

/// Stores who wrote; contact ids by the network's id.
pub(super) async fn contacts_put_in_tx(
    tx: &mut Tx<'_>,
    network: &str,
    chosen: &[(&Arrival<'_>, &str)],
) -> Result<HashMap<String, Id>> {
    let mut people: BTreeMap<&str, Person<'_>> = BTreeMap::new();
    for (arrival, _) in chosen {
        let actor = &arrival.message.attributed_to;
        let at = arrival.effective();
        let version = Version::of(arrival.message, arrival.activity_id, arrival.heard.received);
        let person = people.entry(&actor.external_id).or_insert_with(|| Person {
            actor,
            version: version.clone(),
            first: at,
            last: at,
            count: 0,
        });
        person.first = person.first.min(at);
        person.last = person.last.max(at);
        person.count += 1;
        if version > person.version {
            (person.actor, person.version) = (actor, version);
        }
    }
    let mut query = Statement::new(
        "SELECT i.external_id, i.contact_id, i.version_at, i.version_id, c.display_name
         FROM identity i JOIN contact c ON c.id = i.contact_id WHERE i.network = ",
    );
    query.bind(network).push(" AND i.external_id IN ");
    list_padded(&mut query, people.keys().copied());
    let mut known: HashMap<String, (Id, Version, Option<String>)> = HashMap::new();
    for row in query.fetch_all(&mut **tx).await? {
        let version = Version {
            at: row.try_get("version_at")?,
            activity_id: row.try_get("version_id")?,
        };
        known.insert(
            row.try_get("external_id")?,
            (
                row.try_get("contact_id")?,
                version,
                row.try_get("display_name")?,
            ),
        );
    }
    let (mut contacts, mut identities) = (BTreeMap::new(), Vec::new());
    let mut ids = HashMap::new();
    for (external_id, person) in people {
        let stored = known.remove(external_id);
        let newer = stored
            .as_ref()
            .is_none_or(|(_, version, _)| person.version > *version);
        let (id, name) = match stored {
            Some((id, _, name)) if !newer => (id, name),
            Some((id, ..)) => (id, name_of(person.actor).map(str::to_owned)),
            None => (new_id(), name_of(person.actor).map(str::to_owned)),
        };
        if newer {
            identities.push(identity_row(network, &id, &person));
        }
        // Several identities may be of one contact.
        let row: &mut (Option<String>, TimestampMs, TimestampMs, i64) = contacts
            .entry(id.clone())
            .or_insert((name.clone(), person.first, person.last, 0));
        if newer {
            row.0 = name;
        }
        row.1 = row.1.min(person.first);
        row.2 = row.2.max(person.last);
        row.3 += person.count;
        ids.insert(external_id.to_owned(), id);
    }
    let contacts = contacts
        .into_iter()
        .map(|(id, (name, first, last, count))| {
            vec![
                id.into(),
                name.into(),
                first.into(),
                last.into(),
                count.into(),
            ]
        });
    rows_insert_in_tx(
        tx,
        "contact",
        &[
            "id",
            "display_name",
            "first_seen",
            "last_seen",
            "message_count",
        ],
        contacts.collect(),
        " ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
             first_seen = CASE WHEN excluded.first_seen < contact.first_seen
                 THEN excluded.first_seen ELSE contact.first_seen END,
             last_seen = CASE WHEN excluded.last_seen > contact.last_seen
                 THEN excluded.last_seen ELSE contact.last_seen END,
             message_count = contact.message_count + excluded.message_count",
    )
    .await?;
    let expected = identities.len() as u64;
    let stored = rows_insert_in_tx(
        tx,
        "identity",
        &[
            "id",
            "contact_id",
            "network",
            "external_id",
            "handle",
            "display_name",
            "profile_url",
            "avatar_url",
            "follower_count",
            "verified",
            "version_at",
            "version_id",
        ],
        identities,
        " ON CONFLICT (network, external_id) DO UPDATE SET handle = excluded.handle,
             display_name = excluded.display_name, profile_url = excluded.profile_url,
             avatar_url = excluded.avatar_url, follower_count = excluded.follower_count,
             verified = excluded.verified, version_at = excluded.version_at,
             version_id = excluded.version_id
         WHERE identity.contact_id = excluded.contact_id",
    )
    .await?;
    // One that is somebody else's contact by now was made by another host a moment ago.
    if stored != expected {
        return Err(DbError::Overtaken);
    }
    Ok(ids)
}

fn identity_row(network: &str, contact_id: &str, person: &Person<'_>) -> Vec<Value> {
    let actor = person.actor;
    vec![
        new_id().into(),
        contact_id.into(),
        network.into(),
        (&actor.external_id).into(),
        actor.handle.clone().into(),
        actor.display_name.clone().into(),
        actor.profile_url.clone().into(),
        actor.avatar_url.clone().into(),
        followers(actor).into(),
        actor.verified.into(),
        person.version.at.into(),
        (&person.version.activity_id).into(),
    ]
}

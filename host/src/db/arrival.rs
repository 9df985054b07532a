//! New messages of a batch, stored together: a few statements for all of them, with contacts,
//! identities and conversations.
//!
//! Only what is new and stands for itself. A message that is known already, or after which others have
//! named a conversation that it is to join, is left to `message_put_in_tx`. Both ways lead to the same
//! rows: a conversation's figures grow by each new message as a recount would have it (reach and
//! visibility are the best so far). Rows are written in the order of their keys, so that two hosts
//! never wait for each other; a contact that another host stores at the same moment makes the batch
//! fail, and it is tried again.

use super::bulk::{list_padded, padded, rows_insert_in_tx};
use super::people::{followers, name_of};
use super::row::json_text;
use super::statement::{Statement, Value};
use super::{DbError, Result, Tx};
use crate::domain::social::{Actor, Reach, SourceMessage, Visibility};
use crate::domain::versions::Version;
use crate::domain::{Id, TimestampMs, new_id};
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A report of a message.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub inbox_id: &'a str,
    pub network: &'a str,
    pub activity_id: &'a str,
    pub message: &'a SourceMessage,
    pub received: TimestampMs,
}

/// Where a new message stands.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub message_id: Id,
    pub conversation_id: Id,
    pub contact_id: Id,
}

/// Stores the new messages among arrivals of one inbox, each of another message. None: it is to be
/// stored by itself.
pub async fn messages_arrive_in_tx(
    tx: &mut Tx<'_>,
    arrivals: &[Arrival<'_>],
) -> Result<Vec<Option<Arrived>>> {
    let Some(first) = arrivals.first() else {
        return Ok(Vec::new());
    };
    let known = known_in_tx(tx, first.inbox_id, arrivals).await?;
    let keys: Vec<&str> = arrivals
        .iter()
        .map(|a| {
            let named = named(a.message);
            // A thread is often named after a message, which may be known to stand in another one.
            known.get(named).and_then(Option::as_deref).unwrap_or(named)
        })
        .collect();
    let threads = threads_in_tx(tx, first.inbox_id, arrivals, &keys).await?;
    let named: HashSet<&str> = arrivals.iter().map(|a| named(a.message)).collect();
    let plain: Vec<bool> = arrivals
        .iter()
        .zip(&keys)
        .map(|(a, key)| {
            let own = a.message.external_id.as_str();
            let orphans = *key != own && (threads.contains_key(own) || named.contains(own));
            !known.contains_key(own) && !orphans
        })
        .collect();
    let chosen: Vec<(&Arrival<'_>, &str)> = arrivals
        .iter()
        .zip(&keys)
        .zip(&plain)
        .filter(|(_, plain)| **plain)
        .map(|((arrival, key), _)| (arrival, *key))
        .collect();
    let contacts = contacts_put_in_tx(tx, first.network, &chosen).await?;
    let conversations = conversations_put_in_tx(tx, first, &chosen, threads).await?;
    let mut placed = Vec::with_capacity(arrivals.len());
    for ((arrival, key), plain) in arrivals.iter().zip(&keys).zip(plain) {
        let contact = contacts.get(arrival.message.attributed_to.external_id.as_str());
        let conversation = conversations.get(*key);
        placed.push(match (plain, contact, conversation) {
            (true, Some(contact), Some(conversation)) => Some(Arrived {
                message_id: new_id(),
                conversation_id: conversation.clone(),
                contact_id: contact.clone(),
            }),
            _ => None,
        });
    }
    messages_insert_in_tx(tx, arrivals, &placed).await?;
    Ok(placed)
}

fn named(message: &SourceMessage) -> &str {
    message.conversation_key().unwrap_or(&message.external_id)
}

/// Messages that are there: external id, and the name of the conversation where it has one.
async fn known_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    arrivals: &[Arrival<'_>],
) -> Result<HashMap<String, Option<String>>> {
    let own = arrivals.iter().map(|a| a.message.external_id.as_str());
    let ids: BTreeSet<&str> = own
        .chain(arrivals.iter().map(|a| named(a.message)))
        .collect();
    let mut query = Statement::new(
        "SELECT m.external_id, c.external_id AS conversation
         FROM message m LEFT JOIN conversation c ON c.id = m.conversation_id WHERE m.inbox_id = ",
    );
    query.bind(inbox_id).push(" AND m.external_id IN ");
    list_padded(&mut query, ids);
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("external_id")?, row.try_get("conversation")?)))
        .collect()
}

/// Conversations that are there, by name.
async fn threads_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    arrivals: &[Arrival<'_>],
    keys: &[&str],
) -> Result<HashMap<String, Id>> {
    let own = arrivals.iter().map(|a| a.message.external_id.as_str());
    let names: BTreeSet<&str> = own.chain(keys.iter().copied()).collect();
    let mut query = Statement::new("SELECT external_id, id FROM conversation WHERE inbox_id = ");
    query.bind(inbox_id).push(" AND external_id IN ");
    list_padded(&mut query, names);
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("external_id")?, row.try_get("id")?)))
        .collect()
}

/// What a batch says of one person.
struct Person<'a> {
    actor: &'a Actor,
    version: Version,
    first: TimestampMs,
    last: TimestampMs,
    count: i64,
}

/// Stores who wrote; contact ids by the network's id.
async fn contacts_put_in_tx(
    tx: &mut Tx<'_>,
    network: &str,
    chosen: &[(&Arrival<'_>, &str)],
) -> Result<HashMap<String, Id>> {
    let mut people: BTreeMap<&str, Person<'_>> = BTreeMap::new();
    for (arrival, _) in chosen {
        let actor = &arrival.message.attributed_to;
        let at = arrival.message.published;
        let version = Version::of(arrival.message, arrival.activity_id);
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

/// What a batch adds to one conversation.
struct Thread {
    reach: Reach,
    visibility: Visibility,
    first: TimestampMs,
    last: TimestampMs,
    count: i64,
}

/// Makes conversations that are not there and counts the messages in; ids by name.
async fn conversations_put_in_tx(
    tx: &mut Tx<'_>,
    of: &Arrival<'_>,
    chosen: &[(&Arrival<'_>, &str)],
    mut ids: HashMap<String, Id>,
) -> Result<HashMap<String, Id>> {
    let mut threads: BTreeMap<&str, Thread> = BTreeMap::new();
    for (arrival, key) in chosen {
        let m = arrival.message;
        let thread = threads.entry(key).or_insert(Thread {
            reach: m.reach,
            visibility: m.visibility,
            first: m.published,
            last: m.published,
            count: 0,
        });
        // Directed before searched before third-party; direct before semi-private before public.
        thread.reach = thread.reach.min(m.reach);
        thread.visibility = thread.visibility.max(m.visibility);
        thread.first = thread.first.min(m.published);
        thread.last = thread.last.max(m.published);
        thread.count += 1;
    }
    let rows = threads.into_iter().map(|(key, thread)| {
        let id = ids.entry(key.to_owned()).or_insert_with(new_id);
        vec![
            (&*id).into(),
            of.inbox_id.into(),
            key.into(),
            of.network.into(),
            thread.reach.as_str().into(),
            thread.visibility.as_str().into(),
            "open".into(),
            "normal".into(),
            "[]".into(),
            thread.first.into(),
            thread.last.into(),
            thread.count.into(),
        ]
    });
    let rows = rows.collect();
    rows_insert_in_tx(
        tx,
        "conversation",
        &[
            "id", "inbox_id", "external_id", "network", "reach", "visibility", "status", "priority",
            "labels", "first_message", "last_message", "message_count",
        ],
        rows,
        " ON CONFLICT (inbox_id, external_id) DO UPDATE SET
             message_count = conversation.message_count + excluded.message_count,
             first_message = CASE WHEN excluded.first_message < conversation.first_message
                 THEN excluded.first_message ELSE conversation.first_message END,
             last_message = CASE WHEN excluded.last_message > conversation.last_message
                 THEN excluded.last_message ELSE conversation.last_message END,
             reach = CASE WHEN 'directed' IN (conversation.reach, excluded.reach) THEN 'directed'
                 WHEN 'searched' IN (conversation.reach, excluded.reach) THEN 'searched'
                 ELSE 'third-party' END,
             visibility = CASE
                 WHEN 'direct' IN (conversation.visibility, excluded.visibility) THEN 'direct'
                 WHEN 'semi-private' IN (conversation.visibility, excluded.visibility) THEN 'semi-private'
                 ELSE 'public' END",
    )
    .await?;
    Ok(ids)
}

async fn messages_insert_in_tx(
    tx: &mut Tx<'_>,
    arrivals: &[Arrival<'_>],
    placed: &[Option<Arrived>],
) -> Result<()> {
    let (mut messages, mut tags) = (Vec::new(), Vec::new());
    for (arrival, placed) in arrivals.iter().zip(placed) {
        let Some(placed) = placed else { continue };
        messages.push(message_row(arrival, placed));
        let m = arrival.message;
        let distinct: BTreeSet<String> = m.tags.iter().map(|tag| tag.to_lowercase()).collect();
        for tag in distinct {
            tags.push(vec![
                (&placed.message_id).into(),
                tag.into(),
                m.published.into(),
            ]);
        }
    }
    rows_insert_in_tx(
        tx,
        "message",
        &[
            "id",
            "inbox_id",
            "conversation_id",
            "contact_id",
            "external_id",
            "direction",
            "in_reply_to",
            "attributed_to",
            "published",
            "updated",
            "received",
            "title",
            "content",
            "language",
            "url",
            "visibility",
            "reach",
            "ancestors",
            "tags",
            "mentions",
            "attachments",
            "monitor",
            "version_at",
            "version_id",
        ],
        messages,
        "",
    )
    .await?;
    rows_insert_in_tx(
        tx,
        "message_tag",
        &["message_id", "tag", "published"],
        tags,
        "",
    )
    .await?;
    Ok(())
}

fn message_row(arrival: &Arrival<'_>, placed: &Arrived) -> Vec<Value> {
    let m = arrival.message;
    let version = Version::of(m, arrival.activity_id);
    vec![
        (&placed.message_id).into(),
        arrival.inbox_id.into(),
        (&placed.conversation_id).into(),
        (&placed.contact_id).into(),
        (&m.external_id).into(),
        "inbound".into(),
        m.in_reply_to.clone().into(),
        json_text(&m.attributed_to).into(),
        m.published.into(),
        m.updated.into(),
        arrival.received.into(),
        m.title.clone().into(),
        (&m.content).into(),
        m.language.clone().into(),
        m.url.clone().into(),
        m.visibility.as_str().into(),
        m.reach.as_str().into(),
        json_text(&m.ancestors).into(),
        json_text(&m.tags).into(),
        json_text(&m.mentions).into(),
        json_text(&m.attachments).into(),
        m.monitor.clone().into(),
        version.at.into(),
        version.activity_id.into(),
    ]
}

/// Of messages, the conversations that they stand in now; deleted ones are left out.
pub async fn messages_standing_in_tx(tx: &mut Tx<'_>, ids: Vec<&str>) -> Result<HashMap<Id, Id>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Statement::new(
        "SELECT id, conversation_id FROM message
         WHERE deleted IS NULL AND conversation_id IS NOT NULL AND id IN ",
    );
    list_padded(&mut query, ids);
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("id")?, row.try_get("conversation_id")?)))
        .collect()
}

/// Marks events as done and drops their payloads: what they said is in the messages now, and a deleted
/// message must not live on here. Takes numbers with what their lease counted, which tells leases
/// apart; returns the numbers of those that were still held. Of the others nothing may be written:
/// their lease was lost to another host.
pub async fn events_done_in_tx(
    tx: &mut Tx<'_>,
    leases: &[(i64, u32)],
    now: TimestampMs,
) -> Result<HashSet<i64>> {
    if leases.is_empty() {
        return Ok(HashSet::new());
    }
    let mut update = Statement::new("UPDATE inbound_event SET status = 'done', done = ");
    update.bind(now);
    update.push(", payload = '', error = NULL WHERE seq IN ");
    // The numbers by themselves are what the primary key can find.
    list_padded(&mut update, leases.iter().map(|(seq, _)| *seq));
    update.push(" AND status = 'leased' AND (seq, attempts) IN (VALUES ");
    let pairs = leases
        .iter()
        .map(|(seq, attempts)| [*seq, i64::from(*attempts)]);
    for (position, pair) in padded(pairs).into_iter().enumerate() {
        if position > 0 {
            update.push(", ");
        }
        update.list(pair);
    }
    update.push(") RETURNING seq");
    let rows = update.fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok(row.try_get("seq")?)).collect()
}

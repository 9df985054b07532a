//! New messages of a batch, stored together: a few statements for all of them, with contacts,
//! identities and conversations.
//!
//! Only what is new and stands for itself. A message that is known already, in whichever inbox, or that
//! joins what another inbox brought, or after which others have named a conversation that it is to join,
//! is left to `message_put_in_tx`. Both ways lead to the same
//! rows: a conversation's figures grow by each new message as a recount would have it (reach and
//! visibility are the best so far). Rows are written in the order of their keys, so that two hosts
//! never wait for each other; a contact that another host stores at the same moment makes the batch
//! fail, and it is tried again.

mod people;

use super::bulk::{list_padded, rows_insert_in_tx};
use super::message::{Heard, answers_order_in_tx};
use super::row::json_text;
use super::statement::{Statement, Value};
use super::{Result, Tx};
use crate::domain::effective_time::effective_time;
use crate::domain::social::{Reach, SourceMessage, Visibility};
use crate::domain::versions::Version;
use crate::domain::{Id, TimestampMs, new_id};
use people::contacts_put_in_tx;
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A report of a message.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub heard: Heard<'a>,
    pub activity_id: &'a str,
    pub message: &'a SourceMessage,
}

impl Arrival<'_> {
    /// The message's time that counts, not yet held against its parent's.
    fn effective(&self) -> TimestampMs {
        effective_time(self.message.published, self.heard.received)
    }
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
    let heard = first.heard;
    let known = known_in_tx(tx, &heard, arrivals).await?;
    let keys: Vec<&str> = arrivals
        .iter()
        .map(|a| {
            let named = named(a.message);
            // A thread is often named after a message, which may be known to stand in another one.
            let thread = known.get(named).and_then(|known| known.thread.as_deref());
            thread.unwrap_or(named)
        })
        .collect();
    let threads = threads_in_tx(tx, heard.inbox_id, arrivals, &keys).await?;
    let shared = shared_names_in_tx(tx, heard.inbox_id, &keys).await?;
    let names: HashSet<&str> = arrivals.iter().map(|a| named(a.message)).collect();
    let plain: Vec<bool> = arrivals
        .iter()
        .zip(&keys)
        .map(|(a, key)| {
            let own = a.message.external_id.as_str();
            let orphans = *key != own && (threads.contains_key(own) || names.contains(own));
            let elsewhere = known.get(named(a.message)).is_some_and(|k| k.shared);
            !known.contains_key(own) && !orphans && !elsewhere && !shared.contains(*key)
        })
        .collect();
    let chosen: Vec<(&Arrival<'_>, &str)> = arrivals
        .iter()
        .zip(&keys)
        .zip(&plain)
        .filter(|(_, plain)| **plain)
        .map(|((arrival, key), _)| (arrival, *key))
        .collect();
    let contacts = contacts_put_in_tx(tx, heard.network, &chosen).await?;
    let conversations = conversations_put_in_tx(tx, &heard, &chosen, threads).await?;
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
    let stored = placed.iter().flatten().map(|placed| &placed.message_id);
    answers_order_in_tx(tx, stored).await?;
    Ok(placed)
}

fn named(message: &SourceMessage) -> &str {
    message.conversation_key().unwrap_or(&message.external_id)
}

/// A message that is there.
#[derive(Default)]
struct Known {
    /// The name of its conversation, where it has one.
    thread: Option<String>,
    /// It, or its conversation, is another inbox's.
    shared: bool,
}

/// Messages that are there, in this inbox or shared by another, by external id.
async fn known_in_tx(
    tx: &mut Tx<'_>,
    heard: &Heard<'_>,
    arrivals: &[Arrival<'_>],
) -> Result<HashMap<String, Known>> {
    let own = arrivals.iter().map(|a| a.message.external_id.as_str());
    let ids: BTreeSet<&str> = own
        .chain(arrivals.iter().map(|a| named(a.message)))
        .collect();
    let mut query = Statement::new(
        "SELECT m.external_id, m.inbox_id, c.external_id AS conversation, c.inbox_id AS conversation_inbox
         FROM message m LEFT JOIN conversation c ON c.id = m.conversation_id WHERE (m.inbox_id = ",
    );
    query.bind(heard.inbox_id).push(" OR m.shared_as = ");
    query.bind(heard.ground).push(") AND m.external_id IN ");
    list_padded(&mut query, ids);
    let mut known: HashMap<String, Known> = HashMap::new();
    for row in query.fetch_all(&mut **tx).await? {
        let inbox: Id = row.try_get("inbox_id")?;
        let conversation: Option<Id> = row.try_get("conversation_inbox")?;
        let of = known.entry(row.try_get("external_id")?).or_default();
        of.shared |= inbox != heard.inbox_id || conversation.is_some_and(|c| c != heard.inbox_id);
        if inbox == heard.inbox_id || of.thread.is_none() {
            of.thread = row.try_get("conversation")?;
        }
    }
    Ok(known)
}

/// Those of these names that are conversations in which several inboxes have part.
async fn shared_names_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    keys: &[&str],
) -> Result<HashSet<String>> {
    let mut query = Statement::new(
        "SELECT c.external_id FROM conversation_inbox x JOIN conversation c ON c.id = x.conversation_id
         WHERE x.inbox_id = ",
    );
    query.bind(inbox_id).push(" AND c.external_id IN ");
    list_padded(&mut query, keys.iter().copied());
    query.push(
        " UNION SELECT c.external_id FROM conversation c
             JOIN conversation_inbox x ON x.conversation_id = c.id WHERE c.inbox_id = ",
    );
    query.bind(inbox_id).push(" AND c.external_id IN ");
    list_padded(&mut query, keys.iter().copied());
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| Ok(row.try_get("external_id")?))
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
    of: &Heard<'_>,
    chosen: &[(&Arrival<'_>, &str)],
    mut ids: HashMap<String, Id>,
) -> Result<HashMap<String, Id>> {
    let mut threads: BTreeMap<&str, Thread> = BTreeMap::new();
    for (arrival, key) in chosen {
        let (m, at) = (arrival.message, arrival.effective());
        let thread = threads.entry(key).or_insert(Thread {
            reach: m.reach,
            visibility: m.visibility,
            first: at,
            last: at,
            count: 0,
        });
        // Directed before searched before third-party; direct before semi-private before public.
        thread.reach = thread.reach.min(m.reach);
        thread.visibility = thread.visibility.max(m.visibility);
        thread.first = thread.first.min(at);
        thread.last = thread.last.max(at);
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
             status = CASE WHEN conversation.status = 'closed' THEN 'open' ELSE conversation.status END,
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
                arrival.effective().into(),
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
            "effective",
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
            "shared_as",
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
    let heard = &arrival.heard;
    let version = Version::of(m, arrival.activity_id, heard.received);
    vec![
        (&placed.message_id).into(),
        heard.inbox_id.into(),
        (&placed.conversation_id).into(),
        (&placed.contact_id).into(),
        (&m.external_id).into(),
        "inbound".into(),
        m.in_reply_to.clone().into(),
        json_text(&m.attributed_to).into(),
        m.published.into(),
        m.updated.into(),
        heard.received.into(),
        arrival.effective().into(),
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
        heard.shared_as(m).map(str::to_owned).into(),
    ]
}

/// Of messages, the conversations that they stand in now, and their effective times; deleted ones are
/// left out.
pub async fn messages_standing_in_tx(
    tx: &mut Tx<'_>,
    ids: Vec<&str>,
) -> Result<HashMap<Id, (Id, TimestampMs)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = Statement::new(
        "SELECT id, conversation_id, effective FROM message
         WHERE deleted IS NULL AND conversation_id IS NOT NULL AND id IN ",
    );
    list_padded(&mut query, ids);
    let rows = query.fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| {
            let standing = (row.try_get("conversation_id")?, row.try_get("effective")?);
            Ok((row.try_get("id")?, standing))
        })
        .collect()
}

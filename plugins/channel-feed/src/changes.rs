//! What a document says that was not handed over before: new entries, edited ones, deleted ones.
//!
//! Pure: the same document, memory and time give the same activities with the same ids. Dates are
//! made sane here: an entry was published when the feed says so, but never after we first saw it,
//! and where the feed says nothing, when we first saw it.

use std::collections::BTreeMap;

use rapport_sdk::social::{Activity, ActivityObject, Message, Tombstone};
use url::Url;

use crate::feed::{Deleted, Entry, Feed, ReplyTarget};
use crate::identity::{self, content_hash, hash_hex, hash64, message_id};
use crate::memory::{Content, Record, Seen};
use crate::message::{Place, message};
use crate::monitor::{Query, haystack};

/// Longest chain of answers followed (the contract's limit).
const ANCESTORS_MAX: usize = 64;

pub struct Context<'a> {
    /// Id and address of the feed.
    pub feed_id: &'a str,
    pub url: &'a Url,
    pub seen: &'a Seen,
    /// None: everything is wanted.
    pub queries: &'a [Query],
    pub now_ms: i64,
    /// Entries of other feeds that this one answers: their ids and the external ids of their
    /// messages.
    pub elsewhere: &'a BTreeMap<String, String>,
    /// Most entries looked at; the newest.
    pub allowed: usize,
}

pub struct Changes {
    /// Oldest first, each with what is to be remembered once it is handed over.
    pub activities: Vec<(Activity, Record)>,
    /// Entries of the document about which there is nothing to say.
    pub known: Vec<Record>,
    /// Old entries that were not looked at.
    pub left_out: usize,
}

/// Key of an entry in the memory.
pub fn entry_key(id: &str) -> u64 {
    hash64(&["entry", id])
}

/// Ids that entries of the document answer and that are not in the document itself.
pub fn foreign_targets(feed: &Feed) -> Vec<String> {
    let ids = identity::entry_ids(feed);
    let own: BTreeMap<&str, ()> = ids.iter().map(|id| (id.as_str(), ())).collect();
    let targets = feed
        .entries
        .iter()
        .filter_map(|e| e.in_reply_to.as_ref()?.id.clone());
    let mut foreign: Vec<String> = targets
        .filter(|id| !own.contains_key(id.as_str()))
        .collect();
    foreign.sort();
    foreign.dedup();
    foreign
}

/// Compares the document with the memory.
pub fn changes(feed: &Feed, context: &Context<'_>) -> Changes {
    let ids = identity::entry_ids(feed);
    let conversations = identity::conversation_ids(feed, &ids, context.url);
    let index: BTreeMap<&str, usize> = ids
        .iter()
        .enumerate()
        .rev()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let (chosen, left_out) = choose(feed, &ids, context.allowed);
    let mut changes = Changes {
        activities: Vec::new(),
        known: Vec::new(),
        left_out,
    };
    for i in chosen {
        let (Some(entry), Some(id)) = (feed.entries.get(i), ids.get(i)) else {
            continue;
        };
        let place = |times: (i64, Option<i64>)| Place {
            external_id: message_id(context.feed_id, id),
            conversation: conversations.get(i).cloned().flatten(),
            in_reply_to: entry
                .in_reply_to
                .as_ref()
                .and_then(|t| target_id(t, &index, context)),
            ancestors: ancestors(entry, feed, &index, context),
            published_ms: times.0,
            updated_ms: times.1,
        };
        let known = context.seen.get(entry_key(id));
        let build = |times| message(entry, feed, context.url, place(times));
        match change(entry, id, known, context, build) {
            (Some(activity), record) => changes.activities.push((activity, record)),
            (None, record) => changes.known.push(record),
        }
    }
    let withdrawn = feed
        .deleted
        .iter()
        .filter(|d| !index.contains_key(d.id.as_str()));
    changes
        .activities
        .extend(withdrawn.filter_map(|d| deletion(d, context)));
    changes
        .activities
        .sort_by_key(|(activity, _)| activity.published);
    changes
}

/// One entry against what is known of it. `build` makes the message with its times.
fn change(
    entry: &Entry,
    id: &str,
    known: Option<Record>,
    context: &Context<'_>,
    build: impl FnOnce((i64, Option<i64>)) -> Message,
) -> (Option<Activity>, Record) {
    let now_s = u32::try_from(context.now_ms / 1000).unwrap_or(u32::MAX);
    let first_seen_s = known.map_or(now_s, |k| k.first_seen_s);
    let first_seen_ms = i64::from(first_seen_s) * 1000;
    let published = entry
        .published
        .map_or(first_seen_ms, |p| p.min(first_seen_ms));
    let updated = entry
        .updated
        .map(|u| u.min(context.now_ms))
        .filter(|u| *u > published);
    let hash = content_hash(entry);
    let record = Record {
        id: entry_key(id),
        content: Content::of(hash),
        first_seen_s,
    };
    let handed_over = known.map_or(Content::Withheld, |k| k.content);
    if handed_over == record.content {
        return (None, record);
    }
    let edited = handed_over != Content::Withheld;
    let updated = if edited {
        updated.or(Some(context.now_ms))
    } else {
        updated
    };
    let mut message = build((published, updated));
    message.monitor = matching(&message, context.queries);
    if !edited {
        if message.monitor.is_none() && !context.queries.is_empty() {
            return (
                None,
                Record {
                    content: Content::Withheld,
                    ..record
                },
            );
        }
        let id = message.external_id.clone();
        return (
            Some(Activity {
                id,
                published,
                object: ActivityObject::Create(message),
            }),
            record,
        );
    }
    // The feed's own date of the edit tells two edits to the same text apart.
    let stamp = entry.updated.map(|u| u.to_string()).unwrap_or_default();
    let mark = hash_hex(&["edit", &hash.to_string(), &stamp], 8);
    let activity = Activity {
        id: format!("{}#{mark}", message.external_id),
        published: updated.unwrap_or(context.now_ms),
        object: ActivityObject::Update(message),
    };
    (Some(activity), record)
}

/// The first monitor that the message answers to.
fn matching(message: &Message, queries: &[Query]) -> Option<String> {
    if queries.is_empty() {
        return None;
    }
    let title = message.title.as_deref().unwrap_or_default();
    let text = haystack(&format!(
        "{title}\n{}\n{}",
        message.content,
        message.tags.join("\n")
    ));
    queries
        .iter()
        .find(|q| q.matches(&text))
        .map(|q| q.id.clone())
}

/// A withdrawn entry that was handed over before.
fn deletion(deleted: &Deleted, context: &Context<'_>) -> Option<(Activity, Record)> {
    let known = context.seen.get(entry_key(&deleted.id))?;
    if !matches!(known.content, Content::Hash(_)) {
        return None;
    }
    let external_id = message_id(context.feed_id, &deleted.id);
    let at = deleted
        .at
        .map_or(context.now_ms, |at| at.min(context.now_ms));
    let activity = Activity {
        id: match deleted.at {
            Some(at) => format!("{external_id}#deleted-{at}"),
            None => format!("{external_id}#deleted"),
        },
        published: at,
        object: ActivityObject::Delete(Tombstone {
            external_id,
            deleted: at,
        }),
    };
    Some((
        activity,
        Record {
            content: Content::Deleted,
            ..known
        },
    ))
}

/// Indices of the entries to look at, oldest first, and how many were left out. Of entries with the
/// same id the one edited last counts.
fn choose(feed: &Feed, ids: &[String], allowed: usize) -> (Vec<usize>, usize) {
    let date = |i: usize| feed.entries.get(i).and_then(|e| e.published);
    let edited = |i: usize| feed.entries.get(i).and_then(|e| e.updated.or(e.published));
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, id) in ids.iter().enumerate() {
        let slot = best.entry(id).or_insert(i);
        if edited(i) > edited(*slot) {
            *slot = i;
        }
    }
    let mut chosen: Vec<usize> = best.into_values().collect();
    chosen.sort_unstable();
    let mut dated = chosen.iter().filter_map(|i| date(*i));
    let oldest_first =
        matches!((dated.next(), dated.next_back()), (Some(first), Some(last)) if first < last);
    if !oldest_first {
        chosen.reverse();
    }
    // From here the oldest come first; what has no date stands as the document has it.
    let left_out = chosen.len().saturating_sub(allowed);
    if left_out > 0 {
        chosen.sort_by_key(|i| date(*i).unwrap_or(i64::MAX));
        chosen.drain(..left_out);
    }
    (chosen, left_out)
}

/// External id of the message that is answered.
fn target_id(
    target: &ReplyTarget,
    index: &BTreeMap<&str, usize>,
    context: &Context<'_>,
) -> Option<String> {
    let id = target
        .id
        .clone()
        .or_else(|| target.link.as_ref().map(|l| l.as_str().to_owned()))?;
    let ours = index.contains_key(id.as_str()) || context.seen.get(entry_key(&id)).is_some();
    match context.elsewhere.get(&id) {
        Some(external_id) if !ours => Some(external_id.clone()),
        _ => Some(message_id(context.feed_id, &id)),
    }
}

/// The chain of answers above the entry as far as the document tells, the first message first.
fn ancestors(
    entry: &Entry,
    feed: &Feed,
    index: &BTreeMap<&str, usize>,
    context: &Context<'_>,
) -> Vec<String> {
    let mut chain = Vec::new();
    let mut current = entry;
    while let Some(target) = &current.in_reply_to {
        let Some(id) = target_id(target, index, context) else {
            break;
        };
        if chain.len() >= ANCESTORS_MAX || chain.contains(&id) {
            break;
        }
        chain.push(id);
        let parent = target.id.as_deref().and_then(|id| index.get(id));
        match parent.and_then(|i| feed.entries.get(*i)) {
            Some(parent) => current = parent,
            None => break,
        }
    }
    chain.reverse();
    chain
}

//! What a document says that was not handed over before: new entries, edited ones, deleted ones.
//!
//! Pure: the same document, memory and time give the same activities with the same ids. Dates are
//! made sane here: an entry was published when the feed says so, but never after we first saw it,
//! and where the feed says nothing, when we first saw it.

use std::collections::BTreeMap;

use rapport_sdk::monitor::{Haystack, Query};
use rapport_sdk::social::{Activity, ActivityObject, Message, Tombstone};
use url::Url;

use crate::feed::{Deleted, Entry, Feed, ReplyTarget};
use crate::identity::{
    self, EntryId, Habits, Known, content_hash, entry_key, hash_hex, message_id, position,
};
use crate::memory::{Content, Record, Seen};
use crate::message::{Place, message};

/// Longest chain of answers followed (the contract's limit).
const ANCESTORS_MAX: usize = 64;

pub struct Context<'a> {
    /// Id and address of the feed.
    pub feed_id: &'a str,
    pub url: &'a Url,
    pub seen: &'a Seen,
    pub habits: &'a Habits,
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
    /// Titles of the entries that no monitor asked for, and whether they are new.
    pub withheld: Vec<(String, bool)>,
    /// How the feed makes ids, with what this document shows of it.
    pub habits: Habits,
}

/// Ids that entries of the document answer and that are not in the document itself.
pub fn foreign_targets(feed: &Feed, habits: &Habits) -> Vec<String> {
    if feed.entries.iter().all(|e| e.in_reply_to.is_none()) {
        return Vec::new();
    }
    let ids = identity::entry_ids(feed, &mut habits.clone());
    let own = identity::positions(feed, &ids);
    let targets = feed.entries.iter().filter_map(|e| e.in_reply_to.as_ref());
    let foreign = targets.filter(|target| position(target, &own).is_none());
    let mut foreign: Vec<String> = foreign.filter_map(|target| target.id.clone()).collect();
    foreign.sort();
    foreign.dedup();
    foreign
}

/// What the references of a document's entries lead to.
struct Names<'a> {
    feed: &'a Feed,
    index: BTreeMap<&'a str, usize>,
    /// External ids of the entries, in their order.
    external: Vec<String>,
    context: &'a Context<'a>,
}

/// Compares the document with the memory.
pub fn changes(feed: &Feed, context: &Context<'_>) -> Changes {
    let mut habits = context.habits.clone();
    let ids = identity::entry_ids(feed, &mut habits);
    let conversations = identity::conversation_ids(feed, &ids, context.url);
    let (chosen, left_out) = choose(feed, &ids, context.allowed);
    let mut known: Vec<Option<Known>> = ids
        .iter()
        .zip(&feed.entries)
        .map(|(id, entry)| id.find(context.seen, || Some(content_hash(entry))))
        .collect();
    let external = |(id, known): (&EntryId, &Option<Known>)| {
        let spelling = known.as_ref().map_or(&id.id, |k| &k.spelling);
        message_id(context.feed_id, spelling)
    };
    let names = Names {
        feed,
        index: identity::positions(feed, &ids),
        external: ids.iter().zip(&known).map(external).collect(),
        context,
    };
    let mut changes = Changes {
        activities: Vec::new(),
        known: Vec::new(),
        left_out,
        withheld: Vec::new(),
        habits,
    };
    for i in chosen {
        let (Some(entry), Some(id)) = (feed.entries.get(i), ids.get(i)) else {
            continue;
        };
        let known = known.get_mut(i).and_then(Option::take);
        changes.known.extend(known.as_ref().and_then(|k| k.older));
        let place = |times: (i64, Option<i64>)| Place {
            external_id: names.external.get(i).cloned().unwrap_or_default(),
            conversation: conversations.get(i).cloned().flatten(),
            in_reply_to: entry.in_reply_to.as_ref().and_then(|t| names.target(t)),
            ancestors: names.ancestors(entry),
            published_ms: times.0,
            updated_ms: times.1,
        };
        let build = |times| message(entry, feed, context.url, place(times));
        let known = known.map(|k| k.record);
        match change(entry, &id.id, known, context, build) {
            (Some(activity), record) => changes.activities.push((activity, record)),
            (None, record) => {
                if record.content == Content::Withheld {
                    let title = entry.title.as_ref().unwrap_or(&entry.content);
                    changes.withheld.push((title.clone(), known.is_none()));
                }
                changes.known.push(record);
            }
        }
    }
    let deleted = feed.deleted.iter();
    let withdrawn = deleted.filter(|d| !names.index.contains_key(d.id.as_str()));
    let deletions: Vec<_> = withdrawn.filter_map(|d| deletion(d, context)).collect();
    changes.activities.extend(deletions);
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
    let title = message.title.as_deref();
    let tags = message.tags.iter().map(String::as_str);
    let text = Haystack::new(
        title
            .into_iter()
            .chain([message.content.as_str()])
            .chain(tags),
    );
    queries
        .iter()
        .find(|q| q.matches(&text))
        .map(|q| q.id.clone())
}

/// A withdrawn entry that was handed over before.
fn deletion(deleted: &Deleted, context: &Context<'_>) -> Option<(Activity, Record)> {
    let id = EntryId::referred(&deleted.id, context.habits);
    let found = id.find(context.seen, || None)?;
    let known = found.record;
    if !matches!(known.content, Content::Hash(_)) {
        return None;
    }
    let external_id = message_id(context.feed_id, &found.spelling);
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
fn choose(feed: &Feed, ids: &[EntryId], allowed: usize) -> (Vec<usize>, usize) {
    let date = |i: usize| feed.entries.get(i).and_then(|e| e.published);
    let edited = |i: usize| feed.entries.get(i).and_then(|e| e.updated.or(e.published));
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, id) in ids.iter().enumerate() {
        let slot = best.entry(id.id.as_str()).or_insert(i);
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

impl Names<'_> {
    /// External id of the message that is answered.
    fn target(&self, target: &ReplyTarget) -> Option<String> {
        let here = position(target, &self.index).and_then(|i| self.external.get(i));
        if let Some(external_id) = here {
            return Some(external_id.clone());
        }
        let link = || target.link.as_ref().map(|l| l.as_str().to_owned());
        let written = target.id.clone().or_else(link)?;
        let id = EntryId::referred(&written, self.context.habits);
        let spelling = match id.find(self.context.seen, || None) {
            Some(known) => known.spelling,
            None => match self.context.elsewhere.get(&written) {
                Some(external_id) => return Some(external_id.clone()),
                None => id.id,
            },
        };
        Some(message_id(self.context.feed_id, &spelling))
    }

    /// The chain of answers above the entry as far as the document tells, the first message first.
    fn ancestors(&self, entry: &Entry) -> Vec<String> {
        let mut chain = Vec::new();
        let mut current = entry;
        while let Some(target) = &current.in_reply_to {
            let Some(id) = self.target(target) else {
                break;
            };
            if chain.len() >= ANCESTORS_MAX || chain.contains(&id) {
                break;
            }
            chain.push(id);
            let parent = position(target, &self.index);
            match parent.and_then(|i| self.feed.entries.get(i)) {
                Some(parent) => current = parent,
                None => break,
            }
        }
        chain.reverse();
        chain
    }
}

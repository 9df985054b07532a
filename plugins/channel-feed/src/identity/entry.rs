//! Ids of a document's entries, and under which of their spellings the memory knows them.
//!
//! An id that is an address has one spelling, see [`super::address`]. Whether a fragment or parameter
//! tells posts apart is decided by evidence: entries of one document that differ in text and in nothing
//! of their ids but that are different posts, and the feed's [`Habits`] remember it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::address::{Address, spellings};
use super::{content_hash, hash_hex, hash64};
use crate::feed::{Entry, Feed};
use crate::memory::{Content, Record, Seen};

/// Most ids remembered that a feed gives to several posts.
const SHARED_MAX: usize = 16;
/// So many posts of one document that only fragments tell apart make a habit.
const MARKS_MIN: usize = 3;

/// How a feed makes ids, as its documents have shown so far.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// Every fragment tells posts apart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    marks: bool,
    /// Hashes of ids that several posts have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared: Vec<u64>,
}

/// An entry's id and its other spellings.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct EntryId {
    pub id: String,
    /// Under these older versions of this connector knew it, or other documents.
    older: Vec<String>,
    /// Under this one too, if what is known of it has the same text.
    if_same: Option<String>,
}

/// What the memory has of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub record: Record,
    /// The id under which it was handed over.
    pub spelling: String,
    /// To be remembered beside the record of the id itself.
    pub older: Option<Record>,
}

/// Key of an entry in the memory.
pub fn entry_key(id: &str) -> u64 {
    hash64(&["entry", id])
}

impl EntryId {
    /// Of an id that another entry refers to.
    pub fn referred(id: &str, habits: &Habits) -> Self {
        Self::of(id, Address::parse(id).map(|a| a.id(habits.marks)), habits)
    }

    fn of(raw: &str, canonical: Option<String>, habits: &Habits) -> Self {
        let id = canonical.unwrap_or_else(|| raw.to_owned());
        let older = spellings(raw, &id, habits.marks);
        Self {
            id,
            older,
            if_same: None,
        }
    }

    /// What the memory has of it. `content`: hash of its text, where it has any.
    pub fn find(&self, seen: &Seen, content: impl Fn() -> Option<u64>) -> Option<Known> {
        let record = |id: &String| Some((id.clone(), seen.get(entry_key(id))?));
        let same = |id: &String| {
            let known = record(id)?;
            (Content::of(content()?) == known.1.content).then_some(known)
        };
        let own = record(&self.id);
        let older = self.older.iter().find_map(record);
        let older = older.or_else(|| self.if_same.as_ref().and_then(same));
        let (spelling, found) = older.clone().or(own.clone())?;
        Some(Known {
            record: own.map_or(found, |(_, record)| record),
            spelling,
            older: older.map(|(_, record)| record),
        })
    }
}

/// The entries' ids, in their order: what the feed gives as id, else the link, else a hash of title,
/// text and date. An id that a feed gives to different posts is worthless: the links are taken, or a
/// hash of id, title and date. `habits` learns.
pub fn entry_ids(feed: &Feed, habits: &mut Habits) -> Vec<EntryId> {
    let shared = shared_ids(feed);
    for id in shared.iter().map(|id| hash64(&[id])) {
        if !habits.shared.contains(&id) {
            habits.shared.insert(0, id);
            habits.shared.truncate(SHARED_MAX);
        }
    }
    let raw: Vec<(String, Option<String>)> =
        feed.entries.iter().map(|e| raw_id(e, habits)).collect();
    let addresses: Vec<Option<Address>> = raw.iter().map(|(id, _)| Address::parse(id)).collect();
    let (whole, marked) = evidence(feed, &addresses, habits.marks);
    habits.marks |= marked >= MARKS_MIN;
    let pairs = raw.into_iter().zip(&addresses).enumerate();
    let ids = pairs.map(|(index, ((id, if_same), address))| {
        let base = address.as_ref().map(|a| a.id(habits.marks));
        let own = match address {
            Some(address) if whole.contains(&index) => Some(address.whole()),
            _ => base.clone(),
        };
        let mut entry = EntryId::of(&id, own, habits);
        entry.if_same = if_same.or(base).filter(|base| *base != entry.id);
        entry
    });
    ids.collect()
}

/// The id as it stands in the document, and one that it may have had before.
fn raw_id(entry: &Entry, habits: &Habits) -> (String, Option<String>) {
    let title = entry.title.as_deref().unwrap_or_default();
    let date = entry.published.map(|p| p.to_string()).unwrap_or_default();
    match &entry.id {
        Some(id) if !habits.shared.contains(&hash64(&[id])) => (id.clone(), None),
        Some(id) => {
            let own = own_link(entry).unwrap_or_else(|| {
                format!("sha256:{}", hash_hex(&["shared", id, title, &date], 16))
            });
            (own, Some(id.clone()))
        }
        None => {
            let link = entry.link.as_ref().map(|l| l.as_str().to_owned());
            let hash = || format!("sha256:{}", hash_hex(&[title, &entry.content, &date], 16));
            (link.unwrap_or_else(hash), None)
        }
    }
}

/// The link, where it is more than the id once again.
fn own_link(entry: &Entry) -> Option<String> {
    let link = entry.link.as_ref()?.as_str();
    let spell = |text: &str| Address::parse(text).map(|a| a.whole());
    let repeated = entry.id.as_deref().and_then(spell) == spell(link);
    (!repeated).then(|| link.to_owned())
}

/// Ids that different posts have: with different links, or without links of their own and with
/// different titles, or with different dates and texts.
fn shared_ids(feed: &Feed) -> BTreeSet<&str> {
    let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for entry in &feed.entries {
        let Some(id) = entry.id.as_deref() else {
            continue;
        };
        let Some(other) = first.get(id) else {
            first.insert(id, entry);
            continue;
        };
        let differ = match (own_link(entry), own_link(other)) {
            (None, None) => {
                entry.title != other.title
                    || (entry.published != other.published && entry.content != other.content)
            }
            (Some(link), other) => Some(link) != other,
            (None, Some(_)) => false,
        };
        if differ {
            shared.insert(id);
        }
    }
    shared
}

/// Entries whose ids must stay whole, because only what would be left out tells them apart, and how
/// many of them differ in the fragment.
fn evidence(
    feed: &Feed,
    addresses: &[Option<Address>],
    all_marks: bool,
) -> (BTreeSet<usize>, usize) {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, address) in addresses.iter().enumerate() {
        if let Some(address) = address {
            groups.entry(address.id(all_marks)).or_default().push(index);
        }
    }
    let (mut whole, mut marked) = (BTreeSet::new(), 0);
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let spelled = |i: &usize| addresses.get(*i).and_then(|a| Some(a.as_ref()?.whole()));
        let spellings: BTreeSet<_> = group.iter().filter_map(spelled).collect();
        let texts: BTreeSet<_> = group
            .iter()
            .filter_map(|i| feed.entries.get(*i).map(content_hash))
            .collect();
        if spellings.len() > 1 && texts.len() > 1 {
            let bare = |text: &String| text.split('#').next().unwrap_or_default().to_owned();
            let bases: BTreeSet<String> = spellings.iter().map(bare).collect();
            marked += if bases.len() == 1 { spellings.len() } else { 0 };
            whole.extend(group);
        }
    }
    (whole, marked)
}

//! Ids of a document's entries, and under which of their spellings the memory knows them.
//!
//! An id that is an address has one spelling, see [`super::address`]. Whether a fragment or parameter
//! tells posts apart is decided by evidence: entries of one document that differ in text and in nothing
//! of their ids but that are different posts, and the feed's [`Habits`] remember it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use url::Url;

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
    /// Under these too, if what is known of it has the same text.
    if_same: Vec<String>,
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
            if_same: Vec::new(),
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
        let older = older.or_else(|| self.if_same.iter().find_map(same));
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
/// hash of id, title and date, with the text where these are alike too. `habits` learns.
pub fn entry_ids(feed: &Feed, habits: &mut Habits) -> Vec<EntryId> {
    for id in shared_ids(feed) {
        if !habits.shared.contains(&id) {
            habits.shared.insert(0, id);
            habits.shared.truncate(SHARED_MAX);
        }
    }
    let site = feed.site.as_ref();
    let raw: Vec<(String, Vec<String>)> = feed
        .entries
        .iter()
        .map(|e| raw_id(e, site, habits))
        .collect();
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
        entry.if_same = if_same.into_iter().chain(base).collect();
        entry.if_same.retain(|other| *other != entry.id);
        entry
    });
    ids.collect()
}

/// What an entry goes by in its document.
fn written(entry: &Entry) -> Option<&str> {
    let link = || entry.link.as_ref().map(Url::as_str);
    entry.id.as_deref().or_else(link)
}

/// What tells posts of one id apart where their links do not.
fn shared_name(id: &str, entry: &Entry, content: &str) -> String {
    let title = entry.title.as_deref().unwrap_or_default();
    let date = entry.published.map(|p| p.to_string()).unwrap_or_default();
    let parts = ["shared", id, title, &date, content];
    let count = if content.is_empty() { 4 } else { 5 };
    format!("sha256:{}", hash_hex(&parts[..count], 16))
}

/// Under which [`Habits`] know that several posts have the id, and that only texts tell some apart.
fn shared_key(id: &str) -> u64 {
    hash64(&[id])
}
fn text_key(id: &str) -> u64 {
    hash64(&["text", id])
}

/// The id as it stands in the document, and those that it may have had before.
fn raw_id(entry: &Entry, site: Option<&Url>, habits: &Habits) -> (String, Vec<String>) {
    let Some(id) = written(entry) else {
        let title = entry.title.as_deref().unwrap_or_default();
        let date = entry.published.map(|p| p.to_string()).unwrap_or_default();
        let hash = hash_hex(&[title, &entry.content, &date], 16);
        return (format!("sha256:{hash}"), Vec::new());
    };
    if !habits.shared.contains(&shared_key(id)) {
        return (id.to_owned(), Vec::new());
    }
    if let Some(link) = own_link(entry, site) {
        return (link, vec![id.to_owned()]);
    }
    let plain = shared_name(id, entry, "");
    if habits.shared.contains(&text_key(id)) {
        let own = shared_name(id, entry, &entry.content);
        return (own, vec![plain, id.to_owned()]);
    }
    (plain, vec![id.to_owned()])
}

/// The link, where it is more than the id once again or the site's front page.
fn own_link(entry: &Entry, site: Option<&Url>) -> Option<String> {
    let link = entry.link.as_ref()?;
    let spell = |text: &str| Address::parse(text).map(|a| a.whole());
    let own = spell(link.as_str());
    let repeated = written(entry).and_then(spell) == own;
    let front = link.path() == "/" && link.query().is_none() && link.fragment().is_none();
    let front = front || site.is_some_and(|site| spell(site.as_str()) == own);
    (!repeated && !front).then(|| link.as_str().to_owned())
}

/// Keys of ids that different posts have: with different links, or without links of their own and with
/// different titles or texts.
fn shared_ids(feed: &Feed) -> BTreeSet<u64> {
    let site = feed.site.as_ref();
    let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut texts: BTreeMap<String, &str> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for entry in &feed.entries {
        let Some(id) = written(entry) else {
            continue;
        };
        let link = own_link(entry, site);
        if link.is_none() {
            let text = texts.entry(shared_name(id, entry, ""));
            if *text.or_insert(&entry.content) != entry.content {
                shared.insert(text_key(id));
            }
        }
        let Some(other) = first.get(id) else {
            first.insert(id, entry);
            continue;
        };
        let differ = match (link, own_link(other, site)) {
            (None, _) => entry.title != other.title || entry.content != other.content,
            (Some(link), other) => Some(link) != other,
        };
        if differ {
            shared.insert(shared_key(id));
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

//! What is remembered of the feeds between polls, in the host's state.
//!
//! Keys: `index` (which feeds have memory, under which settings), `feed/ID` (when and where to ask
//! again, with which validators, what is wrong), `seen/ID` (entries, 16 bytes each) and `tally` (what
//! the monitors read). The host stores
//! changes together with the activities of the same call, or not at all, so validators never run
//! ahead of what was handed over. What can't be read counts as empty: then entries are handed over
//! again, which is harmless.
//!
//! Bounds: a value of 64 KiB, 1 MiB in all. [`allowance`] shares the room for seen entries so that
//! every feed always has some.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::identity::Habits;
use crate::settings::FEEDS_MAX;
use crate::tally::Tally;

/// Bytes of one seen entry.
const RECORD_BYTES: usize = 16;
/// Most entries remembered of a feed.
pub const SEEN_MAX: usize = 2000;
/// Entries for which every feed has room, whatever the others take.
pub const SEEN_MIN: usize = 50;
/// Entries of all feeds together: 768 KiB of the host's 1 MiB; the rest is for `feed/` and `index`.
const SEEN_TOTAL: usize = 768 * 1024 / RECORD_BYTES;
/// Longest validator kept, in bytes.
const VALIDATOR_MAX_BYTES: usize = 512;
/// Longest new address and longest problem kept, in bytes.
const MOVED_MAX_BYTES: usize = 512;
const PROBLEM_MAX_BYTES: usize = 300;

const INDEX_KEY: &str = "index";
const TALLY_KEY: &str = "tally";

/// Which feeds have memory, and for what it holds.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub feeds: Vec<String>,
    /// Hash of the list of feeds; another one forgives feeds that were gone.
    pub settings: String,
    /// Hash of the monitors; another one has entries looked at again.
    pub monitors: String,
}

/// How a feed stands.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Not to be asked before this time.
    pub due_ms: i64,
    /// Failures in a row.
    pub failures: u32,
    /// It answered 410: not asked again under these settings.
    pub gone: bool,
    /// How many entries `seen/ID` has.
    pub seen: usize,
    /// Where it moved for good on its own host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// Why it can't be read, for the admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    pub habits: Habits,
    /// Its entries are in the tally of the monitors.
    pub counted: bool,
}

impl Standing {
    /// As if it were asked for the first time; what it handed over and how it makes ids stay known.
    pub fn anew(&self) -> Self {
        Self {
            seen: self.seen,
            habits: self.habits.clone(),
            ..Self::default()
        }
    }

    /// Whether it was asked since it was listed, or since the new start.
    pub fn is_tried(&self) -> bool {
        self.due_ms > 0 || self.failures > 0
    }

    /// Notes that it can't be read. It is asked at the address of the settings again.
    pub fn fail(&mut self, problem: Option<&str>) {
        self.failures = self.failures.saturating_add(1);
        self.problem = problem.map(|text| crate::text::cut(text, PROBLEM_MAX_BYTES));
        self.moved = None;
    }

    /// Notes that it could be read; where, if that is to be remembered. Whether that is news.
    pub fn succeed(&mut self, moved: Option<&str>) -> bool {
        self.failures = 0;
        self.problem = None;
        let moved = moved.filter(|m| m.len() <= MOVED_MAX_BYTES);
        let news = moved.is_some() && moved != self.moved.as_deref();
        if news {
            self.moved = moved.map(str::to_owned);
        }
        news
    }

    /// Keeps the validators of an answer that was handed over whole.
    pub fn keep_validators(&mut self, etag: Option<&str>, last_modified: Option<&str>) {
        let fit = |v: Option<&str>| {
            v.filter(|v| !v.is_empty() && v.len() <= VALIDATOR_MAX_BYTES)
                .map(str::to_owned)
        };
        self.etag = fit(etag);
        self.last_modified = fit(last_modified);
    }

    pub fn drop_validators(&mut self) {
        self.etag = None;
        self.last_modified = None;
    }
}

/// What is known of an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// Hash of the entry's id.
    pub id: u64,
    /// What was handed over of it.
    pub content: Content,
    /// Seconds since 1970.
    pub first_seen_s: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Content {
    /// Never handed over: no monitor asked for it.
    Withheld,
    Deleted,
    /// Hash of the content last handed over.
    Hash(u32),
}

impl Content {
    /// Of a content's hash; the two lowest values are taken.
    pub fn of(hash: u64) -> Self {
        Content::Hash((hash as u32).max(2))
    }

    fn code(self) -> u32 {
        match self {
            Content::Withheld => 0,
            Content::Deleted => 1,
            Content::Hash(hash) => hash,
        }
    }

    fn of_code(code: u32) -> Self {
        match code {
            0 => Content::Withheld,
            1 => Content::Deleted,
            hash => Content::Hash(hash),
        }
    }
}

/// The entries of a feed that were seen, latest first.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Seen {
    order: Vec<u64>,
    records: BTreeMap<u64, Record>,
}

impl Seen {
    pub fn get(&self, id: u64) -> Option<Record> {
        self.records.get(&id).copied()
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Notes the entries of the latest document, before all that were known, and forgets the oldest
    /// beyond `allowed`.
    pub fn note(&mut self, latest: &[Record], allowed: usize) {
        let mut order: Vec<u64> = latest.iter().map(|r| r.id).collect();
        let fresh: BTreeMap<u64, Record> = latest.iter().map(|r| (r.id, *r)).collect();
        order.extend(self.order.iter().filter(|id| !fresh.contains_key(id)));
        self.records.extend(fresh);
        for forgotten in order.split_off(allowed.min(order.len())) {
            self.records.remove(&forgotten);
        }
        self.order = order;
    }

    /// As if nothing had been handed over; when entries were first seen stays known.
    pub fn withhold_all(&mut self) {
        for record in self.records.values_mut() {
            record.content = Content::Withheld;
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let records = self.order.iter().filter_map(|id| self.records.get(id));
        let bytes = records.flat_map(|r| {
            let mut bytes = [0; RECORD_BYTES];
            bytes[..8].copy_from_slice(&r.id.to_le_bytes());
            bytes[8..12].copy_from_slice(&r.content.code().to_le_bytes());
            bytes[12..].copy_from_slice(&r.first_seen_s.to_le_bytes());
            bytes
        });
        bytes.collect()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut seen = Seen::default();
        for chunk in bytes.chunks_exact(RECORD_BYTES).take(SEEN_MAX) {
            let number = |range: std::ops::Range<usize>| {
                chunk[range]
                    .iter()
                    .rev()
                    .fold(0u64, |n, byte| (n << 8) | u64::from(*byte))
            };
            let record = Record {
                id: number(0..8),
                content: Content::of_code(number(8..12) as u32),
                first_seen_s: number(12..16) as u32,
            };
            if seen.records.insert(record.id, record).is_none() {
                seen.order.push(record.id);
            }
        }
        seen
    }
}

/// How many entries a feed may remember, given what the others do (`others`: their numbers).
/// At least [`SEEN_MIN`], and together never more than fits.
pub fn allowance(others: impl Iterator<Item = usize>) -> usize {
    let taken: usize = others.map(|n| n.max(SEEN_MIN)).sum();
    SEEN_TOTAL.saturating_sub(taken).clamp(SEEN_MIN, SEEN_MAX)
}

const _: () = assert!(FEEDS_MAX * SEEN_MIN <= SEEN_TOTAL && SEEN_MAX * RECORD_BYTES <= 65_536);

pub fn load_index(host: &mut impl Host) -> Index {
    load_json(host, INDEX_KEY)
}

pub fn save_index(host: &mut impl Host, index: &Index) -> Result<(), String> {
    save_json(host, INDEX_KEY, index)
}

pub fn load_standing(host: &mut impl Host, feed: &str) -> Standing {
    load_json(host, &format!("feed/{feed}"))
}

pub fn save_standing(host: &mut impl Host, feed: &str, standing: &Standing) -> Result<(), String> {
    save_json(host, &format!("feed/{feed}"), standing)
}

pub fn load_seen(host: &mut impl Host, feed: &str) -> Seen {
    Seen::from_bytes(&host.state_get(&format!("seen/{feed}")).unwrap_or_default())
}

pub fn save_seen(host: &mut impl Host, feed: &str, seen: &Seen) -> Result<(), String> {
    host.state_set(&format!("seen/{feed}"), &seen.to_bytes())
}

pub fn load_tally(host: &mut impl Host) -> Tally {
    load_json(host, TALLY_KEY)
}

pub fn save_tally(host: &mut impl Host, tally: &Tally) -> Result<(), String> {
    save_json(host, TALLY_KEY, tally)
}

pub fn forget_tally(host: &mut impl Host) {
    host.state_delete(TALLY_KEY);
}

/// Everything about a feed that is listed no more.
pub fn forget(host: &mut impl Host, feed: &str) {
    host.state_delete(&format!("feed/{feed}"));
    host.state_delete(&format!("seen/{feed}"));
}

fn load_json<T: DeserializeOwned + Default>(host: &mut impl Host, key: &str) -> T {
    let bytes = host.state_get(key).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn save_json(host: &mut impl Host, key: &str, value: &impl Serialize) -> Result<(), String> {
    let bytes = serde_json::to_vec(value).map_err(|e| e.to_string())?;
    host.state_set(key, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u64) -> Record {
        Record {
            id,
            content: Content::of(id * 7),
            first_seen_s: 1_700_000_000,
        }
    }

    #[test]
    fn seen_entries_survive_storage_latest_first() {
        let mut seen = Seen::default();
        seen.note(&[record(1), record(2)], 10);
        seen.note(
            &[
                record(3),
                Record {
                    content: Content::Deleted,
                    ..record(2)
                },
            ],
            3,
        );
        let again = Seen::from_bytes(&seen.to_bytes());
        assert_eq!(again, seen);
        assert_eq!(again.order, [3, 2, 1]);
        assert_eq!(again.get(2).unwrap().content, Content::Deleted);
        seen.note(&[record(4)], 2);
        assert_eq!(
            (seen.order.as_slice(), seen.get(2)),
            ([4, 3].as_slice(), None)
        );
    }

    #[test]
    fn garbage_counts_as_nothing() {
        assert_eq!(Seen::from_bytes(&[1, 2, 3]).len(), 0);
        assert_eq!(Seen::from_bytes(&[7; 40]).len(), 1);
    }

    #[test]
    fn the_room_is_shared_and_never_overrun() {
        assert_eq!(allowance(std::iter::empty()), SEEN_MAX);
        let mut counts = vec![0usize; FEEDS_MAX];
        for _ in 0..3 {
            for index in 0..counts.len() {
                let others = counts
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| *i != index)
                    .map(|(_, n)| *n);
                counts[index] = allowance(others);
            }
            assert!(counts.iter().sum::<usize>() <= SEEN_TOTAL, "{counts:?}");
            assert!(counts.iter().all(|n| *n >= SEEN_MIN));
        }
    }
}

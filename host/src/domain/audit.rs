//! Audit events and what is wrong with a chain of them.
//!
//! Each row's hash is over the hash of the row before it and its own fields ([`chain_hash`]); rows are
//! numbered without gaps. So a changed, missing or reordered row breaks the chain where it was touched.
//! What the chain alone can't show is one that was written anew, or a tail that was cut off together
//! with the record of its end: that takes a [`Head`] written down elsewhere ([`SignedHead`]s that went
//! out, the last line of an export).

mod head;

pub use head::{KnownHeads, SignedHead};

use super::TimestampMs;
use super::digest::chain_hash;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// How many neighbours of a broken row are tried as its place in the original order.
const NEIGHBOURS: usize = 64;

/// Most findings that one check reports.
pub const FINDINGS_MAX: usize = 100;

/// One row of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEvent {
    /// 1 for the first row, without gaps.
    pub seq: i64,
    pub at: TimestampMs,
    /// Who did it: an agent's or token's id, or a name of the host's own (`host`, `cli`).
    pub actor: String,
    /// `noun.verb`.
    pub action: String,
    /// What it was done to: an id or a name.
    pub subject: String,
    /// JSON text: the hash is over these very bytes.
    #[serde(serialize_with = "as_json")]
    #[schema(value_type = Object, nullable)]
    pub detail: String,
    /// SHA-256 in hexadecimal.
    pub hash: String,
}

/// Text that is not JSON (a row that was tampered with) shows as a string.
fn as_json<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => value.serialize(serializer),
        Err(_) => text.serialize(serializer),
    }
}

impl AuditEvent {
    /// Whether this row, as it is, was written right behind a row with this hash.
    pub fn follows(&self, previous: &str) -> bool {
        let at = self.at.to_string();
        let fields = [
            at.as_str(),
            &self.actor,
            &self.action,
            &self.subject,
            &self.detail,
        ];
        chain_hash(previous, &fields) == self.hash
    }
}

/// Where the chain ends. Its text form is `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Head {
    /// Number of the last row; 0 when there is none.
    pub seq: i64,
    pub hash: String,
    /// How many rows there are.
    pub count: i64,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A head that was written down: the row with this number had this hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHead {
    pub seq: i64,
    pub hash: String,
}

impl FromStr for ExpectedHead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "not SEQ:HASH, as an export of the audit ends with".to_owned();
        let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or_else(wrong)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let is_start = seq == 0 && hash.is_empty();
        if !is_hash && !is_start {
            return Err(wrong());
        }
        Ok(Self {
            seq,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

/// What is wrong, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A row is not what was written.
    Changed,
    /// Rows are gone.
    Missing,
    /// A genuine row stands in another place than it was written.
    Reordered,
    /// The end of the chain is not where its record says.
    Head,
}

/// Something wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    pub kind: FindingKind,
    /// The first row concerned.
    pub seq: i64,
    /// In words.
    pub what: String,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// True when nothing is wrong.
    pub intact: bool,
    /// Rows that were read.
    pub rows: i64,
    pub head: Head,
    /// At most 100.
    pub findings: Vec<Finding>,
    /// True when there were more findings than are listed.
    pub more: bool,
    /// Heads from elsewhere that it was compared with. With none, a chain that was written anew, or cut
    /// at its end, passes.
    pub heads_compared: i64,
    /// Lines of the file of heads that are not signed with this host's key, and count for nothing.
    pub heads_refused: i64,
}

/// Checks rows as they come, in the order of their numbers.
#[derive(Debug, Default)]
pub struct ChainCheck {
    last_seq: i64,
    last_hash: String,
    rows: i64,
    recent: VecDeque<(i64, String)>,
    /// Rows that do not follow the one before them, until their place is found.
    broken: VecDeque<(AuditEvent, i64)>,
    /// Hashes by number of their row.
    expected: BTreeMap<i64, BTreeSet<String>>,
    findings: Vec<Finding>,
    more: bool,
}

impl ChainCheck {
    /// `expected`: heads from earlier, whose rows must still be there.
    pub fn new(expected: impl IntoIterator<Item = ExpectedHead>) -> Self {
        let mut check = Self::default();
        for ExpectedHead { seq, hash } in expected {
            check.expected.entry(seq).or_default().insert(hash);
        }
        check
    }

    /// Number of the last row that was taken.
    pub fn last_seq(&self) -> i64 {
        self.last_seq
    }

    fn find(&mut self, kind: FindingKind, seq: i64, what: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { kind, seq, what });
        } else {
            self.more = true;
        }
    }

    /// Takes the next row.
    pub fn take(&mut self, row: AuditEvent) {
        let expected_seq = self.last_seq + 1;
        if row.seq != expected_seq {
            let what = match row.seq - expected_seq {
                1 => format!("row {expected_seq} is missing"),
                _ => format!("rows {expected_seq} to {} are missing", row.seq - 1),
            };
            self.find(FindingKind::Missing, expected_seq, what);
        } else if !row.follows(&self.last_hash) {
            self.broken.push_back((row.clone(), self.last_seq));
        }
        if let Some(expected) = self.expected.remove(&row.seq)
            && expected.iter().any(|hash| *hash != row.hash)
        {
            let what = format!("row {} has another hash than the expected head", row.seq);
            self.find(FindingKind::Changed, row.seq, what);
        }
        self.last_seq = row.seq;
        self.last_hash.clone_from(&row.hash);
        self.rows += 1;
        self.recent.push_back((row.seq, row.hash));
        if self.recent.len() > 2 * NEIGHBOURS {
            self.recent.pop_front();
        }
        let ripe = self.last_seq - NEIGHBOURS as i64;
        while self.broken.front().is_some_and(|(row, _)| row.seq <= ripe) {
            self.settle_one();
        }
    }

    /// Says what the oldest broken row is: genuine but elsewhere, or not what was written.
    fn settle_one(&mut self) {
        let Some((row, before)) = self.broken.pop_front() else {
            return;
        };
        if self.findings.len() >= FINDINGS_MAX {
            self.more = true;
            return;
        }
        let origin = self.recent.iter().find(|(_, hash)| row.follows(hash));
        let seq = row.seq;
        match origin {
            Some((origin, _)) => {
                let what = format!("row {seq} was written behind what is now row {origin}");
                self.find(FindingKind::Reordered, seq, what);
            }
            None if seq > 1 && row.follows("") => {
                let what = format!("row {seq} was written as the first row");
                self.find(FindingKind::Reordered, seq, what);
            }
            None => {
                let what = match before {
                    0 => format!("row {seq} is not what was written"),
                    _ => format!(
                        "row {seq} is not what was written behind row {before}: one of them was changed, or a row between them is gone"
                    ),
                };
                self.find(FindingKind::Changed, seq, what);
            }
        }
    }

    /// Ends the check; `head` is the record of the chain's end, none when that is gone too.
    pub fn finish(mut self, head: Option<Head>) -> ChainReport {
        while !self.broken.is_empty() {
            self.settle_one();
        }
        let last = self.last_seq;
        match &head {
            None if last > 0 => {
                self.find(
                    FindingKind::Head,
                    last,
                    "the record of the chain's end is gone".into(),
                );
            }
            None => {}
            Some(head) if head.seq > last => {
                let what = format!("rows {} to {} are missing at the end", last + 1, head.seq);
                self.find(FindingKind::Missing, last + 1, what);
            }
            Some(head) if head.seq < last => {
                let what = format!(
                    "the chain's end is recorded as row {}, but there are more",
                    head.seq
                );
                self.find(FindingKind::Head, head.seq + 1, what);
            }
            Some(head) => {
                if head.hash != self.last_hash {
                    let what =
                        format!("row {last} has another hash than the record of the chain's end");
                    self.find(FindingKind::Changed, last, what);
                }
                if head.count != self.rows {
                    let what = format!("{} rows are recorded, {} are there", head.count, self.rows);
                    self.find(FindingKind::Head, last, what);
                }
            }
        }
        if let Some((seq, _)) = self
            .expected
            .last_key_value()
            .filter(|(seq, _)| **seq > last)
        {
            let what =
                format!("the expected head, row {seq}, is missing: the chain ends with row {last}");
            self.find(FindingKind::Missing, last + 1, what);
        }
        self.findings.sort_by_key(|finding| finding.seq);
        ChainReport {
            intact: self.findings.is_empty(),
            rows: self.rows,
            head: head.unwrap_or_default(),
            findings: self.findings,
            more: self.more,
            heads_compared: 0,
            heads_refused: 0,
        }
    }
}

#[cfg(test)]
mod tests;

//! What was read of one list of the network: marks of its items, so that a page tells by itself
//! whether it holds anything new, whatever times its items carry.
//!
//! - The [`WINDOW`] items latest by the network's time are marked; below the oldest of them
//!   (`horizon_ms`) nothing counts as new, since what was read there is forgotten. While everything
//!   that the list ever showed fits, there is no such border.
//! - What a scan marks counts as read only once the scan is complete: a page that was read by a scan
//!   that was broken off says nothing about those below it.
//! - A list whose marks are lost is new from the last known time on (`lost`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::memory::{read, write};
use crate::net::Net;
use crate::rkey::short_hash;
use crate::scan::Item;

/// Marks kept of complete scans, and as many of one under way. More than two pages, so that what lies
/// in the pages that hold nothing new is known; with 61 lists all marks fit in an inbox's state.
pub const WINDOW: usize = 250;
/// Characters of a mark; 48 bits tell a few hundred items apart.
const MARK_CHARS: usize = 12;
const SECOND_MS: i64 = 1000;

/// Marks, each with its item's time in seconds since 1970.
type Marks = BTreeMap<String, i64>;

/// What was read of one list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Of complete scans.
    #[serde(rename = "d")]
    done: Marks,
    /// Of the scan that is under way.
    #[serde(rename = "s")]
    under_way: Marks,
    /// Below it nothing counts as new, in milliseconds.
    #[serde(rename = "h")]
    pub horizon_ms: Option<i64>,
    /// When a scan last went down to the horizon, in milliseconds.
    #[serde(rename = "w")]
    pub swept_ms: i64,
}

impl Reading {
    /// Of the list with this key; none when nothing is kept of it.
    pub fn load(net: &dyn Net, key: &str) -> Option<Self> {
        read(net, &state_key(key))
    }

    pub fn save(&self, net: &dyn Net, key: &str) {
        write(net, &state_key(key), self);
    }

    pub fn forget(net: &dyn Net, key: &str) {
        net.state_delete(&state_key(key));
    }

    /// In place of marks that are lost: up to this time all was read.
    pub fn lost(until_ms: i64) -> Self {
        Self {
            horizon_ms: Some(until_ms),
            ..Self::default()
        }
    }

    /// A complete scan has read it, or would have.
    pub fn knows(&self, item: &Item) -> bool {
        let below = |horizon_ms| item.at_ms.is_some_and(|at| at < horizon_ms);
        self.horizon_ms.is_some_and(below) || is_in(&self.done, item)
    }

    /// The scan under way has read it already.
    pub fn has_met(&self, item: &Item) -> bool {
        is_in(&self.under_way, item)
    }

    /// The scan under way reads it. What has no time, or one to come, is as of now.
    pub fn mark(&mut self, item: &Item, now_ms: i64) {
        let at_ms = item.at_ms.map_or(now_ms, |at| at.min(now_ms));
        let marked = self.under_way.insert(mark(&item.id), seconds(at_ms));
        // Twice as many before the oldest go: seldom, and no matter.
        if marked.is_none() && self.under_way.len() > 2 * WINDOW {
            keep_latest(&mut self.under_way);
        }
    }

    /// An item that can't be used counts as read only as long as it looks like this.
    pub fn mark_as_shown(&mut self, item: &Item) {
        for marks in [&mut self.under_way, &mut self.done] {
            if let Some(at) = marks.remove(&mark(&item.id)) {
                marks.insert(mark(&item.value.to_string()), at);
            }
        }
    }

    /// The scan under way has met what complete scans had read, or the list's end.
    pub fn complete(&mut self) {
        self.done.append(&mut self.under_way);
        self.bound();
    }

    /// The scan under way ends here, with more below that is not wanted.
    pub fn complete_above(&mut self, lowest_ms: Option<i64>) {
        self.complete();
        self.horizon_ms = self.horizon_ms.max(lowest_ms);
    }

    fn bound(&mut self) {
        if let Some(lowest_s) = keep_latest(&mut self.done) {
            self.horizon_ms = self.horizon_ms.max(Some(lowest_s * SECOND_MS));
        }
    }

    /// Before it is kept with a scan under way.
    pub fn pause(&mut self) {
        keep_latest(&mut self.under_way);
    }
}

fn state_key(key: &str) -> String {
    format!("read/{key}")
}

fn mark(text: &str) -> String {
    let mut hash = short_hash(text);
    hash.truncate(MARK_CHARS);
    hash
}

fn is_in(marks: &Marks, item: &Item) -> bool {
    !marks.is_empty()
        && (marks.contains_key(&mark(&item.id))
            || marks.contains_key(&mark(&item.value.to_string())))
}

fn seconds(ms: i64) -> i64 {
    ms.div_euclid(SECOND_MS)
}

/// Drops the oldest beyond [`WINDOW`]; then tells the time of the oldest that stays, in seconds.
fn keep_latest(marks: &mut Marks) -> Option<i64> {
    if marks.len() <= WINDOW {
        return None;
    }
    let mut times: Vec<i64> = marks.values().copied().collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    let lowest_s = times[WINDOW - 1];
    // Of those of that very second some may go; they are asked about again, at worst.
    let mut room = WINDOW - times.iter().filter(|at| **at > lowest_s).count();
    marks.retain(|_, at| {
        let stays = *at > lowest_s || (*at == lowest_s && room > 0);
        if *at == lowest_s && stays {
            room -= 1;
        }
        stays
    });
    Some(lowest_s)
}

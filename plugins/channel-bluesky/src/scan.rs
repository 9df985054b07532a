//! Reading a source that lists from new to old, without leaving anything out.
//!
//! - Whatever page is read, all of it that was not taken before is taken: what is known is told by
//!   ids (`reading`), because the network sorts by a time that the author wrote, and a slow clock, a
//!   schedule or a bridge from another network may put it hours below what was heard before.
//! - A scan reads down to a page that holds nothing new, and `OVERLAP_MS` below the newest item of
//!   the last complete scan at least. Every `SWEEP_MS` it reads down to where its memory ends, for
//!   what came in behind a page that held nothing new.
//! - A scan that runs out of pages is broken off and goes on at the next poll; only its end moves
//!   the position.
//! - The network continues strictly below the time of a page's last item, so items of that very
//!   millisecond on both sides of the border would be lost. Where its position is a plain time,
//!   the next page is asked from one millisecond later, and what comes twice is dropped.

use std::collections::BTreeSet;

use rapport_sdk::common::PluginError;
use serde_json::Value;

use crate::cursor::{Backlog, NETWORK_CURSOR_BYTES_MAX, Position};
use crate::reading::Reading;
use crate::time;
use crate::xrpc::CallError;

/// How far below the newest delivered item every scan looks again, in milliseconds.
pub const OVERLAP_MS: i64 = 10 * 60 * 1000;
/// How often a scan reads down to where its memory ends, in milliseconds.
pub const SWEEP_MS: i64 = 10 * 60 * 1000;
/// Items a page; the network's own maximum.
pub const PAGE_SIZE: usize = 100;

/// One thing in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Names it in this list.
    pub id: String,
    /// The network's time, in milliseconds; none when it states none.
    pub at_ms: Option<i64>,
    pub value: Value,
}

/// One page of a list, from new to old.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    pub items: Vec<Item>,
    /// The network's position of the next page; none: this was the last.
    pub cursor: Option<String>,
}

impl Listing {
    fn last_ms(&self) -> Option<i64> {
        self.items.iter().rev().find_map(|item| item.at_ms)
    }

    fn newest_ms(&self) -> Option<i64> {
        self.items.iter().filter_map(|item| item.at_ms).max()
    }
}

/// What a scan brought.
#[derive(Debug, PartialEq)]
pub struct Scan {
    pub items: Vec<Item>,
    pub position: Position,
    /// Nothing is waiting.
    pub complete: bool,
    /// Why it was broken off early; what it brought until then stands.
    pub interrupted: Option<CallError>,
}

/// A scan under way.
struct Run<'r> {
    reading: &'r mut Reading,
    now_ms: i64,
    newest_ms: i64,
    top_ms: i64,
    /// A page that ends below it and holds nothing new ends the scan; all do when there is none.
    floor_ms: Option<i64>,
    /// What this run of it has seen, whether new or not.
    seen: BTreeSet<String>,
    items: Vec<Item>,
}

/// Reads on from `previous`, at most `pages_max` pages.
pub fn scan(
    previous: &Position,
    reading: &mut Reading,
    pages_max: usize,
    now_ms: i64,
    mut fetch: impl FnMut(Option<&str>) -> Result<Listing, CallError>,
) -> Result<Scan, CallError> {
    let sweeps = now_ms.abs_diff(reading.swept_ms) >= SWEEP_MS.unsigned_abs();
    let near_ms = previous.newest_ms.saturating_sub(OVERLAP_MS);
    let deep_ms = reading.horizon_ms.unwrap_or(i64::MIN);
    let (mut next, mut top_ms) = (None, previous.newest_ms);
    if let Some(backlog) = &previous.backlog {
        top_ms = top_ms.max(backlog.top_ms);
        next = Some(backlog.cursor.clone());
    }
    let mut run = Run {
        reading,
        now_ms,
        newest_ms: previous.newest_ms,
        top_ms,
        floor_ms: Some(if sweeps {
            deep_ms.min(near_ms)
        } else {
            near_ms
        }),
        seen: BTreeSet::new(),
        items: Vec::new(),
    };
    for page in 0..pages_max {
        let listing = match fetch(next.as_deref()) {
            Ok(listing) => listing,
            // The network no longer takes the position where the last scan was broken off.
            Err(CallError::Refused(_)) if page == 0 && next.take().is_some() => fetch(None)?,
            Err(error) if page == 0 => return Err(error),
            Err(error) => return Ok(run.break_off(next, Some(error))),
        };
        let (fresh, ended) = run.take(&listing, true);
        next = match listing.cursor {
            Some(cursor) if !ended => Some(below(cursor, next.as_deref(), fresh)),
            _ => {
                if sweeps {
                    run.reading.swept_ms = now_ms;
                }
                run.reading.complete();
                return Ok(run.end());
            }
        };
    }
    Ok(run.break_off(next, None))
}

/// The first time: takes at most `pages_max` pages of what was there before, and remembers one more,
/// so that later scans can tell that from what comes in beside it. Nothing is kept of one that fails:
/// it starts again, as nothing says where it ends.
pub fn first_scan(
    reading: &mut Reading,
    pages_max: usize,
    now_ms: i64,
    mut fetch: impl FnMut(Option<&str>) -> Result<Listing, CallError>,
) -> Result<Scan, CallError> {
    reading.swept_ms = now_ms;
    let mut run = Run {
        reading,
        now_ms,
        newest_ms: 0,
        top_ms: 0,
        floor_ms: None,
        seen: BTreeSet::new(),
        items: Vec::new(),
    };
    let mut next: Option<String> = None;
    let mut lowest_ms = None;
    for page in 0..=pages_max {
        let listing = match fetch(next.as_deref()) {
            Ok(listing) => listing,
            Err(_) if page == pages_max => break,
            Err(error) => return Err(error),
        };
        let (fresh, _) = run.take(&listing, page < pages_max);
        lowest_ms = listing.last_ms().or(lowest_ms);
        let Some(cursor) = listing.cursor else {
            run.reading.complete();
            return Ok(run.end());
        };
        next = Some(below(cursor, next.as_deref(), fresh));
    }
    run.reading.complete_above(lowest_ms);
    Ok(run.end())
}

impl Run<'_> {
    /// Takes what is new on a page, or only remembers it when it is not `wanted`. Tells how many
    /// items this run had not seen yet, and whether the scan ends here.
    fn take(&mut self, listing: &Listing, wanted: bool) -> (usize, bool) {
        let top_ms = listing.newest_ms().unwrap_or(0).min(self.now_ms);
        self.top_ms = self.top_ms.max(top_ms);
        let (mut fresh, mut news) = (0, 0);
        for item in &listing.items {
            fresh += usize::from(self.seen.insert(item.id.clone()));
            let known = self.reading.knows(item);
            let met = self.reading.has_met(item);
            news += usize::from(!known);
            if known || met {
                continue;
            }
            self.reading.mark(item, self.now_ms);
            if wanted {
                self.items.push(item.clone());
            }
        }
        let reached = |floor_ms| listing.last_ms().is_none_or(|last| last < floor_ms);
        let ended = !listing.items.is_empty() && news == 0 && self.floor_ms.is_none_or(reached);
        (fresh, ended)
    }

    /// Closes a complete scan.
    fn end(self) -> Scan {
        Scan {
            items: self.items,
            position: Position {
                newest_ms: self.top_ms,
                backlog: None,
            },
            complete: true,
            interrupted: None,
        }
    }

    /// Breaks it off; `rest` is where the next one goes on.
    fn break_off(self, rest: Option<String>, interrupted: Option<CallError>) -> Scan {
        self.reading.pause();
        let top_ms = self.top_ms;
        let fits = |cursor: &String| cursor.len() <= NETWORK_CURSOR_BYTES_MAX;
        let backlog = rest.filter(fits).map(|cursor| Backlog { cursor, top_ms });
        // One that can't be kept: the next scan begins at the top again.
        let too_long = || {
            let problem = "the network's position is too long".to_owned();
            CallError::Fault(PluginError::Permanent(problem))
        };
        let complete = backlog.is_none();
        Scan {
            items: self.items,
            interrupted: interrupted.or_else(|| complete.then(too_long)),
            position: Position {
                newest_ms: self.newest_ms,
                backlog,
            },
            complete,
        }
    }
}

/// Where the next page begins. A page that brought nothing `fresh` is not read from its border again.
fn below(cursor: String, asked: Option<&str>, fresh: usize) -> String {
    let border = reread_border(&cursor);
    if fresh > 0 && asked != Some(border.as_str()) {
        border
    } else {
        cursor
    }
}

/// A position that is a plain time, one millisecond later; any other as it is.
fn reread_border(cursor: &str) -> String {
    match time::parse_ms(cursor) {
        Some(ms) => time::format_ms(ms + 1),
        None => cursor.to_owned(),
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;

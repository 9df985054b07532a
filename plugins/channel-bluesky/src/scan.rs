//! Reading a source that lists from new to old, without leaving anything out.
//!
//! - A scan reads down to what the last complete scan had seen, and `OVERLAP_MS` further: the
//!   network sorts by a time that the author may have written minutes before the network heard.
//! - A scan that runs out of pages is broken off and goes on at the next poll; only its end moves
//!   the position.
//! - The network continues strictly below the time of a page's last item, so items of that very
//!   millisecond on both sides of the border would be lost. Where its position is a plain time,
//!   the next page is asked from one millisecond later, and what comes twice is dropped.

use std::collections::BTreeSet;

use rapport_sdk::common::PluginError;
use serde_json::Value;

use crate::cursor::{Backlog, NETWORK_CURSOR_BYTES_MAX, Position};
use crate::time;
use crate::xrpc::CallError;

/// How far below the newest delivered item every scan looks again, in milliseconds.
pub const OVERLAP_MS: i64 = 10 * 60 * 1000;
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

/// Reads on from `previous` (none: the first time), at most `pages_max` pages.
pub fn scan(
    previous: Option<&Position>,
    pages_max: usize,
    now_ms: i64,
    mut fetch: impl FnMut(Option<&str>) -> Result<Listing, CallError>,
) -> Result<Scan, CallError> {
    let floor_ms = previous.map(|p| p.newest_ms.saturating_sub(OVERLAP_MS));
    let backlog = previous.and_then(|p| p.backlog.clone());
    let mut top_ms = previous.map_or(0, |p| p.newest_ms);
    let mut next = None;
    if let Some(backlog) = backlog {
        top_ms = top_ms.max(backlog.top_ms);
        next = Some(backlog.cursor);
    }
    let mut seen = BTreeSet::new();
    let mut items: Vec<Item> = Vec::new();
    for page in 0..pages_max {
        let listing = match fetch(next.as_deref()) {
            Ok(listing) => listing,
            // The network no longer takes the position where the last scan was broken off.
            Err(CallError::Refused(_)) if page == 0 && next.take().is_some() => fetch(None)?,
            // Of a first poll nothing is kept: it starts again, as nothing says where it ends.
            Err(error) if page == 0 || floor_ms.is_none() => return Err(error),
            Err(error) => {
                return Ok(end(previous, items, next, top_ms, Some(error)));
            }
        };
        let last_ms = listing.items.iter().rev().find_map(|item| item.at_ms);
        let newest_ms = listing.items.iter().filter_map(|item| item.at_ms).max();
        top_ms = top_ms.max(newest_ms.unwrap_or(0).min(now_ms));
        let mut fresh = 0;
        for item in listing.items {
            let above = floor_ms.is_none_or(|floor| item.at_ms.is_none_or(|at| at >= floor));
            if seen.insert(item.id.clone()) {
                fresh += 1;
                if above {
                    items.push(item);
                }
            }
        }
        let reached = floor_ms
            .zip(last_ms)
            .is_some_and(|(floor, last)| last < floor);
        if reached {
            return Ok(end(previous, items, None, top_ms, None));
        }
        let Some(cursor) = listing.cursor else {
            return Ok(end(previous, items, None, top_ms, None));
        };
        let border = reread_border(&cursor);
        let moved = fresh > 0 && next.as_deref() != Some(border.as_str());
        next = Some(if moved { border } else { cursor });
    }
    // The first time there is no position to reach: what was taken is enough.
    let rest = next.filter(|_| floor_ms.is_some());
    Ok(end(previous, items, rest, top_ms, None))
}

/// Closes a scan; `rest` is where the next one goes on.
fn end(
    previous: Option<&Position>,
    items: Vec<Item>,
    rest: Option<String>,
    top_ms: i64,
    interrupted: Option<CallError>,
) -> Scan {
    let newest_ms = previous.map_or(0, |p| p.newest_ms);
    let (position, complete, interrupted) = match rest {
        None => (
            Position {
                newest_ms: top_ms,
                backlog: None,
            },
            true,
            interrupted,
        ),
        Some(cursor) if cursor.len() <= NETWORK_CURSOR_BYTES_MAX => {
            let backlog = Some(Backlog { cursor, top_ms });
            (Position { newest_ms, backlog }, false, interrupted)
        }
        // It can't be kept, so the next scan begins at the top again.
        Some(_) => {
            let problem = PluginError::Permanent("the network's position is too long".to_owned());
            let position = Position {
                newest_ms,
                backlog: None,
            };
            (
                position,
                true,
                interrupted.or(Some(CallError::Fault(problem))),
            )
        }
    };
    Scan {
        items,
        position,
        complete,
        interrupted,
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
mod tests {
    use super::*;
    use crate::xrpc::{Refusal, retry};

    const START_MS: i64 = 1_795_293_000_000;

    /// A list kept as the network keeps it: from new to old, continued strictly below a time.
    struct List(Vec<(String, i64)>);

    impl List {
        fn spaced(count: i64, step_ms: i64) -> Self {
            Self(
                (0..count)
                    .rev()
                    .map(|i| (format!("item-{i}"), START_MS + i * step_ms))
                    .collect(),
            )
        }

        fn page(&self, cursor: Option<&str>, size: usize) -> Listing {
            let below = cursor.map_or(i64::MAX, |c| time::parse_ms(c).unwrap());
            let items: Vec<_> = self
                .0
                .iter()
                .filter(|(_, at)| *at < below)
                .take(size)
                .map(|(id, at)| Item {
                    id: id.clone(),
                    at_ms: Some(*at),
                    value: Value::Null,
                })
                .collect();
            let cursor = items.last().and_then(|i| i.at_ms).map(time::format_ms);
            Listing { items, cursor }
        }
    }

    /// Scans again and again until nothing is waiting; the ids in order of arrival.
    fn drain(
        list: &List,
        mut position: Position,
        pages_max: usize,
        size: usize,
    ) -> (Vec<String>, Position) {
        let mut ids = Vec::new();
        for _ in 0..100 {
            let now_ms = START_MS + 1_000_000_000;
            let scan = scan(Some(&position), pages_max, now_ms, |c| {
                Ok(list.page(c, size))
            })
            .unwrap();
            ids.extend(scan.items.into_iter().map(|i| i.id));
            position = scan.position;
            if scan.complete {
                return (ids, position);
            }
        }
        panic!("it never ends");
    }

    fn distinct(ids: &[String]) -> usize {
        ids.iter().collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn the_first_time_it_takes_a_few_pages() {
        let list = List::spaced(50, 1000);
        let scan = scan(None, 2, i64::MAX, |c| Ok(list.page(c, 10))).unwrap();
        assert_eq!(scan.items.len(), 19, "two pages that share their border");
        assert!(scan.complete);
        assert_eq!(scan.position.newest_ms, START_MS + 49_000);
    }

    #[test]
    fn nothing_is_left_out_when_many_pages_wait() {
        let hour_ms = 3_600_000;
        let list = List::spaced(95, hour_ms);
        for pages_max in 1..=3 {
            let position = Position {
                newest_ms: START_MS + 2 * hour_ms,
                ..Position::default()
            };
            let (ids, end) = drain(&list, position, pages_max, 10);
            assert_eq!(
                distinct(&ids),
                93,
                "item 2 is in the overlap, 0 and 1 are not"
            );
            assert_eq!(end.newest_ms, START_MS + 94 * hour_ms);
            assert_eq!(end.backlog, None);
        }
    }

    #[test]
    fn items_of_one_millisecond_survive_a_page_border() {
        let mut list = List::spaced(30, 1000);
        for index in 8..14 {
            list.0[index].1 = list.0[8].1;
        }
        for pages_max in 1..=4 {
            let (ids, _) = drain(&list, Position::default(), pages_max, 10);
            assert_eq!(distinct(&ids), 30, "{pages_max} pages");
        }
    }

    #[test]
    fn late_arrivals_below_the_newest_are_seen() {
        let mut list = List::spaced(10, 1000);
        let (_, position) = drain(&list, Position::default(), 3, 10);
        list.0.insert(5, ("late".to_owned(), list.0[5].1));
        let (ids, _) = drain(&list, position, 3, 10);
        assert!(ids.contains(&"late".to_owned()));
    }

    #[test]
    fn a_failure_keeps_what_came_before_it() {
        let list = List::spaced(40, 3_600_000);
        let position = Position {
            newest_ms: START_MS,
            ..Position::default()
        };
        let mut calls = 0;
        let scan = scan(Some(&position), 3, i64::MAX, |c| {
            calls += 1;
            if calls == 2 {
                Err(retry("gone"))
            } else {
                Ok(list.page(c, 10))
            }
        })
        .unwrap();
        assert_eq!(scan.items.len(), 10);
        assert!(!scan.complete && scan.interrupted.is_some());
        assert_eq!(scan.position.newest_ms, START_MS, "the position waits");
        let (rest, end) = drain(&list, scan.position, 3, 10);
        assert_eq!(distinct(&rest), 31, "with the border again");
        assert_eq!(end.newest_ms, START_MS + 39 * 3_600_000);
    }

    #[test]
    fn a_position_that_the_network_forgot_begins_at_the_top() {
        let list = List::spaced(10, 3_600_000);
        let backlog = Some(Backlog {
            cursor: "forgotten".to_owned(),
            top_ms: START_MS,
        });
        let position = Position {
            newest_ms: START_MS,
            backlog,
        };
        let refused = || {
            let (error, message) = ("InvalidRequest".to_owned(), "Malformed cursor".to_owned());
            Err(CallError::Refused(Refusal {
                status: 400,
                error,
                message,
            }))
        };
        let scan = scan(Some(&position), 3, i64::MAX, |cursor| match cursor {
            Some("forgotten") => refused(),
            other => Ok(list.page(other, 10)),
        })
        .unwrap();
        assert_eq!((scan.items.len(), scan.complete), (10, true));
    }

    #[test]
    fn hostile_lists_end() {
        let endless = |_: Option<&str>| {
            Ok(Listing {
                items: Vec::new(),
                cursor: Some("again".to_owned()),
            })
        };
        let position = Position {
            newest_ms: START_MS,
            ..Position::default()
        };
        let scan1 = scan(Some(&position), 3, START_MS, endless).unwrap();
        assert_eq!(scan1.position.newest_ms, START_MS);
        let long = |_: Option<&str>| {
            Ok(Listing {
                items: Vec::new(),
                cursor: Some("x".repeat(10_000)),
            })
        };
        let scan2 = scan(Some(&position), 3, START_MS, long).unwrap();
        assert!(scan2.interrupted.is_some() && scan2.position.backlog.is_none());
        // A time in the future does not make us deaf for what comes before it.
        let future = |_: Option<&str>| {
            let item = Item {
                id: "x".into(),
                at_ms: Some(i64::MAX),
                value: Value::Null,
            };
            Ok(Listing {
                items: vec![item],
                cursor: None,
            })
        };
        let scan3 = scan(Some(&position), 3, START_MS + 5, future).unwrap();
        assert_eq!(scan3.position.newest_ms, START_MS + 5);
    }
}

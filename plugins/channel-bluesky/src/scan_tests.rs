//! Scans over lists as the network keeps them: nothing is left out, nothing never ends.

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

    fn add(&mut self, id: &str, at_ms: i64) {
        let place = self.0.iter().position(|(_, at)| *at < at_ms);
        let place = place.unwrap_or(self.0.len());
        self.0.insert(place, (id.to_owned(), at_ms));
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

/// The position, and all that was read of the list.
#[derive(Clone, Default)]
struct State(Position, Reading);

impl State {
    /// After a first poll of an empty list.
    fn fresh() -> Self {
        let mut reading = Reading::default();
        reading.swept_ms = NOW_MS;
        Self(Position::default(), reading)
    }

    /// After a first poll.
    fn begun(list: &List, pages_max: usize, size: usize) -> (Vec<String>, Self) {
        let mut reading = Reading::default();
        let fetch = |c: Option<&str>| Ok(list.page(c, size));
        let scan = first_scan(&mut reading, pages_max, NOW_MS, fetch).unwrap();
        assert!(scan.complete && scan.interrupted.is_none());
        (ids(&scan.items), Self(scan.position, reading))
    }

    fn scan(
        &mut self,
        pages_max: usize,
        now_ms: i64,
        fetch: impl FnMut(Option<&str>) -> Result<Listing, CallError>,
    ) -> Scan {
        let scan = scan(&self.0, &mut self.1, pages_max, now_ms, fetch).unwrap();
        self.0 = scan.position.clone();
        scan
    }

    /// Scans again and again until nothing is waiting; the ids in order of arrival.
    fn drain(&mut self, list: &List, pages_max: usize, size: usize) -> Vec<String> {
        self.drain_at(NOW_MS, list, pages_max, size)
    }

    fn drain_at(&mut self, now_ms: i64, list: &List, pages: usize, size: usize) -> Vec<String> {
        let mut found = Vec::new();
        for _ in 0..100 {
            let scan = self.scan(pages, now_ms, |c| Ok(list.page(c, size)));
            found.extend(ids(&scan.items));
            if scan.complete {
                return found;
            }
        }
        panic!("it never ends");
    }
}

const NOW_MS: i64 = START_MS + 400 * 24 * HOUR_MS;
const HOUR_MS: i64 = 3_600_000;

fn ids(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.id.clone()).collect()
}

fn distinct(ids: &[String]) -> usize {
    ids.iter().collect::<BTreeSet<_>>().len()
}

#[test]
fn the_first_time_it_takes_a_few_pages_and_no_more_later() {
    let mut list = List::spaced(80, HOUR_MS);
    let (taken, mut state) = State::begun(&list, 2, 10);
    assert_eq!(taken.len(), 19, "two pages that share their border");
    assert_eq!(state.0.newest_ms, START_MS + 79 * HOUR_MS);
    for new in 80..140 {
        list.add(&format!("item-{new}"), START_MS + new * HOUR_MS);
        let found = state.drain(&list, 2, 10);
        assert_eq!(found, [format!("item-{new}")], "and nothing from before");
    }
}

#[test]
fn what_comes_in_far_below_the_newest_is_taken_once() {
    for (size, count) in [(100, 30), (10, 30), (10, 300)] {
        let mut list = List::spaced(count, 60_000);
        let (_, mut state) = State::begun(&list, 2, size);
        let newest_ms = START_MS + count * 60_000;
        // A clock that is slow by an hour, a schedule of yesterday, a bridged post of last year.
        let beneath = [HOUR_MS, 24 * HOUR_MS, 365 * 24 * HOUR_MS];
        let inside = beneath.iter().filter(|_| size == 100);
        for (index, age_ms) in inside.enumerate() {
            list.add(&format!("late-{index}"), newest_ms - age_ms);
            assert_eq!(state.drain(&list, 2, size), [format!("late-{index}")]);
            assert_eq!(state.drain(&list, 2, size), [""; 0], "once");
        }
        // In the pages that are read, with news above it.
        list.add("news", newest_ms + 1000);
        list.add("late", newest_ms - 8 * 60_000 + 1);
        let mut found = state.drain(&list, 2, size);
        found.sort();
        assert_eq!(found, ["late", "news"], "{size} a page, {count}");
    }
}

#[test]
fn what_comes_in_behind_a_page_without_news_is_found_by_a_sweep() {
    let mut list = List::spaced(40, HOUR_MS);
    let mut state = State::fresh();
    assert_eq!(distinct(&state.drain(&list, 2, 10)), 40);
    list.add("behind", START_MS + 20 * HOUR_MS + 1);
    assert_eq!(state.drain(&list, 2, 10), [""; 0], "one page, no news");
    let later_ms = NOW_MS + SWEEP_MS;
    assert_eq!(state.drain_at(later_ms, &list, 2, 10), ["behind"]);
    assert_eq!(state.drain_at(later_ms + SWEEP_MS, &list, 2, 10), [""; 0]);
}

#[test]
fn a_sweep_ends_where_its_memory_does() {
    let list = List::spaced(3000, HOUR_MS);
    let mut state = State::begun(&list, 2, 100).1;
    let mut pages = 0;
    let later_ms = NOW_MS + SWEEP_MS;
    let scan = state.scan(9, later_ms, |c| {
        pages += 1;
        Ok(list.page(c, 100))
    });
    assert!(scan.items.is_empty() && scan.complete);
    assert!(pages <= 4, "{pages}");
    assert_eq!(state.1.swept_ms, later_ms);
}

#[test]
fn nothing_is_left_out_when_many_pages_wait() {
    for (count, size) in [(95, 10), (2000, 100)] {
        let mut list = List::spaced(3, HOUR_MS);
        for pages_max in 1..=3 {
            let mut state = State::begun(&list, 2, size).1;
            list = List::spaced(count, HOUR_MS);
            let found = state.drain(&list, pages_max, size);
            assert_eq!(distinct(&found), count as usize - 3, "{pages_max} pages");
            // What stands at the border where a long scan is broken off may come twice.
            let breaks = count as usize / size / pages_max;
            assert!(found.len() <= distinct(&found) + breaks);
            let newest_ms = START_MS + (count - 1) * HOUR_MS;
            let end = Position {
                newest_ms,
                backlog: None,
            };
            assert_eq!(state.0, end);
            assert_eq!(state.drain(&list, pages_max, size), [""; 0]);
            list = List::spaced(3, HOUR_MS);
        }
    }
}

#[test]
fn what_comes_in_while_a_scan_is_broken_off_waits_for_the_next() {
    let mut list = List::spaced(5, HOUR_MS);
    let mut state = State::begun(&list, 2, 10).1;
    list = List::spaced(60, HOUR_MS);
    let mut found = ids(&state.scan(2, NOW_MS, |c| Ok(list.page(c, 10))).items);
    // Above it, in what the broken-off scan has read, and where it goes on.
    list.add("top", START_MS + 60 * HOUR_MS);
    list.add("read", START_MS + 55 * HOUR_MS + 1);
    list.add("ahead", START_MS + 20 * HOUR_MS + 1);
    found.extend(state.drain(&list, 2, 10));
    assert!(found.contains(&"ahead".to_owned()));
    found.extend(state.drain(&list, 2, 10));
    found.extend(state.drain_at(NOW_MS + SWEEP_MS, &list, 2, 10));
    assert_eq!(distinct(&found), 55 + 3);
}

#[test]
fn an_item_that_moves_is_the_same_item() {
    let mut list = List::spaced(50, HOUR_MS);
    let mut state = State::begun(&list, 2, 10).1;
    let moved = list.0.remove(4);
    list.add(&moved.0, START_MS + 70 * HOUR_MS);
    assert_eq!(state.drain(&list, 2, 10), [""; 0]);
}

#[test]
fn items_of_one_millisecond_survive_a_page_border() {
    let mut list = List::spaced(30, 1000);
    for index in 8..14 {
        list.0[index].1 = list.0[8].1;
    }
    for pages_max in 1..=4 {
        let found = State::fresh().drain(&list, pages_max, 10);
        assert_eq!(distinct(&found), 30, "{pages_max} pages");
    }
}

#[test]
fn a_failure_keeps_what_came_before_it() {
    let mut state = State::begun(&List::spaced(1, HOUR_MS), 2, 10).1;
    let list = List::spaced(40, HOUR_MS);
    let mut calls = 0;
    let scan = state.scan(3, NOW_MS, |c| {
        calls += 1;
        if calls == 2 {
            Err(retry("gone"))
        } else {
            Ok(list.page(c, 10))
        }
    });
    assert_eq!(scan.items.len(), 10);
    assert!(!scan.complete && scan.interrupted.is_some());
    assert_eq!(scan.position.newest_ms, START_MS, "the position waits");
    let rest = state.drain(&list, 3, 10);
    assert_eq!(rest.len(), 29, "nothing twice");
    assert_eq!(state.0.newest_ms, START_MS + 39 * HOUR_MS);
}

#[test]
fn a_position_that_the_network_forgot_begins_at_the_top() {
    let mut state = State::begun(&List::spaced(1, HOUR_MS), 2, 10).1;
    let list = List::spaced(60, HOUR_MS);
    let mut found = ids(&state.scan(2, NOW_MS, |c| Ok(list.page(c, 10))).items);
    let forgotten = state.0.backlog.clone().unwrap().cursor;
    let refused = || {
        let (error, message) = ("InvalidRequest".to_owned(), "Malformed cursor".to_owned());
        Err(CallError::Refused(Refusal {
            status: 400,
            error,
            message,
        }))
    };
    // What was read before it was broken off is no reason to stop.
    let mut calls = 0;
    let scan = state.scan(9, NOW_MS, |cursor| {
        calls += 1;
        if calls == 1 {
            assert_eq!(cursor, Some(forgotten.as_str()));
            return refused();
        }
        Ok(list.page(cursor, 10))
    });
    assert!(scan.complete);
    found.extend(ids(&scan.items));
    assert_eq!((found.len(), distinct(&found)), (59, 59));
}

#[test]
fn lost_marks_cost_nothing_that_is_new() {
    let mut list = List::spaced(40, HOUR_MS);
    let State(position, _) = State::begun(&list, 2, 10).1;
    let reading = Reading::lost(position.newest_ms - OVERLAP_MS);
    let mut state = State(position, reading);
    list.add("new", START_MS + 41 * HOUR_MS);
    assert_eq!(state.drain(&list, 2, 10), ["new", "item-39"]);
    list.add("late", START_MS + 40 * HOUR_MS);
    assert_eq!(state.drain(&list, 2, 10), ["late"]);
}

#[test]
fn hostile_lists_end() {
    let endless = |_: Option<&str>| {
        Ok(Listing {
            items: Vec::new(),
            cursor: Some("again".to_owned()),
        })
    };
    let mut state = State::fresh();
    state.0.newest_ms = START_MS;
    let begun = state.clone();
    let scan1 = state.scan(3, START_MS, endless);
    assert_eq!(scan1.position.newest_ms, START_MS);
    let long = |_: Option<&str>| {
        Ok(Listing {
            items: Vec::new(),
            cursor: Some("x".repeat(10_000)),
        })
    };
    let scan2 = begun.clone().scan(3, START_MS, long);
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
    let scan3 = begun.clone().scan(3, START_MS + 5, future);
    assert_eq!(scan3.position.newest_ms, START_MS + 5);
    // Without any time, a page is told by its items alone.
    let timeless = |_: Option<&str>| {
        let item = |id: &str| Item {
            id: id.to_owned(),
            at_ms: None,
            value: Value::Null,
        };
        Ok(Listing {
            items: vec![item("a"), item("b")],
            cursor: Some("more".to_owned()),
        })
    };
    let mut state = begun.clone();
    let mut reading = Reading::default();
    assert_eq!(
        first_scan(&mut reading, 1, START_MS, timeless)
            .unwrap()
            .items
            .len(),
        2
    );
    state.1 = reading;
    let scan4 = state.scan(3, START_MS, timeless);
    assert!(scan4.complete && scan4.items.is_empty());
}

/// With a list that is never wholly new nor sorted, each item comes once all the same.
#[test]
fn a_list_in_disorder_is_read_whole() {
    let mut list = List::spaced(0, 1);
    let mut state = State::fresh();
    let mut found = Vec::new();
    for round in 0..60_i64 {
        for item in 0..7 {
            // Times scattered over three days, and some to come.
            let at_ms = NOW_MS - (round * 7919 + item * 104_729) % 259_200 * 1000;
            list.add(&format!("{round}-{item}"), at_ms);
        }
        let now_ms = NOW_MS + round * SWEEP_MS;
        found.extend(state.drain_at(now_ms, &list, 2, 10));
        if (round + 1) * 7 <= 250 {
            assert_eq!(distinct(&found), (round as usize + 1) * 7, "round {round}");
        }
    }
    assert_eq!(distinct(&found), found.len(), "each once");
}

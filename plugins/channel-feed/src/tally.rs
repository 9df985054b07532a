//! What the monitors read and left out, so that an admin can see whether they listen for the right
//! words: counts since the monitors last changed, and the titles left out lately. Kept in the state's
//! key `tally` and told in the log after every poll that read anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text;

/// Most monitors counted one by one.
const MONITORS_MAX: usize = 200;
/// Most titles kept, and the longest, in bytes.
const TITLES_MAX: usize = 20;
const TITLE_MAX_BYTES: usize = 80;
/// Longest line for the log, in bytes (the contract's limit is 2048).
const LINE_MAX_BYTES: usize = 1800;

/// Counts entries, not readings of them.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Milliseconds since 1970.
    pub since_ms: i64,
    /// By monitor's id: taken in.
    pub taken: BTreeMap<String, u64>,
    pub left_out: u64,
    /// Titles left out, the latest first.
    pub titles: Vec<String>,
}

/// What one poll added.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Added {
    pub taken: BTreeMap<String, u64>,
    pub left_out: Vec<String>,
}

impl Tally {
    pub fn new(now_ms: i64) -> Self {
        Self {
            since_ms: now_ms,
            ..Self::default()
        }
    }

    /// Adds what a poll read. None where that was nothing; else a line for the log. `query_of` gives a
    /// monitor's words.
    pub fn add(&mut self, added: Added, query_of: impl Fn(&str) -> String) -> Option<String> {
        if added.taken.is_empty() && added.left_out.is_empty() {
            return None;
        }
        for (id, count) in &added.taken {
            if self.taken.len() < MONITORS_MAX || self.taken.contains_key(id) {
                *self.taken.entry(id.clone()).or_default() += count;
            }
        }
        self.left_out += u64::try_from(added.left_out.len()).unwrap_or(u64::MAX);
        let cut = |title: &String| text::one_line(title, TITLE_MAX_BYTES);
        let titles: Vec<String> = added
            .left_out
            .iter()
            .rev()
            .filter_map(cut)
            .take(TITLES_MAX)
            .collect();
        let counts = |taken: &BTreeMap<String, u64>| {
            let each = taken
                .iter()
                .map(|(id, n)| format!("{n} for `{}`", query_of(id)));
            each.collect::<Vec<_>>().join(", ")
        };
        let sum = |taken: &BTreeMap<String, u64>| taken.values().sum::<u64>();
        let (now, left) = (sum(&added.taken), added.left_out.len() as u64);
        let date = chrono::DateTime::from_timestamp_millis(self.since_ms).unwrap_or_default();
        let mut line = format!(
            "monitors read {} new entries, took {now}, left out {left}; since {} read {}, took {} ({}), left out {}",
            now + left,
            date.format("%Y-%m-%d"),
            sum(&self.taken) + self.left_out,
            sum(&self.taken),
            counts(&self.taken),
            self.left_out,
        );
        if !titles.is_empty() {
            line.push_str(&format!("; left out: “{}”", titles.join("”, “")));
        }
        self.titles.splice(0..0, titles);
        self.titles.truncate(TITLES_MAX);
        Some(text::cut(&line, LINE_MAX_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_titles_are_few() {
        let mut tally = Tally::new(1_714_990_830_000);
        assert_eq!(tally.add(Added::default(), str::to_owned), None);
        let first = Added {
            taken: BTreeMap::from([("m1".to_owned(), 2)]),
            left_out: vec!["Oud\nnieuws".into(), "Weer".into()],
        };
        let line = tally
            .add(first.clone(), |id| format!("woord {id}"))
            .unwrap();
        assert_eq!(
            line,
            "monitors read 4 new entries, took 2, left out 2; since 2024-05-06 read 4, took 2 \
             (2 for `woord m1`), left out 2; left out: “Weer”, “Oud nieuws”"
        );
        let many = Added {
            taken: BTreeMap::from([("m2".to_owned(), 1)]),
            left_out: (0..100)
                .map(|i| format!("{i} {}", "é".repeat(100)))
                .collect(),
        };
        let line = tally.add(many, str::to_owned).unwrap();
        assert!(line.len() <= LINE_MAX_BYTES);
        assert!(
            line.contains(
                "since 2024-05-06 read 105, took 3 (2 for `m1`, 1 for `m2`), left out 102"
            ),
            "{line}"
        );
        assert_eq!(tally.titles.len(), TITLES_MAX);
        assert!(tally.titles[0].starts_with("99 é") && tally.titles[0].len() <= TITLE_MAX_BYTES);
    }
}

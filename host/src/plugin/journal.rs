//! What plugins log, kept in memory until somebody stores it: bounded, and at a limited rate for each
//! plugin, so that one that talks too much takes nobody's room.

use crate::domain::{TimestampMs, now_ms};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Lines that wait to be stored; the oldest go first.
const LINES_MAX: usize = 4_096;
/// Lines of one plugin at once, and how many come free in a second.
const BURST: f64 = 200.0;
const PER_SECOND: f64 = 20.0;
/// Plugins that are counted; beyond them all count as one.
const PLUGINS_MAX: usize = 4_096;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalLine {
    pub plugin: String,
    pub at: TimestampMs,
    pub level: &'static str,
    pub text: String,
}

#[derive(Debug)]
struct Budget {
    left: f64,
    at: TimestampMs,
    left_out: u64,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<JournalLine>,
    budgets: BTreeMap<String, Budget>,
}

/// The lines of all plugins of one engine.
#[derive(Debug, Default)]
pub struct Journal(Mutex<State>);

impl Journal {
    /// Notes a line, unless this plugin has said too much lately.
    pub fn write(&self, plugin: &str, level: &'static str, text: &str) {
        self.write_at(plugin, level, text, now_ms());
    }

    fn write_at(&self, plugin: &str, level: &'static str, text: &str, at: TimestampMs) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { lines, budgets } = &mut *state;
        let known = budgets.len() < PLUGINS_MAX || budgets.contains_key(plugin);
        let counted = if known { plugin } else { "" };
        let budget = budgets.entry(counted.to_owned()).or_insert(Budget {
            left: BURST,
            at,
            left_out: 0,
        });
        let free = (at - budget.at).max(0) as f64 / 1000.0 * PER_SECOND;
        budget.left = (budget.left + free).min(BURST);
        budget.at = at;
        if budget.left < 1.0 {
            budget.left_out += 1;
            return;
        }
        budget.left -= 1.0;
        let mut push = |level, text: String| {
            if lines.len() >= LINES_MAX {
                lines.pop_front();
            }
            lines.push_back(JournalLine {
                plugin: plugin.to_owned(),
                at,
                level,
                text,
            });
        };
        let left_out = std::mem::take(&mut budget.left_out);
        if left_out > 0 {
            push("warn", format!("({left_out} lines left out: too many)"));
        }
        push(level, text.to_owned());
    }

    /// Takes the lines that wait, oldest first.
    pub fn take(&self) -> Vec<JournalLine> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.lines).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_talks_too_much_is_cut_short_and_it_is_said() {
        let journal = Journal::default();
        for i in 0..1000 {
            journal.write_at("loud", "info", &format!("line {i}"), 5);
        }
        journal.write_at("calm", "info", "hello", 5);
        let lines = journal.take();
        assert_eq!(lines.len(), BURST as usize + 1);
        assert_eq!(lines.last().map(|l| l.plugin.as_str()), Some("calm"));
        journal.write_at("loud", "info", "again", 1_005);
        let texts: Vec<String> = journal.take().into_iter().map(|l| l.text).collect();
        assert_eq!(texts, ["(800 lines left out: too many)", "again"]);
    }
}

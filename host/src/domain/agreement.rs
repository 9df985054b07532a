//! How far two versions of a plugin agree: counted by label or rule, with the cases in which they
//! differ. Holds ids and labels, never a message's text.

use super::Id;
use super::annotation::Classification;
use super::effects::{Effect, EffectBody};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Differing cases that are kept; all are counted.
pub const CASES_MAX: usize = 100;
/// Labels and rules that are told apart; the rest counts as one.
const KEYS_MAX: usize = 500;

/// Who said something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    pub both: u64,
    pub only_current: u64,
    pub only_candidate: u64,
}

/// What was judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<Id>,
}

/// A case in which they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    #[serde(flatten)]
    pub subject: Subject,
    /// What only the version in force says.
    pub current: Vec<String>,
    /// What only the candidate says.
    pub candidate: Vec<String>,
}

/// How far they agree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// Messages and drafts that both were asked about.
    pub judged: u64,
    /// Of these, with the same answer.
    pub same: u64,
    /// Of these, the candidate gave no answer.
    pub failed: u64,
    /// Not compared: the candidate was too slow to keep up.
    pub skipped: u64,
    /// By `dimension=label`, or `rule: effect`.
    pub by: BTreeMap<String, Tally>,
    /// The first ones.
    pub differences: Vec<Difference>,
}

/// What a classifier said, to be compared: scores may differ.
pub fn labels(found: &[Classification]) -> BTreeSet<String> {
    let all = found.iter();
    all.map(|c| format!("{}={}", c.dimension, c.label))
        .collect()
}

/// What a policy said, to be compared: rule, effect and its detail; words of reasons may differ.
pub fn effects(found: &[Effect]) -> BTreeSet<String> {
    found
        .iter()
        .map(|effect| {
            let detail = match &effect.body {
                EffectBody::Hold(role) => format!(" for {role}"),
                EffectBody::Route(team) => format!(" to {team}"),
                EffectBody::Priority(priority) => format!(" {priority}"),
                EffectBody::Label(label) => format!(" {label}"),
                EffectBody::OpenCase(case) => format!(" {}", case.kind),
                EffectBody::Suppress(request) => format!(" {}", request.purpose),
                _ => String::new(),
            };
            format!("{}: {}{detail}", effect.rule, effect.body.kind())
        })
        .collect()
}

impl Agreement {
    /// Counts one case; none: the candidate gave no answer.
    pub fn add(
        &mut self,
        subject: Subject,
        current: &BTreeSet<String>,
        candidate: Option<&BTreeSet<String>>,
    ) {
        self.judged += 1;
        let Some(candidate) = candidate else {
            self.failed += 1;
            return;
        };
        for key in current.union(candidate) {
            let tally = self.tally(key);
            match (current.contains(key), candidate.contains(key)) {
                (true, true) => tally.both += 1,
                (true, false) => tally.only_current += 1,
                _ => tally.only_candidate += 1,
            }
        }
        if current == candidate {
            self.same += 1;
        } else if self.differences.len() < CASES_MAX {
            self.differences.push(Difference {
                subject,
                current: current.difference(candidate).cloned().collect(),
                candidate: candidate.difference(current).cloned().collect(),
            });
        }
    }

    fn tally(&mut self, key: &str) -> &mut Tally {
        let known = self.by.len() < KEYS_MAX || self.by.contains_key(key);
        let key = if known { key } else { "other" };
        self.by.entry(key.to_owned()).or_default()
    }

    /// Another host's counts on top.
    pub fn merge(&mut self, other: Agreement) {
        self.judged += other.judged;
        self.same += other.same;
        self.failed += other.failed;
        self.skipped += other.skipped;
        for (key, tally) in other.by {
            let sum = self.tally(&key);
            sum.both += tally.both;
            sum.only_current += tally.only_current;
            sum.only_candidate += tally.only_candidate;
        }
        let room = CASES_MAX.saturating_sub(self.differences.len());
        self.differences
            .extend(other.differences.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn agreement_is_counted_by_what_was_said() {
        let mut all = Agreement::default();
        all.add(
            Subject::default(),
            &set(&["a", "b"]),
            Some(&set(&["b", "c"])),
        );
        all.add(Subject::default(), &set(&["b"]), Some(&set(&["b"])));
        all.add(Subject::default(), &set(&["b"]), None);
        let mut sum = all.clone();
        sum.merge(all);
        assert_eq!((sum.judged, sum.same, sum.failed), (6, 2, 2));
        let expected = |both, only_current, only_candidate| Tally {
            both,
            only_current,
            only_candidate,
        };
        assert_eq!(sum.by["a"], expected(0, 2, 0));
        assert_eq!(sum.by["b"], expected(4, 0, 0));
        assert_eq!(sum.by["c"], expected(0, 0, 2));
        assert_eq!(sum.differences[1].current, ["a"]);
        assert_eq!(sum.differences[1].candidate, ["c"]);
    }
}

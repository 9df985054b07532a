//! What the classifier said about each message, and which dimension is compared with the labels.
//!
//! Names are kept once and capped, so that a classifier that invents a label for every message
//! costs no more memory than an honest one.

use super::data::{FAILED, NONE};
use super::report::Failure;
use crate::domain::annotation::Classification;
use crate::plugin::pure::Item;
use crate::plugin::{CallError, HostFault};
use anyhow::bail;
use std::collections::{BTreeMap, BTreeSet};

/// Distinct dimensions of one classifier.
const DIMENSIONS: usize = 64;
/// Distinct labels of one classifier, over all dimensions; later ones become [`OTHER`].
const LABELS: usize = 1024;
const OTHER: &str = "(other)";
/// Distinct reasons of failure that are kept, and that are reported.
const REASONS: usize = 256;
const REASONS_SHOWN: usize = 5;

/// The predictions for all messages so far, in order.
#[derive(Debug, Default)]
pub struct Outcomes {
    dimensions: Names,
    labels: Names,
    /// None: failed. Else the best label in each dimension.
    items: Vec<Option<Vec<Best>>>,
    reasons: BTreeMap<String, u64>,
    failed: u64,
}

/// The best label in a dimension, as indexes, and its score.
#[derive(Debug)]
struct Best {
    dimension: usize,
    label: usize,
    score: f64,
}

/// Names with an index each.
#[derive(Debug, Default)]
struct Names {
    list: Vec<String>,
    index: BTreeMap<String, usize>,
}

impl Names {
    fn intern(&mut self, name: &str) -> usize {
        if let Some(index) = self.index.get(name) {
            return *index;
        }
        let index = self.list.len();
        self.list.push(name.to_owned());
        self.index.insert(name.to_owned(), index);
        index
    }

    fn is_full(&self, name: &str, limit: usize) -> bool {
        self.list.len() >= limit && !self.index.contains_key(name)
    }
}

/// What is compared, and what the user should know about the choice.
#[derive(Debug, PartialEq)]
pub struct Chosen {
    pub dimension: Option<usize>,
    pub notes: Vec<String>,
}

impl Outcomes {
    /// Takes the answers to the next messages. An open circuit breaker ends the evaluation: figures
    /// over messages that the classifier was not even asked about would mislead.
    pub fn add(&mut self, items: Vec<Item<Vec<Classification>>>) -> anyhow::Result<()> {
        for item in items {
            match item {
                Ok(found) => {
                    let best = self.best(&found)?;
                    self.items.push(Some(best));
                }
                Err(CallError::Fault(fault @ HostFault::BreakerOpen(..))) => {
                    let before = self.failures().into_iter().next();
                    let why = before.map_or(fault.to_string(), |failure| failure.reason);
                    bail!("the classifier fails again and again: {why}");
                }
                Err(error) => {
                    self.failed += 1;
                    let mut reason = error.to_string();
                    if self.reasons.len() >= REASONS && !self.reasons.contains_key(&reason) {
                        reason = "another reason".to_owned();
                    }
                    *self.reasons.entry(reason).or_default() += 1;
                    self.items.push(None);
                }
            }
        }
        Ok(())
    }

    /// The label with the highest score in each dimension; of equal ones the first.
    fn best(&mut self, found: &[Classification]) -> anyhow::Result<Vec<Best>> {
        let mut best: BTreeMap<&str, &Classification> = BTreeMap::new();
        for classification in found {
            let kept = best
                .entry(&classification.dimension)
                .or_insert(classification);
            if classification.score > kept.score {
                *kept = classification;
            }
        }
        let mut kept = Vec::with_capacity(best.len());
        for (dimension, classification) in best {
            if self.dimensions.is_full(dimension, DIMENSIONS) {
                bail!("the classifier uses more than {DIMENSIONS} dimensions");
            }
            let full = self.labels.is_full(&classification.label, LABELS);
            let label = if full {
                OTHER
            } else {
                classification.label.as_str()
            };
            kept.push(Best {
                dimension: self.dimensions.intern(dimension),
                label: self.labels.intern(label),
                score: classification.score,
            });
        }
        Ok(kept)
    }

    /// The dimension asked for, else the only one, else the one whose labels the data uses most.
    pub fn choose(&self, wanted: Option<&str>, labels: &[&str]) -> anyhow::Result<Chosen> {
        let names: Vec<&str> = self.dimensions.list.iter().map(String::as_str).collect();
        let chosen = |dimension, note: Option<String>| {
            Ok(Chosen {
                dimension,
                notes: note.into_iter().collect(),
            })
        };
        if names.is_empty() {
            let note = "the classifier said nothing about any of these messages";
            return chosen(None, Some(note.to_owned()));
        }
        if let Some(wanted) = wanted {
            let Some(index) = self.dimensions.index.get(wanted) else {
                bail!(
                    "the classifier has no dimension `{wanted}` here; it has {}",
                    list(&names)
                );
            };
            return chosen(Some(*index), None);
        }
        if names.len() == 1 {
            return chosen(Some(0), None);
        }
        let ranked = (0..names.len()).map(|d| (self.overlap(d, labels), self.count(d), d));
        // Of equal ones the first by name, so that the order of the messages plays no part.
        let best = ranked.max_by(|a, b| {
            (a.0, a.1)
                .cmp(&(b.0, b.1))
                .then_with(|| names[b.2].cmp(names[a.2]))
        });
        let Some((overlap, _, index)) = best else {
            return chosen(None, None);
        };
        let why = if overlap > 0 {
            format!(
                "its labels fit {overlap} of {} labels in the data",
                labels.len()
            )
        } else {
            "no dimension has labels of the data; it is the most frequent one".to_owned()
        };
        let note = format!(
            "dimension `{}` out of {}: {why}; --dimension chooses another",
            names[index],
            list(&names)
        );
        chosen(Some(index), Some(note))
    }

    /// Messages whose label in the data is one that the classifier uses in the dimension.
    fn overlap(&self, dimension: usize, labels: &[&str]) -> usize {
        let used: BTreeSet<&str> = self
            .items
            .iter()
            .flatten()
            .flatten()
            .filter(|best| best.dimension == dimension)
            .map(|best| self.labels.list[best.label].as_str())
            .collect();
        labels.iter().filter(|label| used.contains(**label)).count()
    }

    /// Messages that have a label in the dimension.
    fn count(&self, dimension: usize) -> usize {
        self.items
            .iter()
            .flatten()
            .filter(|all| all.iter().any(|best| best.dimension == dimension))
            .count()
    }

    /// The prediction for each message in the dimension and its score, in order.
    pub fn predicted(&self, dimension: Option<usize>) -> impl Iterator<Item = (&str, Option<f64>)> {
        self.items.iter().map(move |item| match item {
            None => (FAILED, None),
            Some(all) => all
                .iter()
                .find(|best| Some(best.dimension) == dimension)
                .map_or((NONE, None), |best| {
                    (self.labels.list[best.label].as_str(), Some(best.score))
                }),
        })
    }

    pub fn dimension_name(&self, dimension: usize) -> &str {
        &self.dimensions.list[dimension]
    }

    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The most frequent reasons of failure, most frequent first.
    pub fn failures(&self) -> Vec<Failure> {
        let mut failures: Vec<Failure> = self
            .reasons
            .iter()
            .map(|(reason, messages)| Failure {
                reason: reason.clone(),
                messages: *messages,
            })
            .collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.messages));
        failures.truncate(REASONS_SHOWN);
        failures
    }
}

/// Names for a sentence, at most ten.
pub fn list(names: &[&str]) -> String {
    let mut text = names
        .iter()
        .take(10)
        .map(|n| format!("`{n}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 10 {
        text.push_str(&format!(" and {} more", names.len() - 10));
    }
    text
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;

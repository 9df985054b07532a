//! The figures of `plugin eval`: accuracy, precision, recall and F1 per label, macro F1 and the
//! confusion table.
//!
//! Definitions (C. D. Manning, P. Raghavan, H. Schütze, *Introduction to Information Retrieval*,
//! chapters 8 and 13). Of one label: TP, messages with it that were judged so; FP, without it but
//! judged so; FN, with it but judged otherwise. Precision = TP / (TP + FP), recall = TP / (TP + FN),
//! F1 = 2 TP / (2 TP + FP + FN); a ratio with nothing below the line is 0. Macro F1 is the plain
//! mean over the labels in the data. A message without an answer counts as judged wrong.

use super::data::{FAILED, NONE};
use super::wrong::Wrong;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What an organisation learns about a classifier on its own messages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Plugin id.
    pub plugin: String,
    pub version: String,
    /// SHA-256 of the plugin.
    pub digest: String,
    /// The file, as named by the user.
    pub data: String,
    pub messages: u64,
    /// What was compared; none when the classifier said nothing at all.
    pub dimension: Option<String>,
    /// Share of the messages judged as labelled.
    pub accuracy: f64,
    pub macro_f1: f64,
    /// Labels in the data, then labels that only the classifier used, `(none)` last.
    pub labels: Vec<LabelScore>,
    pub confusion: Confusion,
    /// The first messages judged otherwise than labelled, as many as were asked for.
    pub wrong: Vec<Wrong>,
    /// Messages without an answer, and why: the most frequent reasons.
    pub failed: u64,
    pub failures: Vec<Failure>,
    /// Time inside the classifier, one call after another.
    pub seconds: f64,
    pub messages_per_s: f64,
    /// What the reader should know about how this was measured.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelScore {
    pub label: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Messages with this label in the data.
    pub support: u64,
    /// Messages that the classifier judged so.
    pub predicted: u64,
}

/// `counts[i][j]`: messages labelled `actual[i]` and judged `predicted[j]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    pub actual: Vec<String>,
    pub predicted: Vec<String>,
    pub counts: Vec<Vec<u64>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    pub reason: String,
    pub messages: u64,
}

/// All figures that follow from pairs of label and prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    pub accuracy: f64,
    pub macro_f1: f64,
    pub labels: Vec<LabelScore>,
    pub confusion: Confusion,
}

/// Counts pairs of (label in the data, prediction); predictions may be [`NONE`] and [`FAILED`].
pub fn score<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Scores {
    let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for pair in pairs {
        *cells.entry(pair).or_default() += 1;
    }
    let in_data: BTreeSet<&str> = cells.keys().map(|(actual, _)| *actual).collect();
    let predicted = columns(&cells, &in_data);
    let actual: Vec<&str> = (predicted.iter().copied())
        .filter(|label| in_data.contains(label))
        .collect();
    let sum = |chosen: &dyn Fn(&str, &str) -> bool| -> u64 {
        let chosen = cells.iter().filter(|((a, p), _)| chosen(a, p));
        chosen.map(|(_, count)| count).sum()
    };
    let labels: Vec<LabelScore> = predicted
        .iter()
        .filter(|label| in_data.contains(*label) || ![NONE, FAILED].contains(label))
        .map(|label| {
            let hits = sum(&|a, p| a == *label && p == *label);
            let support = sum(&|a, _| a == *label);
            label_score(label, hits, support, sum(&|_, p| p == *label))
        })
        .collect();
    let in_data_f1 = labels.iter().filter(|l| l.support > 0).map(|l| l.f1);
    let count = |a: &str, p: &str| cells.get(&(a, p)).copied().unwrap_or(0);
    let row = |a: &&str| predicted.iter().map(|p| count(a, p)).collect();
    let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Scores {
        accuracy: ratio(sum(&|a, p| a == p), sum(&|_, _| true)),
        macro_f1: in_data_f1.sum::<f64>() / actual.len().max(1) as f64,
        labels,
        confusion: Confusion {
            counts: actual.iter().map(row).collect(),
            actual: owned(&actual),
            predicted: owned(&predicted),
        },
    }
}

/// Labels in the data, then those that only the classifier used, each in alphabetical order; then
/// [`NONE`] and [`FAILED`] where they occur.
fn columns<'a>(
    cells: &BTreeMap<(&'a str, &'a str), u64>,
    in_data: &BTreeSet<&str>,
) -> Vec<&'a str> {
    let all: BTreeSet<&str> = cells.keys().flat_map(|(a, p)| [*a, *p]).collect();
    let mut columns: Vec<&str> = all.into_iter().collect();
    columns.sort_by_key(|label| match *label {
        FAILED => 3,
        NONE => 2,
        other => i32::from(!in_data.contains(other)),
    });
    columns
}

fn label_score(label: &str, hits: u64, support: u64, predicted: u64) -> LabelScore {
    LabelScore {
        label: label.to_owned(),
        precision: ratio(hits, predicted),
        recall: ratio(hits, support),
        f1: ratio(2 * hits, support + predicted),
        support,
        predicted,
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-12, "{left} is not {right}");
    }

    /// Ten messages, worked out by hand:
    /// ```text
    ///              a  b  c  (none)  (failed)
    /// a (5)        3  1  0    1        0
    /// b (3)        1  2  0    0        0
    /// d (2)        1  0  0    0        1
    /// ```
    fn pairs() -> Vec<(&'static str, &'static str)> {
        vec![
            ("b", "a"),
            ("a", "a"),
            ("a", "b"),
            ("d", FAILED),
            ("a", "a"),
            ("b", "b"),
            ("a", NONE),
            ("d", "a"),
            ("a", "a"),
            ("b", "b"),
        ]
    }

    #[test]
    fn figures_match_those_made_by_hand() {
        let scores = score(pairs());
        close(scores.accuracy, 0.5);
        let by_label: Vec<(&str, u64, u64)> = scores
            .labels
            .iter()
            .map(|l| (l.label.as_str(), l.support, l.predicted))
            .collect();
        assert_eq!(by_label, [("a", 5, 5), ("b", 3, 3), ("d", 2, 0)]);
        let [a, b, d] = &scores.labels[..] else {
            panic!("three labels")
        };
        // a: TP 3, FP 2, FN 2. b: TP 2, FP 1, FN 1. d: never predicted.
        close(a.precision, 0.6);
        close(a.recall, 0.6);
        close(a.f1, 0.6);
        close(b.precision, 2.0 / 3.0);
        close(b.recall, 2.0 / 3.0);
        close(b.f1, 2.0 / 3.0);
        assert_eq!((d.precision, d.recall, d.f1), (0.0, 0.0, 0.0));
        close(scores.macro_f1, (0.6 + 2.0 / 3.0) / 3.0);
    }

    #[test]
    fn precision_and_recall_are_not_mixed_up() {
        // x: TP 1, FP 0, FN 3; y: TP 2, FP 3, FN 0.
        let scores = score([
            ("x", "x"),
            ("x", "y"),
            ("x", "y"),
            ("x", "y"),
            ("y", "y"),
            ("y", "y"),
        ]);
        let [x, y] = &scores.labels[..] else {
            panic!("two labels")
        };
        assert_eq!((x.precision, x.recall, x.f1), (1.0, 0.25, 0.4));
        assert_eq!((y.precision, y.recall), (0.4, 1.0));
        close(y.f1, 4.0 / 7.0);
        close(scores.macro_f1, (0.4 + 4.0 / 7.0) / 2.0);
        close(scores.accuracy, 0.5);
    }

    #[test]
    fn rows_are_actual_and_columns_predicted() {
        let confusion = score(pairs()).confusion;
        assert_eq!(confusion.actual, ["a", "b", "d"]);
        assert_eq!(confusion.predicted, ["a", "b", "d", NONE, FAILED]);
        assert_eq!(
            confusion.counts,
            [[3, 1, 0, 1, 0], [1, 2, 0, 0, 0], [1, 0, 0, 0, 1]]
        );
    }

    #[test]
    fn a_label_that_only_the_classifier_uses_is_listed_but_not_averaged() {
        let scores = score([("a", "a"), ("a", "z")]);
        let z = &scores.labels[1];
        assert_eq!((z.label.as_str(), z.support, z.predicted), ("z", 0, 1));
        assert_eq!((z.precision, z.recall, z.f1), (0.0, 0.0, 0.0));
        close(scores.macro_f1, 2.0 / 3.0);
    }

    #[test]
    fn silence_can_be_right() {
        let scores = score([(NONE, NONE), (NONE, "a"), ("a", "a")]);
        assert_eq!(scores.confusion.actual, ["a", NONE]);
        assert_eq!(scores.confusion.predicted, ["a", NONE]);
        assert_eq!(scores.confusion.counts, [[1, 0], [1, 1]]);
        close(scores.accuracy, 2.0 / 3.0);
        // a: TP 1, FP 1; (none): TP 1, FN 1.
        close(scores.macro_f1, 2.0 / 3.0);
    }
}

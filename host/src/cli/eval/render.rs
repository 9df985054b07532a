//! A report as aligned text for a terminal.
//!
//! Labels come from a file and a plugin: they are shortened and stripped of what a terminal would
//! obey. A confusion table that would be too wide to read becomes a list of the commonest mistakes;
//! the JSON output always has the whole table.

use super::report::{Confusion, LabelScore, Report};
use super::wrong;
use crate::telemetry::shown::shown;
use std::fmt::Write;

/// Characters of a label that are shown.
const LABEL_CHARS: usize = 24;
/// Widest confusion table, in characters.
const TABLE_CHARS: usize = 100;
const LABELS_SHOWN: usize = 60;
const MISTAKES_SHOWN: usize = 15;

/// The report for people, without a line break at its end.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let dimension = report.dimension.as_deref().unwrap_or("(none)");
    let title = format!("{} {}, {}", report.plugin, report.version, shown(dimension));
    // Writing to a string can't fail.
    let _ = writeln!(out, "{title} against {}\n", shown(&report.data));
    for (name, value) in [
        ("messages", grouped(report.messages)),
        ("accuracy", figure(report.accuracy)),
        ("macro F1", figure(report.macro_f1)),
        ("failed", grouped(report.failed)),
        ("messages/s", grouped(report.messages_per_s.round() as u64)),
    ] {
        let _ = writeln!(out, "{name:<10}  {value:>9}");
    }
    for failure in &report.failures {
        let _ = writeln!(
            out,
            "  {} × {}",
            grouped(failure.messages),
            shown(&failure.reason)
        );
    }
    out.push('\n');
    label_table(&mut out, &report.labels);
    out.push('\n');
    if report.confusion.actual.len() + report.confusion.predicted.len() > 0 {
        confusion_table(&mut out, &report.confusion);
    }
    if !report.wrong.is_empty() {
        out.push('\n');
        wrong::render(&mut out, &report.wrong, wrong_messages(&report.confusion));
    }
    for note in &report.notes {
        let _ = writeln!(out, "\nNote: {}", shown(note));
    }
    out.truncate(out.trim_end().len());
    out
}

/// Messages judged otherwise than labelled.
fn wrong_messages(confusion: &Confusion) -> u64 {
    let rows = confusion.actual.iter().zip(&confusion.counts);
    let cells = rows.flat_map(|(actual, counts)| {
        let row = confusion.predicted.iter().zip(counts);
        row.filter(move |(predicted, _)| *predicted != actual)
    });
    cells.map(|(_, count)| count).sum()
}

fn label_table(out: &mut String, labels: &[LabelScore]) {
    let head = [
        "label",
        "precision",
        "recall",
        "F1",
        "messages",
        "predicted",
    ];
    let rows = labels.iter().take(LABELS_SHOWN).map(|label| {
        // Nothing below the line: there is no such ratio.
        let or_dash = |value: f64, whole: u64| {
            if whole == 0 {
                "–".to_owned()
            } else {
                figure(value)
            }
        };
        vec![
            short(&label.label),
            or_dash(label.precision, label.predicted),
            or_dash(label.recall, label.support),
            figure(label.f1),
            grouped(label.support),
            grouped(label.predicted),
        ]
    });
    let rows: Vec<Vec<String>> = std::iter::once(head.map(str::to_owned).to_vec())
        .chain(rows)
        .collect();
    write_table(out, &rows);
    if labels.len() > LABELS_SHOWN {
        let _ = writeln!(
            out,
            "… and {} labels more (--json has all)",
            labels.len() - LABELS_SHOWN
        );
    }
}

fn confusion_table(out: &mut String, confusion: &Confusion) {
    let mut head = vec!["actual \\ predicted".to_owned()];
    head.extend(confusion.predicted.iter().map(|label| short(label)));
    let mut rows = vec![head];
    for (actual, counts) in confusion.actual.iter().zip(&confusion.counts) {
        let cell = |count: &u64| {
            if *count == 0 {
                "·".to_owned()
            } else {
                grouped(*count)
            }
        };
        rows.push(
            std::iter::once(short(actual))
                .chain(counts.iter().map(cell))
                .collect(),
        );
    }
    let width: usize = widths(&rows).iter().map(|w| w + 2).sum();
    if width <= TABLE_CHARS + 2 {
        write_table(out, &rows);
    } else {
        mistakes(out, confusion);
    }
}

fn mistakes(out: &mut String, confusion: &Confusion) {
    let mut cells: Vec<(u64, &str, &str)> = Vec::new();
    for (actual, counts) in confusion.actual.iter().zip(&confusion.counts) {
        for (predicted, count) in confusion.predicted.iter().zip(counts) {
            if *count > 0 && actual != predicted {
                cells.push((*count, actual, predicted));
            }
        }
    }
    cells.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    let _ = writeln!(
        out,
        "Commonest mistakes (--json has the whole confusion table)"
    );
    let head = ["actual", "messages", "predicted"]
        .map(str::to_owned)
        .to_vec();
    let shown = cells.iter().take(MISTAKES_SHOWN);
    let rows = shown.map(|(count, a, p)| vec![short(a), grouped(*count), short(p)]);
    write_table(out, &std::iter::once(head).chain(rows).collect::<Vec<_>>());
}

/// The first column to the left, the others to the right, two spaces between.
fn write_table(out: &mut String, rows: &[Vec<String>]) {
    let widths = widths(rows);
    for row in rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match index {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn figure(value: f64) -> String {
    format!("{value:.3}")
}

/// Thousands apart, by a space as in both our languages' technical writing (ISO 80000-1).
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

fn short(label: &str) -> String {
    let label = shown(label);
    if label.chars().count() <= LABEL_CHARS {
        return label;
    }
    label.chars().take(LABEL_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::data::{FAILED, NONE};
    use super::super::report::{Failure, score};
    use super::*;

    fn report(pairs: &[(&str, &str)]) -> Report {
        let scores = score(pairs.iter().copied());
        Report {
            plugin: "classify-topic".into(),
            version: "0.1.0".into(),
            digest: "00".into(),
            data: "own.csv".into(),
            messages: pairs.len() as u64,
            dimension: Some("intent".into()),
            accuracy: scores.accuracy,
            macro_f1: scores.macro_f1,
            labels: scores.labels,
            confusion: scores.confusion,
            wrong: Vec::new(),
            failed: 1,
            failures: vec![Failure {
                reason: "too\u{1b}[2J long".into(),
                messages: 1,
            }],
            seconds: 0.5,
            messages_per_s: 12_345.6,
            notes: vec!["one thing to know".into()],
        }
    }

    #[test]
    fn shows_aligned_tables() {
        let pairs = [
            ("complaint", "complaint"),
            ("complaint", "question"),
            ("idea", NONE),
            ("question", "question"),
            ("question", "spam"),
            ("question", FAILED),
        ];
        let expected = "\
classify-topic 0.1.0, intent against own.csv

messages            6
accuracy        0.333
macro F1        0.356
failed              1
messages/s     12 346
  1 × too\\u001b[2J long

label      precision  recall     F1  messages  predicted
complaint      1.000   0.500  0.667         2          1
idea               –   0.000  0.000         1          0
question       0.500   0.333  0.400         3          2
spam           0.000       –  0.000         0          1

actual \\ predicted  complaint  idea  question  spam  (none)  (failed)
complaint                   1     ·         1     ·       ·         ·
idea                        ·     ·         ·     ·       1         ·
question                    ·     ·         1     1       ·         1

Note: one thing to know";
        let shown = render(&report(&pairs));
        assert_eq!(shown, expected, "\n{shown}");
    }

    #[test]
    fn many_labels_become_a_list_of_mistakes() {
        let labels: Vec<String> = (0..30)
            .map(|i| format!("onderwerp nummer {i:02}"))
            .collect();
        let mut pairs: Vec<(&str, &str)> =
            labels.iter().map(|l| (l.as_str(), l.as_str())).collect();
        pairs.extend([(labels[3].as_str(), labels[7].as_str()); 4]);
        pairs.push((labels[1].as_str(), labels[2].as_str()));
        let shown = render(&report(&pairs));
        assert!(
            shown
                .lines()
                .all(|line| line.chars().count() <= TABLE_CHARS),
            "{shown}"
        );
        let mistakes: Vec<&str> = shown
            .lines()
            .skip_while(|l| !l.starts_with("Commonest"))
            .skip(2)
            .take(2)
            .collect();
        assert_eq!(
            mistakes,
            [
                "onderwerp nummer 03         4  onderwerp nummer 07",
                "onderwerp nummer 01         1  onderwerp nummer 02"
            ]
        );
    }

    #[test]
    fn long_and_wild_labels_stay_harmless() {
        let label = "\u{1b}]0;x\u{7}".to_owned() + &"é".repeat(40);
        let shown = render(&report(&[("a", &label)]));
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
        assert!(shown.contains("é…"));
    }

    #[test]
    fn wrong_messages_stand_below_the_tables() {
        let mut report = report(&[("a", "b"), ("a", "a"), ("b", "a")]);
        report.wrong.push(wrong::Wrong {
            line: 7,
            label: "a".into(),
            predicted: "b".into(),
            score: Some(0.25),
            text: "een tekst".into(),
        });
        let shown = render(&report);
        let expected = "\n\nJudged otherwise than labelled (1 of 2)\n\
            line 7: a as b 0.250: een tekst\n\nNote: one thing to know";
        assert!(shown.ends_with(expected), "{shown}");
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1 000", "1 234 567"]
        );
    }

    #[test]
    fn json_has_the_promised_keys() {
        let value = serde_json::to_value(report(&[("a", "a"), ("a", "b")])).unwrap();
        for key in [
            "messages",
            "dimension",
            "accuracy",
            "macro_f1",
            "messages_per_s",
            "failed",
        ] {
            assert!(value.get(key).is_some(), "{key}");
        }
        assert_eq!(value["confusion"]["counts"], serde_json::json!([[1, 1]]));
        assert_eq!(value["labels"][0]["recall"], 0.5);
    }
}

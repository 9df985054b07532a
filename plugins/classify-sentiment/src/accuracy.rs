//! How often the judgement is right, on our own labelled messages.
//!
//! - `tuned.tsv`: the lexicon was tuned on these, so their figure says little about new texts.
//! - The example file for users: seen while the lexicon grew, its misses never looked at.
//! - `held-out.tsv`: written after the lexicon was done and never tuned on. The figure to quote. Keep
//!   it so: whoever adds words because of a miss in it writes a new one.
//! - `sentiment-held-out.csv` was written before the lexicon last grew, but by the hand that made it
//!   grow; `sentiment-held-out-2.csv` after that, and never tuned on: 128 of 180 right then.
//! - `ironic.tsv`: the one thing that must not come out is `positive`.
//!
//! Macro F1 is the mean of the F1 of positive, negative and neutral; `uncertain` counts as a miss.

use std::collections::BTreeMap;

use crate::{classify_text, configured};

const TUNED: &str = include_str!("../tests/data/tuned.tsv");
const HELD_OUT: &str = include_str!("../tests/data/held-out.tsv");
const IRONIC: &str = include_str!("../tests/data/ironic.tsv");
/// Example files for users, and the macro F1 that each must reach.
const EXAMPLES: [(&str, f64); 3] = [
    (
        include_str!("../../../examples/labelled/sentiment-nl-en.csv"),
        0.85,
    ),
    (
        include_str!("../../../examples/labelled/sentiment-held-out.csv"),
        0.93,
    ),
    (
        include_str!("../../../examples/labelled/sentiment-held-out-2.csv"),
        0.68,
    ),
];
const LABELS: [&str; 3] = ["positive", "negative", "neutral"];

/// Rows of `language, label, text`.
fn rows(data: &str) -> Vec<(String, String, String)> {
    let row = |line: &str| {
        let mut cells = line.splitn(3, '\t').map(str::to_owned);
        (
            cells.next().unwrap(),
            cells.next().unwrap(),
            cells.next().unwrap(),
        )
    };
    data.lines().map(row).collect()
}

/// An example's rows with one of the [`LABELS`]: `text,label`, the text in quotes where it has a
/// comma, quotes doubled.
fn example_rows(data: &str) -> Vec<(String, String, String)> {
    let row = |line: &str| {
        let (text, label) = line.rsplit_once(',').unwrap();
        let text = text
            .strip_prefix('"')
            .and_then(|t| t.strip_suffix('"'))
            .unwrap_or(text);
        ("?".to_owned(), label.to_owned(), text.replace("\"\"", "\""))
    };
    let rows = data.lines().skip(1).map(row);
    rows.filter(|(_, label, _)| LABELS.contains(&label.as_str()))
        .collect()
}

/// Macro F1 over the rows of a language (`*`: all); prints the misses of a set that may be seen.
fn macro_f1(rows: &[(String, String, String)], language: &str, show: bool) -> f64 {
    let judge = configured("{}").unwrap();
    // Per label: right, said, there.
    let mut counts: BTreeMap<&str, [f64; 3]> = LABELS.map(|l| (l, [0.0; 3])).into();
    let kept = rows
        .iter()
        .filter(|(l, _, _)| language == "*" || l == language);
    let mut total = 0;
    for (_, label, text) in kept {
        let got = classify_text(text, None, &judge).unwrap();
        total += 1;
        if let Some(count) = counts.get_mut(got.label.as_str()) {
            count[1] += 1.0;
        }
        let count = counts.get_mut(label.as_str()).unwrap();
        count[2] += 1.0;
        if got.label == *label {
            count[0] += 1.0;
        } else if show {
            let notes: Vec<&str> = got.evidence.iter().map(|e| e.note.as_str()).collect();
            println!("{label} as {} {}: {text} {notes:?}", got.label, got.score);
        }
    }
    let f1 = |[right, said, there]: &[f64; 3]| 2.0 * right / (said + there).max(1.0);
    let mean = counts.values().map(f1).sum::<f64>() / LABELS.len() as f64;
    let right: f64 = counts.values().map(|c| c[0]).sum();
    println!("{language}: {right} of {total} right, macro F1 {mean:.3} {counts:?}");
    mean
}

#[test]
fn tuned_messages() {
    let rows = rows(TUNED);
    for language in ["nl", "en"] {
        assert!(rows.iter().filter(|(l, _, _)| l == language).count() >= 60);
        assert!(macro_f1(&rows, language, true) >= 0.95, "{language}");
    }
}

#[test]
fn held_out_messages() {
    let rows = rows(HELD_OUT);
    for language in ["nl", "en"] {
        assert!(rows.iter().filter(|(l, _, _)| l == language).count() >= 40);
        assert!(macro_f1(&rows, language, false) >= 0.7, "{language}");
    }
}

#[test]
fn example_messages() {
    for (data, least) in EXAMPLES {
        let rows = example_rows(data);
        assert!(rows.len() >= 60);
        let reached = macro_f1(&rows, "*", false);
        assert!(reached >= least, "{reached:.3} of {least}");
    }
}

/// What is called positive or negative should be it: better neutral than wrong.
#[test]
fn held_out_feelings_are_seldom_wrong() {
    let judge = configured("{}").unwrap();
    let (mut said, mut wrong) = (0, 0);
    for (_, label, text) in rows(HELD_OUT) {
        let got = classify_text(&text, None, &judge).unwrap().label;
        if got == "positive" || got == "negative" {
            said += 1;
            wrong += usize::from(got != label);
        }
    }
    assert!(said >= 30 && wrong * 20 <= said, "{wrong} of {said}");
}

#[test]
fn irony_never_passes_for_praise() {
    let judge = configured("{}").unwrap();
    for line in IRONIC.lines() {
        let (_, text) = line.split_once('\t').unwrap();
        let got = classify_text(text, None, &judge).unwrap();
        assert!(
            ["uncertain", "negative"].contains(&got.label.as_str()),
            "{} {text}",
            got.label
        );
        assert!(got.score <= 0.0, "{} {text}", got.score);
    }
}

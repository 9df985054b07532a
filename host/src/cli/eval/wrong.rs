//! Which messages a classifier judged otherwise than labelled: what a person looks at to find out
//! whether the classifier or the label is wrong. In the order of the file.

use super::data::Row;
use crate::telemetry::shown::shown;
use serde::Serialize;
use std::fmt::Write;

/// Characters of a text that are shown; JSON has it whole.
const TEXT_CHARS: usize = 200;

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// The label in the data.
    pub label: String,
    pub predicted: String,
    /// Of the prediction; none where the classifier said nothing or failed.
    pub score: Option<f64>,
    pub text: String,
}

/// The first `most` messages whose prediction is not their label.
pub fn list<'a>(
    judged: impl Iterator<Item = (&'a Row, (&'a str, Option<f64>))>,
    most: usize,
) -> Vec<Wrong> {
    let wrong = judged.filter(|(row, (predicted, _))| row.label != *predicted);
    let wrong = wrong.map(|(row, (predicted, score))| Wrong {
        line: row.line,
        label: row.label.clone(),
        predicted: predicted.to_owned(),
        score,
        text: row.text.clone(),
    });
    wrong.take(most).collect()
}

/// One line for each, harmless to a terminal; `all` is how many were judged wrong.
pub fn render(out: &mut String, wrong: &[Wrong], all: u64) {
    // Writing to a string can't fail.
    let _ = writeln!(
        out,
        "Judged otherwise than labelled ({} of {all})",
        wrong.len()
    );
    for one in wrong {
        let mut text: String = one.text.chars().take(TEXT_CHARS).collect();
        if one.text.chars().nth(TEXT_CHARS).is_some() {
            text.push('…');
        }
        let score = one.score.map(|s| format!(" {s:.3}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "line {}: {} as {}{score}: {}",
            one.line,
            shown(&one.label),
            shown(&one.predicted),
            shown(&text)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::{FAILED, NONE};
    use super::*;

    fn row(line: u64, label: &str, text: &str) -> Row {
        Row {
            line,
            text: text.to_owned(),
            label: label.to_owned(),
        }
    }

    fn wrong(most: usize) -> Vec<Wrong> {
        let rows = [
            row(2, "positive", "Prima"),
            row(3, "negative", "Nou\nfijn\u{1b}[2J dan\u{202e}"),
            row(5, "neutral", &"é".repeat(TEXT_CHARS + 1)),
            row(6, "neutral", "Hoe laat?"),
        ];
        let said = [
            ("positive", Some(0.5)),
            ("positive", Some(0.4472)),
            (NONE, None),
            (FAILED, None),
        ];
        list(rows.iter().zip(said), most)
    }

    #[test]
    fn the_first_ones_are_listed_and_no_more() {
        let lines = |most| wrong(most).iter().map(|w| w.line).collect::<Vec<_>>();
        assert_eq!(lines(10), [3, 5, 6]);
        assert_eq!(lines(2), [3, 5]);
        assert!(lines(0).is_empty());
    }

    #[test]
    fn each_is_one_harmless_line() {
        let mut out = String::new();
        render(&mut out, &wrong(10), 3);
        let expected = format!(
            "Judged otherwise than labelled (3 of 3)\n\
             line 3: negative as positive 0.447: Nou\\nfijn\\u001b[2J dan\\u202e\n\
             line 5: neutral as (none): {}…\n\
             line 6: neutral as (failed): Hoe laat?\n",
            "é".repeat(TEXT_CHARS)
        );
        assert_eq!(out, expected);
    }

    #[test]
    fn json_has_the_whole_text() {
        let value = serde_json::to_value(&wrong(1)[0]).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"line": 3, "label": "negative", "predicted": "positive",
                "score": 0.4472, "text": "Nou\nfijn\u{1b}[2J dan\u{202e}"})
        );
    }
}

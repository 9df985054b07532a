//! Labelled messages for `plugin eval`: CSV with a header, or JSON lines.
//!
//! Whatever is wrong is an error that names the file and the line; no row is skipped in silence,
//! because a figure over fewer messages than the file has would mislead. Deliberately absent:
//! guessing the encoding (the file is UTF-8) and columns other than `text` and `label`.

use crate::plugin::limits::CONTENT_BYTES;
use anyhow::{Context, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// The file is read whole.
const FILE_BYTES: u64 = 512 * 1024 * 1024;
const ROWS: usize = 1_000_000;
/// Distinct labels. The confusion table has this many rows.
const LABELS: usize = 256;
/// As long as a classifier's label can be.
const LABEL_BYTES: usize = 64;

/// The label of a message to which nothing applies; also the prediction when a classifier is silent.
pub const NONE: &str = "(none)";
/// The prediction when a classifier gave no answer; no label of the data.
pub const FAILED: &str = "(failed)";

/// One message and what a person judged it to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    pub text: String,
    pub label: String,
}

/// Reads a file of labelled messages.
pub fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{name}: cannot be opened"))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{name}: cannot be read"))?;
    if bytes.len() as u64 > FILE_BYTES {
        bail!("{name}: larger than {} MiB", FILE_BYTES / 1024 / 1024);
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    // Errors below begin with the line, so that they read `file:line: what`.
    parse(&bytes, &extension.to_lowercase()).map_err(|e| anyhow::anyhow!("{name}:{e}"))
}

fn parse(bytes: &[u8], extension: &str) -> anyhow::Result<Vec<Row>> {
    let text = utf8(bytes)?;
    let first = text.trim_start().chars().next();
    let rows = match (extension, first) {
        ("jsonl" | "ndjson", _) => parse_json_lines(text)?,
        ("tsv", _) => parse_csv(text, b'\t')?,
        ("csv", _) => parse_csv(text, delimiter(text))?,
        (_, Some('{' | '[')) => parse_json_lines(text)?,
        _ => parse_csv(text, delimiter(text))?,
    };
    if rows.is_empty() {
        bail!(" no messages in it");
    }
    Ok(rows)
}

/// The text behind a byte order mark, if there is one.
fn utf8(bytes: &[u8]) -> anyhow::Result<&str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bail!("1: this is UTF-16; save the file as UTF-8");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(e) => {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            bail!("{line}: not UTF-8; save the file as UTF-8")
        }
    }
}

/// Spreadsheets write `;` where the comma is the decimal sign, as in Dutch.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    let count = |d: u8| header.bytes().filter(|b| *b == d).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|d| count(*d))
        .unwrap_or(b',')
}

fn parse_csv(text: &str, delimiter: u8) -> anyhow::Result<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let refused = |error| csv_error(text, &error);
    let headers = reader.headers().map_err(refused)?.clone();
    let text_column = column(&headers, "text")?;
    let label_column = column(&headers, "label")?;
    let mut rows = Rows::default();
    let mut record = csv::StringRecord::new();
    let mut last = (0, 0);
    while reader.read_record(&mut record).map_err(refused)? {
        last = begin(text, record.position());
        let field = |column| record.get(column).unwrap_or_default();
        rows.push(last.0, field(text_column).to_owned(), field(label_column))?;
    }
    let (line, byte) = last;
    let tail = text[byte..].trim_end();
    if !rows.list.is_empty() && tail.contains('\n') && tail.matches('"').count() % 2 == 1 {
        bail!("{line}: a quotation mark is opened here and never closed");
    }
    Ok(rows.list)
}

/// Line and byte where a record begins. The reader counts blank lines before it as part of it.
fn begin(text: &str, position: Option<&csv::Position>) -> (u64, usize) {
    let (line, byte) = position.map_or((1, 0), |p| (p.line(), p.byte() as usize));
    let tail = text.get(byte..).unwrap_or_default();
    let blank = &tail[..tail.len() - tail.trim_start_matches(['\r', '\n']).len()];
    let blank_lines = blank.bytes().filter(|b| *b == b'\n').count() as u64;
    (line + blank_lines, text.len() - tail.len() + blank.len())
}

fn column(headers: &csv::StringRecord, name: &str) -> anyhow::Result<usize> {
    let mut found = headers
        .iter()
        .enumerate()
        .filter(|(_, header)| header.trim().eq_ignore_ascii_case(name))
        .map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => bail!("1: two columns `{name}`"),
        (None, _) => {
            let seen: Vec<String> = headers
                .iter()
                .take(20)
                .map(|h| format!("`{}`", shown(h.trim())))
                .collect();
            bail!("1: no column `{name}`; the header has {}", seen.join(", "))
        }
    }
}

fn csv_error(text: &str, error: &csv::Error) -> anyhow::Error {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let (line, _) = begin(text, pos.as_ref());
            anyhow::anyhow!(
                "{line}: {len} fields where the header has {expected_len}; is a text with a \
                 delimiter not in quotation marks, or a quotation mark not closed?"
            )
        }
        _ => anyhow::anyhow!(" {error}"),
    }
}

#[derive(Deserialize)]
struct JsonRow {
    text: String,
    label: String,
}

fn parse_json_lines(text: &str) -> anyhow::Result<Vec<Row>> {
    let mut rows = Rows::default();
    for (index, line) in text.lines().enumerate() {
        let number = index as u64 + 1;
        if line.trim().is_empty() {
            continue;
        }
        if !line.trim_start().starts_with('{') {
            bail!("{number}: each line is one object, {{\"text\": …, \"label\": …}}");
        }
        let row: JsonRow = serde_json::from_str(line).map_err(|e| {
            let all = e.to_string();
            let what = all
                .rsplit_once(" at line ")
                .map_or(all.as_str(), |(what, _)| what);
            anyhow::anyhow!("{number}: {} (column {})", shown(what), e.column())
        })?;
        rows.push(number, row.text, &row.label)?;
    }
    Ok(rows.list)
}

/// Rows that have passed every check.
#[derive(Default)]
struct Rows {
    list: Vec<Row>,
    labels: BTreeSet<String>,
}

impl Rows {
    fn push(&mut self, line: u64, text: String, label: &str) -> anyhow::Result<()> {
        let label = label.trim();
        if self.list.len() >= ROWS {
            bail!("{line}: more than {ROWS} messages");
        }
        if text.len() > CONTENT_BYTES {
            bail!(
                "{line}: the text has {} bytes, at most {CONTENT_BYTES}",
                text.len()
            );
        }
        if label.is_empty() {
            bail!("{line}: no label; where none applies, write {NONE}");
        }
        if label == FAILED {
            bail!("{line}: {FAILED} is not a label");
        }
        if label.len() > LABEL_BYTES || label.chars().any(char::is_control) {
            bail!(
                "{line}: the label `{}` has more than {LABEL_BYTES} bytes or control characters; \
                 is `label` the right column?",
                shown(label)
            );
        }
        if !self.labels.contains(label) {
            if self.labels.len() >= LABELS {
                bail!("{line}: more than {LABELS} different labels; is `label` the right column?");
            }
            self.labels.insert(label.to_owned());
        }
        self.list.push(Row {
            line,
            text,
            label: label.to_owned(),
        });
        Ok(())
    }
}

/// A piece of the file in a message: short, and harmless to a terminal.
fn shown(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(100)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(100).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;

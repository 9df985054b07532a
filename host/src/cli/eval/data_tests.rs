//! The readers of labelled messages: what they take, and what each wrong file is told.

use super::*;

fn triples(rows: &[Row]) -> Vec<(u64, &str, &str)> {
    rows.iter()
        .map(|r| (r.line, r.text.as_str(), r.label.as_str()))
        .collect()
}

fn error(bytes: &[u8], extension: &str) -> String {
    parse(bytes, extension)
        .expect_err("must be refused")
        .to_string()
}

#[test]
fn reads_csv_in_any_column_order_with_lines() {
    let csv = "\u{feff}id, Label ,text\r\n\r\n1,question,\"Hoe laat, en\nwaar?\"\r\n\r\n2, idea ,Plant a tree 🌳\r\n";
    let rows = parse(csv.as_bytes(), "csv").unwrap();
    assert_eq!(
        triples(&rows),
        [
            (3, "Hoe laat, en\nwaar?", "question"),
            (6, "Plant a tree 🌳", "idea")
        ]
    );
}

#[test]
fn knows_the_delimiter_of_the_header() {
    for (csv, extension) in [
        ("text;label\nWaar, o waar?;question\n", "csv"),
        ("text\tlabel\nWaar, o waar?\tquestion\n", "tsv"),
        ("text\tlabel\nWaar, o waar?\tquestion\n", "txt"),
        ("label,text\nquestion,\"Waar, o waar?\"", ""),
    ] {
        let rows = parse(csv.as_bytes(), extension).unwrap();
        assert_eq!(triples(&rows), [(2, "Waar, o waar?", "question")], "{csv}");
    }
}

#[test]
fn reads_json_lines_by_extension_or_first_byte() {
    let json =
        "{\"text\":\"a\\nb\",\"label\":\"nl\",\"id\":1}\n\n{\"label\":\"(none)\",\"text\":\"\"}";
    for extension in ["jsonl", "ndjson", "", "json"] {
        let rows = parse(json.as_bytes(), extension).unwrap();
        assert_eq!(
            triples(&rows),
            [(1, "a\nb", "nl"), (3, "", "(none)")],
            "{extension}"
        );
    }
}

#[test]
fn csv_errors_name_the_line() {
    for (csv, expected) in [
        (
            "tekst,label\na,b\n",
            "1: no column `text`; the header has `tekst`, `label`",
        ),
        ("text,Text,label\na,b,c\n", "1: two columns `text`"),
        (
            "text,label\na,b\nwel, niet,c\n",
            "3: 3 fields where the header has 2",
        ),
        ("text,label\n\n\na\n", "4: 1 fields where"),
        (
            "text,label\na,b\n\nc,\n",
            "4: no label; where none applies, write (none)",
        ),
        ("text,label\na,(failed)\n", "2: (failed) is not a label"),
        (
            "label,text\nx,a\nx,\"b\ny,c\n",
            "3: a quotation mark is opened here",
        ),
        ("label,text\n\n", " no messages in it"),
        ("", "1: no column `text`"),
    ] {
        let error = error(csv.as_bytes(), "csv");
        assert!(error.starts_with(expected), "{csv:?}: {error}");
    }
}

#[test]
fn json_errors_name_the_line_and_column() {
    for (json, expected) in [
        (
            "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\"a\"}",
            "2: missing field `label` (column 12)",
        ),
        (
            "\n{\"text\":\"a\",\"label\":1}",
            "2: invalid type: integer `1`, expected a string (column",
        ),
        (
            "{\"text\":\"a\"",
            "1: EOF while parsing an object (column 11)",
        ),
        (
            "[{\"text\":\"a\",\"label\":\"b\"}]",
            "1: each line is one object",
        ),
        (
            "{\"text\":\"a\",\"label\":\"b\"}\nnull",
            "2: each line is one object",
        ),
        ("\n \n", " no messages in it"),
    ] {
        let error = error(json.as_bytes(), "jsonl");
        assert!(error.starts_with(expected), "{json:?}: {error}");
    }
}

#[test]
fn refuses_what_is_not_utf8() {
    assert_eq!(
        error(b"text,label\na,b\ncaf\xe9,c\n", "csv"),
        "3: not UTF-8; save the file as UTF-8"
    );
    assert!(error(b"\xff\xfet\0e\0", "csv").starts_with("1: this is UTF-16"));
}

#[test]
fn limits_hold() {
    let long = format!("text,label\n{},b\n", "é".repeat(CONTENT_BYTES / 2 + 1));
    assert_eq!(
        error(long.as_bytes(), "csv"),
        "2: the text has 65538 bytes, at most 65536"
    );
    let label = format!("text,label\na,{}\n", "x".repeat(LABEL_BYTES + 1));
    assert!(error(label.as_bytes(), "csv").contains("is `label` the right column?"));
    let control = error(b"text,label\na,x\x1b[31mred\n", "csv");
    assert!(
        control.starts_with("2: the label `x\u{fffd}[31mred`"),
        "{control}"
    );
    let many: String = (0..=LABELS)
        .map(|i| format!("{{\"text\":\"a\",\"label\":\"{i}\"}}\n"))
        .collect();
    assert!(error(many.as_bytes(), "").starts_with("257: more than 256 different labels"));
    let row = Row {
        line: 2,
        text: String::new(),
        label: "b".into(),
    };
    let mut full = Rows {
        list: vec![row; ROWS - 1],
        labels: BTreeSet::new(),
    };
    full.push(1_000_001, String::new(), "b").unwrap();
    let error = full
        .push(1_000_002, String::new(), "b")
        .unwrap_err()
        .to_string();
    assert_eq!(error, "1000002: more than 1000000 messages");
}

#[test]
fn a_file_is_named_in_its_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("messages.CSV");
    std::fs::write(&path, "text,label\na,\n").unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(
        error.ends_with("messages.CSV:2: no label; where none applies, write (none)"),
        "{error}"
    );
    let missing = read(&dir.path().join("absent.csv"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.ends_with("absent.csv: cannot be opened"),
        "{missing}"
    );
}

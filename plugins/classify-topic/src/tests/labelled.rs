//! The labelled set: macro F1 of intent and topic, accuracy of urgency, with a floor for each.

use std::collections::{BTreeMap, BTreeSet};

use super::{judged, labels};

const DATA: &str = include_str!("../../tests/data/labelled.tsv");

struct Row {
    split: &'static str,
    language: &'static str,
    intent: &'static str,
    topics: BTreeSet<&'static str>,
    urgency: &'static str,
    text: &'static str,
}

fn rows() -> Vec<Row> {
    DATA.lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [split, language, intent, topics, urgency, text] = columns[..] else {
                panic!("six columns: {line}");
            };
            let topics = topics.split(',').filter(|t| *t != "-").collect();
            Row {
                split,
                language,
                intent,
                topics,
                urgency,
                text,
            }
        })
        .collect()
}

/// True and false positives and false negatives per label.
#[derive(Default)]
struct Counts(BTreeMap<String, [f64; 3]>);

impl Counts {
    fn count(&mut self, expected: &BTreeSet<&str>, got: &BTreeSet<&str>) {
        for label in expected.union(got) {
            let kind = match (expected.contains(label), got.contains(label)) {
                (true, true) => 0,
                (false, _) => 1,
                _ => 2,
            };
            self.0.entry((*label).to_owned()).or_default()[kind] += 1.0;
        }
    }

    fn f1(&self) -> BTreeMap<&str, f64> {
        let f1 = |[hit, wrong, missed]: [f64; 3]| 2.0 * hit / (2.0 * hit + wrong + missed);
        self.0
            .iter()
            .map(|(label, counts)| (label.as_str(), f1(*counts)))
            .collect()
    }

    fn macro_f1(&self) -> f64 {
        self.f1().values().sum::<f64>() / self.0.len() as f64
    }
}

struct Figures {
    intent: f64,
    topic: f64,
    urgency: f64,
}

fn measure(split: &str, language: &str, show_mistakes: bool) -> Figures {
    let (mut intents, mut topics) = (Counts::default(), Counts::default());
    let (mut right, mut total) = (0.0, 0.0);
    for row in rows() {
        if row.split != split || !(language.is_empty() || row.language == language) {
            continue;
        }
        let all = judged(row.text);
        let intent: BTreeSet<&str> = labels(&all, "intent").into_iter().collect();
        let topic: BTreeSet<&str> = labels(&all, "topic").into_iter().collect();
        let urgency = labels(&all, "urgency")[0];
        intents.count(&BTreeSet::from([row.intent]), &intent);
        topics.count(&row.topics, &topic);
        total += 1.0;
        right += f64::from(urgency == row.urgency);
        if show_mistakes
            && (!intent.contains(row.intent) || topic != row.topics || urgency != row.urgency)
        {
            println!(
                "{} {:?} {} | {intent:?} {topic:?} {urgency} | {}",
                row.intent, row.topics, row.urgency, row.text
            );
        }
    }
    let figures = Figures {
        intent: intents.macro_f1(),
        topic: topics.macro_f1(),
        urgency: right / total,
    };
    println!(
        "{split} {language}: {total} rows, intent F1 {:.3}, topic F1 {:.3}, urgency accuracy {:.3}",
        figures.intent, figures.topic, figures.urgency
    );
    println!("  intent {:.2?}\n  topic {:.2?}", intents.f1(), topics.f1());
    figures
}

#[test]
fn the_set_is_large_enough() {
    let rows = rows();
    assert!(rows.iter().filter(|r| r.split == "tune").count() >= 100);
    assert!(rows.iter().filter(|r| r.split == "held").count() >= 60);
}

#[test]
fn known_messages_are_judged_well() {
    let figures = measure("tune", "", true);
    assert!(figures.intent >= 0.95 && figures.topic >= 0.92 && figures.urgency >= 0.95);
}

#[test]
fn held_messages_are_judged_fairly() {
    let figures = measure("held", "", false);
    assert!(figures.intent >= 0.5 && figures.topic >= 0.65 && figures.urgency >= 0.85);
}

#[test]
fn the_example_file_is_judged_well() {
    let example = include_str!("../../../../examples/labelled/intent-nl-en.csv");
    let mut counts = Counts::default();
    for record in records(example) {
        let all = judged(&record.0);
        let got: BTreeSet<&str> = labels(&all, "intent").into_iter().collect();
        counts.count(&BTreeSet::from([record.1.as_str()]), &got);
    }
    println!(
        "example: intent F1 {:.3} {:.2?}",
        counts.macro_f1(),
        counts.f1()
    );
    assert!(counts.macro_f1() >= 0.9);
}

/// The rows of a CSV file of two columns, without its head; a text may stand in quotes.
fn records(text: &str) -> Vec<(String, String)> {
    text.lines()
        .skip(1)
        .map(|line| {
            let (text, label) = line.rsplit_once(',').unwrap();
            (
                text.trim_matches('"').replace("\"\"", "\""),
                label.to_owned(),
            )
        })
        .collect()
}

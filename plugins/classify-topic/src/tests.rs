//! Tests of the whole judgement: the labelled set, hostile texts, the manifest.
//!
//! `cargo test -p classify-topic -- --nocapture` prints the figures and the mistakes.

mod labelled;
mod robust;

use std::sync::LazyLock;

use crate::scan::Signals;
use crate::settings::{self, Settings};
use crate::tables::Tables;
use rapport_sdk::annotation::Classification;

static DEFAULTS: LazyLock<Tables> = LazyLock::new(|| Tables::new(Settings::default()).unwrap());

/// The cues of a text, with the default tables.
pub fn signals(text: &str) -> Signals {
    crate::judge::signals(&DEFAULTS, None, text, None)
}

pub fn judged(text: &str) -> Vec<Classification> {
    crate::judge::judge(&DEFAULTS, None, text, None)
}

fn with_settings(settings: &str) -> Tables {
    Tables::new(settings::parse(settings).unwrap()).unwrap()
}

/// The labels of one dimension.
pub fn labels<'a>(all: &'a [Classification], dimension: &str) -> Vec<&'a str> {
    all.iter()
        .filter(|c| c.dimension == dimension)
        .map(|c| c.label.as_str())
        .collect()
}

/// The words of the text that a label rests on.
fn words<'a>(text: &'a str, all: &[Classification], label: &str) -> Vec<&'a str> {
    all.iter()
        .filter(|c| c.label == label)
        .flat_map(|c| &c.evidence)
        .map(|e| &text[e.start as usize..e.end as usize])
        .collect()
}

#[test]
fn evidence_shows_the_words() {
    let text = "Één vraag: waar blijft mijn pakketje? Spoed!";
    let all = judged(text);
    assert_eq!(labels(&all, "topic"), ["delivery"]);
    assert_eq!(words(text, &all, "delivery"), ["pakketje"]);
    assert_eq!(words(text, &all, "question"), ["vraag", "waar", "?"]);
    assert_eq!(words(text, &all, "urgent"), ["Spoed"]);
    let text = "Where is my parcel? I need it a.s.a.p";
    let all = judged(text);
    assert_eq!(words(text, &all, "question"), ["Where", "is my", "?"]);
    assert_eq!(words(text, &all, "urgent"), ["a.s.a.p"]);
}

#[test]
fn the_admin_owns_the_taxonomy() {
    let tables = with_settings(
        r#"{"use-default-taxonomy": false, "max-topics": 1, "taxonomy": {
            "heat-pump": {"nl": {"keywords": ["warmtepomp*"]}, "en": {"phrases": ["heat pump"]}},
            "contract": {"any": {"patterns": ["\\bC-\\d{4}\\b"], "hints": ["contract"]}}}}"#,
    );
    let topics = |text: &str| {
        let all = crate::judge::judge(&tables, None, text, None);
        labels(&all, "topic").join(",")
    };
    assert_eq!(topics("De warmtepompen maken lawaai"), "heat-pump");
    assert_eq!(topics("my heat  pump"), "heat-pump");
    assert_eq!(topics("Contract c-1234 klopt niet"), "contract");
    assert_eq!(topics("Waar is mijn pakket?"), "");
    assert_eq!(topics("warmtepomp onder contract C-1234"), "contract");
}

#[test]
fn extra_cues_count() {
    let tables = with_settings(
        r#"{"extra-cues": {"lead": {"nl": ["proefrit"]}, "urgency": {"any": ["code rood"]}}}"#,
    );
    let all = crate::judge::judge(&tables, None, "Code rood! Proefrit morgen", None);
    assert_eq!(labels(&all, "intent"), ["lead"]);
    assert_eq!(labels(&all, "urgency"), ["high"]);
}

#[test]
fn the_title_counts_without_evidence() {
    let all = crate::judge::judge(
        &DEFAULTS,
        Some("Klacht over mijn factuur"),
        "Zie boven.",
        None,
    );
    assert_eq!(
        (labels(&all, "topic"), labels(&all, "intent")),
        (vec!["billing", "service"], vec!["complaint"])
    );
    assert!(all.iter().all(|c| c.evidence.is_empty()));
}

#[test]
fn a_word_of_the_other_language_counts_half() {
    let all = judged("The brand has no vraag in it but I do like this");
    assert_eq!(
        (labels(&all, "intent"), labels(&all, "urgency")),
        (vec!["other"], vec!["normal"])
    );
}

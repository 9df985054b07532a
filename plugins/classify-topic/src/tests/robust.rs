//! Hostile and odd texts, speed, and the agreement of manifest and code.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rapport_package::manifest::{Kind, Manifest};

use super::{judged, labels};
use crate::settings::{self, Settings};

proptest! {
    #[test]
    fn any_text_is_judged_with_sound_spans(
        text in "\\PC{0,120}|([a-z'é🙄İ\u{301}#@?! \n]|niet |klacht |www\\.|spoed |\\x00){0,60}"
    ) {
        let all = judged(&text);
        prop_assert_eq!(labels(&all, "intent").len(), 1);
        prop_assert_eq!(labels(&all, "urgency").len(), 1);
        for c in &all {
            prop_assert!((0.0..=1.0).contains(&c.score), "{} {}", c.label, c.score);
            prop_assert!(c.evidence.len() <= 64);
            for e in &c.evidence {
                let words = text.get(e.start as usize..e.end as usize);
                prop_assert!(words.is_some_and(|w| !w.is_empty()), "{:?}", e);
            }
        }
        prop_assert_eq!(all, judged(&text));
    }
}

/// Texts of 64 KiB that would show anything worse than linear time.
#[test]
fn huge_texts_are_judged_in_time() {
    for unit in [
        "niet klacht ",
        "a",
        "?",
        "@",
        "@a@",
        "@.",
        "http://",
        "www.",
        "'t ",
        "al 3 dagen ",
        "\u{301}",
        "ﷺ",
        "é🙄",
        "# ",
        "\n \n",
    ] {
        for end in ["", "spoed"] {
            let text = unit.repeat(65_536 / unit.len()) + end;
            let begin = Instant::now();
            let all = judged(&text);
            let took = begin.elapsed();
            assert!(took < Duration::from_secs(3), "{unit:?}: {took:?}");
            assert!(!all.is_empty());
        }
    }
}

#[test]
fn speed_of_an_ordinary_message() {
    let text = "Hoi, ik wacht nu al 2 weken op mijn bestelling en niemand reageert op mijn mail. \
                Wanneer komt het pakket? En krijg ik mijn geld terug als het niet komt?";
    judged(text);
    let rounds = 2_000_u32;
    let begin = Instant::now();
    for _ in 0..rounds {
        judged(text);
    }
    let per_message = begin.elapsed() / rounds;
    println!("{per_message:?} for a message of {} bytes", text.len());
    assert!(per_message < Duration::from_millis(20));
}

#[test]
fn the_manifest_agrees_with_the_code() {
    let manifest = Manifest::parse(include_str!("../../plugin.toml")).unwrap();
    assert_eq!(
        (manifest.id.as_str(), manifest.kind),
        ("classify-topic", Kind::Classifier)
    );
    let properties = manifest.settings["properties"].as_object().unwrap();
    let defaults: serde_json::Map<String, serde_json::Value> = properties
        .iter()
        .map(|(name, p)| (name.clone(), p["default"].clone()))
        .collect();
    let document = serde_json::Value::Object(defaults).to_string();
    assert_eq!(settings::parse(&document).unwrap(), Settings::default());
    assert!(properties.values().all(|p| p["description"].is_string()));
}

//! What holds for every text, and what single rules promise: no panic, spans on character
//! boundaries, the same answer twice, time linear in the length; negation, emphasis, contrast.

use std::time::Instant;

use proptest::prelude::*;
use rapport_sdk::annotation::Classification;
use rapport_sdk::common::ItemErrorCode;

use crate::judge::Judge;
use crate::{CONTENT_LIMIT_BYTES, classify_text, configured};

fn one(text: &str, judge: &Judge) -> Classification {
    classify_text(text, None, judge).unwrap()
}

fn score(text: &str) -> f64 {
    one(text, &configured("{}").unwrap()).score
}

fn check(text: &str, hint: Option<&str>, judge: &Judge) -> Result<(), TestCaseError> {
    let got = classify_text(text, hint, judge).unwrap();
    prop_assert!((-1.0..=1.0).contains(&got.score), "{}", got.score);
    prop_assert!(["positive", "negative", "neutral", "uncertain"].contains(&got.label.as_str()));
    prop_assert!(got.evidence.len() <= 64);
    for evidence in &got.evidence {
        prop_assert!(
            text.get(evidence.start as usize..evidence.end as usize)
                .is_some()
        );
        prop_assert!(evidence.start < evidence.end && evidence.note.len() <= 256);
    }
    prop_assert_eq!(got, classify_text(text, hint, judge).unwrap());
    Ok(())
}

#[test]
fn any_text_gets_an_answer() {
    let judge = configured("{}").unwrap();
    proptest!(|(text in any::<String>(), hint in proptest::option::of(".{0,8}"))| {
        check(&text, hint.as_deref(), &judge)?;
    });
}

#[test]
fn so_does_any_mixture_of_what_counts() {
    let judge = configured("{}").unwrap();
    let mixture = "((niet|geen|goed|slecht|not|n't|very|een beetje|maar|but|😡|🙄|:-\\)|\"|#not|/s|GOOD|eens maar nooit weer|e\u{301}|ĳ|İ|’)[ .,!?\n]{0,2}){0,80}";
    proptest!(|(text in mixture)| {
        check(&text, None, &judge)?;
    });
}

#[test]
fn the_longest_text_takes_linear_time() {
    let judge = configured("{}").unwrap();
    let units = [
        "niet goed maar slecht ",
        "a ",
        "'",
        "é",
        "@",
        ":-) ",
        "nog steeds niet ",
        "ﷺ",
        "\"a\" ",
        "goed, weer slecht ",
        "goed, slecht ",
        "goed. weer slecht. ",
        "😡",
    ];
    for unit in units {
        let text = unit.repeat(CONTENT_LIMIT_BYTES / unit.len());
        let start = Instant::now();
        one(&text, &judge);
        let taken = start.elapsed();
        assert!(taken.as_millis() < 3_000, "{unit:?}: {taken:?}");
    }
}

#[test]
fn a_longer_text_is_refused_by_name() {
    let error = classify_text(
        &"a".repeat(CONTENT_LIMIT_BYTES + 1),
        None,
        &configured("{}").unwrap(),
    );
    assert_eq!(error.unwrap_err().code, ItemErrorCode::TooLong);
}

#[test]
fn negation_turns_round_and_litotes_is_mild() {
    for (good, bad) in [
        ("dit is goed", "dit is niet goed"),
        ("het werkt goed", "het werkt niet"),
        ("ik ben tevreden", "ik ben allerminst tevreden"),
        ("this is good", "this isn't good"),
        ("I am satisfied", "I was never really satisfied"),
        ("niet slecht", "slecht"),
        ("not terrible", "terrible"),
    ] {
        assert!(
            score(good) > 0.05 && score(bad) < -0.15,
            "{good} {} {bad} {}",
            score(good),
            score(bad)
        );
    }
    assert!(score("niet slecht") < score("goed"));
    // Out of reach: another clause.
    assert!(score("ik was er niet, maar het was goed") > 0.15);
    // A comparison negates nothing.
    assert!(score("nog nooit zo goed geholpen") > 0.3);
    assert!(score("never had such a bad experience") < -0.3);
}

#[test]
fn emphasis_makes_stronger_or_weaker() {
    for (weak, strong) in [
        ("een beetje leuk", "leuk"),
        ("leuk", "heel leuk"),
        ("heel leuk", "ontzettend leuk"),
        ("dat is leuk", "dat is LEUK"),
        ("leuk", "leuk!!!"),
        ("leuk", "leuuuuk"),
        ("a bit nice", "nice"),
        ("nice", "extremely nice"),
    ] {
        assert!(
            score(weak) < score(strong),
            "{weak} {} {strong} {}",
            score(weak),
            score(strong)
        );
    }
    assert!(score("vreselijk leuk") > score("leuk"));
    assert!(score("super slecht") < score("slecht"));
}

#[test]
fn what_comes_after_but_weighs_more() {
    assert!(score("lekker eten maar slechte bediening") < 0.0);
    assert!(
        score("slechte bediening maar lekker eten") > score("lekker eten maar slechte bediening")
    );
    assert!(score("good food but bad service") < score("bad service but good food"));
}

#[test]
fn evidence_says_what_the_words_did() {
    let text = "Helaas 😀 is het niet echt goed";
    let got = one(text, &configured("{}").unwrap());
    let shown: Vec<(&str, &str)> = got
        .evidence
        .iter()
        .map(|e| (&text[e.start as usize..e.end as usize], e.note.as_str()))
        .collect();
    let expected = [
        ("Helaas", "negative -0.35"),
        ("😀", "positive 0.60"),
        ("goed", "negative -0.40: negated"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn own_words_and_thresholds_count() {
    let plain = configured("{}").unwrap();
    assert_eq!(
        one("een kneiter van een aanbieding", &plain).label,
        "neutral"
    );
    let own = configured(r#"{"words-nl": {"kneiter": 0.8}, "positive-threshold": 0.5}"#).unwrap();
    assert_eq!(
        one("een kneiter van een aanbieding", &own).label,
        "positive"
    );
    assert_eq!(one("een snelle aanbieding", &plain).label, "positive");
    assert_eq!(one("een snelle aanbieding", &own).label, "neutral");
}

#[test]
fn another_language_is_uncertain_with_the_reason() {
    let judge = configured("{}").unwrap();
    for text in [
        "Ich bin sehr zufrieden mit der Lieferung",
        "Je suis très content de vous",
        "Спасибо большое",
    ] {
        let got = one(text, &judge);
        assert_eq!(
            (got.label.as_str(), got.score),
            ("uncertain", 0.0),
            "{text}"
        );
        assert_eq!(
            got.extra,
            [("reason".to_owned(), "neither Dutch nor English".to_owned())]
        );
    }
}

#[test]
fn praise_and_trouble_in_balance_are_uncertain() {
    let got = one("Lekker eten. Trage bediening.", &configured("{}").unwrap());
    assert_eq!(got.label, "uncertain", "{got:?}");
    assert_eq!(got.extra, [("reason".to_owned(), "mixed".to_owned())]);
}

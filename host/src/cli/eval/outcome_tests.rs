//! Predictions and the choice of the dimension.

use super::*;
use crate::plugin::PluginError;

fn said(found: &[(&str, &str, f64)]) -> Item<Vec<Classification>> {
    Ok(found
        .iter()
        .map(|(dimension, label, score)| Classification {
            dimension: (*dimension).to_owned(),
            label: (*label).to_owned(),
            score: *score,
            evidence: Vec::new(),
            extra: Vec::new(),
            plugin: "classify-test".to_owned(),
            version: "0.1.0".to_owned(),
        })
        .collect())
}

fn outcomes(items: Vec<Item<Vec<Classification>>>) -> Outcomes {
    let mut outcomes = Outcomes::default();
    outcomes.add(items).unwrap();
    outcomes
}

fn predicted(outcomes: &Outcomes, dimension: &str) -> Vec<String> {
    let index = outcomes.dimensions.index.get(dimension).copied();
    let labels = outcomes.predicted(index).map(|(label, _)| label.to_owned());
    labels.collect()
}

#[test]
fn the_highest_score_wins_and_of_equals_the_first() {
    let outcomes = outcomes(vec![
        said(&[
            ("topic", "billing", 0.2),
            ("topic", "delivery", 0.7),
            ("intent", "question", 0.9),
        ]),
        said(&[("topic", "outage", 0.5), ("topic", "billing", 0.5)]),
        said(&[("intent", "idea", 0.1)]),
        said(&[]),
        Err(PluginError::InvalidInput("too long".into()).into()),
    ]);
    assert_eq!(
        predicted(&outcomes, "topic"),
        ["delivery", "outage", NONE, NONE, FAILED]
    );
    assert_eq!(
        predicted(&outcomes, "intent"),
        ["question", NONE, "idea", NONE, FAILED]
    );
    assert_eq!(outcomes.failed(), 1);
}

#[test]
fn negative_scores_are_labels_too() {
    let outcomes = outcomes(vec![said(&[("sentiment", "negative", -0.9)])]);
    assert_eq!(predicted(&outcomes, "sentiment"), ["negative"]);
}

#[test]
fn the_only_dimension_needs_no_note() {
    let outcomes = outcomes(vec![said(&[]), said(&[("language", "nl", 0.9)])]);
    let chosen = outcomes.choose(None, &["en", "en"]).unwrap();
    assert_eq!(
        chosen,
        Chosen {
            dimension: Some(0),
            notes: vec![]
        }
    );
}

#[test]
fn of_several_dimensions_the_labels_decide() {
    let all = [
        ("urgency", "low", 1.0),
        ("topic", "sales", 1.0),
        ("intent", "idea", 1.0),
    ];
    let outcomes = outcomes(vec![said(&all), said(&all[..2]), said(&all[..1])]);
    // `idea` fits most messages, though `urgency` is said most often.
    let chosen = outcomes.choose(None, &["idea", "idea", "sales"]).unwrap();
    assert_eq!(
        chosen.dimension.map(|d| outcomes.dimension_name(d)),
        Some("intent")
    );
    assert_eq!(
        chosen.notes,
        [
            "dimension `intent` out of `intent`, `topic`, `urgency`: its labels fit 2 of 3 labels in \
          the data; --dimension chooses another"
        ]
    );
    // Nothing fits: the most frequent one, and the note says so.
    let chosen = outcomes.choose(None, &["x", "y", "z"]).unwrap();
    assert_eq!(
        chosen.dimension.map(|d| outcomes.dimension_name(d)),
        Some("urgency")
    );
    assert!(
        chosen.notes[0].contains("no dimension has labels of the data"),
        "{chosen:?}"
    );
}

#[test]
fn a_dimension_can_be_asked_for_but_must_exist() {
    let outcomes = outcomes(vec![said(&[
        ("topic", "sales", 1.0),
        ("intent", "idea", 1.0),
    ])]);
    let chosen = outcomes.choose(Some("topic"), &["idea"]).unwrap();
    assert_eq!(
        chosen.dimension.map(|d| outcomes.dimension_name(d)),
        Some("topic")
    );
    assert!(chosen.notes.is_empty());
    let error = outcomes
        .choose(Some("topics"), &["idea"])
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the classifier has no dimension `topics` here; it has `intent`, `topic`"
    );
}

#[test]
fn a_silent_classifier_is_reported_as_such() {
    let outcomes = outcomes(vec![said(&[]), said(&[])]);
    let chosen = outcomes.choose(Some("topic"), &["a", "b"]).unwrap();
    assert_eq!(chosen.dimension, None);
    assert!(chosen.notes[0].contains("said nothing"));
    assert_eq!(predicted(&outcomes, "topic"), [NONE, NONE]);
}

#[test]
fn reasons_of_failure_are_counted_most_frequent_first() {
    let failed = |reason: &str| Err(PluginError::InvalidInput(reason.into()).into());
    let outcomes = outcomes(vec![
        failed("too long"),
        Err(HostFault::OutOfFuel(5).into()),
        Err(HostFault::OutOfFuel(5).into()),
    ]);
    let failures: Vec<(String, u64)> = outcomes
        .failures()
        .into_iter()
        .map(|f| (f.reason, f.messages))
        .collect();
    let fuel = "host fault out-of-fuel: the call used more than its 5 units of fuel".to_owned();
    assert_eq!(failures, [(fuel, 2), ("too long".to_owned(), 1)]);
}

#[test]
fn an_open_breaker_ends_it_with_the_first_reason() {
    let mut outcomes = Outcomes::default();
    let items = vec![
        Err(HostFault::Trap("unreachable".into()).into()),
        Err(HostFault::BreakerOpen(5, 30).into()),
    ];
    let error = outcomes.add(items).unwrap_err().to_string();
    assert_eq!(
        error,
        "the classifier fails again and again: host fault trap: unreachable"
    );
}

#[test]
fn invented_names_are_capped() {
    let mut outcomes = Outcomes::default();
    for index in 0..LABELS + 10 {
        outcomes
            .add(vec![said(&[("d", &format!("label {index}"), 1.0)])])
            .unwrap();
    }
    assert_eq!(outcomes.labels.list.len(), LABELS + 1);
    assert_eq!(
        predicted(&outcomes, "d")
            .iter()
            .filter(|l| *l == OTHER)
            .count(),
        10
    );
    let many: Vec<String> = (0..=DIMENSIONS)
        .map(|index| format!("dimension {index}"))
        .collect();
    let many: Vec<(&str, &str, f64)> = many.iter().map(|d| (d.as_str(), "x", 1.0)).collect();
    let error = outcomes.add(vec![said(&many)]).unwrap_err().to_string();
    assert_eq!(error, "the classifier uses more than 64 dimensions");
}

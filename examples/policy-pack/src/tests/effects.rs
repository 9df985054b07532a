//! What is inside the effects: times, priorities, order, suggestions. That they come is told by the
//! scenarios, which can't look inside.

use rapport_sdk::policy::{
    CaseKind, CaseView, Effect, EffectKind, PolicyCase, Priority, Purpose, SuppressionEnd,
    SuppressionView,
};

use super::{DAY_MS, NOW, decide, draft, message};

#[test]
fn clocks_run_from_the_events_own_time() {
    let effects = decide(&message(
        "Ik heb een klacht, en ik kan mijn rekening niet betalen.",
    ));
    let of = |wanted: fn(&EffectKind) -> bool| {
        effects
            .iter()
            .map(|e| e.kind.clone())
            .filter(wanted)
            .collect::<Vec<_>>()
    };
    let stops = of(|kind| matches!(kind, EffectKind::Suppress(_)));
    let until = SuppressionEnd::At(NOW + 90 * DAY_MS);
    assert_eq!(stops.len(), 2, "marketing and surveys");
    for stop in &stops {
        let EffectKind::Suppress(stop) = stop else {
            unreachable!()
        };
        assert_eq!(stop.until, until);
    }
    let tasks = of(|kind| matches!(kind, EffectKind::Task(_)));
    let [EffectKind::Task(task)] = tasks.as_slice() else {
        panic!("{tasks:?}")
    };
    assert_eq!((task.due, task.team.as_deref()), (Some(NOW + DAY_MS), None));
}

#[test]
fn what_is_lost_or_about_life_is_urgent() {
    for (text, expected) in [
        ("Ik kreeg een phishingmail", Priority::High),
        ("Phishing! Ik heb op de link geklikt", Priority::Urgent),
        ("Ik kan de rekening niet betalen", Priority::High),
        (
            "Ik kan niet meer betalen en zie het niet meer zitten",
            Priority::Urgent,
        ),
        ("Ik ga naar mijn advocaat", Priority::High),
    ] {
        let kinds = decide(&message(text)).into_iter().map(|e| e.kind);
        let priorities: Vec<EffectKind> = kinds
            .filter(|kind| matches!(kind, EffectKind::Priority(_)))
            .collect();
        assert_eq!(priorities, [EffectKind::Priority(expected)], "{text}");
    }
}

/// The host takes the first team.
#[test]
fn fraud_goes_before_care_and_care_before_lawyers() {
    let teams = |text: &str| -> Vec<String> {
        let kinds = decide(&message(text)).into_iter().map(|e| e.kind);
        kinds
            .filter_map(|kind| match kind {
                EffectKind::Route(team) => Some(team),
                _ => None,
            })
            .collect()
    };
    let text = "Ik ben opgelicht, kan mijn rekening niet betalen en mijn advocaat weet ervan";
    assert_eq!(teams(text), ["security", "care", "legal"]);
}

#[test]
fn a_stop_is_renewed_when_half_of_it_is_gone() {
    let stops = |left_days: i64| {
        let mut case = message("Mijn man is overleden");
        let one = |purpose| SuppressionView {
            purpose,
            channel: None,
            reason: "vulnerable-customer".to_owned(),
            until: Some(NOW + left_days * DAY_MS),
        };
        case.situation.suppressions = vec![one(Purpose::Marketing), one(Purpose::Survey)];
        let suppress = |e: &Effect| matches!(e.kind, EffectKind::Suppress(_));
        decide(&case).into_iter().filter(suppress).count()
    };
    assert_eq!((stops(46), stops(44)), (0, 2));
}

#[test]
fn an_open_complaint_gets_no_second_case_and_a_step_outside_raises_it() {
    let mut case = message("Nu ga ik met mijn klacht naar de ombudsman");
    case.situation.open_cases.push(CaseView {
        id: "c".to_owned(),
        kind: CaseKind::Complaint,
        priority: Priority::Normal,
        opened: NOW - DAY_MS,
        respond_by: None,
        conversation_id: None,
    });
    let kinds: Vec<EffectKind> = decide(&case).into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EffectKind::Priority(Priority::High)]);
}

#[test]
fn suggestions_hide_numbers_and_add_sentences() {
    let rewrite = |case: &PolicyCase| {
        decide(case).into_iter().find_map(|e| match e.kind {
            EffectKind::Rewrite(text) => Some(text),
            _ => None,
        })
    };
    assert_eq!(
        rewrite(&draft("Uw IBAN NL91 ABNA 0417 1643 00 klopt")).as_deref(),
        Some("Uw IBAN xxxx xxxx xxxx xxxx xx klopt")
    );
    let mut case = draft("Your loan and your shares are in the app.");
    let expected = "Your loan and your shares are in the app. Please note: borrowing has costs. Investing has risks: you can lose your money.";
    assert_eq!(rewrite(&case).as_deref(), Some(expected));
    // Accepted as suggested, it passes; punctuation and capitals make no difference.
    assert_eq!(rewrite(&draft(&expected.to_uppercase())), None);
    if let Some(draft) = &mut case.draft {
        draft.language = Some("nl-NL".to_owned());
    }
    assert!(rewrite(&case).unwrap().ends_with("inleg verliezen."));
}

#[test]
fn no_reason_repeats_a_number() {
    for case in [
        draft("Uw BSN is 111222333, kaart 4111 1111 1111 1111"),
        message("Mijn rekening is NL91ABNA0417164300 en bsn 111222333"),
    ] {
        let effects = decide(&case);
        assert!(!effects.is_empty());
        for reason in effects.iter().flat_map(|e| &e.reason) {
            assert!(
                !reason.text.contains(|c: char| c.is_ascii_digit()),
                "{}",
                reason.text
            );
        }
    }
}

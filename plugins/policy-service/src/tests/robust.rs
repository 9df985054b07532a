//! Arbitrary and huge texts: no panic, sound spans, linear time, same answer twice.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const SETTINGS: &str = r##"{"embargo": {"terms": [{"term": "zon", "until": "2030-01-01T00:00:00Z"}]},
    "hashtags": {"standard": ["ZonHelpt"]},
    "tone-of-voice": {"require-greeting": true, "require-name": true, "greeting-where": ["public", "direct"]},
    "complaint-opens-case": {"questions-open-case": true, "routes": {"delivery": "logistics"}}}"##;

static PACK: LazyLock<Pack> = LazyLock::new(|| pack(SETTINGS));

fn check(case: &PolicyCase, text: &str, pack: &Pack) -> Result<(), TestCaseError> {
    let effects = pack.decide(case);
    prop_assert!(effects.len() <= 32);
    for effect in &effects {
        prop_assert!(effect.evidence.len() <= 64 && effect.reason.len() == 2);
        prop_assert!(effect.reason.iter().all(|r| r.text.len() <= 1024));
        for e in &effect.evidence {
            let words = text.get(e.start as usize..e.end as usize);
            prop_assert!(words.is_some(), "{:?} {:?}", effect.rule, e);
        }
        if let EffectKind::OpenCase(request) = &effect.kind {
            prop_assert!((1..=256).contains(&request.title.len()));
        }
    }
    prop_assert_eq!(effects, pack.decide(case));
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_decided_on(
        text in "\\PC{0,80}|([A-Zzé🙄#@!?. \n]|#zonhelp|zon |IDIOOT |\u{301}){0,60}",
        name in "\\PC{0,12}",
        intent in "complaint|question|lead|spam|compliment|other",
    ) {
        let pack = &*PACK;
        let mut case = inbound(&text, Reach::Directed, &intent);
        case.classifications.push(classified("topic", "delivery", 0.6));
        check(&case, &text, pack)?;
        let mut case = outbound(&text);
        case.contact = Some(contact(Some(&name)));
        case.draft.as_mut().unwrap().purpose = Purpose::Marketing;
        case.situation.suppressions = vec![suppression(Purpose::Marketing, None, None)];
        check(&case, &text, pack)?;
    }
}

#[test]
fn huge_texts_are_decided_on_in_time() {
    let pack = &*PACK;
    for unit in [
        "IDIOOT ",
        "1d10t ",
        "a i d i o t ",
        "je bent een eikel ",
        "nou nou nou ja eikel",
        "k*t.",
        "id!0!0!",
        "l e e s ",
        "L E E S ",
        "GEEN ",
        "\"а\" ",
        "get lost, ",
        "@",
        "@a@",
        "A",
        "!",
        "#zonhelp ",
        "zon ",
        "#",
        "é🙄",
        "\u{301}",
        "ﷺ",
        " \n",
        "z.o.n. ",
        "zonzon",
        "%7aon",
        "&#122;on",
        "<b>zon",
        "](",
        "\u{202e}noz",
        "z()n|",
    ] {
        let text = unit.repeat(65_536 / unit.len());
        for case in [
            inbound(&text, Reach::Directed, "complaint"),
            outbound(&text),
        ] {
            let begin = Instant::now();
            check(&case, &text, pack).unwrap();
            let took = begin.elapsed();
            // A second or two without optimisation on an idle machine, and ten times that on a busy
            // one; a text that costs the square of its length would take many minutes.
            assert!(took < Duration::from_secs(40), "{unit:?}: {took:?}");
        }
    }
}

#[test]
fn speed_of_an_ordinary_draft() {
    let pack = pack(&SETTINGS.replace("\"zon\"", "\"Model Nine\""));
    let case = outbound(
        "Hoi Fenna, wat vervelend dat je zo lang moet wachten. Stuur je ons je bestelnummer in een DM? Dan zoeken we het meteen uit. #ZonHelpt",
    );
    let rounds = 2_000_u32;
    let begin = Instant::now();
    for _ in 0..rounds {
        assert!(
            !pack
                .decide(&case)
                .iter()
                .any(|e| e.kind == EffectKind::Deny)
        );
    }
    let per_case = begin.elapsed() / rounds;
    println!("{per_case:?} for a draft");
    assert!(per_case < Duration::from_millis(20));
}

//! Texts as long as the contract allows: within its limits, sound ranges, the same answer twice.

use rapport_sdk::social::Visibility;

use super::{decide, draft, message};

#[test]
fn any_text_is_decided_on_within_the_limits() {
    let units = [
        "",
        "klacht ",
        "NL91 ABNA 0417 1643 00 ",
        "stuur uw pin. ",
        "111222333 ",
        "@",
        "é🙄\u{301}",
        "lening ",
        "gehackt ",
        "kan niet betalen ",
        "http://x ",
        "a.",
        "\n",
        "advocaat journalist ",
        "wij adviseren u lenen gegarandeerd rendement ",
    ];
    for unit in units {
        let text = unit.repeat(65_536 / unit.len().max(1));
        for mut case in [message(&text), draft(&text)] {
            if let Some(draft) = &mut case.draft {
                draft.visibility = Visibility::SemiPrivate;
            }
            let effects = decide(&case);
            assert!(effects.len() <= 32, "{unit}");
            for effect in &effects {
                assert!(effect.evidence.len() <= 64 && effect.reason.len() == 2);
                assert!(effect.reason.iter().all(|r| r.text.len() <= 1024), "{unit}");
                let sound = |start, end| text.get(start as usize..end as usize).is_some();
                assert!(
                    effect.evidence.iter().all(|e| sound(e.start, e.end)),
                    "{unit}"
                );
            }
            assert_eq!(effects, decide(&case), "{unit}");
        }
    }
}

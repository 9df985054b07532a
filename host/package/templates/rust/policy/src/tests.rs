use super::Plugin;
use rapport_sdk::policy::{EffectKind, Moment, PolicyCase};
use rapport_sdk::{Pack, testing};

fn decide(content: &str, enabled: bool) -> Vec<EffectKind> {
    let settings = format!(
        r#"{{"no-promises": {{"enabled": {enabled}, "words": ["guarantee"], "release-role": "manager"}}}}"#
    );
    let plugin: Plugin = testing::configured(&settings);
    let case = PolicyCase {
        moment: Moment::Outbound,
        draft: Some(rapport_sdk::fill::draft(content)),
        ..PolicyCase::default()
    };
    let effects = plugin.decide(&case).unwrap();
    effects.into_iter().map(|effect| effect.kind).collect()
}

#[test]
fn holds_a_promise_and_nothing_else() {
    assert_eq!(
        decide("We GUARANTEE it.", true),
        [EffectKind::Hold("manager".into())]
    );
    assert_eq!(decide("We are looking into it.", true), []);
    assert_eq!(decide("We guarantee it.", false), []);
}

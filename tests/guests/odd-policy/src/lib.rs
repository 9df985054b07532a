//! A policy that is wrong in two ways, for the tests of replays: its answer to a case tells how many
//! cases it was shown together, and a message that says `trap` makes it trap, unless its setting `sound`
//! is on.
//!
//! Deliberately absent: anything useful.

use rapport_sdk::common::{ItemError, Localized, PluginError};
use rapport_sdk::policy::{Effect, EffectKind, Moment, PolicyCase, RuleInfo};
use rapport_sdk::{PolicyPack, export_policy};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the setting says.
static SOUND: AtomicBool = AtomicBool::new(false);

/// The policy.
pub struct OddPolicy;

export_policy!(OddPolicy);

const RULE: &str = "count";

fn says(text: &str) -> Vec<Localized> {
    vec![Localized {
        language: "en".to_owned(),
        text: text.to_owned(),
    }]
}

impl PolicyPack for OddPolicy {
    fn configure(settings: String) -> Result<(), String> {
        SOUND.store(settings.contains("\"sound\":true"), Ordering::Relaxed);
        Ok(())
    }

    fn rules() -> Vec<RuleInfo> {
        vec![RuleInfo {
            id: RULE.to_owned(),
            title: says("Count"),
            guards: says("Nothing"),
            moments: vec![Moment::Inbound],
            default_settings: "{}".to_owned(),
        }]
    }

    fn decide(cases: Vec<PolicyCase>) -> Result<Vec<Result<Vec<Effect>, ItemError>>, PluginError> {
        let together = cases.len();
        let answer = |case: &PolicyCase| {
            let message = case.message.as_ref();
            let fine = SOUND.load(Ordering::Relaxed) || message.is_none_or(|m| m.content != "trap");
            assert!(fine, "as told");
            Ok(vec![Effect {
                rule: RULE.to_owned(),
                kind: EffectKind::Label(format!("one of {together}")),
                reason: says("Counted."),
                evidence: Vec::new(),
            }])
        };
        Ok(cases.iter().map(answer).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_no_case() {
        assert_eq!(OddPolicy::decide(Vec::new()).map(|a| a.len()), Ok(0));
    }
}

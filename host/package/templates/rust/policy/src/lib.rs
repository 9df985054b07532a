//! One rule: an answer that promises something waits for a manager.

use rapport_sdk::prelude::*;

#[cfg(test)]
mod tests;

const RULE: &str = "no-promises";

/// The settings, as the schema in `plugin.toml` has them: a member for each rule.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plugin {
    no_promises: NoPromises,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct NoPromises {
    enabled: bool,
    words: Vec<String>,
    release_role: String,
}

impl Pack for Plugin {
    fn rules() -> Vec<RuleInfo> {
        vec![RuleInfo::new(
            RULE,
            Moment::Outbound,
            &[("nl", "Geen beloften"), ("en", "No promises")],
            &[
                ("nl", "Wat we beloven, weet een leidinggevende."),
                ("en", "A manager knows what we promise."),
            ],
        )]
    }

    fn decide(&self, case: &PolicyCase) -> Result<Vec<Effect>, ItemError> {
        let rule = &self.no_promises;
        let Some(draft) = case.draft.as_ref().filter(|_| rule.enabled) else {
            return Ok(vec![]);
        };
        let text = draft.content.to_lowercase();
        let Some(word) = rule.words.iter().find(|word| text.contains(*word)) else {
            return Ok(vec![]);
        };
        Ok(vec![Effect::new(
            RULE,
            EffectKind::Hold(rule.release_role.clone()),
            &[
                ("nl", &format!("Er staat een belofte in: {word}.")),
                ("en", &format!("It makes a promise: {word}.")),
            ],
        )])
    }
}

rapport_sdk::policy!(Plugin);

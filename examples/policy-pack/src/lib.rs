//! Careful answers: eight rules for customer service in financial services and energy.
//!
//! | module | what it is |
//! |---|---|
//! | `rules` | the list of rules; one file for each below it |
//! | `asked` | one case with its texts read once |
//! | `text` | a text as words, sentences and links |
//! | `phrases` | word lists, and where they stand in a text |
//! | `numbers` | account, citizen, card and connection numbers that pass their own check |
//! | `say` | effects with a reason in Dutch and in English |
//!
//! Invariants: an answer depends on the case and the settings alone; the event's own time is the
//! clock; no reason repeats a number or names an illness; what is withheld makes a rule more
//! careful, never less. Deliberately absent: judging by meaning. The rules look for words and
//! numbers, so that a person can see why each of them spoke.

mod asked;
mod numbers;
mod phrases;
mod rules;
mod say;
#[cfg(test)]
mod tests;
mod text;

use rapport_sdk::common::ItemError;
use rapport_sdk::policy::{Effect, PolicyCase, RuleInfo};
use rapport_sdk::{Configured, Pack};

use asked::Asked;
use rules::Rule;

/// The configured pack: the rules that are switched on, in the order in which they are shown.
pub struct CarefulAnswers {
    rules: Vec<Box<dyn Rule>>,
}

impl Configured for CarefulAnswers {
    fn from_settings(settings: &str) -> Result<Self, String> {
        let rules = rules::enabled(settings)?;
        Ok(Self { rules })
    }
}

impl Pack for CarefulAnswers {
    fn rules() -> Vec<RuleInfo> {
        rules::infos()
    }

    fn decide(&self, case: &PolicyCase) -> Result<Vec<Effect>, ItemError> {
        let asked = Asked::new(case);
        let mut effects = Vec::new();
        for rule in &self.rules {
            rule.decide(&asked, &mut effects);
        }
        Ok(effects)
    }
}

rapport_sdk::policy!(CarefulAnswers);

//! Service rules: whom to answer, complaints as cases, one public answer to a complaint, no
//! marketing meanwhile, tone of voice, embargoes and hashtags.
//!
//! Invariants: pure and deterministic; the case's own time is the clock; a rule that is off asks for
//! nothing; what is withheld makes a rule more careful, never less. Deliberately absent: judging
//! text by meaning; that is the classifiers' work.

mod pack;
mod reason;
mod rules;
mod settings;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::sync::OnceLock;

use rapport_sdk::PolicyPack;
use rapport_sdk::common::{ItemError, ItemErrorCode, PluginError};
use rapport_sdk::policy::{Effect, PolicyCase, RuleInfo};

use pack::Pack;

/// Longest draft or message that is judged, in bytes: the contract's limit.
const MAX_CONTENT_BYTES: usize = 65_536;

static PACK: OnceLock<Pack> = OnceLock::new();

/// The plugin.
pub struct Service;

impl PolicyPack for Service {
    fn configure(settings: String) -> Result<(), String> {
        PACK.set(Pack::new(&settings)?)
            .map_err(|_| "configured already".to_owned())
    }

    fn rules() -> Vec<RuleInfo> {
        rules::infos()
    }

    fn decide(cases: Vec<PolicyCase>) -> Result<Vec<Result<Vec<Effect>, ItemError>>, PluginError> {
        let pack = PACK
            .get()
            .ok_or_else(|| PluginError::InvalidInput("not configured yet".to_owned()))?;
        Ok(cases.iter().map(|case| decide(pack, case)).collect())
    }
}

rapport_sdk::export_policy!(Service);

fn decide(pack: &Pack, case: &PolicyCase) -> Result<Vec<Effect>, ItemError> {
    let draft = case.draft.as_ref().map_or(0, |d| d.content.len());
    let message = case.message.as_ref().map_or(0, |m| m.content.len());
    if draft.max(message) > MAX_CONTENT_BYTES {
        return Err(ItemError {
            code: ItemErrorCode::TooLong,
            message: format!("{} bytes, at most {MAX_CONTENT_BYTES}", draft.max(message)),
        });
    }
    Ok(pack.decide(case))
}

//! The rules, one file each, and their common list.
//!
//! A rule is made of its own settings and knows no other rule. Their order is that in which they are
//! shown; it matters where two of them route one message, because the host takes the first team:
//! fraud goes before care, care before lawyers and press, those before complaints. Invariant: the
//! defaults in `defaults.json` are those of the schema in `plugin.toml` (a test compares them).

pub mod complaint_procedure;
pub mod fraud_report;
pub mod legal_or_press;
pub mod never_ask_secrets;
pub mod no_advice_or_guarantee;
pub mod no_personal_data;
pub mod required_sentences;
pub mod vulnerable_customer;

use rapport_sdk::policy::{Effect, RuleInfo};
use serde::Deserialize;
use serde_json::Value;

use crate::asked::Asked;

/// The settings when the admin sets none: an object with a member for each rule.
pub const DEFAULTS: &str = include_str!("defaults.json");

/// One rule as configured.
pub trait Rule {
    /// Adds what the rule asks for.
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>);
}

/// The whole settings; the host has filled in the defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    fraud_report: fraud_report::Settings,
    vulnerable_customer: vulnerable_customer::Settings,
    legal_or_press: legal_or_press::Settings,
    complaint_procedure: complaint_procedure::Settings,
    no_personal_data: no_personal_data::Settings,
    never_ask_secrets: never_ask_secrets::Settings,
    no_advice_or_guarantee: no_advice_or_guarantee::Settings,
    required_sentences: required_sentences::Settings,
}

/// The rules that are switched on. The error names the rule and the field.
pub fn enabled(settings: &str) -> Result<Vec<Box<dyn Rule>>, String> {
    let s: Settings =
        serde_json::from_str(settings).map_err(|error| format!("settings: {error}"))?;
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    if s.fraud_report.enabled {
        rules.push(Box::new(fraud_report::FraudReport::new(s.fraud_report)?));
    }
    if s.vulnerable_customer.enabled {
        let rule = vulnerable_customer::VulnerableCustomer::new(s.vulnerable_customer)?;
        rules.push(Box::new(rule));
    }
    if s.legal_or_press.enabled {
        rules.push(Box::new(legal_or_press::LegalOrPress::new(
            s.legal_or_press,
        )?));
    }
    if s.complaint_procedure.enabled {
        let rule = complaint_procedure::ComplaintProcedure::new(s.complaint_procedure)?;
        rules.push(Box::new(rule));
    }
    if s.no_personal_data.enabled {
        rules.push(Box::new(no_personal_data::NoPersonalData::new(
            s.no_personal_data,
        )));
    }
    if s.never_ask_secrets.enabled {
        let rule = never_ask_secrets::NeverAskSecrets::new(s.never_ask_secrets)?;
        rules.push(Box::new(rule));
    }
    if s.no_advice_or_guarantee.enabled {
        let rule = no_advice_or_guarantee::NoAdviceOrGuarantee::new(s.no_advice_or_guarantee)?;
        rules.push(Box::new(rule));
    }
    if s.required_sentences.enabled {
        let rule = required_sentences::RequiredSentences::new(s.required_sentences)?;
        rules.push(Box::new(rule));
    }
    Ok(rules)
}

/// The rules, enabled or not.
pub fn infos() -> Vec<RuleInfo> {
    vec![
        fraud_report::info(),
        vulnerable_customer::info(),
        legal_or_press::info(),
        complaint_procedure::info(),
        no_personal_data::info(),
        never_ask_secrets::info(),
        no_advice_or_guarantee::info(),
        required_sentences::info(),
    ]
}

/// A rule's settings when the admin sets none, as JSON.
pub fn default_settings(id: &str) -> String {
    let all: Value = serde_json::from_str(DEFAULTS).unwrap_or_default();
    all.get(id)
        .map_or_else(|| "{}".to_owned(), Value::to_string)
}

//! Rapport's own classifiers and policy compiled into the host: what the sandbox is measured against.
//!
//! Only `rapport bench` uses it. Records are converted and answers checked by the same code as those
//! of sandboxed plugins, so that what differs is the sandbox. Deliberately absent: connectors, and
//! any way to use this for real messages.

use super::fault::{CallError, HostFault, PluginError};
use super::pure::{Item, Rule};
use super::{fault, limits, sanitize};
use crate::domain::annotation::Classification;
use crate::domain::effects::Effect;
use crate::domain::policy::PolicyCase;
use crate::domain::social::SourceMessage;
use rapport_package::Manifest;
use rapport_sdk::{Classifier, PolicyPack};

/// The contract's records as the plugins' side has them.
mod wire {
    pub use rapport_sdk::social;
    pub use rapport_sdk::{annotation, channel as channel_types, common, policy as policy_types};
}

#[allow(
    dead_code,
    clippy::duplicate_mod,
    reason = "the same conversions over other records; connectors are never native"
)]
#[path = "convert.rs"]
mod convert;
#[allow(
    dead_code,
    clippy::duplicate_mod,
    reason = "the same conversions over other records; rules are taken over from the sandboxed plugin"
)]
#[path = "convert_policy.rs"]
mod convert_policy;

type Answer<T> = Result<Vec<Result<Vec<T>, wire::common::ItemError>>, wire::common::PluginError>;

/// The entrance to a plugin's logic.
pub(super) enum Native {
    Classifier(fn(Vec<wire::social::Message>) -> Answer<wire::annotation::Classification>),
    Policy(fn(Vec<wire::policy_types::PolicyCase>) -> Answer<wire::policy_types::Effect>),
}

impl Native {
    /// Configures the logic of one of Rapport's own plugins, which can be done once in a process.
    pub fn of(id: &str, settings: &str) -> Option<Self> {
        fn classifier<C: Classifier>(settings: &str) -> Option<Native> {
            C::configure(settings.to_owned()).ok()?;
            Some(Native::Classifier(C::classify))
        }
        match id {
            "classify-language" => classifier::<native_classify_language::Language>(settings),
            "classify-sentiment" => classifier::<native_classify_sentiment::Sentiment>(settings),
            "classify-topic" => classifier::<native_classify_topic::Topic>(settings),
            "policy-service" => {
                native_policy_service::Service::configure(settings.to_owned()).ok()?;
                Some(Native::Policy(native_policy_service::Service::decide))
            }
            _ => None,
        }
    }

    pub fn classify(
        &self,
        manifest: &Manifest,
        messages: &[SourceMessage],
    ) -> Result<Vec<Item<Vec<Classification>>>, CallError> {
        let Native::Classifier(classify) = self else {
            return Err(HostFault::Contract("not a classifier".into()).into());
        };
        let found = classify(messages.iter().map(convert::message_out).collect());
        checked(found, messages, |found, message| {
            let (id, version) = (&manifest.id, &manifest.version);
            convert_policy::classifications_in(found, &message.content, id, version)
        })
    }

    pub fn decide(
        &self,
        rules: &[Rule],
        cases: &[PolicyCase],
    ) -> Result<Vec<Item<Vec<Effect>>>, CallError> {
        let Native::Policy(decide) = self else {
            return Err(HostFault::Contract("not a policy pack".into()).into());
        };
        let switches: Vec<_> = rules
            .iter()
            .map(|rule| convert_policy::RuleSwitch {
                id: rule.id.clone(),
                enabled: rule.enabled,
            })
            .collect();
        let effects = decide(cases.iter().map(convert_policy::case_out).collect());
        checked(effects, cases, |effects, case| {
            convert_policy::effects_in(effects, case, &switches)
        })
    }
}

/// Each input's answer, checked.
fn checked<I, W, T>(
    answer: Answer<W>,
    inputs: &[I],
    check: impl Fn(Vec<W>, &I) -> Result<Vec<T>, HostFault>,
) -> Result<Vec<Item<Vec<T>>>, CallError> {
    let items =
        answer.map_err(|error| CallError::Plugin(PluginError::Permanent(format!("{error:?}"))))?;
    items
        .into_iter()
        .zip(inputs)
        .map(|(item, input)| match item {
            Ok(found) => Ok(Ok(check(found, input)?)),
            Err(error) => Ok(Err(CallError::Plugin(PluginError::InvalidInput(
                sanitize::text(error.message),
            )))),
        })
        .collect()
}

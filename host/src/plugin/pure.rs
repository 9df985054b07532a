//! Calls of pure plugins: classifiers and policy packs. Every batch gets a fresh instance.
//!
//! A fault in a batch says nothing about which item caused it, so the items are then called one by
//! one, until it is clear that the plugin, not an item, is broken.

use super::breaker::Breaker;
use super::budget::Overdue;
use super::call::{Call, own_share};
use super::convert::message_out;
use super::convert_policy::{
    RuleSwitch, case_out, classifications_in, effects_in, localized_in, moment_in,
};
use super::engine::Engines;
use super::fault::{CallError, HostFault, PluginError};
use super::limits;
use super::native::Native;
use super::prepare::{Freeze, PrepareError, Prepared, World, prepare};
use super::settings::Settings;
use super::state::HostState;
use crate::domain::annotation::{Classification, Localized, Moment};
use crate::domain::effects::Effect;
use crate::domain::policy::{PolicyCase, withhold_message};
use crate::domain::social::SourceMessage;
use crate::telemetry::trace;
use futures_util::future::BoxFuture;
use rapport_bindings::common;
use rapport_package::{Kind, Manifest, Package};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The contract's answer to a batch: to each item, or why there is none.
type Answer<W> = Result<Vec<Result<W, common::ItemError>>, common::PluginError>;

/// What one item came to: an answer, or why there is none.
pub type Item<T> = Result<T, CallError>;

/// The answers to one batch, in order, and what it cost.
#[derive(Debug)]
pub struct Batch<T> {
    pub items: Vec<Item<T>>,
    /// Fuel of the calls that were answered.
    pub fuel: u64,
}

/// A rule as the admin sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub id: String,
    pub enabled: bool,
    pub title: Vec<Localized>,
    pub guards: Vec<Localized>,
    pub moments: Vec<Moment>,
    pub default_settings: String,
}

/// A classifier or policy pack, configured and ready.
pub struct PurePlugin {
    pub manifest: Manifest,
    pub digest: String,
    pub settings: Settings,
    /// Policy packs only.
    pub rules: Vec<Rule>,
    pub breaker: Breaker,
    /// Fields asked for and fields granted.
    pub asked: Vec<String>,
    pub granted: Vec<String>,
    engines: Arc<Engines>,
    share: Arc<Semaphore>,
    prepared: Prepared,
}

impl PurePlugin {
    /// Configures the plugin. `withhold` names fields that the admin does not grant; those that the
    /// host does not fill yet are withheld too.
    pub async fn load(
        engines: &Arc<Engines>,
        package: &Package,
        settings: Settings,
        withhold: &[String],
        freeze: Freeze,
    ) -> Result<Self, PrepareError> {
        let prepared = prepare(engines, package, &settings.text, &settings.digest, freeze).await?;
        let fields = package.manifest.permissions.fields.iter();
        let asked: Vec<String> = fields.map(|f| f.field.clone()).collect();
        let provided = package.manifest.provided();
        let granted = provided
            .filter(|field| !withhold.contains(field))
            .cloned()
            .collect();
        let mut plugin = Self {
            manifest: package.manifest.clone(),
            digest: package.digest.clone(),
            settings,
            rules: Vec::new(),
            breaker: Breaker::default(),
            asked,
            granted,
            engines: Arc::clone(engines),
            share: own_share(),
            prepared,
        };
        if plugin.manifest.kind == Kind::Policy {
            plugin.rules = plugin.ask_rules().await?;
        }
        Ok(plugin)
    }

    /// The same plugin with the same settings, its logic compiled into the host instead of sandboxed:
    /// to measure the sandbox against. None of a plugin that is not Rapport's own, and of one whose
    /// native logic was configured otherwise before, as that can be done once in a process.
    pub fn native_twin(&self) -> Option<Self> {
        let native = Native::of(&self.manifest.id, &self.settings.text)?;
        Some(Self {
            manifest: self.manifest.clone(),
            digest: self.digest.clone(),
            settings: self.settings.clone(),
            rules: self.rules.clone(),
            breaker: Breaker::default(),
            asked: self.asked.clone(),
            granted: self.granted.clone(),
            engines: Arc::clone(&self.engines),
            share: own_share(),
            prepared: Prepared {
                world: World::Native(native),
                frozen: false,
                settings: String::new(),
            },
        })
    }

    /// Whether it starts from a frozen, configured instance.
    pub fn is_frozen(&self) -> bool {
        self.prepared.frozen
    }

    async fn begin(&self) -> Result<Call, HostFault> {
        let memory_mb = self.manifest.limits.memory_mb;
        let fuel_ms = self
            .manifest
            .limits
            .time_ms
            .min(limits::PURE_TIME_CEILING_MS);
        let runtime = self.engines.runtime(self.manifest.kind);
        let state = HostState::pure(memory_mb);
        Call::begin(
            runtime,
            &[&self.share],
            state,
            memory_mb,
            fuel_ms,
            limits::PURE_WAITING,
        )
        .await
    }

    async fn ask_rules(&self) -> Result<Vec<Rule>, PrepareError> {
        let World::Policy(pre) = &self.prepared.world else {
            return Ok(Vec::new());
        };
        let mut call = self.begin().await.map_err(PrepareError::Fault)?;
        let time = call.time();
        let run = async {
            let bindings = pre.instantiate_async(&mut call.store).await?;
            if !self.prepared.frozen {
                let _ = bindings
                    .call_configure(&mut call.store, &self.prepared.settings)
                    .await?;
            }
            bindings.call_rules(&mut call.store).await
        };
        let outcome = time.run(run).await;
        let infos = call
            .settle(&self.manifest.id, outcome)
            .map_err(PrepareError::Fault)?;
        if infos.len() > limits::RULES {
            return Err(PrepareError::Load(format!(
                "more than {} rules",
                limits::RULES
            )));
        }
        let mut rules: Vec<Rule> = Vec::new();
        for info in infos {
            if !rapport_package::manifest::is_id(&info.id) || rules.iter().any(|r| r.id == info.id)
            {
                return Err(PrepareError::Load(
                    "rule ids must be lower-case words, each once".into(),
                ));
            }
            let enabled = self
                .settings
                .value
                .get(&info.id)
                .and_then(|r| r.get("enabled"));
            rules.push(Rule {
                enabled: enabled.and_then(serde_json::Value::as_bool).unwrap_or(true),
                id: info.id,
                title: localized_in(info.title),
                guards: localized_in(info.guards),
                moments: info.moments.into_iter().map(moment_in).collect(),
                default_settings: super::sanitize::content(info.default_settings),
            });
        }
        Ok(rules)
    }

    /// Classifies messages. Those that the manifest did not ask to know the author of go without.
    pub async fn classify(&self, messages: &[SourceMessage]) -> Batch<Vec<Classification>> {
        let shown = |field: &str| self.granted.iter().any(|g| g == field);
        let inputs: Vec<SourceMessage> = messages
            .iter()
            .map(|message| {
                let mut message = message.clone();
                withhold_message(&mut message, &shown);
                message
            })
            .collect();
        let asked = in_batches(&inputs, |chunk| Box::pin(self.classify_once(chunk)));
        trace::stage("classify", Some(&self.manifest.id), asked).await
    }

    async fn classify_once(
        &self,
        messages: &[SourceMessage],
    ) -> Result<(Vec<Item<Vec<Classification>>>, u64), CallError> {
        if let World::Native(native) = &self.prepared.world {
            return Ok((native.classify(&self.manifest, messages)?, 0));
        }
        let World::Classifier(pre) = &self.prepared.world else {
            return Err(HostFault::Contract("not a classifier".into()).into());
        };
        self.breaker.admit()?;
        let mut call = self.begin().await?;
        let wire: Vec<_> = messages.iter().map(message_out).collect();
        let time = call.time();
        let run = async {
            let bindings = pre.instantiate_async(&mut call.store).await?;
            if !self.prepared.frozen {
                let _ = bindings
                    .call_configure(&mut call.store, &self.prepared.settings)
                    .await?;
            }
            bindings.call_classify(&mut call.store, &wire).await
        };
        let outcome = time.run(run).await;
        let (id, version) = (&self.manifest.id, &self.manifest.version);
        self.answered(&call, outcome, messages, |found, message| {
            classifications_in(found, &message.content, id, version)
        })
    }

    /// Asks the pack about cases. The cases come with everything; what is not granted is withheld
    /// here, and the cases as shown are handed back for the record.
    pub async fn decide(&self, cases: &mut [PolicyCase]) -> Batch<Vec<Effect>> {
        for case in cases.iter_mut() {
            case.withhold(&self.asked, &self.granted);
        }
        let asked = in_batches(cases, |chunk| Box::pin(self.decide_once(chunk)));
        trace::stage("decide", Some(&self.manifest.id), asked).await
    }

    async fn decide_once(
        &self,
        cases: &[PolicyCase],
    ) -> Result<(Vec<Item<Vec<Effect>>>, u64), CallError> {
        if let World::Native(native) = &self.prepared.world {
            return Ok((native.decide(&self.rules, cases)?, 0));
        }
        let World::Policy(pre) = &self.prepared.world else {
            return Err(HostFault::Contract("not a policy pack".into()).into());
        };
        self.breaker.admit()?;
        let mut call = self.begin().await?;
        let wire: Vec<_> = cases.iter().map(case_out).collect();
        let time = call.time();
        let run = async {
            let bindings = pre.instantiate_async(&mut call.store).await?;
            if !self.prepared.frozen {
                let _ = bindings
                    .call_configure(&mut call.store, &self.prepared.settings)
                    .await?;
            }
            bindings.call_decide(&mut call.store, &wire).await
        };
        let outcome = time.run(run).await;
        let switches: Vec<RuleSwitch> = self
            .rules
            .iter()
            .map(|rule| RuleSwitch {
                id: rule.id.clone(),
                enabled: rule.enabled,
            })
            .collect();
        self.answered(&call, outcome, cases, |effects, case| {
            effects_in(effects, case, &switches)
        })
    }

    /// What a call came to: an answer to each input, each checked, and the fuel that it took.
    fn answered<I, W, T>(
        &self,
        call: &Call,
        outcome: Result<wasmtime::Result<Answer<W>>, Overdue>,
        inputs: &[I],
        check: impl Fn(W, &I) -> Result<T, HostFault>,
    ) -> Result<(Vec<Item<T>>, u64), CallError> {
        let fuel = call.fuel_used();
        let checked = call.settle(&self.manifest.id, outcome).map(|answer| {
            let items = answer.map_err(|e| CallError::Plugin(e.into()))?;
            expect_len(items.len(), inputs.len())?;
            items
                .into_iter()
                .zip(inputs)
                .map(|(item, input)| match item {
                    Ok(said) => Ok(Ok(check(said, input)?)),
                    Err(e) => Ok(Err(item_error(e))),
                })
                .collect::<Result<Vec<_>, CallError>>()
        });
        Ok((self.finish(checked, call.took())?, fuel))
    }

    /// Tells the breaker how the call ended.
    fn finish<T>(
        &self,
        checked: Result<Result<T, CallError>, HostFault>,
        took: Duration,
    ) -> Result<T, CallError> {
        let outcome = checked.map_err(CallError::Fault).and_then(|inner| inner);
        match &outcome {
            Err(CallError::Fault(fault)) => self.breaker.record(Some(fault), took),
            _ => self.breaker.record(None, took),
        }
        outcome
    }
}

/// Calls in chunks; where a whole chunk faults, item by item until it is clear that the plugin, not
/// an item, is broken.
async fn in_batches<'a, I, T>(
    inputs: &'a [I],
    once: impl Fn(&'a [I]) -> BoxFuture<'a, Result<(Vec<Item<T>>, u64), CallError>>,
) -> Batch<T> {
    let mut batch = Batch {
        items: Vec::with_capacity(inputs.len()),
        fuel: 0,
    };
    for chunk in inputs.chunks(limits::BATCH) {
        match once(chunk).await {
            Ok((items, fuel)) => {
                batch.items.extend(items);
                batch.fuel += fuel;
            }
            Err(CallError::Fault(fault)) if chunk.len() > 1 && is_isolable(&fault) => {
                let mut faults = 0;
                for item in chunk {
                    if faults >= limits::SINGLE_FAULTS {
                        batch.items.push(Err(fault.clone().into()));
                        continue;
                    }
                    let one = once(std::slice::from_ref(item)).await;
                    faults += usize::from(matches!(one, Err(CallError::Fault(_))));
                    batch.items.push(one.and_then(|(items, fuel)| {
                        batch.fuel += fuel;
                        single(items)
                    }));
                }
            }
            Err(error) => batch.items.extend(chunk.iter().map(|_| Err(error.clone()))),
        }
    }
    batch
}

/// Whether calling the items one by one can help.
fn is_isolable(fault: &HostFault) -> bool {
    !matches!(fault, HostFault::BreakerOpen(..) | HostFault::Busy)
}

fn expect_len(got: usize, expected: usize) -> Result<(), HostFault> {
    if got == expected {
        return Ok(());
    }
    Err(HostFault::Contract(format!(
        "{got} answers to {expected} items"
    )))
}

/// The only item of a batch of one.
fn single<T>(mut items: Vec<Item<T>>) -> Item<T> {
    items
        .pop()
        .unwrap_or_else(|| Err(HostFault::Contract("no answer".into()).into()))
}

fn item_error(error: common::ItemError) -> CallError {
    CallError::Plugin(PluginError::InvalidInput(super::sanitize::text(
        error.message,
    )))
}

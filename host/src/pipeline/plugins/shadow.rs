//! A candidate that runs beside the version in force on live traffic, with its effects off: it is asked
//! the same, what it says is compared and thrown away. Nobody waits for it: one batch at a time, and what
//! comes meanwhile is skipped and counted.

use super::{Loaded, Plugins};
use crate::domain::agreement::{Agreement, Subject, effects, labels};
use crate::domain::policy::PolicyCase;
use crate::domain::social::SourceMessage;
use crate::pipeline::classify::Classified;
use crate::pipeline::decide::PolicyAnswer;
use crate::plugin::pure::{Batch, PurePlugin};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A candidate and what came of it since it was loaded.
pub struct Shadow {
    pub plugin: Arc<PurePlugin>,
    agreement: Mutex<Agreement>,
    turn: Arc<Semaphore>,
}

impl Shadow {
    pub fn new(plugin: Arc<PurePlugin>) -> Self {
        Self {
            plugin,
            agreement: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// What came of it so far.
    pub fn agreement(&self) -> Agreement {
        self.with(|agreement| agreement.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Agreement) -> T) -> T {
        work(
            &mut self
                .agreement
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn id(&self) -> &str {
        &self.plugin.manifest.id
    }

    /// Asks in a task of its own, when it is free, and compares.
    fn compare<T, R, F>(
        self: &Arc<Self>,
        asked: Vec<Asked<T>>,
        ask: impl FnOnce(Arc<PurePlugin>, Vec<T>) -> F,
        words: impl Fn(&[R]) -> BTreeSet<String> + Send + 'static,
    ) where
        F: Future<Output = Batch<Vec<R>>> + Send + 'static,
        R: Send,
    {
        if asked.is_empty() {
            return;
        }
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            self.with(|agreement| agreement.skipped += asked.len() as u64);
            return;
        };
        let split = |one: Asked<T>| (one.input, (one.subject, one.current));
        let (inputs, judged): (Vec<T>, Vec<_>) = asked.into_iter().map(split).unzip();
        let (shadow, answer) = (Arc::clone(self), ask(Arc::clone(&self.plugin), inputs));
        tokio::spawn(async move {
            let items = answer.await.items;
            shadow.with(|agreement| {
                for ((subject, current), item) in judged.into_iter().zip(items) {
                    let said = item.ok().map(|said| words(&said));
                    agreement.add(subject, &current, said.as_ref());
                }
            });
            drop(turn);
        });
    }
}

/// Something to be asked about, and what the version in force says of it.
struct Asked<T> {
    input: T,
    subject: Subject,
    current: BTreeSet<String>,
}

impl Loaded {
    /// Asks candidates of classifiers about what was just classified.
    pub fn shadow_classified(&self, classified: &[Classified]) {
        for shadow in &self.shadows {
            let of = |c: &Classified| {
                let said = c.said.iter().find(|said| said.plugin == shadow.id())?;
                Some(Asked {
                    input: c.message.source.clone(),
                    subject: c.subject(),
                    current: labels(&said.found),
                })
            };
            let asked = classified.iter().filter_map(of).collect();
            let ask = |plugin: Arc<PurePlugin>, sources: Vec<SourceMessage>| async move {
                plugin.classify(&sources).await
            };
            shadow.compare(asked, ask, labels);
        }
    }

    /// Asks candidates of policies about what was just decided. The cases are as they were before
    /// anything was withheld.
    pub fn shadow_decided(
        &self,
        cases: &[PolicyCase],
        answers: &[Vec<PolicyAnswer>],
        subject: impl Fn(usize) -> Subject,
    ) {
        for shadow in &self.shadows {
            let mut asked = Vec::new();
            for (index, (case, answers)) in cases.iter().zip(answers).enumerate() {
                let mut all = answers.iter();
                if let Some(answer) = all.find(|a| a.evaluation.plugin == shadow.id()) {
                    asked.push(Asked {
                        input: case.clone(),
                        subject: subject(index),
                        current: effects(&answer.effects),
                    });
                }
            }
            let ask = |plugin: Arc<PurePlugin>, mut cases: Vec<PolicyCase>| async move {
                plugin.decide(&mut cases).await
            };
            shadow.compare(asked, ask, effects);
        }
    }
}

impl Plugins {
    /// The candidates that run in the shadow, with what came of them.
    pub fn shadows(&self) -> Vec<(String, String, Agreement)> {
        let loaded = self.now();
        let report = |shadow: &Arc<Shadow>| {
            let plugin = &shadow.plugin;
            (
                plugin.manifest.id.clone(),
                plugin.digest.clone(),
                shadow.agreement(),
            )
        };
        loaded.shadows.iter().map(report).collect()
    }
}

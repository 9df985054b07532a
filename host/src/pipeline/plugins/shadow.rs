//! A candidate that runs beside the version in force on live traffic, with its effects off: it is asked
//! the same, what it says is compared and thrown away. Nobody waits for it: one batch at a time, and what
//! comes meanwhile is skipped and counted.

use super::{Loaded, Plugins};
use crate::domain::agreement::{Agreement, Subject, effects, labels};
use crate::domain::policy::PolicyCase;
use crate::domain::social::SourceMessage;
use crate::pipeline::classify::Classified;
use crate::pipeline::decide::PolicyAnswer;
use crate::plugin::pure::PurePlugin;
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
    pub fn new(plugin: PurePlugin) -> Self {
        Self {
            plugin: Arc::new(plugin),
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

    /// Compares in a task of its own, when it is free.
    fn compare<F>(self: &Arc<Self>, count: usize, ask: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = Vec<Compared>> + Send + 'static,
    {
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            self.with(|agreement| agreement.skipped += count as u64);
            return;
        };
        let (shadow, asked) = (Arc::clone(self), ask(Arc::clone(self)));
        tokio::spawn(async move {
            let compared = asked.await;
            shadow.with(|agreement| {
                for (subject, current, candidate) in compared {
                    agreement.add(subject, &current, candidate.as_ref());
                }
            });
            drop(turn);
        });
    }
}

/// What is judged, what the version in force says of it, and what the candidate says.
type Compared = (Subject, BTreeSet<String>, Option<BTreeSet<String>>);

impl Loaded {
    /// Asks candidates of classifiers about what was just classified.
    pub fn shadow_classified(&self, classified: &[Classified]) {
        for shadow in &self.shadows {
            let of = |c: &Classified| {
                let said = c.said.iter().find(|said| said.plugin == shadow.id())?;
                Some((c.message.source.clone(), c.subject(), labels(&said.found)))
            };
            let asked: Vec<_> = classified.iter().filter_map(of).collect();
            if asked.is_empty() {
                continue;
            }
            shadow.compare(asked.len(), |shadow| async move {
                let sources: Vec<SourceMessage> = asked.iter().map(|a| a.0.clone()).collect();
                let batch = shadow.plugin.classify(&sources).await;
                let answers = batch.items.into_iter().map(Result::ok);
                asked
                    .into_iter()
                    .zip(answers)
                    .map(|((_, subject, current), item)| {
                        (subject, current, item.map(|found| labels(&found)))
                    })
                    .collect()
            });
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
                    asked.push((case.clone(), subject(index), effects(&answer.effects)));
                }
            }
            if asked.is_empty() {
                continue;
            }
            shadow.compare(asked.len(), |shadow| async move {
                let mut cases: Vec<PolicyCase> = asked.iter().map(|a| a.0.clone()).collect();
                let batch = shadow.plugin.decide(&mut cases).await;
                let answers = batch.items.into_iter().map(Result::ok);
                asked
                    .into_iter()
                    .zip(answers)
                    .map(|((_, subject, current), item)| {
                        (subject, current, item.map(|found| effects(&found)))
                    })
                    .collect()
            });
        }
    }

    /// Whether cases must be kept for a candidate.
    pub fn has_shadows(&self) -> bool {
        !self.shadows.is_empty()
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

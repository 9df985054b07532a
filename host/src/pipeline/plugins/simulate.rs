//! A candidate over stored history, which is only read: what would it have said, and where is that other
//! than what was said? A classifier is asked about the messages, a policy about the recorded cases of
//! its own id, or, if that never decided anything, those of another policy with what that one saw.
//!
//! Deliberately absent: anything that follows from it. What was withheld then is withheld now.

use crate::db::{Db, DbError};
use crate::domain::TimestampMs;
use crate::domain::agreement::{Agreement, Subject, effects, labels};
use crate::domain::annotation::Evaluation;
use crate::domain::effects::Effect;
use crate::domain::policy::PolicyCase;
use crate::pipeline::replay::{EffectRecord, recorded_case};
use crate::pipeline::situate::source_of;
use crate::plugin::pure::PurePlugin;
use rapport_package::Kind;
use serde::Serialize;

/// Messages or cases in one call.
const BATCH: u32 = 200;

/// What a simulation came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    pub plugin: String,
    pub version: String,
    pub digest: String,
    pub since: TimestampMs,
    /// Whose recorded cases it was asked about; none for a classifier.
    pub cases_of: Option<String>,
    /// Recorded cases whose input is gone, or that can't be read.
    pub unreadable: u64,
    #[serde(flatten)]
    pub agreement: Agreement,
}

/// Runs it; `progress` hears of each batch.
pub async fn run(
    db: &Db,
    candidate: &PurePlugin,
    since: TimestampMs,
    mut progress: impl FnMut(u64),
) -> Result<Simulation, DbError> {
    let mut simulation = Simulation {
        plugin: candidate.manifest.id.clone(),
        version: candidate.manifest.version.clone(),
        digest: candidate.digest.clone(),
        since,
        cases_of: None,
        unreadable: 0,
        agreement: Agreement::default(),
    };
    match candidate.manifest.kind {
        Kind::Classifier => simulation.classify(db, candidate, &mut progress).await?,
        Kind::Policy => simulation.decide(db, candidate, &mut progress).await?,
        Kind::Channel => {}
    }
    Ok(simulation)
}

impl Simulation {
    async fn classify(
        &mut self,
        db: &Db,
        candidate: &PurePlugin,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), DbError> {
        let mut after = String::new();
        loop {
            let messages = db.message_history(self.since, &after, BATCH).await?;
            let Some(last) = messages.last() else {
                return Ok(());
            };
            after = last.id.clone();
            let sources: Vec<_> = messages.iter().map(source_of).collect();
            let batch = candidate.classify(&sources).await;
            for (message, item) in messages.iter().zip(batch.items) {
                let said = db.classification_list(&message.id).await?;
                let said: Vec<_> = said
                    .into_iter()
                    .filter(|c| c.plugin == self.plugin)
                    .collect();
                let subject = Subject {
                    message_id: Some(message.id.clone()),
                    contact_id: message.contact_id.clone(),
                    draft_id: None,
                };
                let found = item.ok().map(|found| labels(&found));
                self.agreement.add(subject, &labels(&said), found.as_ref());
            }
            progress(messages.len() as u64);
        }
    }

    async fn decide(
        &mut self,
        db: &Db,
        candidate: &PurePlugin,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), DbError> {
        let own = self.plugin.clone();
        let of = match db
            .evaluation_history(&own, self.since, "", 1)
            .await?
            .is_empty()
        {
            true => db.evaluation_plugin_any(self.since).await?.unwrap_or(own),
            false => own,
        };
        self.cases_of = Some(of.clone());
        let mut after = String::new();
        loop {
            let evaluations = db
                .evaluation_history(&of, self.since, &after, BATCH)
                .await?;
            let Some(last) = evaluations.last() else {
                return Ok(());
            };
            after = last.id.clone();
            let seen = evaluations.len() as u64;
            let read = |evaluation: Evaluation| {
                let case = recorded_case(&evaluation);
                case.ok().map(|case| (evaluation, case))
            };
            let readable: Vec<(Evaluation, PolicyCase)> =
                evaluations.into_iter().filter_map(read).collect();
            self.unreadable += seen - readable.len() as u64;
            let mut cases: Vec<_> = readable.iter().map(|(_, case)| case.clone()).collect();
            let batch = candidate.decide(&mut cases).await;
            for ((evaluation, _), item) in readable.iter().zip(batch.items) {
                let current = match of == self.plugin {
                    true => stored_effects(db, &evaluation.id).await?,
                    // Another policy's words are no measure.
                    false => Vec::new(),
                };
                let subject = subject_of(db, evaluation).await?;
                let found = item.ok().map(|found| effects(&found));
                self.agreement
                    .add(subject, &effects(&current), found.as_ref());
            }
            progress(seen);
        }
    }
}

async fn stored_effects(db: &Db, evaluation_id: &str) -> Result<Vec<Effect>, DbError> {
    let decisions = db.evaluation_decisions(evaluation_id).await?;
    let effects = decisions.iter().map(EffectRecord::from);
    Ok(effects.filter_map(|record| record.effect()).collect())
}

async fn subject_of(db: &Db, evaluation: &Evaluation) -> Result<Subject, DbError> {
    let message = match &evaluation.message_id {
        Some(id) => db.message_get(id).await?,
        None => None,
    };
    Ok(Subject {
        message_id: evaluation.message_id.clone(),
        draft_id: evaluation.draft_id.clone(),
        contact_id: message.and_then(|m| m.contact_id),
    })
}

//! Stores what was said and decided of a wave of messages: one commit, and the events are done.

use super::changes::Changes;
use super::classify::Classified;
use super::decide::PolicyAnswer;
use super::route::{Subject, plan};
use super::telling::{tell_case, tell_decisions, tell_message};
use crate::db::annotation::{
    Said, classifications_replace_in_tx, decisions_insert_in_tx, evaluations_insert_in_tx,
};
use crate::db::casework::{
    cases_insert_in_tx, cases_raise_in_tx, conversations_change_in_tx, suppressions_insert_in_tx,
    tasks_insert_in_tx,
};
use crate::db::event::events_done_in_tx;
use crate::db::webhook::Outgoing;
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::annotation::{Decision, Evaluation};
use crate::domain::webhook::EventType;
use crate::domain::{Id, new_id, now_ms};

pub async fn run(
    db: &Db,
    changes: &Changes,
    wave: &[Classified],
    answers: &[Vec<PolicyAnswer>],
) -> Result<(), DbError> {
    let mut records = Records::default();
    let mut plans = Vec::with_capacity(wave.len());
    let mut said = Vec::new();
    let mut tx = db.begin_redoable().await?;
    let mut outgoing = Outgoing::in_tx(&mut tx).await?;
    let leases: Vec<(i64, u32)> = wave
        .iter()
        .map(|c| (c.message.seq, c.message.attempts))
        .collect();
    let done = events_done_in_tx(&mut tx, &leases, now_ms()).await?;
    for (classified, answers) in wave.iter().zip(answers) {
        let judge = &classified.message;
        // Another host has it by now, and decides.
        if !done.contains(&judge.seq) {
            continue;
        }
        said.extend(classified.said.iter().map(|said| Said {
            message_id: &judge.message_id,
            plugin: &said.plugin,
            plugin_digest: &said.plugin_digest,
            settings_digest: &said.settings_digest,
            found: &said.found,
        }));
        let before = records.decisions.len();
        records.add(answers, Some(&judge.message_id), None);
        tell_message(&mut outgoing, judge);
        tell_decisions(&mut outgoing, &judge.inbox_id, &records.decisions[before..]);
        let subject = Subject {
            message_id: &judge.message_id,
            conversation_id: &judge.conversation_id,
            contact_id: &judge.contact_id,
            received: judge.received,
        };
        let effects = answers.iter().flat_map(|answer| &answer.effects);
        plans.push((judge, plan(&subject, effects)));
    }
    let mut told = Vec::new();
    classifications_replace_in_tx(&mut tx, &said).await?;
    records.insert_in_tx(&mut tx).await?;
    // A wave has each conversation once.
    let changed: Vec<_> = plans
        .iter()
        .map(|(judge, plan)| (judge.conversation_id.as_str(), &plan.conversation))
        .collect();
    conversations_change_in_tx(&mut tx, &changed).await?;
    // Before what the wave itself opens.
    let raised = plans.iter().filter_map(|(judge, plan)| {
        let priority = plan.raise_cases?;
        Some((judge.conversation_id.as_str(), priority))
    });
    cases_raise_in_tx(&mut tx, raised).await?;
    cases_insert_in_tx(&mut tx, plans.iter().flat_map(|(_, plan)| &plan.cases)).await?;
    let suppressions = plans.iter().flat_map(|(_, plan)| &plan.suppressions);
    suppressions_insert_in_tx(&mut tx, suppressions).await?;
    tasks_insert_in_tx(&mut tx, plans.iter().flat_map(|(_, plan)| &plan.tasks)).await?;
    for (judge, plan) in &plans {
        for case in &plan.cases {
            tell_case(&mut outgoing, EventType::CaseOpened, &judge.inbox_id, case);
            told.push(("case", case.id.clone()));
        }
        outgoing
            .tell_conversation_in_tx(&mut tx, &judge.inbox_id, &judge.conversation_id)
            .await?;
        told.push(("message", judge.message_id.clone()));
        told.push(("conversation", judge.conversation_id.clone()));
    }
    outgoing.store_in_tx(&mut tx, now_ms()).await?;
    commit(tx).await?;
    for (kind, id) in told {
        changes.tell(kind, &id);
    }
    Ok(())
}

/// Evaluations and a decision for each effect.
#[derive(Default)]
struct Records {
    evaluations: Vec<Evaluation>,
    decisions: Vec<Decision>,
}

impl Records {
    fn add(&mut self, answers: &[PolicyAnswer], message_id: Option<&Id>, draft_id: Option<&Id>) {
        for answer in answers {
            let mut evaluation = answer.evaluation.clone();
            evaluation.message_id = message_id.cloned();
            evaluation.draft_id = draft_id.cloned();
            for effect in &answer.effects {
                self.decisions.push(Decision {
                    id: new_id(),
                    evaluation_id: evaluation.id.clone(),
                    message_id: message_id.cloned(),
                    draft_id: draft_id.cloned(),
                    moment: evaluation.moment,
                    plugin: evaluation.plugin.clone(),
                    rule: effect.rule.clone(),
                    effect: effect.body.kind(),
                    detail: effect.body.detail(),
                    reason: effect.reason.clone(),
                    evidence: effect.evidence.clone(),
                    withheld: answer.withheld.clone(),
                    decided: evaluation.evaluated,
                });
            }
            self.evaluations.push(evaluation);
        }
    }

    async fn insert_in_tx(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        evaluations_insert_in_tx(tx, &self.evaluations).await?;
        decisions_insert_in_tx(tx, &self.decisions).await
    }
}

/// Stores evaluations and a decision for each effect.
pub async fn record_in_tx(
    tx: &mut Tx<'_>,
    answers: &[PolicyAnswer],
    message_id: Option<&Id>,
    draft_id: Option<&Id>,
) -> Result<Vec<Decision>, DbError> {
    let mut records = Records::default();
    records.add(answers, message_id, draft_id);
    records.insert_in_tx(tx).await?;
    Ok(records.decisions)
}

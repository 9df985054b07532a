//! Stores what was said and decided of a wave of messages: one commit, and the events are done.

use super::changes::Changes;
use super::classify::Classified;
use super::decide::PolicyAnswer;
use super::route::{Subject, plan};
use crate::db::annotation::{
    classification_replace_in_tx, decision_insert_in_tx, evaluation_insert_in_tx,
};
use crate::db::casework::{
    case_insert_in_tx, case_raise_in_tx, conversation_change_in_tx, suppression_insert_in_tx,
    task_insert_in_tx,
};
use crate::db::event::event_done_in_tx;
use crate::db::{Db, DbError, Tx, commit};
use crate::domain::annotation::Decision;
use crate::domain::{Id, new_id, now_ms};

pub async fn run(
    db: &Db,
    changes: &Changes,
    wave: &[Classified],
    answers: &[Vec<PolicyAnswer>],
) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    let mut told = Vec::new();
    for (classified, answers) in wave.iter().zip(answers) {
        let judge = &classified.message;
        for said in &classified.said {
            classification_replace_in_tx(
                &mut tx,
                &judge.message_id,
                &said.plugin,
                &said.plugin_digest,
                &said.settings_digest,
                &said.found,
            )
            .await?;
        }
        record_in_tx(&mut tx, answers, Some(&judge.message_id), None).await?;
        let subject = Subject {
            message_id: &judge.message_id,
            conversation_id: &judge.conversation_id,
            contact_id: &judge.contact_id,
            at: judge.source.updated.unwrap_or(judge.source.published),
        };
        let plan = plan(&subject, answers.iter().flat_map(|answer| &answer.effects));
        conversation_change_in_tx(&mut tx, &judge.conversation_id, &plan.conversation).await?;
        if let Some(priority) = plan.raise_cases {
            case_raise_in_tx(&mut tx, &judge.conversation_id, priority).await?;
        }
        for case in &plan.cases {
            case_insert_in_tx(&mut tx, case).await?;
            told.push(("case", case.id.clone()));
        }
        for suppression in &plan.suppressions {
            suppression_insert_in_tx(&mut tx, suppression).await?;
        }
        for task in &plan.tasks {
            task_insert_in_tx(&mut tx, task).await?;
        }
        event_done_in_tx(&mut tx, judge.seq, now_ms()).await?;
        told.push(("message", judge.message_id.clone()));
        told.push(("conversation", judge.conversation_id.clone()));
    }
    commit(tx).await?;
    for (kind, id) in told {
        changes.tell(kind, &id);
    }
    Ok(())
}

/// Stores evaluations and a decision for each effect.
pub async fn record_in_tx(
    tx: &mut Tx<'_>,
    answers: &[PolicyAnswer],
    message_id: Option<&Id>,
    draft_id: Option<&Id>,
) -> Result<Vec<Decision>, DbError> {
    let mut decisions = Vec::new();
    for answer in answers {
        let mut evaluation = answer.evaluation.clone();
        evaluation.message_id = message_id.cloned();
        evaluation.draft_id = draft_id.cloned();
        evaluation_insert_in_tx(tx, &evaluation).await?;
        for effect in &answer.effects {
            let decision = Decision {
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
            };
            decision_insert_in_tx(tx, &decision).await?;
            decisions.push(decision);
        }
    }
    Ok(decisions)
}

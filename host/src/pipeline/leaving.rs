//! Asked again as it leaves: whatever waited in the outbox (a retry of a dead item above all) is put to
//! the rules as they are now, among the facts as they are now, right before the channel gets it.
//!
//! Invariants: nothing is sent by rules that are no longer the store's; what a person released is
//! stopped by a hold that they did not overrule. Of what may go nothing is stored: the decision that
//! queued it stands.

use super::apply::record_in_tx;
use super::outbound::settled_status;
use super::telling::{tell_decisions, tell_draft, tell_item};
use super::{Pipeline, situate};
use crate::db::outbound::{Delivery, outbox_withhold_in_tx};
use crate::db::webhook::Outgoing;
use crate::db::{DbError, commit};
use crate::domain::digest::sha256_hex;
use crate::domain::effects::{Effect, Verdict, verdict};
use crate::domain::outbound::{AttemptOutcome, DeliveryAttempt, Draft, DraftStatus, OutboxStatus};
use crate::domain::webhook::EventType;
use crate::domain::{TimestampMs, new_id, now_ms};
use crate::pipeline::decide::{self, PolicyAnswer};
use serde_json::json;

/// How long an item waits for rules that are coming into force, in milliseconds.
const FOLLOW_WAIT_MS: i64 = 500;
/// How long it waits for a policy that gave no answer.
const FAULT_WAIT_MS: i64 = 15_000;

/// What becomes of an item that is about to leave.
pub(super) enum Leave {
    Goes,
    /// It stays queued, and the try does not count.
    Waits {
        ms: i64,
        why: String,
    },
    /// It is a draft again.
    Stays(Box<Kept>),
}

/// A draft that was taken back.
pub(super) struct Kept {
    draft: Draft,
    status: DraftStatus,
    answers: Vec<PolicyAnswer>,
    why: String,
}

fn waits(ms: i64, why: &str) -> Leave {
    Leave::Waits {
        ms,
        why: why.to_owned(),
    }
}

/// What a release overrules: which plugin, rule, effect and words, in a digest. The same rule that
/// holds it for other words is another hold.
fn mark(answer: &PolicyAnswer, effect: &Effect) -> String {
    let marked = json!([
        answer.evaluation.plugin,
        effect.rule,
        effect.body,
        effect.evidence
    ]);
    sha256_hex(marked.to_string().as_bytes())
}

fn all_effects(answers: &[PolicyAnswer]) -> impl Iterator<Item = (&PolicyAnswer, &Effect)> {
    answers
        .iter()
        .flat_map(|answer| answer.effects.iter().map(move |effect| (answer, effect)))
}

/// The marks of all that a release of a draft with these answers overrules.
pub(super) fn overruled(answers: &[PolicyAnswer]) -> Vec<String> {
    all_effects(answers)
        .filter(|(_, effect)| verdict([&effect.body]) > Verdict::Allow)
        .map(|(answer, effect)| mark(answer, effect))
        .collect()
}

/// What stops an item for which these holds were overruled. A denial nobody overrules.
fn stopping<'a>(
    answers: &'a [PolicyAnswer],
    released: &[String],
) -> Vec<(&'a PolicyAnswer, &'a Effect)> {
    all_effects(answers)
        .filter(|(answer, effect)| match verdict([&effect.body]) {
            Verdict::Allow => false,
            Verdict::Deny => true,
            Verdict::Rewrite | Verdict::Hold => !released.contains(&mark(answer, effect)),
        })
        .collect()
}

impl Pipeline {
    /// Asks whether a queued item may leave now.
    pub(super) async fn leaving(&self, delivery: &Delivery) -> Result<Leave, DbError> {
        if let Some(registry) = &self.registry
            && !registry.judges_by_the_store(&self.db).await?
        {
            return Ok(waits(FOLLOW_WAIT_MS, "changed rules are coming into force"));
        }
        let plugins = self.plugins.now();
        let Some(draft) = self.db.draft_get(&delivery.item.draft_id).await? else {
            return Ok(waits(FAULT_WAIT_MS, "its draft is gone"));
        };
        let answered = match &draft.message_id {
            Some(id) => self.db.message_get(id).await?,
            None => None,
        };
        if answered.as_ref().is_some_and(|m| m.deleted.is_some()) {
            return Ok(Leave::Stays(Box::new(Kept {
                draft,
                status: DraftStatus::Denied,
                answers: Vec::new(),
                why: "the message it answers was deleted at its source".into(),
            })));
        }
        // What is judged is what goes.
        let draft = Draft {
            content: delivery.payload.content.clone(),
            ..draft
        };
        let case = situate::outbound(&self.db, &draft, answered.as_ref(), now_ms()).await?;
        let answers = decide::run(&plugins, &[case]).await;
        let answers = answers.into_iter().next().unwrap_or_default();
        let released = self.db.outbox_released(&delivery.item.id).await?;
        let stops = stopping(&answers, &released);
        let Some((_, first)) = stops.first() else {
            return Ok(Leave::Goes);
        };
        let reason = first.reason.iter().find(|said| said.language == "en");
        let reason = reason.or(first.reason.first());
        let why = format!(
            "the rule {} stopped it as it was about to leave: {}",
            first.rule,
            reason.map_or("", |said| said.text.as_str())
        );
        // Who could not be asked has not said no.
        if stops
            .iter()
            .all(|(answer, _)| answer.evaluation.fault.is_some())
        {
            return Ok(waits(FAULT_WAIT_MS, &why));
        }
        let status = settled_status(verdict(stops.iter().map(|(_, effect)| &effect.body)));
        Ok(Leave::Stays(Box::new(Kept {
            draft,
            status,
            answers,
            why,
        })))
    }

    /// Takes an item back: its draft is held or denied, with the decisions that did it.
    pub(super) async fn withhold(
        &self,
        delivery: &Delivery,
        started: TimestampMs,
        kept: Kept,
    ) -> Result<(), DbError> {
        let (item, draft) = (&delivery.item, &kept.draft);
        let attempt = DeliveryAttempt {
            id: new_id(),
            item_id: item.id.clone(),
            started,
            finished: now_ms(),
            outcome: AttemptOutcome::Withheld,
            error: Some(kept.why),
        };
        let mut tx = self.db.begin().await?;
        if !outbox_withhold_in_tx(&mut tx, delivery, &attempt, kept.status).await? {
            tracing::info!(item = %item.id, "taken over before it was taken back");
            return Ok(());
        }
        let decisions = record_in_tx(
            &mut tx,
            &kept.answers,
            draft.message_id.as_ref(),
            Some(&draft.id),
        )
        .await?;
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        tell_decisions(&mut outgoing, &draft.inbox_id, &decisions);
        tell_draft(&mut outgoing, EventType::DraftChanged, draft, kept.status);
        tell_item(&mut outgoing, item, OutboxStatus::Withheld);
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
        commit(tx).await?;
        tracing::warn!(item = %item.id, draft = %draft.id, "withheld: the rules were asked again");
        self.changes.tell("outbox", &item.id);
        self.changes.tell("draft", &draft.id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::annotation::{Evaluation, Evidence, Moment};
    use crate::domain::effects::EffectBody;

    fn answer(rule: &str, body: EffectBody, end: u32) -> PolicyAnswer {
        PolicyAnswer {
            evaluation: Evaluation {
                id: new_id(),
                message_id: None,
                draft_id: None,
                moment: Moment::Outbound,
                plugin: "policy".into(),
                version: "1.0.0".into(),
                plugin_digest: String::new(),
                settings_digest: String::new(),
                input: String::new(),
                input_digest: String::new(),
                output_digest: String::new(),
                batch_fuel: 0,
                batch_size: 1,
                fault: None,
                in_stead_of: None,
                evaluated: now_ms(),
            },
            effects: vec![Effect {
                rule: rule.into(),
                body,
                reason: Vec::new(),
                evidence: vec![Evidence {
                    start: 0,
                    end,
                    note: "n".into(),
                }],
            }],
            withheld: Vec::new(),
        }
    }

    #[test]
    fn a_release_overrules_what_was_seen_and_nothing_else() {
        let hold = || EffectBody::Hold("manager".into());
        let seen = [answer("a", hold(), 3), answer("b", EffectBody::Allow, 3)];
        let released = overruled(&seen);
        assert_eq!(released.len(), 1);
        assert!(stopping(&seen, &released).is_empty());
        assert_eq!(stopping(&seen, &[]).len(), 1);
        for other in [
            answer("a", hold(), 4),
            answer("b", hold(), 3),
            answer("a", EffectBody::Hold("admin".into()), 3),
            answer("a", EffectBody::Rewrite("x".into()), 3),
            answer("a", EffectBody::Deny, 3),
        ] {
            assert_eq!(stopping(&[other], &released).len(), 1);
        }
        let denied = [answer("a", EffectBody::Deny, 3)];
        assert_eq!(stopping(&denied, &overruled(&denied)).len(), 1);
    }
}

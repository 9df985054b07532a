//! The one way out: draft → policy → outbox. The channel itself is asked too, whether it could send
//! the draft as it is. What was decided and the draft's new status are one commit, and so is the
//! outbox item of an allowed one.

use super::Pipeline;
use super::apply::record_in_tx;
use super::leaving::overruled;
use super::telling::{tell_decisions, tell_draft, tell_item};
use super::{answered, release, situate, trail};
use crate::db::audit::audit_append_in_tx;
use crate::db::outbound::{draft_content_in_tx, draft_status_in_tx, outbox_queue_in_tx};
use crate::db::webhook::Outgoing;
use crate::db::{DbError, commit};
use crate::domain::access::Caller;
use crate::domain::agreement::Subject;
use crate::domain::annotation::{Decision, Evaluation, Localized, Moment};
use crate::domain::effects::{Effect, EffectBody, Verdict, verdict};
use crate::domain::outbound::{Draft, DraftStatus, OutboundMessage, OutboxItem, OutboxStatus};
use crate::domain::social::Message;
use crate::domain::webhook::EventType;
use crate::domain::{Id, TimestampMs, new_id, now_ms};
use crate::pipeline::decide::{self, HOST_RULE, PolicyAnswer};
use crate::plugin::CallError;
use crate::plugin::connector::Connector;
use crate::telemetry::trace::stage;
use std::time::{Duration, Instant};

/// How long a draft waits for policies that a start is still preparing.
const JUDGES_WAIT: Duration = Duration::from_secs(10);

/// What is wanted with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Only what would be decided; the draft's status follows, nothing goes out.
    Check,
    /// Queue it if it is allowed.
    Send,
    /// Queue it although it is held; a denial stands. Who does so goes on record.
    Release { by: Box<Caller> },
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub verdict: Verdict,
    pub decisions: Vec<Decision>,
    /// Set when it is on its way.
    pub outbox_item: Option<Id>,
}

#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the draft is already on its way")]
    UnderWay,
    #[error("the inbox is not active")]
    NoInbox,
    #[error("the message it answers was deleted at its source")]
    Gone,
    #[error("somebody changed the draft meanwhile; read it again")]
    Changed,
    /// It is not for this person to release.
    #[error("{0}")]
    NotYours(String),
}

impl Pipeline {
    /// Takes a draft through policy. `now` is the moment that counts for rules.
    pub async fn outbound(
        &self,
        connector: &Connector,
        draft: &Draft,
        intent: &Intent,
        now: TimestampMs,
    ) -> Result<Outcome, OutboundError> {
        let work = self.outbound_untraced(connector, draft, intent, now);
        let plugins = self.plugins.now();
        trail::outbound(plugins.inbox_name(&draft.inbox_id), work).await
    }

    async fn outbound_untraced(
        &self,
        connector: &Connector,
        draft: &Draft,
        intent: &Intent,
        now: TimestampMs,
    ) -> Result<Outcome, OutboundError> {
        let start = Instant::now();
        let answered = match &draft.message_id {
            Some(id) => self.db.message_get(id).await?,
            None => None,
        };
        if answered.as_ref().is_some_and(|m| m.deleted.is_some()) {
            return Err(OutboundError::Gone);
        }
        let payload = self.payload(draft, answered.as_ref()).await?;
        let case = situate::outbound(&self.db, draft, answered.as_ref(), now).await?;
        super::Times::add(&self.times.database_ns, start);

        // A host that has just started lets policies come; what can't be waited for is held.
        let _ = tokio::time::timeout(JUDGES_WAIT, self.plugins.judging()).await;
        let start = Instant::now();
        let plugins = self.plugins.now();
        let cases = [case];
        let decided = decide::run(&plugins, &cases);
        let decided = stage("policy", None, decided).await;
        plugins.shadow_decided(&cases, &decided, |_| Subject {
            draft_id: Some(draft.id.clone()),
            message_id: draft.message_id.clone(),
            contact_id: None,
        });
        let mut answers = decided.into_iter().next().unwrap_or_default();
        if let Err(error) = connector.validate(&payload).await {
            answers.push(refused_by_channel(connector, &error));
        }
        answers.extend(answered::elsewhere(&self.db, connector, draft).await?);
        super::Times::add(&self.times.plugins_ns, start);

        let start = Instant::now();
        let settled = self.settle(draft, intent, now, &answers, &payload);
        let outcome = stage("outbox", None, settled).await?;
        super::Times::add(&self.times.database_ns, start);
        Ok(outcome)
    }

    async fn payload(
        &self,
        draft: &Draft,
        answered: Option<&Message>,
    ) -> Result<OutboundMessage, OutboundError> {
        let conversation = self.db.conversation_get(&draft.conversation_id).await?;
        Ok(OutboundMessage {
            content: draft.content.clone(),
            language: draft.language.clone(),
            visibility: draft.visibility,
            in_reply_to: answered.map(|m| m.external_id.clone()),
            conversation_external_id: conversation.map(|c| c.external_id),
            recipient: answered.and_then(|m| m.attributed_to.clone()),
        })
    }

    async fn settle(
        &self,
        draft: &Draft,
        intent: &Intent,
        now: TimestampMs,
        answers: &[PolicyAnswer],
        payload: &OutboundMessage,
    ) -> Result<Outcome, OutboundError> {
        let verdict = verdict(answers.iter().flat_map(|a| &a.effects).map(|e| &e.body));
        let goes_out = match intent {
            Intent::Check => false,
            Intent::Send => verdict == Verdict::Allow,
            Intent::Release { .. } => verdict < Verdict::Deny,
        };
        let status = match goes_out {
            true => DraftStatus::Queued,
            false => settled_status(verdict),
        };
        let mut tx = self.db.begin().await?;
        if !draft_status_in_tx(&mut tx, &draft.id, status, now_ms()).await? {
            return Err(OutboundError::UnderWay);
        }
        if draft_content_in_tx(&mut tx, &draft.id).await? != draft.content {
            return Err(OutboundError::Changed);
        }
        if let Intent::Release { by } = intent
            && goes_out
        {
            release::check_in_tx(&mut tx, by, draft, answers).await?;
        }
        let decisions =
            record_in_tx(&mut tx, answers, draft.message_id.as_ref(), Some(&draft.id)).await?;
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        tell_decisions(&mut outgoing, &draft.inbox_id, &decisions);
        tell_draft(&mut outgoing, EventType::DraftChanged, draft, status);
        let mut outbox_item = None;
        if goes_out {
            let mut item = OutboxItem {
                id: new_id(),
                draft_id: draft.id.clone(),
                inbox_id: draft.inbox_id.clone(),
                conversation_id: draft.conversation_id.clone(),
                // The draft's id has the form that connectors are promised.
                idempotency_key: draft.id.clone(),
                status: OutboxStatus::Queued,
                attempts: 0,
                next_attempt: 0,
                last_error: None,
                external_id: None,
                url: None,
                created: now_ms(),
                updated: now_ms(),
            };
            let trace = trail::current();
            let released = match intent {
                Intent::Release { .. } => overruled(answers),
                Intent::Check | Intent::Send => Vec::new(),
            };
            item.id =
                outbox_queue_in_tx(&mut tx, &item, payload, &released, trace.as_deref()).await?;
            tell_item(&mut outgoing, &item, item.status);
            outbox_item = Some(item.id);
        }
        if let Intent::Release { by } = intent
            && goes_out
        {
            let rules: Vec<&str> = decisions.iter().map(|d| d.rule.as_str()).collect();
            let detail = serde_json::json!({ "overruled": rules, "at": now });
            let by = by.actor();
            audit_append_in_tx(&mut tx, now_ms(), &by, "draft.release", &draft.id, &detail).await?;
        }
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
        commit(tx).await?;
        self.changes.tell("draft", &draft.id);
        if let Some(id) = &outbox_item {
            self.changes.tell("outbox", id);
        }
        Ok(Outcome {
            verdict,
            decisions,
            outbox_item,
        })
    }
}

/// What a draft is that does not go out.
pub(super) fn settled_status(verdict: Verdict) -> DraftStatus {
    match verdict {
        Verdict::Allow => DraftStatus::Draft,
        Verdict::Rewrite | Verdict::Hold => DraftStatus::Held,
        Verdict::Deny => DraftStatus::Denied,
    }
}

/// The channel's own no, in the form of a decision.
fn refused_by_channel(connector: &Connector, error: &CallError) -> PolicyAnswer {
    let texts = [
        (
            "nl",
            format!("Het kanaal kan dit zo niet versturen: {error}"),
        ),
        (
            "en",
            format!("The channel can't send this as it is: {error}"),
        ),
    ];
    // A fault says nothing about the draft: somebody may let it try.
    let body = match error {
        CallError::Fault(_) => EffectBody::Hold("manager".into()),
        CallError::Plugin(_) => EffectBody::Deny,
    };
    said_by_channel(connector, HOST_RULE, body, texts, Some(error.to_string()))
}

/// What the host itself says of a draft for its channel, in the form of a decision.
pub(super) fn said_by_channel(
    connector: &Connector,
    rule: &str,
    body: EffectBody,
    texts: [(&str, String); 2],
    fault: Option<String>,
) -> PolicyAnswer {
    let reason = texts.map(|(language, text)| Localized {
        language: language.into(),
        text,
    });
    PolicyAnswer {
        evaluation: Evaluation {
            id: new_id(),
            message_id: None,
            draft_id: None,
            moment: Moment::Outbound,
            plugin: connector.manifest.id.clone(),
            version: connector.manifest.version.clone(),
            plugin_digest: connector.digest.clone(),
            settings_digest: String::new(),
            input: String::new(),
            input_digest: String::new(),
            output_digest: String::new(),
            batch_fuel: 0,
            batch_size: 1,
            fault,
            in_stead_of: None,
            evaluated: now_ms(),
        },
        effects: vec![Effect {
            rule: rule.into(),
            body,
            reason: reason.into(),
            evidence: Vec::new(),
        }],
        withheld: Vec::new(),
    }
}

/// A person's word on an outbox item: `Queued` tries a dead one again, `Dropped` gives one up. False
/// when the item's status does not allow it. Goes on record.
pub async fn override_item(
    db: &crate::db::Db,
    id: &str,
    to: OutboxStatus,
    by: &str,
) -> Result<bool, DbError> {
    let item = db.outbox_get(id).await?;
    let mut tx = db.begin().await?;
    if !crate::db::outbound::outbox_override_in_tx(&mut tx, id, to, now_ms()).await? {
        return Ok(false);
    }
    if let Some(item) = &item {
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        tell_item(&mut outgoing, item, to);
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
    }
    let action = if to == OutboxStatus::Queued {
        "outbox.retry"
    } else {
        "outbox.drop"
    };
    audit_append_in_tx(&mut tx, now_ms(), by, action, id, &serde_json::Value::Null).await?;
    commit(tx).await?;
    Ok(true)
}

//! An invented history for `rapport bench`: many stored messages in little time. Nothing else may use
//! this.

use super::annotation::{
    Said, classifications_replace_in_tx, decisions_insert_in_tx, evaluations_insert_in_tx,
};
use super::arrival::{Arrival, messages_arrive_in_tx};
use super::bulk::{list_padded, rows_insert_in_tx};
use super::statement::Statement;
use super::{Result, Tx};
use crate::domain::annotation::{Classification, Decision, EffectKind, Evaluation, Moment};
use crate::domain::social::{Activity, ActivityObject};
use crate::domain::{Id, TimestampMs, new_id};

/// Stores messages of one inbox as the pipeline would have long ago, with three classifications, an
/// evaluation and a decision each. What the policy was shown is left out, as it is where retention has
/// removed it. Other activities are passed over.
pub async fn history_insert_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    network: &str,
    activities: &[Activity],
) -> Result<()> {
    let created = activities
        .iter()
        .filter_map(|activity| match &activity.object {
            ActivityObject::Create(message) => Some((activity, message)),
            _ => None,
        });
    let (mut events, mut arrivals) = (Vec::new(), Vec::new());
    for (activity, message) in created {
        events.push(vec![
            new_id().into(),
            inbox_id.into(),
            activity.id.as_str().into(),
            activity.order_key().into(),
            "".into(),
            "done".into(),
            message.published.into(),
            message.published.into(),
        ]);
        arrivals.push(Arrival {
            inbox_id,
            network,
            activity_id: &activity.id,
            message,
            received: message.published,
        });
    }
    let columns = [
        "id",
        "inbox_id",
        "external_id",
        "order_key",
        "payload",
        "status",
        "received",
        "done",
    ];
    rows_insert_in_tx(tx, "inbound_event", &columns, events, "").await?;
    let placed = messages_arrive_in_tx(tx, &arrivals).await?;
    let placed: Vec<_> = arrivals
        .iter()
        .zip(placed)
        .filter_map(|(arrival, placed)| Some((placed?, arrival.message.published)))
        .collect();
    // Most of a history is dealt with.
    let done = placed
        .iter()
        .map(|(placed, _)| placed.conversation_id.as_str());
    let done: Vec<&str> = done.filter(|id| !id.ends_with('0')).collect();
    let mut update = Statement::new("UPDATE conversation SET status = 'left-alone' WHERE id IN ");
    list_padded(&mut update, done);
    update.execute(&mut **tx).await?;
    let placed = placed
        .into_iter()
        .map(|(placed, at)| (placed.message_id, at));
    judge_in_tx(tx, &placed.collect::<Vec<_>>()).await
}

/// What plugins would have said.
async fn judge_in_tx(tx: &mut Tx<'_>, messages: &[(Id, TimestampMs)]) -> Result<()> {
    const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    const VERSION: &str = "0.1.0";
    const POLICY: &str = "policy-service";
    let found = [
        ("classify-language", "language", "nl"),
        ("classify-sentiment", "sentiment", "neutral"),
        ("classify-topic", "intent", "chatter"),
    ];
    let found = found.map(|(plugin, dimension, label)| Classification {
        dimension: dimension.to_owned(),
        label: label.to_owned(),
        score: 0.5,
        evidence: Vec::new(),
        extra: Vec::new(),
        plugin: plugin.to_owned(),
        version: VERSION.to_owned(),
    });
    let said = messages.iter().flat_map(|(message_id, _)| {
        found.iter().map(move |found| Said {
            message_id,
            plugin: &found.plugin,
            plugin_digest: DIGEST,
            settings_digest: DIGEST,
            found: std::slice::from_ref(found),
        })
    });
    classifications_replace_in_tx(tx, &said.collect::<Vec<_>>()).await?;
    let (mut evaluations, mut decisions) = (Vec::new(), Vec::new());
    for (message_id, at) in messages {
        let evaluation = Evaluation {
            id: new_id(),
            message_id: Some(message_id.clone()),
            draft_id: None,
            moment: Moment::Inbound,
            plugin: POLICY.to_owned(),
            version: VERSION.to_owned(),
            plugin_digest: DIGEST.to_owned(),
            settings_digest: DIGEST.to_owned(),
            input: String::new(),
            input_digest: DIGEST.to_owned(),
            output_digest: DIGEST.to_owned(),
            batch_fuel: 0,
            batch_size: 1,
            fault: None,
            evaluated: *at,
        };
        decisions.push(Decision {
            id: new_id(),
            evaluation_id: evaluation.id.clone(),
            message_id: Some(message_id.clone()),
            draft_id: None,
            moment: Moment::Inbound,
            plugin: POLICY.to_owned(),
            rule: "answer-or-leave".to_owned(),
            effect: EffectKind::LeaveAlone,
            detail: serde_json::Value::Null,
            reason: Vec::new(),
            evidence: Vec::new(),
            withheld: Vec::new(),
            decided: *at,
        });
        evaluations.push(evaluation);
    }
    evaluations_insert_in_tx(tx, &evaluations).await?;
    decisions_insert_in_tx(tx, &decisions).await
}

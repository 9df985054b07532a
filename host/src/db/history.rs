//! An invented history for `rapport bench`: many stored messages in little time. A first part is stored
//! as messages that arrive are; then its rows are repeated inside the database, under other names and at
//! later times. Nothing else may use this.

use super::annotation::{
    Said, classifications_replace_in_tx, decisions_insert_in_tx, evaluations_insert_in_tx,
};
use super::arrival::{Arrival, messages_arrive_in_tx};
use super::bulk::{list_padded, rows_insert_in_tx};
use super::message::Heard;
use super::schema::{schema_postgres, schema_sqlite};
use super::statement::Statement;
use super::{Result, Tx};
use crate::domain::annotation::{Classification, Decision, EffectKind, Evaluation, Moment};
use crate::domain::social::{Activity, ActivityObject};
use crate::domain::{Id, TimestampMs, new_id};
use std::collections::BTreeMap;

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
    let ground = inbox_ground_in_tx(tx, inbox_id).await?;
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
            heard: Heard {
                inbox_id,
                network,
                ground: &ground,
                received: message.published,
            },
            activity_id: &activity.id,
            message,
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

async fn inbox_ground_in_tx(tx: &mut Tx<'_>, inbox_id: &str) -> Result<String> {
    let sql = "SELECT plugin || ' ' || network FROM inbox WHERE id = $1";
    Ok(sqlx::query_scalar(sql)
        .bind(inbox_id)
        .fetch_one(&mut **tx)
        .await?)
}

/// The tables of a history, each behind those that it refers to, and the key that tells whose row it is.
const TABLES: &[(&str, &str)] = &[
    ("inbound_event", "id"),
    ("contact", "id"),
    ("identity", "id"),
    ("conversation", "id"),
    ("message", "id"),
    ("message_tag", "message_id"),
    ("classification", "message_id"),
    ("evaluation", "id"),
    ("decision", "id"),
];
/// Names that the store gave.
const IDS: &[&str] = &[
    "id",
    "contact_id",
    "conversation_id",
    "message_id",
    "evaluation_id",
];
/// Names that the network gave.
const EXTERNAL_IDS: &[&str] = &["external_id", "order_key", "version_id", "in_reply_to"];
const TIMES: &[&str] = &[
    "received",
    "done",
    "first_seen",
    "last_seen",
    "first_message",
    "last_message",
    "published",
    "effective",
    "version_at",
    "evaluated",
    "decided",
];

/// Repeats the history that was stored one by one, `later_ms` later. `number` tells repetitions apart,
/// from 1. Nothing else may be in the store yet.
pub async fn history_repeat_in_tx(tx: &mut Tx<'_>, number: u32, later_ms: i64) -> Result<()> {
    let columns: BTreeMap<String, Vec<String>> = match tx.backend_name() {
        "PostgreSQL" => schema_postgres(tx)
            .await?
            .into_iter()
            .map(|(table, columns)| (table, columns.into_keys().collect()))
            .collect(),
        _ => schema_sqlite(tx)
            .await?
            .into_iter()
            .map(|table| {
                let names = table.columns.into_iter().map(|column| column.name);
                (table.name, names.collect())
            })
            .collect(),
    };
    // The first digits of an id are the time when it was made: repetitions lie behind each other, and
    // before all others.
    let mark = format!("{number:08x}");
    for (table, key) in TABLES {
        let all = columns.get(*table).into_iter().flatten();
        let names: Vec<&str> = all.map(String::as_str).filter(|c| *c != "seq").collect();
        let values: Vec<String> = names
            .iter()
            .map(|name| match name {
                name if IDS.contains(name) => format!("$1 || substr({name}, 9)"),
                name if EXTERNAL_IDS.contains(name) => format!("$1 || {name}"),
                name if TIMES.contains(name) => format!("{name} + $2"),
                name => (*name).to_owned(),
            })
            .collect();
        let mut statement = Statement::new(&format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {key} >= '01'",
            names.join(", "),
            values.join(", ")
        ));
        statement.value(mark.as_str()).value(later_ms);
        statement.execute(&mut **tx).await?;
    }
    Ok(())
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
            in_stead_of: None,
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

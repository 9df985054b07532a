//! An invented history for `rapport bench`: many stored messages in little time. Nothing else may use
//! this.

use super::annotation::{
    Said, classifications_replace_in_tx, decisions_insert_in_tx, evaluations_insert_in_tx,
};
use super::bulk::rows_insert_in_tx;
use super::row::json_text;
use super::statement::Value;
use super::{Result, Tx};
use crate::domain::annotation::{Classification, Decision, EffectKind, Evaluation, Moment};
use crate::domain::social::{Activity, ActivityObject, SourceMessage};
use crate::domain::{Id, TimestampMs, new_id};
use std::collections::{BTreeMap, HashMap};

/// Makes a history: messages as the pipeline would have stored them long ago, with three
/// classifications, an evaluation and a decision each. What the policy was shown is left out, as
/// it is where retention has removed it.
#[derive(Debug, Default)]
pub struct History {
    contacts: HashMap<String, Id>,
    conversations: HashMap<String, Id>,
}

#[derive(Default)]
struct Rows(BTreeMap<&'static str, Vec<Vec<Value>>>);

impl Rows {
    fn add(&mut self, table: &'static str, row: Vec<Value>) {
        self.0.entry(table).or_default().push(row);
    }
}

/// Tables of a history with the columns that it fills, in an order that references allow.
const HISTORY: &[(&str, &[&str])] = &[
    (
        "inbound_event",
        &[
            "id",
            "inbox_id",
            "external_id",
            "order_key",
            "payload",
            "status",
            "received",
            "done",
        ],
    ),
    (
        "contact",
        &[
            "id",
            "display_name",
            "first_seen",
            "last_seen",
            "message_count",
        ],
    ),
    (
        "identity",
        &[
            "id",
            "contact_id",
            "network",
            "external_id",
            "handle",
            "display_name",
            "verified",
            "version_at",
            "version_id",
        ],
    ),
    (
        "conversation",
        &[
            "id",
            "inbox_id",
            "external_id",
            "network",
            "reach",
            "visibility",
            "status",
            "priority",
            "labels",
            "first_message",
            "last_message",
            "message_count",
        ],
    ),
    (
        "message",
        &[
            "id",
            "inbox_id",
            "conversation_id",
            "contact_id",
            "external_id",
            "direction",
            "in_reply_to",
            "attributed_to",
            "published",
            "received",
            "content",
            "language",
            "url",
            "visibility",
            "reach",
            "ancestors",
            "tags",
            "mentions",
            "attachments",
            "version_at",
            "version_id",
        ],
    ),
    ("message_tag", &["message_id", "tag", "published"]),
];

impl History {
    /// Stores messages as decided; other activities are passed over.
    pub async fn insert_in_tx(
        &mut self,
        tx: &mut Tx<'_>,
        inbox_id: &str,
        network: &str,
        activities: &[Activity],
    ) -> Result<()> {
        let mut rows = Rows::default();
        let mut stored = Vec::with_capacity(activities.len());
        for activity in activities {
            if let ActivityObject::Create(message) = &activity.object {
                let id = self.add(&mut rows, (inbox_id, network), activity, message);
                stored.push((id, message.published));
            }
        }
        for (table, columns) in HISTORY {
            if let Some(rows) = rows.0.remove(table) {
                rows_insert_in_tx(tx, table, columns, rows, "").await?;
            }
        }
        judge_in_tx(tx, &stored).await
    }

    fn add(
        &mut self,
        rows: &mut Rows,
        (inbox_id, network): (&str, &str),
        activity: &Activity,
        m: &SourceMessage,
    ) -> Id {
        let at: TimestampMs = m.published;
        let text = |text: &str| Value::from(text);
        let id = new_id();
        let contact = self.contact(rows, network, activity, m);
        let conversation = self.conversation(rows, inbox_id, network, m);
        rows.add(
            "inbound_event",
            vec![
                new_id().into(),
                text(inbox_id),
                text(&activity.id),
                text(activity.order_key()),
                text(""),
                text("done"),
                at.into(),
                at.into(),
            ],
        );
        rows.add(
            "message",
            vec![
                text(&id),
                text(inbox_id),
                conversation.into(),
                contact.into(),
                text(&m.external_id),
                text("inbound"),
                m.in_reply_to.clone().into(),
                json_text(&m.attributed_to).into(),
                at.into(),
                at.into(),
                text(&m.content),
                m.language.clone().into(),
                m.url.clone().into(),
                text(m.visibility.as_str()),
                text(m.reach.as_str()),
                text("[]"),
                json_text(&m.tags).into(),
                text("[]"),
                text("[]"),
                at.into(),
                text(&activity.id),
            ],
        );
        for tag in &m.tags {
            rows.add(
                "message_tag",
                vec![text(&id), tag.to_lowercase().into(), at.into()],
            );
        }
        id
    }

    fn contact(
        &mut self,
        rows: &mut Rows,
        network: &str,
        activity: &Activity,
        m: &SourceMessage,
    ) -> Id {
        let actor = &m.attributed_to;
        if let Some(known) = self.contacts.get(&actor.external_id) {
            return known.clone();
        }
        let id = new_id();
        self.contacts.insert(actor.external_id.clone(), id.clone());
        let name: Value = actor.display_name.clone().into();
        let at = m.published;
        rows.add(
            "contact",
            vec![
                (&id).into(),
                name.clone(),
                at.into(),
                at.into(),
                1_i64.into(),
            ],
        );
        rows.add(
            "identity",
            vec![
                new_id().into(),
                (&id).into(),
                network.into(),
                (&actor.external_id).into(),
                actor.handle.clone().into(),
                name,
                false.into(),
                at.into(),
                (&activity.id).into(),
            ],
        );
        id
    }

    fn conversation(
        &mut self,
        rows: &mut Rows,
        inbox_id: &str,
        network: &str,
        m: &SourceMessage,
    ) -> Id {
        let key = m.conversation_key().unwrap_or(&m.external_id);
        if let Some(known) = self.conversations.get(key) {
            return known.clone();
        }
        let id = new_id();
        self.conversations.insert(key.to_owned(), id.clone());
        rows.add(
            "conversation",
            vec![
                (&id).into(),
                inbox_id.into(),
                key.into(),
                network.into(),
                m.reach.as_str().into(),
                m.visibility.as_str().into(),
                // Most of a history is dealt with.
                if id.ends_with('0') {
                    "open"
                } else {
                    "left-alone"
                }
                .into(),
                "normal".into(),
                "[]".into(),
                m.published.into(),
                m.published.into(),
                1_i64.into(),
            ],
        );
        id
    }
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

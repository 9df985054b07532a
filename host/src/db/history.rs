//! An invented history for `rapport bench`: many stored messages in little time. Nothing else may use
//! this.

use super::bulk::rows_insert_in_tx;
use super::row::json_text;
use super::statement::Value;
use super::{Result, Tx};
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
    (
        "classification",
        &[
            "message_id",
            "plugin",
            "position",
            "version",
            "plugin_digest",
            "settings_digest",
            "dimension",
            "label",
            "score",
            "evidence",
            "extra",
        ],
    ),
    (
        "evaluation",
        &[
            "id",
            "message_id",
            "moment",
            "plugin",
            "version",
            "plugin_digest",
            "settings_digest",
            "input",
            "input_digest",
            "output_digest",
            "batch_fuel",
            "batch_size",
            "evaluated",
        ],
    ),
    (
        "decision",
        &[
            "id",
            "evaluation_id",
            "message_id",
            "moment",
            "plugin",
            "rule",
            "effect",
            "detail",
            "reason",
            "evidence",
            "withheld",
            "decided",
        ],
    ),
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
        for activity in activities {
            if let ActivityObject::Create(message) = &activity.object {
                self.add(&mut rows, (inbox_id, network), activity, message);
            }
        }
        for (table, columns) in HISTORY {
            if let Some(rows) = rows.0.remove(table) {
                rows_insert_in_tx(tx, table, columns, rows, "").await?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        rows: &mut Rows,
        (inbox_id, network): (&str, &str),
        activity: &Activity,
        m: &SourceMessage,
    ) {
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
        judged(rows, &id, at);
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
fn judged(rows: &mut Rows, message_id: &str, at: TimestampMs) {
    const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    for (plugin, dimension, label) in [
        ("classify-language", "language", "nl"),
        ("classify-sentiment", "sentiment", "neutral"),
        ("classify-topic", "intent", "chatter"),
    ] {
        rows.add(
            "classification",
            vec![
                message_id.into(),
                plugin.into(),
                0_i64.into(),
                "0.1.0".into(),
                DIGEST.into(),
                DIGEST.into(),
                dimension.into(),
                label.into(),
                0.5.into(),
                "[]".into(),
                "[]".into(),
            ],
        );
    }
    let evaluation = new_id();
    rows.add(
        "evaluation",
        vec![
            (&evaluation).into(),
            message_id.into(),
            "inbound".into(),
            "policy-service".into(),
            "0.1.0".into(),
            DIGEST.into(),
            DIGEST.into(),
            "".into(),
            DIGEST.into(),
            DIGEST.into(),
            0_i64.into(),
            1_i64.into(),
            at.into(),
        ],
    );
    rows.add(
        "decision",
        vec![
            new_id().into(),
            evaluation.into(),
            message_id.into(),
            "inbound".into(),
            "policy-service".into(),
            "answer-or-leave".into(),
            "leave-alone".into(),
            "null".into(),
            "[]".into(),
            "[]".into(),
            "[]".into(),
            at.into(),
        ],
    );
}

//! Where a contact is in the store: the one list that erasure, export and their tests go by.
//!
//! Every column that can hold text is here, as one that is emptied, one of a row that is deleted, or
//! one that is kept with the reason why it may be. A test (`tests/storage.rs`) fails for a column
//! that is not.

mod kept;

use kept::KEPT;

/// What erasing a contact does to rows of a table. `$1` is the contact's id.
#[derive(Debug)]
pub enum How {
    /// The rows go.
    Delete,
    /// All rows go, whoever they are about: they may quote anybody. No export has them.
    Purge,
    /// These columns are overwritten, with these SQL values.
    Empty(&'static [(&'static str, &'static str)]),
}

/// Rows of a table that are about a contact.
#[derive(Debug)]
pub struct Place {
    pub table: &'static str,
    /// Condition for its rows.
    pub rows: &'static str,
    pub how: How,
}

/// Their messages.
macro_rules! messages {
    () => {
        "SELECT m1.id FROM message m1 WHERE m1.contact_id = $1"
    };
}
/// Conversations in which nobody else wrote to us.
macro_rules! conversations {
    () => {
        "SELECT m2.conversation_id FROM message m2 WHERE m2.contact_id = $1
             AND m2.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message m3
                 WHERE m3.conversation_id = m2.conversation_id AND m3.direction = 'inbound'
                     AND m3.contact_id <> $1)"
    };
}
/// What we said to them: answers to their messages, and all in a conversation with nobody else.
macro_rules! answers {
    () => {
        concat!(
            "SELECT m5.id FROM message m4 JOIN message m5 ON m5.inbox_id = m4.inbox_id
                 AND m5.in_reply_to = m4.external_id AND m5.direction = 'outbound'
             WHERE m4.contact_id = $1
             UNION SELECT m8.id FROM message m8 WHERE m8.recipient_id = $1 AND m8.direction = 'outbound'
             UNION SELECT m6.id FROM message m6 WHERE m6.direction = 'outbound'
                 AND m6.conversation_id IN (",
            conversations!(),
            ")"
        )
    };
}
/// Drafts of such answers, sent or not.
macro_rules! drafts {
    () => {
        concat!(
            "SELECT d1.id FROM draft d1 JOIN message m7 ON m7.id = d1.message_id WHERE m7.contact_id = $1
             UNION SELECT d2.id FROM draft d2 WHERE d2.conversation_id IN (",
            conversations!(),
            ")"
        )
    };
}
/// Their way out.
macro_rules! items {
    () => {
        concat!(
            "SELECT o1.id FROM outbox_item o1 WHERE o1.draft_id IN (",
            drafts!(),
            ")"
        )
    };
}

pub const DRAFTS: &str = drafts!();
pub const ANSWERS: &str = answers!();

/// In the order in which they are worked on: what others are found by comes last.
pub const PLACES: &[Place] = &[
    Place {
        table: "delivery_attempt",
        rows: concat!("item_id IN (", items!(), ")"),
        how: How::Empty(&[("error", "NULL")]),
    },
    Place {
        table: "outbox_item",
        rows: concat!("id IN (", items!(), ")"),
        // What was not sent yet never is.
        how: How::Empty(&[
            ("payload", "''"),
            ("last_error", "NULL"),
            ("url", "NULL"),
            (
                "status",
                "CASE WHEN status = 'sent' THEN status ELSE 'dropped' END",
            ),
        ]),
    },
    Place {
        table: "decision",
        rows: concat!(
            "message_id IN (",
            messages!(),
            ") OR draft_id IN (",
            drafts!(),
            ")"
        ),
        how: How::Empty(&[
            ("detail", "'null'"),
            ("reason", "'[]'"),
            ("evidence", "'[]'"),
        ]),
    },
    Place {
        table: "evaluation",
        rows: concat!(
            "message_id IN (",
            messages!(),
            ") OR draft_id IN (",
            drafts!(),
            ")"
        ),
        how: How::Empty(&[("input", "''"), ("fault", "NULL"), ("in_stead_of", "NULL")]),
    },
    Place {
        table: "draft",
        rows: concat!("id IN (", drafts!(), ")"),
        how: How::Empty(&[
            ("content", "''"),
            ("client_request", "NULL"),
            ("language", "NULL"),
            (
                "status",
                "CASE WHEN status = 'sent' THEN status ELSE 'denied' END",
            ),
        ]),
    },
    Place {
        table: "classification",
        rows: concat!("message_id IN (", messages!(), ")"),
        how: How::Delete,
    },
    Place {
        table: "message_tag",
        rows: concat!("message_id IN (", messages!(), ")"),
        how: How::Delete,
    },
    // A plugin may quote anybody.
    Place {
        table: "plugin_log",
        rows: "CAST($1 AS TEXT) IS NOT NULL",
        how: How::Purge,
    },
    Place {
        table: "customer_case",
        rows: "contact_id = $1",
        how: How::Empty(&[("title", "''")]),
    },
    Place {
        table: "task",
        rows: concat!(
            "contact_id = $1 OR conversation_id IN (",
            conversations!(),
            ")"
        ),
        how: How::Empty(&[("title", "''")]),
    },
    Place {
        table: "suppression",
        rows: "contact_id = $1",
        how: How::Empty(&[("reason", "''")]),
    },
    Place {
        table: "reaction",
        rows: "contact_id = $1",
        how: How::Delete,
    },
    Place {
        table: "conversation",
        rows: concat!("id IN (", conversations!(), ")"),
        how: How::Empty(&[("external_id", "'erased:' || id"), ("labels", "'[]'")]),
    },
    Place {
        table: "message",
        rows: concat!("id IN (", answers!(), ")"),
        how: How::Empty(&[
            ("title", "NULL"),
            ("content", "''"),
            ("language", "NULL"),
            ("in_reply_to", "NULL"),
            ("attributed_to", "NULL"),
            ("url", "NULL"),
            ("ancestors", "'[]'"),
            ("tags", "'[]'"),
            ("mentions", "'[]'"),
            ("attachments", "'[]'"),
            ("monitor", "NULL"),
            ("deleted", "COALESCE(deleted, received)"),
        ]),
    },
    Place {
        table: "message",
        rows: "contact_id = $1",
        how: How::Empty(&[
            ("title", "NULL"),
            ("content", "''"),
            ("language", "NULL"),
            ("in_reply_to", "NULL"),
            ("attributed_to", "NULL"),
            ("url", "NULL"),
            ("ancestors", "'[]'"),
            ("tags", "'[]'"),
            ("mentions", "'[]'"),
            ("attachments", "'[]'"),
            ("monitor", "NULL"),
            ("version_id", "''"),
            ("external_id", "'erased:' || id"),
            ("deleted", "COALESCE(deleted, received)"),
        ]),
    },
    Place {
        table: "identity",
        rows: "contact_id = $1",
        how: How::Delete,
    },
    Place {
        table: "contact",
        rows: "id = $1",
        how: How::Empty(&[("display_name", "NULL")]),
    },
];

/// Columns whose rows are looked through for the contact's ids in their networks, because they name
/// no contact (see `erase.rs`).
const SEARCHED: &[(&str, &[&str])] = &[
    (
        "inbound_event",
        &["external_id", "order_key", "payload", "error"],
    ),
    ("inbox_state", &["key", "value"]),
];

/// Whether a column is on the list, one way or another.
pub fn is_listed(table: &str, column: &str) -> bool {
    let placed = PLACES.iter().filter(|place| place.table == table);
    let emptied = placed.into_iter().any(|place| match &place.how {
        How::Delete | How::Purge => true,
        How::Empty(columns) => columns.iter().any(|(name, _)| *name == column),
    });
    let searched = SEARCHED
        .iter()
        .any(|(name, columns)| *name == table && columns.contains(&column));
    let kept = KEPT.iter().any(|(name, columns, _)| {
        *name == table && (*columns == ["*"] || columns.contains(&column))
    });
    emptied || searched || kept
}

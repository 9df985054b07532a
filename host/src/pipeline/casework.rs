//! Closing cases and conversations: what changes, the record of who did it, and the news of it are one
//! commit. Who may do so is asked before.

use super::Pipeline;
use super::telling::tell_case;
use crate::db::audit::audit_append_in_tx;
use crate::db::casework::case_close_in_tx;
use crate::db::conversation::{NotClosed, conversation_close_in_tx};
use crate::db::webhook::{Outgoing, conversation_inbox_in_tx};
use crate::db::{DbError, commit};
use crate::domain::case::CaseStatus;
use crate::domain::webhook::EventType;
use crate::domain::{TimestampMs, now_ms};
use serde_json::Value;

impl Pipeline {
    /// The matter is solved, as of `at`. Suppressions that were to last until then are lifted. False: it is
    /// closed already, or not there.
    pub async fn close_case(&self, id: &str, at: TimestampMs, by: &str) -> Result<bool, DbError> {
        let Some(mut case) = self.db.case_get(id).await? else {
            return Ok(false);
        };
        let mut tx = self.db.begin().await?;
        if !case_close_in_tx(&mut tx, id, at).await? {
            return Ok(false);
        }
        audit_append_in_tx(&mut tx, now_ms(), by, "case.close", id, &Value::Null).await?;
        case.status = CaseStatus::Closed;
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        if let (true, Some(conversation)) = (outgoing.anybody(), &case.conversation_id) {
            let inbox = conversation_inbox_in_tx(&mut tx, conversation).await?;
            let inbox = inbox.unwrap_or_default();
            tell_case(&mut outgoing, EventType::CaseClosed, &inbox, &case);
        }
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
        commit(tx).await?;
        self.changes.tell("case", id);
        Ok(true)
    }

    /// Nothing more is owed in a conversation. What is said in it later opens it again.
    pub async fn close_conversation(
        &self,
        id: &str,
        by: &str,
    ) -> Result<Result<(), NotClosed>, DbError> {
        let mut tx = self.db.begin().await?;
        if let Err(not_closed) = conversation_close_in_tx(&mut tx, id).await? {
            return Ok(Err(not_closed));
        }
        audit_append_in_tx(
            &mut tx,
            now_ms(),
            by,
            "conversation.close",
            id,
            &Value::Null,
        )
        .await?;
        let mut outgoing = Outgoing::in_tx(&mut tx).await?;
        if let Some(inbox) = conversation_inbox_in_tx(&mut tx, id).await? {
            outgoing
                .tell_conversation_in_tx(&mut tx, &inbox, id)
                .await?;
        }
        outgoing.store_in_tx(&mut tx, now_ms()).await?;
        commit(tx).await?;
        self.changes.tell("conversation", id);
        Ok(Ok(()))
    }
}

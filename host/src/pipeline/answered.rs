//! Answered once: what several inboxes heard is answered through one of them. An answer through another
//! is held, for somebody who sees both; a second answer through the same inbox is its own conversation's
//! matter, and seen there.

use super::decide::PolicyAnswer;
use super::outbound::said_by_channel;
use crate::db::{Db, DbError};
use crate::domain::effects::EffectBody;
use crate::domain::outbound::Draft;
use crate::plugin::connector::Connector;

/// The rule, as decisions name it.
const RULE: &str = "answered-once";

/// What holds a draft that answers what another inbox has answered, or is answering.
pub async fn elsewhere(
    db: &Db,
    connector: &Connector,
    draft: &Draft,
) -> Result<Option<PolicyAnswer>, DbError> {
    let Some(message_id) = &draft.message_id else {
        return Ok(None);
    };
    let Some(inbox) = db.answered_through(message_id, &draft.inbox_id).await? else {
        return Ok(None);
    };
    let texts = [
        (
            "nl",
            format!("Dit bericht is al beantwoord via de inbox {inbox}."),
        ),
        (
            "en",
            format!("This message has been answered through the inbox {inbox}."),
        ),
    ];
    let body = EffectBody::Hold("manager".into());
    Ok(Some(said_by_channel(connector, RULE, body, texts, None)))
}

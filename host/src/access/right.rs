//! Rights to inboxes: given to a person or a team; the voice to a person only.

use super::{AccessError, Result, people, record, team};
use crate::db::access::right::{Holder, inbox_right_set_in_tx};
use crate::db::{Db, commit};
use crate::domain::access::{Caller, InboxGrant, InboxRight};

/// Gives a right to an inbox, or with none takes it away; all rights to the inbox afterwards. Nobody
/// gives or takes what they do not hold.
pub async fn set(
    db: &Db,
    by: &Caller,
    inbox_id: &str,
    holder: &Holder,
    right: Option<InboxRight>,
) -> Result<Vec<InboxGrant>> {
    if db.inbox_get(inbox_id).await?.is_none() || by.inboxes.on(inbox_id).is_none() {
        return Err(AccessError::NotFound("inbox"));
    }
    let subject = match holder {
        Holder::Agent(id) => {
            people::get(db, id).await?;
            people::check_outranks(by, &db.agent_access(id).await?)?;
            format!("agent:{id}")
        }
        Holder::Team(id) => {
            team::get(db, id).await?;
            if right.is_some_and(|right| right.voice || right.own) {
                return Err(AccessError::Invalid(
                    "voice, own: given to a person, not to a team.".into(),
                ));
            }
            format!("team:{id}")
        }
    };
    let grants = db.inbox_right_list(inbox_id).await?;
    let before = grants.iter().find(|grant| grant.is_of(holder));
    let mut concerned = right.into_iter().chain(before.map(|grant| grant.right));
    if !concerned.all(|right| by.may_give_inbox(inbox_id, right)) {
        return Err(AccessError::Forbidden(
            "You do not hold that right to the inbox yourself.".into(),
        ));
    }
    let mut tx = db.begin().await?;
    inbox_right_set_in_tx(&mut tx, inbox_id, holder, right).await?;
    let detail = serde_json::json!({ "holder": subject, "right": right });
    record(&mut tx, by, "inbox.right", inbox_id, detail).await?;
    commit(tx).await?;
    Ok(db.inbox_right_list(inbox_id).await?)
}

//! Rights to inboxes, of people and of teams.

use super::super::row::bool_of;
use super::super::{Db, Result, Tx};
use crate::domain::Id;
use crate::domain::access::{InboxGrant, InboxRight, InboxRights};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// Whose right it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    Agent(Id),
    Team(Id),
}

impl Holder {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Holder::Agent(id) => ("agent", id),
            Holder::Team(id) => ("team", id),
        }
    }
}

impl InboxGrant {
    pub fn is_of(&self, holder: &Holder) -> bool {
        match holder {
            Holder::Agent(id) => self.agent_id.as_ref() == Some(id),
            Holder::Team(id) => self.team_id.as_ref() == Some(id),
        }
    }
}

fn right_of(row: &AnyRow) -> Result<InboxRight> {
    Ok(InboxRight {
        answer: bool_of(row, "answer")?,
        voice: bool_of(row, "voice")?,
        own: bool_of(row, "own")?,
    })
}

/// Gives a right, or with none takes it away.
pub async fn inbox_right_set_in_tx(
    tx: &mut Tx<'_>,
    inbox_id: &str,
    holder: &Holder,
    right: Option<InboxRight>,
) -> Result<()> {
    let (kind, id) = holder.parts();
    let Some(right) = right else {
        sqlx::query(
            "DELETE FROM inbox_right WHERE inbox_id = $1 AND holder_kind = $2 AND holder_id = $3",
        )
        .bind(inbox_id)
        .bind(kind)
        .bind(id)
        .execute(&mut **tx)
        .await?;
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO inbox_right (inbox_id, holder_kind, holder_id, answer, voice, own)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (inbox_id, holder_kind, holder_id)
         DO UPDATE SET answer = excluded.answer, voice = excluded.voice, own = excluded.own",
    )
    .bind(inbox_id)
    .bind(kind)
    .bind(id)
    .bind(right.answer)
    .bind(right.voice)
    .bind(right.own)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An agent's own rights and those of their teams. Admins read and answer everywhere.
pub(super) async fn inbox_rights_on(
    connection: &mut AnyConnection,
    agent_id: &str,
    admin: bool,
) -> Result<InboxRights> {
    let rows = sqlx::query(
        "SELECT inbox_id, answer, voice, own FROM inbox_right
         WHERE (holder_kind = 'agent' AND holder_id = $1)
            OR (holder_kind = 'team' AND holder_id IN
                (SELECT team_id FROM team_member WHERE agent_id = $1))",
    )
    .bind(agent_id)
    .fetch_all(connection)
    .await?;
    let mut rights = InboxRights {
        all: admin.then_some(InboxRight {
            answer: true,
            voice: false,
            own: false,
        }),
        ..InboxRights::default()
    };
    for row in &rows {
        let right = right_of(row)?;
        let known: &mut InboxRight = rights.some.entry(row.try_get("inbox_id")?).or_default();
        *known = known.or(right);
    }
    Ok(rights)
}

impl Db {
    /// All rights to one inbox.
    pub async fn inbox_right_list(&self, inbox_id: &str) -> Result<Vec<InboxGrant>> {
        let rows = sqlx::query(
            "SELECT * FROM inbox_right WHERE inbox_id = $1 ORDER BY holder_kind, holder_id",
        )
        .bind(inbox_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                let holder: Id = row.try_get("holder_id")?;
                let person = row.try_get::<String, _>("holder_kind")? == "agent";
                Ok(InboxGrant {
                    inbox_id: inbox_id.to_owned(),
                    agent_id: person.then(|| holder.clone()),
                    team_id: (!person).then_some(holder),
                    right: right_of(row)?,
                })
            })
            .collect()
    }

    /// What a team may do, for those who are to join it.
    pub async fn team_rights(&self, team_id: &str) -> Result<Vec<(Id, InboxRight)>> {
        let rows = sqlx::query(
            "SELECT inbox_id, answer, voice, own FROM inbox_right
             WHERE holder_kind = 'team' AND holder_id = $1",
        )
        .bind(team_id)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("inbox_id")?, right_of(row)?)))
            .collect()
    }
}

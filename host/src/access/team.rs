//! Teams. Who joins one gets its inbox rights and who leaves it loses them, so whoever changes members or
//! deletes a team must be able to give them.

use super::{AccessError, Result, checked_name, people, record};
use crate::db::access::team::{
    team_delete_in_tx, team_insert_in_tx, team_members_set_in_tx, team_rename_in_tx,
};
use crate::db::{Db, commit};
use crate::domain::access::{Caller, Team};
use crate::domain::{Id, new_id};

const TEAMS_MAX: usize = 500;
const MEMBERS_MAX: usize = 1000;

fn taken() -> AccessError {
    AccessError::Conflict("A team has that name already.".into())
}

async fn check_members(db: &Db, members: &[Id]) -> Result<()> {
    if members.len() > MEMBERS_MAX {
        return Err(AccessError::Invalid(format!(
            "members: at most {MEMBERS_MAX}."
        )));
    }
    people::check_exist(db, members).await
}

/// Refuses a caller who does not hold the team's rights to inboxes.
async fn check_may_manage(db: &Db, by: &Caller, team: &str) -> Result<()> {
    let rights = db.team_rights(team).await?;
    let mut rights = rights.iter();
    match rights.all(|(inbox, right)| by.may_give_inbox(inbox, *right)) {
        true => Ok(()),
        false => Err(AccessError::Forbidden(
            "You do not hold the team's inbox rights yourself.".into(),
        )),
    }
}

pub async fn create(db: &Db, by: &Caller, name: &str, members: &[Id]) -> Result<Team> {
    let name = checked_name("name", name)?;
    check_members(db, members).await?;
    if db.team_list().await?.len() >= TEAMS_MAX {
        return Err(AccessError::Conflict(format!(
            "There are {TEAMS_MAX} teams already."
        )));
    }
    let id = new_id();
    let mut tx = db.begin().await?;
    if !team_insert_in_tx(&mut tx, &id, &name).await? {
        return Err(taken());
    }
    team_members_set_in_tx(&mut tx, &id, members).await?;
    let detail = serde_json::json!({ "name": name, "members": members });
    record(&mut tx, by, "team.create", &id, detail).await?;
    commit(tx).await?;
    get(db, &id).await
}

pub async fn get(db: &Db, id: &str) -> Result<Team> {
    db.team_get(id).await?.ok_or(AccessError::NotFound("team"))
}

/// Renames a team, or replaces its members; none leaves them.
pub async fn change(
    db: &Db,
    by: &Caller,
    id: &str,
    name: Option<&str>,
    members: Option<&[Id]>,
) -> Result<Team> {
    let before = get(db, id).await?;
    let name = match name {
        Some(name) => checked_name("name", name)?,
        None => before.name.clone(),
    };
    check_may_manage(db, by, id).await?;
    check_members(db, members.unwrap_or_default()).await?;
    let mut tx = db.begin().await?;
    if !team_rename_in_tx(&mut tx, id, &name).await? {
        return Err(taken());
    }
    if let Some(members) = members {
        team_members_set_in_tx(&mut tx, id, members).await?;
    }
    let detail = serde_json::json!({
        "name": name, "from": before.members, "to": members.unwrap_or(&before.members),
    });
    record(&mut tx, by, "team.change", id, detail).await?;
    commit(tx).await?;
    get(db, id).await
}

/// Deletes a team; its rights go with it.
pub async fn delete(db: &Db, by: &Caller, id: &str) -> Result<()> {
    get(db, id).await?;
    check_may_manage(db, by, id).await?;
    let mut tx = db.begin().await?;
    if !team_delete_in_tx(&mut tx, id).await? {
        return Err(AccessError::NotFound("team"));
    }
    record(&mut tx, by, "team.delete", id, serde_json::Value::Null).await?;
    commit(tx).await?;
    Ok(())
}

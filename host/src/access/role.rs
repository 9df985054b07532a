//! Custom roles: named sets of permissions, of which nobody puts in one that they do not hold. A hold can
//! name a role that brings draft.release, so that such a role is made, changed and deleted only by who
//! has it, or an admin.

use super::{AccessError, Result, record};
use crate::db::access::role::{role_delete_in_tx, role_set_in_tx};
use crate::db::{Db, commit};
use crate::domain::access::{BuiltInRole, Caller, Permissions, Role};

const ROLES_MAX: usize = 200;
const NAME_MAX_BYTES: usize = 64;

fn check_name(name: &str) -> Result<()> {
    if name.parse::<BuiltInRole>().is_ok() {
        return Err(AccessError::Conflict("That role is built in.".into()));
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > NAME_MAX_BYTES || !name.chars().all(fits) {
        return Err(AccessError::Invalid(
            "name: lower-case letters, digits and hyphens, at most 64.".into(),
        ));
    }
    Ok(())
}

pub async fn get(db: &Db, name: &str) -> Result<Role> {
    db.role_get(name)
        .await?
        .ok_or(AccessError::NotFound("role"))
}

/// Refuses a caller who may not give this role.
pub(super) fn check_gives(by: &Caller, role: &Role) -> Result<()> {
    by.may_give(&role.permissions)
        .map_err(AccessError::not_held)?;
    match by.may_give_role(role) {
        true => Ok(()),
        false => Err(AccessError::Forbidden(format!(
            "You do not have the role {} yourself.",
            role.name
        ))),
    }
}

/// Makes a role or changes its permissions; whoever has it has them at once.
pub async fn set(db: &Db, by: &Caller, name: &str, permissions: &Permissions) -> Result<Role> {
    check_name(name)?;
    let after = Role {
        name: name.to_owned(),
        built_in: false,
        permissions: permissions.iter().copied().collect(),
    };
    check_gives(by, &after)?;
    let before = db.role_get(name).await?;
    if let Some(before) = &before {
        check_gives(by, before)?;
    } else if db.role_list().await?.len() >= ROLES_MAX {
        return Err(AccessError::Conflict(format!(
            "There are {ROLES_MAX} roles already."
        )));
    }
    let mut tx = db.begin().await?;
    role_set_in_tx(&mut tx, name, permissions).await?;
    let detail = serde_json::json!({
        "from": before.map(|role| role.permissions), "to": permissions,
    });
    record(&mut tx, by, "role.set", name, detail).await?;
    commit(tx).await?;
    get(db, name).await
}

/// Deletes a role; whoever had it has it no more.
pub async fn delete(db: &Db, by: &Caller, name: &str) -> Result<()> {
    check_name(name)?;
    let before = get(db, name).await?;
    check_gives(by, &before)?;
    let mut tx = db.begin().await?;
    if !role_delete_in_tx(&mut tx, name).await? {
        return Err(AccessError::NotFound("role"));
    }
    let detail = serde_json::json!({ "from": before.permissions });
    record(&mut tx, by, "role.delete", name, detail).await?;
    commit(tx).await?;
    Ok(())
}

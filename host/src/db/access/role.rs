//! Custom roles. The built-in ones are in the code, so that they grow with it.

use super::super::{Db, Result, Tx};
use crate::domain::access::{BuiltInRole, Permission, Permissions, Role};

/// Makes or changes a custom role.
pub async fn role_set_in_tx(tx: &mut Tx<'_>, name: &str, permissions: &Permissions) -> Result<()> {
    sqlx::query("INSERT INTO role (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM role_permission WHERE role = $1")
        .bind(name)
        .execute(&mut **tx)
        .await?;
    for permission in permissions {
        sqlx::query("INSERT INTO role_permission (role, permission) VALUES ($1, $2)")
            .bind(name)
            .bind(permission.as_str())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Deletes a custom role; who had it has it no more. False when there is none.
pub async fn role_delete_in_tx(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    for sql in [
        "DELETE FROM agent_role WHERE role = $1",
        "DELETE FROM role_permission WHERE role = $1",
    ] {
        sqlx::query(sql).bind(name).execute(&mut **tx).await?;
    }
    let done = sqlx::query("DELETE FROM role WHERE name = $1")
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl Db {
    /// Built-in roles first.
    pub async fn role_list(&self) -> Result<Vec<Role>> {
        let mut roles: Vec<Role> = BuiltInRole::ALL
            .iter()
            .map(|role| Role {
                name: role.as_str().to_owned(),
                built_in: true,
                permissions: role.permissions().to_vec(),
            })
            .collect();
        let names: Vec<String> = sqlx::query_scalar("SELECT name FROM role ORDER BY name")
            .fetch_all(&self.read)
            .await?;
        for name in names {
            let permissions = self.custom_permissions(&name).await?;
            roles.push(Role {
                name,
                built_in: false,
                permissions,
            });
        }
        Ok(roles)
    }

    /// None: there is no such role.
    pub async fn role_get(&self, name: &str) -> Result<Option<Role>> {
        if let Ok(role) = name.parse::<BuiltInRole>() {
            return Ok(Some(Role {
                name: name.to_owned(),
                built_in: true,
                permissions: role.permissions().to_vec(),
            }));
        }
        let found: Option<String> = sqlx::query_scalar("SELECT name FROM role WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.read)
            .await?;
        let Some(name) = found else { return Ok(None) };
        let permissions = self.custom_permissions(&name).await?;
        Ok(Some(Role {
            name,
            built_in: false,
            permissions,
        }))
    }

    async fn custom_permissions(&self, role: &str) -> Result<Vec<Permission>> {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT permission FROM role_permission WHERE role = $1 ORDER BY permission",
        )
        .bind(role)
        .fetch_all(&self.read)
        .await?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }
}

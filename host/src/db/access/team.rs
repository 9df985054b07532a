//! Teams and who is in them.

use super::super::{Db, Result, Tx};
use crate::domain::Id;
use crate::domain::access::Team;
use sqlx::Row;

/// False when another team has that name.
pub async fn team_insert_in_tx(tx: &mut Tx<'_>, id: &str, name: &str) -> Result<bool> {
    let done =
        sqlx::query("INSERT INTO team (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(id)
            .bind(name)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// False when another team has that name.
pub async fn team_rename_in_tx(tx: &mut Tx<'_>, id: &str, name: &str) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE team SET name = $2 WHERE id = $1
             AND NOT EXISTS (SELECT 1 FROM team WHERE name = $2 AND id <> $1)",
    )
    .bind(id)
    .bind(name)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the members. They are agents that exist.
pub async fn team_members_set_in_tx(tx: &mut Tx<'_>, id: &str, members: &[Id]) -> Result<()> {
    sqlx::query("DELETE FROM team_member WHERE team_id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    for member in members {
        sqlx::query(
            "INSERT INTO team_member (team_id, agent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(member)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Deletes a team with its rights. False when there is none.
pub async fn team_delete_in_tx(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    for sql in [
        "DELETE FROM team_member WHERE team_id = $1",
        "DELETE FROM inbox_right WHERE holder_kind = 'team' AND holder_id = $1",
    ] {
        sqlx::query(sql).bind(id).execute(&mut **tx).await?;
    }
    let done = sqlx::query("DELETE FROM team WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl Db {
    pub async fn team_list(&self) -> Result<Vec<Team>> {
        let rows = sqlx::query("SELECT id, name FROM team ORDER BY name")
            .fetch_all(&self.read)
            .await?;
        let mut teams = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: Id = row.try_get("id")?;
            teams.push(Team {
                members: self.team_members(&id).await?,
                name: row.try_get("name")?,
                id,
            });
        }
        Ok(teams)
    }

    pub async fn team_get(&self, id: &str) -> Result<Option<Team>> {
        let name: Option<String> = sqlx::query_scalar("SELECT name FROM team WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        let Some(name) = name else { return Ok(None) };
        Ok(Some(Team {
            id: id.to_owned(),
            name,
            members: self.team_members(id).await?,
        }))
    }

    async fn team_members(&self, id: &str) -> Result<Vec<Id>> {
        Ok(sqlx::query_scalar(
            "SELECT agent_id FROM team_member WHERE team_id = $1 ORDER BY agent_id",
        )
        .bind(id)
        .fetch_all(&self.read)
        .await?)
    }
}

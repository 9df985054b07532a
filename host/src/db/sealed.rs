//! Everything that stands sealed in the store, in one list, and its change to another key: what is under
//! way, how far each host is with it, and sealing all of it anew.
//!
//! Invariant: a sealed text is replaced only by the same secret under the new key, and only where it
//! still stands as it was read.

use super::audit::audit_append_in_tx;
use super::host_state::HOST_GONE_MS;
use super::{Db, DbError, Result, commit};
use crate::domain::sealed::{SealKey, is_sealed, purpose};
use crate::domain::{Id, TimestampMs, now_ms};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};

/// A column that holds sealed texts.
struct Place {
    table: &'static str,
    key: &'static [&'static str],
    column: &'static str,
    /// What a row's text is for, by its key.
    purpose: fn(&[String]) -> String,
}

const PLACES: &[Place] = &[
    Place {
        table: "agent",
        key: &["id"],
        column: "totp_secret",
        purpose: |key| purpose::totp(&key[0]),
    },
    Place {
        table: "totp",
        key: &["agent_id"],
        column: "pending",
        purpose: |key| purpose::totp(&key[0]),
    },
    Place {
        table: "inbox_secret",
        key: &["inbox_id", "name"],
        column: "sealed",
        purpose: |key| purpose::inbox_secret(&key[0], &key[1]),
    },
    Place {
        table: "webhook_endpoint",
        key: &["id"],
        column: "url",
        purpose: |key| purpose::webhook_url(&key[0]),
    },
    Place {
        table: "webhook_endpoint",
        key: &["id"],
        column: "secret",
        purpose: |key| purpose::webhook_secret(&key[0]),
    },
    Place {
        table: "webhook_endpoint",
        key: &["id"],
        column: "previous_secret",
        purpose: |key| purpose::webhook_secret(&key[0]),
    },
];

/// What came of sealing anew.
#[derive(Debug, Default, Clone, Copy)]
pub struct Resealed {
    pub changed: u64,
    /// Neither key opens them: they were lost before.
    pub unreadable: u64,
}

/// A change of the secret key that is under way.
#[derive(Debug, Clone)]
pub struct KeyChange {
    /// The new key's text, sealed under the old one.
    pub next: String,
    /// The old key's text, sealed under the new one.
    pub previous: String,
    /// 1: hosts open both. 2: they seal under the new one.
    pub step: i64,
    pub started: TimestampMs,
}

impl Db {
    pub async fn key_change(&self) -> Result<Option<KeyChange>> {
        let row = sqlx::query("SELECT * FROM secret_key_change WHERE id = 1")
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(KeyChange {
                next: row.try_get("next")?,
                previous: row.try_get("previous")?,
                step: row.try_get("step")?,
                started: row.try_get("started")?,
            })
        })
        .transpose()
    }

    /// Begins a change; [`DbError::Overtaken`] when one is under way.
    pub async fn key_change_begin(&self, change: &KeyChange, by: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO secret_key_change (id, next, previous, step, started)
             VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&change.next)
        .bind(&change.previous)
        .bind(change.step)
        .bind(change.started)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(DbError::Overtaken);
        }
        let now = now_ms();
        audit_append_in_tx(
            &mut tx,
            now,
            by,
            "secret-key.begin",
            "secret-key",
            &Value::Null,
        )
        .await?;
        commit(tx).await
    }

    pub async fn key_change_step(&self, started: TimestampMs, step: i64) -> Result<()> {
        sqlx::query("UPDATE secret_key_change SET step = $2 WHERE started = $1 AND step < $2")
            .bind(started)
            .bind(step)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Ends a change: from now on hosts start with the new key only. `check` is what it is known by.
    pub async fn key_change_end(
        &self,
        started: TimestampMs,
        check: &str,
        resealed: Resealed,
        by: &str,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM secret_key_change WHERE started = $1")
            .bind(started)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(DbError::Overtaken);
        }
        sqlx::query("UPDATE secret_key_check SET sealed = $1 WHERE id = 1")
            .bind(check)
            .execute(&mut *tx)
            .await?;
        let detail = json!({ "sealed": resealed.changed, "unreadable": resealed.unreadable });
        let now = now_ms();
        audit_append_in_tx(&mut tx, now, by, "secret-key.rotate", "secret-key", &detail).await?;
        commit(tx).await
    }

    /// Says how far this host is with a change.
    pub async fn host_key_store(
        &self,
        host: &str,
        started: TimestampMs,
        step: i64,
        kept: bool,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE host_state SET key_change = $2, key_step = $3, key_kept = $4 WHERE host = $1",
        )
        .bind(host)
        .bind(started)
        .bind(step)
        .bind(i64::from(kept))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Hosts that are there and are not as far as this step of a change; with `kept`, also those that do
    /// not start from the new key.
    pub async fn hosts_without_key(
        &self,
        started: TimestampMs,
        step: i64,
        kept: bool,
    ) -> Result<Vec<Id>> {
        Ok(sqlx::query_scalar(
            "SELECT host FROM host_state WHERE at >= $1
               AND NOT (key_change = $2 AND key_step >= $3 AND key_kept >= $4) ORDER BY host",
        )
        .bind(now_ms() - HOST_GONE_MS)
        .bind(started)
        .bind(step)
        .bind(i64::from(kept))
        .fetch_all(&self.read)
        .await?)
    }

    /// Seals everything under the key that `key` seals with now, as far as it is not yet. Can be broken
    /// off and done again.
    pub async fn reseal(&self, key: &SealKey) -> Result<Resealed> {
        let new = key.alone();
        let mut done = Resealed::default();
        for place in PLACES {
            self.reseal_place(place, key, &new, &mut done).await?;
        }
        Ok(done)
    }

    async fn reseal_place(
        &self,
        place: &Place,
        key: &SealKey,
        new: &SealKey,
        done: &mut Resealed,
    ) -> Result<()> {
        let Place { table, column, .. } = place;
        let names = place.key.join(", ");
        let sql =
            format!("SELECT {names}, {column} AS text FROM {table} WHERE {column} IS NOT NULL");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&self.read)
            .await?;
        let keys: Vec<String> = (3..)
            .zip(place.key)
            .map(|(n, k)| format!("{k} = ${n}"))
            .collect();
        let update = format!(
            "UPDATE {table} SET {column} = $1 WHERE {column} = $2 AND {}",
            keys.join(" AND ")
        );
        for row in &rows {
            let of: Vec<String> = place
                .key
                .iter()
                .map(|name| row.try_get(*name))
                .collect::<std::result::Result<_, _>>()?;
            let purpose = (place.purpose)(&of);
            let text: String = row.try_get("text")?;
            if new.open(&purpose, &text).is_ok() {
                continue;
            }
            let Ok(secret) = key.open(&purpose, &text) else {
                // Plain ones are sealed by the next start.
                done.unreadable += u64::from(is_sealed(&text));
                continue;
            };
            let mut query = sqlx::query(AssertSqlSafe(update.clone()))
                .bind(new.seal(&purpose, &secret)?)
                .bind(&text);
            for part in &of {
                query = query.bind(part);
            }
            done.changed += query.execute(&self.write).await?.rows_affected();
        }
        Ok(())
    }
}

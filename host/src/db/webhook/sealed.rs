//! Secrets and addresses of endpoints as they stand in the store: sealed, and in a store of before that
//! was so, plain until the next start ([`Db::endpoints_seal`]).

use super::super::{Db, Result, commit};
use crate::domain::sealed::purpose::{webhook_secret, webhook_url};
use crate::domain::sealed::{SealKey, is_sealed};
use sqlx::Row;

/// Stands for an address that can't be opened, and is none that anything is sent to.
const UNREADABLE: &str = "sealed under another secret key";

fn opened(key: &SealKey, purpose: &str, stored: &str) -> Option<String> {
    if !is_sealed(stored) {
        return Some(stored.to_owned());
    }
    let bytes = key.open(purpose, stored).ok()?;
    String::from_utf8(bytes).ok()
}

pub(super) fn url_opened(key: &SealKey, id: &str, stored: &str) -> String {
    opened(key, &webhook_url(id), stored).unwrap_or_else(|| UNREADABLE.to_owned())
}

/// None for one that can't be opened: nothing is signed with it.
pub(super) fn secret_opened(key: &SealKey, id: &str, stored: &str) -> Option<String> {
    opened(key, &webhook_secret(id), stored)
}

impl Db {
    /// Seals what an earlier version stored plain; how many endpoints.
    pub async fn endpoints_seal(&self) -> Result<u64> {
        let key = self.seal_key()?;
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "SELECT id, url, secret, previous_secret FROM webhook_endpoint
             WHERE url NOT LIKE '1.%' OR secret NOT LIKE '1.%' OR previous_secret NOT LIKE '1.%'",
        )
        .fetch_all(&mut *tx)
        .await?;
        let sealed = |purpose: String, text: String| match is_sealed(&text) {
            true => Ok(text),
            false => key.seal(&purpose, text.as_bytes()),
        };
        for row in &rows {
            let id: String = row.try_get("id")?;
            let previous: Option<String> = row.try_get("previous_secret")?;
            let previous = previous.map(|text| sealed(webhook_secret(&id), text));
            sqlx::query(
                "UPDATE webhook_endpoint SET url = $2, secret = $3, previous_secret = $4 WHERE id = $1",
            )
            .bind(&id)
            .bind(sealed(webhook_url(&id), row.try_get("url")?)?)
            .bind(sealed(webhook_secret(&id), row.try_get("secret")?)?)
            .bind(previous.transpose()?)
            .execute(&mut *tx)
            .await?;
        }
        commit(tx).await?;
        Ok(rows.len() as u64)
    }
}

//! Whom the admin trusts: keys taken in, keys and files revoked. Kept in the store, so that it holds on
//! every host at once.

use super::manage::ManageError;
use crate::db::Db;
use crate::db::plugin::Record;
use crate::domain::now_ms;
use rapport_publish::sign::KeyId;
use rapport_publish::trust::{StoreError, TrustStore};
use serde_json::json;

/// Reads what the admin trusts, with its text for [`change`].
async fn read(db: &Db) -> Result<(TrustStore, Option<String>), ManageError> {
    let text = db.plugin_trust().await?;
    let store = match &text {
        None => TrustStore::default(),
        Some(text) => serde_json::from_str(text)
            .map_err(|e| ManageError::Invalid(format!("the stored trust store: {e}")))?,
    };
    Ok((store, text))
}

/// What the admin trusts.
pub async fn trust_store(db: &Db) -> Result<TrustStore, ManageError> {
    Ok(read(db).await?.0)
}

/// Trusts a key: the text of a `.pub` file or its Base64 line. Its id.
pub async fn key_add(db: &Db, by: &str, name: &str, key: &str) -> Result<KeyId, ManageError> {
    let (mut store, before) = read(db).await?;
    let id = store.add_key(name, key, now_ms()).map_err(invalid)?;
    let detail = json!({ "name": name });
    save(
        db,
        &store,
        before,
        (by, "trust.key-add", &id.to_string()),
        detail,
    )
    .await?;
    Ok(id)
}

/// Stops trusting a key, and so everything that it signed, at once.
pub async fn key_revoke(db: &Db, by: &str, id: &str, reason: &str) -> Result<(), ManageError> {
    let (mut store, before) = read(db).await?;
    let key: KeyId = id
        .parse()
        .map_err(|e| ManageError::Invalid(format!("{id}: {e}")))?;
    let revoked = store.revoke_key(key, now_ms(), reason);
    revoked.map_err(|error| match error {
        StoreError::NoSuchKey(_) => ManageError::NotFound("key"),
        other => invalid(other),
    })?;
    let detail = json!({ "reason": reason });
    save(
        db,
        &store,
        before,
        (by, "trust.key-revoke", &key.to_string()),
        detail,
    )
    .await
}

/// Forbids a file, whoever signed it.
pub async fn digest_revoke(
    db: &Db,
    by: &str,
    digest: &str,
    reason: &str,
) -> Result<(), ManageError> {
    let (mut store, before) = read(db).await?;
    store
        .revoke_digest(digest, now_ms(), reason)
        .map_err(invalid)?;
    let detail = json!({ "reason": reason });
    save(
        db,
        &store,
        before,
        (by, "trust.digest-revoke", digest),
        detail,
    )
    .await
}

async fn save(
    db: &Db,
    store: &TrustStore,
    before: Option<String>,
    (by, action, subject): (&str, &str, &str),
    detail: serde_json::Value,
) -> Result<(), ManageError> {
    let text = serde_json::to_string(store)
        .map_err(|e| ManageError::Invalid(format!("the trust store: {e}")))?;
    let record = Record {
        by,
        action,
        subject,
        detail,
    };
    db.plugin_trust_save(before.as_deref(), &text, &record)
        .await?;
    Ok(())
}

fn invalid(error: impl ToString) -> ManageError {
    ManageError::Invalid(error.to_string())
}

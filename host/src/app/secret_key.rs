//! The key that secrets are sealed under in the store: from the environment, the configuration, or a
//! file in the data directory that the first start makes.
//!
//! Hosts that share a database must share the key; one that has another does not start. While the key
//! is being changed (`rotation`) either is good.

use super::rotation;
use crate::config::{Config, SecretPlace, SecretSource};
use crate::db::{Db, private};
use crate::domain::sealed::SealKey;
use anyhow::{Context, Result, anyhow, bail};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

pub(super) const PURPOSE: &str = "secret-key-check";

/// A key, and where it is from.
pub(super) struct Given {
    pub key: SealKey,
    pub text: String,
    pub place: String,
    /// It is in the file that the first start made.
    pub own_file: bool,
}

/// Finds or makes the key, makes sure that it is the one that this store's secrets are under, and lets
/// the store seal with it.
pub async fn secret_key(config: &Config, db: &Db) -> Result<SealKey> {
    if let Ok(key) = db.seal_key() {
        return Ok(key.clone());
    }
    let given = match given_key(config)? {
        Some(given) => given,
        None => {
            let path = own_file(config);
            let place = path.display().to_string();
            let text = file_key(&path).with_context(|| place.clone())?;
            given_of(text, place, true)?
        }
    };
    let Given { key, place, .. } = given;
    if db.secret_key_check().await?.is_none() {
        db.secret_key_check_insert(&key.seal(PURPOSE, b"")?).await?;
    }
    private::tighten(&own_file(config));
    if let Some(change) = db.key_change().await? {
        // One that fits neither is told below.
        let _ = rotation::join(&key, &change);
    }
    if let Some(problem) = wrong_key(&key, &place, db).await? {
        bail!(problem);
    }
    let key = db.seal_with(&key);
    let sealed = db.endpoints_seal().await?;
    if sealed > 0 {
        tracing::info!(
            sealed,
            "secrets and addresses of webhook endpoints are sealed now"
        );
    }
    Ok(key)
}

/// Why a key is not this store's; none also where the store has no secrets yet.
async fn wrong_key(key: &SealKey, place: &str, db: &Db) -> Result<Option<String>> {
    let check = db.secret_key_check().await?;
    let wrong = check.is_some_and(|check| key.open(PURPOSE, &check).is_err());
    Ok(wrong.then(|| {
        format!(
            "{place}: not the key that this store's secrets are sealed under; hosts that share a \
             database must have the same RAPPORT_SECRET_KEY or `secret-key`. Was it changed by `rapport \
             secret-key rotate`, give this host the new one"
        )
    }))
}

/// Whether the key that is given is not that of a store that is there already.
pub async fn examine_key(config: &Config, db: &Db) -> Result<Option<String>> {
    let Some(given) = given_key(config)? else {
        return Ok(None);
    };
    if let Some(change) = db.key_change().await? {
        let _ = rotation::join(&given.key, &change);
    }
    wrong_key(&given.key, &given.place, db).await
}

/// The key that this host would start with, if there is one; nothing is made or stored.
pub fn known_key(config: &Config) -> Option<SealKey> {
    Some(given_key(config).ok()??.key)
}

pub(super) fn own_file(config: &Config) -> PathBuf {
    config.data_dir.join("secret-key")
}

fn given_of(text: String, place: String, own_file: bool) -> Result<Given> {
    let key = SealKey::parse(&text).with_context(|| place.clone())?;
    Ok(Given {
        key,
        text,
        place,
        own_file,
    })
}

/// The key that the environment or the configuration gives, or that the file has which an earlier start
/// made. Nothing is made here.
pub(super) fn given_key(config: &Config) -> Result<Option<Given>> {
    let variable = "RAPPORT_SECRET_KEY";
    let file = own_file(config);
    let in_environment = std::env::var_os(variable).is_some_and(|text| !text.is_empty());
    let (source, place, own_file) = match &config.secret_key {
        _ if in_environment => (
            SecretSource::Elsewhere(SecretPlace::Env(variable.to_owned())),
            variable.to_owned(),
            false,
        ),
        Some(source) => (source.clone(), "secret-key".to_owned(), false),
        None if file.exists() => {
            let place = file.display().to_string();
            (
                SecretSource::Elsewhere(SecretPlace::File(file)),
                place,
                true,
            )
        }
        None => return Ok(None),
    };
    let text = source
        .read()
        .map_err(|problem| anyhow!("{place}: {problem}"))?;
    given_of(text, place, own_file).map(Some)
}

/// The key in the file, which is made if it is not there, for this user only.
fn file_key(path: &Path) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    if let Some(dir) = path.parent() {
        private::create_dir(dir)?;
    }
    let text = SealKey::generate()?;
    match private::create_new(path) {
        Ok(file) => write_key(file, &text)?,
        // Another start was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Ok(std::fs::read_to_string(path)?);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(text)
}

fn write_key(mut file: std::fs::File, text: &str) -> Result<()> {
    file.write_all(text.trim().as_bytes())?;
    file.write_all(b"\n")?;
    Ok(file.sync_all()?)
}

/// Puts another key into the file, which has the old or the new one whatever happens.
pub(super) fn replace_file_key(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", crate::domain::new_id()));
    let place = || path.display().to_string();
    let file = private::create_new(&temporary).with_context(place)?;
    let written = write_key(file, text).and_then(|()| Ok(std::fs::rename(&temporary, path)?));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.with_context(place)
}

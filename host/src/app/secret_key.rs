//! The key that secrets are sealed under in the store: from the environment, the configuration, or a
//! file in the data directory that the first start makes.
//!
//! Hosts that share a database must share the key; one that has another does not start. Deliberately
//! absent: changing the key.

use crate::config::{Config, SecretPlace, SecretSource};
use crate::db::Db;
use crate::domain::sealed::SealKey;
use anyhow::{Context, Result, anyhow, bail};
use std::io::{ErrorKind, Write};
use std::path::Path;

const PURPOSE: &str = "secret-key-check";

/// Finds or makes the key, and makes sure that it is the one that this store's secrets are under.
pub async fn secret_key(config: &Config, db: &Db) -> Result<SealKey> {
    let path = config.data_dir.join("secret-key");
    let (key, place) = match given_key(config)? {
        Some(given) => given,
        None => {
            let place = path.display().to_string();
            let text = file_key(&path).with_context(|| place.clone())?;
            (SealKey::parse(&text).with_context(|| place.clone())?, place)
        }
    };
    if db.secret_key_check().await?.is_none() {
        db.secret_key_check_insert(&key.seal(PURPOSE, b"")?).await?;
    }
    crate::db::private::tighten(&config.data_dir.join("secret-key"));
    if let Some(problem) = wrong_key(&key, &place, db).await? {
        bail!(problem);
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
             database must have the same RAPPORT_SECRET_KEY or `secret-key`"
        )
    }))
}

/// Whether the key that is given is not that of a store that is there already.
pub async fn examine_key(config: &Config, db: &Db) -> Result<Option<String>> {
    match given_key(config)? {
        Some((key, place)) => wrong_key(&key, &place, db).await,
        None => Ok(None),
    }
}

/// The key that the environment or the configuration gives, or that the file has which an earlier start
/// made, with its place. Nothing is made here.
pub(super) fn given_key(config: &Config) -> Result<Option<(SealKey, String)>> {
    let variable = "RAPPORT_SECRET_KEY";
    let file = config.data_dir.join("secret-key");
    let in_environment = std::env::var_os(variable).is_some_and(|text| !text.is_empty());
    let (source, place) = match &config.secret_key {
        _ if in_environment => (
            SecretSource::Elsewhere(SecretPlace::Env(variable.to_owned())),
            variable.to_owned(),
        ),
        Some(source) => (source.clone(), "secret-key".to_owned()),
        None if file.exists() => {
            let place = file.display().to_string();
            (SecretSource::Elsewhere(SecretPlace::File(file)), place)
        }
        None => return Ok(None),
    };
    let text = source
        .read()
        .map_err(|problem| anyhow!("{place}: {problem}"))?;
    let key = SealKey::parse(&text).with_context(|| place.clone())?;
    Ok(Some((key, place)))
}

/// The key in the file, which is made if it is not there, for this user only.
fn file_key(path: &Path) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let text = SealKey::generate()?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Ok(file) => file,
        // Another start was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Ok(std::fs::read_to_string(path)?);
        }
        Err(error) => return Err(error.into()),
    };
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    Ok(text)
}

//! The key that secrets are sealed under in the store: from the environment, the configuration, or a
//! file in the data directory that the first start makes.
//!
//! Hosts that share a database must share the key; one that has another does not start. Deliberately
//! absent: changing the key.

use crate::config::Config;
use crate::db::Db;
use crate::domain::sealed::SealKey;
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Write};
use std::path::Path;

const PURPOSE: &str = "secret-key-check";

/// Finds or makes the key, and makes sure that it is the one that this store's secrets are under.
pub async fn secret_key(config: &Config, db: &Db) -> Result<SealKey> {
    let (text, place) = match (std::env::var("RAPPORT_SECRET_KEY"), &config.secret_key) {
        (Ok(text), _) => (text, "RAPPORT_SECRET_KEY".to_owned()),
        (Err(_), Some(source)) => (source.read("secret-key")?, "secret-key".to_owned()),
        (Err(_), None) => {
            let path = config.data_dir.join("secret-key");
            let place = path.display().to_string();
            (file_key(&path).with_context(|| place.clone())?, place)
        }
    };
    let key = SealKey::parse(&text).with_context(|| place.clone())?;
    if db.secret_key_check().await?.is_none() {
        db.secret_key_check_insert(&key.seal(PURPOSE, b"")?).await?;
    }
    crate::db::private::tighten(&config.data_dir.join("secret-key"));
    let check = db.secret_key_check().await?.unwrap_or_default();
    if key.open(PURPOSE, &check).is_err() {
        bail!(
            "{place}: not the key that this store's secrets are sealed under; hosts that share a \
             database must have the same RAPPORT_SECRET_KEY or `secret-key`"
        );
    }
    Ok(key)
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

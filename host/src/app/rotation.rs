//! Changing the secret key while hosts run, resumable at any point.
//!
//! A change goes in steps that every host has taken before the next begins: hosts open what either key
//! sealed; they seal under the new one; all that stands in the store is sealed anew; every host would
//! start from the new key; the old one is forgotten. Until then the store has each key sealed under the
//! other, so that a host may start with either. Deliberately absent: reaching copies. A backup of before
//! opens with the old key only, and whoever has both the old key and an old copy has what was in it.

use super::secret_key::{PURPOSE, given_key, own_file, replace_file_key};
use crate::config::Config;
use crate::db::sealed::{KeyChange, Resealed};
use crate::db::{Db, DbError};
use crate::domain::sealed::SealKey;
use crate::domain::{Id, TimestampMs, now_ms};
use crate::pipeline::heads;
use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const NEXT: &str = "secret-key-next";
const PREVIOUS: &str = "secret-key-previous";
/// Hosts open what either key sealed.
const OPENS_BOTH: i64 = 1;
/// Hosts seal under the new one.
const SEALS_ANEW: i64 = 2;
/// How often a host looks whether the key is being changed.
const LOOK: Duration = Duration::from_secs(1);
/// How long the hosts are waited for at each step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a key seals under the new one by now.
fn seals_anew(key: &SealKey, change: &KeyChange) -> bool {
    key.alone().open(PREVIOUS, &change.previous).is_ok()
}

fn opened(key: &SealKey, purpose: &str, sealed: &str) -> Result<(SealKey, String)> {
    let text = String::from_utf8(key.open(purpose, sealed)?)?;
    Ok((SealKey::parse(&text)?, text))
}

/// Brings a key as far as a change is, whichever of the two it was; the new key's text. Errors when it
/// is neither.
pub(super) fn join(key: &SealKey, change: &KeyChange) -> Result<String> {
    if seals_anew(key, change) {
        let (old, _) = opened(key, PREVIOUS, &change.previous)?;
        match change.step >= SEALS_ANEW {
            true => key.admit(&old),
            false => key.adopt(&old),
        }
        return Ok(opened(&old, NEXT, &change.next)?.1);
    }
    let (new, text) = opened(key, NEXT, &change.next)?;
    match change.step >= SEALS_ANEW {
        true => key.adopt(&new),
        false => key.admit(&new),
    }
    Ok(text)
}

/// What a host has said of itself.
#[derive(Default, PartialEq, Clone, Copy)]
struct Said {
    started: TimestampMs,
    step: i64,
    kept: bool,
}

/// Follows changes of the key for as long as the host runs.
pub async fn follow(config: Config, db: Db, host: Id, stop: CancellationToken) {
    let mut said = Said::default();
    loop {
        if let Err(error) = follow_once(&config, &db, &host, &mut said).await {
            tracing::error!(
                error = format!("{error:#}"),
                "the secret key's change is not followed"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn follow_once(config: &Config, db: &Db, host: &str, said: &mut Said) -> Result<()> {
    let key = db.seal_key()?;
    let Some(change) = db.key_change().await? else {
        if said.started != 0 {
            key.settle();
            *said = Said::default();
        }
        return still_good(config, db, key).await;
    };
    let now = Said {
        started: change.started,
        step: change.step,
        kept: false,
    };
    if (said.started, said.step) != (now.started, now.step) {
        join(key, &change)?;
    }
    let now = Said {
        kept: change.step >= SEALS_ANEW && keep(config, key, &change)?,
        ..now
    };
    db.host_key_store(host, now.started, now.step, now.kept)
        .await?;
    *said = now;
    Ok(())
}

/// The key may have been changed just as this host started, before it was seen.
async fn still_good(config: &Config, db: &Db, key: &SealKey) -> Result<()> {
    let check = db.secret_key_check().await?.unwrap_or_default();
    if key.open(PURPOSE, &check).is_ok() {
        return Ok(());
    }
    let given = given_key(config)?.context("there is no secret key any more")?;
    if given.key.open(PURPOSE, &check).is_err() {
        bail!("the secret key was changed; give this host the new one and restart it");
    }
    key.adopt(&given.key);
    key.settle();
    Ok(())
}

/// Whether this host would start from the new key: a file of our own is brought up to it.
fn keep(config: &Config, key: &SealKey, change: &KeyChange) -> Result<bool> {
    let Some(given) = given_key(config)? else {
        return Ok(false);
    };
    if seals_anew(&given.key, change) {
        return Ok(true);
    }
    if given.own_file {
        let (_, text) = opened(key, NEXT, &change.next)?;
        replace_file_key(&own_file(config), &text)?;
    }
    Ok(given.own_file)
}

/// What came of a change.
#[derive(Debug)]
pub struct Rotated {
    pub resealed: Resealed,
    /// Where this host's key is.
    pub place: String,
}

/// Changes the key, or goes on with a change that was begun. `new` is the new key's text; unless given,
/// one is made, for hosts whose key is in the file that a start made.
pub async fn rotate(config: &Config, db: &Db, new: Option<&str>, by: &str) -> Result<Rotated> {
    let key = super::secret_key(config, db).await?;
    let given = given_key(config)?.context("there is no secret key")?;
    let change = match db.key_change().await? {
        Some(change) => change,
        None => {
            let new = match new {
                Some(new) => new.to_owned(),
                None if given.own_file => SealKey::generate()?,
                None => bail!(
                    "{}: this host's key is not in a file of Rapport's own. Make a new one (`rapport \
                     secret-key generate > FILE`), and give it with --new-key FILE",
                    given.place
                ),
            };
            begin(db, &key, &given.text, &new, by).await?
        }
    };
    wait_for(db, &change, OPENS_BOTH, false).await?;
    db.key_change_step(change.started, SEALS_ANEW).await?;
    let change = KeyChange {
        step: SEALS_ANEW,
        ..change
    };
    join(&key, &change).context("this host has neither the old key nor the new one")?;
    wait_for(db, &change, SEALS_ANEW, false).await?;
    let resealed = db.reseal(&key).await?;
    if !keep(config, &key, &change)? {
        bail!(
            "{}: everything is sealed under the new key, but this is still the old one. Put the new one \
             there, and run `rapport secret-key rotate` again; until then hosts start with either",
            given.place
        );
    }
    wait_for(db, &change, SEALS_ANEW, true).await?;
    if let Some(file) = &config.audit.head_file {
        heads::carry_over(file, &key)?;
    }
    let check = key.seal(PURPOSE, b"")?;
    db.key_change_end(change.started, &check, resealed, by)
        .await?;
    key.settle();
    Ok(Rotated {
        resealed,
        place: given.place,
    })
}

async fn begin(db: &Db, key: &SealKey, old: &str, new: &str, by: &str) -> Result<KeyChange> {
    let next = SealKey::parse(new).context("the new key")?;
    let check = db.secret_key_check().await?.unwrap_or_default();
    if next.open(PURPOSE, &check).is_ok() {
        bail!("the new key is the one that is in use");
    }
    let change = KeyChange {
        next: key.seal(NEXT, new.trim().as_bytes())?,
        previous: next.seal(PREVIOUS, old.trim().as_bytes())?,
        step: OPENS_BOTH,
        started: now_ms(),
    };
    match db.key_change_begin(&change, by).await {
        Ok(()) => Ok(change),
        Err(DbError::Overtaken) => db
            .key_change()
            .await?
            .context("another change ended just now"),
        Err(error) => Err(error.into()),
    }
}

/// Until every host that is there has taken a step.
async fn wait_for(db: &Db, change: &KeyChange, step: i64, kept: bool) -> Result<()> {
    let began = Instant::now();
    loop {
        let behind = db.hosts_without_key(change.started, step, kept).await?;
        if behind.is_empty() {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            let hosts = behind.join(", ");
            match kept {
                true => bail!(
                    "everything is sealed under the new key, but these hosts would start from the old \
                     one: {hosts}. Give them the new one (RAPPORT_SECRET_KEY needs a restart), and run \
                     `rapport secret-key rotate` again; until then hosts start with either"
                ),
                false => bail!(
                    "these hosts do not follow: {hosts}. Run `rapport secret-key rotate` again when they \
                     do, or a minute after they are gone; it goes on where it stopped"
                ),
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

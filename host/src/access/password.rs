//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), away from the event loop,
//! a few at a time.
//!
//! Whoever needs a hash takes a place in a [`Line`] first, which costs nothing and is refused at once
//! when it or one's share of it is full. Strangers stand in one line, those who are known in another, so
//! that strangers in any number keep nobody waiting who has a session or a device that is known.
//!
//! What is unknown costs the same work as what is wrong. Deliberately absent: rules about kinds of
//! characters, and expiry; length is what counts (NIST SP 800-63B).

use super::shares::{Share, Shares};
use super::{AccessError, Result};
use crate::domain::sealed::random_bytes;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

const MIN_CHARACTERS: usize = 12;
/// Longest password, in bytes; longer ones are never hashed.
pub const MAX_BYTES: usize = 1024;
/// Hashes at the same time in one line, of 19 MiB each.
const AT_ONCE: usize = 2;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// Those who wait in one line, and how many of them may be one's own.
const WAITING: usize = 64;
const WAITING_OF_ONE: usize = 8;

/// Where hashes are waited for.
pub struct Line {
    turns: Arc<Semaphore>,
    places: Arc<Shares<String>>,
}

/// Who is not known: by the address that they come from.
pub static STRANGERS: LazyLock<Line> = LazyLock::new(Line::new);
/// Who is known: agents with a session, devices and addresses of earlier log-ins, whoever manages agents.
pub static KNOWN: LazyLock<Line> = LazyLock::new(Line::new);

/// A place in a line.
pub struct Place {
    turns: Arc<Semaphore>,
    _share: Share<String>,
}

impl Line {
    fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Shares::new(WAITING, WAITING_OF_ONE),
        }
    }

    /// A place for `whose`; busy when the line is full, or has enough of theirs.
    pub fn join(&self, whose: &str) -> Result<Place> {
        let share = self.places.take(whose.to_owned(), 1);
        Ok(Place {
            turns: Arc::clone(&self.turns),
            _share: share.ok_or(AccessError::Busy)?,
        })
    }
}

static OF_NOBODY: OnceLock<String> = OnceLock::new();

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// At least 12 characters, at most 1024 bytes, and not the account's e-mail address.
pub fn check_rules(password: &str, email: &str) -> Result<()> {
    let wrong = |text: String| Err(AccessError::Invalid(text));
    if password.chars().count() < MIN_CHARACTERS {
        return wrong(format!("password: at least {MIN_CHARACTERS} characters."));
    }
    if password.len() > MAX_BYTES {
        return wrong(format!("password: at most {MAX_BYTES} bytes."));
    }
    if password.trim().eq_ignore_ascii_case(email) {
        return wrong("password: not the e-mail address.".into());
    }
    Ok(())
}

fn hash_now(password: &str) -> Option<String> {
    let salt = SaltString::encode_b64(&random_bytes::<16>().ok()?).ok()?;
    let hash = argon2().hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

impl Place {
    /// Runs heavy work in its turn.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(AccessError::Busy);
        };
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(|_| AccessError::Busy)
    }

    /// A hash to store.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.in_turn(move || hash_now(&password))
            .await?
            .ok_or(AccessError::Busy)
    }

    /// Whether the password is the one behind the hash. Without a hash it is not, after the same work.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool> {
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        let password = password.to_owned();
        let stored = stored.map(str::to_owned);
        self.in_turn(move || {
            let known = stored.is_some();
            let hash = stored.unwrap_or_else(|| {
                OF_NOBODY
                    .get_or_init(|| hash_now("nobody has this password").unwrap_or_default())
                    .clone()
            });
            let right = PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            right && known
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_of_owasp() {
        let hash = hash_now("correct horse battery").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }

    #[tokio::test]
    async fn only_the_password_fits() {
        let place = Line::new().join("somebody").unwrap();
        let stored = place.hash("correct horse battery").await.unwrap();
        let fits = async |given: &str, stored: Option<&str>| {
            let judged = place.verify(given, stored).await;
            judged.unwrap()
        };
        assert!(fits("correct horse battery", Some(&stored)).await);
        assert!(!fits("correct horse batterY", Some(&stored)).await);
        assert!(!fits("nobody has this password", None).await);
    }

    #[test]
    fn one_does_not_fill_the_line() {
        let line = Line::new();
        let held: Vec<_> = (0..300).filter_map(|_| line.join("one").ok()).collect();
        assert_eq!(held.len(), WAITING_OF_ONE);
        assert!(line.join("another").is_ok());
        let many: Vec<_> = (0..300)
            .filter_map(|n| line.join(&format!("of {n}")).ok())
            .collect();
        assert_eq!(held.len() + many.len(), WAITING);
    }

    #[test]
    fn length_counts() {
        assert!(check_rules("elevenchars", "a@b.example").is_err());
        assert!(check_rules("twelve chars", "a@b.example").is_ok());
        assert!(check_rules(&"é".repeat(600), "a@b.example").is_err());
        assert!(check_rules("Someone@b.example", "someone@b.example").is_err());
    }
}

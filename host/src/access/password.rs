//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), away from the event loop,
//! a few at a time.
//!
//! What is unknown costs the same work as what is wrong. Deliberately absent: rules about kinds of
//! characters, and expiry; length is what counts (NIST SP 800-63B).

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
/// Hashes at the same time, of 19 MiB each.
const AT_ONCE: usize = 2;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(10);

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));
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

/// Runs heavy work in its turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = tokio::time::timeout(WAIT, Arc::clone(&TURNS).acquire_owned()).await;
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
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    in_turn(move || hash_now(&password))
        .await?
        .ok_or(AccessError::Busy)
}

/// Whether the password is the one behind the hash. Without a hash it is not, after the same work.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let password = password.to_owned();
    let stored = stored.map(str::to_owned);
    in_turn(move || {
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
        let stored = hash("correct horse battery").await.unwrap();
        assert!(
            verify("correct horse battery", Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !verify("correct horse batterY", Some(&stored))
                .await
                .unwrap()
        );
        assert!(!verify("nobody has this password", None).await.unwrap());
    }

    #[test]
    fn length_counts() {
        assert!(check_rules("elevenchars", "a@b.example").is_err());
        assert!(check_rules("twelve chars", "a@b.example").is_ok());
        assert!(check_rules(&"é".repeat(600), "a@b.example").is_err());
        assert!(check_rules("Someone@b.example", "someone@b.example").is_err());
    }
}

//! Logging in: first factor, second factor when there is one, session.
//!
//! Cheap checks come first: who it may be, a place in the line for hashes, the counts of failures; then
//! the hash.

use super::secret::{digest, new_secret};
use super::session::{Device, Opened, open};
use super::throttle::{self, Source, address_key};
use super::{AccessError, Result, SessionLimits, password};
use crate::db::access::agent::AgentSecrets;
use crate::db::access::login::challenge_insert_in_tx;
use crate::db::{Db, commit};
use crate::domain::TimestampMs;
use crate::domain::access::LoginMethod;
use crate::domain::now_ms;

/// How long the second factor is waited for.
const CHALLENGE_MS: TimestampMs = 5 * 60_000;
/// Longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_MAX_BYTES: usize = 254;

const WRONG: AccessError = AccessError::Refused("E-mail address or password is wrong.");

/// How far a log-in got.
pub enum Step {
    Done(Box<Opened>),
    /// A second factor is asked for; the challenge goes with the answer.
    SecondFactor {
        challenge: String,
    },
}

/// An e-mail address as accounts are known by it. None: it can't be one.
///
/// Only ASCII letters lose their case: mail systems do not fold others, so that `ſ` and `s`, or the
/// Kelvin sign and `k`, are different people's addresses.
pub fn email_key(email: &str) -> Option<String> {
    let email = email.trim().to_ascii_lowercase();
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let (user, host) = email.rsplit_once('@')?;
    let fits = !user.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && email.len() <= EMAIL_MAX_BYTES
        && !email.contains(odd);
    fits.then_some(email)
}

/// Log-in with a password. Whatever is wrong, the answer and the work are the same.
pub async fn with_password(
    db: &Db,
    limits: &SessionLimits,
    email: &str,
    given: &str,
    device: &Device,
) -> Result<Step> {
    let email = email.trim().to_ascii_lowercase();
    if email.len() > EMAIL_MAX_BYTES {
        return Err(WRONG);
    }
    let address_hash = address_key(device.address);
    let found = db.agent_by_email(&email).await?;
    // The same questions whether or not the account exists.
    let id = found.as_ref().map_or("", |found| &found.agent.id);
    let known = db.is_known(id, &address_hash).await?;
    let own = device.known_to(db, id).await?;
    let (line, whose, source) = match &own {
        Some(key) => (&password::KNOWN, key, Source::Own(key)),
        None => {
            let line = match known {
                true => &password::KNOWN,
                false => &password::STRANGERS,
            };
            let address = device.address;
            (line, &address_hash, Source::Address { address, known })
        }
    };
    let place = line.join(whose)?;
    let counted = throttle::begin(db, &email, source, now_ms()).await?;
    let stored = found
        .as_ref()
        .filter(|found| found.agent.active)
        .and_then(|found| found.password_hash.as_deref());
    if !place.verify(given, stored).await? {
        return Err(WRONG);
    }
    drop(place);
    let Some(found) = found else {
        return Err(WRONG);
    };
    throttle::succeeded(db, &counted, now_ms()).await?;
    first_factor_done(db, limits, &found, LoginMethod::Password, device).await
}

/// Goes on after a first factor was right: to the second one if the agent has one, else to a session.
async fn first_factor_done(
    db: &Db,
    limits: &SessionLimits,
    found: &AgentSecrets,
    method: LoginMethod,
    device: &Device,
) -> Result<Step> {
    if found.totp_secret.is_none() {
        let opened = open(db, limits, &found.agent.id, method, device).await?;
        return Ok(Step::Done(Box::new(opened)));
    }
    let challenge = new_secret().ok_or(AccessError::Busy)?;
    let now = now_ms();
    let mut tx = db.begin().await?;
    challenge_insert_in_tx(
        &mut tx,
        &digest(&challenge),
        &found.agent.id,
        now,
        now + CHALLENGE_MS,
    )
    .await?;
    commit(tx).await?;
    Ok(Step::SecondFactor { challenge })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_spelling() {
        assert_eq!(email_key(" A.B@Example.ORG ").unwrap(), "a.b@example.org");
        // The Kelvin sign and the long s are letters of their own.
        assert_eq!(
            email_key("\u{212a}@b.example").unwrap(),
            "\u{212a}@b.example"
        );
        assert_ne!(
            email_key("ma\u{17f}s@b.example"),
            email_key("mass@b.example")
        );
        assert_ne!(email_key("\u{130}@b.example"), email_key("i@b.example"));
        for wrong in ["", "a", "@b.example", "a@b", "a b@c.example", "a@.example"] {
            assert_eq!(email_key(wrong), None, "{wrong}");
        }
    }
}

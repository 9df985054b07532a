//! The second factor: enrolled, confirmed with a first code, asked for at every log-in with a password,
//! and ended.
//!
//! A code is good once, and a recovery code is gone with its use. Wrong codes are throttled like wrong
//! passwords wherever one is taken, the first one included, under counts of their own: who does not know
//! the password gets no code to guess, so nobody can fill them for others. Changing it takes a password or a code again, so that a session left
//! open is not enough. At a log-in through a provider the second factor is the provider's matter.

use super::secret::digest;
use super::session::{Device, Opened, open};
use super::throttle::{self, Source};
use super::{AccessError, Result, SessionLimits, password, people, record};
use crate::db::access::agent::AgentSecrets;
use crate::db::access::login::{challenge_delete_in_tx, challenge_try_in_tx};
use crate::db::second_factor::{
    recovery_set_in_tx, recovery_use_in_tx, totp_disable_in_tx, totp_enable_in_tx,
    totp_pending_in_tx, totp_step_use_in_tx,
};
use crate::db::{Db, Tx, commit};
use crate::domain::access::{Caller, CallerKind, LoginMethod};
use crate::domain::sealed::purpose::totp as purpose;
use crate::domain::sealed::{SealError, SealKey, random_bytes};
use crate::domain::{TimestampMs, now_ms, totp};
use serde_json::{Value, json};

/// How long a secret waits for its first code.
const PENDING_MS: TimestampMs = 15 * 60_000;
/// Longest code that is looked at, in bytes.
const CODE_MAX_BYTES: usize = 64;

/// Under which the failures of those who have a session are counted: together, whichever session it is.
const SESSION: &str = "session";

const WRONG_CODE: AccessError = AccessError::Refused("The code is wrong, too old, or was used.");

/// What an authenticator app is given, once.
pub struct Enrolment {
    /// In base32.
    pub secret: String,
    pub otpauth_url: String,
}

/// Whether there is a second factor, and what is left of the recovery codes.
pub struct Status {
    pub enrolled: bool,
    pub recovery_codes: i64,
}

/// What shows that it is really them: the password or a code.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    Password(&'a str),
    Code(&'a str),
}

impl From<SealError> for AccessError {
    fn from(error: SealError) -> Self {
        tracing::error!(%error, "a second factor can't be read");
        AccessError::Conflict("The second factor can't be checked; ask an admin.".into())
    }
}

/// The agent behind a session: programs and the operator have no second factor.
pub(super) async fn agent_of(db: &Db, by: &Caller) -> Result<AgentSecrets> {
    let (CallerKind::Session { .. }, Some(id)) = (&by.kind, &by.agent_id) else {
        let text = "Log in to manage your own log-in.";
        return Err(AccessError::Forbidden(text.into()));
    };
    let found = db.agent_get(id).await?;
    found.ok_or(AccessError::NotFound("agent"))
}

pub async fn status(db: &Db, by: &Caller) -> Result<Status> {
    let found = agent_of(db, by).await?;
    Ok(Status {
        enrolled: found.totp_secret.is_some(),
        recovery_codes: db.recovery_left(&found.agent.id).await?,
    })
}

/// Begins: a new secret, which counts when its first code has come.
pub async fn enrol(db: &Db, key: &SealKey, by: &Caller, given: &str) -> Result<Enrolment> {
    let found = agent_of(db, by).await?;
    if found.totp_secret.is_some() {
        let text = "There is a second factor already; end that one first.";
        return Err(AccessError::Conflict(text.into()));
    }
    if found.password_hash.is_none() {
        let text = "You log in without a password; the second factor is your provider's matter.";
        return Err(AccessError::Conflict(text.into()));
    }
    prove(db, key, &found, Proof::Password(given)).await?;
    let id = &found.agent.id;
    let secret = random_bytes::<{ totp::SECRET_BYTES }>()?;
    let sealed = key.seal(&purpose(id), &secret)?;
    let mut tx = db.begin().await?;
    totp_pending_in_tx(&mut tx, id, &sealed, now_ms()).await?;
    record(&mut tx, by, "totp.begin", id, Value::Null).await?;
    commit(tx).await?;
    Ok(Enrolment {
        secret: totp::secret_text(&secret),
        otpauth_url: totp::otpauth_url(&secret, &found.agent.email),
    })
}

/// Confirms with a first code: from now on one is asked for. The recovery codes are shown once.
pub async fn confirm(db: &Db, key: &SealKey, by: &Caller, code: &str) -> Result<Vec<String>> {
    let found = agent_of(db, by).await?;
    let id = &found.agent.id;
    let now = now_ms();
    let pending = db.totp_pending(id).await?;
    let pending = pending.filter(|pending| now - pending.since < PENDING_MS);
    let Some(pending) = pending.filter(|_| found.totp_secret.is_none()) else {
        let text = "No second factor awaits its code; begin again.";
        return Err(AccessError::Conflict(text.into()));
    };
    let secret = key.open(&purpose(id), &pending.sealed)?;
    let counted = throttle::begin(db, &purpose(id), Source::Own(SESSION), now).await?;
    let step = match code.len() <= CODE_MAX_BYTES {
        true => totp::accept(&secret, code, now, 0),
        false => None,
    };
    let step = step.ok_or_else(|| AccessError::Invalid("code: wrong or too old.".into()))?;
    throttle::succeeded(db, &counted, now).await?;
    let mut tx = db.begin().await?;
    if !totp_enable_in_tx(&mut tx, id, &pending.sealed, step).await? {
        let text = "Another second factor was begun meanwhile; confirm that one.";
        return Err(AccessError::Conflict(text.into()));
    }
    let codes = new_codes_in_tx(&mut tx, id).await?;
    record(&mut tx, by, "totp.enable", id, Value::Null).await?;
    commit(tx).await?;
    Ok(codes)
}

/// New recovery codes; those from before no longer count.
pub async fn renew_codes(
    db: &Db,
    key: &SealKey,
    by: &Caller,
    proof: Proof<'_>,
) -> Result<Vec<String>> {
    let found = enrolled(db, by).await?;
    prove(db, key, &found, proof).await?;
    let mut tx = db.begin().await?;
    let codes = new_codes_in_tx(&mut tx, &found.agent.id).await?;
    record(&mut tx, by, "totp.codes", &found.agent.id, Value::Null).await?;
    commit(tx).await?;
    Ok(codes)
}

/// Ends one's own second factor.
pub async fn disable(db: &Db, key: &SealKey, by: &Caller, proof: Proof<'_>) -> Result<()> {
    let found = enrolled(db, by).await?;
    prove(db, key, &found, proof).await?;
    let mut tx = db.begin().await?;
    totp_disable_in_tx(&mut tx, &found.agent.id).await?;
    record(&mut tx, by, "totp.disable", &found.agent.id, Value::Null).await?;
    commit(tx).await?;
    Ok(())
}

/// Ends somebody else's, who lost app and codes: for those who may manage that agent.
pub async fn reset(db: &Db, by: &Caller, agent_id: &str) -> Result<()> {
    people::get(db, agent_id).await?;
    people::check_may_manage(db, by, agent_id).await?;
    if by.agent_id.as_deref() == Some(agent_id) {
        let text = "This is your own; end it with your password or a code.";
        return Err(AccessError::Forbidden(text.into()));
    }
    let mut tx = db.begin().await?;
    if !totp_disable_in_tx(&mut tx, agent_id).await? {
        return Err(AccessError::NotFound("second factor"));
    }
    record(&mut tx, by, "totp.reset", agent_id, Value::Null).await?;
    commit(tx).await?;
    Ok(())
}

/// The second step of a log-in: the code (or a recovery code) that belongs to the challenge.
pub async fn answer(
    db: &Db,
    key: &SealKey,
    limits: &SessionLimits,
    challenge: &str,
    code: &str,
    device: &Device,
) -> Result<Opened> {
    const OVER: AccessError = AccessError::Refused(
        "The log-in took too long, or too many codes were wrong; begin again.",
    );
    let now = now_ms();
    let challenge_hash = digest(challenge);
    // Whoever invents challenges writes nothing.
    if !db.challenge_is_open(&challenge_hash, now).await? {
        return Err(OVER);
    }
    let mut tx = db.begin().await?;
    let agent_id = challenge_try_in_tx(&mut tx, &challenge_hash, now).await?;
    commit(tx).await?;
    let agent_id = agent_id.ok_or(OVER)?;
    let found = db.agent_get(&agent_id).await?.ok_or(OVER)?;
    let own = device.known_to(db, &agent_id).await?;
    let source = match &own {
        Some(own) => Source::Own(own),
        None => Source::Address {
            address: device.address,
            known: false,
        },
    };
    let counted = throttle::begin(db, &purpose(&agent_id), source, now).await?;
    let mut tx = db.begin().await?;
    use_code_in_tx(&mut tx, key, &found, code, now).await?;
    if !challenge_delete_in_tx(&mut tx, &challenge_hash).await? {
        return Err(OVER);
    }
    commit(tx).await?;
    throttle::succeeded(db, &counted, now_ms()).await?;
    open(db, limits, &agent_id, LoginMethod::PasswordTotp, device).await
}

async fn enrolled(db: &Db, by: &Caller) -> Result<AgentSecrets> {
    let found = agent_of(db, by).await?;
    match found.totp_secret {
        Some(_) => Ok(found),
        None => Err(AccessError::Conflict("There is no second factor.".into())),
    }
}

/// That it is really the one whose session it is. Throttled, whatever is given.
pub(super) async fn prove(
    db: &Db,
    key: &SealKey,
    found: &AgentSecrets,
    proof: Proof<'_>,
) -> Result<()> {
    let what = purpose(&found.agent.id);
    match proof {
        Proof::Password(given) => {
            let place = password::KNOWN.join(&found.agent.id)?;
            let counted = throttle::begin(db, &what, Source::Own(SESSION), now_ms()).await?;
            if !place.verify(given, found.password_hash.as_deref()).await? {
                return Err(AccessError::Forbidden("The password is wrong.".into()));
            }
            throttle::succeeded(db, &counted, now_ms()).await
        }
        Proof::Code(code) => {
            let counted = throttle::begin(db, &what, Source::Own(SESSION), now_ms()).await?;
            let mut tx = db.begin().await?;
            let used = use_code_in_tx(&mut tx, key, found, code, now_ms()).await;
            used.map_err(|error| match error {
                AccessError::Refused(text) => AccessError::Forbidden(text.into()),
                other => other,
            })?;
            commit(tx).await?;
            throttle::succeeded(db, &counted, now_ms()).await
        }
    }
}

/// Uses a code or a recovery code up.
async fn use_code_in_tx(
    tx: &mut Tx<'_>,
    key: &SealKey,
    found: &AgentSecrets,
    code: &str,
    now: TimestampMs,
) -> Result<()> {
    let id = &found.agent.id;
    let sealed = found.totp_secret.as_deref().ok_or(WRONG_CODE)?;
    if code.len() > CODE_MAX_BYTES {
        return Err(WRONG_CODE);
    }
    if let Some(hash) = totp::recovery_hash(code) {
        if !recovery_use_in_tx(tx, id, &hash).await? {
            return Err(WRONG_CODE);
        }
        let mut by = Caller::operator("login");
        by.agent_id = Some(id.clone());
        record(
            tx,
            &by,
            "totp.recover",
            id,
            json!({ "with": "recovery code" }),
        )
        .await?;
        return Ok(());
    }
    let secret = key.open(&purpose(id), sealed)?;
    let step = totp::accept(&secret, code, now, 0).ok_or(WRONG_CODE)?;
    match totp_step_use_in_tx(tx, id, step).await? {
        true => Ok(()),
        false => Err(WRONG_CODE),
    }
}

async fn new_codes_in_tx(tx: &mut Tx<'_>, agent_id: &str) -> Result<Vec<String>> {
    let codes = totp::recovery_codes()?;
    let hashes: Vec<String> = codes
        .iter()
        .filter_map(|code| totp::recovery_hash(code))
        .collect();
    recovery_set_in_tx(tx, agent_id, &hashes).await?;
    Ok(codes)
}

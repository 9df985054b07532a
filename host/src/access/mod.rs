//! Who comes in, and who changes what others may do: log-in, sessions, tokens, agents, roles, rights.
//!
//! REST API and command line both go through here, so that the rules hold for both: nobody gives what
//! they do not hold, the last admin stays, every change is recorded in its own transaction, and
//! secrets leave once and are kept as digests. Deliberately absent: HTTP (cookies, headers, the rule
//! of each route); see `http`.

pub mod caller;
pub mod external;
pub mod login;
pub mod password;
pub mod people;
pub mod right;
pub mod role;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod setup;
pub mod shares;
pub mod team;
pub mod throttle;
pub mod token;

use crate::db::DbError;
use crate::db::audit::audit_append_in_tx;
use crate::db::{Result as DbResult, Tx};
use crate::domain::access::{Caller, Permission};
use crate::domain::now_ms;

/// Names of agents, teams and tokens, in characters.
pub const NAME_MAX: usize = 128;

/// Why something about access is refused. The texts are for clients.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Db(#[from] DbError),
    /// Unknown account, wrong password, wrong or used link: never which of them.
    #[error("{0}")]
    Refused(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Conflict(String),
    #[error("Too many log-ins have failed; try again in {retry_after_s} s.")]
    Throttled { retry_after_s: i64 },
    #[error("Too many log-ins at once; try again.")]
    Busy,
}

pub type Result<T> = std::result::Result<T, AccessError>;

impl AccessError {
    pub(crate) fn not_held(permission: Permission) -> Self {
        Self::Forbidden(format!("You do not hold {permission} yourself."))
    }
}

/// How long sessions last, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Without a request.
    pub idle_ms: i64,
    /// In all.
    pub max_ms: i64,
}

impl Default for SessionLimits {
    /// 12 hours without a request, 7 days in all.
    fn default() -> Self {
        Self {
            idle_ms: 12 * 3_600_000,
            max_ms: 7 * 24 * 3_600_000,
        }
    }
}

/// Records a change by a caller.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    by: &Caller,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
) -> DbResult<()> {
    audit_append_in_tx(tx, now_ms(), &by.actor(), action, subject, &detail).await
}

/// A name that people read: trimmed, 1 to [`NAME_MAX`] characters, no control characters.
pub(crate) fn checked_name(field: &str, text: &str) -> Result<String> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        return Err(AccessError::Invalid(format!(
            "{field}: 1 to {NAME_MAX} characters, no control characters."
        )));
    }
    Ok(name.to_owned())
}

//! Signals between those who make work and those who do it. A lost signal costs little: who does the
//! work looks for it from time to time anyway.

use super::load::Load;
use tokio::sync::Notify;

#[derive(Debug, Default)]
pub struct Wake {
    pub events: Notify,
    pub outbox: Notify,
    /// Somebody's access may have been changed.
    pub access: Notify,
    /// How full the inbound queue is.
    pub load: Load,
}

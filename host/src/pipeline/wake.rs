//! Signals between those who make work and those who do it. A lost signal costs little: who does the
//! work looks for it from time to time anyway.

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub struct Wake {
    pub events: Notify,
    pub outbox: Notify,
}

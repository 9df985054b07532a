//! What the connector needs from its surroundings: one trait, so that everything else is plain
//! code that a test can drive with a scripted network.
//!
//! Invariant: nothing outside `host` (the adapter that is compiled for WebAssembly only) calls the
//! plugin host directly. Deliberately absent: any knowledge of the AT Protocol.

pub use rapport_sdk::http::{Error as Failure, Request, Response};
pub use rapport_sdk::log::Level;

/// The surroundings. Methods take `&self`: what changes behind them is the host's affair.
pub trait Net {
    fn send(&self, request: &Request) -> Result<Response, Failure>;

    /// A reference to a secret, to be written where the secret belongs. None: not set (yet).
    fn secret(&self, name: &str) -> Option<String>;

    fn state_get(&self, key: &str) -> Option<Vec<u8>>;

    /// Refused when the value is larger than the host keeps.
    fn state_set(&self, key: &str, value: Vec<u8>) -> Result<(), String>;

    fn state_delete(&self, key: &str);

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// One line for the admin, without secrets or personal data.
    fn log(&self, level: Level, message: &str);
}

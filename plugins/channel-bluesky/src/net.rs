//! What the connector needs from its surroundings: one trait, so that everything else is plain
//! code that a test can drive with a scripted network.
//!
//! Invariant: nothing outside `host` (the adapter that is compiled for WebAssembly only) calls the
//! plugin host directly. Deliberately absent: any knowledge of the AT Protocol.

pub use rapport_sdk::log::Level;

/// A request to the personal data server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute address, query included.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header with this name (lower case), trimmed.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.trim())
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The host does not let the plugin go there.
    Refused(String),
    /// The network failed or the answer was too large: worth another try.
    Failed(String),
}

/// The surroundings. Methods take `&self`: what changes behind them is the host's affair.
pub trait Net {
    fn send(&self, request: &Request) -> Result<Response, Failure>;

    /// A reference to a secret, to be written where the secret belongs. None: not set (yet).
    fn secret(&self, name: &str) -> Option<String>;

    fn state_get(&self, key: &str) -> Option<Vec<u8>>;

    /// Refused when the value is larger than the host keeps.
    fn state_set(&self, key: &str, value: Vec<u8>) -> Result<(), String>;

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// One line for the admin, without secrets or personal data.
    fn log(&self, level: Level, message: &str);
}

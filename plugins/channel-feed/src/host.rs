//! What the connector needs of its surroundings, as a trait, so that polling runs in tests against
//! a scripted network. The real one is in `lib.rs`.

pub use rapport_sdk::log::Level;

/// A GET.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.trim())
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum FetchError {
    /// The host does not let us go there.
    Refused(String),
    /// Worth another try.
    Failed(String),
}

pub trait Host {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
    /// One line for the admin, without personal data.
    fn log(&mut self, level: Level, message: &str);
    fn state_get(&mut self, key: &str) -> Option<Vec<u8>>;
    fn state_set(&mut self, key: &str, value: &[u8]) -> Result<(), String>;
    fn state_delete(&mut self, key: &str);
    fn fetch(&mut self, request: &Request) -> Result<Response, FetchError>;
}

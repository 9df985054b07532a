//! What the connector needs of its surroundings, as a trait, so that polling runs in tests against
//! a scripted network. The real one is in `lib.rs`.

pub use rapport_sdk::http::{Error as FetchError, Request, Response};
pub use rapport_sdk::log::Level;

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

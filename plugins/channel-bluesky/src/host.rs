//! The surroundings as a plugin: [`Net`] over what the plugin host offers. On the machine that runs
//! the tests there is no host and no network; the tests bring a network of their own.

use rapport_sdk::{clock, http, log, secrets, state};

use crate::net::{Failure, Level, Net, Request, Response};

/// The contract's limit for a line.
const LINE_BYTES_MAX: usize = 2048;

/// The plugin host.
pub struct Host;

impl Net for Host {
    fn send(&self, request: &Request) -> Result<Response, Failure> {
        http::send(request)
    }

    fn secret(&self, name: &str) -> Option<String> {
        secrets::reference(name)
    }

    fn state_get(&self, key: &str) -> Option<Vec<u8>> {
        state::get(key)
    }

    fn state_set(&self, key: &str, value: Vec<u8>) -> Result<(), String> {
        state::set(key, &value)
    }

    fn state_delete(&self, key: &str) {
        state::delete(key);
    }

    fn now_ms(&self) -> i64 {
        clock::now()
    }

    fn log(&self, level: Level, message: &str) {
        log::write(level, crate::post::cut(message, LINE_BYTES_MAX));
    }
}

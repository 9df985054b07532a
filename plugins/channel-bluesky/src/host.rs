//! The surroundings as a plugin: [`Net`] over what the plugin host offers. On the machine that runs
//! the tests there is no host and no network; the tests bring a network of their own.

#[cfg(target_arch = "wasm32")]
use rapport_sdk::http;
use rapport_sdk::{clock, log, secrets, state};

use crate::net::{Failure, Level, Net, Request, Response};

/// The contract's limit for a line.
const LINE_BYTES_MAX: usize = 2048;

/// The plugin host.
pub struct Host;

impl Net for Host {
    #[cfg(target_arch = "wasm32")]
    fn send(&self, request: &Request) -> Result<Response, Failure> {
        let headers = request
            .headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), v.clone()))
            .collect();
        let request = http::Request {
            method: request.method,
            url: request.url.clone(),
            headers,
            body: request.body.clone(),
        };
        match http::send(&request) {
            Ok(http::Response {
                status,
                headers,
                body,
            }) => Ok(Response {
                status,
                headers,
                body,
            }),
            Err(http::Error::Refused(reason)) => Err(Failure::Refused(reason)),
            Err(http::Error::Failed(reason)) => Err(Failure::Failed(reason)),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn send(&self, _: &Request) -> Result<Response, Failure> {
        Err(Failure::Refused("there is no host here".to_owned()))
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

    fn now_ms(&self) -> i64 {
        clock::now()
    }

    fn log(&self, level: Level, message: &str) {
        log::write(level, crate::post::cut(message, LINE_BYTES_MAX));
    }
}

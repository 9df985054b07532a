//! A plugin's surroundings in its own, native tests: a scripted network, a memory, a clock. One for
//! each thread, so tests may run side by side. Not compiled for WebAssembly.
//!
//! ```
//! use rapport_sdk::{http, testing};
//! testing::respond("GET", "https://example.org/me", 200, r#"{"id": "1"}"#);
//! let answer = http::Request::get("https://example.org/me").send().unwrap();
//! assert_eq!(answer.status, 200);
//! assert_eq!(testing::requests().len(), 1);
//! ```

use crate::http::{Error, Request, Response};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

#[derive(Default)]
pub(crate) struct World {
    pub(crate) state: HashMap<String, Vec<u8>>,
    pub(crate) now: i64,
    script: VecDeque<(String, String, Response)>,
    requests: Vec<Request>,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

pub(crate) fn with<T>(work: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with(|world| work(&mut world.borrow_mut()))
}

/// A plugin as `configure` makes it of these settings (JSON).
pub fn configured<P: crate::Configured>(settings: &str) -> P {
    P::from_settings(settings).expect("the settings are right")
}

/// The next answer of the network, for this method and exactly this address.
pub fn respond(method: &str, url: &str, status: u16, body: impl Into<Vec<u8>>) {
    let response = Response {
        status,
        headers: Vec::new(),
        body: body.into(),
    };
    respond_with(method, url, response);
}

/// As [`respond`], with headers (names in lower case).
pub fn respond_with(method: &str, url: &str, response: Response) {
    let entry = (method.to_owned(), url.to_owned(), response);
    with(|world| world.script.push_back(entry));
}

/// What was sent so far.
pub fn requests() -> Vec<Request> {
    with(|world| world.requests.clone())
}

/// Sets the clock, in milliseconds since 1970.
pub fn set_now(now_ms: i64) {
    with(|world| world.now = now_ms);
}

/// Answers in the order of the script; a request out of order is the plugin's mistake.
pub(crate) fn answer(request: &Request) -> Result<Response, Error> {
    with(|world| {
        world.requests.push(request.clone());
        match world.script.pop_front() {
            Some((method, url, response)) => {
                assert_eq!(
                    (request.method, request.url.as_str()),
                    (method.as_str(), url.as_str()),
                    "the test expected another request"
                );
                Ok(response)
            }
            None => Err(Error::Refused(format!(
                "the test has no answer for {} {}",
                request.method, request.url
            ))),
        }
    })
}

//! A scripted network for tests: a function answers the requests, and everything is remembered.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::Value;

use crate::net::{Failure, Level, Net, Request, Response};

/// An answer without headers.
pub fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

type Script = Box<dyn Fn(&Request) -> Result<Response, Failure>>;

/// The surroundings of a test. Tokens are captured from answers as the plugin host does it: the
/// connector sees `ref:…` in their place and is right only if it sends those back.
pub struct Fake {
    script: Script,
    pub requests: RefCell<Vec<Request>>,
    pub logs: RefCell<Vec<String>>,
    pub secrets: RefCell<BTreeMap<String, String>>,
    pub state: RefCell<BTreeMap<String, Vec<u8>>>,
    pub now_ms: Cell<i64>,
}

impl Fake {
    /// Begins with an app password and no session.
    pub fn new(script: impl Fn(&Request) -> Result<Response, Failure> + 'static) -> Self {
        let secrets = BTreeMap::from([("app-password".to_owned(), "ref:app-password".to_owned())]);
        Self {
            script: Box::new(script),
            requests: RefCell::default(),
            logs: RefCell::default(),
            secrets: RefCell::new(secrets),
            state: RefCell::default(),
            now_ms: Cell::new(1_795_294_800_000),
        }
    }

    /// The methods called, in order.
    pub fn methods(&self) -> Vec<String> {
        self.requests.borrow().iter().map(method).collect()
    }

    /// How often a method was called.
    pub fn count(&self, name: &str) -> usize {
        self.methods().iter().filter(|m| m.as_str() == name).count()
    }

    fn capture(&self, response: &mut Response) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else {
            return;
        };
        for (field, name) in [
            ("accessJwt", "access-token"),
            ("refreshJwt", "refresh-token"),
        ] {
            if let Some(token) = body.get_mut(field).filter(|t| t.is_string()) {
                let reference = format!("ref:{}", token.as_str().unwrap());
                self.secrets
                    .borrow_mut()
                    .insert(name.to_owned(), reference.clone());
                *token = reference.into();
            }
        }
        response.body = body.to_string().into_bytes();
    }
}

/// The XRPC method of a request.
pub fn method(request: &Request) -> String {
    let path = request.url.split("/xrpc/").nth(1).unwrap_or_default();
    path.split('?').next().unwrap_or_default().to_owned()
}

/// A parameter of a query, decoded.
pub fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.url.split_once('?')?.1;
    let prefix = format!("{name}=");
    let value = query
        .split('&')
        .find_map(|p| p.strip_prefix(prefix.as_str()))?;
    Some(
        percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into_owned(),
    )
}

/// The token that a request carries.
pub fn bearer(request: &Request) -> String {
    let header = request.headers.iter().find(|(n, _)| *n == "authorization");
    header
        .map(|(_, v)| v.trim_start_matches("Bearer ").to_owned())
        .unwrap_or_default()
}

impl Net for Fake {
    fn send(&self, request: &Request) -> Result<Response, Failure> {
        self.requests.borrow_mut().push(request.clone());
        let mut response = (self.script)(request)?;
        if method(request).starts_with("com.atproto.server.") {
            self.capture(&mut response);
        }
        Ok(response)
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.secrets.borrow().get(name).cloned()
    }

    fn state_get(&self, key: &str) -> Option<Vec<u8>> {
        self.state.borrow().get(key).cloned()
    }

    fn state_set(&self, key: &str, value: Vec<u8>) -> Result<(), String> {
        if key.len() > 256 || value.len() > 65_536 {
            return Err(format!("{} bytes, at most 65536", value.len()));
        }
        self.state.borrow_mut().insert(key.to_owned(), value);
        Ok(())
    }

    fn state_delete(&self, key: &str) {
        self.state.borrow_mut().remove(key);
    }

    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    fn log(&self, _: Level, message: &str) {
        self.logs.borrow_mut().push(message.to_owned());
    }
}

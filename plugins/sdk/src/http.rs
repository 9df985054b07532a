//! HTTP for connectors, over `wasi:http`. The host allows what the manifest asked for and the admin
//! granted; anything else fails as [`Error::Refused`]. Redirects are not followed. Bodies are read
//! whole; the host caps their size and the total time.
//!
//! Natively the answers come from [`crate::testing`].

use crate::common::{Delay, PluginError};
use serde::de::DeserializeOwned;

pub mod coding;
#[cfg(target_arch = "wasm32")]
mod outgoing;
mod retry;
#[cfg(target_arch = "wasm32")]
pub use outgoing::send;

/// Longest body that [`Request::send`], [`Request::fetch`] and [`Request::find`] unpack, in bytes.
const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Sends the request and reads the whole answer, whatever its status and coding.
#[cfg(not(target_arch = "wasm32"))]
pub fn send(request: &Request) -> Result<Response, Error> {
    crate::testing::answer(request)
}

/// A request. Header names in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: &'static str,
    /// Absolute, `https://` or `http://`.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET",
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST with a JSON body.
    pub fn post_json(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST",
            url: url.into(),
            headers: Vec::new(),
            body: body.into(),
        }
        .header("content-type", "application/json")
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The header `Authorization: Bearer …` with a reference to a secret of the manifest.
    pub fn bearer(self, secret: &str) -> Result<Self, PluginError> {
        let reference = crate::secrets::reference(secret)
            .ok_or_else(|| PluginError::AuthExpired(format!("the secret `{secret}` is not set")))?;
        Ok(self.header("authorization", format!("Bearer {reference}")))
    }

    /// Sends it and reads the answer's JSON.
    pub fn fetch<T: DeserializeOwned>(&self) -> Result<T, PluginError> {
        self.send()?.json()
    }

    /// As [`fetch`](Self::fetch); none where the network has no such thing (404, 410).
    pub fn find<T: DeserializeOwned>(&self) -> Result<Option<T>, PluginError> {
        match send(self)?.decoded(BODY_MAX_BYTES)? {
            answer if matches!(answer.status, 404 | 410) => Ok(None),
            answer => answer.success()?.json().map(Some),
        }
    }

    /// Sends it; an answer that is no success is an error that tells the host what to do.
    pub fn send(&self) -> Result<Response, PluginError> {
        send(self)?.decoded(BODY_MAX_BYTES)?.success()
    }
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

    /// Without the codings of its header `Content-Encoding`, which goes too; see [`coding::decode`].
    /// `max_bytes`: longest body when unpacked.
    pub fn decoded(mut self, max_bytes: usize) -> Result<Self, Error> {
        let listed = self.headers.iter().filter(|(n, _)| n == "content-encoding");
        let codings: Vec<String> = listed.map(|(_, value)| value.clone()).collect();
        self.body =
            coding::decode(self.body, &codings.join(","), max_bytes).map_err(Error::Failed)?;
        self.headers.retain(|(n, _)| n != "content-encoding");
        Ok(self)
    }

    /// Itself when its status is 200 to 299, or else what the status means to the host: try later
    /// (5xx, 408, 425), slow down (429), renew the credentials (401, 403), give up (the others).
    pub fn success(self) -> Result<Self, PluginError> {
        let message = format!("the network answered with status {}", self.status);
        let after = self.header("retry-after");
        let delay_ms = after.and_then(|value| retry::delay_ms(value, crate::clock::now()));
        let delay = |message| Delay { delay_ms, message };
        match self.status {
            200..=299 => Ok(self),
            401 | 403 => Err(PluginError::AuthExpired(message)),
            408 | 425 | 500..=599 => Err(PluginError::RetryAfter(delay(message))),
            429 => Err(PluginError::RateLimited(delay(message))),
            _ => Err(PluginError::Permanent(message)),
        }
    }

    /// The body as JSON; what can't be read is worth another try: networks mend.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PluginError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            PluginError::RetryAfter(Delay {
                delay_ms: None,
                message: format!("the network's answer is not as expected: {error}"),
            })
        })
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The host does not let this plugin go there, or the address is malformed.
    Refused(String),
    /// The network failed, the answer was too large, or time ran out: worth another try.
    Failed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Refused(m) | Error::Failed(m) => f.write_str(m),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for PluginError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(message) => PluginError::Permanent(message),
            Error::Failed(message) => PluginError::RetryAfter(Delay {
                delay_ms: None,
                message,
            }),
        }
    }
}

//! What comes back: bodies up to a limit, and failures as errors that repeat nothing secret and
//! nothing that a stranger wrote.

use super::address::is_denied;
use super::error::OciError;
use super::registry::{Registry, host_of};
use reqwest::Response;
use url::Url;

/// Most of an error page that is read, in bytes.
const PAGE_MAX_BYTES: u64 = 16 * 1024;

impl Registry<'_> {
    /// Not the error's own text: it repeats the address, whose query may hold a secret.
    pub fn send_error(&self, url: &Url, error: &reqwest::Error) -> OciError {
        if is_denied(error) {
            return self.inside(url);
        }
        let why = if error.is_timeout() {
            "no connection in time"
        } else if error.is_connect() {
            "can't connect"
        } else {
            "the connection broke"
        };
        OciError::Unreachable {
            host: host_of(url),
            why: why.to_owned(),
        }
    }

    /// The body, cut off with `None` when it is longer than the limit, whatever its header said.
    pub async fn read(
        &self,
        mut response: Response,
        limit_bytes: u64,
    ) -> Result<Option<Vec<u8>>, OciError> {
        if response.content_length().is_some_and(|n| n > limit_bytes) {
            return Ok(None);
        }
        let mut body = Vec::new();
        let url = response.url().clone();
        let broken = |e: reqwest::Error| self.send_error(&url, &e);
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if (body.len() + chunk.len()) as u64 > limit_bytes {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }

    /// An unexpected status, with the registry's own error codes (specification, "Error codes").
    pub async fn unexpected(&self, response: Response, doing: &'static str) -> OciError {
        let (host, status) = (host_of(response.url()), response.status().as_u16());
        let body = self.read(response, PAGE_MAX_BYTES).await.ok().flatten();
        let json: Option<serde_json::Value> =
            body.and_then(|body| serde_json::from_slice(&body).ok());
        let codes: Vec<String> = json
            .iter()
            .filter_map(|json| json["errors"].as_array())
            .flatten()
            .filter_map(|error| error["code"].as_str())
            .take(3)
            // Codes, not whatever a stranger wants in a log.
            .filter(|c| c.len() <= 64 && c.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
            .map(str::to_owned)
            .collect();
        let said = match codes.is_empty() {
            true => String::new(),
            false => format!(" ({})", codes.join(", ")),
        };
        OciError::Status {
            host,
            status,
            doing,
            said,
        }
    }
}

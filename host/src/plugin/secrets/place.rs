//! Putting secrets in the place of references in a request: in the header or field that the manifest
//! names for them. A reference that stands elsewhere ends the request.
//!
//! Each text is gone through once, so that a value that holds a reference is not filled in itself.
//! Limits hold for what comes of it.

use super::super::limits;
use super::path::is_under;
use super::{PREFIX, SecretRule, SecretStore};
use crate::domain::address::Origin;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use rapport_package::manifest::{SecretPlace, SecretUse, is_credential_header};
use serde_json::Value;

/// Headers that change what the server takes the method or path to be, or which part and encoding of
/// the answer it sends: none of the guest's business where a secret goes.
const STEERING: [&str; 10] = [
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-forwarded-uri",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-uri",
    "x-original-url",
    "x-override-url",
    "x-rewrite-url",
];
/// Likewise, and simply left out: the host chooses.
const CHOSEN: [&str; 5] = [
    "accept-charset",
    "accept-encoding",
    "if-range",
    "range",
    "te",
];

/// A request as far as it decides on secrets.
pub struct Request<'a> {
    pub method: &'a str,
    pub origin: &'a Origin,
    pub path: &'a str,
}

/// A reference stands where its secret may not go. Names the secret, never its value.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Unfit {
    #[error("the secret `{0}` may not go there")]
    Misplaced(String),
    #[error("a secret in it can't stand in a header")]
    NoHeader,
    #[error("more than {0} bytes once secrets are in it")]
    TooLarge(usize),
}

/// Where in a request a text stands.
#[derive(Clone, Copy)]
enum At<'a> {
    Header(&'a str),
    Field(&'a str),
}

impl SecretStore {
    /// The headers to send, with secrets in them; the error is for the log.
    pub fn fill_headers(
        &self,
        request: &Request<'_>,
        headers: &HeaderMap,
    ) -> Result<HeaderMap, String> {
        let origin = request.origin;
        let guarded = self.guards(origin);
        let mut filled = HeaderMap::with_capacity(headers.len());
        let mut size = 0;
        for (name, value) in headers {
            if name == HOST || name == CONTENT_LENGTH {
                continue;
            }
            if guarded && CHOSEN.contains(&name.as_str()) {
                continue;
            }
            if guarded && STEERING.contains(&name.as_str()) {
                return Err(format!(
                    "header {name} may not go to {origin}, where secrets go"
                ));
            }
            let value = match value.to_str() {
                Ok(text) if text.contains(PREFIX) => self
                    .fill_header(request, name, text)
                    .map_err(|e| format!("{e} (header {name} to {origin})"))?,
                _ => value.clone(),
            };
            size += name.as_str().len() + value.len();
            if size > limits::HEADER_BYTES {
                return Err(format!(
                    "headers of more than {} bytes",
                    limits::HEADER_BYTES
                ));
            }
            filled.append(name, value);
        }
        if guarded {
            let identity = HeaderValue::from_static("identity");
            filled.insert(http::header::ACCEPT_ENCODING, identity);
        }
        Ok(filled)
    }

    fn fill_header(
        &self,
        request: &Request<'_>,
        name: &HeaderName,
        text: &str,
    ) -> Result<HeaderValue, Unfit> {
        let values = self.values();
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(PREFIX) {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = match self.referred(rest) {
                Some((rule, length)) => {
                    self.may_stand(rule, request, At::Header(name.as_str()))?;
                    let value = values.now.get(rule.name());
                    filled.push_str(value.map_or(&rest[..length], String::as_str));
                    length
                }
                None => {
                    filled.push_str(PREFIX);
                    PREFIX.len()
                }
            };
            rest = &rest[length..];
            if filled.len() > limits::HEADER_BYTES {
                return Err(Unfit::TooLarge(limits::HEADER_BYTES));
            }
        }
        filled.push_str(rest);
        let mut value = HeaderValue::from_str(&filled).map_err(|_| Unfit::NoHeader)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The body to send, with secrets in it. Only JSON has fields; elsewhere a reference stays one.
    pub fn fill_body(
        &self,
        request: &Request<'_>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Bytes, String> {
        let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let kind = kind
            .and_then(|kind| kind.split(';').next())
            .unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let json = kind == "application/json" || kind.ends_with("+json");
        let text = std::str::from_utf8(&body).ok();
        if !json || !text.is_some_and(|text| text.contains(PREFIX)) {
            return Ok(body);
        }
        // Written anew, so that no other reader finds more in it than was found here.
        let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
            return Ok(body);
        };
        let filled = self.fill_value(request, &mut value, &mut String::new());
        filled.map_err(|e| format!("{e} (body to {})", request.origin))?;
        let filled = value.to_string();
        if filled.len() > limits::REQUEST_BYTES {
            let most = Unfit::TooLarge(limits::REQUEST_BYTES);
            return Err(format!("{most} (body to {})", request.origin));
        }
        Ok(Bytes::from(filled))
    }

    /// `at` is the JSON Pointer of the value.
    fn fill_value(
        &self,
        request: &Request<'_>,
        value: &mut Value,
        at: &mut String,
    ) -> Result<(), Unfit> {
        let length = at.len();
        match value {
            Value::String(text) => {
                let Some(start) = text.find(PREFIX) else {
                    return Ok(());
                };
                let whole = self
                    .referred(&text[start..])
                    .filter(|(_, l)| *l == text.len());
                let Some((rule, _)) = whole else {
                    return self.without_reference(text);
                };
                self.may_stand(rule, request, At::Field(at))?;
                if let Some(secret) = self.values().now.get(rule.name()) {
                    text.clone_from(secret);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    at.push_str(&format!("/{index}"));
                    self.fill_value(request, item, at)?;
                    at.truncate(length);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.without_reference(name)?;
                    at.push('/');
                    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    self.fill_value(request, member, at)?;
                    at.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Errors when one of our references is in it.
    fn without_reference(&self, text: &str) -> Result<(), Unfit> {
        let places = text.match_indices(PREFIX);
        let mut referred = places.filter_map(|(at, _)| self.referred(&text[at..]));
        match referred.next() {
            Some((rule, _)) => Err(Unfit::Misplaced(rule.name().to_owned())),
            None => Ok(()),
        }
    }

    /// The secret that a reference at the start of a text stands for, and the reference's length.
    fn referred(&self, text: &str) -> Option<(&SecretRule, usize)> {
        let (name, rest) = text.strip_prefix(PREFIX)?.split_once(':')?;
        let ours = rest.starts_with(&self.nonce);
        let rule = self.rules.iter().find(|rule| ours && rule.name() == name)?;
        Some((rule, PREFIX.len() + name.len() + 1 + self.nonce.len()))
    }

    fn may_stand(&self, rule: &SecretRule, request: &Request<'_>, at: At<'_>) -> Result<(), Unfit> {
        let declared = match rule.secret.uses.as_slice() {
            [] => {
                let header = rule.secret.places.contains(&SecretPlace::Header);
                matches!(at, At::Header(name) if header && is_credential_header(name))
            }
            uses => uses.iter().any(|one| fits(one, request, at)),
        };
        if declared && rule.origins.contains(request.origin) {
            return Ok(());
        }
        Err(Unfit::Misplaced(rule.name().to_owned()))
    }
}

fn fits(one: &SecretUse, request: &Request<'_>, at: At<'_>) -> bool {
    let place = match at {
        At::Header(name) => one
            .header
            .as_deref()
            .is_some_and(|h| h.eq_ignore_ascii_case(name)),
        At::Field(pointer) => one.field.as_deref() == Some(pointer),
    };
    let method = one.methods.is_empty() || one.methods.iter().any(|m| m == request.method);
    place && method && is_under(request.path, &one.path_prefix)
}

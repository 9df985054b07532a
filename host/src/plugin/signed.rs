//! Proves a network's webhook genuine as the manifest's `[webhook]` says, before the connector sees it.
//!
//! Invariants: signatures and tokens are compared in constant time; a request without a signed time
//! inside the window is refused where the scheme has a time; secrets stay in the host. Where a scheme
//! has no time, a request that is sent again has no effect because events are unique by their ids.

use super::connector::WebhookRequest;
use crate::domain::TimestampMs;
use crate::domain::signature::{base64, hmac_matches, same_secret, secret_key, standard_matches};
use rapport_package::Manifest;
use rapport_package::webhook::{Encoding, Piece, Scheme, Webhook};
use std::collections::BTreeMap;

/// Secrets that are good at the same time.
const SECRETS_MAX: usize = 4;
/// Shortest secret that is accepted, in bytes.
const SECRET_MIN_BYTES: usize = 8;
/// Longest challenge of a handshake that is sent back, in bytes.
const CHALLENGE_MAX_BYTES: usize = 256;

/// Id, time and signatures of Standard Webhooks, by the specification's names and by those of the
/// sender that it came from (docs.svix.com, "How to verify"): the same but for the names.
const STANDARD_HEADERS: [[&str; 3]; 2] = [
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
    ["svix-id", "svix-timestamp", "svix-signature"],
];

/// What one inbox checks its webhooks with.
pub struct Guard {
    spec: Webhook,
    pieces: Vec<Piece>,
    /// Empty: optional, and not set.
    keys: Vec<Vec<u8>>,
    verify_token: Option<String>,
    public_url: Option<String>,
}

/// A request that may go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Admitted {
    /// To the connector.
    Pass,
    /// The network asked whether the address is ours; this is the answer's text.
    Challenge(String),
}

/// Why a request is refused. For the log: the sender is not told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("a signature or what belongs to it is missing, or there twice")]
    Missing,
    #[error("the signature is wrong")]
    Wrong,
    #[error("its time is outside the window")]
    OutOfTime,
    #[error("the handshake is wrong")]
    Handshake,
}

impl Guard {
    /// None when the manifest has no `[webhook]`. `secrets` are the inbox's; `public_url` is the
    /// address as the network knows it. Errors name what is missing, never a value.
    pub fn new(
        manifest: &Manifest,
        secrets: &BTreeMap<String, String>,
        public_url: Option<&str>,
    ) -> Result<Option<Self>, String> {
        let Some(spec) = manifest.webhook.clone() else {
            return Ok(None);
        };
        let pieces = spec.pieces()?;
        if pieces.contains(&Piece::Url) && public_url.is_none() {
            return Err(
                "webhook-url: it is needed, as the network signs the address as well".to_owned(),
            );
        }
        let keys = match secrets.get(&spec.secret) {
            Some(text) => keys_of(&spec, text)?,
            None if spec.optional => Vec::new(),
            None => {
                return Err(format!(
                    "secrets.{0}: `{0}` is needed, to verify webhooks with",
                    spec.secret
                ));
            }
        };
        let verify_token = match &spec.verify_token {
            Some(name) => match secrets.get(name) {
                Some(token) => Some(token.clone()),
                None if spec.optional => None,
                None => {
                    return Err(format!(
                        "secrets.{name}: `{name}` is needed, for the handshake"
                    ));
                }
            },
            None => None,
        };
        Ok(Some(Self {
            spec,
            pieces,
            keys,
            verify_token,
            public_url: public_url.map(str::to_owned),
        }))
    }

    /// Whether the request is the network's.
    pub fn check(&self, request: &WebhookRequest, now: TimestampMs) -> Result<Admitted, Refused> {
        if self.spec.handshake.is_some() && request.method == "GET" {
            return self.handshake(&request.query).map(Admitted::Challenge);
        }
        if self.keys.is_empty() {
            return Ok(Admitted::Pass);
        }
        match self.spec.scheme {
            Scheme::StandardWebhooks => self.check_standard(request, now)?,
            Scheme::HmacSha256 => self.check_hmac(request, now)?,
        }
        Ok(Admitted::Pass)
    }

    fn check_standard(&self, request: &WebhookRequest, now: TimestampMs) -> Result<(), Refused> {
        let complete = |names: &[&str; 3]| {
            let [id, timestamp, signatures] = names.map(|name| only(request, name).ok());
            Some((id?, timestamp?, signatures?))
        };
        let found = STANDARD_HEADERS.iter().find_map(complete);
        let (id, timestamp, signatures) = found.ok_or(Refused::Missing)?;
        self.in_time(timestamp, now)?;
        if standard_matches(&self.keys, id, timestamp, &request.body, signatures) {
            return Ok(());
        }
        Err(Refused::Wrong)
    }

    fn check_hmac(&self, request: &WebhookRequest, now: TimestampMs) -> Result<(), Refused> {
        let header = |name: &Option<String>| match name {
            Some(name) => only(request, name),
            None => Ok(""),
        };
        let signature = header(&self.spec.header)?;
        let timestamp = header(&self.spec.timestamp_header)?;
        let id = header(&self.spec.id_header)?;
        if self.spec.timestamp_header.is_some() {
            self.in_time(timestamp, now)?;
        }
        let given = signature
            .strip_prefix(&self.spec.prefix)
            .ok_or(Refused::Wrong)?;
        let given = match self.spec.encoding {
            Some(Encoding::Base64) => base64(given),
            _ => hex::decode(given).ok(),
        };
        let given = given.ok_or(Refused::Wrong)?;
        let url = self.url(request);
        let parts: Vec<&[u8]> = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_bytes(),
                Piece::Body => request.body.as_slice(),
                Piece::Timestamp => timestamp.as_bytes(),
                Piece::Id => id.as_bytes(),
                Piece::Url => url.as_bytes(),
            })
            .collect();
        let mut found = false;
        for key in &self.keys {
            found |= hmac_matches(key, &parts, &given);
        }
        if found { Ok(()) } else { Err(Refused::Wrong) }
    }

    /// The address that the network called.
    fn url(&self, request: &WebhookRequest) -> String {
        let base = self.public_url.as_deref().unwrap_or_default();
        let mark = if request.query.is_empty() { "" } else { "?" };
        format!("{base}{}{mark}{}", request.path, request.query)
    }

    fn in_time(&self, timestamp: &str, now: TimestampMs) -> Result<(), Refused> {
        let at: i64 = timestamp.parse().map_err(|_| Refused::Missing)?;
        let apart = at.abs_diff(now.div_euclid(1000));
        if apart > u64::from(self.spec.tolerance_s) {
            return Err(Refused::OutOfTime);
        }
        Ok(())
    }

    fn handshake(&self, query: &str) -> Result<String, Refused> {
        let expected = self.verify_token.as_deref().ok_or(Refused::Handshake)?;
        let (mut mode, mut token, mut challenge) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "hub.mode" => mode = Some(value.into_owned()),
                "hub.verify_token" => token = Some(value.into_owned()),
                "hub.challenge" => challenge = Some(value.into_owned()),
                _ => {}
            }
        }
        let known = same_secret(token.as_deref().unwrap_or_default(), expected);
        let challenge = challenge.ok_or(Refused::Handshake)?;
        let plain = (1..=CHALLENGE_MAX_BYTES).contains(&challenge.len())
            && challenge.bytes().all(|b| b.is_ascii_graphic());
        if known && plain && mode.as_deref() == Some("subscribe") {
            return Ok(challenge);
        }
        Err(Refused::Handshake)
    }
}

/// One secret a line.
fn keys_of(spec: &Webhook, text: &str) -> Result<Vec<Vec<u8>>, String> {
    let name = &spec.secret;
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > SECRETS_MAX {
        return Err(format!(
            "secrets.{name}: 1 to {SECRETS_MAX} secrets, one a line"
        ));
    }
    let mut keys = Vec::with_capacity(lines.len());
    for line in lines {
        let key = match spec.scheme {
            Scheme::StandardWebhooks if line.starts_with("whpk_") || line.starts_with("whsk_") => {
                let problem = "is of a pair of keys (`v1a`), which is not taken";
                return Err(format!("secrets.{name}: {problem}; use a `whsec_` secret"));
            }
            Scheme::StandardWebhooks => secret_key(line)
                .ok_or_else(|| format!("secrets.{name}: write `whsec_` and base64"))?,
            Scheme::HmacSha256 => line.as_bytes().to_vec(),
        };
        if key.len() < SECRET_MIN_BYTES {
            return Err(format!("secrets.{name}: at least {SECRET_MIN_BYTES} bytes"));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// The one header of that name.
fn only<'a>(request: &'a WebhookRequest, name: &str) -> Result<&'a str, Refused> {
    let mut found = request.headers.iter().filter(|(n, _)| n == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Ok(value),
        _ => Err(Refused::Missing),
    }
}

#[cfg(test)]
#[path = "signed_tests.rs"]
mod tests;

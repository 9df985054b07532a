//! `[webhook]` of a manifest: how the host proves a network's requests genuine before the connector
//! sees them, so that no plugin ever holds the secret.
//!
//! Standard Webhooks needs no more than the secret's name; the HMAC schemes of other networks are put
//! together from their parts. Deliberately absent: asymmetric signatures.

use serde::{Deserialize, Serialize};

/// Longest time that a signed request stays good, in seconds.
const TOLERANCE_CEILING_S: u32 = 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature` (standardwebhooks.com, 1.0.0), or the same
    /// as `svix-…`.
    StandardWebhooks,
    /// HMAC-SHA-256 as the other keys say.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    Hex,
    /// Of either alphabet, with padding or without.
    Base64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// A GET with `hub.mode=subscribe`, `hub.verify_token` and `hub.challenge` (Meta, WebSub).
    HubChallenge,
}

/// The whole of `[webhook]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    pub scheme: Scheme,
    /// Name of a declared secret. Several lines in it are several secrets, each good: for rotation.
    pub secret: String,
    /// True: without the secret, requests are taken unproven. False: no inbox without the secret.
    #[serde(default)]
    pub optional: bool,
    /// How far a request's time may be from the host's, either way, in seconds.
    #[serde(default = "tolerance_s")]
    pub tolerance_s: u32,
    /// hmac-sha256: the header with the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// hmac-sha256: how the signature is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// hmac-sha256: what stands before the signature, for example `sha256=`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// hmac-sha256: what is signed, from `{body}`, `{timestamp}`, `{id}`, `{url}` and other text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
    /// hmac-sha256: the header with the time in seconds since 1970. Without one a request stays good
    /// for ever, and only the unique ids of its events keep a second one from having an effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
    /// hmac-sha256: the header with the request's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// How the network asks whether the address is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Handshake>,
    /// Name of a declared secret, for the handshake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
}

fn tolerance_s() -> u32 {
    300
}

/// A part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Body,
    Timestamp,
    Id,
    /// The address as the network knows it.
    Url,
}

/// (field, problem)
type Wrong = (&'static str, String);

fn wrong<T>(field: &'static str, problem: impl Into<String>) -> Result<T, Wrong> {
    Err((field, problem.into()))
}

impl Webhook {
    /// The checks that types alone don't make. `declared` are the names of the manifest's secrets.
    pub fn check(&self, declared: &[&str]) -> Result<(), Wrong> {
        let token = self.verify_token.as_deref().map(|t| ("verify-token", t));
        for (field, name) in [("secret", self.secret.as_str())].into_iter().chain(token) {
            if !declared.contains(&name) {
                let hint = crate::nearest::nearest(name, declared.iter().copied());
                let hint = hint.unwrap_or_default();
                return wrong(field, format!("there is no secret `{name}`{hint}"));
            }
        }
        if self.verify_token.as_ref() == Some(&self.secret) {
            return wrong("verify-token", "needs a secret of its own");
        }
        if self.handshake.is_some() != self.verify_token.is_some() {
            return wrong(
                "handshake",
                "`handshake` and `verify-token` need each other",
            );
        }
        if !(1..=TOLERANCE_CEILING_S).contains(&self.tolerance_s) {
            return wrong("tolerance-s", format!("must be 1 to {TOLERANCE_CEILING_S}"));
        }
        match self.scheme {
            Scheme::StandardWebhooks => self.check_standard(),
            Scheme::HmacSha256 => self.check_hmac(),
        }
    }

    fn check_standard(&self) -> Result<(), Wrong> {
        let given = [
            ("header", self.header.is_some()),
            ("encoding", self.encoding.is_some()),
            ("prefix", !self.prefix.is_empty()),
            ("signed", self.signed.is_some()),
            ("timestamp-header", self.timestamp_header.is_some()),
            ("id-header", self.id_header.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((field, _)) => wrong(field, "standard-webhooks has its own; leave it out"),
            None => Ok(()),
        }
    }

    fn check_hmac(&self) -> Result<(), Wrong> {
        if self.encoding.is_none() {
            return wrong("encoding", "must be hex or base64");
        }
        if self.header.is_none() {
            return wrong("header", "names the header with the signature");
        }
        for (field, header) in [
            ("header", &self.header),
            ("timestamp-header", &self.timestamp_header),
            ("id-header", &self.id_header),
        ] {
            if header.as_ref().is_some_and(|name| !is_header_name(name)) {
                return wrong(field, "use lower-case letters, digits and hyphens");
            }
        }
        if self.prefix.len() > 64 {
            return wrong("prefix", "at most 64 bytes");
        }
        let pieces = self.pieces().map_err(|problem| ("signed", problem))?;
        let has = |piece| pieces.contains(&piece);
        if !has(Piece::Body) {
            return wrong("signed", "must have {body} in it");
        }
        if has(Piece::Timestamp) != self.timestamp_header.is_some() {
            return wrong(
                "timestamp-header",
                "a time counts only when it is signed: `timestamp-header` and {timestamp} need each other",
            );
        }
        if has(Piece::Id) != self.id_header.is_some() {
            return wrong("id-header", "`id-header` and {id} need each other");
        }
        Ok(())
    }

    /// What is signed, in parts.
    pub fn pieces(&self) -> Result<Vec<Piece>, String> {
        let mut rest = self.signed.as_deref().unwrap_or("{body}");
        let mut pieces = Vec::new();
        while let Some(open) = rest.find('{') {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            let close = rest[open..].find('}').ok_or("a `{` without its `}`")? + open;
            pieces.push(match &rest[open + 1..close] {
                "body" => Piece::Body,
                "timestamp" => Piece::Timestamp,
                "id" => Piece::Id,
                "url" => Piece::Url,
                other => {
                    return Err(format!(
                        "`{{{other}}}` is not one of {{body}}, {{timestamp}}, {{id}}, {{url}}"
                    ));
                }
            });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(pieces)
    }
}

fn is_header_name(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Webhook, String> {
        let webhook: Webhook = toml::from_str(text).map_err(|e| e.to_string())?;
        let checked = webhook.check(&["signing", "token"]);
        checked.map_err(|(field, problem)| format!("{field}: {problem}"))?;
        Ok(webhook)
    }

    const SLACK: &str = r#"
        scheme = "hmac-sha256"
        secret = "signing"
        header = "x-slack-signature"
        encoding = "hex"
        prefix = "v0="
        signed = "v0:{timestamp}:{body}"
        timestamp-header = "x-slack-request-timestamp"
    "#;

    #[test]
    fn reads_the_schemes_of_networks() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let expected = [text("v0:"), Piece::Timestamp, text(":"), Piece::Body];
        assert_eq!(parse(SLACK).unwrap().pieces().unwrap(), expected);
        let standard = parse("scheme = \"standard-webhooks\"\nsecret = \"signing\"").unwrap();
        assert_eq!((standard.tolerance_s, standard.optional), (300, false));
        let meta = "scheme = \"hmac-sha256\"\nsecret = \"signing\"\nencoding = \"hex\"\n\
            header = \"x-hub-signature-256\"\nprefix = \"sha256=\"\n\
            handshake = \"hub-challenge\"\nverify-token = \"token\"";
        assert_eq!(parse(meta).unwrap().pieces().unwrap(), [Piece::Body]);
    }

    #[test]
    fn refuses_what_proves_nothing() {
        for (from, to, expected) in [
            ("\"signing\"", "\"sining\"", "did you mean `signing`"),
            (":{body}", "", "{body}"),
            ("{timestamp}", "", "timestamp-header"),
            ("{timestamp}", "{time}", "not one of"),
            ("{timestamp}", "{timestamp", "not one of"),
            ("{body}", "{body", "without its"),
            ("{body}", "{body}{id}", "id-header"),
            ("\"hex\"", "\"octal\"", "octal"),
            ("\"x-slack-signature\"", "\"X Slack\"", "lower-case"),
            ("hmac-sha256", "standard-webhooks", "leave it out"),
            ("hmac-sha256", "hmac-md5", "hmac-md5"),
            ("encoding", "tolerance-s = 0\nencoding", "tolerance-s"),
            (
                "encoding",
                "verify-token = \"token\"\nencoding",
                "need each other",
            ),
        ] {
            let error = parse(&SLACK.replace(from, to)).unwrap_err();
            assert!(error.contains(expected), "{to}: {error}");
        }
    }
}

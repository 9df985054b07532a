//! Logging in: the challenge of a 401, and the token that answers it (the distribution project's
//! token authentication; RFC 6750, RFC 7617).
//!
//! The scope asked for is ours, not the challenge's: this repository, and writing only for a push.
//! Anonymous callers fetch a token too, as public registries want it. Deliberately absent: OAuth2
//! refresh tokens.

use super::error::OciError;
use super::registry::Registry;
use super::{Credentials, TOKEN_MAX_BYTES};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use serde::Deserialize;

/// What a registry asks for.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// A token server's answer; both names are in use.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Registry<'_> {
    /// Answers the challenge; the value of an `Authorization` header for the next try.
    pub(super) async fn log_in(&self, headers: &HeaderMap) -> Result<HeaderValue, OciError> {
        let registry = self.reference.registry().to_owned();
        let basic = self.options.credentials.basic();
        let text = match challenge(headers) {
            Some(Challenge::Basic) => basic.ok_or_else(|| self.refusal())?,
            Some(Challenge::Bearer { realm, service }) => {
                let token = self.token(&realm, service.as_deref(), basic).await?;
                format!("Bearer {token}")
            }
            None => {
                let what = "no Basic and no Bearer challenge".to_owned();
                return Err(OciError::Login { registry, what });
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| OciError::Login {
            registry,
            what: "a token that fits no header".to_owned(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Fetches a token from the server that the registry named.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        basic: Option<String>,
    ) -> Result<String, OciError> {
        let registry = self.reference.registry();
        let odd = |what: &str| OciError::Login {
            registry: registry.to_owned(),
            what: what.to_owned(),
        };
        let mut url = url::Url::parse(realm).map_err(|_| odd("a token server without address"))?;
        self.check_url(&url)?;
        let actions = if self.writes { "pull,push" } else { "pull" };
        let scope = format!("repository:{}:{actions}", self.reference.repository());
        url.query_pairs_mut()
            .extend_pairs(service.map(|s| ("service", s)))
            .append_pair("scope", &scope);
        let mut request = self.client(&url).get(url.clone());
        if let Some(basic) = basic {
            request = request.header(AUTHORIZATION, basic);
        }
        let response = request
            .send()
            .await
            .map_err(|e| self.send_error(&url, &e))?;
        match response.status().as_u16() {
            200 => {}
            401 | 403 => return Err(self.refusal()),
            status => {
                return Err(OciError::Status {
                    host: url.host_str().unwrap_or_default().to_owned(),
                    status,
                    doing: "the request for a token",
                    said: String::new(),
                });
            }
        }
        let body = self.read(response, TOKEN_MAX_BYTES).await?;
        let body = body.ok_or_else(|| odd("a token server whose answer has no end"))?;
        // The parser's message could quote the token.
        let token: Token =
            serde_json::from_slice(&body).map_err(|_| odd("a token server that speaks no JSON"))?;
        token
            .token
            .or(token.access_token)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| odd("an answer without a token"))
    }

    /// What a final 401 or 403 means.
    pub(super) fn refusal(&self) -> OciError {
        let registry = self.reference.registry().to_owned();
        let repository = self.reference.repository().to_owned();
        match self.options.credentials {
            Credentials::Anonymous => OciError::CredentialsNeeded {
                registry,
                repository,
            },
            Credentials::Basic { .. } => OciError::Denied {
                registry,
                repository,
            },
        }
    }
}

/// The first challenge that is understood; tokens before passwords.
fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let all = headers.get_all(WWW_AUTHENTICATE);
    let mut basic = None;
    for text in all.iter().filter_map(|v| v.to_str().ok()) {
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            basic = Some(Challenge::Basic);
        } else if scheme.eq_ignore_ascii_case("bearer") {
            let realm = parameter(rest, "realm")?;
            let service = parameter(rest, "service");
            return Some(Challenge::Bearer { realm, service });
        }
    }
    basic
}

/// One `name="value"` of a challenge (RFC 9110 section 11.2); commas may stand inside the quotes.
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name
            .trim_matches([' ', ',', '\t'])
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value.trim().to_owned());
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_told_apart() {
        let read = |texts: &[&str]| {
            let mut headers = HeaderMap::new();
            for text in texts {
                headers.append(WWW_AUTHENTICATE, text.parse().unwrap());
            }
            challenge(&headers)
        };
        let bearer = Challenge::Bearer {
            realm: "https://t.example/token".into(),
            service: Some("r, and more".into()),
        };
        let text =
            r#"Bearer realm="https://t.example/token",service="r, and more",scope="x:y:pull,push""#;
        assert_eq!(read(&["Basic realm=\"x\"", text]), Some(bearer));
        assert_eq!(read(&["basic realm=x"]), Some(Challenge::Basic));
        assert_eq!(read(&["Negotiate"]), None);
        assert_eq!(read(&["Bearer service=\"x\""]), None);
        assert_eq!(read(&["Bearer realm=\"x"]), None);
        assert_eq!(read(&[]), None);
    }
}

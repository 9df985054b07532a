//! Secrets that are found again wherever they turn up: as they are, or as base64, percent-encoding or
//! hexadecimal digits.
//!
//! Invariant: what is told of a find names the secret and where it was, never its value.

use crate::plugin::secret_forms as forms;
use rapport_package::Manifest;
use rapport_package::fixture::{ChannelCase, Exchange, Request};
use rapport_package::webhook::Scheme;
use std::collections::BTreeMap;

/// One secret of the manifest with the value it has under test.
struct Canary {
    name: String,
    value: String,
    /// The forms in which it is looked for.
    forms: Vec<(String, &'static str)>,
    /// The host takes it from an answer; no admin gives it.
    captured: bool,
}

pub struct Canaries {
    all: Vec<Canary>,
    /// Paths at which the network hands secrets out.
    log_ins: Vec<String>,
}

impl Canaries {
    pub fn of(manifest: &Manifest) -> Self {
        let standard = |name: &str| {
            let webhook = manifest.webhook.as_ref();
            webhook.is_some_and(|w| w.secret == name && w.scheme == Scheme::StandardWebhooks)
        };
        let canary = |secret: &rapport_package::manifest::Secret| {
            let tail = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
            let value = match standard(&secret.name) {
                true => format!("whsec_{}", data_encoding::BASE64.encode(tail.as_bytes())),
                // Characters that encodings change.
                false => format!("canary+{tail}/="),
            };
            Canary {
                name: secret.name.clone(),
                forms: forms(&value),
                value,
                captured: !secret.capture.is_empty(),
            }
        };
        let captures = manifest.secrets.iter().flat_map(|secret| &secret.capture);
        Self {
            all: manifest.secrets.iter().map(canary).collect(),
            log_ins: captures.map(|capture| capture.path.clone()).collect(),
        }
    }

    /// What an admin would give, without those that are to be unset.
    pub fn given(&self, unset: &[String]) -> BTreeMap<String, String> {
        let given = self.all.iter().filter(|c| !c.captured);
        let given = given.filter(|c| !unset.contains(&c.name));
        given.map(|c| (c.name.clone(), c.value.clone())).collect()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|c| c.name.as_str())
    }

    /// A case's exchanges with the secrets in their places.
    pub fn exchanges(&self, case: &ChannelCase) -> Vec<Exchange> {
        let mut exchanges = case.exchanges.clone();
        for exchange in &mut exchanges {
            self.fill_request(&mut exchange.request);
            exchange.response.body = self.fill(&exchange.response.body);
            let url = url::Url::parse(&exchange.request.url);
            let log_in = |url: url::Url| self.log_ins.iter().any(|path| path == url.path());
            exchange.hands_out = url.is_ok_and(log_in);
            for value in exchange.response.headers.values_mut() {
                *value = self.fill(value);
            }
        }
        exchanges
    }

    fn fill_request(&self, request: &mut Request) {
        for value in request.headers.values_mut() {
            *value = self.fill(value);
        }
        if let Some(body) = &mut request.body {
            *body = self.fill(body);
        }
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for canary in &self.all {
            text = text.replace(&format!("<{}>", canary.name), &canary.value);
        }
        text
    }

    /// The reverse, for what is shown to a person.
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for canary in &self.all {
            text = text.replace(&canary.value, &format!("<{}>", canary.name));
        }
        text
    }

    /// The secrets in a text, each with the form in which it is there.
    pub fn find(&self, text: &str) -> Vec<(&str, &'static str)> {
        let mut found = Vec::new();
        for canary in &self.all {
            let form = canary.forms.iter().find(|(form, _)| text.contains(form));
            found.extend(form.map(|(_, how)| (canary.name.as_str(), *how)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, BASE64URL, HEXLOWER};

    fn canaries() -> Canaries {
        let value = "canary+0123456789abcdef/=".to_owned();
        Canaries {
            all: vec![Canary {
                name: "token".to_owned(),
                forms: forms(&value),
                value,
                captured: false,
            }],
            log_ins: Vec::new(),
        }
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let canaries = canaries();
        let value = canaries.all[0].value.clone();
        let mut hidden = vec![
            value.clone(),
            format!("x{value}y"),
            value
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D"),
            HEXLOWER.encode(value.as_bytes()),
        ];
        for before in ["", "u", "us", "user:", "Bearer "] {
            for after in ["", "!", "!!"] {
                let text = format!("{before}{value}{after}");
                hidden.push(BASE64.encode(text.as_bytes()));
                hidden.push(BASE64URL.encode(text.as_bytes()));
            }
        }
        for text in hidden {
            assert_eq!(canaries.find(&text).len(), 1, "{text}");
        }
        assert!(
            canaries
                .find("<token> rapport-secret:token:0123")
                .is_empty()
        );
        assert_eq!(canaries.hide(&format!("a {value}")), "a <token>");
    }
}

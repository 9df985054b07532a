//! What of a browser a log-in takes: cookies by origin, forms, and redirects one at a time.
//!
//! The host may be reached under a public address that no name server knows; `aliases` says where it
//! is. Deliberately absent: cookie paths and expiry, except that an emptied cookie is gone.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response};
use std::collections::BTreeMap;
use url::Url;

pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Public origin and where it really is.
    aliases: BTreeMap<String, String>,
}

/// What came back.
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub location: Option<Url>,
    pub set_cookies: Vec<String>,
    pub body: String,
}

impl Browser {
    pub fn new(public: &str, address: &str) -> Self {
        Self {
            client: crate::support::client(),
            cookies: BTreeMap::new(),
            aliases: BTreeMap::from([(public.to_owned(), address.to_owned())]),
        }
    }

    /// A cookie of an origin.
    pub fn cookie(&self, origin: &str, name: &str) -> Option<String> {
        self.cookies.get(origin)?.get(name).cloned()
    }

    pub fn set(&mut self, origin: &str, name: &str, value: &str) {
        let of_origin = self.cookies.entry(origin.to_owned()).or_default();
        of_origin.insert(name.to_owned(), value.to_owned());
    }

    pub fn forget(&mut self, origin: &str) {
        self.cookies.remove(origin);
    }

    pub async fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, None).await
    }

    /// Sends a form.
    pub async fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send(Method::POST, url, Some(form.finish())).await
    }

    async fn send(&mut self, method: Method, url: &str, form: Option<String>) -> Page {
        let url = Url::parse(url).expect("an address");
        let origin = url.origin().ascii_serialization();
        let target = match self.aliases.get(&origin) {
            Some(address) => url.as_str().replacen(&origin, address, 1),
            None => url.to_string(),
        };
        let mut request = self.client.request(method, target);
        let jar = self.cookies.entry(origin).or_default();
        if !jar.is_empty() {
            let all: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(COOKIE, all.join("; "));
        }
        if let Some(form) = form {
            let kind = "application/x-www-form-urlencoded";
            request = request.header("content-type", kind).body(form);
        }
        let response = request.send().await.expect("an answer");
        let set_cookies = cookies_of(&response);
        for cookie in &set_cookies {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            match value {
                "" => jar.remove(name),
                value => jar.insert(name.to_owned(), value.to_owned()),
            };
        }
        let location = response.headers().get(LOCATION);
        let location = location.map(|l| url.join(l.to_str().expect("text")).expect("an address"));
        Page {
            status: response.status().as_u16(),
            location,
            set_cookies,
            body: response.text().await.expect("a whole answer"),
            url,
        }
    }
}

fn cookies_of(response: &Response) -> Vec<String> {
    let all = response.headers().get_all(SET_COOKIE).iter();
    all.map(|value| value.to_str().expect("text").to_owned())
        .collect()
}

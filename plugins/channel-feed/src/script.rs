//! For tests: a scripted network with memory and clock, and small documents for it.

use std::collections::BTreeMap;

use rapport_sdk::channel::{Monitor, Page};
use rapport_sdk::social::{Activity, ActivityObject, Message};

use crate::host::{FetchError, Host, Level, Request, Response};
use crate::settings::Settings;

pub const START: i64 = 1_714_990_830_000; // 2024-05-06T10:20:30Z
pub const MINUTE: i64 = 60_000;
pub const A: &str = "https://a.example/feed";
pub const B: &str = "https://b.example/feed";

/// A network that answers each address with what stands first in its script; the last answer stays.
#[derive(Default)]
pub struct Script {
    pub now_ms: i64,
    pub answers: BTreeMap<String, Vec<Result<Response, FetchError>>>,
    pub asked: Vec<Request>,
    pub logged: Vec<String>,
    pub state: BTreeMap<String, Vec<u8>>,
    /// Time that a request takes.
    pub delay_ms: i64,
}

impl Script {
    pub fn new() -> Self {
        Self {
            now_ms: START,
            ..Self::default()
        }
    }

    pub fn on(mut self, url: &str, answers: Vec<Result<Response, FetchError>>) -> Self {
        self.answers.insert(url.to_owned(), answers);
        self
    }

    pub fn asked_header(&self, name: &str) -> Option<&str> {
        let request = self.asked.last()?;
        request
            .headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

impl Host for Script {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn log(&mut self, _level: Level, message: &str) {
        assert!(message.len() <= 2048);
        self.logged.push(message.to_owned());
    }

    fn state_get(&mut self, key: &str) -> Option<Vec<u8>> {
        self.state.get(key).cloned()
    }

    fn state_set(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        assert!(
            key.len() <= 256 && value.len() <= 65_536,
            "{key}: {}",
            value.len()
        );
        self.state.insert(key.to_owned(), value.to_vec());
        let total: usize = self.state.iter().map(|(k, v)| k.len() + v.len()).sum();
        assert!(total <= 1024 * 1024);
        Ok(())
    }

    fn state_delete(&mut self, key: &str) {
        self.state.remove(key);
    }

    fn fetch(&mut self, request: &Request) -> Result<Response, FetchError> {
        self.now_ms += self.delay_ms;
        self.asked.push(request.clone());
        let answers = self
            .answers
            .get_mut(&request.url)
            .expect("an address that is in the script");
        if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        }
    }
}

pub fn ok(body: impl Into<Vec<u8>>, headers: &[(&str, &str)]) -> Result<Response, FetchError> {
    let headers = headers
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    Ok(Response {
        status: 200,
        headers,
        body: body.into(),
    })
}

pub fn status(status: u16, headers: &[(&str, &str)]) -> Result<Response, FetchError> {
    ok("", headers).map(|response| Response { status, ..response })
}

pub fn item(id: &str, text: &str) -> String {
    format!(
        "<item><guid>{id}</guid><title>Titel {id}</title><description>{text}</description>\
             <pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate></item>"
    )
}

pub fn rss(items: &[String]) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>Blog</title><link>https://a.example/</link>{}</channel></rss>",
        items.concat()
    )
}

pub fn settings(urls: &[&str]) -> Settings {
    Settings::parse(&serde_json::json!({ "feeds": urls }).to_string()).unwrap()
}

pub fn monitor(id: &str, query: &str) -> Monitor {
    Monitor {
        id: id.into(),
        query: query.into(),
    }
}

/// Ids with what they do: `+` create, `~` update, `-` delete; without the feed's id.
pub fn told(page: &Page) -> Vec<String> {
    let sign = |a: &Activity| match &a.object {
        ActivityObject::Create(_) => "+",
        ActivityObject::Update(_) => "~",
        ActivityObject::Delete(_) => "-",
        _ => "?",
    };
    page.activities
        .iter()
        .map(|a| format!("{}{}", sign(a), a.id.split_once(':').unwrap().1))
        .collect()
}

pub fn created(page: &Page, index: usize) -> &Message {
    match &page.activities[index].object {
        ActivityObject::Create(message) | ActivityObject::Update(message) => message,
        other => panic!("{other:?}"),
    }
}

//! The real AT Protocol network of the test: accounts, posts, and what stands in a repository.
//!
//! Speaks to the personal data server only, as every client does. Deliberately absent: anything that
//! the connector under test could share with it.

use crate::support;
use rapport_host::domain::now_ms;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::io::Write;

const POST: &str = "app.bsky.feed.post";
const ADDRESS: &str = "RAPPORT_TEST_ATPROTO";
const HOW: &str = "Start it with `../shared/servers/atproto/run start`, then \
                   `RAPPORT_TEST_ATPROTO=http://127.0.0.1:2583 cargo test --test atproto`.";

/// A line on the terminal also when the test passes, which hides what `eprintln!` says.
pub fn tell(line: &str) {
    writeln!(std::io::stderr(), "atproto: {line}").expect("standard error");
}

pub struct Network {
    pub service: String,
    client: Client,
}

pub struct Account {
    pub did: String,
    pub handle: String,
    pub password: String,
    token: String,
}

impl Network {
    /// The network whose data server the environment names. None, with a notice, when it names
    /// none; in CI that is a failure.
    pub fn from_environment() -> Option<Self> {
        let Ok(service) = std::env::var(ADDRESS) else {
            let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!in_ci, "{ADDRESS} is not set. {HOW}");
            tell(&format!("NOT TESTED: {ADDRESS} is not set. {HOW}"));
            return None;
        };
        Some(Self {
            service: service.trim_end_matches('/').to_owned(),
            client: support::client(),
        })
    }

    async fn call(
        &self,
        method: Method,
        name: &str,
        parameters: &[(&str, &str)],
        account: Option<&Account>,
        body: Option<&Value>,
    ) -> Value {
        let address = format!("{}/xrpc/{name}", self.service);
        let url = url::Url::parse_with_params(&address, parameters).expect("an address");
        let mut request = self.client.request(method, url);
        if let Some(account) = account {
            request = request.header("authorization", format!("Bearer {}", account.token));
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|e| panic!("the network does not answer at {address}: {e}. {HOW}"));
        let status = response.status();
        let text = response.text().await.expect("a whole answer");
        assert!(status.is_success(), "{name}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A new account with a handle that nobody had.
    pub async fn create_account(&self, name: &str) -> Account {
        let unique: String = (0..8).map(|_| fastrand::lowercase()).collect();
        let handle = format!("{name}-{unique}.test");
        let password = format!("password-{unique}");
        let body = json!({
            "handle": handle, "email": format!("{name}-{unique}@mail.test"), "password": password,
        });
        let name = "com.atproto.server.createAccount";
        let made = self.call(Method::POST, name, &[], None, Some(&body)).await;
        Account {
            did: text(&made, "/did"),
            handle,
            password,
            token: text(&made, "/accessJwt"),
        }
    }

    /// Posts a text that begins with a mention of somebody; its address.
    pub async fn mention(&self, by: &Account, whom: &Account, words: &str) -> String {
        let mention = format!("@{}", whom.handle);
        let record = json!({
            "$type": POST,
            "text": format!("{mention} {words}"),
            "createdAt": now(),
            "langs": ["nl"],
            "facets": [{
                "index": { "byteStart": 0, "byteEnd": mention.len() },
                "features": [{ "$type": "app.bsky.richtext.facet#mention", "did": whom.did }],
            }],
        });
        let body = json!({ "repo": by.did, "collection": POST, "record": record });
        let name = "com.atproto.repo.createRecord";
        let made = self
            .call(Method::POST, name, &[], Some(by), Some(&body))
            .await;
        text(&made, "/uri")
    }

    /// Deletes a post of this account.
    pub async fn delete(&self, by: &Account, uri: &str) {
        let rkey = uri.rsplit('/').next();
        let body = json!({ "repo": by.did, "collection": POST, "rkey": rkey });
        let name = "com.atproto.repo.deleteRecord";
        self.call(Method::POST, name, &[], Some(by), Some(&body))
            .await;
    }

    /// Every post in an account's repository, oldest key first: `uri` and `value`.
    pub async fn posts_of(&self, account: &Account) -> Vec<Value> {
        let mut posts = Vec::new();
        let mut cursor = String::new();
        loop {
            let parameters = [
                ("repo", account.did.as_str()),
                ("collection", POST),
                ("limit", "100"),
                ("cursor", &cursor),
            ];
            let given = if cursor.is_empty() { 3 } else { 4 };
            let name = "com.atproto.repo.listRecords";
            let page = self
                .call(Method::GET, name, &parameters[..given], None, None)
                .await;
            let records = page["records"].as_array().expect("records");
            if records.is_empty() {
                return posts;
            }
            posts.extend(records.iter().cloned());
            match page["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return posts,
            }
        }
    }

    /// The answers to a post as the application shows them to somebody.
    pub async fn answers_to(&self, uri: &str, shown_to: &Account) -> Vec<Value> {
        let name = "app.bsky.feed.getPostThread";
        let parameters = [("uri", uri), ("depth", "1")];
        let answer = self
            .call(Method::GET, name, &parameters, Some(shown_to), None)
            .await;
        let replies = answer["thread"]["replies"].as_array();
        replies.cloned().unwrap_or_default()
    }
}

/// As records tell the time.
fn now() -> String {
    chrono::DateTime::from_timestamp_millis(now_ms())
        .expect("a time")
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

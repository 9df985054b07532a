//! People at a host: made by the operator, logged in, with the cookie and the CSRF token that a
//! browser would keep.

use super::Host;
use reqwest::{Method, Response};
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    /// `name=value`.
    pub cookie: String,
    pub csrf: String,
}

/// What came of a log-in.
pub async fn try_log_in(host: &Host, email: &str, password: &str, from: Option<&str>) -> Response {
    let body = json!({"email": email, "password": password});
    let mut request = host.bare(Method::POST, "session", Some(&body));
    if let Some(address) = from {
        request = request.header("x-forwarded-for", address);
    }
    request.send().await.expect("the host answers")
}

/// Logs in; panics when that fails.
pub async fn log_in(host: &Host, email: &str, password: &str) -> Person {
    let response = try_log_in(host, email, password, None).await;
    assert_eq!(response.status().as_u16(), 200, "{email} logs in");
    let cookie = response.headers()["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let body: Value =
        serde_json::from_slice(&response.bytes().await.expect("whole")).expect("JSON");
    Person {
        id: body["agentId"].as_str().expect("an id").to_owned(),
        email: email.to_owned(),
        cookie,
        csrf: body["csrf"].as_str().expect("a token").to_owned(),
    }
}

/// A new agent with one role, logged in; the operator asks.
pub async fn agent(host: &Host, role: &str) -> Person {
    let email = format!("{role}@people.example");
    named(host, &email, &[role]).await
}

/// A new agent with these roles, logged in.
pub async fn named(host: &Host, email: &str, roles: &[&str]) -> Person {
    let new = json!({"email": email, "name": email, "roles": roles, "password": PASSWORD});
    let (status, made) = host.post("agents", &new).await;
    assert_eq!(status, 201, "{made:#}");
    log_in(host, email, PASSWORD).await
}

impl Person {
    pub async fn call(
        &self,
        host: &Host,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let request = host.bare(method, path, body);
        let request = request.header("cookie", &self.cookie);
        let request = request.header("x-rapport-csrf", &self.csrf);
        let response = request.send().await.expect("the host answers");
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("a whole answer");
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub async fn get(&self, host: &Host, path: &str) -> (u16, Value) {
        self.call(host, Method::GET, path, None).await
    }

    pub async fn post(&self, host: &Host, path: &str, body: &Value) -> (u16, Value) {
        self.call(host, Method::POST, path, Some(body)).await
    }

    /// The operator gives them a right to an inbox.
    pub async fn inbox(&self, host: &Host, inbox: &str, answer: bool, voice: bool) {
        let right = json!({"agentId": self.id, "read": true, "answer": answer, "voice": voice});
        let path = format!("inboxes/{inbox}/rights");
        let (status, all) = host.call(Method::PUT, &path, Some(&right)).await;
        assert_eq!(status, 200, "{all:#}");
    }
}

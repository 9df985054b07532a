//! Every route by every role, from the rule table; that every route is in the table is a test of its
//! own beside it. Bodies are empty and ids unknown: who is let in gets as far as being told so.

use crate::support::Host;
use crate::support::people::{PASSWORD, Person, agent, log_in};
use crate::{NOBODY, QUIET, TOWN, text};
use rapport_host::domain::access::{BuiltInRole, Permission};
use rapport_host::http::rules::{RULES, Rule};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

/// How somebody comes in.
enum As {
    Nobody,
    WrongToken,
    /// A token without scopes.
    Powerless(String),
    Role(BuiltInRole, Person),
    Operator,
}

impl As {
    fn name(&self) -> String {
        match self {
            As::Nobody => "nobody".into(),
            As::WrongToken => "a wrong token".into(),
            As::Powerless(_) => "a token without scopes".into(),
            As::Role(role, _) => role.to_string(),
            As::Operator => "the operator".into(),
        }
    }

    fn known(&self) -> bool {
        !matches!(self, As::Nobody | As::WrongToken)
    }

    fn is_person(&self) -> bool {
        matches!(self, As::Role(..))
    }

    fn holds(&self, permission: Permission) -> bool {
        match self {
            As::Nobody | As::WrongToken | As::Powerless(_) => false,
            As::Role(role, _) => role.permissions().contains(&permission),
            As::Operator => true,
        }
    }

    fn sign(&self, host: &Host, request: RequestBuilder) -> RequestBuilder {
        let bearer = |token: &str| format!("Bearer {token}");
        match self {
            As::Nobody => request,
            As::WrongToken => request.header("authorization", bearer("rap_0123456789abcdef")),
            As::Powerless(token) => request.header("authorization", bearer(token)),
            As::Role(_, person) => request
                .header("cookie", &person.cookie)
                .header("x-rapport-csrf", &person.csrf),
            As::Operator => request.header(
                "authorization",
                bearer(host.token.as_deref().unwrap_or_default()),
            ),
        }
    }
}

#[tokio::test]
async fn every_route_by_every_role() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let (_, token) = host
        .post("tokens", &json!({"name": "none", "scopes": []}))
        .await;
    let mut callers = vec![
        As::Nobody,
        As::WrongToken,
        As::Powerless(text(&token, "secret").to_owned()),
        As::Operator,
    ];
    for role in BuiltInRole::ALL {
        callers.push(As::Role(*role, agent(&host, role.as_str()).await));
    }
    let mut asked = 0;
    for caller in &mut callers {
        for (method, path, rule) in RULES {
            let method = match *method {
                "*" => Method::POST,
                other => Method::from_bytes(other.as_bytes()).unwrap(),
            };
            // `bare` takes paths under the root with a leading slash.
            let at = path
                .replace("{id}", NOBODY)
                .replace("{inbox}", "nowhere")
                .replace("{provider}", "nobody")
                .replace("{*path}", "x");
            assert!(
                !at.contains('{'),
                "{path}: a parameter that the test does not know"
            );
            let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
            let request = caller.sign(&host, host.bare(method.clone(), &at, body.as_ref()));
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let what = format!("{} asks {method} {path}: {status}", caller.name());
            let refused = match rule {
                Rule::Public | Rule::Webhook => None,
                Rule::Known | Rule::Person | Rule::Needs(_) if !caller.known() => Some(401),
                Rule::Person if !caller.is_person() => Some(403),
                Rule::Needs(permission) if !caller.holds(*permission) => Some(403),
                Rule::Known | Rule::Person | Rule::Needs(_) => None,
            };
            match refused {
                Some(expected) => assert_eq!(status, expected, "{what}"),
                None => assert!(status != 401 && status != 403 && status < 500, "{what}"),
            }
            asked += 1;
            if (method, *path) == (Method::DELETE, "/api/v1/session")
                && let As::Role(_, person) = caller
            {
                *person = log_in(&host, &person.email, PASSWORD).await;
            }
        }
    }
    assert_eq!(asked, callers.len() * RULES.len());
}

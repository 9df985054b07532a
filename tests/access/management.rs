//! Agents, roles, teams and tokens: nobody gives what they do not hold, and the last admin stays.

use crate::support::people::{PASSWORD, Person, agent, named};
use crate::support::{Host, until};
use crate::{HALL, QUIET, SOON, TOWN, text};
use reqwest::Method;
use serde_json::{Value, json};

async fn patch(who: &Person, host: &Host, path: &str, body: &Value) -> u16 {
    who.call(host, Method::PATCH, path, Some(body)).await.0
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let clerk = json!({"permissions": ["agent.manage", "inbox.read", "token.manage"]});
    let (status, role) = host.call(Method::PUT, "roles/clerk", Some(&clerk)).await;
    assert_eq!(status, 200, "{role:#}");
    let clerk = agent(&host, "clerk").await;
    let boss = agent(&host, "admin").await;
    let ann = agent(&host, "agent").await;

    for roles in [json!(["admin"]), json!(["manager"])] {
        let new = json!({"email": "x@people.example", "name": "x", "roles": roles});
        assert_eq!(clerk.post(&host, "agents", &new).await.0, 403, "{roles}");
    }
    let wider = json!({"permissions": ["agent.manage", "draft.release"]});
    let (status, _) = clerk
        .call(&host, Method::PUT, "roles/clerk", Some(&wider))
        .await;
    assert_eq!(status, 403);
    let token = json!({"name": "t", "scopes": ["audit.read"]});
    assert_eq!(clerk.post(&host, "tokens", &token).await.0, 403);
    let me = format!("agents/{}", clerk.id);
    assert_eq!(
        patch(&clerk, &host, &me, &json!({"roles": ["clerk", "agent"]})).await,
        403
    );
    // A new password would be a way to become somebody.
    for other in [&boss, &ann] {
        let path = format!("agents/{}", other.id);
        for change in [
            json!({"password": "a new good password"}),
            json!({"active": false}),
        ] {
            assert_eq!(patch(&clerk, &host, &path, &change).await, 403, "{change}");
        }
    }
    let (_, sessions) = boss.get(&host, "sessions").await;
    let of_boss = sessions
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["agentId"] == boss.id.as_str());
    let path = format!("sessions/{}", text(of_boss.unwrap(), "id"));
    assert_eq!(clerk.call(&host, Method::DELETE, &path, None).await.0, 403);

    let reader = json!({"permissions": ["inbox.read"]});
    let (status, _) = clerk
        .call(&host, Method::PUT, "roles/reader", Some(&reader))
        .await;
    assert_eq!(status, 200, "what they hold they may give");
    let new = json!({"email": "x@people.example", "name": "x", "roles": ["reader"], "password": PASSWORD});
    assert_eq!(clerk.post(&host, "agents", &new).await.0, 201);
    assert_eq!(clerk.post(&host, "agents", &new).await.0, 409);
    // Built-in roles are as they are.
    let (status, _) = boss
        .call(&host, Method::PUT, "roles/agent", Some(&reader))
        .await;
    assert_eq!(status, 409);
    let (status, _) = boss.call(&host, Method::DELETE, "roles/reader", None).await;
    assert_eq!(status, 204);
}

#[tokio::test]
async fn the_last_admin_stays() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let boss = agent(&host, "admin").await;
    let path = format!("agents/{}", boss.id);
    for change in [json!({"active": false}), json!({"roles": ["manager"]})] {
        assert_eq!(patch(&boss, &host, &path, &change).await, 409, "{change}");
    }
    let other = named(&host, "other@people.example", &["admin"]).await;
    assert_eq!(
        patch(&boss, &host, &path, &json!({"active": false})).await,
        200
    );
    let path = format!("agents/{}", other.id);
    assert_eq!(
        patch(&other, &host, &path, &json!({"roles": []})).await,
        409
    );
}

#[tokio::test]
async fn what_people_write_is_checked() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(QUIET, dir.path()).await;
    let good =
        json!({"email": "a@people.example", "name": "a", "roles": ["agent"], "password": PASSWORD});
    for (key, value, says) in [
        ("email", json!("a"), "email"),
        ("name", json!(" "), "name"),
        ("name", json!("a\u{0}b"), "NUL"),
        ("roles", json!(["emperor"]), "emperor"),
        ("password", json!("too short"), "12"),
        ("password", json!("a".repeat(1025)), "1024"),
        ("password", json!("a@people.example"), "e-mail"),
    ] {
        let mut body = good.clone();
        body[key] = value;
        let (status, problem) = host.post("agents", &body).await;
        assert_eq!(status, 422, "{problem:#}");
        assert!(text(&problem, "detail").contains(says), "{problem:#}");
    }
    for name in ["Upper", "sp ace", "admin"] {
        let path = format!("roles/{}", name.replace(' ', "%20"));
        let body = json!({"permissions": []});
        let (status, _) = host.call(Method::PUT, &path, Some(&body)).await;
        assert!(status == 422 || status == 409, "{name}: {status}");
    }
}

/// A call with an API token.
async fn with(host: &Host, token: &str, method: Method, path: &str) -> u16 {
    let request = host.bare(method, path, None);
    let request = request.header("authorization", format!("Bearer {token}"));
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn tokens_do_what_they_name_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}{HALL}"), dir.path()).await;
    let inboxes = host.get("inboxes").await;
    let hall = text(&inboxes[0], "id");
    let new = json!({"name": "reader", "scopes": ["inbox.read"], "inboxes": [hall]});
    let (status, made) = host.post("tokens", &new).await;
    assert_eq!(status, 201, "{made:#}");
    let secret = text(&made, "secret").to_owned();
    assert!(secret.starts_with("rap_") && secret.len() == 68, "{secret}");
    assert!(
        !host.get("tokens").await.to_string().contains(&secret[4..]),
        "shown once"
    );
    assert_eq!(with(&host, &secret, Method::GET, "messages").await, 200);
    assert_eq!(with(&host, &secret, Method::GET, "plugins").await, 403);
    assert_eq!(
        with(&host, &secret, Method::GET, &format!("inboxes/{hall}")).await,
        200
    );
    let town = format!("inboxes/{}", text(&inboxes[1], "id"));
    assert_eq!(with(&host, &secret, Method::GET, &town).await, 404);
    let path = format!("tokens/{}", text(&made, "id"));
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(with(&host, &secret, Method::GET, "messages").await, 401);
    assert!(!host.log_text().contains(&secret));

    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let soon = i64::try_from(soon.unwrap().as_millis()).unwrap() + 1500;
    let brief = json!({"name": "brief", "scopes": ["inbox.read"], "expires": soon});
    let (_, made) = host.post("tokens", &brief).await;
    let secret = text(&made, "secret").to_owned();
    until("it expires", SOON, async || {
        (with(&host, &secret, Method::GET, "messages").await == 401).then_some(())
    })
    .await;
    let past = json!({"name": "past", "scopes": [], "expires": 1});
    assert_eq!(host.post("tokens", &past).await.0, 422);

    // A person's token is never more than the person, and ends with them.
    let boss = agent(&host, "admin").await;
    let new = json!({"name": "mine", "scopes": ["plugin.read", "agent.manage", "token.manage"]});
    let (status, made) = boss.post(&host, "tokens", &new).await;
    assert_eq!(status, 201, "{made:#}");
    let secret = text(&made, "secret").to_owned();
    assert_eq!(with(&host, &secret, Method::GET, "agents").await, 200);
    let spare = named(&host, "spare@people.example", &["admin"]).await;
    let path = format!("agents/{}", boss.id);
    assert_eq!(
        patch(&spare, &host, &path, &json!({"roles": ["agent"]})).await,
        200
    );
    assert_eq!(with(&host, &secret, Method::GET, "agents").await, 403);
    assert_eq!(with(&host, &secret, Method::GET, "plugins").await, 200);
    assert_eq!(
        patch(&spare, &host, &path, &json!({"active": false})).await,
        200
    );
    assert_eq!(with(&host, &secret, Method::GET, "plugins").await, 401);
    let request = host.bare(
        Method::POST,
        "tokens",
        Some(&json!({"name": "child", "scopes": []})),
    );
    let (_, made) = spare.post(&host, "tokens", &new).await;
    let bearer = format!("Bearer {}", text(&made, "secret"));
    let response = request
        .header("authorization", bearer)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 403, "a token makes no tokens");
}

//! What inboxes hold is what one reads, exports and erases of a contact; and a token is its own scopes and
//! inboxes, not its maker.

use crate::inboxes::{draft, heard, step};
use crate::support::Host;
use crate::support::people::{Person, agent, named};
use crate::{HALL, QUIET, TOWN, text};
use reqwest::Method;
use serde_json::{Value, json};

const RUDE: &str = "HAD U ZELF KUNNEN LEZEN, SUKKEL!!!!";

/// A call with an API token.
async fn with(
    host: &Host,
    token: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let request = host.bare(method, path, body);
    let request = request.header("authorization", format!("Bearer {token}"));
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn token_of(who: &Person, host: &Host, new: &Value) -> String {
    let (status, made) = who.post(host, "tokens", new).await;
    assert_eq!(status, 201, "{made:#}");
    text(&made, "secret").to_owned()
}

#[tokio::test]
async fn contacts_follow_the_inboxes() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}{HALL}"), dir.path()).await;
    let lotte = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let emma = heard(&host, "hall", "h-1", "emma", "Waar is de hal?").await;
    let both = heard(&host, "town", "t-2", "sam", "Hallo stad").await;
    let there = heard(&host, "hall", "h-2", "sam", "Hallo hal").await;
    assert_eq!(both["contactId"], there["contactId"], "one contact");
    let mo = agent(&host, "manager").await;
    mo.inbox(&host, text(&lotte, "inboxId"), true, false).await;
    let scopes = ["inbox.read", "contact.export", "contact.erase"];
    let new = json!({"name": "town", "scopes": scopes, "inboxes": [lotte["inboxId"]]});
    let (_, made) = host.post("tokens", &new).await;
    let token = text(&made, "secret").to_owned();
    let export = |message: &Value| format!("contacts/{}/export", text(message, "contactId"));
    let erase = |message: &Value| format!("contacts/{}?reason=17", text(message, "contactId"));

    for (contact, refused) in [(&emma, 404), (&both, 403)] {
        for (method, path) in [
            (Method::GET, export(contact)),
            (Method::DELETE, erase(contact)),
        ] {
            let by_person = mo.call(&host, method.clone(), &path, None).await;
            assert_eq!(by_person.0, refused, "{path}: {}", by_person.1);
            let by_token = with(&host, &token, method, &path, None).await;
            assert_eq!(by_token.0, refused, "{path}: {}", by_token.1);
        }
    }
    let path = format!("messages/{}", text(&there, "id"));
    assert_eq!(host.get(&path).await["content"], "Hallo hal", "still there");
    let path = format!("contacts/{}", text(&both, "contactId"));
    assert_eq!(mo.get(&host, &path).await.1["messageCount"], 1);
    assert_eq!(host.get(&path).await["messageCount"], 2);
    let (_, page) = mo.get(&host, "contacts").await;
    for contact in page["items"].as_array().unwrap() {
        assert_eq!(contact["messageCount"], 1, "{contact:#}");
    }

    let new = json!({"name": "x", "scopes": ["contact.everywhere"], "inboxes": [lotte["inboxId"]]});
    assert_eq!(host.post("tokens", &new).await.0, 422);
    let officer = json!({"permissions": ["contact.export", "contact.erase", "contact.everywhere"]});
    host.call(Method::PUT, "roles/officer", Some(&officer))
        .await;
    let officer = agent(&host, "officer").await;
    let (status, all) = officer.get(&host, &export(&both)).await;
    assert_eq!(status, 200, "{all:#}");
    assert!(all.to_string().contains("Hallo hal"));
    let (status, erased) = officer
        .call(&host, Method::DELETE, &erase(&both), None)
        .await;
    assert_eq!(status, 200, "{erased:#}");

    let (status, all) = mo.get(&host, &export(&lotte)).await;
    assert_eq!(status, 200, "{all:#}");
    let (status, erased) = with(&host, &token, Method::DELETE, &erase(&lotte), None).await;
    assert_eq!(status, 200, "{erased:#}");
}

#[tokio::test]
async fn a_token_is_not_its_maker() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let town = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let boss = agent(&host, "admin").await;
    let ann = agent(&host, "agent").await;
    boss.inbox(&host, text(&town, "inboxId"), true, true).await;
    let bare = token_of(&boss, &host, &json!({"name": "bare", "scopes": []})).await;
    let (status, sessions) = with(&host, &bare, Method::GET, "sessions", None).await;
    assert_eq!((status, sessions), (200, json!([])));
    let (_, sessions) = boss.get(&host, "sessions").await;
    for session in sessions.as_array().unwrap() {
        let path = format!("sessions/{}", text(session, "id"));
        let (status, _) = with(&host, &bare, Method::DELETE, &path, None).await;
        assert_eq!(status, 404, "{session:#}");
    }
    assert_eq!(boss.get(&host, "session").await.0, 200, "still logged in");
    for path in ["teams", "roles"] {
        let (status, _) = with(&host, &bare, Method::GET, path, None).await;
        assert_eq!(status, 403, "{path}");
        assert_eq!(ann.get(&host, path).await.0, 200, "{path}");
    }
    let (_, me) = with(&host, &bare, Method::GET, "session", None).await;
    assert_eq!((&me["roles"], &me["teams"]), (&json!([]), &json!([])));

    let scopes = ["agent.manage", "inbox.read", "draft.write", "draft.release"];
    let new = json!({"name": "staff", "scopes": scopes});
    let staff = token_of(&boss, &host, &new).await;
    let rights = format!("inboxes/{}/rights", text(&town, "inboxId"));
    let voice = json!({"agentId": ann.id, "read": true, "answer": true, "voice": true});
    let own = json!({"agentId": ann.id, "read": true, "answer": true, "own": true});
    let roles = json!({"roles": ["admin"]});
    let ann_path = format!("agents/{}", ann.id);
    let boss_path = format!("agents/{}", boss.id);
    let password = json!({"password": "a new good password"});
    for (method, path, body) in [
        (Method::PUT, &rights, &voice),
        (Method::PUT, &rights, &own),
        (Method::PATCH, &ann_path, &roles),
        (Method::PATCH, &boss_path, &password),
    ] {
        let (status, said) = with(&host, &staff, method, path, Some(body)).await;
        assert_eq!(status, 403, "{body}: {said:#}");
    }
    // The hold names a manager; an admin's program is none.
    let mo = agent(&host, "manager").await;
    mo.inbox(&host, text(&town, "inboxId"), true, true).await;
    let held = draft(&mo, &host, &town, RUDE, false).await;
    assert_eq!(step(&mo, &host, &held, "send").await, 200);
    let path = format!("drafts/{held}/release");
    let (status, _) = with(&host, &staff, Method::POST, &path, Some(&Value::Null)).await;
    assert_eq!(status, 403);
    let new = json!({"name": "mine", "scopes": ["inbox.read", "draft.release"]});
    let theirs = token_of_operator_for(&host, &mo, &new).await;
    let (status, _) = with(&host, &theirs, Method::POST, &path, Some(&Value::Null)).await;
    assert_eq!(status, 403, "a program of whoever wrote it");
}

/// A token that somebody makes while they may.
async fn token_of_operator_for(host: &Host, who: &Person, new: &Value) -> String {
    let path = format!("agents/{}", who.id);
    let maker = json!({"permissions": ["token.manage"]});
    host.call(Method::PUT, "roles/maker", Some(&maker)).await;
    let roles = json!({"roles": ["manager", "maker"]});
    assert_eq!(host.call(Method::PATCH, &path, Some(&roles)).await.0, 200);
    token_of(who, host, new).await
}

#[tokio::test]
async fn nobody_takes_what_they_do_not_hold() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}{HALL}"), dir.path()).await;
    let inboxes = host.get("inboxes").await;
    let id_of = |name: &str| {
        let mut all = inboxes.as_array().unwrap().iter();
        text(all.find(|i| i["name"] == name).unwrap(), "id").to_owned()
    };
    let (town, hall) = (id_of("town"), id_of("hall"));
    // Holds all that a manager holds, and more; but is none.
    let mut permissions: Vec<&str> = rapport_host::domain::access::BuiltInRole::Manager
        .permissions()
        .iter()
        .map(|p| p.as_str())
        .collect();
    permissions.extend(["agent.manage", "token.manage"]);
    let clerk = json!({ "permissions": permissions });
    host.call(Method::PUT, "roles/clerk", Some(&clerk)).await;
    let clerk = agent(&host, "clerk").await;
    clerk.inbox(&host, &town, true, false).await;
    let ann = agent(&host, "agent").await;
    ann.inbox(&host, &town, true, true).await;
    let bob = named(&host, "bob@people.example", &["agent"]).await;
    bob.inbox(&host, &hall, false, false).await;
    let (_, team) = host
        .post("teams", &json!({"name": "night", "members": [ann.id]}))
        .await;
    let team_right = json!({"teamId": team["id"], "read": true});
    let path = format!("inboxes/{hall}/rights");
    host.call(Method::PUT, &path, Some(&team_right)).await;
    let (_, token) = host
        .post("tokens", &json!({"name": "o", "scopes": ["audit.read"]}))
        .await;

    let none = json!({"agentId": ann.id, "read": false});
    let less = json!({"agentId": ann.id, "read": true, "answer": true});
    let own = json!({"agentId": clerk.id, "read": true, "answer": true, "own": true});
    let rights = format!("inboxes/{town}/rights");
    let team_path = format!("teams/{}", text(&team, "id"));
    let password = json!({"password": "a new good password"});
    let manager = json!({"roles": ["clerk", "manager"]});
    let releasing = json!({"permissions": ["draft.release"]});
    for (method, path, body) in [
        (Method::PUT, rights.clone(), none),
        (Method::PUT, rights.clone(), less),
        (Method::PUT, rights, own),
        (Method::PATCH, team_path.clone(), json!({"members": []})),
        (Method::PATCH, team_path.clone(), json!({"name": "day"})),
        (Method::DELETE, team_path, Value::Null),
        (
            Method::PATCH,
            format!("agents/{}", ann.id),
            password.clone(),
        ),
        (Method::PATCH, format!("agents/{}", bob.id), password),
        (
            Method::PATCH,
            format!("agents/{}", bob.id),
            json!({"active": false}),
        ),
        (Method::PATCH, format!("agents/{}", clerk.id), manager),
        (Method::PUT, "roles/legal".to_owned(), releasing),
        (
            Method::DELETE,
            format!("tokens/{}", text(&token, "id")),
            Value::Null,
        ),
    ] {
        let (status, said) = clerk.call(&host, method.clone(), &path, Some(&body)).await;
        assert_eq!(status, 403, "{method} {path} {body}: {said:#}");
    }
    // What they hold they give and take.
    let path = format!("inboxes/{town}/rights");
    let right = json!({"agentId": bob.id, "read": true, "answer": true});
    assert_eq!(
        clerk.call(&host, Method::PUT, &path, Some(&right)).await.0,
        200
    );
    let right = json!({"agentId": bob.id, "read": false});
    assert_eq!(
        clerk.call(&host, Method::PUT, &path, Some(&right)).await.0,
        200
    );
}

#[tokio::test]
async fn a_hold_names_a_role_and_a_draft_has_many_hands() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&format!("{QUIET}{TOWN}"), dir.path()).await;
    let town = heard(&host, "town", "t-1", "lotte", "Hoe gaat dat?").await;
    let inbox = text(&town, "inboxId");
    let mo = agent(&host, "manager").await;
    let ida = named(&host, "ida@people.example", &["manager"]).await;
    let releaser = json!({"permissions": ["inbox.read", "draft.write", "draft.release"]});
    host.call(Method::PUT, "roles/releaser", Some(&releaser))
        .await;
    let pat = agent(&host, "releaser").await;
    for who in [&mo, &ida, &pat] {
        who.inbox(&host, inbox, true, true).await;
    }
    let team = json!({"name": "manager", "members": [pat.id]});
    assert_eq!(host.post("teams", &team).await.0, 201);
    let held = draft(&mo, &host, &town, RUDE, false).await;
    assert_eq!(step(&mo, &host, &held, "send").await, 200);
    assert_eq!(step(&pat, &host, &held, "release").await, 403, "a team");
    // A blank by somebody else washes nothing.
    let path = format!("drafts/{held}");
    let edit = json!({"content": format!("{RUDE} ")});
    for who in [&pat, &mo, &pat] {
        let edited = who.call(&host, Method::PATCH, &path, Some(&edit)).await;
        assert_eq!(edited.0, 200);
        assert_eq!(step(&mo, &host, &held, "release").await, 403);
    }
    // Nor does a program that says it again.
    let again = json!({"messageId": town["id"], "content": RUDE.to_lowercase(), "author": "bot"});
    let (_, again) = host.post("drafts", &again).await;
    let again = text(&again, "id").to_owned();
    assert_eq!(step(&mo, &host, &again, "release").await, 403);
    assert_eq!(step(&ida, &host, &held, "release").await, 200);
}

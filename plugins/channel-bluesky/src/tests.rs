//! The connector against a network that answers as the real one did: `tests/fixtures` holds answers
//! recorded from an AT Protocol network on loopback (PDS and AppView), trimmed, the accounts made
//! up, addresses of pictures replaced. What a test wants different it answers itself.

mod bounds;
mod changes;
mod hostile;
mod late;
mod poll;
mod send;
mod session;

use rapport_sdk::channel::{Monitor, Page};
use rapport_sdk::social::{Activity, ActivityObject, Message};
use serde_json::Value;

use crate::fake::{Fake, answer, method, parameter};
use crate::net::{Failure, Request, Response};
use crate::poll::poll;
use crate::post::list_at;
use crate::settings::Settings;

/// The accounts of the recordings.
const ME: &str = "did:plc:hokihofekdupkdis3mjqvtwe";
const ANNA: &str = "did:plc:tb3e7bji2x5oawlb2mkmoeon";
const BRAM: &str = "did:plc:n3lhgz4ail2p6d5u425mtds6";
const OWN_POST: &str = "at://did:plc:hokihofekdupkdis3mjqvtwe/app.bsky.feed.post/3n2tyceswec22";
const MENTION: &str = "at://did:plc:tb3e7bji2x5oawlb2mkmoeon/app.bsky.feed.post/3n2tyceqsy222";

const LIST: &str = "app.bsky.notification.listNotifications";
const SEARCH: &str = "app.bsky.feed.searchPosts";
const POSTS: &str = "app.bsky.feed.getPosts";
const RECORD: &str = "com.atproto.repo.getRecord";

fn settings() -> Settings {
    with(r#"{"identifier": "voorbeeldwinkel.test", "service": "https://pds.test"}"#)
}

fn with(text: &str) -> Settings {
    Settings::parse(text).unwrap()
}

/// A recorded answer.
fn fixture(name: &str) -> Value {
    serde_json::from_str(recording(name)).unwrap()
}

fn recording(name: &str) -> &'static str {
    match name {
        "createSession" => include_str!("../tests/fixtures/createSession.json"),
        "refreshSession" => include_str!("../tests/fixtures/refreshSession.json"),
        "getSession" => include_str!("../tests/fixtures/getSession.json"),
        "listNotifications" => include_str!("../tests/fixtures/listNotifications.json"),
        "getPosts" => include_str!("../tests/fixtures/getPosts.json"),
        "getPostThread" => include_str!("../tests/fixtures/getPostThread.json"),
        "searchPosts" => include_str!("../tests/fixtures/searchPosts.json"),
        "getProfiles" => include_str!("../tests/fixtures/getProfiles.json"),
        "getProfile" => include_str!("../tests/fixtures/getProfile.json"),
        other => panic!("no recording of {other}"),
    }
}

fn ok(body: &Value) -> Response {
    answer(200, &body.to_string())
}

fn refusal(status: u16, error: &str, message: &str) -> Response {
    answer(
        status,
        &serde_json::json!({"error": error, "message": message}).to_string(),
    )
}

fn gone() -> Response {
    refusal(400, "RecordNotFound", "Could not locate record: at://…")
}

/// What the network answers when a test says nothing else. The posts of `getPosts` are those asked
/// for; no record of ours exists.
fn usual(request: &Request) -> Response {
    let name = method(request);
    let short = name.rsplit('.').next().unwrap_or_default();
    match short {
        "listNotifications" | "searchPosts" if parameter(request, "cursor").is_some() => {
            answer(200, r#"{"notifications": [], "posts": []}"#)
        }
        "getPosts" => {
            let mut body = fixture("getPosts");
            let asked = percent_encoding::percent_decode_str(&request.url).decode_utf8_lossy();
            let known = list_at(&fixture("getPosts"), "/posts").to_vec();
            let shown = known
                .into_iter()
                .filter(|p| asked.contains(p["uri"].as_str().unwrap()));
            body["posts"] = shown.collect();
            ok(&body)
        }
        "getRecord" => gone(),
        "createRecord" => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let uri = format!(
                "at://{}/app.bsky.feed.post/{}",
                body["repo"].as_str().unwrap(),
                body["rkey"].as_str().unwrap()
            );
            ok(&serde_json::json!({"uri": uri, "cid": "bafyneu", "validationStatus": "valid"}))
        }
        "resolveHandle" => match parameter(request, "handle").as_deref() {
            Some("anna-voorbeeld.test") => ok(&serde_json::json!({"did": ANNA})),
            _ => refusal(400, "HandleNotFound", "Unable to resolve handle"),
        },
        _ => answer(200, recording(short)),
    }
}

/// A network that answers as usual, unless `unusual` answers.
fn network(
    unusual: impl Fn(&str, &Request) -> Option<Result<Response, Failure>> + 'static,
) -> Fake {
    Fake::new(move |request| {
        unusual(&method(request), request).unwrap_or_else(|| Ok(usual(request)))
    })
}

/// The message of an activity that has one.
fn created(activity: &Activity) -> &Message {
    match &activity.object {
        ActivityObject::Create(message) | ActivityObject::Update(message) => message,
        other => panic!("{other:?}"),
    }
}

fn messages(page: &Page) -> Vec<&Message> {
    let of = |a: &'_ &Activity| matches!(a.object, ActivityObject::Create(_));
    page.activities.iter().filter(of).map(created).collect()
}

fn monitor(id: &str, query: &str) -> Monitor {
    Monitor {
        id: id.to_owned(),
        query: query.to_owned(),
    }
}

fn first(net: &Fake) -> Page {
    poll(net, &settings(), None, &[]).unwrap()
}

fn next(net: &Fake, page: &Page) -> Page {
    poll(net, &settings(), Some(&page.cursor), &[]).unwrap()
}

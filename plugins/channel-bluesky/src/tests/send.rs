//! What goes out, and that it goes out once.

use rapport_sdk::channel::OutboundMessage;
use rapport_sdk::common::PluginError;
use rapport_sdk::social::Visibility;
use serde_json::{Value, json};

use super::{ANNA, ME, MENTION, fixture, gone, network, ok, refusal, settings};
use crate::fake::{Fake, answer, method, parameter};
use crate::net::{Failure, Request};
use crate::rkey::record_key;
use crate::send::{find_sent, send, validate};

const KEY: &str = "0197f0c0-7e1a-7000-8000-000000000000";
const CREATE: &str = "com.atproto.repo.createRecord";
const GET: &str = "com.atproto.repo.getRecord";

fn draft(content: &str, in_reply_to: Option<&str>) -> OutboundMessage {
    OutboundMessage {
        content: content.to_owned(),
        language: Some("nl".to_owned()),
        visibility: Visibility::Public,
        in_reply_to: in_reply_to.map(str::to_owned),
        conversation_external_id: None,
        recipient: None,
        extra: Vec::new(),
    }
}

/// The body of the creation.
fn created(net: &Fake) -> Value {
    let requests = net.requests.borrow();
    let request = requests
        .iter()
        .find(|r| method(r) == CREATE)
        .expect("nothing was created");
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn what_does_not_fit_never_reaches_the_network() {
    let net = network(|_, _| None);
    for (content, problem) in [
        ("x".repeat(312), "312 graphemes, at most 300"),
        ("é".repeat(301), "301 graphemes, at most 300"),
        ("👨‍👩‍👧‍👦".repeat(150), "3750 bytes, at most 3000"),
        (" \n".to_owned(), "the text is empty"),
    ] {
        let message = draft(&content, None);
        let expected = PluginError::InvalidInput(problem.to_owned());
        assert_eq!(validate(&message), Err(expected.clone()));
        assert_eq!(send(&net, &settings(), &message, KEY), Err(expected));
    }
    let wrong = draft("Dag", Some("https://example.com/1"));
    assert!(matches!(
        validate(&wrong),
        Err(PluginError::InvalidInput(_))
    ));
    let wrong = draft("Dag", Some("at://did:plc:a/app.bsky.feed.like/1"));
    assert!(matches!(
        validate(&wrong),
        Err(PluginError::InvalidInput(_))
    ));
    for visibility in [Visibility::Direct, Visibility::SemiPrivate] {
        let message = OutboundMessage {
            visibility,
            ..draft("Dag", None)
        };
        assert!(matches!(
            validate(&message),
            Err(PluginError::Unsupported(_))
        ));
        assert!(matches!(
            send(&net, &settings(), &message, KEY),
            Err(PluginError::Unsupported(_))
        ));
    }
    assert!(net.requests.borrow().is_empty());
    assert_eq!(validate(&draft(&"é".repeat(300), Some(MENTION))), Ok(()));
}

#[test]
fn an_answer_carries_its_thread_and_its_marks() {
    let net = network(|_, _| None);
    let text =
        "Vervelend 😔 @anna-voorbeeld.test! Zie https://example.com/hulp #bezorging @niemand.test";
    let receipt = send(&net, &settings(), &draft(text, Some(MENTION)), KEY).unwrap();
    let rkey = record_key(KEY);
    assert_eq!(
        receipt.external_id,
        format!("at://{ME}/app.bsky.feed.post/{rkey}")
    );
    assert_eq!(
        receipt.url,
        Some(format!(
            "https://bsky.app/profile/voorbeeldwinkel.test/post/{rkey}"
        ))
    );
    let body = created(&net);
    assert_eq!((&body["repo"], &body["rkey"]), (&json!(ME), &json!(rkey)));
    let cid = fixture("getPosts")["posts"][0]["cid"].clone();
    let this = json!({"uri": MENTION, "cid": cid});
    assert_eq!(
        body["record"],
        json!({
            "$type": "app.bsky.feed.post",
            "text": text,
            "langs": ["nl"],
            "createdAt": "2026-11-21T21:00:00.000Z",
            "reply": {"root": this, "parent": this},
            "facets": [
                {"index": {"byteStart": 15, "byteEnd": 35},
                 "features": [{"$type": "app.bsky.richtext.facet#mention", "did": ANNA}]},
                {"index": {"byteStart": 41, "byteEnd": 65},
                 "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/hulp"}]},
                {"index": {"byteStart": 66, "byteEnd": 76},
                 "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "bezorging"}]},
            ],
        })
    );
    assert_eq!(&text.as_bytes()[15..35], b"@anna-voorbeeld.test");
}

#[test]
fn an_answer_deep_in_a_thread_keeps_its_root() {
    let root = json!({"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "bafywortel"});
    let reference = root.clone();
    let net = network(move |method, _| {
        (method == "app.bsky.feed.getPosts").then(|| {
            let mut body = fixture("getPosts");
            body["posts"][0]["record"]["reply"] =
                json!({"root": reference, "parent": {"uri": "at://did:plc:b/app.bsky.feed.post/2", "cid": "x"}});
            Ok(ok(&body))
        })
    });
    send(&net, &settings(), &draft("Dag", Some(MENTION)), KEY).unwrap();
    let reply = &created(&net)["record"]["reply"];
    assert_eq!(reply["root"], root);
    assert_eq!(reply["parent"]["uri"], json!(MENTION));
}

#[test]
fn a_post_too_new_to_be_shown_can_be_answered() {
    let own = "at://did:plc:hokihofekdupkdis3mjqvtwe/app.bsky.feed.post/3n2tycfwqts22";
    let net = network(move |method, request| {
        let asked = parameter(request, "rkey");
        (method == GET && asked.as_deref() == Some("3n2tycfwqts22")).then(|| {
            Ok(ok(
                &json!({"uri": own, "cid": "bafyvers", "value": {"text": "x"}}),
            ))
        })
    });
    send(&net, &settings(), &draft("Aanvulling", Some(own)), KEY).unwrap();
    assert_eq!(
        created(&net)["record"]["reply"]["parent"],
        json!({"uri": own, "cid": "bafyvers"})
    );
}

#[test]
fn what_can_not_be_answered() {
    let net = network(|_, _| None);
    let gone = "at://did:plc:weg/app.bsky.feed.post/3kaaaaaaaaa22";
    let error = send(&net, &settings(), &draft("Dag", Some(gone)), KEY).unwrap_err();
    assert!(matches!(error, PluginError::Permanent(m) if m.contains("gone")));
    let net = network(|method, _| {
        (method == "app.bsky.feed.getPosts").then(|| {
            let mut body = fixture("getPosts");
            body["posts"][0]["viewer"] = json!({"replyDisabled": true});
            Ok(ok(&body))
        })
    });
    let error = send(&net, &settings(), &draft("Dag", Some(MENTION)), KEY).unwrap_err();
    assert!(matches!(error, PluginError::Permanent(m) if m.contains("does not let")));
    assert_eq!(net.count(CREATE), 0);
}

/// The record of [`KEY`], as `getRecord` shows it once it is there.
fn stored(request: &Request) -> crate::net::Response {
    assert_eq!(parameter(request, "rkey"), Some(record_key(KEY)));
    let uri = format!("at://{ME}/app.bsky.feed.post/{}", record_key(KEY));
    ok(&json!({"uri": uri, "cid": "bafy", "value": {"createdAt": "2026-11-21T20:39:00.000Z"}}))
}

#[test]
fn a_second_try_finds_the_first() {
    let net = network(|method, request| (method == GET).then(|| Ok(stored(request))));
    let receipt = send(&net, &settings(), &draft("Dag", None), KEY).unwrap();
    assert_eq!(receipt.published, 1_795_293_540_000);
    assert_eq!(net.count(CREATE), 0);
}

#[test]
fn a_creation_that_failed_but_arrived_is_a_success() {
    for failure in [
        Ok(refusal(500, "InternalServerError", "Internal Server Error")),
        Err(Failure::Failed("timed out".into())),
        Ok(refusal(400, "InvalidRequest", "Record already exists")),
    ] {
        let arrived = std::cell::Cell::new(false);
        let net = network(move |method, request| match method {
            CREATE => {
                arrived.set(true);
                Some(failure.clone())
            }
            GET if arrived.get() => Some(Ok(stored(request))),
            _ => None,
        });
        let receipt = send(&net, &settings(), &draft("Dag", None), KEY).unwrap();
        assert!(receipt.external_id.ends_with(&record_key(KEY)));
        assert_eq!((net.count(CREATE), net.count(GET)), (1, 2));
    }
}

#[test]
fn a_creation_that_did_not_arrive_says_why() {
    let net = network(|method, _| {
        (method == CREATE).then(|| Ok(refusal(400, "InvalidRequest", "Invalid record: text")))
    });
    let error = send(&net, &settings(), &draft("Dag", None), KEY).unwrap_err();
    assert!(matches!(error, PluginError::InvalidInput(m) if m.contains("Invalid record")));

    let net = network(|method, _| (method == CREATE).then(|| Ok(answer(503, "busy"))));
    let error = send(&net, &settings(), &draft("Dag", None), KEY).unwrap_err();
    assert!(matches!(error, PluginError::RetryAfter(_)));

    let net = network(|method, _| {
        (method == CREATE).then(|| {
            let mut response = answer(429, "{}");
            response.headers.push(("retry-after".into(), "7".into()));
            Ok(response)
        })
    });
    let Err(PluginError::RateLimited(delay)) = send(&net, &settings(), &draft("Dag", None), KEY)
    else {
        panic!()
    };
    assert_eq!((delay.delay_ms, net.count(GET)), (Some(7000), 1));
}

#[test]
fn an_unknown_outcome_is_tried_again_never_given_up() {
    let tried = std::cell::Cell::new(false);
    let net = network(move |method, _| match method {
        CREATE => {
            tried.set(true);
            Some(Err(Failure::Failed("reset".into())))
        }
        GET if tried.get() => Some(Err(Failure::Failed("reset".into()))),
        _ => None,
    });
    let error = send(&net, &settings(), &draft("Dag", None), KEY).unwrap_err();
    assert!(matches!(error, PluginError::RetryAfter(d) if d.message.contains("not known")));
}

#[test]
fn find_sent_tells_absence_from_ignorance() {
    let net = network(|_, _| None);
    assert_eq!(find_sent(&net, &settings(), KEY), Ok(None));
    let net = network(|method, request| (method == GET).then(|| Ok(stored(request))));
    let receipt = find_sent(&net, &settings(), KEY).unwrap().unwrap();
    assert!(receipt.external_id.ends_with(&record_key(KEY)));
    let net = network(|method, _| (method == GET).then(|| Ok(answer(500, "oops"))));
    assert!(matches!(
        find_sent(&net, &settings(), KEY),
        Err(PluginError::RetryAfter(_))
    ));
    let net = network(|method, _| (method == GET).then(|| Ok(answer(404, "not here"))));
    assert!(
        find_sent(&net, &settings(), KEY).is_err(),
        "a 404 from a proxy is no answer"
    );
    let net = network(|method, _| (method == GET).then(|| Ok(gone())));
    assert_eq!(find_sent(&net, &settings(), KEY), Ok(None));
}

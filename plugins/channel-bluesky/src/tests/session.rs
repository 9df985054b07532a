//! Logging in, renewing, and what happens when that fails.

use rapport_sdk::common::PluginError;

use super::{ME, fixture, network, ok, refusal, settings};
use crate::account::check;
use crate::fake::{answer, bearer};
use crate::net::{Failure, Net};

const CREATE: &str = "com.atproto.server.createSession";
const REFRESH: &str = "com.atproto.server.refreshSession";

#[test]
fn logs_in_with_a_reference_and_stays_logged_in() {
    let net = network(|_, _| None);
    let account = check(&net, &settings()).unwrap();
    assert_eq!(account.actor.external_id, ME);
    assert_eq!(
        account.actor.handle.as_deref(),
        Some("voorbeeldwinkel.test")
    );
    assert!(account.can_poll && account.can_send && !account.can_receive);
    {
        let requests = net.requests.borrow();
        let body = String::from_utf8(requests[0].body.clone()).unwrap();
        assert!(body.contains(r#""password":"ref:app-password""#), "{body}");
        assert_eq!(bearer(&requests[0]), "", "no token with the log-in");
        assert_eq!(bearer(&requests[1]), "ref:access-1");
    }
    check(&net, &settings()).unwrap();
    assert_eq!(
        net.methods(),
        [
            CREATE,
            "app.bsky.actor.getProfile",
            "app.bsky.actor.getProfile"
        ]
    );
}

#[test]
fn renews_an_expired_token() {
    for (status, error) in [
        (400, "ExpiredToken"),
        (400, "InvalidToken"),
        (401, "AuthMissing"),
    ] {
        let net = network(move |method, request| {
            (method == "app.bsky.actor.getProfile" && bearer(request) == "ref:old")
                .then(|| Ok(refusal(status, error, "Token has expired")))
        });
        check(&net, &settings()).unwrap();
        net.secrets
            .borrow_mut()
            .insert("access-token".into(), "ref:old".into());
        net.requests.borrow_mut().clear();
        check(&net, &settings()).unwrap();
        assert_eq!(
            net.methods(),
            [
                "app.bsky.actor.getProfile",
                REFRESH,
                "app.bsky.actor.getProfile"
            ]
        );
        let requests = net.requests.borrow();
        assert_eq!(bearer(&requests[1]), "ref:refresh-1");
        assert!(requests[1].body.is_empty());
        assert!(
            !requests[1]
                .headers
                .iter()
                .any(|(name, _)| *name == "content-type")
        );
        assert_eq!(bearer(&requests[2]), "ref:access-2");
    }
}

#[test]
fn logs_in_anew_when_renewal_is_refused() {
    let net = network(|method, request| match method {
        REFRESH => Some(Ok(refusal(400, "ExpiredToken", "Token has been revoked"))),
        "app.bsky.actor.getProfile" if bearer(request) == "ref:old" => {
            Some(Ok(refusal(400, "ExpiredToken", "Token has expired")))
        }
        _ => None,
    });
    check(&net, &settings()).unwrap();
    net.secrets
        .borrow_mut()
        .insert("access-token".into(), "ref:old".into());
    net.requests.borrow_mut().clear();
    check(&net, &settings()).unwrap();
    assert_eq!(
        net.methods(),
        [
            "app.bsky.actor.getProfile",
            REFRESH,
            CREATE,
            "app.bsky.actor.getProfile"
        ]
    );
}

#[test]
fn a_refused_password_is_for_an_admin() {
    let net = network(|method, _| {
        (method == CREATE).then(|| {
            Ok(refusal(
                401,
                "AuthenticationRequired",
                "Invalid identifier or password",
            ))
        })
    });
    let error = check(&net, &settings()).unwrap_err();
    assert!(matches!(&error, PluginError::AuthExpired(m) if m.contains("Invalid identifier")));
    assert_eq!(net.methods(), [CREATE], "one try: servers count log-ins");
    net.secrets.borrow_mut().clear();
    net.requests.borrow_mut().clear();
    let error = check(&net, &settings()).unwrap_err();
    assert_eq!(
        error,
        PluginError::AuthExpired("the app password is not set".into())
    );
    assert!(net.methods().is_empty());
}

#[test]
fn a_server_that_never_takes_its_token_is_asked_once() {
    let net = network(|method, _| {
        (method == "app.bsky.actor.getProfile").then(|| Ok(refusal(401, "BadJwt", "no")))
    });
    assert!(matches!(
        check(&net, &settings()),
        Err(PluginError::AuthExpired(_))
    ));
    assert_eq!(net.count(CREATE), 1);
    assert_eq!(net.count("app.bsky.actor.getProfile"), 1);
}

#[test]
fn a_passing_failure_costs_no_log_in() {
    let net = network(|method, request| match method {
        REFRESH => Some(Err(Failure::Failed("connection reset".into()))),
        "app.bsky.actor.getProfile" if bearer(request) == "ref:old" => {
            Some(Ok(refusal(400, "ExpiredToken", "Token has expired")))
        }
        _ => None,
    });
    check(&net, &settings()).unwrap();
    net.secrets
        .borrow_mut()
        .insert("access-token".into(), "ref:old".into());
    net.requests.borrow_mut().clear();
    assert!(matches!(
        check(&net, &settings()),
        Err(PluginError::RetryAfter(_))
    ));
    assert_eq!(net.count(CREATE), 0);
}

#[test]
fn a_limited_log_in_waits() {
    let net = network(|method, _| {
        (method == CREATE).then(|| {
            let mut response = answer(
                429,
                r#"{"error":"RateLimitExceeded","message":"Rate Limit"}"#,
            );
            response
                .headers
                .push(("ratelimit-reset".into(), "1795295100".into()));
            Ok(response)
        })
    });
    let Err(PluginError::RateLimited(delay)) = check(&net, &settings()) else {
        panic!()
    };
    assert_eq!(delay.delay_ms, Some(300_000));
}

#[test]
fn tokens_without_state_tell_whose_they_are() {
    // The tokens were captured by a call that failed afterwards, so its state is lost.
    let net = network(|_, _| None);
    net.secrets
        .borrow_mut()
        .insert("access-token".into(), "ref:access-1".into());
    check(&net, &settings()).unwrap();
    assert_eq!(net.methods()[0], "com.atproto.server.getSession");
    assert_eq!(net.count(CREATE), 0);
}

#[test]
fn tokens_of_another_account_are_not_used() {
    let net = network(|method, request| {
        (method == "com.atproto.server.getSession" && bearer(request) == "ref:other").then(|| {
            let mut body = fixture("getSession");
            body["did"] = "did:plc:ander".into();
            body["handle"] = "ander.test".into();
            Ok(ok(&body))
        })
    });
    net.secrets
        .borrow_mut()
        .insert("access-token".into(), "ref:other".into());
    let account = r#"{"service":"https://pds.test","identifier":"ander.test","did":"did:plc:ander","handle":"ander.test"}"#;
    net.state_set("account", account.as_bytes().to_vec())
        .unwrap();
    let account = check(&net, &settings()).unwrap();
    assert_eq!(account.actor.external_id, ME);
    assert_eq!(net.count(CREATE), 1);
    assert_eq!(
        bearer(net.requests.borrow().last().unwrap()),
        "ref:access-1"
    );
}

#[test]
fn an_answer_without_identity_is_refused() {
    let net = network(|method, _| {
        (method == CREATE).then(|| Ok(answer(200, r#"{"accessJwt":"a","refreshJwt":"r","did":7}"#)))
    });
    assert!(matches!(
        check(&net, &settings()),
        Err(PluginError::Permanent(_))
    ));
    let net = network(|_, _| Some(Err(Failure::Refused("denied".into()))));
    assert!(
        matches!(check(&net, &settings()), Err(PluginError::Permanent(m)) if m.contains("grant"))
    );
}

//! Logging in to a registry: basic, token and anonymous token; and where credentials do not go.

mod support;

use rapport_publish::oci::{Credentials, OciError, Options, pull};
use support::*;

const BASIC: &str = "Basic bWU6aHVudGVyMg==";

fn with_password(password: &str) -> Options {
    Options {
        credentials: Credentials::Basic {
            username: "me".into(),
            password: password.into(),
        },
        ..options()
    }
}

fn unauthorized(challenge: &str) -> Answer {
    let mut response = answer(401, "application/json", "{}");
    response
        .headers_mut()
        .insert("www-authenticate", challenge.parse().unwrap());
    response
}

/// A registry that takes one password by basic login.
async fn basic() -> Server {
    Server::start(|seen, _, _| match seen.authorization.as_deref() {
        Some(BASIC) => good(seen),
        _ => unauthorized("Basic realm=\"registry\""),
    })
    .await
}

/// A registry with its token server; the token is for one scope.
async fn token(public: bool) -> Server {
    Server::start(move |seen, _, own| {
        if seen.path.starts_with("/token") {
            let fits = seen.path.contains("service=r")
                && seen.path.contains("scope=repository%3Ateam%2Fpack%3Apull");
            let known = public || seen.authorization.as_deref() == Some(BASIC);
            return match fits && known {
                true => answer(200, "application/json", r#"{"access_token":"t0ken"}"#),
                false => answer(401, "application/json", "{}"),
            };
        }
        match seen.authorization.as_deref() {
            Some("Bearer t0ken") => good(seen),
            _ => unauthorized(&format!(
                r#"Bearer realm="http://{own}/token",service="r",scope="repository:other:*""#
            )),
        }
    })
    .await
}

#[tokio::test]
async fn a_password_is_shown_when_asked_for_and_once_is_enough() {
    for server in [basic().await, token(false).await] {
        let pulled = pull(&server.reference(":1"), &with_password("hunter2")).await;
        assert_eq!(pulled.unwrap().file, FILE);
        let seen = server.seen();
        assert_eq!(seen[0].authorization, None, "not before it is asked for");
        let asked = seen.iter().filter(|s| s.authorization.is_none()).count();
        assert_eq!(asked, 1, "{seen:?}");
    }
}

#[tokio::test]
async fn anonymous_callers_get_a_token_too() {
    let server = token(true).await;
    let pulled = pull(&server.reference(":1"), &options()).await.unwrap();
    assert_eq!(pulled.file, FILE);
}

#[tokio::test]
async fn wrong_and_missing_passwords_are_told_apart_and_never_shown() {
    for server in [basic().await, token(false).await] {
        let tag = server.reference(":1");
        let error = pull(&tag, &options()).await.unwrap_err();
        assert!(
            matches!(error, OciError::CredentialsNeeded { .. }),
            "{error}"
        );
        let wrong = with_password("geheim");
        let error = pull(&tag, &wrong).await.unwrap_err();
        assert!(matches!(error, OciError::Denied { .. }), "{error}");
        let shown = format!("{error} {error:?} {wrong:?}");
        assert!(!shown.contains("geheim") && !shown.contains("Z2VoZWlt"));
    }
}

#[tokio::test]
async fn a_token_server_inside_the_network_gets_nothing() {
    for realm in [
        "http://169.254.169.254/token",
        "https://10.0.0.1/token",
        "http://8.8.8.8/token",
        "https://localhost:1/token",
    ] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        let server = Server::start(move |_, _, _| unauthorized(&challenge)).await;
        let error = pull(&server.reference(":1"), &with_password("hunter2"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, OciError::Forbidden { .. }),
            "{realm}: {error}"
        );
    }
}

#[tokio::test]
async fn odd_logins_are_named() {
    for (challenge, token) in [
        ("Negotiate", ""),
        ("Bearer service=\"x\"", ""),
        ("Bearer realm=\"not an address\"", ""),
        ("Bearer realm=\"http://OWN/token\"", "<html>"),
        ("Bearer realm=\"http://OWN/token\"", "{}"),
        ("Bearer realm=\"http://OWN/token\"", r#"{"token":"a\nb"}"#),
    ] {
        let server = Server::start(move |seen, _, own| {
            if seen.path.starts_with("/token") {
                return answer(200, "application/json", token);
            }
            unauthorized(&challenge.replace("OWN", own))
        })
        .await;
        let error = pull(&server.reference(":1"), &options()).await.unwrap_err();
        assert!(
            matches!(error, OciError::Login { .. }),
            "{challenge} {token}: {error}"
        );
    }
}

#[tokio::test]
async fn another_origin_never_sees_the_credentials() {
    let server = Server::start(|seen, _, own| {
        let port = own.rsplit(':').next().unwrap();
        if seen.host.starts_with("localhost") {
            return good(seen);
        }
        match seen.authorization.as_deref() {
            Some(BASIC) if seen.path.contains("/blobs/") => {
                leading_to(307, &format!("http://localhost:{port}{}", seen.path))
            }
            Some(BASIC) => good(seen),
            _ => unauthorized("Basic realm=\"registry\""),
        }
    })
    .await;
    let options = Options {
        local_hosts: vec!["localhost".into()],
        ..with_password("hunter2")
    };
    let pulled = pull(&server.reference(":1"), &options).await.unwrap();
    assert_eq!(pulled.file, FILE);
    let seen = server.seen();
    let elsewhere = seen.iter().find(|s| s.host.starts_with("localhost"));
    assert_eq!(elsewhere.unwrap().authorization, None);
}

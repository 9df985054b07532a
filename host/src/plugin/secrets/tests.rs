use super::*;
use crate::plugin::limits;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use std::io::Write;

const PASSWORD: &str = "p\"w-geheim/+0123";
const TOKEN: &str = "eyJhbGciOi.J9_abc-def.0123456789";

#[path = "tests/scrub.rs"]
mod scrub;

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn home() -> Origin {
    origin("https://pds.example")
}

/// A password for one field of the log-in, a token for one header that is captured from its answer,
/// and a key as older manifests declare it.
fn store() -> SecretStore {
    let manifest: Vec<Secret> = serde_json::from_value(json!([
        {"name": "password", "description": "d", "hosts": ["https://pds.example"],
         "use": [{"field": "/login/password", "methods": ["POST"], "path-prefix": "/api/login"}]},
        {"name": "token", "description": "d", "hosts": ["https://pds.example"],
         "use": [{"header": "Authorization", "path-prefix": "/api/"}],
         "capture": [{"path": "/api/login", "pointer": "/token"}]},
        {"name": "key", "description": "d", "hosts": ["https://pds.example"], "in": ["header", "body"]},
        {"name": "plain", "description": "d", "hosts": ["https://plain.example"], "in": ["header"]},
    ]))
    .unwrap();
    let rules = manifest.into_iter().map(|secret| SecretRule {
        origins: vec![origin(&secret.hosts[0])],
        secret,
    });
    let given = [
        ("password", PASSWORD),
        ("key", "k-0123456789"),
        ("plain", "pl-98765"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    SecretStore::new(rules.collect(), BTreeMap::from(given))
}

fn headers(all: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    all.iter().map(pair).collect()
}

fn answer(status: u16, kind: &str, body: &[u8]) -> Received {
    Received {
        success: status < 300,
        headers: headers(&[("content-type", kind)]),
        body: body.to_vec(),
    }
}

fn to<'a>(method: &'a str, origin: &'a Origin, path: &'a str) -> Request<'a> {
    Request {
        method,
        origin,
        path,
    }
}

/// What the guest sees of an answer.
fn seen(store: &SecretStore, path: &str, answer: Received) -> Result<String, String> {
    let seen = store.receive(&home(), path, answer)?;
    Ok(format!(
        "{:?} {}",
        seen.headers,
        String::from_utf8_lossy(&seen.body)
    ))
}

fn log_in(store: &SecretStore) {
    let body = json!({"token": TOKEN, "did": "x"}).to_string();
    let seen = seen(
        store,
        "/api/login",
        answer(200, "application/json", body.as_bytes()),
    );
    assert!(!seen.unwrap().contains(TOKEN));
    assert!(store.reference("token").is_some());
}

#[test]
fn a_body_is_filled_in_the_declared_field_only() {
    let (store, home, away) = (store(), home(), origin("https://evil.example"));
    let reference = store.reference("password").unwrap();
    let json = headers(&[("content-type", "application/json; charset=utf-8")]);
    let fill = |method: &str, origin: &Origin, path: &str, body: &str| {
        let body = body.replace("REF", &reference);
        let filled = store.fill_body(&to(method, origin, path), &json, Bytes::from(body));
        filled.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    };
    let good = r#"{"login":{"password":"REF"}}"#;
    let filled = fill("POST", &home, "/api/login", good).unwrap();
    assert_eq!(filled, json!({"login": {"password": PASSWORD}}).to_string());
    for (method, origin, path, body) in [
        ("POST", &away, "/api/login", good),
        ("PUT", &home, "/api/login", good),
        ("POST", &home, "/api/post", good),
        ("POST", &home, "/api/login/..%2fpost", good),
        ("POST", &home, "/api/login", r#"{"login":{"text":"REF"}}"#),
        (
            "POST",
            &home,
            "/api/login",
            r#"{"login":{"password":"my REF"}}"#,
        ),
        (
            "POST",
            &home,
            "/api/login",
            r#"{"login":{"password":["REF"]}}"#,
        ),
        ("POST", &home, "/api/login", r#"{"REF":1}"#),
        (
            "POST",
            &home,
            "/api/login",
            r#"{"login":{"password":"REF","text":"REF"}}"#,
        ),
        ("POST", &home, "/api/login", r#"["REF"]"#),
        ("POST", &home, "/api/login", r#""REF""#),
    ] {
        let refused = fill(method, origin, path, body).unwrap_err();
        assert!(
            refused.contains("`password`") && !refused.contains("geheim"),
            "{body}"
        );
    }
    let twice = r#"{"login":{"password":"x"},"login":{"password":"REF"}}"#;
    let filled = fill("POST", &home, "/api/login", twice).unwrap();
    assert_eq!(filled, json!({"login": {"password": PASSWORD}}).to_string());
    let escaped = r#"{"text":"\u0072apport-secret:password"}"#;
    assert_eq!(fill("POST", &home, "/api/post", escaped).unwrap(), escaped);
}

#[test]
fn a_header_is_filled_where_it_is_declared_and_steers_nothing() {
    let (store, home) = (store(), home());
    log_in(&store);
    let (token, key) = (
        store.reference("token").unwrap(),
        store.reference("key").unwrap(),
    );
    let fill = |path: &str, name: &str, value: &str| {
        store.fill_headers(&to("GET", &home, path), &headers(&[(name, value)]))
    };
    let sent = fill("/api/x", "authorization", &format!("Bearer {token}")).unwrap();
    assert_eq!(sent["authorization"], format!("Bearer {TOKEN}"));
    assert!(sent["authorization"].is_sensitive());
    assert_eq!(
        fill("/x", "x-api-key", &key).unwrap()["x-api-key"],
        "k-0123456789"
    );
    for (path, name, value) in [
        ("/other", "authorization", &token),
        ("/api/..%2fother", "authorization", &token),
        ("/api/x", "x-title", &token),
        ("/api/x", "slug", &key),
        ("/api/x", "x-http-method-override", &"DELETE".to_owned()),
        ("/api/x", "x-original-url", &"/api/login".to_owned()),
    ] {
        assert!(fill(path, name, value).is_err(), "{path} {name}");
    }
    let steering = headers(&[
        ("accept-encoding", "gzip"),
        ("range", "bytes=3-9"),
        ("te", "trailers"),
        ("accept", "text/plain"),
    ]);
    let sent = store
        .fill_headers(&to("GET", &home, "/api/x"), &steering)
        .unwrap();
    assert_eq!(sent["accept-encoding"], "identity");
    assert_eq!(sent["accept"], "text/plain");
    assert!(!sent.contains_key("range") && !sent.contains_key("te"));
    let elsewhere = origin("https://feeds.example");
    let sent = store
        .fill_headers(&to("GET", &elsewhere, "/"), &steering)
        .unwrap();
    assert_eq!(
        (sent["accept-encoding"].as_bytes(), sent.len()),
        (&b"gzip"[..], 4)
    );
}

#[test]
fn what_is_filled_in_has_limits_and_is_not_filled_in_itself() {
    let store = store();
    let home = home();
    let key = store.reference("key").unwrap();
    // A server that answers with a reference to another secret.
    let body = json!({"token": format!("a-{key}")}).to_string();
    seen(
        &store,
        "/api/login",
        answer(200, "application/json", body.as_bytes()),
    )
    .unwrap();
    let token = store.reference("token").unwrap();
    let to = to("GET", &home, "/api/x");
    let sent = store
        .fill_headers(&to, &headers(&[("authorization", &token)]))
        .unwrap();
    assert_eq!(sent["authorization"], format!("a-{key}"));

    let long = json!({"token": "t".repeat(limits::CAPTURED_BYTES)}).to_string();
    seen(
        &store,
        "/api/login",
        answer(200, "application/json", long.as_bytes()),
    )
    .unwrap();
    let many = format!("{token} ").repeat(9);
    let refused = store
        .fill_headers(&to, &headers(&[("authorization", &many)]))
        .unwrap_err();
    assert!(refused.contains("65536 bytes"), "{refused}");
}

#[test]
fn a_captured_value_never_reaches_the_guest() {
    let gzip = |body: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let good = json!({"token": TOKEN, "did": "x"}).to_string();
    let utf16 = good
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let mut zipped = answer(200, "application/json", &gzip(good.as_bytes()));
    zipped
        .headers
        .insert("content-encoding", HeaderValue::from_static("gzip"));
    let mut odd = answer(200, "application/json", good.as_bytes());
    odd.headers
        .insert("content-encoding", HeaderValue::from_static("br"));
    let mut cookie = answer(200, "application/json", good.as_bytes());
    for (name, value) in [
        ("set-cookie", "session=other"),
        ("x-token", TOKEN),
        ("location", "/next?t=eyJhbGciOi.J9_abc-def.0123456789"),
    ] {
        cookie.headers.insert(name, HeaderValue::from_static(value));
    }
    let again =
        json!({"token": TOKEN, "text": format!("it is {TOKEN}"), "a": [{"token": "another"}]});
    let json = |body: &str| answer(200, "application/json", body.as_bytes());
    for (what, path, answer, handed_on) in [
        ("plain", "/api/login", json(&good), true),
        ("other spelling", "/api//LOGIN/", json(&good), true),
        ("escaped", "/api/%6cogin.json", json(&good), true),
        ("gzip", "/api/login", zipped, true),
        ("headers", "/api/login", cookie, true),
        ("again", "/api/login", json(&again.to_string()), true),
        (
            "twice",
            "/api/login",
            json(&format!(r#"{{"token":"{TOKEN}x","token":"{TOKEN}"}}"#)),
            true,
        ),
        ("brotli", "/api/login", odd, false),
        (
            "gzip unsaid",
            "/api/login",
            answer(200, "application/json", &gzip(good.as_bytes())),
            false,
        ),
        (
            "utf-16",
            "/api/login",
            answer(200, "application/json", &utf16),
            false,
        ),
        (
            "charset",
            "/api/login",
            answer(200, "application/json; charset=utf-7", good.as_bytes()),
            false,
        ),
        (
            "xml",
            "/api/login",
            answer(
                200,
                "text/xml",
                format!("<token>{TOKEN}</token>").as_bytes(),
            ),
            false,
        ),
        (
            "jsonp",
            "/api/login",
            answer(200, "text/javascript", format!("f({good})").as_bytes()),
            false,
        ),
        ("in a list", "/api/login", json(&format!("[{good}]")), false),
        (
            "elsewhere",
            "/api/login",
            json(&format!(r#"{{"data":{good}}}"#)),
            false,
        ),
        (
            "a number",
            "/api/login",
            json(r#"{"token": 123456789}"#),
            false,
        ),
        ("short", "/api/login", json(r#"{"token": "abc"}"#), false),
        (
            "a line break",
            "/api/login",
            json(r#"{"token": "abcdef\r\nx: y"}"#),
            false,
        ),
    ] {
        let store = store();
        let outcome = seen(&store, path, answer);
        assert_eq!(outcome.is_ok(), handed_on, "{what}: {outcome:?}");
        let said = outcome.unwrap_or_else(|said| said);
        for hidden in [
            "eyJhbGciOi",
            "another",
            "other;",
            "session=other",
            "123456789",
        ] {
            assert!(!said.contains(hidden), "{what}: {said}");
        }
        assert_eq!(store.reference("token").is_some(), handed_on, "{what}");
    }
    let refused =
        json!({"error": "AuthenticationRequired", "message": "Invalid password"}).to_string();
    let refused = answer(401, "application/json", refused.as_bytes());
    let said = seen(&store(), "/api/login", refused).unwrap();
    assert!(
        said.contains("AuthenticationRequired"),
        "an honest refusal is read: {said}"
    );
}

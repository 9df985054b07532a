//! The second factor over the API: enrolled, asked for, each code good once, guessing ended, lost and
//! reset; and its secret sealed at rest.

pub mod support;

use rapport_host::domain::now_ms;
use rapport_host::domain::totp::code_at;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use support::{Host, client, rapport};

const EMAIL: &str = "sam@shop.example";
const PASSWORD: &str = "twelve characters and more";

/// Somebody with a log-in of their own: cookie and CSRF token.
struct Session {
    cookie: String,
    csrf: String,
}

async fn send(
    host: &Host,
    session: Option<&Session>,
    method: Method,
    path: &str,
    body: &Value,
) -> (u16, Value, Option<String>) {
    let mut request = client()
        .request(method, format!("{}/api/v1/{path}", host.address))
        .header("content-type", "application/json")
        .body(body.to_string());
    if let Some(session) = session {
        request = request
            .header("cookie", &session.cookie)
            .header("x-rapport-csrf", &session.csrf);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let cookie = response.headers().get("set-cookie");
    let cookie = cookie.and_then(|c| c.to_str().ok()?.split(';').next().map(str::to_owned));
    let body = response.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&body).unwrap_or_default(),
        cookie,
    )
}

/// The first step of a log-in, and its second with a code when there is one.
async fn log_in(host: &Host, code: Option<&str>) -> (u16, Value, Option<Session>) {
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let (mut status, mut body, mut cookie) =
        send(host, None, Method::POST, "session", &login).await;
    if let Some(code) = code {
        assert_eq!(
            (status, &body["secondFactor"]),
            (202, &json!("totp")),
            "{body:#}"
        );
        assert!(cookie.is_none());
        let answer = json!({ "challenge": body["challenge"], "code": code });
        (status, body, cookie) =
            send(host, None, Method::POST, "session/second-factor", &answer).await;
    }
    let session = cookie.map(|cookie| Session {
        cookie,
        csrf: body["csrf"].as_str().unwrap_or_default().to_owned(),
    });
    (status, body, session)
}

/// Begins and confirms a second factor; its secret and the recovery codes.
async fn enrol(host: &Host, session: &Session) -> (Vec<u8>, Vec<String>) {
    let (status, begun, _) = send(
        host,
        Some(session),
        Method::POST,
        "totp",
        &json!({ "password": PASSWORD }),
    )
    .await;
    assert_eq!(status, 201, "{begun:#}");
    let text = begun["secret"].as_str().unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    let url = begun["otpauthUrl"].as_str().unwrap();
    assert!(
        url.starts_with("otpauth://totp/Rapport:sam@shop.example?secret=") && url.contains(text)
    );
    let wrong = json!({ "code": "000000" });
    let (status, ..) = send(host, Some(session), Method::POST, "totp/confirm", &wrong).await;
    assert_eq!(status, 422);
    let code = json!({ "code": code_at(&secret, now_ms()).unwrap() });
    let (status, codes, _) = send(host, Some(session), Method::POST, "totp/confirm", &code).await;
    assert_eq!(status, 200, "{codes:#}");
    let codes = codes["recoveryCodes"].as_array().unwrap();
    let codes = codes.iter().map(|c| c.as_str().unwrap().to_owned());
    (secret, codes.collect())
}

async fn agent(host: &Host) -> String {
    let new = json!({ "email": EMAIL, "name": "Sam", "roles": ["agent"], "password": PASSWORD });
    let (status, agent) = host.post("agents", &new).await;
    assert_eq!(status, 201, "{agent:#}");
    agent["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_for_and_each_code_once() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("", dir.path()).await;
    let id = agent(&host).await;
    let (status, _, session) = log_in(&host, None).await;
    assert_eq!(status, 200);
    let session = session.unwrap();
    let wrong = json!({ "password": "not the password" });
    assert_eq!(
        send(&host, Some(&session), Method::POST, "totp", &wrong)
            .await
            .0,
        403
    );
    // Begun is not yet asked for.
    let right = json!({ "password": PASSWORD });
    assert_eq!(
        send(&host, Some(&session), Method::POST, "totp", &right)
            .await
            .0,
        201
    );
    assert_eq!(log_in(&host, None).await.0, 200);
    let (secret, codes) = enrol(&host, &session).await;
    assert_eq!(codes.len(), 10);

    assert_eq!(log_in(&host, None).await.0, 202);
    let code = code_at(&secret, now_ms() + 30_000).unwrap();
    let (status, body, logged_in) = log_in(&host, Some(&code)).await;
    assert_eq!(status, 200, "{body:#}");
    let me = send(
        &host,
        logged_in.as_ref(),
        Method::GET,
        "session",
        &Value::Null,
    )
    .await
    .1;
    assert_eq!(me["agentId"], json!(id));
    let sessions = host.get("sessions").await.to_string();
    assert!(sessions.contains("password-totp"), "{sessions}");
    assert_eq!(
        log_in(&host, Some(&code)).await.0,
        401,
        "a code counts once"
    );
    let earlier = code_at(&secret, now_ms()).unwrap();
    assert_eq!(
        log_in(&host, Some(&earlier)).await.0,
        401,
        "nor one from before it"
    );

    // Recovery codes: each once, however it is written.
    assert_eq!(log_in(&host, Some(&codes[0].to_lowercase())).await.0, 200);
    assert_eq!(log_in(&host, Some(&codes[0])).await.0, 401);
    let (_, status, _) = send(&host, Some(&session), Method::GET, "totp", &Value::Null).await;
    assert_eq!(status, json!({ "enrolled": true, "recoveryCodes": 9 }));
    let proof = json!({ "code": codes[1] });
    let (code, renewed, _) = send(
        &host,
        Some(&session),
        Method::POST,
        "totp/recovery-codes",
        &proof,
    )
    .await;
    assert_eq!(code, 200, "{renewed:#}");
    assert_eq!(
        log_in(&host, Some(&codes[2])).await.0,
        401,
        "the old ones are gone"
    );

    at_rest(dir.path(), &secret, &codes);
    assert!(!host.log_text().contains(&codes[3]));
    let disable = async |body: Value| {
        let path = "totp/disable";
        send(&host, Some(&session), Method::POST, path, &body)
            .await
            .0
    };
    assert_eq!(disable(json!({})).await, 422);
    assert_eq!(
        disable(json!({ "password": "not the password" })).await,
        403
    );
    assert_eq!(disable(json!({ "password": PASSWORD })).await, 204);
    assert_eq!(disable(json!({ "password": PASSWORD })).await, 409);
    assert_eq!(log_in(&host, None).await.0, 200);
    let trail = host.get("audit?limit=200").await.to_string();
    for action in ["totp.enable", "totp.recover", "totp.codes", "totp.disable"] {
        assert!(trail.contains(action), "{action}");
    }
}

/// Neither secret nor codes can be read from the files.
fn at_rest(dir: &Path, secret: &[u8], codes: &[String]) {
    use std::os::unix::fs::PermissionsExt;
    let key = dir.join("data/secret-key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = data_encoding::BASE32_NOPAD.encode(secret);
    for file in std::fs::read_dir(dir.join("data")).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for needle in [secret, text.as_bytes(), codes[5].as_bytes()] {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_code_is_not_guessed_either() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("", dir.path()).await;
    agent(&host).await;
    let session = log_in(&host, None).await.2.unwrap();
    let begin = json!({ "password": PASSWORD });
    let (status, begun, _) = send(&host, Some(&session), Method::POST, "totp", &begin).await;
    assert_eq!(status, 201);
    let confirm = async |code: &str| {
        let body = json!({ "code": code });
        let path = "totp/confirm";
        send(&host, Some(&session), Method::POST, path, &body)
            .await
            .0
    };
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(confirm("123456").await);
    }
    assert_eq!(statuses[..5], [422; 5], "{statuses:?}");
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    // Nor does beginning anew make it quick, with the secret that belongs to it or without.
    let text = begun["secret"].as_str().unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    for _ in 0..3 {
        confirm("123456").await;
    }
    let right = code_at(&secret, now_ms()).unwrap();
    assert_eq!(confirm(&right).await, 429);
    let again = send(&host, Some(&session), Method::POST, "totp", &begin)
        .await
        .0;
    assert_eq!(again, 429);
    // Logging in is another matter.
    assert_eq!(log_in(&host, None).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_ends_and_admins_reset() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("", dir.path()).await;
    let id = agent(&host).await;
    let (_, _, session) = log_in(&host, None).await;
    let (secret, _) = enrol(&host, &session.unwrap()).await;
    let (_, begun, _) = log_in(&host, None).await;
    let answer = json!({ "challenge": begun["challenge"], "code": "123456" });
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let (status, ..) = send(&host, None, Method::POST, "session/second-factor", &answer).await;
        statuses.push(status);
    }
    assert!(
        statuses.iter().all(|s| [401, 429].contains(s)),
        "{statuses:?}"
    );
    let good = code_at(&secret, now_ms() + 30_000).unwrap();
    let answer = json!({ "challenge": begun["challenge"], "code": good });
    let (status, ..) = send(&host, None, Method::POST, "session/second-factor", &answer).await;
    assert_eq!(status, 401, "the challenge is used up");
    // New challenges do not help: the account's codes are throttled, longer every time.
    let mut tries = 0;
    while log_in(&host, Some("123456")).await.0 != 429 {
        tries += 1;
        assert!(tries < 30, "never throttled");
    }

    let path = format!("agents/{id}/totp");
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(log_in(&host, None).await.0, 200);
    let resets = host.get("audit?action=totp.reset").await;
    assert_eq!(resets["items"][0]["subject"], json!(id));
    // The operator is nobody with a second factor.
    assert_eq!(host.call(Method::GET, "totp", None).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("", dir.path()).await;
    assert!(host.terminate().await.success());
    for (key, why) in [
        (
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "not the key",
        ),
        ("short", "32 bytes"),
    ] {
        let mut command = rapport(&["serve", "--config"]);
        command.arg(dir.path().join("rapport.toml"));
        let output = command.env("RAPPORT_SECRET_KEY", key).output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(why), "{said}");
        assert!(!said.contains("AAAAAAAA"), "{said}");
    }
}

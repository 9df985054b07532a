//! From version to version over the API: at once, after approval, and back.

use crate::*;
use data_encoding::BASE64;

fn body(file: &Path) -> Value {
    let bytes = std::fs::read(file).unwrap();
    json!({ "source": { "file": BASE64.encode(&bytes) }, "allowUnsigned": true })
}

async fn ok(host: &Host, method: Method, path: &str, body: Value) -> Value {
    let (status, answer) = host.call(method, path, Some(&body)).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer:#}");
    answer
}

/// Another version, with whatever it says otherwise of itself.
async fn swapped(host: &Host, new: Value) {
    let of = |what: &str| format!("plugins/{ID}/{what}");
    let outcome = ok(host, Method::POST, &of("upgrade"), new).await;
    let candidate = &outcome["plugin"]["candidate"];
    assert_eq!(outcome["asksMore"][0]["kind"], "settings", "{outcome:#}");
    let seen = json!({ "digest": candidate["digest"] });
    ok(host, Method::POST, &of("approve"), seen).await;
}

/// Installed, granted, enabled and at work.
async fn at_work(host: &Host, file: &Path) {
    ok(host, Method::POST, "plugins", body(file)).await;
    let of = |what: &str| format!("plugins/{ID}/{what}");
    ok(host, Method::PUT, &of("grant"), json!({})).await;
    ok(host, Method::POST, &of("enable"), Value::Null).await;
    stands(host, "running", "1.0.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_asks_for_more_waits_while_the_old_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let of = |what: &str| format!("plugins/{ID}/{what}");
    at_work(&host, &version(dir, "1.0.0", |_| ())).await;

    let same = body(&version(dir, "1.1.0", |m| m.limits.time_ms = 400));
    let outcome = ok(&host, Method::POST, &of("upgrade"), same).await;
    assert_eq!(outcome["asksMore"], json!([]));
    assert_eq!(outcome["plugin"]["previous"]["version"], "1.0.0");
    stands(&host, "running", "1.1.0").await;

    let more = body(&version(dir, "2.0.0", asks_for_author));
    let outcome = ok(&host, Method::POST, &of("upgrade"), more).await;
    assert_eq!(outcome["asksMore"][0]["what"], "message.attributed-to");
    let candidate = &outcome["plugin"]["candidate"];
    assert_eq!(candidate["mode"], "approval");
    say(&host, "m-1", "Hallo").await;
    assert_eq!(said_by(&host, "m-1").await.as_deref(), Some("1.1.0"));

    let other = json!({ "digest": "0".repeat(64) });
    let (status, _) = host.post(&of("approve"), &other).await;
    assert_eq!(status, 409, "another digest than was looked at");
    let seen = json!({ "digest": candidate["digest"] });
    let plugin = ok(&host, Method::POST, &of("approve"), seen).await;
    assert_eq!(plugin["withheld"], json!([]));
    stands(&host, "running", "2.0.0").await;
    say(&host, "m-2", "Hallo").await;
    assert_eq!(said_by(&host, "m-2").await.as_deref(), Some("2.0.0"));

    ok(&host, Method::POST, &of("rollback"), Value::Null).await;
    stands(&host, "running", "1.1.0").await;
    say(&host, "m-3", "Hallo").await;
    assert_eq!(said_by(&host, "m-3").await.as_deref(), Some("1.1.0"));

    let another = body(&version(dir, "3.0.0", |m| "another".clone_into(&mut m.id)));
    let (status, problem) = host.post(&of("upgrade"), &another).await;
    assert_eq!(status, 422, "{problem}");
    let whole = recorded(dir);
    assert_eq!(whole.last().map(String::as_str), Some("plugin.rollback"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_that_spends_its_error_budget_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    at_work(&host, &version(dir, "1.0.0", |_| ())).await;
    // The same code; but what it does unless told otherwise is to run on.
    let worse = body(&version(dir, "1.1.0", |m| {
        m.settings["properties"]["do"]["default"] = json!("loop");
    }));
    swapped(&host, worse).await;
    stands(&host, "running", "1.1.0").await;
    for i in 0..8 {
        say(&host, &format!("m-{i}"), "Hallo").await;
        let _ = said_by(&host, &format!("m-{i}")).await;
    }
    stands(&host, "running", "1.0.0").await;
    say(&host, "after", "Hallo").await;
    assert_eq!(said_by(&host, "after").await.as_deref(), Some("1.0.0"));
    let audit = done(dir, &["audit", "list", "--action", "plugin.rollback"]);
    assert!(audit.to_string().contains("out-of-fuel"), "{audit:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_does_not_load_leaves_the_old_one_at_work() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    at_work(&host, &version(dir, "1.0.0", |_| ())).await;
    let worse = body(&version(dir, "1.1.0", |m| {
        m.settings["properties"]["do"]["default"] = json!("configure-refuse");
    }));
    swapped(&host, worse).await;
    say(&host, "m-1", "Hallo").await;
    assert_eq!(said_by(&host, "m-1").await.as_deref(), Some("1.0.0"));
    let status = stands(&host, "running", "1.0.0").await;
    assert_eq!(status["reason"], Value::Null, "taken back: {status:#}");
}

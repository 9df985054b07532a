//! Inboxes that are made while the host runs, and their secrets.

use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_is_made_changed_and_taken_away_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = Host::start("", dir).await;
    let setup = json!({ "plugin": "channel-sample", "settings": { "limit": 400 } });
    let new = |setup: &Value| json!({ "name": "town", "setup": setup });
    for (wrong, words) in [
        (json!({ "plugin": "channel-sampel" }), "channel-sample"),
        (json!({ "plugin": "classify-topic" }), "not a channel"),
        (
            json!({ "plugin": "channel-sample", "settings": null }),
            "object",
        ),
        (
            json!({ "plugin": "channel-sample", "settings": { "limit": "many" } }),
            "/limit",
        ),
        (
            json!({ "plugin": "channel-sample", "pollSeconds": 0 }),
            "pollSeconds",
        ),
    ] {
        let (status, problem) = host.post("inboxes", &new(&wrong)).await;
        assert_eq!(status, 422, "{problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{problem}"
        );
    }
    let (status, made) = host.post("inboxes", &new(&setup)).await;
    assert_eq!(status, 201, "{made:#}");
    let (status, _) = host.post("inboxes", &new(&setup)).await;
    assert_eq!(status, 409);
    let id = made["id"].as_str().unwrap();
    active(&host, "town", true).await;
    say(&host, "m-1", "Goedemorgen, waar blijft mijn pakket?").await;
    let _ = said_by(&host, "m-1").await;

    let of = format!("inboxes/{id}/setup");
    let off = json!({ "enabled": false });
    assert_eq!(host.call(Method::PATCH, &of, Some(&off)).await.0, 200);
    active(&host, "town", false).await;
    let on = json!({ "enabled": true, "setup": { "plugin": "channel-sample" } });
    assert_eq!(host.call(Method::PATCH, &of, Some(&on)).await.0, 200);
    active(&host, "town", true).await;
    say(&host, "m-2", "Goedemorgen, waar blijft mijn pakket?").await;
    let _ = said_by(&host, "m-2").await;
    assert_eq!(host.call(Method::DELETE, &of, None).await.0, 204);
    active(&host, "town", false).await;
    let messages = host.get("messages").await;
    assert_eq!(
        messages["items"].as_array().unwrap().len(),
        2,
        "what was heard stays"
    );
}

/// Waits until an inbox is at work, or not.
async fn active(host: &Host, name: &str, wanted: bool) {
    until("the inbox follows", SOON, async || {
        let plugins = host.get("plugins").await;
        let mut all = plugins.as_array()?.iter();
        (all.any(|p| p["inbox"] == name) == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_in_and_never_comes_out() {
    const SECRET: &str = "canary-5f1e0c77d2";
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = Host::start("", dir).await;
    let file = dir.join("password");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let secret = format!("password={}", file.display());
    // Nobody listens there.
    let server = "service=http://127.0.0.1:9";
    let add = |secret: &str| {
        let mut arguments = vec!["inbox", "add", "sky", "--plugin", "channel-bluesky"];
        arguments.extend(["--set", server, "--set", "identifier=us.example.com"]);
        arguments.extend(["--local-host", "127.0.0.1:9"]);
        arguments.extend(["--secret", secret]);
        run(dir, &arguments)
    };
    let wrong = add(&secret.replacen("password", "pasword", 1));
    assert!(wrong.said.contains("app-password"), "{}", wrong.said);
    let made = add(&secret.replacen("password", "app-password", 1));
    assert!(made.success, "{}", made.said);
    assert_eq!(made.printed["secrets"], json!(["app-password"]));
    let id = made.printed["id"].as_str().unwrap();
    active(&host, "sky", true).await;
    let shown = host.get(&format!("inboxes/{id}/setup")).await;
    assert_eq!(shown["secrets"], json!(["app-password"]));
    let audit = done(dir, &["audit", "list"]);
    for text in [
        shown.to_string(),
        made.printed.to_string(),
        audit.to_string(),
        host.log_text(),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(host.terminate().await.success());
    if !support::postgres::wanted() {
        for entry in std::fs::read_dir(dir.join("data")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
}

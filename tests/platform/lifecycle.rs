//! One plugin's whole life over the command line, seen by a running host.

use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_works_until_it_is_granted_and_enabled() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let file = version(dir, "1.0.0", asks_for_author);
    let file = file.to_str().unwrap();

    refused(dir, &["plugin", "install", file], "unsigned");
    let installed = done(dir, &["plugin", "install", file, "--allow-unsigned"]);
    assert_eq!(installed["enabled"], false);
    assert_eq!(installed["granted"], Value::Null);
    let asks = installed["asks"].as_array().unwrap();
    assert_eq!(asks[0]["what"], "message.attributed-to");
    assert_eq!(asks[0]["reason"], "To tell regular customers apart.");
    refused(
        dir,
        &["plugin", "install", file, "--allow-unsigned"],
        "upgrade it",
    );
    refused(dir, &["plugin", "enable", ID], "nothing is granted");
    stands(&host, "disabled", "1.0.0").await;
    say(&host, "m-1", "Goedemorgen").await;
    assert_eq!(said_by(&host, "m-1").await, None);

    refused(
        dir,
        &["plugin", "grant", ID, "--without-field", "contact.history"],
        "does not ask for it",
    );
    let without = [
        "plugin",
        "grant",
        ID,
        "--without-field",
        "message.attributed-to",
    ];
    let granted = done(dir, &without);
    assert_eq!(granted["withheld"], json!(["message.attributed-to"]));
    done(dir, &["plugin", "enable", ID]);
    stands(&host, "running", "1.0.0").await;
    say(&host, "m-2", "Goedemorgen").await;
    assert_eq!(said_by(&host, "m-2").await.as_deref(), Some("1.0.0"));

    refused(
        dir,
        &["plugin", "configure", ID, "--set", "do=nonsense"],
        "/do",
    );
    done(dir, &["plugin", "configure", ID, "--set", "do=panic"]);
    // Until the host has followed, messages are judged as before.
    let mut count = 0;
    until("a fault", SOON, async || {
        count += 1;
        say(&host, &format!("f-{count}"), "Goedemorgen").await;
        let _ = said_by(&host, &format!("f-{count}")).await;
        let status = stands(&host, "running", "1.0.0").await;
        (status["faults"]["trap"].as_u64()? > 0).then_some(())
    })
    .await;
    say(&host, "m-3", "Goedemorgen").await;
    assert_eq!(said_by(&host, "m-3").await, None);
    let lines = until("its log", SOON, async || {
        let lines = done(dir, &["plugin", "logs", ID]);
        lines["text"].as_str().is_some().then_some(lines)
    })
    .await;
    assert_eq!(lines["text"], "1 messages", "{lines}");
    let health = done(dir, &["plugin", "health"]);
    assert!(health.as_array().unwrap().iter().any(|h| h["plugin"] == ID));

    done(dir, &["plugin", "disable", ID]);
    stands(&host, "disabled", "1.0.0").await;
    refused(dir, &["plugin", "uninstall", ID], "--keep-data");
    done(dir, &["plugin", "uninstall", ID, "--forget"]);
    until("it is gone", SOON, async || {
        let all = host.get("plugin-status").await;
        all.as_array()?
            .iter()
            .all(|s| s["plugin"] != ID)
            .then_some(())
    })
    .await;
    refused(dir, &["plugin", "info", ID], "no such plugin");
    let expected = [
        "plugin.install",
        "grant.change",
        "plugin.enable",
        "setting.change",
        "plugin.disable",
        "plugin.uninstall",
    ];
    assert_eq!(recorded(dir), expected);
    assert!(run(dir, &["audit", "verify"]).success);
    assert!(host.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn bundled_plugins_are_managed_too_and_rapport_toml_has_the_last_word() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let topic = "[plugins.classify-topic]\nenabled = true\n";
    let host = Host::start(&format!("{topic}{TOWN}"), dir).await;
    done(dir, &["plugin", "disable", "classify-sentiment"]);
    until("sentiment is out of work", SOON, async || {
        let plugins = host.get("plugins").await;
        let mut all = plugins.as_array()?.iter();
        all.all(|p| p["id"] != "classify-sentiment").then_some(())
    })
    .await;
    let (status, problem) = host
        .post("plugins/classify-topic/disable", &Value::Null)
        .await;
    assert_eq!(status, 409, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("rapport.toml"));
    // As it comes, once its changes are taken out.
    let gone = host.call(Method::DELETE, "plugins/classify-sentiment", None);
    assert_eq!(gone.await.0, 204);
    until("sentiment is back", SOON, async || {
        let plugins = host.get("plugins").await;
        let mut all = plugins.as_array()?.iter();
        all.any(|p| p["id"] == "classify-sentiment").then_some(())
    })
    .await;
}

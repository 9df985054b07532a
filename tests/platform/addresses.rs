//! Addresses count as they resolve, for each inbox: a version, a setting, or going back that leads another
//! way is asked; and an admin's `oci://` does not lead inside the network.

use crate::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CHANNEL: &str = "hostile-channel";

/// A version of the channel whose `address` is this one unless given.
fn channel(dir: &Path, version: &str, address: &str) -> String {
    let package = guests::build_packages(&["tests/guests/hostile-channel"]).remove(0);
    let file = dir.join(format!("channel-{version}.wasm"));
    let bytes = variant::variant(&package, |m| {
        version.clone_into(&mut m.version);
        m.settings["properties"]["address"]["default"] = json!(address);
    });
    std::fs::write(&file, bytes).unwrap();
    file.display().to_string()
}

fn addresses(asks: &Value) -> Vec<String> {
    let all = asks.as_array().unwrap().iter();
    let all = all.filter(|ask| ask["kind"] == "address");
    all.map(|ask| ask["what"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_leads_an_inbox_elsewhere_asks_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = Host::start("", dir).await;
    let one = channel(dir, "1.0.0", "http://127.0.0.1:1");
    take_in(dir, CHANNEL, &one);
    let own = json!({ "address": "http://127.0.0.1:9" });
    for (name, settings) in [("without", json!({})), ("own", own)] {
        let setup = json!({ "plugin": CHANNEL, "settings": settings, "pollSeconds": 3600 });
        let secrets = json!({ "token": "0123456789abcdef" });
        let new = json!({ "name": name, "setup": setup, "secrets": secrets });
        let (status, made) = host.post("inboxes", &new).await;
        assert_eq!(status, 201, "{made:#}");
    }

    // Another default: told for the inbox that has no setting of its own.
    let two = channel(dir, "1.1.0", "http://127.0.0.1:7");
    let upgrade = ["plugin", "upgrade", CHANNEL, &two, "--allow-unsigned"];
    let outcome = done(dir, &upgrade);
    let led = [
        "inbox without: http://127.0.0.1:7 (every method)",
        "inbox without: secret token to http://127.0.0.1:7",
        "inbox without: secret session to http://127.0.0.1:7",
    ];
    assert_eq!(addresses(&outcome["asksMore"]), led, "{outcome:#}");
    assert_eq!(outcome["plugin"]["version"], "1.0.0", "it waits");
    done(dir, &["plugin", "approve", CHANNEL]);

    // Going back leads elsewhere as well.
    let back = done(dir, &["plugin", "rollback", CHANNEL]);
    assert_eq!(back["version"], "1.1.0", "it waits");
    assert_eq!(back["candidate"]["version"], "1.0.0");
    let all = back["candidate"]["asksMore"].clone();
    assert!(
        addresses(&all)[1].ends_with("secret token to http://127.0.0.1:1"),
        "{all:#}"
    );
    let kinds: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["kind"].clone())
        .collect();
    assert!(kinds.contains(&json!("older-version")), "{kinds:?}");
    done(dir, &["plugin", "approve", CHANNEL]);
    let now = done(dir, &["plugin", "info", CHANNEL]);
    assert_eq!(now["version"], "1.0.0");

    // A setting that would take the secret along: it has to be given again.
    let change = [
        "inbox",
        "change",
        "own",
        "--set",
        "address=http://127.0.0.1:10",
    ];
    refused(dir, &change, "secrets.token");
    refused(dir, &change, "give it again");
    let secret = dir.join("token");
    std::fs::write(&secret, "fedcba9876543210").unwrap();
    let secret = format!("token={}", secret.display());
    done(dir, &[&change[..], &["--secret", &secret]].concat());
    // What leads nowhere else asks nobody; nor does taking the secret away.
    done(dir, &["inbox", "change", "own", "--set", "do=honest"]);
    let away = ["--set", "address=http://127.0.0.1:11", "--secret", "token="];
    done(dir, &[&["inbox", "change", "own"], &away[..]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_leads_nobody_back_elsewhere_unasked() {
    const SKY: &str = "channel-bluesky";
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let _host = Host::start("", dir).await;
    let package = guests::build_packages(&["plugins/channel-bluesky"]).remove(0);
    let file = dir.join("sky.wasm");
    let bytes = variant::variant(&package, |m| {
        "9.0.0".clone_into(&mut m.version);
        m.settings["properties"]["service"]["default"] = json!("http://127.0.0.1:9");
    });
    std::fs::write(&file, bytes).unwrap();
    bring_in(dir, SKY, file.to_str().unwrap());
    let secret = dir.join("password");
    std::fs::write(&secret, "0123456789abcdef").unwrap();
    let secret = format!("app-password={}", secret.display());
    let add = ["inbox", "add", "sky", "--plugin", SKY, "--secret", &secret];
    done(
        dir,
        &[&add[..], &["--set", "identifier=us.example.com"]].concat(),
    );
    let uninstall = ["plugin", "uninstall", SKY, "--forget"];
    refused(dir, &uninstall, "inbox sky: https://bsky.social:443/xrpc/");
    let here = "service=http://127.0.0.1:9";
    done(dir, &["inbox", "change", "sky", "--set", here]);
    done(dir, &uninstall);
    assert_eq!(done(dir, &["plugin", "info", SKY])["managedBy"], "bundled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_leads_inside_only_where_that_is_named() {
    let asked = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let registry = listener.local_addr().unwrap();
    let routes = axum::Router::new().fallback(move || {
        heard.fetch_add(1, Ordering::Relaxed);
        async { axum::http::StatusCode::NOT_FOUND }
    });
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let port = registry.port();
    let inside = [
        format!("oci://127.0.0.1:{port}/a/b:1"),
        format!("oci://localhost:{port}/a/b:1"),
        format!("oci://127.1:{port}/a/b:1"),
        format!("oci://2130706433:{port}/a/b:1"),
        format!("oci://[::ffff:127.0.0.1]:{port}/a/b:1"),
        "oci://169.254.169.254/latest/meta:1".to_owned(),
    ];
    let answer = async |host: &Host, reference: &str| {
        let new = json!({ "source": { "reference": reference } });
        host.post("plugins", &new).await
    };
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start("", dir.path()).await;
    for reference in &inside {
        let (status, problem) = answer(&host, reference).await;
        assert_eq!(status, 409, "{reference}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("inside the network"),
            "{reference}: {detail}"
        );
        refused(
            dir.path(),
            &["plugin", "install", reference],
            "inside the network",
        );
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody was asked");
    drop(host);

    let dir = tempfile::tempdir().unwrap();
    let named = format!("[registries]\nlocal-hosts = [\"127.0.0.1:{port}\"]\n");
    let host = Host::start(&named, dir.path()).await;
    let (_, problem) = answer(&host, &inside[0]).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("is not there"),
        "{problem}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // Another name for it, and another port of it, are not named.
    for other in [&inside[1], &format!("oci://127.0.0.1:{}/a/b:1", port ^ 1)] {
        let (_, problem) = answer(&host, other).await;
        assert!(
            problem["detail"].as_str().unwrap().contains("inside"),
            "{other}: {problem}"
        );
    }
}

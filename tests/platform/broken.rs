//! Inboxes and plugins that can't be at work: each says why where people look, and stops nothing else.

use crate::*;

/// The hostile channel's file, in a directory.
fn hostile(dir: &Path) -> String {
    let package = guests::build_packages(&["tests/guests/hostile-channel"]).remove(0);
    std::fs::write(dir.join("hostile.wasm"), package.component).unwrap();
    "[plugins.hostile-channel]\nfile = \"hostile.wasm\"\n".to_owned()
}

fn inbox(name: &str, plugin: &str, rest: &str) -> String {
    format!("[[inbox]]\nname = \"{name}\"\nplugin = \"{plugin}\"\n{rest}\n")
}

fn acts(name: &str, act: &str) -> String {
    inbox(
        name,
        "hostile-channel",
        &format!("settings = {{ do = \"{act}\" }}"),
    )
}

/// An inbox as the API tells it.
async fn of(host: &Host, name: &str) -> Value {
    let all = host.get("inboxes").await;
    let mut all = all.as_array().unwrap().iter();
    let found = all.find(|inbox| inbox["name"] == name);
    found.unwrap_or_else(|| panic!("no inbox {name}")).clone()
}

/// The same once it stands so.
async fn stands_so(host: &Host, name: &str, state: &str) -> Value {
    until(&format!("{name} {state}"), SOON, async || {
        let inbox = of(host, name).await;
        (inbox["state"] == state).then_some(inbox)
    })
    .await
}

async fn metrics(host: &Host) -> String {
    let request = host.request(Method::GET, "/metrics", None);
    request.send().await.unwrap().text().await.unwrap()
}

/// What is broken, with a part of what is said about it.
const BROKEN: [(&str, &str); 11] = [
    ("garbage", "its channel `garbage-channel` is failed"),
    ("loops", "out-of-fuel"),
    ("traps", "trap"),
    ("refuses", "I refuse"),
    ("unknown", "did you mean `channel-sample`?"),
    ("no-channel", "`classify-topic` is no channel"),
    ("settings", "limit"),
    ("unset", "RAPPORT_TEST_NOT_SET is not set"),
    ("empty", "RAPPORT_TEST_EMPTY is empty"),
    ("long", "longer than"),
    ("lines", "line break"),
];

fn broken(dir: &Path) -> String {
    std::fs::write(dir.join("garbage.wasm"), b"no plugin at all").unwrap();
    let secret = |name: &str, variable: &str| {
        let secrets = format!("[inbox.secrets]\ntoken = {{ env = \"RAPPORT_TEST_{variable}\" }}");
        inbox(name, "hostile-channel", &secrets)
    };
    [
        inbox("garbage", "garbage-channel", ""),
        acts("loops", "configure-loop"),
        acts("traps", "configure-trap"),
        acts("refuses", "configure-refuse"),
        inbox("unknown", "channel-sampel", ""),
        inbox("no-channel", "classify-topic", ""),
        inbox(
            "settings",
            "channel-sample",
            "settings = { limit = \"many\" }",
        ),
        secret("unset", "NOT_SET"),
        secret("empty", "EMPTY"),
        secret("long", "LONG"),
        secret("lines", "LINES"),
        "[plugins.garbage-channel]\nfile = \"garbage.wasm\"\n".to_owned(),
        hostile(dir),
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_inboxes_say_why_and_stop_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let long = "x".repeat(20_000);
    let environment = [
        ("RAPPORT_TEST_EMPTY", ""),
        ("RAPPORT_TEST_LONG", long.as_str()),
        ("RAPPORT_TEST_LINES", "canary-7a1\ncanary-7a2"),
    ];
    let host = Host::start_with(&format!("{TOWN}{}", broken(dir)), dir, &environment).await;
    say(&host, "m-1", "Waar blijft mijn pakket?").await;
    let _ = said_by(&host, "m-1").await;
    for (name, part) in BROKEN {
        let inbox = of(&host, name).await;
        assert_eq!(inbox["state"], "not-ready", "{inbox:#}");
        let error = inbox["lastError"].as_str().unwrap();
        assert!(error.contains(part), "{name}: {error}");
        assert!(inbox["stateSince"].is_i64(), "{inbox:#}");
        let (status, _) = host
            .call(Method::POST, &format!("/webhooks/{name}"), None)
            .await;
        assert_eq!(status, 503, "the network keeps it and tries again");
        let id = inbox["id"].as_str().unwrap();
        let (status, problem) = host
            .post(&format!("inboxes/{id}/check"), &Value::Null)
            .await;
        assert_eq!(status, 409, "{problem:#}");
    }
    assert_eq!(of(&host, "town").await["state"], "ready");
    assert_eq!(
        host.call(Method::POST, "/webhooks/nobody", None).await.0,
        404
    );

    let (status, ready) = host.call(Method::GET, "/health/ready", None).await;
    assert_eq!(
        (status, &ready["status"]),
        (200, &json!("ready")),
        "{ready:#}"
    );
    let reason = ready["components"]["inboxes"]["reason"].as_str().unwrap();
    assert!(
        reason.contains("loops is not-ready") && !reason.contains("town"),
        "{reason}"
    );
    let (status, health) = host.call(Method::GET, "/health", None).await;
    assert_eq!((status, &health["inboxes"]["not-ready"]), (200, &json!(11)));
    assert_eq!(health["inboxes"]["ready"], 1);
    let metrics = metrics(&host).await;
    for line in [
        "rapport_inboxes{state=\"not-ready\"} 11",
        "rapport_inboxes{state=\"ready\"} 1",
        "rapport_inbox_trouble{inbox=\"traps\"} 1",
        "rapport_inbox_trouble{inbox=\"town\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let shown = done(dir, &["inbox", "show", "loops"]);
    assert_eq!(
        (&shown["state"], &shown["managedBy"]),
        (&json!("not-ready"), &json!("rapport.toml"))
    );
    let listed = done(dir, &["inbox", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 12);
    let words = format!("{listed}{health}{}", host.log_text());
    assert!(!words.contains("canary-7a"), "no part of a secret is shown");
    assert!(host.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_any_inbox_that_works_is_up() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let config = format!(
        "{}{}{}",
        hostile(dir),
        acts("loops", "configure-loop"),
        acts("traps", "configure-trap")
    );
    let host = Host::start(&config, dir).await;
    let (status, ready) = host.call(Method::GET, "/health/ready", None).await;
    assert_eq!(status, 200, "{ready:#}");
    assert_eq!(host.get("conversations").await["items"], json!([]));
    assert_eq!(of(&host, "loops").await["state"], "not-ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_have_been_a_policy_keeps_answers_held() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("garbage.wasm"), b"no plugin at all").unwrap();
    let config = format!("[plugins.policy-lost]\nfile = \"garbage.wasm\"\n{TOWN}");
    let host = Host::start(&config, dir).await;
    say(&host, "m-1", "Hoi, wanneer komt de pakketbezorger?").await;
    let _ = said_by(&host, "m-1").await;
    let page = host.get("messages?limit=200").await;
    let id = &page["items"][0]["id"];
    let draft =
        json!({ "messageId": id, "content": "Goedemorgen, dat zoeken we uit. Groet, Sanne" });
    let (status, draft) = host.post("drafts", &draft).await;
    assert_eq!(status, 201, "{draft:#}");
    let path = format!("drafts/{}/send", draft["id"].as_str().unwrap());
    let (_, outcome) = host.post(&path, &json!({})).await;
    let said = outcome.to_string();
    assert!(
        said.contains("policy-lost") && said.contains("hold"),
        "{outcome:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_inboxes_are_prepared_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let one = |n: u32| {
        inbox(
            &format!("i-{n}"),
            "channel-sample",
            &format!("settings = {{ limit = {} }}", 100 + n % 5),
        )
    };
    let config: String = (0..50).map(one).collect();
    let host = Host::start(&config, dir).await;
    let (_, health) = host.call(Method::GET, "/health", None).await;
    assert_eq!(health["inboxes"]["ready"], 50, "{health:#}");
    assert_eq!(health["status"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_fails_and_one_that_fails_in_part_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let config = format!(
        "{}{}poll-seconds = 1\n{}poll-seconds = 1\n",
        hostile(dir),
        acts("partly", "partly"),
        acts("denied", "outside")
    );
    let host = Host::start(&config, dir).await;
    let first = stands_so(&host, "partly", "partly-failing").await;
    assert_eq!(first["lastError"], "feed b: 404 [31mgone", "{first:#}");
    let again = until("it is counted", SOON, async || {
        let inbox = of(&host, "partly").await;
        (inbox["failures"].as_u64() > first["failures"].as_u64()).then_some(inbox)
    })
    .await;
    assert_eq!(
        again["stateSince"], first["stateSince"],
        "since the first time"
    );
    assert!(again["lastSuccess"].is_i64());
    let denied = stands_so(&host, "denied", "failing").await;
    let why = denied["lastError"].as_str().unwrap();
    assert!(
        why.contains("outside.example") || why.contains("breaker-open"),
        "{why}"
    );
    assert!(denied["lastSuccess"].is_null());
    let shown = done(dir, &["inbox", "show", "partly"]);
    assert_eq!(shown["state"], "partly-failing");
}

#[tokio::test(flavor = "multi_thread")]
async fn config_check_finds_what_a_start_would_each_once() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let config = format!("listen = \"localhost:0\"\n{TOWN}{}", broken(dir));
    std::fs::write(dir.join("rapport.toml"), config).unwrap();
    let ended = run(dir, &["config", "check"]);
    assert!(!ended.success);
    let findings = ended.printed["findings"].as_array().unwrap();
    let of = |key: &str| -> Vec<&str> {
        let found = findings.iter().filter(|finding| finding["key"] == key);
        found
            .map(|finding| finding["problem"].as_str().unwrap())
            .collect()
    };
    for (key, part) in [
        ("plugins.garbage-channel.file", "garbage.wasm"),
        ("inbox.loops", "out-of-fuel"),
        ("inbox.traps", "trap"),
        ("inbox.refuses.settings", "I refuse"),
        ("inbox.unknown.plugin", "did you mean `channel-sample`?"),
        ("inbox.no-channel.plugin", "`classify-topic` is no channel"),
        ("inbox.settings.settings", "limit"),
        (
            "inbox.unset.secrets.token",
            "RAPPORT_TEST_NOT_SET is not set",
        ),
    ] {
        let found = of(key);
        assert!(
            found.len() == 1 && found[0].contains(part),
            "{key}: {found:?}"
        );
    }
    assert_eq!(of("listen"), Vec::<&str>::new());
    let of_town = |f: &&Value| f["key"].as_str().unwrap().starts_with("inbox.town");
    assert_eq!(findings.iter().filter(of_town).count(), 0);
    assert!(
        !dir.join("data").exists() && !dir.join("rapport-data").exists(),
        "nothing is made"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_prepares_it_answers_and_says_for_what_it_waits() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let config = format!(
        "listen = \"localhost:{port}\"\ndata-dir = \"data\"\napi-token = \"{}\"\n{TOWN}{}{}",
        support::OPERATOR,
        hostile(dir),
        acts("loops", "configure-loop")
    );
    std::fs::write(dir.join("rapport.toml"), config).unwrap();
    support::share_compiled(&dir.join("data"));
    let mut child = rapport(&["serve"])
        .current_dir(dir)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let client = support::client();
    let ask = async |path: &str| {
        let request = client.get(format!("http://127.0.0.1:{port}/{path}"));
        let answer = request.bearer_auth(support::OPERATOR).send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        Some((status, body))
    };
    // Ten thousand million units of fuel take a while on any machine.
    let waits = until("it waits for the inbox that loops", SOON, async || {
        let (status, ready) = ask("health/ready").await?;
        let reason = ready["components"]["plugins"]["reason"].as_str()?;
        (status == 503 && reason.contains("inbox loops")).then(|| reason.to_owned())
    })
    .await;
    assert!(waits.starts_with("being prepared: "), "{waits}");
    let (status, inboxes) = ask("api/v1/inboxes").await.unwrap();
    assert_eq!(status, 200, "the API is there meanwhile");
    let looping = inboxes.as_array().unwrap().iter();
    let mut looping = looping.filter(|inbox| inbox["name"] == "loops");
    assert_eq!(looping.next().unwrap()["state"], "preparing");
    let line = json!({
        "id": "create-m-1", "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {
            "id": "m-1", "content": "Waar blijft mijn pakket?", "visibility": "public",
            "attributedTo": {"id": "lotte", "handle": "lotte", "name": "Lotte", "kind": "person"},
        },
    });
    until("the other inbox takes a message", SOON, async || {
        let webhook = client.post(format!("http://127.0.0.1:{port}/webhooks/town"));
        let accepted = webhook.body(line.to_string()).send().await.ok()?;
        (accepted.status().as_u16() == 200).then_some(())
    })
    .await;
    until("others' messages are judged meanwhile", SOON, async || {
        let (_, messages) = ask("api/v1/messages").await?;
        let id = messages["items"][0]["id"].as_str()?.to_owned();
        let (_, message) = ask(&format!("api/v1/messages/{id}")).await?;
        (!message["classifications"].as_array()?.is_empty()).then_some(())
    })
    .await;
    let (_, ready) = ask("health/ready").await.unwrap();
    assert!(ready.to_string().contains("inbox loops"), "{ready:#}");
    until("it is ready without that inbox", 2 * SOON, async || {
        (ask("health/ready").await?.0 == 200).then_some(())
    })
    .await;
    let _ = child.kill();
    let _ = child.wait();
}

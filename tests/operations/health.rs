//! Health, readiness and metrics.

use crate::SOON;
use crate::sample::{TOWN, all_there_once, message, post};
use crate::support::{Host, client, until};
use reqwest::Method;
use std::net::TcpListener;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_host_says_that_it_lives_is_ready_and_what_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let metrics = format!("127.0.0.1:{port}");
    let config = format!("api-token = \"{TOKEN}\"\nmetrics-listen = \"{metrics}\"\n{TOWN}");
    let mut host = Host::start(&config, dir.path()).await;

    let (status, _) = host.call(Method::GET, "/health/live", None).await;
    assert_eq!(status, 200);
    let (status, ready) = host.call(Method::GET, "/health/ready", None).await;
    assert_eq!(
        (status, &ready["status"]),
        (200, &"ready".into()),
        "{ready:#}"
    );
    for component in [
        "database",
        "migrations",
        "workers",
        "queue",
        "plugins",
        "inboxes",
    ] {
        assert_eq!(ready["components"][component]["ok"], true, "{ready:#}");
    }
    assert_eq!(host.call(Method::GET, "/metrics", None).await.0, 401);
    host.token = Some(TOKEN.to_owned());

    let marker = "marker-person-7f3a";
    let sent = [message(
        "h-1",
        marker,
        "Hoi, wanneer komt de pakketbezorger?",
    )];
    assert_eq!(post(&host, &sent).await.0, 200);
    assert_eq!(post(&host, &sent).await.0, 200);
    all_there_once(&host, &["h-1".to_owned()], SOON).await;

    // What waits is counted before the page is written: the event may be done in between.
    let done = [
        "rapport_events_total{inbox=\"town\",outcome=\"done\"} 1",
        "rapport_queue_events{status=\"waiting\"} 0",
    ];
    let own = until("the event is counted as done", SOON, async || {
        let request = host.request(Method::GET, "/metrics", None);
        let text = request.send().await.unwrap().text().await.unwrap();
        done.iter().all(|line| text.contains(line)).then_some(text)
    })
    .await;
    for expected in [
        "rapport_build_info{version=",
        "rapport_events_total{inbox=\"town\",outcome=\"new\"} 1",
        "rapport_events_total{inbox=\"town\",outcome=\"duplicate\"} 1",
        "rapport_plugin_calls_total{plugin=\"classify-topic\",outcome=\"ok\"}",
        "rapport_plugin_call_duration_seconds_bucket{le=",
        "rapport_plugin_breaker_open{plugin=\"classify-topic\"} 0",
        "rapport_db_commit_duration_seconds_count",
        "rapport_db_pool_connections{pool=\"write\",state=\"idle\"}",
        "rapport_queue_oldest_age_seconds 0",
        "rapport_outbox_items{status=\"dead\"} 0",
        "route=\"/webhooks/{inbox}\",status=\"200\"} 2",
        "rapport_process_resident_memory_bytes",
        "rapport_process_open_fds",
        "rapport_http_request_duration_seconds_bucket{le=",
    ] {
        assert!(own.contains(expected), "{expected} is not in\n{own}");
    }
    assert!(!own.contains(marker) && !own.contains("h-1"));

    // The second address: no token, but for this machine only, and nothing else.
    for (path, expected) in [
        ("metrics", 200),
        ("health/ready", 200),
        ("api/v1/messages", 404),
    ] {
        let url = format!("http://{metrics}/{path}");
        let answer = client().get(url).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_host_that_waits_for_its_database_lives_but_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let port = host.address.rsplit(':').next().unwrap().to_owned();
    drop(host);

    // Somebody else holds the file; the next host is told a port that we know.
    let db = dir.path().join("data/rapport.db");
    let holder = crate::support::sqlite::hold(&db).await;
    let config = format!("listen = \"127.0.0.1:{port}\"\ndata-dir = \"data\"\n{TOWN}");
    std::fs::write(dir.path().join("rapport.toml"), config).unwrap();
    let mut child = crate::support::rapport(&["serve"])
        .current_dir(dir.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let client = client();
    let ask = async |path: &str| {
        let answer = client
            .get(format!("http://127.0.0.1:{port}/{path}"))
            .send()
            .await
            .ok()?;
        let wait = answer.headers().contains_key("retry-after");
        Some((answer.status().as_u16(), wait))
    };
    let live = until("it lives", SOON, async || ask("health/live").await).await;
    assert_eq!(live, (200, false));
    for path in ["health/ready", "api/v1/messages", "webhooks/town"] {
        assert_eq!(ask(path).await, Some((503, true)), "{path}");
    }
    holder.release().await;
    until("it becomes ready by itself", SOON, async || {
        (ask("health/ready").await?.0 == 200).then_some(())
    })
    .await;
    assert_eq!(
        ask("api/v1/messages").await,
        Some((401, false)),
        "it asks who calls"
    );
    let _ = child.kill();
    let _ = child.wait();
}

#[tokio::test]
async fn an_inbox_that_has_gone_silent_says_so() {
    // The store's own clock can't be set: it is told of an older message.
    if crate::support::postgres::wanted() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    assert_eq!(
        post(&host, &[message("s-1", "ada", "Hoi, is daar iemand?")])
            .await
            .0,
        200
    );
    let one = async |host: &Host| host.get("inboxes").await[0].clone();
    until("it was heard", SOON, async || {
        let inbox = one(&host).await;
        (inbox["lastMessage"].is_i64() && inbox["lastSuccess"].is_i64()).then_some(())
    })
    .await;
    assert_eq!(one(&host).await["state"], "ready");
    assert!(host.terminate().await.success());

    let old = "UPDATE inbox SET last_message = last_message - 172800000, usual_gap = 3600000";
    crate::support::sqlite::change(&dir.path().join("data/rapport.db"), old).await;
    let host = Host::start(TOWN, dir.path()).await;
    let inbox = one(&host).await;
    assert_eq!(inbox["state"], "silent", "{inbox:#}");
    assert_eq!(inbox["stateSince"], inbox["lastMessage"]);
    let (status, health) = host.call(Method::GET, "/health", None).await;
    assert_eq!(
        (status, &health["inboxes"]["silent"]),
        (200, &1.into()),
        "{health:#}"
    );
    let request = host.request(Method::GET, "/metrics", None);
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains("rapport_inboxes{state=\"silent\"} 1"),
        "{text}"
    );
    assert_eq!(
        post(&host, &[message("s-2", "ada", "Hoi, ik ben er weer.")])
            .await
            .0,
        200
    );
    until("it is silent no more", SOON, async || {
        (one(&host).await["state"] == "ready").then_some(())
    })
    .await;
}

//! Connectors that ask the network for more than they are granted over time.

use super::wire::Server;
use super::{TOKEN, beside_honest, fault, guests, packages, poll};
use rapport_host::plugin::connector::{Connector, ConnectorOptions};
use rapport_host::plugin::{CallError, PluginError, limits, resolve_settings};
use rapport_host::telemetry::metrics;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

/// The hostile connector as another plugin, with five requests a minute.
async fn connector(id: &str, inbox: &str, act: &str, server: &Server) -> Connector {
    limited(id, inbox, act, server, (5, 32)).await
}

/// As another plugin, with so many requests a minute and at once.
async fn limited(
    id: &str,
    inbox: &str,
    act: &str,
    server: &Server,
    (per_minute, at_once): (u32, u32),
) -> Connector {
    let mut package = packages().channel.clone();
    id.clone_into(&mut package.manifest.id);
    package.manifest.limits.requests_per_minute = per_minute;
    package.manifest.limits.requests_at_once = at_once;
    let given = json!({ "do": act, "address": server.address() });
    let options = ConnectorOptions {
        inbox_id: inbox.to_owned(),
        settings: resolve_settings(&package.manifest.settings, &given).unwrap(),
        secrets: BTreeMap::from([("token".to_owned(), TOKEN.to_owned())]),
        local_hosts: vec![server.host.clone()],
        webhook_url: None,
    };
    let loaded = Connector::load(guests::engines(), &package, options).await;
    loaded.unwrap()
}

/// The value of a counter of a plugin; 0 when there is none.
fn counted(name: &str, plugin: &str) -> u64 {
    let start = format!("rapport_plugin_egress_{name}_total{{plugin=\"{plugin}\"}} ");
    let text = metrics::render();
    let line = text.lines().find_map(|line| line.strip_prefix(&start));
    line.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn requests_a_minute_are_those_of_all_inboxes_and_no_fault() {
    const ID: &str = "quota-gets";
    let server = Server::start().await;
    let one = connector(ID, "one", "many", &server).await;
    let two = connector(ID, "two", "many", &server).await;
    let (start, polls) = (Instant::now(), limits::BREAKER_FAULTS + 1);
    for inbox in [&one, &two] {
        for _ in 0..polls {
            match beside_honest(poll(inbox)).await {
                Err(CallError::Plugin(PluginError::RateLimited { delay_ms, message })) => {
                    assert!(
                        message.contains("more than 5 requests a minute"),
                        "{message}"
                    );
                    assert!((1..=12_001).contains(&delay_ms.unwrap()), "{delay_ms:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        let health = inbox.breaker.health();
        assert_eq!((health.faults, health.open), (0, false));
    }
    // A token comes back every twelve seconds.
    let asked = server.asked().len() as u64;
    let most = 6 + start.elapsed().as_secs() / 12;
    assert!((5..=most).contains(&asked), "{asked}, at most {most}");
    assert_eq!(counted("requests", ID), asked);
    assert_eq!(counted("denials", ID), u64::from(polls) * 2);
    assert_eq!(counted("sent_bytes", ID), 0);
    let other = connector("quota-other", "three", "local", &server).await;
    assert!(poll(&other).await.is_ok(), "another plugin has its own");
    assert_eq!(counted("requests", "quota-other"), 1);
    assert!(counted("received_bytes", "quota-other") > 0);
}

#[tokio::test]
async fn who_asks_for_more_is_answered_as_by_a_network_that_wants_fewer() {
    let server = Server::start().await;
    let heeding = connector("quota-heeds", "one", "heed", &server).await;
    let page = poll(&heeding).await.unwrap().value;
    let seen: Value = serde_json::from_str(&page.cursor).unwrap();
    assert_eq!(
        (&seen["status"], &seen["limited"]),
        (&json!(429), &json!(true))
    );
    assert_eq!(seen["quota"], "more than 5 requests a minute");
    let seconds: u64 = seen["retry-after"].as_str().unwrap().parse().unwrap();
    assert!((1..=12).contains(&seconds), "{seen}");
    let problem: Value = serde_json::from_str(seen["body"].as_str().unwrap()).unwrap();
    let told = "the host lets this plugin make no more than 5 requests a minute";
    assert_eq!(problem["detail"], told);
}

#[tokio::test]
async fn requests_at_once_wait_for_their_turn() {
    let server = Server::start().await;
    let mut inboxes = Vec::new();
    for inbox in ["one", "two", "three", "four"] {
        inboxes.push(limited("quota-turns", inbox, "local", &server, (1200, 1)).await);
    }
    let polls = inboxes.iter().flat_map(|inbox| [poll(inbox), poll(inbox)]);
    for answer in futures_util::future::join_all(polls).await {
        let cursor = answer.unwrap().value.cursor;
        let seen: Value = serde_json::from_str(&cursor).unwrap();
        assert_eq!(seen["status"], 200, "{seen}");
    }
    assert_eq!(
        (server.asked().len(), counted("denials", "quota-turns")),
        (8, 0)
    );
}

#[tokio::test]
async fn who_may_have_changed_something_before_ends_in_a_fault_and_is_left_in_peace() {
    const ID: &str = "quota-posts";
    let server = Server::start().await;
    let hostile = connector(ID, "one", "many-posts", &server).await;
    let first = fault(beside_honest(poll(&hostile)).await);
    assert_eq!(first.name(), "egress-quota");
    for _ in 0..limits::BREAKER_FAULTS {
        assert!(poll(&hostile).await.is_err());
    }
    let health = hostile.breaker.health();
    assert_eq!((health.faults, health.open), (0, false));
    let asked = server.asked().len();
    assert_eq!(
        counted("sent_bytes", ID),
        asked as u64 * "[1, 2, 3]".len() as u64
    );
}

//! Connectors that go where they may not, drown the host in data, or answer nonsense.

use super::wire::Server;
use super::{Setup, beside_honest, connector, fault, poll};
use rapport_host::domain::social::ActivityObject;
use rapport_host::plugin::connector::{Answer, Page};
use rapport_host::plugin::{CallError, HostFault, PluginError, limits};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the connector reports in its cursor.
fn report(outcome: Result<Answer<Page>, CallError>) -> Value {
    let cursor = outcome.expect("an answer").value.cursor;
    serde_json::from_str(&cursor).expect("a report")
}

/// One poll beside an honest plugin, against a server that the admin has named.
async fn act(server: &Server, act: &str) -> Result<Answer<Page>, CallError> {
    let address = server.address();
    let hostile = connector(Setup {
        act,
        address: &address,
        ..Setup::default()
    })
    .await;
    beside_honest(poll(&hostile)).await
}

fn denied(outcome: Result<Answer<Page>, CallError>) -> String {
    match fault(outcome) {
        HostFault::EgressDenied(reason) => reason,
        other => panic!("egress-denied was expected, not {other}"),
    }
}

#[tokio::test]
async fn a_host_outside_the_grant_is_denied() {
    let server = Server::start().await;
    let reason = denied(act(&server, "outside").await);
    assert!(
        reason.contains("outside.example:443 is not granted"),
        "{reason}"
    );
    let quiet = report(act(&server, "outside-quiet").await);
    assert!(
        quiet["failed"].is_string(),
        "the guest gets nothing either: {quiet}"
    );
}

#[tokio::test]
async fn a_local_host_that_the_admin_has_not_named_is_denied() {
    let server = Server::start().await;
    let port = server.host.rsplit(':').next().unwrap().to_owned();
    let spellings = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ];
    for host in spellings {
        let address = format!("http://{host}:{port}");
        let setup = Setup {
            act: "local",
            address: &address,
            unnamed: true,
            ..Setup::default()
        };
        let reason = denied(beside_honest(poll(&connector(setup).await)).await);
        assert!(reason.contains("local-hosts"), "{host}: {reason}");
    }
    assert!(server.asked().is_empty());
    assert_eq!(
        report(act(&server, "local").await)["status"],
        200,
        "named, it is reached"
    );
}

#[tokio::test]
async fn a_local_host_is_named_with_its_port_and_by_its_name() {
    let server = Server::start().await;
    let port: u16 = server.host.rsplit(':').next().unwrap().parse().unwrap();
    let at = |host: &str, port: u16| format!("{host}:{port}");
    let try_ = async |asked: &str, named: &str| {
        let address = format!("http://{asked}");
        let setup = Setup {
            act: "local",
            address: &address,
            named: Some(named),
            ..Setup::default()
        };
        poll(&connector(setup).await).await
    };
    for (asked, named) in [
        (at("127.0.0.1", port), at("127.0.0.1", port ^ 1)),
        (at("localhost", port), at("localhost", port ^ 1)),
        (at("localhost", port), at("127.0.0.1", port)),
        (at("127.0.0.1", port), at("localhost", port)),
    ] {
        let reason = denied(try_(&asked, &named).await);
        assert!(
            reason.contains("local-hosts"),
            "{asked} as {named}: {reason}"
        );
    }
    assert!(server.asked().is_empty());
    let own = at("localhost", port);
    assert_eq!(report(try_(&own, &own).await)["status"], 200);
}

#[tokio::test]
async fn a_redirect_is_handed_over_and_not_followed() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    server.redirect_to(&format!("{}/landed", elsewhere.address()));
    let seen = report(act(&server, "redirect").await);
    assert_eq!(seen["status"], 302);
    assert!(seen["location"].as_str().unwrap().ends_with("/landed"));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_method_outside_the_grant_is_denied() {
    let server = Server::start().await;
    let other = server.address();
    let hostile = connector(Setup {
        act: "method",
        other: &other,
        ..Setup::default()
    })
    .await;
    let reason = denied(beside_honest(poll(&hostile)).await);
    assert!(reason.starts_with("POST "), "{reason}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = Server::start().await;
    match act(&server, "huge").await {
        Err(CallError::Plugin(PluginError::Permanent(said))) => {
            assert!(said.contains("HttpResponseBodySize"), "{said}");
        }
        other => panic!("{other:?}"),
    }
    server.until_left_or_fail().await;
    // Beyond the limit there is what the sockets' buffers hold.
    let most = limits::RESPONSE_BYTES as u64 + (16 << 20);
    assert!(server.sent_bytes() < most, "{} bytes", server.sent_bytes());
}

#[tokio::test]
async fn a_request_has_a_largest_size() {
    let server = Server::start().await;
    let reason = denied(act(&server, "upload").await);
    assert!(reason.contains("request body"), "{reason}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_call_has_a_number_of_requests() {
    let server = Server::start().await;
    let reason = denied(act(&server, "many").await);
    assert!(reason.contains("requests"), "{reason}");
    assert_eq!(server.asked().len(), limits::REQUESTS_PER_CALL as usize);
}

#[tokio::test]
async fn a_call_has_an_amount_of_data() {
    let server = Server::start().await;
    let reason = denied(act(&server, "hoard").await);
    assert!(reason.contains("bytes"), "{reason}");
    assert!(server.asked().len() <= limits::TRAFFIC_BYTES / (4 << 20) + 1);
}

#[tokio::test]
async fn host_calls_have_a_number() {
    let server = Server::start().await;
    assert_eq!(fault(act(&server, "calls").await).name(), "host-calls");
}

#[tokio::test]
async fn a_header_can_not_be_smuggled_in() {
    let server = Server::start().await;
    match act(&server, "header-injection").await {
        Err(CallError::Plugin(PluginError::Permanent(said))) => {
            assert!(said.contains("x-note"), "{said}");
        }
        other => panic!("{other:?}"),
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn state_is_kept_within_its_limits() {
    let hostile = connector(Setup {
        act: "state",
        ..Setup::default()
    })
    .await;
    let stored = BTreeMap::from([("old".to_owned(), vec![1])]);
    let answer = beside_honest(hostile.poll(&stored, None, &[]))
        .await
        .unwrap();
    let seen: Value = serde_json::from_str(&answer.value.cursor).unwrap();
    for name in ["kept", "read_back", "deleted"] {
        assert_eq!(seen[name], true, "{name}: {seen}");
    }
    assert!(
        seen["before"].is_null(),
        "each call sees what was stored, no more: {seen}"
    );
    assert!(
        seen["too_large"].is_string() && seen["long_key"].is_string(),
        "{seen}"
    );
    let filled = seen["filled"].as_u64().unwrap() as usize;
    assert_eq!(
        filled,
        limits::STATE_BYTES / (64 * 1024) - 1,
        "the keys take room as well"
    );
    let expected = [
        ("kept".to_owned(), Some(b"value".to_vec())),
        ("old".to_owned(), None),
    ];
    assert_eq!(
        answer.state,
        BTreeMap::from(expected),
        "what came and went leaves nothing"
    );
}

#[tokio::test]
async fn nonsense_answers_are_faults_and_open_the_breaker() {
    for (act, name) in [
        ("lie", "contract"),
        ("too-many", "output-too-large"),
        ("long-cursor", "output-too-large"),
    ] {
        let hostile = connector(Setup {
            act,
            ..Setup::default()
        })
        .await;
        for _ in 0..limits::BREAKER_FAULTS {
            assert_eq!(fault(poll(&hostile).await).name(), name, "{act}");
        }
        assert_eq!(
            fault(beside_honest(poll(&hostile)).await).name(),
            "breaker-open",
            "{act}"
        );
        assert_eq!(
            hostile.breaker.health().faults,
            u64::from(limits::BREAKER_FAULTS)
        );
    }
}

#[tokio::test]
async fn activities_that_can_not_be_stored_do_not_stop_the_others() {
    let act = "odd-items";
    let hostile = connector(Setup {
        act,
        ..Setup::default()
    })
    .await;
    for _ in 0..=limits::BREAKER_FAULTS {
        let page = poll(&hostile).await.unwrap().value;
        let kept: Vec<&str> = page.activities.iter().map(|a| a.id.as_str()).collect();
        assert_eq!(
            (kept, page.cursor.as_str()),
            (vec!["first", "last"], "odd items")
        );
        let refused: Vec<_> = page.refused.iter().map(|r| (r.element, r.field)).collect();
        assert_eq!(refused, [(2, "id"), (3, "id")]);
        assert!(page.refused[0].rule.contains("1 to 512 bytes"), "{page:?}");
    }
    let health = hostile.breaker.health();
    assert_eq!((health.faults, health.open), (0, false));
}

#[tokio::test]
async fn texts_and_addresses_are_cleaned() {
    let hostile = connector(Setup {
        act: "hostile-text",
        ..Setup::default()
    })
    .await;
    let page = beside_honest(poll(&hostile)).await.unwrap().value;
    let ActivityObject::Like(reaction) = &page.activities[0].object else {
        panic!("{page:?}")
    };
    let actor = &reaction.attributed_to;
    assert_eq!(actor.display_name.as_deref(), Some("[31mred"));
    assert_eq!((&actor.profile_url, &actor.avatar_url), (&None, &None));
}

#[tokio::test]
async fn a_plugin_error_is_no_fault() {
    let hostile = connector(Setup::default()).await;
    for _ in 0..=limits::BREAKER_FAULTS {
        let outcome = hostile
            .find_sent(&BTreeMap::new(), "0123456789abcdef")
            .await;
        assert!(matches!(
            outcome,
            Err(CallError::Plugin(PluginError::Unsupported(_)))
        ));
    }
    let health = hostile.breaker.health();
    assert_eq!((health.faults, health.open), (0, false));
}

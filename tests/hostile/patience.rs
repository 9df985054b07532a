//! Plugins that wait, spin or keep the host waiting. Deadlines are checked with room to spare for a
//! busy machine.

use super::guests::{load_pure, message};
use super::wire::Server;
use super::{Setup, beside_honest, classifier, connector, fault, fault_names, packages, poll};
use rapport_host::plugin::connector::WebhookRequest;
use rapport_host::plugin::{CallError, Freeze, PluginError, PrepareError, limits};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How much later than its deadline a call may end on a busy machine.
const SLACK: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_spinning_connector_gives_way_and_is_ended() {
    let hostile = connector(Setup {
        act: "spin",
        time_ms: 1500,
        ..Setup::default()
    })
    .await;
    let honest = classifier("honest").await;
    let order = RefCell::new(Vec::new());
    let spin = async {
        let started = Instant::now();
        assert_eq!(fault(poll(&hostile).await).name(), "timeout");
        assert!(started.elapsed() >= Duration::from_millis(1500));
        assert!(started.elapsed() < Duration::from_millis(1500) + SLACK);
        order.borrow_mut().push("spinning");
    };
    let others = async {
        for _ in 0..3 {
            assert!(honest.classify(&[message("x")]).await.items[0].is_ok());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        order.borrow_mut().push("others");
    };
    tokio::join!(spin, others);
    assert_eq!(order.into_inner(), ["others", "spinning"]);
}

/// What the host does for a guest costs the guest no fuel, so it is the clock that ends this one on a
/// slow host; either way it gives way before.
#[tokio::test]
async fn keeping_the_host_busy_ends() {
    let hostile = classifier("random").await;
    let honest = classifier("honest").await;
    let text = [message("x")];
    let order = RefCell::new(Vec::new());
    let busy = async {
        let batch = hostile.classify(&text).await;
        let names = fault_names(batch.items);
        assert!(["out-of-fuel", "timeout"].contains(&names[0]), "{names:?}");
        order.borrow_mut().push("busy");
    };
    let others = async {
        assert!(honest.classify(&text).await.items[0].is_ok());
        order.borrow_mut().push("others");
    };
    tokio::join!(busy, others);
    assert_eq!(order.into_inner(), ["others", "busy"]);
}

/// The call ends at its own deadline, and the connection with it.
async fn is_left_at_the_deadline(act: &str) {
    let server = Server::start().await;
    let address = server.address();
    let time_ms = 2000;
    let hostile = connector(Setup {
        act,
        address: &address,
        time_ms,
        ..Setup::default()
    })
    .await;
    let started = Instant::now();
    assert_eq!(
        fault(beside_honest(poll(&hostile)).await).name(),
        "timeout",
        "{act}"
    );
    assert!(
        started.elapsed() < Duration::from_millis(time_ms.into()) + SLACK,
        "{act}"
    );
    assert_eq!(server.asked().len(), 1);
    server.until_left_or_fail().await;
}

#[tokio::test]
async fn a_dripping_answer_is_left() {
    is_left_at_the_deadline("slow-drip").await;
}

#[tokio::test]
async fn a_silent_server_is_left() {
    is_left_at_the_deadline("stall").await;
}

/// The plugin hears of it, within one deadline for the whole exchange.
async fn exchange_fails(act: &str, address: &str, within: Duration) {
    let time_ms = 60_000;
    let hostile = connector(Setup {
        act,
        address,
        time_ms,
        ..Setup::default()
    })
    .await;
    let started = Instant::now();
    let outcome = poll(&hostile).await;
    let failed = matches!(outcome, Err(CallError::Plugin(PluginError::Permanent(_))));
    assert!(failed, "{act}: {outcome:?}");
    assert!(
        started.elapsed() < within + SLACK,
        "{act}: {:?}",
        started.elapsed()
    );
}

async fn configure_sleeps(freeze: Freeze) {
    let settings = json!({ "do": "configure-sleep" });
    match load_pure(&packages().classifier, &settings, freeze).await {
        Err(PrepareError::Fault(fault)) => assert_eq!(fault.name(), "timeout"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was loaded"),
    }
}

/// Computing is judged by what it computes, however busy the machine is.
async fn configure_loops() {
    let settings = json!({ "do": "configure-loop" });
    match load_pure(&packages().classifier, &settings, Freeze::WhenPossible).await {
        Err(PrepareError::Fault(fault)) => {
            assert_eq!(fault.name(), "out-of-fuel", "{fault}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was loaded"),
    }
}

async fn classify_sleeps() {
    let hostile = classifier("sleep").await;
    let started = Instant::now();
    let batch = hostile.classify(&[message("x")]).await;
    assert_eq!(fault_names(batch.items), ["timeout"]);
    assert!(started.elapsed() < limits::PURE_WAITING + SLACK);
}

/// The waits of the host's own deadlines, all at once: half a minute.
#[tokio::test]
async fn long_waits_end() {
    let server = Server::start().await;
    let dripping = server.address();
    // Takes connections and never says a word: the handshake stalls.
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stalling = format!("https://{}", mute.local_addr().unwrap());
    beside_honest(async {
        tokio::join!(
            exchange_fails("slow-drip", &dripping, limits::REQUEST_TIMEOUT),
            exchange_fails("local", &stalling, limits::REQUEST_TIMEOUT),
            configure_sleeps(Freeze::WhenPossible),
            configure_sleeps(Freeze::Never),
            configure_loops(),
            classify_sleeps(),
        )
    })
    .await;
}

/// More sleepers than there is room for in the engine leave room for others.
#[tokio::test]
async fn one_plugin_can_not_take_all_the_room() {
    let sleeping = classifier("sleep").await;
    let honest = classifier("honest").await;
    let text = [message("x")];
    let sleepers = (0..limits::CONCURRENT_CALLS + 8).map(|_| sleeping.classify(&text));
    let sleepers = futures_util::future::join_all(sleepers);
    let answered = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        honest.classify(&text).await
    };
    tokio::select! {
        biased;
        batch = answered => assert!(batch.items[0].is_ok(), "{:?}", batch.items),
        _ = sleepers => panic!("the sleepers came first"),
    }
}

fn webhook() -> WebhookRequest {
    WebhookRequest {
        method: "POST".into(),
        path: String::new(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// Slow calls in several inboxes take neither another inbox's turn nor the same inboxes' polls.
#[tokio::test]
async fn a_slow_network_slows_nobody_else() {
    let server = Server::start().await;
    let address = server.address();
    let setup = |act| Setup {
        act,
        address: &address,
        time_ms: 60_000,
        ..Setup::default()
    };
    let (one, two) = (
        connector(setup("receive-stall")).await,
        connector(setup("receive-stall")).await,
    );
    let (polled, calm) = (
        connector(setup("stall")).await,
        connector(setup("honest")).await,
    );
    let state = BTreeMap::new();
    let slow = (0..20).flat_map(|_| {
        [
            one.receive(&state, webhook()),
            two.receive(&state, webhook()),
        ]
    });
    let slow = futures_util::future::join_all(slow);
    let polls = futures_util::future::join_all((0..20).map(|_| poll(&polled)));
    let answered = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        for connector in [&calm, &one] {
            assert!(poll(connector).await.is_ok(), "a poll has its turn");
        }
        let unsupported = calm.receive(&state, webhook()).await;
        let unsupported = matches!(
            unsupported,
            Err(CallError::Plugin(PluginError::Unsupported(_)))
        );
        assert!(unsupported, "a webhook of another inbox has its turn");
    };
    let answered = tokio::time::timeout(Duration::from_secs(8), answered);
    tokio::select! {
        biased;
        answered = answered => assert!(answered.is_ok(), "they had to wait"),
        _ = slow => panic!("the slow ones came first"),
        _ = polls => panic!("the slow ones came first"),
    }
}

/// What anybody can post closes the way in, and nothing else.
#[tokio::test]
async fn a_trap_at_a_webhook_stops_neither_polls_nor_sends() {
    let hostile = connector(Setup {
        act: "receive-trap",
        ..Setup::default()
    })
    .await;
    let state = BTreeMap::new();
    for _ in 0..limits::BREAKER_FAULTS {
        assert_eq!(
            fault(hostile.receive(&state, webhook()).await).name(),
            "trap"
        );
    }
    let refused = fault(hostile.receive(&state, webhook()).await);
    assert_eq!(refused.name(), "breaker-open");
    assert!(poll(&hostile).await.is_ok());
    let sent = hostile.find_sent(&state, "0123456789abcdef").await;
    assert!(matches!(
        sent,
        Err(CallError::Plugin(PluginError::Unsupported(_)))
    ));
    let health = hostile.breaker.health();
    assert_eq!(
        (health.faults, health.open),
        (u64::from(limits::BREAKER_FAULTS), true)
    );
}

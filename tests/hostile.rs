//! What hostile plugins can do to the host: nothing but fail. For every misdeed of the guests in
//! `guests/hostile-*` there is a test that names the fault it must end in, and an honest plugin,
//! called at the same time, that must be answered.
//!
//! Tests run on a runtime of one thread, so that a guest that does not give way stops everything.
//! Deliberately absent: times as proof of concurrency where an order will do.

#[path = "support/guests.rs"]
mod guests;
#[path = "support/tls.rs"]
mod tls;
#[path = "support/wire.rs"]
mod wire;

#[path = "hostile/certificate.rs"]
mod certificate;
#[path = "hostile/channel.rs"]
mod channel;
#[path = "hostile/classifier.rs"]
mod classifier;
#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/patience.rs"]
mod patience;
#[path = "hostile/quota.rs"]
mod quota;
#[path = "hostile/secret.rs"]
mod secret;

use rapport_host::domain::annotation::Classification;
use rapport_host::plugin::connector::{Answer, Connector, ConnectorOptions, Page};
use rapport_host::plugin::pure::{Item, PurePlugin};
use rapport_host::plugin::{CallError, Freeze, HostFault, PrepareError, resolve_settings};
use rapport_package::Package;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What the connector's secret is in these tests.
const TOKEN: &str = "s3cr3t-value-0123456789";

struct Packages {
    classifier: Package,
    channel: Package,
}

fn packages() -> &'static Packages {
    static PACKAGES: OnceLock<Packages> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let dirs = [
            "tests/guests/hostile-classifier",
            "tests/guests/hostile-channel",
        ];
        let mut built = guests::build_packages(&dirs).into_iter();
        let (classifier, channel) = (built.next().unwrap(), built.next().unwrap());
        Packages {
            classifier,
            channel,
        }
    })
}

/// The hostile classifier, told what to do.
async fn classifier(act: &str) -> PurePlugin {
    let settings = json!({ "do": act });
    guests::load_pure(&packages().classifier, &settings, Freeze::WhenPossible)
        .await
        .unwrap()
}

/// How the hostile connector is set up; local hosts are those of `address` and `other` unless
/// `unnamed`.
struct Setup<'a> {
    act: &'a str,
    address: &'a str,
    other: &'a str,
    token: &'a str,
    time_ms: u32,
    unnamed: bool,
    /// The only local host, in their stead.
    named: Option<&'a str>,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            act: "honest",
            address: "http://127.0.0.1:1",
            other: "http://127.0.0.1:2",
            token: TOKEN,
            time_ms: 20_000,
            unnamed: false,
            named: None,
        }
    }
}

/// The hostile connector, told what to do.
async fn connector(setup: Setup<'_>) -> Connector {
    load(setup).await.unwrap()
}

/// The same, or why it does not load.
async fn load(setup: Setup<'_>) -> Result<Connector, PrepareError> {
    let mut package = packages().channel.clone();
    package.manifest.limits.time_ms = setup.time_ms;
    let given = json!({ "do": setup.act, "address": setup.address, "other": setup.other });
    let settings = resolve_settings(&package.manifest.settings, &given).unwrap();
    let host = |address: &str| address.split_once("://").unwrap().1.to_owned();
    let named = [host(setup.address), host(setup.other)];
    let options = ConnectorOptions {
        inbox_id: "inbox".into(),
        settings,
        secrets: BTreeMap::from([("token".to_owned(), setup.token.to_owned())]),
        local_hosts: match setup.named {
            Some(only) => vec![only.to_owned()],
            None if setup.unnamed => Vec::new(),
            None => named.to_vec(),
        },
        webhook_url: None,
    };
    Connector::load(guests::engines(), &package, options).await
}

/// One poll of an inbox that remembers nothing yet.
async fn poll(connector: &Connector) -> Result<Answer<Page>, CallError> {
    connector.poll(&BTreeMap::new(), None, &[]).await
}

/// Does something hostile while an honest plugin is asked, and checks that the latter is answered.
async fn beside_honest<T>(hostile: impl Future<Output = T>) -> T {
    let honest = classifier("honest").await;
    let texts = guests::messages(&["Waar blijft mijn pakket?", "", "Thank you, all is well"]);
    let (outcome, batch) = tokio::join!(hostile, honest.classify(&texts));
    let labels: Vec<_> = batch
        .items
        .iter()
        .map(|item| item.as_ref().unwrap()[0].label.as_str())
        .collect();
    assert_eq!(labels, ["24", "0", "22"], "the honest plugin is answered");
    outcome
}

/// The fault in which a call ended; panics when it did not.
fn fault<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> HostFault {
    match outcome {
        Err(CallError::Fault(fault)) => fault,
        other => panic!("a host fault was expected, not {other:?}"),
    }
}

/// The names of the faults of a batch's items.
fn fault_names(items: Vec<Item<Vec<Classification>>>) -> Vec<&'static str> {
    items.into_iter().map(|item| fault(item).name()).collect()
}

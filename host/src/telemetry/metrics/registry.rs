//! Every metric there is, with its labels and what it is said to be. Names get the prefix `rapport`.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::LazyLock;

const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Request {
    pub method: &'static str,
    pub route: String,
    pub status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Route {
    pub route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct InboxOutcome {
    pub inbox: String,
    pub outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Plugin {
    pub plugin: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct PluginOutcome {
    pub plugin: String,
    pub outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Status {
    pub status: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct State {
    pub state: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Inbox {
    pub inbox: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Pool {
    pub pool: &'static str,
    pub state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Reason {
    pub reason: &'static str,
}

type Timed<L> = Family<L, Histogram, fn() -> Histogram>;

fn timed<L: Clone + std::hash::Hash + Eq>() -> Timed<L> {
    Family::new_with_constructor(|| Histogram::new(SECONDS))
}

pub struct Metrics {
    pub registry: Registry,
    pub requests: Family<Request, Counter>,
    pub request_seconds: Timed<Route>,
    pub refused: Family<Reason, Counter>,
    pub connections: Gauge,
    pub streams: Gauge,
    pub events: Family<InboxOutcome, Counter>,
    pub deliveries: Family<InboxOutcome, Counter>,
    pub inboxes: Family<State, Gauge>,
    pub inbox_trouble: Family<Inbox, Gauge>,
    pub inbox_failures: Family<Inbox, Gauge>,
    pub plugin_calls: Family<PluginOutcome, Counter>,
    pub plugin_seconds: Timed<Plugin>,
    pub plugin_fuel: Family<Plugin, Counter>,
    pub plugin_memory: Family<Plugin, Gauge>,
    pub plugin_denials: Family<Plugin, Counter>,
    pub plugin_requests: Family<Plugin, Counter>,
    pub plugin_sent: Family<Plugin, Counter>,
    pub plugin_received: Family<Plugin, Counter>,
    pub plugin_open: Family<Plugin, Gauge>,
    pub commit_seconds: Histogram,
    pub waiting: Family<Status, Gauge>,
    pub oldest_seconds: Gauge,
    pub outbox: Family<Status, Gauge>,
    pub pools: Family<Pool, Gauge>,
    pub rss_bytes: Gauge,
    pub open_fds: Gauge,
}

pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

impl Metrics {
    fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("rapport"),
            requests: Family::default(),
            request_seconds: timed(),
            refused: Family::default(),
            connections: Gauge::default(),
            streams: Gauge::default(),
            events: Family::default(),
            deliveries: Family::default(),
            inboxes: Family::default(),
            inbox_trouble: Family::default(),
            inbox_failures: Family::default(),
            plugin_calls: Family::default(),
            plugin_seconds: timed(),
            plugin_fuel: Family::default(),
            plugin_memory: Family::default(),
            plugin_denials: Family::default(),
            plugin_requests: Family::default(),
            plugin_sent: Family::default(),
            plugin_received: Family::default(),
            plugin_open: Family::default(),
            commit_seconds: Histogram::new(SECONDS),
            waiting: Family::default(),
            oldest_seconds: Gauge::default(),
            outbox: Family::default(),
            pools: Family::default(),
            rss_bytes: Gauge::default(),
            open_fds: Gauge::default(),
        };
        metrics.register_interfaces();
        metrics.register_work();
        metrics
    }

    fn register_interfaces(&mut self) {
        let r = &mut self.registry;
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        r.register("build", "The running version", build);
        r.register(
            "http_requests",
            "Requests by method, route and status",
            self.requests.clone(),
        );
        r.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer's head",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        r.register(
            "http_refused",
            "Requests and connections refused early, by the limit they met",
            self.refused.clone(),
        );
        r.register(
            "http_connections",
            "Open connections",
            self.connections.clone(),
        );
        r.register(
            "http_streams",
            "Open streams of live changes",
            self.streams.clone(),
        );
        r.register_with_unit(
            "process_resident_memory",
            "Resident memory of this process",
            Unit::Bytes,
            self.rss_bytes.clone(),
        );
        r.register(
            "process_open_fds",
            "Open file descriptors",
            self.open_fds.clone(),
        );
    }

    fn register_work(&mut self) {
        let r = &mut self.registry;
        r.register(
            "events",
            "Inbound events by inbox: new, duplicate, done, retried, failed",
            self.events.clone(),
        );
        r.register(
            "deliveries",
            "Delivery attempts by inbox and outcome",
            self.deliveries.clone(),
        );
        r.register(
            "inboxes",
            "Inboxes by how they stand: preparing, not-ready, failing, partly-failing, silent, ready",
            self.inboxes.clone(),
        );
        r.register(
            "inbox_trouble",
            "1 while an inbox is not ready, failing, partly failing or silent",
            self.inbox_trouble.clone(),
        );
        r.register(
            "inbox_failures",
            "Calls of an inbox's channel in a row that failed or told of a problem",
            self.inbox_failures.clone(),
        );
        r.register(
            "plugin_calls",
            "Plugin calls by plugin: ok, or the name of the host fault",
            self.plugin_calls.clone(),
        );
        r.register_with_unit(
            "plugin_call_duration",
            "Time of a plugin call, a batch at once",
            Unit::Seconds,
            self.plugin_seconds.clone(),
        );
        r.register(
            "plugin_fuel",
            "Fuel that classifiers and policies used",
            self.plugin_fuel.clone(),
        );
        r.register_with_unit(
            "plugin_call_memory",
            "Memory that the latest call of a plugin had taken at its end",
            Unit::Bytes,
            self.plugin_memory.clone(),
        );
        r.register(
            "plugin_egress_denials",
            "Requests of channels that were not let out",
            self.plugin_denials.clone(),
        );
        r.register(
            "plugin_egress_requests",
            "Requests of channels that were let out",
            self.plugin_requests.clone(),
        );
        r.register_with_unit(
            "plugin_egress_sent",
            "Bodies of requests of channels that were let out",
            Unit::Bytes,
            self.plugin_sent.clone(),
        );
        r.register_with_unit(
            "plugin_egress_received",
            "Bodies of answers to channels, as far as they were read",
            Unit::Bytes,
            self.plugin_received.clone(),
        );
        r.register(
            "plugin_breaker_open",
            "1 while a plugin is left alone after repeated faults",
            self.plugin_open.clone(),
        );
        r.register_with_unit(
            "db_commit_duration",
            "Time of a commit",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        r.register(
            "queue_events",
            "Inbound events that wait, and that were set aside as failed",
            self.waiting.clone(),
        );
        r.register_with_unit(
            "queue_oldest_age",
            "Age of the oldest inbound event that waits",
            Unit::Seconds,
            self.oldest_seconds.clone(),
        );
        r.register(
            "outbox_items",
            "Outbox items that are not finished, by status",
            self.outbox.clone(),
        );
        r.register(
            "db_pool_connections",
            "Database connections by pool and state",
            self.pools.clone(),
        );
    }
}

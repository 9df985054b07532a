//! What is counted and timed, for Prometheus. Places that do the work call the functions here; what a
//! gauge shows (queues, pools, breakers) is set when somebody asks.
//!
//! Label values are ids of plugins, names of inboxes, route templates, methods, statuses and fixed
//! words; at most [`LABELS_MAX`] different ones of each open kind, further ones count as `other`.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// Different values that a label may have.
pub const LABELS_MAX: usize = 256;
/// The content type of what [`render`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct InboxOutcome {
    inbox: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Plugin {
    plugin: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PluginOutcome {
    plugin: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Status {
    status: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

type Timed<L> = Family<L, Histogram, fn() -> Histogram>;

fn timed<L: Clone + std::hash::Hash + Eq>() -> Timed<L> {
    Family::new_with_constructor(|| Histogram::new(SECONDS))
}

struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Timed<Route>,
    refused: Family<Reason, Counter>,
    connections: Gauge,
    streams: Gauge,
    events: Family<InboxOutcome, Counter>,
    deliveries: Family<InboxOutcome, Counter>,
    plugin_calls: Family<PluginOutcome, Counter>,
    plugin_seconds: Timed<Plugin>,
    plugin_open: Family<Plugin, Gauge>,
    commit_seconds: Histogram,
    waiting: Family<Status, Gauge>,
    oldest_seconds: Gauge,
    outbox: Family<Status, Gauge>,
    pools: Family<Pool, Gauge>,
    rss_bytes: Gauge,
    open_fds: Gauge,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

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
            plugin_calls: Family::default(),
            plugin_seconds: timed(),
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

/// The value itself while there are few different ones, then `other`.
fn bounded(value: &str) -> String {
    static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.contains(value) {
        return value.to_owned();
    }
    if seen.len() >= LABELS_MAX {
        return "other".to_owned();
    }
    seen.insert(value.to_owned());
    value.to_owned()
}

/// A request was answered. `route` is its template, never its path.
pub fn request(method: &str, route: &str, status: u16, took: Duration) {
    let method = match method {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    };
    let route = route.to_owned();
    let timed = Route {
        route: route.clone(),
    };
    METRICS
        .request_seconds
        .get_or_create(&timed)
        .observe(took.as_secs_f64());
    let request = Request {
        method,
        route,
        status,
    };
    METRICS.requests.get_or_create(&request).inc();
}

/// Something was refused early because a limit was met.
pub fn refused(reason: &'static str) {
    METRICS.refused.get_or_create(&Reason { reason }).inc();
}

/// Counts up while it lives.
pub struct Counted(&'static Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// An open connection.
pub fn connection() -> Counted {
    METRICS.connections.inc();
    Counted(&METRICS.connections)
}

/// An open stream of live changes.
pub fn stream() -> Counted {
    METRICS.streams.inc();
    Counted(&METRICS.streams)
}

/// What became of inbound events of an inbox.
pub fn events(inbox: &str, outcome: &'static str, count: u64) {
    if count > 0 {
        let labels = InboxOutcome {
            inbox: bounded(inbox),
            outcome,
        };
        METRICS.events.get_or_create(&labels).inc_by(count);
    }
}

/// How a delivery attempt ended.
pub fn delivery(inbox: &str, outcome: &'static str) {
    let labels = InboxOutcome {
        inbox: bounded(inbox),
        outcome,
    };
    METRICS.deliveries.get_or_create(&labels).inc();
}

/// A plugin call ended: `ok`, or the name of the host fault.
pub fn plugin_call(plugin: &str, outcome: &'static str, took: Duration) {
    let plugin = bounded(plugin);
    let timed = Plugin {
        plugin: plugin.clone(),
    };
    METRICS
        .plugin_seconds
        .get_or_create(&timed)
        .observe(took.as_secs_f64());
    let labels = PluginOutcome { plugin, outcome };
    METRICS.plugin_calls.get_or_create(&labels).inc();
}

/// A commit succeeded.
pub fn commit(took: Duration) {
    METRICS.commit_seconds.observe(took.as_secs_f64());
}

/// Whether a plugin is left alone now.
pub fn set_breaker(plugin: &str, open: bool) {
    let labels = Plugin {
        plugin: bounded(plugin),
    };
    METRICS.plugin_open.get_or_create(&labels).set(open.into());
}

/// The inbound queue as it is now.
pub fn set_queue(waiting: u64, failed: u64, oldest_age: Duration) {
    for (status, count) in [("waiting", waiting), ("failed", failed)] {
        let status = status.to_owned();
        let gauge = METRICS.waiting.get_or_create_owned(&Status { status });
        gauge.set(to_gauge(count));
    }
    METRICS.oldest_seconds.set(to_gauge(oldest_age.as_secs()));
}

/// Unfinished outbox items with this status.
pub fn set_outbox(status: &str, count: u64) {
    let labels = Status {
        status: bounded(status),
    };
    METRICS.outbox.get_or_create(&labels).set(to_gauge(count));
}

/// A connection pool as it is now.
pub fn set_pool(pool: &'static str, size: u32, idle: usize) {
    let busy = u64::from(size).saturating_sub(idle as u64);
    for (state, count) in [("idle", idle as u64), ("busy", busy)] {
        let gauge = METRICS.pools.get_or_create_owned(&Pool { pool, state });
        gauge.set(to_gauge(count));
    }
}

fn to_gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Everything in the OpenMetrics text format; the process's own figures are read now.
pub fn render() -> String {
    if let Some(bytes) = resident_bytes() {
        METRICS.rss_bytes.set(to_gauge(bytes));
    }
    if let Ok(fds) = std::fs::read_dir("/proc/self/fd") {
        METRICS.open_fds.set(to_gauge(fds.count() as u64));
    }
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = encode(&mut text, &METRICS.registry);
    text
}

/// Resident memory in bytes, where /proc tells (proc(5), VmRSS in kB).
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_in_the_text_and_labels_are_bounded() {
        request(
            "BREW",
            "/api/v1/messages/{id}",
            200,
            Duration::from_millis(3),
        );
        events("town", "new", 2);
        for i in 0..(LABELS_MAX + 10) {
            plugin_call(&format!("plugin-{i}"), "ok", Duration::ZERO);
        }
        let text = render();
        assert!(text.contains("rapport_http_requests_total{method=\"other\",route=\"/api/v1/messages/{id}\",status=\"200\"} 1"), "{text}");
        assert!(text.contains("rapport_events_total{inbox=\"town\",outcome=\"new\"} 2"));
        assert!(text.contains("plugin=\"other\""));
        assert!(text.matches("rapport_plugin_calls_total{").count() <= LABELS_MAX + 1);
        assert!(text.contains("rapport_build_info{version="));
        assert!(text.ends_with("# EOF\n"));
    }
}
